"""The report on items reopened and persons who came again."""

from clientloop.cli.low_scorers import Length
from clientloop.cli.options import HERE, AsJson, Moment, OnScreen, Place, in_zone
from clientloop.cli.reporting import key_text, percent
from clientloop.cli.screen import Grid, several
from clientloop.reports.keys import LoopKey
from clientloop.reports.repeats import REPEAT_WITHIN, RepeatsReport
from clientloop.services.setup.data import as_data


def repeats(
    *,
    within: Length = REPEAT_WITHIN,
    by: LoopKey | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Report how many items were reopened, and after how many the same person came again soon.

    Args:
        within: How soon another contact counts, such as "7 d" or "5 wd" for working days.
        by: What to split it by.
        since: Only items received at this time or later, in the firm's zone.
        until: Only items received before this time.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        zone = loop.space.zone
        report = loop.reports.repeats(
            within=within,
            by=by,
            since=None if since is None else in_zone(since, zone),
            until=None if until is None else in_zone(until, zone),
        )
    if json:
        screen.json(as_data(report))
    else:
        _show(screen, report)


def _show(screen: OnScreen, report: RepeatsReport) -> None:
    total = report.total
    repeated, reopened = total.repeated, total.reopened
    screen.line(f"{percent(repeated)} came again within {report.within}: {repeated.part} of {repeated.whole}", "bold")
    screen.line(f"{percent(reopened)} reopened or denied: {reopened.part} of {reopened.whole} ever solved or closed")
    if total.young:
        screen.line(f"  {several(total.young, 'item')} younger than that: not counted yet")
    if total.unknown:
        screen.line(f"  {several(total.unknown, 'item')} of an unknown person or time: not counted")
    if report.by is not None:
        screen.title(f"By {report.by}")
        screen.table(_table(report))


def _table(report: RepeatsReport) -> Grid:
    return Grid(
        columns=(str(report.by), "items", "came again", "reopened", "too young", "unknown"),
        rows=[
            (
                key_text(row.key),
                str(row.repeated.whole),
                percent(row.repeated),
                percent(row.reopened),
                str(row.young),
                str(row.unknown),
            )
            for row in report.rows
        ],
        numbers=frozenset({"items", "came again", "reopened", "too young", "unknown"}),
    )
