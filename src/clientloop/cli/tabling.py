"""How commands show tables: some columns on the screen, all or chosen ones for a program or in a file."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

from attrs import frozen
from cyclopts import Group, Parameter

from clientloop.app import ClientLoop
from clientloop.cli.screen import Grid, Screen, several
from clientloop.cli.times import local, span
from clientloop.model.money import Money
from clientloop.model.page import check_limit
from clientloop.reports.arrow import Value
from clientloop.reports.tables import Listing
from clientloop.services.setup.data import as_data

#: How many rows a person sees where nothing else is said.
_ROWS = 50

_SHAPE = Group("The table", sort_key=8)

#: The column with the currency of amounts that are not called `minor`.
_CURRENCY = "currency"
#: Columns with amounts in minor units, where their row names a currency.
_AMOUNTS = frozenset({"value", "total"})


#: Columns with shares, which people read in percent.
_SHARES = frozenset({"ratio", "variation", "growth"})
#: Types of columns that stand on the right.
_NUMBERS = frozenset({int, float, timedelta})


#: A file for the rows of a report that has a form of its own on the screen.
ToFile = Annotated[Path | None, Parameter(help="Write the rows to this file instead: .csv, .csv.gz or .xlsx.")]


@Parameter(name="*")
@frozen(kw_only=True)
class Shape:
    """What of a table is shown, and where."""

    #: The columns, separated by commas.
    columns: Annotated[
        str | None,
        Parameter(group=_SHAPE, help="The columns, separated by commas; the usual ones on the screen if not given."),
    ] = None
    #: How many rows.
    limit: Annotated[
        int | None,
        Parameter(alias="-n", group=_SHAPE, help=f"How many rows at most; {_ROWS} on the screen if not given."),
    ] = None
    #: A file to write.
    out: Annotated[
        Path | None, Parameter(group=_SHAPE, help="Write all rows to this file instead: .csv, .csv.gz or .xlsx.")
    ] = None
    #: Whether for a program.
    json: Annotated[bool, Parameter(name="--json", group=_SHAPE, help="Write JSON, for a program.")] = False

    def chosen(self, table: Listing[Any]) -> Listing[Any]:  # Any: a table of whatever rows
        """The table in the columns that somebody has chosen.

        Raises:
            UnknownName: There is no such column; the nearest names are in the hint.
        """
        return table if self.columns is None else table.select(*filter(None, map(str.strip, self.columns.split(","))))

    def show(self, loop: ClientLoop, screen: Screen, table: Listing[Any], usual: Mapping[str, str]) -> None:
        """Show a table, or write it.

        Args:
            loop: The firm.
            screen: Where to write.
            table: The table. Any: of whatever rows.
            usual: The columns that a person wants to see, each with its heading.

        Raises:
            InvalidValue: No row is asked for.
            UnknownName: As of `chosen`.
        """
        if self.limit is not None:
            check_limit(self.limit)
        chosen = self.chosen(table)
        if self.out is not None:
            write_rows(loop, screen, chosen, self.out)
        elif self.json:
            rows = islice(chosen.cells(), self.limit)
            screen.json([as_data(dict(zip(chosen.header, row, strict=True))) for row in rows])
        else:
            seen = table.select(*usual) if self.columns is None else chosen
            self._print(loop, screen, seen, usual if self.columns is None else {})

    def _print(self, loop: ClientLoop, screen: Screen, table: Listing[Any], headings: Mapping[str, str]) -> None:
        limit = _ROWS if self.limit is None else self.limit
        rows = list(islice(table, limit + 1))
        cells = [_reader(table, name, loop.space.zone) for name in table.header]
        numbers = [column.name for column in table.columns if column.type in _NUMBERS]
        screen.table(
            Grid(
                columns=[headings.get(name, name) for name in table.header],
                rows=[[cell(row) for cell in cells] for row in rows[:limit]],
                numbers=frozenset(headings.get(name, name) for name in numbers),
            )
        )
        for remark in table.remarks:
            screen.line(remark, "yellow")
        if len(rows) > limit:
            screen.line("and more: ask for them by -n, or write all by --out", "dim")


# Any: a table of whatever rows.
def write_rows(loop: ClientLoop, screen: Screen, table: Listing[Any], out: Path) -> None:
    """Write a table to the file that somebody has named, and say so."""
    screen.line(f"{several(loop.exports.write(out, table), 'row')} in {out}")


def _reader(table: Listing[Any], name: str, zone: str) -> Callable[[Any], str]:
    """What a person reads of a row in a column."""
    columns = {column.name: column for column in table.known}
    read, currency = columns[name].of, columns.get(_currency_of(name))
    if currency is None:
        return lambda row: words(name, read(row), zone)

    def amount(row: Any) -> str:
        minor, code = read(row), currency.of(row)
        if isinstance(minor, int) and isinstance(code, str):
            return str(Money.stored(minor, code))
        return words(name, minor, zone)

    return amount


def _currency_of(name: str) -> str:
    """The name of the column with the currency of an amount; that of no column for what is none."""
    parts = name.rpartition(".")
    return f"{parts[0]}.{_CURRENCY}" if parts[2] == "minor" else _CURRENCY if name in _AMOUNTS else ""


def words(name: str, value: Value, zone: str) -> str:
    """What a person reads in a cell.

    Args:
        name: The column: what is called a ratio, a variation or a growth is told in percent.
        value: What is in it.
        zone: IANA name of the zone by whose clocks times are told.

    >>> words("share.ratio", 0.125, "UTC"), words("newcomer", True, "UTC"), words("rank", None, "UTC")
    ('12.5 %', 'yes', '')
    """
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else ""
        case float():
            return f"{100 * value:.1f} %" if name.rpartition(".")[2] in _SHARES else f"{value:.4g}"
        case datetime():
            return local(value, zone)
        case timedelta():
            return span(value)
        case _:
            return " ".join(str(value).split())
