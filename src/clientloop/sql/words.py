"""What databases have different words for, each spelt once for each."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import FunctionElement
from sqlalchemy.sql.functions import GenericFunction

from clientloop.model.plan import Bucket
from clientloop.sql.zones import BEFORE_EPOCH, SECOND

# Any: what SQLAlchemy hands on to the compiler


class Word(GenericFunction[Any]):
    """A function that each database spells its own way."""

    inherit_cache = True

    #: How each spells it, by the name of its dialect: `{0}` stands for the first argument.
    spelt: ClassVar[Mapping[str, str]]


class lower_ascii(Word):  # noqa: N801  # a function in SQL, as those below
    """A text with the letters of ASCII in lower case, all else as it is."""

    type = sa.Text()
    # these letters are all that SQLite's `lower` knows, and PostgreSQL's in the collation "C"
    spelt = MappingProxyType({"sqlite": "lower({0})", "postgresql": 'lower({0} COLLATE "C")'})


class place_in(Word):  # noqa: N801
    """Where in a text another one begins, from 1; 0 where it does not occur."""

    type = sa.Integer()
    spelt = MappingProxyType({"sqlite": "instr({0}, {1})", "postgresql": "strpos({0}, {1})"})


class is_there(Word):  # noqa: N801
    """1 of a value, 0 of NULL."""

    type = sa.Integer()
    spelt = MappingProxyType({"sqlite": "{0} IS NOT NULL", "postgresql": "({0} IS NOT NULL)::int"})


class sum_64(Word):  # noqa: N801
    """A sum in 64 bits; an error, or a floating number, where it does not fit."""

    type = sa.BigInteger()
    spelt = MappingProxyType({"sqlite": "sum({0})", "postgresql": "sum({0})::bigint"})


class empty_bytes(Word):  # noqa: N801
    """Bytes of which there are none."""

    type = sa.LargeBinary()
    spelt = MappingProxyType({"sqlite": "x''", "postgresql": "''::bytea"})


class first_day(FunctionElement[Any]):  # noqa: N801
    """The first day of the span of the calendar that a time falls in, as `keys.day_of` reads it.

    Args:
        local: The time on the clock of a zone, in microseconds since 1970.
        bucket: The span.
    """

    inherit_cache = False

    def __init__(self, local: sa.ColumnElement[Any], bucket: Bucket) -> None:
        """Ask for it."""
        self.bucket = bucket
        super().__init__(local)


def _arguments(element: FunctionElement[Any], compiler: SQLCompiler, **options: Any) -> list[str]:
    return [compiler.process(clause, **options) for clause in element.clauses]


@compiles(Word)
def _(element: Word, compiler: SQLCompiler, **options: Any) -> str:
    return element.spelt[compiler.dialect.name].format(*_arguments(element, compiler, **options))


#: What takes SQLite's `date` to the first day of a span; of a quarter, as far as words can.
_MODIFIERS: Mapping[Bucket, Sequence[str]] = {
    Bucket.DAY: (),
    Bucket.WEEK: ("-6 days", "weekday 1"),
    Bucket.MONTH: ("start of month",),
    Bucket.QUARTER: ("start of month",),
    Bucket.YEAR: ("start of year",),
}


@compiles(first_day)
def _(element: first_day, compiler: SQLCompiler, **options: Any) -> str:
    seconds = _seconds(element, compiler, **options)
    modifiers = [f"'{name}'" for name in ("unixepoch", *_MODIFIERS[element.bucket])]
    if element.bucket is Bucket.QUARTER:
        month = f"CAST(strftime('%m', {seconds}, 'unixepoch') AS INTEGER)"
        modifiers.append(f"printf('-%d months', ({month} - 1) % 3)")
    return f"date({seconds}, {', '.join(modifiers)})"


@compiles(first_day, "postgresql")
def _(element: first_day, compiler: SQLCompiler, **options: Any) -> str:
    """As the number that `date.toordinal` counts; whole seconds, for an interval is multiplied by floating numbers."""
    local = f"timestamp 'epoch' + {_seconds(element, compiler, **options)} * interval '1 second'"
    return f"date_trunc('{element.bucket}', {local})::date - date '0001-01-01' + 1"


def _seconds(element: first_day, compiler: SQLCompiler, **options: Any) -> str:
    """Whole ones since 1970, rounded down also before it."""
    (local,) = _arguments(element, compiler, **options)
    return f"((({local}) + {BEFORE_EPOCH}) / {SECOND} - {BEFORE_EPOCH // SECOND})"
