"""The commands on items: list those that wait, show one, move one."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from json import JSONDecodeError, loads
from typing import Annotated, Literal

from cyclopts import Parameter

from clientloop.app import ClientLoop
from clientloop.cli.data import as_data
from clientloop.cli.options import HERE, AsJson, OnScreen, Place, in_zone
from clientloop.cli.screen import Cell, Grid
from clientloop.cli.story import read_story, tell_story
from clientloop.cli.times import due
from clientloop.errors import InvalidValue
from clientloop.model.codec import Json
from clientloop.model.feedback import Feedback
from clientloop.model.where import ALL, eq
from clientloop.model.work import Actor, Role


def inbox(
    *,
    owner: str | None = None,
    kind: str | None = None,
    limit: Annotated[int, Parameter(alias="-n")] = 20,
    after: str | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """List the open items, the earliest due first.

    Args:
        owner: Whose items; everybody's if not given.
        kind: Only items of this kind.
        limit: How many at most.
        after: What the page before gave to go on with.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        where = ALL if kind is None else eq("kind", kind)
        page = loop.inbox(owner=owner, where=where, after=after, limit=limit)
        if json:
            screen.json({"items": as_data(page.items), "next": page.next})
        elif page.items:
            screen.table(inbox_grid(loop, page.items))
            if page.next:
                screen.line(f"There are more: --after {page.next}")
        else:
            screen.line("Nothing waits.")


def inbox_grid(loop: ClientLoop, items: tuple[Feedback, ...]) -> Grid:
    """Items as a table."""
    now = loop.clock.now()
    names = {item.customer: loop.customers.get(item.customer).name for item in items if item.customer}
    return Grid(
        columns=("item", "kind", "state", "owner", "due", "customer", "words"),
        rows=[
            (
                item.ref,
                item.kind,
                item.state,
                item.owner,
                _due(item, now),
                names[item.customer] if item.customer else "",
                item.title,
            )
            for item in items
        ],
        cut="words",
    )


def _due(item: Feedback, now: datetime) -> Cell:
    return Cell(text=due(item.due, now), style="red" if item.due is not None and item.due < now else "")


def show(item: str, /, *, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """Show the whole story of an item.

    Args:
        item: Its number, as the customer was told it.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        story = read_story(loop, loop.feedback.get(item))
        if json:
            screen.json(as_data(story))
        else:
            tell_story(screen, story, now=loop.clock.now(), zone=loop.space.zone)


def move(
    item: str,
    move: str,
    /,
    *,
    by: str,
    role: Annotated[Literal["owner", "superior", "customer"] | None, Parameter(name="--as")] = None,
    given: Annotated[Sequence[str], Parameter(name="--set")] = (),
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Make a move of an item, as its process allows it.

    Args:
        item: Its number, as the customer was told it.
        move: The move; `show` lists those that can be made now.
        by: Who makes it.
        role: On whose behalf; what the staff list says of the person, if not given, else the owner's.
        given: What the move requires, as NAME=TEXT, or NAME:=JSON for what is no text; give it once for each.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        before = loop.feedback.get(item)
        fields = read_fields(given, loop.space.zone)
        after = loop.feedback.move(before, move, by=_actor(loop, by, role), **fields)
        if json:
            return screen.json(as_data(after))
        came = f"{before.state} -> {after.state}" if before.state != after.state else after.state
        screen.line(f"{after.ref}  {came}", "bold")
        if after.is_open:
            screen.line(f"  owner {after.owner or 'nobody yet'}, due {due(after.due, loop.clock.now()) or 'never'}")
        if after.pending:
            screen.line(
                f"  {after.pending} is complete once a channel has taken the message: `clientloop run` sends it"
            )
        screen.line(f"  next: {', '.join(loop.feedback.next_moves(after)) or 'nothing'}")
        return None


def read_fields(given: Sequence[str], zone: str) -> Mapping[str, Json]:
    """What was typed as NAME=TEXT or NAME:=JSON; a date that names no offset is in the zone.

    Raises:
        InvalidValue: It is written in neither way.

    >>> read_fields(["cause=bad packing", "redress:=500"], "UTC")
    {'cause': 'bad packing', 'redress': 500}
    """
    return dict(_read_field(text, zone) for text in given)


def _read_field(text: str, zone: str) -> tuple[str, Json]:
    name, sign, value = text.partition("=")
    if not (sign and name.strip(":")):
        raise InvalidValue(f"{text!r:.60} gives no field", hint="write --set cause='bad packing'")
    if name.endswith(":"):
        return name[:-1], _read_json(name[:-1], value)
    return name, in_zone(_read_date(value), zone) if name == "date" else value


#: Who acts in a role that was named.
_ROLES: Mapping[str, Callable[[str], Actor]] = {
    "owner": Actor.of,
    "superior": Actor.superior,
    "customer": Actor.customer,
}


def _read_json(name: str, value: str) -> Json:
    try:
        return loads(value)
    except JSONDecodeError as error:
        raise InvalidValue(
            f"{name}: {value!r:.60} is no JSON ({error.msg})",
            hint=f"for text write --set {name}=..., without the colon",
        ) from None


def _read_date(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise InvalidValue(f"{value!r:.40} is no date", hint="write it like 2026-12-24 or 2026-12-24T15:00") from None


def _actor(loop: ClientLoop, name: str, role: str | None) -> Actor:
    """Who moves an item: in the role named, or in those that the staff list knows of."""
    if role is not None:
        return _ROLES[role](name)
    known = {member.name: member.roles for member in loop.staff.list(limit=500)}
    return Actor(name=name, roles=frozenset(map(Role, known.get(name, (Role.OWNER,)))))
