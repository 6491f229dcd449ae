"""The staff at one time: who is there, who will be when, and who has how much to do."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from attrs import field, frozen

from clientloop.model.calendar import Calendar
from clientloop.model.staff import Absence, Member, Team
from clientloop.rules.loop.settings import Settings
from clientloop.rules.staff.presence import Presence
from clientloop.rules.time.worktime import is_open, next_open


@frozen(kw_only=True, eq=False)
class Roster:
    """The staff at one time: who is there, who will be when, and who has how much to do."""

    #: The time, aware.
    at: datetime
    #: What the firm has set: its calendars.
    settings: Settings
    #: The members, and who of them is away.
    presence: Presence
    #: The teams by name.
    teams: Mapping[str, Team]
    #: The absences that have not ended, by member, the earliest first.
    absences: Mapping[str, tuple[Absence, ...]] = field(factory=dict)
    #: How many open items each member has; whoever gives several out counts them here.
    loads: Counter[str] = field(factory=Counter)

    @classmethod
    def of(
        cls,
        at: datetime,
        settings: Settings,
        *,
        members: Iterable[Member],
        teams: Iterable[Team] = (),
        absences: Iterable[Absence] = (),
        loads: Counter[str] | None = None,
    ) -> "Roster":
        """The staff as records: absences that have ended, or begin later, may be among them."""
        coming: dict[str, tuple[Absence, ...]] = {}
        for absence in sorted(absences, key=lambda each: each.since):
            coming[absence.member] = (*coming.get(absence.member, ()), absence)
        now = [absence for each in coming.values() for absence in each if covers(absence, at)]
        return cls(
            at=at,
            settings=settings,
            presence=Presence.of(members, now),
            teams={team.name: team for team in teams},
            absences=coming,
            loads=Counter() if loads is None else loads,
        )

    def calendar_of(self, member: Member) -> Calendar:
        """The member's own calendar, or else that of the first of the teams that has one, or else the firm's."""
        own = (self.teams[team].calendar for team in member.teams if team in self.teams)
        return self.settings.calendar_named(member.calendar or next(filter(None, own), None))

    def is_there(self, member: Member) -> bool:
        """Whether a member works, is not away, and has working hours now."""
        return self.presence.is_present(member.name) and is_open(self.calendar_of(member), self.at)

    def present(self) -> tuple[Member, ...]:
        """Who is there now, by name."""
        return tuple(member for _, member in sorted(self.presence.members.items()) if self.is_there(member))

    def there_from(self, member: Member) -> datetime | None:
        """When a member is there next; None if nobody knows."""
        calendar, at = self.calendar_of(member), next_open(self.calendar_of(member), self.at)
        for absence in self.absences.get(member.name, ()):
            if covers(absence, at):
                if absence.until is None:
                    return None
                at = next_open(calendar, absence.until)
        return at


def covers(absence: Absence, at: datetime) -> bool:
    """Whether somebody is away at a time: an absence begins with `since` and ends before `until`."""
    return absence.since <= at and (absence.until is None or at < absence.until)
