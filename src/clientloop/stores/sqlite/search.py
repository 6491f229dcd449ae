"""Search over the words of feedback by SQLite's full text, FTS5; triggers of the file itself keep its index in step."""

from typing import Any

import sqlalchemy as sa

from clientloop.model.codec import CODECS
from clientloop.model.feedback import Feedback
from clientloop.model.page import Page, check_limit, pack_cursor, unpack_position
from clientloop.model.record import record_of
from clientloop.model.where import ALL, Where
from clientloop.rules.words import Sought
from clientloop.sql.conditions import Clause, Parameters, Renderer, Shape, split
from clientloop.sql.statements import ZERO, kept, matching, text_of
from clientloop.sql.store import SqlStore
from clientloop.sql.tables import PREFIX, table_of

_FEEDBACK = record_of(Feedback)

#: The index of words, and the numbers by which it knows items: they rise as items come; those of a space lie together.
_WORDS = sa.table(f"{PREFIX}search", sa.column("rowid", sa.Integer), sa.column(f"{PREFIX}search"))
_ITEMS = sa.table(f"{PREFIX}search_item", sa.column("number", sa.Integer), sa.column("space"), sa.column("id"))

#: Of the bits of a number, those that count within a space.
_BITS = 40

#: Beyond all numbers.
_LAST = 2**63 - 1


class SearchingStore(SqlStore):
    """Answers searches from the index that the migrations made."""

    def search(
        self, space: str, words: str, *, where: Where = ALL, after: str | None = None, limit: int = 50
    ) -> Page[Feedback]:
        """The items in whose words all words that are asked for occur, the latest recorded first."""
        sought = Sought.read(words)
        check_limit(limit)
        shape, values = split(where, _FEEDBACK)
        (before,) = (_LAST,) if after is None else unpack_position(after, [CODECS[int]])
        stored_space = _FEEDBACK.encode_value("space", space)
        parameters = (expression(sought), stored_space, before, stored_space, *values, limit + 1)
        rows = self._fetch(statement(self.dialect, shape), parameters)
        items = tuple([_FEEDBACK.decode(row[:-1]) for row in rows[:limit]])
        return Page(items, pack_cursor(rows[limit - 1][-1:]) if len(rows) > limit else None)


def expression(sought: Sought) -> str:
    """What FTS5 calls a query: phrases, all of which must match.

    >>> expression(Sought.read('žoga "not work" refund*'))
    '"zoga" AND "not work" AND "refund" *'
    """
    return " AND ".join(f'"{term.strip()}"{"" if term.endswith(" ") else " *"}' for term in sought.terms)


@kept
def statement(dialect: sa.Dialect, shape: Shape) -> str:
    """Items with their numbers, the latest first.

    Its parameters: the query, the space, before which number, the space, the condition's values, how many.
    """
    table = table_of(_FEEDBACK)

    def build(parameters: Parameters) -> sa.ClauseElement:
        found = _WORDS.join(_ITEMS, _ITEMS.c.number == _WORDS.c.rowid)
        items = found.join(table, sa.and_(*[table.c[name] == _ITEMS.c[name] for name in _FEEDBACK.key]))
        wanted = [
            _WORDS.c[_WORDS.name].op("MATCH")(next(parameters)),
            _WORDS.c.rowid >= _first_number(parameters),
            _WORDS.c.rowid < sa.func.min(next(parameters), _first_number(parameters) + _literal(2**_BITS)),
            *matching(shape, Renderer(_FEEDBACK, table, parameters)),
        ]
        chosen = sa.select(*table.c, _ITEMS.c.number).select_from(items).where(*wanted)
        return chosen.order_by(_WORDS.c.rowid.desc()).limit(next(parameters)).offset(ZERO)

    # SQLite takes tables in this order, words first, where a join says so that SQLAlchemy does not know
    return text_of(dialect, build).replace(" JOIN ", " CROSS JOIN ")


def _first_number(parameters: Parameters) -> Clause:
    """The first number of a space: any of its numbers without the bits that count; NULL, if it has no item."""
    of_space = sa.select(_ITEMS.c.number).where(_ITEMS.c.space == next(parameters)).limit(_literal(1)).offset(ZERO)
    number = of_space.correlate(None).scalar_subquery()
    return number.bitwise_rshift(_literal(_BITS)).bitwise_lshift(_literal(_BITS))


def _literal(value: int) -> sa.ColumnElement[Any]:  # Any: as SQLAlchemy types literals
    return sa.literal_column(str(value), sa.Integer)
