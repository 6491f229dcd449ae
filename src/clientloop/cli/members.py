"""The commands on members: who works for the firm, who is away, and who has whose work."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from attrs import fields, fields_dict, frozen
from cyclopts import Group, Parameter

from clientloop.app import ClientLoop
from clientloop.cli.options import HERE, AsJson, OnScreen, Place
from clientloop.cli.screen import Cell, Grid, Screen
from clientloop.cli.times import end, local
from clientloop.model.feedback import Feedback
from clientloop.model.plan import Key, Plan
from clientloop.model.staff import Absence, Member
from clientloop.model.where import eq
from clientloop.model.work import Role
from clientloop.services.setup.data import as_data

_MEMBER = Group("The member", sort_key=1)


def _of_member(words: str, *, name: str | None = None) -> Parameter:
    return Parameter(name=name, group=_MEMBER, help=words, show_default=False)


@Parameter(name="*")
@frozen(kw_only=True)
class Traits:
    """What is known of a member; what is None or empty is not said. An empty text takes a value away."""

    #: Roles.
    roles: Annotated[Sequence[Role], _of_member("A role; once for each.", name="--role")] = ()
    #: Teams.
    teams: Annotated[Sequence[str], _of_member("A team; once for each.", name="--team")] = ()
    #: Skills.
    skills: Annotated[
        Sequence[str], _of_member("Something that the member is good at; once each.", name="--skill")
    ] = ()
    #: Languages.
    languages: Annotated[
        Sequence[str], _of_member("BCP 47 tag of a language that the member answers in; once each.", name="--language")
    ] = ()
    #: Capacity.
    capacity: Annotated[int | None, _of_member("How many open items the member can have.")] = None
    #: Calendar.
    calendar: Annotated[str | None, _of_member("Name of the calendar of the member's working hours.")] = None
    #: Deputy.
    deputy: Annotated[str | None, _of_member("Who stands in when the member is away.")] = None
    #: Channel.
    channel: Annotated[str | None, _of_member("Where alerts go: name of a channel.")] = None
    #: Address.
    address: Annotated[str | None, _of_member("And the address there.")] = None


def said(options: Any, cls: type) -> Mapping[str, Any]:  # Any: options of some command, each with a type of its own
    """The options that were given, by name; an empty text stands for what a record holds if nothing is said.

    Args:
        options: The options of a command.
        cls: The class of the record that they are fields of.
    """
    given = {declared.name: getattr(options, declared.name) for declared in fields(type(options))}
    return {
        name: fields_dict(cls)[name].default if value in _NOTHING else value
        for name, value in given.items()
        if value is not None and value != ()
    }


#: What takes a value away.
_NOTHING = ("", [""], ("",))

#: Nothing is said.
NOTHING = Traits()


def listed(*, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """List the members: what they do, how much is open with each, and who is away.

    Args:
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        members, absences = _all(loop), loop.staff.absences()
        if json:
            return screen.json({"members": as_data(members), "absences": as_data(absences)})
        if not members:
            return screen.line("Nobody is on the staff list: any name can own items.")
        return screen.table(_members_grid(loop, members, absences))


def _all(loop: ClientLoop) -> tuple[Member, ...]:
    return tuple(loop.store.pages(Member, loop.space.space))


def _members_grid(loop: ClientLoop, members: Sequence[Member], absences: Sequence[Absence]) -> Grid:
    open_by_owner = Plan(cls=Feedback, where=eq("is_open", True), keys=(Key("owner"),))
    loads = {group.keys[0]: group.values[0] or 0 for group in loop.store.aggregate(loop.space.space, open_by_owner)}
    first = {absence.member: absence for absence in reversed(absences)}
    return Grid(
        columns=("name", "roles", "open", "away", "teams", "skills", "languages", "deputy"),
        rows=[
            (
                member.name,
                ", ".join(member.roles),
                f"{loads.get(member.name, 0)}{'' if member.capacity is None else f' of {member.capacity}'}",
                _away(loop, member, first.get(member.name)),
                ", ".join(member.teams),
                ", ".join(member.skills),
                ", ".join(member.languages),
                member.deputy,
            )
            for member in members
        ],
        spare=("languages", "skills", "deputy", "teams", "away"),
    )


def _away(loop: ClientLoop, member: Member, absence: Absence | None) -> Cell:
    if not member.active:
        return Cell(text="has left", style="dim")
    if absence is None:
        return Cell(text="")
    if absence.since > loop.clock.now():
        return Cell(text=f"from {local(absence.since, loop.space.zone)}", style="yellow")
    return Cell(text=end(absence.until, loop.space.zone), style="red")


def add(
    name: str,
    /,
    *,
    traits: Traits = NOTHING,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Add a member; from the first one on only members can own items.

    Args:
        name: The name that owns items.
        traits: What is known of the member.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        _tell(screen, loop.staff.add(name, **said(traits, Member)), json=json)


def change(
    name: str,
    /,
    *,
    traits: Traits = NOTHING,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Change what is known of a member; what is not given stays, and an empty text takes a value away.

    Args:
        name: Who.
        traits: What is known of the member from now on.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        _tell(screen, loop.staff.change(name, **said(traits, Member)), json=json)


def _tell(screen: Screen, member: Member, *, json: bool) -> None:
    if json:
        return screen.json(as_data(member))
    screen.line(member.name, "bold")
    for field in fields(Traits):
        value = getattr(member, field.name)
        if value not in (None, ()):
            screen.line(f"  {field.name:<10} {', '.join(value) if isinstance(value, tuple) else value}")
    return None
