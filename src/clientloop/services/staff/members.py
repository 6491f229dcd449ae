"""Staff: the members of the firm who work in loops, and their teams."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from attrs import evolve, fields

from clientloop.errors import Duplicate, InvalidValue, UnknownName
from clientloop.model.names import all_named, several
from clientloop.model.page import Page
from clientloop.model.staff import Member, Team
from clientloop.model.units import Insert, Unit, Update
from clientloop.model.work import Role
from clientloop.services.staff.absences import Absences
from clientloop.services.staff.rerouting import Routing


def _roles(given: Iterable[Role | str]) -> tuple[str, ...]:
    return tuple(sorted(role.value for role in all_named(Role, given, what="role")))


def _capacity(given: int | None) -> int | None:
    if given is not None and (type(given) is not int or given < 0):
        raise InvalidValue(f"{given!r:.40} is no capacity", hint="give a whole number of items, or None")
    return given


#: How some fields of members are read. Any: each has a type of its own.
_READERS: Mapping[str, Callable[[Any], object]] = {
    "roles": _roles,
    "teams": several,
    "skills": several,
    "languages": several,
    "capacity": _capacity,
}

#: What nobody changes by hand.
_FIXED = {"space", "name", "version", "active"}


class Staff(Absences, Routing):
    """`loop.staff`: who works in loops, who is away, and who gets what."""

    def add(
        self,
        name: str,
        *,
        roles: Iterable[Role | str] = (Role.OWNER,),
        teams: Iterable[str] = (),
        skills: Iterable[str] = (),
        languages: Iterable[str] = (),
        capacity: int | None = None,
        calendar: str | None = None,
        deputy: str | None = None,
        channel: str | None = None,
        address: str | None = None,
    ) -> Member:
        """Add a member; from then on only members can own items.

        Args:
            name: The name that owns items.
            roles: What the member may do; superiors are alerted.
            teams: The teams that the member works in.
            skills: What the member is good at; routing may ask for it.
            languages: BCP 47 tags of the languages that the member answers in; none: any.
            capacity: How many open items the member can have; None: no limit.
            calendar: Name of the calendar of the member's working hours; None: the team's, or else the firm's.
            deputy: Who stands in when the member is away.
            channel: Where alerts go.
            address: The address there.

        Raises:
            Duplicate: There is a member of this name, or of one that differs in its case alone.
            InvalidValue: The name is empty, or has blanks around it.
            UnknownName: There is no such role, team, calendar, deputy or channel.
            NotSupported: The channel cannot send.
        """
        _check_name(name, (member.name for member in self._members()), what="member")
        member = self._changed(
            Member(space=self._context.space.space, name=name),
            roles=roles, teams=teams, skills=skills, languages=languages, capacity=capacity, calendar=calendar,
            deputy=deputy, channel=channel, address=address,
        )  # fmt: skip
        self._context.commit(Unit((Insert(member),)))
        return member

    def change(self, member: str, **changes: object) -> Member:
        """Change a member.

        Args:
            member: Who.
            changes: New values of what `add` takes, by name.

        Raises:
            UnknownName: There is no such member, or what `add` would not know either.
            Conflict: Somebody else changed the member first.
        """
        found = self.get(member)
        after = self._changed(found, **changes)
        new = {name: getattr(after, name) for name in changes}
        self._context.commit(Unit((Update(Member, (found.space, found.name), new, found.version),)))
        return evolve(after, version=found.version + 1)

    def list(self, *, after: str | None = None, limit: int = 100) -> Page[Member]:
        """A page of the members by name, also of those who have left."""
        return self._context.store.page(Member, self._context.space.space, after=after, limit=limit)

    def add_team(
        self,
        name: str,
        *,
        title: str = "",
        lead: str | None = None,
        calendar: str | None = None,
        outside: bool = False,
        channel: str | None = None,
        address: str | None = None,
    ) -> Team:
        """Add a team.

        Args:
            name: Its name; lower-case words.
            title: What people call it.
            lead: The member who decides in it, and hears first of what is late.
            calendar: Name of the calendar by which it works and deadlines of its items count; None: the firm's.
            outside: Whether it is of another firm, such as a call centre.
            channel: Where alerts to the whole team go.
            address: The address there.

        Raises:
            Duplicate: There is a team of this name, or of one that differs in its case alone.
            InvalidValue: The name is empty, or has blanks around it.
            UnknownName: There is no such calendar, member or channel.
            NotSupported: The channel cannot send.
        """
        _check_name(name, (team.name for team in self.teams()), what="team")
        team = self._changed_team(
            Team(space=self._context.space.space, name=name),
            title=title, lead=lead, calendar=calendar, outside=outside, channel=channel, address=address,
        )  # fmt: skip
        self._context.commit(Unit((Insert(team),)))
        return team

    def change_team(self, team: str, **changes: object) -> Team:
        """Change a team; running deadlines of its items stay as they are.

        Args:
            team: Which.
            changes: New values of what `add_team` takes, by name.

        Raises:
            UnknownName: There is no such team, or what `add_team` would not know either.
            Conflict: Somebody else changed the team first.
        """
        known = {each.name: each for each in self.teams()}
        if team not in known:
            raise UnknownName.among(team, known, what="team")
        found = known[team]
        after = self._changed_team(found, **changes)
        self._context.commit(Unit((Update(Team, (found.space, found.name), changes, found.version),)))
        return evolve(after, version=found.version + 1)

    def teams(self) -> tuple[Team, ...]:
        """All teams by name."""
        return tuple(self._context.store.pages(Team, self._context.space.space))

    def _members(self) -> Iterator[Member]:
        return self._context.store.pages(Member, self._context.space.space)

    def _changed(self, member: Member, **changes: Any) -> Member:  # Any: each field has a type of its own
        _check_fields(Member, changes)
        # Any: as above
        read: dict[str, Any] = {
            name: _READERS[name](value) if name in _READERS else value for name, value in changes.items()
        }
        after = evolve(member, **read)
        teams = [team.name for team in self.teams()]
        for team in set(after.teams) - set(member.teams):
            if team not in teams:
                raise UnknownName.among(team, teams, what="team")
        self._context.settings.calendar_named(after.calendar)
        if "channel" in changes:
            self._context.plugins.check_sender(after.channel)
        if after.deputy == after.name:
            raise InvalidValue(f"{after.name} cannot stand in for {after.name}", hint="name another deputy, or none")
        if after.deputy is not None:
            self.get(after.deputy)
        return after

    def _changed_team(self, team: Team, **changes: Any) -> Team:  # Any: as above
        _check_fields(Team, changes)
        after = evolve(team, **changes)
        self._context.settings.calendar_named(after.calendar)
        if "channel" in changes:
            self._context.plugins.check_sender(after.channel)
        if after.lead is not None:
            self.get(after.lead)
        return after


def _check_fields(cls: type, changes: Iterable[str]) -> None:
    known = {declared.name for declared in fields(cls)} - _FIXED
    for name in changes:
        if name not in known:
            raise UnknownName.among(name, known, what=f"field of a {cls.__name__.lower()}")


def _check_name(name: str, taken: Iterable[str], *, what: str) -> None:
    if type(name) is not str or not name or name != name.strip():
        raise InvalidValue(f"{name!r:.60} is no name of a {what}", hint="give a text without blanks around it")
    for other in taken:
        if other.casefold() == name.casefold():
            raise Duplicate(f"there is a {what} {other!r} already", hint="give another name")
