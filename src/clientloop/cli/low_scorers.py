"""The report on low scorers whom nobody has called."""

from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter, Token

from clientloop.app import ClientLoop
from clientloop.cli.naming import names_of
from clientloop.cli.options import HERE, AsJson, OnScreen, Place
from clientloop.cli.screen import Grid
from clientloop.cli.times import due_cell, span
from clientloop.model.calendar import Span
from clientloop.reports.low_scorers import CALL_WITHIN, LowScorer, Neglect
from clientloop.services.setup.data import as_data


def _read_span(_: type, tokens: Sequence[Token]) -> Span:
    return Span.parse(tokens[0].value)


#: A length of time as somebody types it.
Length = Annotated[Span, Parameter(converter=_read_span, accepts_keys=False, n_tokens=1)]


def low_scorers(
    *,
    within: Length = CALL_WITHIN,
    in_time: bool = False,
    limit: Annotated[int, Parameter(alias="-n")] = 20,
    after: str | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """List the items with a low rating whose customers nobody has called in time, the latest first.

    Low are 1 and 2 on a scale of 1-5, and 0 to 6 on one of 0-10.

    Args:
        within: How soon a customer is to be called, such as "48 h" or "2 wd" for working days.
        in_time: List those for whom there still is time, the most urgent first.
        limit: How many at most.
        after: What the page before gave to go on with.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        page = loop.reports.low_scorers(within=within, in_time=in_time, after=after, limit=limit)
        if json:
            return screen.json({"items": as_data(page.items), "next": page.next})
        if not page.items:
            return screen.line("Nobody waits for a call." if in_time else f"Everybody was called within {within}.")
        screen.table(_table(loop, page.items))
        if page.next:
            screen.line(f"There are more: --after {page.next}")
    return None


def _table(loop: ClientLoop, scorers: Sequence[LowScorer]) -> Grid:
    now, zone = loop.clock.now(), loop.space.zone
    names = names_of(loop, [scorer.item.customer for scorer in scorers])
    return Grid(
        columns=("item", "rated", "customer", "owner", "call due", "why", "words"),
        rows=[
            (
                scorer.item.ref,
                f"{scorer.item.rating} of {scorer.item.scale}",
                names[scorer.item.customer] if scorer.item.customer else "",
                scorer.item.owner,
                due_cell(scorer.due, now, zone),
                _why(scorer),
                scorer.item.title,
            )
            for scorer in scorers
        ],
        cut="words",
    )


def _why(scorer: LowScorer) -> str:
    if scorer.why is Neglect.CALLED_LATE and scorer.called_at is not None:
        return f"called {span(scorer.called_at - scorer.due)} too late"
    return scorer.why
