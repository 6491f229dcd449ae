"""What reports return: typed rows, and the columns in which people and other programs see them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Generic, Self, TypeVar, get_args, get_type_hints, overload

from attrs import has

from clientloop.errors import InvalidValue, UnknownName
from clientloop.reports.arrow import Value, stream
from clientloop.reports.columns import Column, columns_of

R = TypeVar("R")


class Listing(Generic[R]):
    """Rows of one class, with the columns that are to be seen; they are read anew whenever somebody goes through them.

    So a listing of all customers of a firm takes no more memory than one of ten, also when it is written to a file by
    `loop.exports.write`. polars and DuckDB take its columns by `__arrow_c_stream__` (with the extra `arrow`), pandas by
    `pandas.DataFrame(listing.to_dict())`: these hold all of it.

    Args:
        name: What it is a listing of.
        cls: The class of its rows.
        read: Reads the rows.
        columns: The columns that are to be seen; all if not given.
        remarks: What is to be known of the rows, in sentences.
    """

    def __init__(
        self,
        name: str,
        cls: type[R],
        read: Callable[[], Iterable[R]],
        *,
        columns: Sequence[Column[R]] | None = None,
        remarks: Sequence[str] = (),
    ) -> None:
        """Take all columns of the class if none are given."""
        self.name = name
        self._cls = cls
        self._read = read
        #: The columns that are to be seen.
        self.columns = columns_of(cls) if columns is None else tuple(columns)
        #: What is to be known of the rows, in sentences.
        self.remarks = tuple(remarks)

    def __iter__(self) -> Iterator[R]:
        """Over the rows."""
        return iter(self._read())

    def __repr__(self) -> str:
        """Its name and columns: rows may hold personal data."""
        return f"<{type(self).__name__} {self.name}: {', '.join(self.header)}>"

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    @property
    def known(self) -> tuple[Column[R], ...]:
        """All columns that there are, seen or not."""
        return columns_of(self._cls)

    def select(self, *names: str) -> Self:
        """The same rows seen in these columns, in this order.

        Args:
            names: Names of columns; of one that has parts, the beginning stands for all of them.

        Raises:
            UnknownName: There is no such column; the nearest names are in the hint.
        """
        return self._seen_in([column for name in names for column in self._named(name)])

    def _seen_in(self, columns: Sequence[Column[R]]) -> Self:
        return type(self)(self.name, self._cls, self._read, columns=columns, remarks=self.remarks)

    def _named(self, name: str) -> list[Column[R]]:
        found = [column for column in self.known if f"{column.name}.".startswith(f"{name}.")]
        if not found:
            raise UnknownName.among(name, [column.name for column in self.known], what=f"column of {self.name}")
        return found

    def cells(self) -> Iterator[tuple[Value, ...]]:
        """The values of each row, column by column."""
        readers = [column.of for column in self.columns]
        return (tuple([read(row) for read in readers]) for row in self)

    def to_dict(self) -> dict[str, list[Value]]:
        """The values of each column, row by row."""
        values: dict[str, list[Value]] = {name: [] for name in self.header}
        for row in self.cells():
            for column, cell in zip(values.values(), row, strict=True):
                column.append(cell)
        return values

    # Any: a capsule of Python's C interface, which has no type of its own.
    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """The columns in Apache Arrow's C interface, as a stream of one batch.

        Args:
            requested_schema: What the receiver would like; nothing is converted.

        Raises:
            MissingExtra: It needs the extra `arrow`.
            InvalidValue: A number has more than 64 bits.
        """
        values = self.to_dict()
        columns = {column.name: (column.type, values[column.name]) for column in self.columns}
        return stream(columns).__arrow_c_stream__(requested_schema)


class Table(Listing[R]):
    """A listing whose rows are all there.

    It has a length, places and an order like a list of its rows, but is none: programs would take that for the data.

    Args:
        name: What it is a table of.
        cls: The class of its rows.
        rows: The rows.
        columns: The columns that are to be seen; all if not given.
        remarks: What is to be known of the rows, in sentences.

    >>> from clientloop.rules.relationship.rfm import Rfm
    >>> table = Table("rfm", Rfm, [Rfm(days_since=3, frequency=2, monetary=500)])
    >>> table.header, list(table.select("monetary", "frequency").cells())
    (('days_since', 'frequency', 'monetary'), [(500, 2)])
    """

    def __init__(
        self,
        name: str,
        cls: type[R],
        rows: Iterable[R],
        *,
        columns: Sequence[Column[R]] | None = None,
        remarks: Sequence[str] = (),
    ) -> None:
        """Take all columns of the class if none are given."""
        self._rows = tuple(rows)
        super().__init__(name, cls, lambda: self._rows, columns=columns, remarks=remarks)

    @overload
    def __getitem__(self, place: int) -> R: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[R]: ...
    def __getitem__(self, place: int | slice) -> R | Sequence[R]:
        """The row at a place, or some of them."""
        return self._rows[place]

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def _seen_in(self, columns: Sequence[Column[R]]) -> Self:
        return type(self)(self.name, self._cls, self._rows, columns=columns, remarks=self.remarks)


# Any: a report has rows of a class of its own, and says which in the annotation of its field alone.
def as_table(report: object) -> Table[Any]:
    """The rows of a report as a table; of one that is split by nothing, its total.

    Args:
        report: A report with `rows`, such as `loop.reports.loop()` gives.

    Raises:
        InvalidValue: It has none.

    >>> from clientloop import ClientLoop
    >>> with ClientLoop.open("memory:") as loop:
    ...     item = loop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
    ...     table = as_table(loop.reports.loop(by="channel")).select("key", "counts.items", "rates.closed")
    >>> table.header[2:], list(table.cells())
    (('rates.closed.part', 'rates.closed.whole', 'rates.closed.ratio'), [('form', 1, 0, 1, 0.0)])
    """
    hints = get_type_hints(type(report)) if has(type(report)) else {}
    if "rows" not in hints:
        raise InvalidValue(f"a {type(report).__name__} has no rows", hint="give a report as `loop.reports` makes them")
    given: Any = report  # as above
    rows = given.rows if getattr(given, "by", "") is not None else (given.total,)
    name = type(report).__name__.removesuffix("Report").lower()
    return Table(name, get_args(hints["rows"])[0], rows)
