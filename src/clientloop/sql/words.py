"""What databases have different words for, each spelt once for each."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import FunctionElement
from sqlalchemy.sql.functions import GenericFunction

from clientloop.model.plan import Bucket
from clientloop.sql.zones import BEFORE_EPOCH, SECOND

# Any: what SQLAlchemy hands on to the compiler


class lower_ascii(GenericFunction[str]):  # noqa: N801  # a function in SQL
    """A text with the letters of ASCII in lower case, all else as it is."""

    type = sa.Text()
    inherit_cache = True


class place_in(GenericFunction[int]):  # noqa: N801
    """Where in a text another one begins, from 1; 0 where it does not occur."""

    type = sa.Integer()
    inherit_cache = True


class is_there(GenericFunction[int]):  # noqa: N801
    """1 of a value, 0 of NULL."""

    type = sa.Integer()
    inherit_cache = True


class sum_64(GenericFunction[int]):  # noqa: N801
    """A sum in 64 bits; an error, or a floating number, where it does not fit."""

    type = sa.BigInteger()
    inherit_cache = True


class empty_bytes(GenericFunction[bytes]):  # noqa: N801
    """Bytes of which there are none."""

    type = sa.LargeBinary()
    inherit_cache = True


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


@compiles(lower_ascii)
def _(element: lower_ascii, compiler: SQLCompiler, **options: Any) -> str:
    return f"lower({_arguments(element, compiler, **options)[0]})"


@compiles(lower_ascii, "postgresql")
def _(element: lower_ascii, compiler: SQLCompiler, **options: Any) -> str:
    """`lower` of the collation "C" knows the letters of ASCII alone."""
    return f'lower({_arguments(element, compiler, **options)[0]} COLLATE "C")'


@compiles(place_in)
def _(element: place_in, compiler: SQLCompiler, **options: Any) -> str:
    text, part = _arguments(element, compiler, **options)
    return f"instr({text}, {part})"


@compiles(place_in, "postgresql")
def _(element: place_in, compiler: SQLCompiler, **options: Any) -> str:
    text, part = _arguments(element, compiler, **options)
    return f"strpos({text}, {part})"


@compiles(is_there)
def _(element: is_there, compiler: SQLCompiler, **options: Any) -> str:
    return f"{_arguments(element, compiler, **options)[0]} IS NOT NULL"


@compiles(is_there, "postgresql")
def _(element: is_there, compiler: SQLCompiler, **options: Any) -> str:
    return f"({_arguments(element, compiler, **options)[0]} IS NOT NULL)::int"


@compiles(sum_64)
def _(element: sum_64, compiler: SQLCompiler, **options: Any) -> str:
    return f"sum({_arguments(element, compiler, **options)[0]})"


@compiles(sum_64, "postgresql")
def _(element: sum_64, compiler: SQLCompiler, **options: Any) -> str:
    return f"sum({_arguments(element, compiler, **options)[0]})::bigint"


@compiles(empty_bytes)
def _(_: empty_bytes, __: SQLCompiler, **___: Any) -> str:
    return "x''"


@compiles(empty_bytes, "postgresql")
def _(_: empty_bytes, __: SQLCompiler, **___: Any) -> str:
    return "''::bytea"


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
