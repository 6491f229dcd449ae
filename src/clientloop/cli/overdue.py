"""The report on what is overdue."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from clientloop.cli.options import HERE, AsJson, OnScreen, Place
from clientloop.cli.reporting import key_text
from clientloop.cli.screen import Cell, Grid, Value, several
from clientloop.cli.times import due
from clientloop.reports.keys import LoopKey
from clientloop.reports.overdue import OverdueReport, OverdueRow
from clientloop.rules.measures.rates import PROMISES
from clientloop.services.setup.data import as_data


def overdue(
    *,
    by: Sequence[LoopKey] = (LoopKey.OWNER, LoopKey.TEAM),
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Report what is overdue: how much, how grave and since when, by owner and by team.

    The items themselves are in the inbox, the longest overdue first.

    Args:
        by: What to split it by, once for each table; owner and team if not given.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        reports = [loop.reports.overdue(by=key) for key in by]
    if json:
        return screen.json({str(report.by): as_data(report) for report in reports})
    total = reports[0].total
    screen.line(f"{several(total.items, 'item')} overdue, {total.critical} of them critical", "bold")
    for report in reports if total.items else ():
        screen.title(f"By {report.by}")
        screen.table(_table(report))
    return None


def _table(report: OverdueReport) -> Grid:
    promises = [name.replace("_", " ") for name in PROMISES]
    return Grid(
        columns=(str(report.by), "overdue", "critical", "oldest", *(f"{name} missed" for name in promises)),
        rows=[tuple(_cells(row, report.at)) for row in report.rows],
        numbers=frozenset({"overdue", "critical", *(f"{name} missed" for name in promises)}),
    )


def _cells(row: OverdueRow, now: datetime) -> Iterator[Value]:
    yield key_text(row.key)
    yield str(row.items)
    yield Cell(text=str(row.critical), style="red" if row.critical else "")
    yield due(row.oldest_due, now)
    yield from (str(row.missed[name]) for name in PROMISES)
