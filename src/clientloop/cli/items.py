"""The commands on one item: show it, move it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal

from cyclopts import Parameter

from clientloop.cli.naming import item_named
from clientloop.cli.options import HERE, AsJson, ByWhom, Me, OnScreen, Place, actor, asking, in_zone, read_json
from clientloop.cli.screen import Screen
from clientloop.cli.story import read_story
from clientloop.cli.telling import tell_story
from clientloop.cli.times import standing
from clientloop.errors import InvalidValue
from clientloop.model.codec import Json
from clientloop.model.feedback import Feedback
from clientloop.services.setup.data import as_data


def show(
    item: str,
    /,
    *,
    interactive: Annotated[bool, Parameter(alias="-i")] = False,
    by: Me = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Show the whole story of an item, and what can be done now.

    Args:
        item: Its number, as the customer was told it.
        interactive: Make its moves by single keys.
        by: Who looks, and makes them.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        found = item_named(loop, item, by=asking(loop, by))
        if interactive:
            from clientloop.cli.sitting import Sitting

            Sitting(screen=screen, loop=loop, me=by).attend(found)
            return None
        story = read_story(loop, found, by=asking(loop, by))
        if json:
            return screen.json(as_data(story))
        tell_story(screen, story, now=loop.clock.now(), zone=loop.space.zone)
        if story.moves:
            screen.line()
            screen.copied(f"clientloop move {found.ref} MOVE --by YOU --set NAME=TEXT")
            screen.copied(f"clientloop show {found.ref} -i    (each move by one key)")
    return None


def move(
    item: str,
    move: str,
    /,
    *,
    by: ByWhom,
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
        before = item_named(loop, item)
        fields = read_fields(given, loop.space.zone)
        after = loop.feedback.move(before, move, by=actor(loop, by, role), **fields)
        if json:
            return screen.json(as_data(after))
        tell_move(screen, before, after, now=loop.clock.now())
        screen.line(f"  next: {', '.join(loop.feedback.next_moves(after)) or 'nothing'}")
        return None


def tell_move(screen: Screen, before: Feedback, after: Feedback, *, now: datetime) -> None:
    """Write what a move has made of an item.

    Args:
        screen: Where to.
        before: The item as it was.
        after: The item as it is.
        now: The present, aware.
    """
    came = f"{before.state} -> {after.state}" if before.state != after.state else after.state
    screen.line(f"{after.ref}  {came}", "bold")
    if after.is_open:
        screen.line(f"  owner {after.owner or 'nobody yet'}, {standing(after.due, now)}")
    if after.pending:
        screen.line(f"  {after.pending} is complete once a channel has taken the message: `clientloop run` sends it")


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
        return name[:-1], read_json(name[:-1], value, hint=f"for text write --set {name[:-1]}=..., without the colon")
    return name, in_zone(_read_date(value), zone) if name == "date" else value


def _read_date(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise InvalidValue(f"{value!r:.40} is no date", hint="write it like 2026-12-24 or 2026-12-24T15:00") from None
