"""The commands by which work goes from one member to others: who is away, who has left, who has whose work."""

from clientloop.app import ClientLoop
from clientloop.cli.options import HERE, AsJson, ByWhom, Moment, OnScreen, Place, actor, in_zone
from clientloop.cli.screen import Cell, Grid, Screen, several
from clientloop.cli.times import end, local
from clientloop.errors import InvalidValue, NotFound
from clientloop.model.feedback import Feedback
from clientloop.rules.staff.roster import covers
from clientloop.services.setup.data import as_data
from clientloop.services.staff.handover import HandedOver


def away(
    name: str,
    /,
    *,
    until: Moment | None = None,
    since: Moment | None = None,
    deputy: str | None = None,
    reason: str = "",
    by: ByWhom,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Write down that a member is away; the open work goes to others at once, or when the absence begins.

    It goes to the deputy, or else to whom the rules of routing choose. Meanwhile nobody can give the member an item.

    Args:
        name: Who.
        until: Until when, in the firm's zone; until `members back`, if not given.
        since: From when on; from now, if not given.
        deputy: Who stands in; the member's own deputy, if not given.
        reason: Why.
        by: Who says so.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        zone = loop.space.zone
        begins, ends = (None if at is None else in_zone(at, zone) for at in (since, until))
        absence = loop.staff.away(name, since=begins, until=ends, deputy=deputy, reason=reason)
        now_away = covers(absence, loop.clock.now())
        done = loop.staff.reassign(name, by=actor(loop, by), reason=f"{name} is away") if now_away else None
        if json:
            return screen.json({"absence": as_data(absence), "handed_over": as_data(done)})
        begin = "" if now_away else f"from {local(absence.since, zone)}, "
        screen.line(f"{name} is {'' if now_away else 'down as '}away {begin}{end(absence.until, zone)}", "bold")
        screen.line(f"  {absence.deputy or loop.staff.get(name).deputy or 'whom routing chooses'} stands in")
        return None if done is None else tell_handover(screen, loop, done)


def tell_handover(screen: Screen, loop: ClientLoop, done: HandedOver) -> None:
    """Write what became of somebody's open work."""
    screen.line(f"  {several(done.items, 'item')} and {several(done.tasks, 'task')} have gone to others")
    for number, why in done.left.items():
        item = loop.store.get(Feedback, (loop.space.space, number))
        screen.pieces(Cell(text=f"  {'a task' if item is None else item.ref} stays: {why}", style="yellow"))


def back(name: str, /, *, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """Write down that a member works again; work that was handed over stays where it is.

    Args:
        name: Who.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        member = loop.staff.back(name)
        if json:
            return screen.json(as_data(member))
        return screen.line(f"{member.name} works again", "bold")


def listed(*, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """List who is, or will be, away.

    Args:
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        absences, zone = loop.staff.absences(), loop.space.zone
    if json:
        return screen.json({"absences": as_data(absences)})
    if not absences:
        return screen.line("Nobody is, or will be, away.")
    return screen.table(
        Grid(
            columns=("member", "since", "until", "deputy", "reason"),
            rows=[
                (one.member, local(one.since, zone), local(one.until, zone), one.deputy, one.reason) for one in absences
            ],
            spare=("deputy", "reason"),
        )
    )


def cancel(
    name: str, /, *, since: Moment | None = None, json: AsJson = False, place: Place = HERE, screen: OnScreen
) -> None:
    """Take back an absence that was written down by mistake, or will not be; `members back` ends one that has begun.

    Args:
        name: Whose.
        since: The one that begins then, in the firm's zone, if there are several.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        member, zone = loop.staff.get(name).name, loop.space.zone
        begins = None if since is None else local(in_zone(since, zone), zone)
        theirs = [one for one in loop.staff.absences() if one.member == member]
        found = [one for one in theirs if begins in (None, local(one.since, zone))]
        if not found:
            raise NotFound(f"no such absence of {member}", hint="`members absences` lists those that have not ended")
        if len(found) > 1:
            times = " or ".join(f"--since {local(one.since, zone).replace(' ', 'T')}" for one in found)
            raise InvalidValue(f"{member} has {len(found)} absences", hint=f"say which: {times}")
        loop.staff.cancel(found[0])
    if json:
        return screen.json({"cancelled": as_data(found[0])})
    return screen.line(f"the absence of {member} from {local(found[0].since, zone)} is taken back", "bold")


def reassign(
    name: str,
    /,
    *,
    to: str | None = None,
    by: ByWhom,
    reason: str = "reassigned",
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Give the open items and tasks of a member to others now.

    Args:
        name: Whose work; also a name that is no member's.
        to: Who gets all of it; whom the deputies and the rules of routing name, if not given.
        by: Who says so.
        reason: Why, as the journal keeps it.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        if to is not None:
            loop.staff.get(to)  # a misspelt name would refuse every item, one by one
        done = loop.staff.reassign(name, to=to, by=actor(loop, by), reason=reason)
        if json:
            return screen.json(as_data(done))
        screen.line(f"the work of {name}", "bold")
        return tell_handover(screen, loop, done)


def leave(name: str, /, *, by: ByWhom, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """Write down that a member has left the firm; the open work goes to others at once.

    Args:
        name: Who.
        by: Who says so.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        member = loop.staff.deactivate(name)
        done = loop.staff.reassign(name, by=actor(loop, by), reason=f"{name} has left")
        if json:
            return screen.json({"member": as_data(member), "handed_over": as_data(done)})
        screen.line(f"{name} has left", "bold")
        return tell_handover(screen, loop, done)
