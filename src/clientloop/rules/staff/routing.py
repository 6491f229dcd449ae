"""Routing: what the rules say of a matter, and who of the staff gets it.

All rules that apply count: the first that names a team, a member or skills decides who; tags add up; the highest
priority wins; a matter is grave if any of them says so.

>>> from clientloop.model.routing import Matter, Route
>>> from clientloop.model.where import contains, eq
>>> routes = (
...     Route(name="rude", where=contains("words", "rude"), grave=True, tags=["conduct"]),
...     Route(name="faults", where=eq("kind", "complaint"), team="service"),
... )
>>> ruling = ruling_on(Matter(space="shop", kind="complaint", channel="form", words="The clerk was rude."), routes)
>>> ruling.routes, ruling.team, ruling.tags, ruling.grave
(('rude', 'faults'), 'service', ('conduct',), True)
"""

from collections.abc import Iterable, Iterator, Mapping, Set

from attrs import frozen

from clientloop.model.codec import Json, microseconds
from clientloop.model.feedback import Priority
from clientloop.model.record import record_of
from clientloop.model.routing import Matter, Route
from clientloop.model.staff import Member, Team
from clientloop.model.work import Role
from clientloop.rules.staff.roster import Roster

_MATTER = record_of(Matter)
_RANKS = {priority: rank for rank, priority in enumerate(Priority)}


@frozen(kw_only=True)
class Ruling:
    """What the rules say of a matter: no names yet but those that they give themselves."""

    #: Names of the rules that apply.
    routes: tuple[str, ...] = ()
    #: The rule that decides who, if any does.
    by: str | None = None
    #: The team that it is for.
    team: str | None = None
    #: The member who is to own it.
    member: str | None = None
    #: What its owner must be good at.
    skills: Set[str] = frozenset()
    #: How urgent it is.
    priority: Priority = Priority.NORMAL
    #: What it is marked with.
    tags: tuple[str, ...] = ()
    #: Whether superiors hear of it at once.
    grave: bool = False

    @property
    def places(self) -> bool:
        """Whether anybody is to get it."""
        return self.by is not None


def ruling_on(matter: Matter, routes: Iterable[Route]) -> Ruling:
    """What the rules say of a matter.

    A rule's priority takes the place of a normal one; against any other the higher wins.

    Args:
        matter: What the rules may speak of.
        routes: The rules, in the firm's order.
    """
    row = _MATTER.encode(matter)
    applying = [route for route in routes if route.test(row)]
    who = next((route for route in applying if route.places), None)
    urgencies = [route.priority for route in applying if route.priority is not None]
    if matter.priority is not Priority.NORMAL or not urgencies:
        urgencies.append(matter.priority)
    return Ruling(
        routes=tuple(route.name for route in applying),
        by=None if who is None else who.name,
        team=None if who is None else who.team,
        member=None if who is None else who.member,
        skills=frozenset() if who is None else frozenset(who.skills),
        priority=max(urgencies, key=_RANKS.__getitem__),
        tags=tuple(dict.fromkeys(tag for route in applying for tag in route.tags)),
        grave=any(route.grave for route in applying),
    )


def choose(
    roster: Roster, ruling: Ruling, *, language: str | None = None, avoid: frozenset[str] = frozenset()
) -> str | None:
    """Who gets a matter.

    The member whom the ruling names; else one of its team with its skills; else its team's lead; else one of the team
    without the skills; else a superior; else any owner: of these always somebody who works and is not away, or the
    deputy of one who is. Among several: who is there now, or first; who answers in the language; who is below capacity;
    who has the least to do, relative to the capacity. The name decides between equals.

    Args:
        roster: The staff.
        ruling: What the rules say.
        language: BCP 47 tag of the language to answer in; None: any.
        avoid: Who gets it only if there is nobody else, such as the employee whom it is about.

    Returns:
        A name; None if all are away.
    """
    for ring in _rings(roster, ruling):
        names = (roster.presence.stand_in(name) for name in ring)
        candidates = {member.name: member for member in names if member is not None}
        if candidates:
            scale = _Scale.of(roster, candidates.values(), language, avoid)
            return min(candidates, key=lambda name: scale.rank(candidates[name]))
    return None


def _rings(roster: Roster, ruling: Ruling) -> Iterator[Iterable[str]]:
    """Whom to ask, ring by ring."""
    working = [member for member in roster.presence.members.values() if member.active]
    owners = [member for member in working if Role.OWNER.value in member.roles]
    ours = [member for member in owners if ruling.team is None or ruling.team in member.teams]
    team = roster.teams.get(ruling.team or "")
    yield () if ruling.member is None else (ruling.member,)
    yield (member.name for member in ours if ruling.skills <= set(member.skills))
    yield () if team is None or team.lead is None else (team.lead,)
    yield (member.name for member in ours)
    yield (member.name for member in working if Role.SUPERIOR.value in member.roles)
    yield (member.name for member in owners)


@frozen(kw_only=True)
class _Scale:
    """What candidates are ranked by."""

    roster: Roster
    language: str | None
    avoid: frozenset[str]
    #: What those count as who have no limit: the highest limit of the others.
    limit: int

    @classmethod
    def of(cls, roster: Roster, candidates: Iterable[Member], language: str | None, avoid: frozenset[str]) -> "_Scale":
        limits = [member.capacity for member in candidates if member.capacity]
        return cls(roster=roster, language=language, avoid=avoid, limit=max(limits, default=1))

    def rank(self, member: Member) -> tuple[object, ...]:
        """The lower the better."""
        there, load = self.roster.there_from(member), self.roster.loads.get(member.name, 0)
        return (
            member.name in self.avoid,
            there is None,
            0 if there is None else microseconds(there),
            not speaks(member, self.language),
            member.capacity is not None and load >= member.capacity,
            load / self.limit if member.capacity is None else load / member.capacity if member.capacity else load + 1,
            member.name,
        )


def speaks(member: Member, language: str | None) -> bool:
    """Whether a member answers in a language; regions and scripts do not matter.

    >>> [speaks(Member(space="shop", name="mia", languages=("sl", "en-GB")), asked) for asked in ("en-US", "de", None)]
    [True, False, True]
    """
    return language is None or not member.languages or _primary(language) in map(_primary, member.languages)


def _primary(tag: str) -> str:
    return tag.partition("-")[0].lower()


@frozen(kw_only=True)
class Placement:
    """Where a new matter goes: what its item holds from the start."""

    #: Who owns it.
    owner: str | None = None
    #: The team that it is for.
    team: str | None = None
    #: Name of the calendar by which its deadlines count.
    calendar: str | None = None
    #: How urgent it is.
    priority: Priority = Priority.NORMAL
    #: What it is marked with.
    tags: tuple[str, ...] = ()
    #: Names of the rules that applied.
    routes: tuple[str, ...] = ()
    #: Who hears of it at once, as it is grave.
    alerted: tuple[Member, ...] = ()

    @property
    def record(self) -> Mapping[str, Json]:
        """What the journal keeps of it."""
        if not self.routes:
            return {}
        said = {"to": self.owner, "team": self.team, "routes": list(self.routes)}
        return {name: value for name, value in said.items() if value}


#: What becomes of a matter without rules.
UNPLACED = Placement()


def place(matter: Matter, ruling: Ruling, roster: Roster) -> Placement:
    """Where a matter goes that the rules speak of.

    Args:
        matter: The matter.
        ruling: What they say of it.
        roster: The staff at the time.
    """
    avoid = frozenset({matter.employee} if matter.employee else ())
    team = roster.teams.get(ruling.team or "")
    return Placement(
        owner=choose(roster, ruling, language=matter.language, avoid=avoid) if ruling.places else None,
        team=ruling.team,
        calendar=None if team is None else team.calendar,
        priority=ruling.priority,
        tags=ruling.tags,
        routes=ruling.routes,
        alerted=tuple(_alerted(roster, team, avoid)) if ruling.grave else (),
    )


def _alerted(roster: Roster, team: Team | None, avoid: frozenset[str]) -> Iterable[Member]:
    """The lead of the team and all superiors, or who stands in; not the employee whom it is about, if others hear."""
    presence = roster.presence
    deciding = [member.name for member in presence.members.values() if Role.SUPERIOR.value in member.roles]
    names = [*([team.lead] if team is not None and team.lead else ()), *deciding]
    heard = [presence.stand_in(name) or presence.members.get(name) for name in names]
    by_name = {member.name: member for member in heard if member is not None and member.active}
    return [member for name, member in by_name.items() if name not in avoid] or by_name.values()
