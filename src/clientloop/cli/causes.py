"""The report on causes."""

from typing import Annotated

from cyclopts import Parameter

from clientloop.cli.options import HERE, AsJson, Moment, OnScreen, Place, in_zone
from clientloop.cli.reporting import percent
from clientloop.cli.screen import Cell, Grid, Screen, several
from clientloop.cli.tabling import ToFile, write_rows
from clientloop.reports.causes import CausesReport
from clientloop.reports.tables import as_table
from clientloop.rules.measures.revenue import Revenue
from clientloop.services.setup.data import as_data


def causes(
    *,
    since: Moment | None = None,
    until: Moment | None = None,
    limit: Annotated[int, Parameter(alias="-n")] = 10,
    out: ToFile = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Report the causes with the most items: whom they touch, what these customers spend, and how much is at risk.

    Args:
        since: Only items received at this time or later, in the firm's zone.
        until: Only items received before this time.
        limit: How many causes at most.
        out: Write the rows to this file instead: .csv, .csv.gz or .xlsx.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        zone = loop.space.zone
        report = loop.reports.causes(
            since=None if since is None else in_zone(since, zone),
            until=None if until is None else in_zone(until, zone),
            limit=limit,
        )
        if out is not None:
            write_rows(loop, screen, as_table(report), out)
        elif json:
            screen.json(as_data(report))
        else:
            _show(screen, report)


def _show(screen: Screen, report: CausesReport) -> None:
    screen.line(f"{several(report.causes, 'cause')} of {several(report.items, 'item')}", "bold")
    if report.unexplained:
        screen.line(f"  {several(report.unexplained, 'item')} without a cause, or without one yet")
    if report.rows:
        screen.line()
        screen.table(_table(report))


def _table(report: CausesReport) -> Grid:
    numbers = ("items", "share", "open", "customers", "unknown", "revenue", "at risk")
    return Grid(
        columns=("cause", *numbers),
        rows=[
            (
                row.cause,
                str(row.items.part),
                percent(row.items),
                str(row.open),
                str(row.customers),
                str(row.unknown),
                _amount(row.revenue),
                Cell(text=_amount(row.at_risk), style="red" if row.at_risk.total.minor else ""),
            )
            for row in report.rows
        ],
        numbers=frozenset(numbers),
    )


def _amount(revenue: Revenue) -> str:
    """A sum, and what is in other currencies beside it."""
    return " + ".join(map(str, (revenue.total, *revenue.left_out)))
