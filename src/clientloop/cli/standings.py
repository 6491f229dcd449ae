"""How the commands on relationships name subjects, and show where they stand and how they came there."""

import json as written
from collections.abc import Iterator, Mapping, Sequence

from clientloop.app import ClientLoop
from clientloop.cli.naming import account_named, called, customer_named
from clientloop.cli.screen import Cell, Grid
from clientloop.cli.times import local
from clientloop.errors import NotFound
from clientloop.model.accounts import Account
from clientloop.model.codec import Json
from clientloop.model.customers import Customer
from clientloop.model.relationships import Assessment, Direction, Standing, Subject

#: How a direction is shown.
ARROWS: Mapping[Direction, Cell] = {
    Direction.UP: Cell(text="↑", style="green"),
    Direction.SAME: Cell(text=""),
    Direction.DOWN: Cell(text="↓", style="red"),
}

#: How somebody is shown who has no stage.
_NO_STAGE = Cell(text="none", style="dim")


def whom(loop: ClientLoop, text: str) -> Customer | Account:
    """The customer or the company that somebody has named.

    Args:
        loop: The firm.
        text: Whom a customer is named by, or the whole name or the id of a company.

    Raises:
        NotFound: Nobody is called so.
        InvalidValue: Several are: the hint lists them.
    """
    try:
        return customer_named(loop, text)
    except NotFound:
        try:
            return account_named(loop, text)
        except NotFound:
            hint = "`clientloop customers find --name PART` and `clientloop accounts list` list whom there is"
            raise NotFound(f"no customer or company {text!r:.80}", hint=hint) from None


def standings_grid(loop: ClientLoop, standings: Sequence[tuple[str, Standing]], first: str) -> Grid:
    """Standings as rows, each under a name.

    Args:
        loop: The firm.
        standings: The names and the standings.
        first: What the names are of.
    """
    zone = loop.space.zone
    return Grid(
        columns=(first, "stage", "way", "since", "before", "the model says", "said by", "until", "reason"),
        rows=[
            (
                name,
                each.stage or _NO_STAGE,
                ARROWS[each.direction],
                local(each.since, zone)[:10],
                each.previous,
                each.automatic or _NO_STAGE,
                each.manual_by,
                local(each.manual_until, zone),
                each.manual_reason,
            )
            for name, each in standings
        ],
        cut="reason",
        spare=("reason", "until", "said by", "before", "way"),
    )


def history_grid(loop: ClientLoop, rows: Sequence[Assessment], *, with_names: bool = False) -> Grid:
    """What was assessed as rows.

    Args:
        loop: The firm.
        rows: The assessments.
        with_names: Whether they are of several, who then are named.
    """
    zone, names = loop.space.zone, ("who",) if with_names else ()
    return Grid(
        columns=(*names, "from", "stage", "way", "before", "the model says", "by", "until", "reason"),
        rows=[
            (
                *(name_of(loop, row) for _ in names),
                local(row.as_of, zone),
                row.stage or _NO_STAGE,
                ARROWS[row.direction],
                row.previous,
                row.automatic or _NO_STAGE,
                row.by,
                local(row.until, zone),
                row.reason,
            )
            for row in rows
        ],
        cut="reason",
        spare=("reason", "until", "before", "way"),
    )


def name_of(loop: ClientLoop, standing: Standing | Assessment) -> str:
    """What a subject is called; its id where it is called nothing."""
    if standing.sort is Subject.ACCOUNT:
        return loop.accounts.get(standing.subject).name
    return called(loop.customers.get(standing.subject))


def flat(data: Mapping[str, Json], before: str = "") -> Iterator[tuple[str, str]]:
    """Nested data as lines, each with its path.

    >>> list(flat({"buying": {"within": 2}, "stage": "A"}))
    [('buying.within', '2'), ('stage', 'A')]
    """
    for name, value in data.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value if isinstance(value, str) else written.dumps(value, ensure_ascii=False)
