"""The command that lists the items that wait, the most urgent first."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated

from attrs import evolve, frozen
from cyclopts import Group, Parameter

from clientloop.app import ClientLoop
from clientloop.cli.options import (
    HERE,
    MEMBER_VARIABLE,
    AsJson,
    Me,
    Moment,
    OnScreen,
    Place,
    asking,
    in_zone,
    read_json,
)
from clientloop.cli.screen import Cell, Grid, Screen
from clientloop.cli.times import due, due_cell
from clientloop.errors import InvalidValue
from clientloop.model.codec import instant
from clientloop.model.feedback import Feedback, Priority
from clientloop.model.page import Page
from clientloop.model.plan import Aggregate, How, Plan
from clientloop.model.where import ALL, Where, eq, ge, lt
from clientloop.model.where_data import read_where
from clientloop.model.work import Actor
from clientloop.services.loop.filters import Filters, condition
from clientloop.services.setup.data import as_data

#: How many items are read at once where something is done with many.
_MANY = 500

_WHICH = Group("Which items", sort_key=1)

#: How a list shows that an item is more urgent than others, or less.
PRIORITIES: Mapping[Priority, Cell] = {
    Priority.CRITICAL: Cell(text="!!", style="bold red"),
    Priority.HIGH: Cell(text="!", style="yellow"),
    Priority.NORMAL: Cell(text=""),
    Priority.LOW: Cell(text="-", style="dim"),
}


def _which(words: str) -> Parameter:
    return Parameter(group=_WHICH, help=words)


@Parameter(name="*")
@frozen(kw_only=True)
class Which:
    """Which open items a command is about; several values of one option mean any of them, several tags all."""

    #: Owner.
    owner: Annotated[str | None, _which("Only the items of this member.")] = None
    #: Mine.
    mine: Annotated[bool, _which(f"Only your own items, by --by or the variable {MEMBER_VARIABLE}.")] = False
    #: Team.
    team: Annotated[Sequence[str], _which("Only items of this team; once for each.")] = ()
    #: State.
    state: Annotated[Sequence[str], _which("Only items in this state; once for each.")] = ()
    #: Kind.
    kind: Annotated[Sequence[str], _which("Only items of this kind; once for each.")] = ()
    #: Tag.
    tag: Annotated[Sequence[str], _which("Only items with this tag; once for each that they must have.")] = ()
    #: Due before.
    due_before: Annotated[Moment | None, _which("Only items that are due before this time, in the firm's zone.")] = None
    #: Condition.
    where: Annotated[
        str | None, _which("Only items that fulfil this condition in JSON, over the fields of feedback.")
    ] = None

    def of(self, me: str | None) -> "Which":
        """The same for whoever types.

        Args:
            me: The name of who types.

        Raises:
            InvalidValue: Nobody said who types, and that is what was asked for.
        """
        if not self.mine:
            return self
        if me is None:
            raise InvalidValue("nobody said who you are", hint=f"give --by, or set {MEMBER_VARIABLE}")
        return evolve(self, owner=me)

    def condition(self, zone: str) -> Where:
        """What the options come to.

        Args:
            zone: IANA name of the zone of times that name none.

        Raises:
            InvalidValue: The condition cannot be read.
        """
        return self._given() & condition(self._filters(zone))

    def page(
        self, loop: ClientLoop, *, text: str | None, by: Actor | None, after: str | None, limit: int
    ) -> Page[Feedback]:
        """A page of these items.

        Args:
            loop: The firm.
            text: Words that were said in them, if these are looked for.
            by: Who wants to see them; None: nobody in particular.
            after: The `next` of the page before.
            limit: How many at most.

        Raises:
            UnknownName: One of the names that were given is nowhere known.
        """
        filters = self._filters(loop.space.zone)
        return loop.inbox(where=self._given(), text=text, by=by, after=after, limit=limit, **filters)

    def every(self, loop: ClientLoop) -> Iterator[Feedback]:
        """All these items, for what is done with many at once."""
        after: str | None = None
        while True:
            page = self.page(loop, text=None, by=None, after=after, limit=_MANY)
            yield from page
            if page.next is None:
                return
            after = page.next

    def _given(self) -> Where:
        return ALL if self.where is None else read_where(read_json("--where", self.where), Feedback)

    def _filters(self, zone: str) -> Filters:
        """The other options; one that was not given asks for nothing."""
        return {
            "owner": self.owner,
            "team": self.team or None,
            "state": self.state or None,
            "kind": self.kind or None,
            "tag": self.tag,
            "due_before": None if self.due_before is None else in_zone(self.due_before, zone),
        }


#: All that is open.
EVERY = Which()


def inbox(
    *,
    which: Which = EVERY,
    text: str | None = None,
    by: Me = None,
    interactive: Annotated[bool, Parameter(alias="-i")] = False,
    limit: Annotated[int, Parameter(alias="-n")] = 20,
    after: str | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """List the open items, the earliest due first.

    On a terminal what is overdue is red, what is due today yellow, and what is a week away dim.

    Args:
        which: Which items.
        text: Only items in which these words were said; the latest come first then.
        by: Who looks, for --mine and for the moves of -i.
        interactive: Open, move and answer them by single keys.
        limit: How many at most.
        after: What the page before gave to go on with.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        wanted = which.of(by)
        if interactive:
            from clientloop.cli.sitting import Sitting

            return Sitting(screen=screen, loop=loop, me=by).browse(wanted, text=text, limit=limit)
        page = wanted.page(loop, text=text, by=asking(loop, by), after=after, limit=limit)
        if json:
            return screen.json({"items": as_data(page.items), "next": page.next})
        if not page.items:
            return screen.line("Nothing waits.")
        screen.table(inbox_grid(loop, page.items))
        if text is None:
            tell_summary(screen, loop, wanted)
        if page.next:
            screen.copied(f"There are more: -n {2 * limit}, or -i to turn pages, or --after {page.next}")
    return None


def inbox_grid(loop: ClientLoop, items: Iterable[Feedback]) -> Grid:
    """Items as a table; a closed one is never due, whatever offer or survey may still follow."""
    now, zone = loop.clock.now(), loop.space.zone
    found = tuple(items)
    names = {item.customer: loop.customers.get(item.customer).name for item in found if item.customer}
    return Grid(
        columns=("item", "pri", "due", "kind", "state", "owner", "team", "customer", "tags", "words"),
        rows=[
            (
                item.ref,
                PRIORITIES[item.priority],
                due_cell(item.due if item.is_open else None, now, zone),
                item.kind,
                item.state,
                item.owner or Cell(text="nobody", style="yellow"),
                item.team,
                names[item.customer] if item.customer else "",
                ", ".join(item.tags),
                item.title,
            )
            for item in found
        ],
        cut="words",
        spare=("tags", "team", "customer", "pri"),
    )


#: How many there are.
_COUNT = Aggregate(How.COUNT)


def tell_summary(screen: Screen, loop: ClientLoop, which: Which) -> None:
    """Write how many items there are, how many of them are late, and when the next is due.

    Args:
        screen: Where to.
        loop: The firm.
        which: Which items.
    """
    now = loop.clock.now()
    wanted = eq("is_open", True) & which.condition(loop.space.zone)
    late = _sum(loop, wanted & lt("due", now))
    soonest = _sum(loop, wanted & ge("due", now), Aggregate(How.MIN, "due"))
    screen.line()
    screen.pieces(
        Cell(text=f"{_sum(loop, wanted) or 0:,} open", style="bold"),
        Cell(text=f", {late:,} overdue" if late else "", style="red"),
        Cell(text=f", next due {due(instant(soonest), now)}" if soonest else ""),
    )


def _sum(loop: ClientLoop, where: Where, what: Aggregate = _COUNT) -> int | None:
    groups = loop.store.aggregate(loop.space.space, Plan(cls=Feedback, where=where, aggregates=(what,)))
    return groups[0].values[0] if groups else None
