"""Who is there, who stands in for those who are away, and whom an alert goes to.

>>> from datetime import UTC, datetime
>>> at = datetime(2026, 8, 3, 9, tzinfo=UTC)
>>> tim = Member(space="shop", name="tim")
>>> firm = Presence.of([Member(space="shop", name="mia", deputy="tim"), tim])
>>> firm.stand_in("mia").name
'mia'
>>> holiday = Absence(space="shop", member="mia", since=at)
>>> Presence.of([*firm.members.values()], [holiday]).stand_in("mia").name
'tim'
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from attrs import frozen

from clientloop.model.staff import Absence, Member, Team
from clientloop.model.where import Where, eq, gt, le
from clientloop.model.work import Role


def covering(at: datetime) -> Where:
    """The absences that cover an instant: they begin with `since` and end before `until`."""
    return le("since", at) & (eq("until", None) | gt("until", at))


@frozen(eq=False)
class Presence:
    """The members of a firm at one time."""

    #: All members by name.
    members: Mapping[str, Member]
    #: The absences that cover the time, by member.
    away: Mapping[str, Absence]

    @classmethod
    def of(cls, members: Iterable[Member], absences: Iterable[Absence] = ()) -> "Presence":
        """Members and the absences that cover one time."""
        return cls({member.name: member for member in members}, {absence.member: absence for absence in absences})

    def is_present(self, name: str) -> bool:
        """Whether there is a member of this name who works and is not away."""
        member = self.members.get(name)
        return member is not None and member.active and name not in self.away

    def stand_in(self, name: str | None) -> Member | None:
        """The member, or who stands in: a deputy who is away has a deputy in turn.

        Args:
            name: A member, present or not; a name that nobody has finds nobody.

        Returns:
            Somebody present; None if the deputies end, or come back to one who is away.
        """
        seen: set[str] = set()
        while name is not None and name not in seen:
            if self.is_present(name):
                return self.members[name]
            seen.add(name)
            name = self._deputy(name)
        return None

    def _deputy(self, name: str) -> str | None:
        """The deputy of the absence, or else the member's own."""
        absence, member = self.away.get(name), self.members.get(name)
        if absence is not None and absence.deputy is not None:
            return absence.deputy
        return None if member is None else member.deputy


def superiors(firm: Presence, *, team: str | None, lead: str | None) -> tuple[Member, ...]:
    """Whom an alert to the superiors goes to, so that somebody hears it.

    The lead of the team; else the superiors in the team; else all superiors: the first of these among whom, or among
    whose deputies, somebody is present. Only if all are away, the first of them hear it where they are.

    Args:
        firm: Who is there.
        team: The team that the item is for.
        lead: The member who decides in that team.

    Returns:
        Each once; nobody only if no superior with an address works for the firm.
    """
    rings = tuple(tuple(ring) for ring in _rings(firm, team, lead))
    for find in (firm.stand_in, firm.members.get):
        for ring in rings:
            found = {member.name: member for name in ring if (member := find(name)) is not None}
            heard = tuple(member for member in found.values() if member.active and member.address)
            if heard:
                return heard
    return ()


def whole_team(firm: Presence, team: Team) -> tuple[Member | Team, ...]:
    """Whom an alert to a team goes to: its own address, else its members who are present, else all who work."""
    if team.channel and team.address:
        return (team,)
    members = tuple(member for member in firm.members.values() if team.name in member.teams and member.active)
    return tuple(member for member in members if firm.is_present(member.name)) or members


def _rings(firm: Presence, team: str | None, lead: str | None) -> Iterator[Iterable[str]]:
    deciding = [member for member in firm.members.values() if Role.SUPERIOR.value in member.roles]
    yield () if lead is None else (lead,)
    yield (member.name for member in deciding if team is not None and team in member.teams)
    yield (member.name for member in deciding)
