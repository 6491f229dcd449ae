"""Search over the words of feedback, by the database's own full text.

Triggers keep the index in step, so that no writer can forget it.
"""

from collections.abc import Mapping, Sequence

from alembic import op

revision = "0002"
down_revision = "0001"

#: What the tokenizer takes for letters because its Unicode is older than they are, and is none: the embeddings of
#: directions, newer signs of money, signs and pictures.
_NO_LETTERS = [*range(0x2066, 0x206A), *range(0x20BA, 0x20D0), *range(0x2B4D, 0x2C00), *range(0x1F000, 0x1FB00)]

_INDEX = """
INSERT INTO clientloop_search (rowid, subject, body)
SELECT number, subject, body FROM clientloop_search_words WHERE space = new.space AND id = new.id;
"""

#: Has to come before the words change, for the index finds by the words what it has to forget.
_FORGET = """
INSERT INTO clientloop_search (clientloop_search, rowid, subject, body)
SELECT 'delete', number, subject, body FROM clientloop_search_words WHERE space = old.space AND id = old.id;
"""

_SQLITE = (
    # Numbers rise as items come. They are columns, for VACUUM may change rowids that are none. Those of one space are
    # 2^40 that lie together, so that a search does not pass over what other firms have.
    """
    CREATE TABLE clientloop_search_item (
        number INTEGER PRIMARY KEY, space TEXT NOT NULL, id BLOB NOT NULL, UNIQUE (space, id)
    ) STRICT
    """,
    """
    CREATE VIEW clientloop_search_words AS
    SELECT item.number, item.space, item.id, text.subject, text.body
    FROM clientloop_search_item AS item JOIN clientloop_text AS text ON text.space = item.space AND text.id = item.id
    """,
    f"""
    CREATE VIRTUAL TABLE clientloop_search USING fts5 (
        subject, body, content = 'clientloop_search_words', content_rowid = 'number', columnsize = 0,
        tokenize = "unicode61 remove_diacritics 2 categories 'L* M* N*' separators '{"".join(map(chr, _NO_LETTERS))}'"
    )
    """,
    f"""
    CREATE TRIGGER clientloop_search_item_added AFTER INSERT ON clientloop_feedback BEGIN
        INSERT INTO clientloop_search_item (number, space, id) SELECT coalesce(
            (SELECT max(number) + 1 FROM clientloop_search_item WHERE number < (
                SELECT (number >> 40) + 1 FROM clientloop_search_item WHERE space = new.space LIMIT 1
            ) << 40),
            (SELECT (max(number) >> 40) + 1 FROM clientloop_search_item) << 40,
            0
        ), new.space, new.id;
        {_INDEX}
    END
    """,
    f"""
    CREATE TRIGGER clientloop_search_item_removed BEFORE DELETE ON clientloop_feedback BEGIN
        {_FORGET}
        DELETE FROM clientloop_search_item WHERE space = old.space AND id = old.id;
    END
    """,
    f"CREATE TRIGGER clientloop_search_text_added AFTER INSERT ON clientloop_text BEGIN {_INDEX} END",
    f"CREATE TRIGGER clientloop_search_text_changing BEFORE UPDATE ON clientloop_text BEGIN {_FORGET} END",
    f"CREATE TRIGGER clientloop_search_text_changed AFTER UPDATE ON clientloop_text BEGIN {_INDEX} END",
    f"CREATE TRIGGER clientloop_search_text_removed BEFORE DELETE ON clientloop_text BEGIN {_FORGET} END",
    # what is there already
    """
    INSERT INTO clientloop_search_item (number, space, id)
    SELECT (dense_rank() OVER (ORDER BY space) << 40) + row_number() OVER (PARTITION BY space ORDER BY id), space, id
    FROM clientloop_feedback
    """,
    "INSERT INTO clientloop_search (clientloop_search) VALUES ('rebuild')",
    # in one piece: else those who write next would put it together, bit by bit
    "INSERT INTO clientloop_search (clientloop_search) VALUES ('optimize')",
)

#: What makes the index, by the name of the database's dialect. Other databases join here.
_STATEMENTS: Mapping[str, Sequence[str]] = {"sqlite": _SQLITE, "postgresql": ()}


def upgrade() -> None:
    """Make the index, over all that is there already too."""
    connection = op.get_bind()
    for statement in _STATEMENTS[connection.dialect.name]:
        connection.exec_driver_sql(statement)
