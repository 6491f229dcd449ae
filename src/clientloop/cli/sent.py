"""The report on messages."""

from collections.abc import Iterator

from clientloop.cli.options import HERE, AsJson, Moment, OnScreen, Place, in_zone
from clientloop.cli.reporting import percent
from clientloop.cli.screen import Cell, Grid, Value, several
from clientloop.cli.tabling import ToFile, write_rows
from clientloop.reports.messages import MessagesReport, MessagesRow
from clientloop.reports.tables import as_table
from clientloop.services.setup.data import as_data

#: The shares of a row.
_SHARES = ("arrived", "read", "failed", "unknown")


def messages(
    *,
    since: Moment | None = None,
    until: Moment | None = None,
    out: ToFile = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Report what became of messages to customers, by channel: arrived, read, failed, or unknown.

    A channel without receipts reports nothing: its messages are unknown, and have not failed.

    Args:
        since: Only messages that left the outbox at this time or later, in the firm's zone.
        until: Only messages that left it before this time.
        out: Write the rows to this file instead: .csv, .csv.gz or .xlsx.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as firm:
        zone = firm.space.zone
        report = firm.reports.messages(
            since=None if since is None else in_zone(since, zone),
            until=None if until is None else in_zone(until, zone),
        )
        if out is not None:
            return write_rows(firm, screen, as_table(report), out)
    if json:
        return screen.json(as_data(report))
    screen.line(f"{several(report.total.messages, 'message')} to customers", "bold")
    if report.rows:
        screen.line()
        screen.table(_table(report))
    if report.unmatched:
        screen.line(f"{several(report.unmatched, 'report')} of channels on messages that nobody knows here")
    return None


def _table(report: MessagesReport) -> Grid:
    numbers = ("messages", *_SHARES, "forbidden", "in doubt")
    return Grid(
        columns=("channel", *numbers),
        rows=[tuple(_cells(row)) for row in (*report.rows, report.total)],
        numbers=frozenset(numbers),
    )


def _cells(row: MessagesRow) -> Iterator[Value]:
    yield row.channel or "all"
    yield str(row.messages)
    yield from (percent(getattr(row, name)) for name in _SHARES)
    yield str(row.forbidden)
    yield Cell(text=str(row.in_doubt), style="red" if row.in_doubt else "")
