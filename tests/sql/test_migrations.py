"""The tables that migrations make are those that the records declare."""

import importlib.util
import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata, produce_migrations, render_python_code
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Text
from clientloop.sql.migrations import HEAD
from clientloop.sql.tables import METADATA, VERSION_TABLE
from clientloop.stores.sqlite import SqliteStore
from clientloop.testing import inserts, sample, sample_id

#: The index of words, which no record declares: its tables, those that FTS5 makes for it, and what keeps it in step.
SEARCH_TABLES = {f"clientloop_search{part}" for part in ("", "_config", "_data", "_idx", "_item")}
SEARCH_TRIGGERS = {
    f"clientloop_search_{when}"
    for when in ("item_added", "item_removed", "text_added", "text_changing", "text_changed", "text_removed")
}
SEARCH = SEARCH_TABLES | SEARCH_TRIGGERS | {"clientloop_search_words"}


def scripts() -> ScriptDirectory:
    """The revisions."""
    config = Config()
    config.set_main_option("script_location", "clientloop.sql:migrations")
    return ScriptDirectory.from_config(config)


def test_revisions_form_one_line_that_ends_at_the_head() -> None:
    """Each revision follows one other, their names count up, and the last is what this version works with."""
    names = [revision.revision for revision in scripts().walk_revisions()][::-1]
    assert names == [f"{number:04}" for number in range(1, len(names) + 1)]
    assert scripts().get_heads() == [HEAD]


def test_migrated_tables_are_the_declared_ones(tmp_path: Path) -> None:
    """Alembic finds no difference; if it does, what it prints is what the next revision must do."""
    with closing(SqliteStore(tmp_path / "migrated.db")) as store:
        store.migrate()
    engine = sa.create_engine(f"sqlite:///{tmp_path}/migrated.db")
    with engine.connect() as connection:
        others = {(name, "table") for name in (VERSION_TABLE, *SEARCH_TABLES)}
        options = {"compare_type": True, "include_name": lambda name, kind, _: (name, kind) not in others}
        context = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context, METADATA)
        operations = produce_migrations(context, METADATA).upgrade_ops
        assert operations is not None
        assert differences == [], render_python_code(operations)
    engine.dispose()


def test_migrated_tables_have_the_very_text_of_the_declared_ones(tmp_path: Path) -> None:
    """Also what Alembic does not compare is equal: strictness, references, the order of columns."""
    with closing(SqliteStore(tmp_path / "migrated.db")) as store:
        store.migrate()
    engine = sa.create_engine(f"sqlite:///{tmp_path}/declared.db")
    METADATA.create_all(engine)
    engine.dispose()
    migrated = texts(tmp_path / "migrated.db")
    assert {name: migrated[name] for name in migrated if name not in SEARCH} == texts(tmp_path / "declared.db")


def test_the_index_of_words_is_whole(tmp_path: Path) -> None:
    """All that keeps the index in step is there: a revision that rebuilds a table makes its triggers again."""
    with closing(SqliteStore(tmp_path / "migrated.db")) as store:
        store.migrate()
    assert {name for name in texts(tmp_path / "migrated.db") if "search" in name} == SEARCH


def texts(path: Path) -> dict[str, str]:
    """The statements that made what is in a file, without the table of versions."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {name: sql for name, sql in rows if name != VERSION_TABLE}


def test_words_that_were_there_before_are_found(tmp_path: Path) -> None:
    """The index is made over all items of all spaces, in their order, and what follows is added to it."""
    path = tmp_path / "old.db"
    migrate_to("0001", path)
    names = ("main", "b", "a")
    items = [(sample(Feedback, n, space=s), sample(Text, n, space=s, body="the parcel")) for s in names for n in (1, 2)]
    with closing(SqliteStore(path)) as store:
        store.commit(inserts(*(record for pair in items for record in pair)))
        store.migrate()
        for space in names:
            store.commit(inserts(sample(Feedback, 3, space=space), sample(Text, 3, space=space, body="the parcel")))
        for space in names:
            found = store.search(space, "parcel")
            assert [(item.space, item.id) for item in found] == [(space, sample_id(number)) for number in (3, 2, 1)]


def migrate_to(revision: str, path: Path) -> None:
    """Make a file as it was at a revision."""
    config = Config()
    config.set_main_option("script_location", "clientloop.sql:migrations")
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


#: What revisions may share: it knows no record.
WORDS = "from clientloop.sql.migrations.building import "


def test_revisions_do_not_read_the_declaration() -> None:
    """A revision stays as it is when records change: of clientloop it imports the words for making tables at most."""
    for revision in scripts().walk_revisions():
        spec = importlib.util.find_spec("clientloop.sql.migrations")
        assert spec is not None
        lines = Path(revision.path).read_text(encoding="utf-8").splitlines()
        assert "import clientloop" not in "\n".join(lines)
        assert all(line.startswith(WORDS) for line in lines if "from clientloop" in line)
