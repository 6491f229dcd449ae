"""The report on the loop: counts, rates and times."""

from datetime import date, timedelta

from clientloop.cli.options import HERE, AsJson, Moment, OnScreen, Place, in_zone
from clientloop.cli.screen import Grid, Screen, several
from clientloop.cli.tabling import ToFile, write_rows
from clientloop.cli.times import span
from clientloop.reports.keys import LoopKey, RowKey
from clientloop.reports.loop import LoopReport, LoopRow, Times
from clientloop.reports.tables import as_table
from clientloop.rules.measures.rates import RATES, Share
from clientloop.services.setup.data import as_data

#: The times of a row, by name, and what they are, in words.
_TIMES = {
    "first_answer": ("first answer", "from receipt to the first answer by a person"),
    "gross": ("solution", "from receipt to the solution"),
    "net": ("solution, net", "from receipt to the solution, waiting for the customer left out"),
}

#: What stands outside of all rates, in words.
_OUTSIDE = {
    "duplicate": "said already, and joined to the original",
    "not_feedback": "no feedback",
    "imported": "came closed from another system",
    "undated": "of unknown receipt: in the rates, without times",
}

#: The rates that the rows of a split report show.
_IN_ROWS = ("closed", "confirmed", "silent", "unreachable", "on_time", "dropped", "reopened")


def loop(
    *,
    by: LoopKey | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    out: ToFile = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Report how well the loop works: what was closed and how, what was on time, and how long it took.

    Args:
        by: What to split it by.
        since: Only items received at this time or later, in the firm's zone.
        until: Only items received before this time.
        out: Write the rows to this file instead: .csv, .csv.gz or .xlsx.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as firm:
        zone = firm.space.zone
        report = firm.reports.loop(
            by=by,
            since=None if since is None else in_zone(since, zone),
            until=None if until is None else in_zone(until, zone),
        )
        if out is not None:
            write_rows(firm, screen, as_table(report), out)
        elif json:
            screen.json(as_data(report))
        else:
            show_report(screen, report)


def show_report(screen: Screen, report: LoopReport) -> None:
    """Write a report: all items first, then a table if it is split."""
    total = report.total
    screen.line(f"{several(total.counts.items, 'item')}, {total.counts.open} open", "bold")
    for name, words in _OUTSIDE.items():
        count = getattr(total.counts, name)
        if count:
            screen.line(f"  {count} {words}")
    screen.line()
    screen.table(_rates(total))
    screen.line()
    screen.table(_times(total))
    if report.by is not None:
        screen.title(f"By {report.by}")
        screen.table(_split(report))


def _rates(row: LoopRow) -> Grid:
    shares = {name: getattr(row.rates, name) for name in RATES}
    return Grid(
        columns=("rate", "share", "items", "means"),
        rows=[
            (name.replace("_", " "), percent(share), f"{share.part} of {share.whole}", RATES[name].words)
            for name, share in shares.items()
        ],
        numbers=frozenset({"share", "items"}),
    )


def _times(row: LoopRow) -> Grid:
    found: list[tuple[str, str, Times]] = [(*words, getattr(row, name)) for name, words in _TIMES.items()]
    return Grid(
        columns=("time", "half by", "nine of ten by", "done", "waiting", "means"),
        rows=[
            (name, _quantile(times.median), _quantile(times.p90), str(times.observed), str(times.censored), words)
            for name, words, times in found
        ],
        numbers=frozenset({"half by", "nine of ten by", "done", "waiting"}),
    )


def _split(report: LoopReport) -> Grid:
    shares = (name.replace("_", " ") for name in _IN_ROWS)
    numbers = ("items", "open", *shares, "answer", "solution", "net")
    return Grid(
        columns=(str(report.by), *numbers),
        rows=[
            (
                key_text(row.key),
                str(row.counts.items),
                str(row.counts.open),
                *(percent(getattr(row.rates, name)) for name in _IN_ROWS),
                _quantile(row.first_answer.median),
                _quantile(row.gross.median),
                _quantile(row.net.median),
            )
            for row in report.rows
        ],
        numbers=frozenset(numbers),
    )


def key_text(key: RowKey) -> str:
    """What a row is about, in words.

    >>> key_text(date(2026, 3, 1)), key_text("maja"), key_text(None)
    ('2026-03', 'maja', 'none')
    """
    if key is None:
        return "none"
    return f"{key:%Y-%m}" if isinstance(key, date) else key


def percent(share: Share) -> str:
    """A share in words: of nothing there is none.

    >>> percent(Share(1, 3)), percent(Share(0, 0))
    ('33 %', '-')
    """
    return "-" if share.ratio is None else f"{share.ratio * 100:.0f} %"


def _quantile(time: timedelta | None) -> str:
    return "-" if time is None else span(time)
