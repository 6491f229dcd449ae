"""The commands on appointments: planned contacts with customers."""

from typing import Annotated, Any
from uuid import UUID

from attrs import evolve
from cyclopts import Parameter

from clientloop.cli.inbox import Which
from clientloop.cli.naming import customer_named, names_of
from clientloop.cli.options import HERE, AsJson, Me, Moment, OnScreen, Place, in_zone
from clientloop.cli.screen import Grid, Screen
from clientloop.cli.times import due_cell, local
from clientloop.model.planning import Appointment, Way
from clientloop.services.setup.data import as_data


def listed(
    *,
    owner: str | None = None,
    mine: bool = False,
    until: Moment | None = None,
    by: Me = None,
    limit: Annotated[int, Parameter(alias="-n")] = 50,
    after: str | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """List the planned contacts by owner and time.

    Args:
        owner: Only those of this member.
        mine: Only your own, by --by.
        until: Only those that begin before this time, in the firm's zone.
        by: Who looks, for --mine.
        limit: How many at most.
        after: What the page before gave to go on with.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        whose = Which(owner=owner, mine=mine).of(by).owner
        before = None if until is None else in_zone(until, loop.space.zone)
        page = loop.appointments.agenda(owner=whose, until=before, after=after, limit=limit)
        if json:
            return screen.json({"appointments": as_data(page.items), "next": page.next})
        if not page.items:
            return screen.line("Nothing is planned.")
        now, zone, names = loop.clock.now(), loop.space.zone, names_of(loop, (each.customer for each in page))
        screen.table(
            Grid(
                columns=("id", "when", "owner", "way", "with", "about"),
                rows=[
                    (
                        str(each.id),
                        due_cell(each.starts_at, now, zone),
                        each.owner or "nobody",
                        each.way.value,
                        names[each.customer] if each.customer else "",
                        each.title,
                    )
                    for each in page
                ],
                cut="about",
                spare=("way", "with"),
            )
        )
        if page.next:
            screen.copied(f"There are more: --after {page.next}")
        return None


def plan(
    title: str,
    at: Moment,
    /,
    *,
    customer: str | None = None,
    until: Moment | None = None,
    way: Way = Way.OTHER,
    owner: str | None = None,
    where: str = "",
    note: str = "",
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Plan a contact.

    Args:
        title: What it is about.
        at: When it begins, in the firm's zone.
        customer: With whom, named as for `customers show`.
        until: When it ends.
        way: How it is made.
        owner: Who makes it.
        where: Where.
        note: What else is worth knowing.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        zone = loop.space.zone
        planned = loop.appointments.plan(
            title,
            starts_at=in_zone(at, zone),
            ends_at=None if until is None else in_zone(until, zone),
            customer=None if customer is None else customer_named(loop, customer),
            owner=owner,
            way=way,
            note=note,
            place=where,
        )
        _tell(screen, planned, zone, json=json)


def move(
    appointment: UUID,
    at: Moment,
    /,
    *,
    until: Moment | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Move a contact to another time; where no end is given, it lasts as long as before.

    Args:
        appointment: Its id.
        at: When it begins, in the firm's zone.
        until: When it ends.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        zone = loop.space.zone
        ends = None if until is None else in_zone(until, zone)
        moved = loop.appointments.move(appointment, starts_at=in_zone(at, zone), ends_at=ends)
        _tell(screen, moved, zone, json=json)


def change(
    appointment: UUID,
    /,
    *,
    title: str | None = None,
    customer: str | None = None,
    way: Way | None = None,
    owner: str | None = None,
    where: str | None = None,
    note: str | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Change what is known of a contact besides its time; what is not given stays.

    Args:
        appointment: Its id.
        title: What it is about.
        customer: With whom, named as for `customers show`.
        way: How it is made.
        owner: Who makes it.
        where: Where.
        note: What else is worth knowing.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        given = {
            "title": title,
            "customer": None if customer is None else customer_named(loop, customer),
            "way": way,
            "owner": owner,
            "place": where,
            "note": note,
        }
        # Any: each value has the type of its field
        said: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        changed = loop.appointments.change(appointment, **said)
        _tell(screen, changed, loop.space.zone, json=json)


def done(
    appointment: UUID,
    /,
    *,
    text: str = "",
    at: Moment | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Say that a contact was made.

    Args:
        appointment: Its id.
        text: What was said.
        at: When, in the firm's zone; when it was planned for, or now where that is still to come, if not given.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        when = None if at is None else in_zone(at, loop.space.zone)
        _tell(screen, loop.appointments.done(appointment, text=text, at=when), loop.space.zone, json=json)


def off(appointment: UUID, /, *, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """Say that a contact will not be made.

    Args:
        appointment: Its id.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        _tell(screen, loop.appointments.call_off(appointment), loop.space.zone, json=json)


def remind(
    appointment: UUID,
    /,
    *,
    channel: str = "email",
    subject: str | None = None,
    body: str | None = None,
    send: bool = False,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Show the letter that reminds of a contact, with its address, subject and words filled in; or send it.

    Args:
        appointment: Its id.
        channel: By which channel it goes.
        subject: Another subject.
        body: Other words.
        send: Put it into the outbox; else it is only shown.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        letter = loop.appointments.letter(appointment, channel=channel)
        letter = evolve(letter, subject=subject or letter.subject, body=body or letter.body)
        if send:
            loop.appointments.send(letter)
        if json:
            return screen.json(as_data(letter))
        screen.line(f"{'Sent' if send else 'This would go'} to {letter.to} by {letter.channel}", "bold")
        screen.line(letter.subject)
        return screen.line(letter.body)


def _tell(screen: Screen, appointment: Appointment, zone: str, *, json: bool) -> None:
    if json:
        return screen.json(as_data(appointment))
    state = "" if appointment.is_open else f" ({appointment.state.value.replace('_', ' ')})"
    return screen.line(f"{appointment.id}  {local(appointment.starts_at, zone)}  {appointment.title}{state}")
