"""Statements as text: SQLAlchemy builds and compiles each once for a dialect and a shape, drivers execute it.

Whatever a statement compares with or stores is a parameter; the docstrings name them in order.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain, count
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.compiler import SQLCompiler

from clientloop.model.plan import Fold
from clientloop.model.record import Record, record_of
from clientloop.model.spaces import Space
from clientloop.sql.conditions import ALWAYS, Clause, Parameters, Renderer, Shape, lowest
from clientloop.sql.keys import key_clause, stretch_clause
from clientloop.sql.plans import Form, Way, number_clauses, value_clause
from clientloop.sql.tables import table_of

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

#: Keeps statements: as many as an application has shapes of requests, and those of the longest lists of values besides.
kept = lru_cache(maxsize=2048)

ONE = sa.literal_column("1", sa.Integer)
ZERO = sa.literal_column("0", sa.Integer)
_ALWAYS = sa.literal_column("1 = 1", sa.Boolean)


@kept
def insert(dialect: sa.Dialect, record: Record) -> str:
    """Add one row: its values."""
    table = table_of(record)
    return text_of(dialect, lambda p: sa.insert(table).values({column: next(p) for column in table.c}))


@kept
def get(dialect: sa.Dialect, record: Record) -> str:
    """The row with a key: the key."""
    table = table_of(record)
    return text_of(dialect, lambda p: sa.select(*table.c).where(*_has_key(record, p)))


@kept
def spaces(dialect: sa.Dialect) -> str:
    """The names of all spaces, sorted: nothing."""
    name = table_of(record_of(Space)).c.space
    return text_of(dialect, lambda _: sa.select(name).order_by(name))


@kept
def update(dialect: sa.Dialect, record: Record, fields: tuple[str, ...], *, guarded: bool) -> str:
    """Change some columns of the row with a key: their values, the key, the version if guarded."""
    table = table_of(record)

    def build(parameters: Parameters) -> sa.ClauseElement:
        new: list[tuple[sa.Column[Any], Clause]] = [(table.c[field], next(parameters)) for field in fields]
        if record.versioned:
            new.append((table.c.version, table.c.version + ONE))
        # a record without a version, changed in nothing, is only asked whether it is there
        new = new or [(table.c.space, table.c.space)]
        return sa.update(table).ordered_values(*new).where(*_has_key(record, parameters, guarded=guarded))

    return text_of(dialect, build)


@kept
def delete(dialect: sa.Dialect, record: Record, *, guarded: bool) -> str:
    """Remove the row with a key: the key, the version if guarded."""
    return text_of(dialect, lambda p: sa.delete(table_of(record)).where(*_has_key(record, p, guarded=guarded)))


@kept
def add(dialect: sa.Dialect, record: Record, fields: tuple[str, ...]) -> str:
    """Add to some columns of a row, or make it: the row to make, then the deltas."""
    table = table_of(record)

    def build(parameters: Parameters) -> sa.ClauseElement:
        made = upsert(dialect, table).values({column: next(parameters) for column in table.c})
        new = {field: sa.func.coalesce(table.c[field], ZERO) + next(parameters) for field in fields}
        if record.versioned:
            new["version"] = table.c.version + ONE
        return made.on_conflict_do_update(index_elements=record.key, set_=new)

    return text_of(dialect, build)


@kept
def page(
    dialect: sa.Dialect, record: Record, shape: Shape, order: tuple[str, ...], *, descending: bool, further: bool
) -> str:
    """Rows of a space in an order: the space, the position if further, the condition's values, how many.

    SQLite takes the first of two bounds on a column to find its place: the position, which moves on page by page.
    """
    table = table_of(record)

    def build(parameters: Parameters) -> sa.ClauseElement:
        in_space, renderer = table.c.space == next(parameters), Renderer(record, table, parameters)
        start = [renderer.beyond(order, descending=descending)] if further else []
        wanted = [in_space, *start, *matching(shape, renderer)]
        sorted_by = [_sorted(record, name, descending=descending) for name in order]
        return sa.select(*table.c).where(*wanted).order_by(*sorted_by).limit(next(parameters)).offset(ZERO)

    return text_of(dialect, build)


@kept
def stretches(dialect: sa.Dialect, record: Record, shape: Shape, field: str) -> str:
    """The stretches of time that a column falls in: the space, the condition's values."""
    table = table_of(record)

    def build(parameters: Parameters) -> sa.ClauseElement:
        number = stretch_clause(record, table, field)
        return sa.select(number).distinct().where(*_among(record, shape, parameters))

    return text_of(dialect, build)


@kept
def aggregate(dialect: sa.Dialect, form: Form) -> str:
    """What a plan adds up, sorted by its keys: the values of the conditions of its terms, the space, and its own."""

    def build(parameters: Parameters) -> sa.ClauseElement:
        groups = _groups(form, parameters)
        if form.fold is None:
            return groups.order_by(*_nulls_first(len(form.keys)))
        return _folded(form.fold, groups.subquery("parts")).order_by(*_nulls_first(form.fold.keys))

    return text_of(dialect, build)


def _groups(form: Form, parameters: Parameters) -> sa.Select[Any]:  # Any: each column has a type of its own
    """The rows as keys and values, added up: SQLite makes one statement of the two."""
    table = table_of(form.record)
    renderer = Renderer(form.record, table, parameters)
    keys = [key_clause(form.record, table, key, known) for key, known in zip(form.keys, form.calendars, strict=True)]
    if form.way is Way.FOUND:
        keys = [sa.case((_ALWAYS, key)) for key in keys]  # an expression, which no index has in order
    values = [value_clause(form.record, table, term, renderer) for term in form.terms]
    among = [*_among(form.record, form.shape, parameters), *_in_order(form)]
    columns = [*_labelled("key", keys), *_labelled("value", values)] or [ONE]
    rows = sa.select(*columns).select_from(table).where(*among).subquery("counted")
    terms = [number_clauses(term.how, rows.c[f"value_{n}"], wide=form.wide) for n, term in enumerate(form.terms)]
    return _added_up(rows, len(form.keys), list(chain.from_iterable(terms)))


def _in_order(form: Form) -> list[Clause]:
    """A bound on the key that leaves nothing out, but makes the index of keys look best."""
    first = form.record.key[1:2] if form.way is Way.IN_ORDER else ()
    return [table_of(form.record).c[name] >= lowest(form.record.columns[name].codec) for name in first]


def _folded(fold: Fold, parts: sa.FromClause) -> sa.Select[Any]:  # Any: as above
    """Groups added up once more."""
    numbers = [
        number_clauses(part.how, ONE if part.of is None else parts.c[f"number_{part.of}"]) for part in fold.aggregates
    ]
    return _added_up(parts, fold.keys, list(chain.from_iterable(numbers)))


def _added_up(source: sa.FromClause, width: int, numbers: Sequence[Clause]) -> sa.Select[Any]:  # Any: as above
    keys = [source.c[f"key_{n}"] for n in range(width)]
    # a statement must ask for something, even where the plan does not
    return sa.select(*keys, *_labelled("number", numbers or [sa.func.count()])).select_from(source).group_by(*keys)


def _labelled(name: str, clauses: Sequence[Clause]) -> list[Clause]:
    return [clause.label(f"{name}_{n}") for n, clause in enumerate(clauses)]


def _nulls_first(width: int) -> list[Clause]:
    return [sa.literal_column(f"key_{n}").asc().nulls_first() for n in range(width)]


def upsert(dialect: sa.Dialect, table: sa.Table) -> "sqlite.Insert | postgresql.Insert":
    """An insert that may turn into an update; the words are the same, the classes are not."""
    if dialect.name == sqlite.dialect.name:
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # takes 40 ms, for which a file need not wait

    return postgresql.insert(table)


def key_columns(record: Record) -> list[sa.Column[Any]]:  # Any: each column has a type of its own
    """The columns of the primary key, the space first."""
    return [table_of(record).c[name] for name in record.key]


def _has_key(record: Record, parameters: Parameters, *, guarded: bool = False) -> list[Clause]:
    version = [table_of(record).c.version] if guarded else []
    return [column == next(parameters) for column in (*key_columns(record), *version)]


def _among(record: Record, shape: Shape, parameters: Parameters) -> list[Clause]:
    table = table_of(record)
    in_space: Clause = table.c.space == next(parameters)
    return [in_space, *matching(shape, Renderer(record, table, parameters))]


def matching(shape: Shape, renderer: Renderer) -> list[Clause]:
    """A condition, unless it always holds."""
    return [] if shape == ALWAYS else [renderer.condition(shape)]


def _sorted(record: Record, name: str, *, descending: bool) -> Clause:
    column = table_of(record).c[name]
    if not record.columns[name].codec.nullable:
        return column.desc() if descending else column.asc()
    return column.desc().nulls_last() if descending else column.asc().nulls_first()


def text_of(dialect: sa.Dialect, build: Callable[[Parameters], sa.ClauseElement]) -> str:
    """Compile what is built with parameters that must be taken in the order of the text."""
    taken: list[str] = []

    def parameters() -> Parameters:
        for number in count():
            taken.append(f"p{number}")
            yield sa.bindparam(taken[-1])

    compiled = build(parameters()).compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler), "a statement is compiled by the SQL compiler"
    assert compiled.positiontup == taken, f"parameters out of order: {compiled.positiontup} in {compiled}"
    return str(compiled)
