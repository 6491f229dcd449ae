"""Absences: who is away and when, and the open work that others go on with when an absence begins."""

import logging
from datetime import UTC, datetime, timedelta

from attrs import evolve

from clientloop.errors import Conflict, Duplicate, InvalidValue, NotFound, StoreCorrupt, UnknownName
from clientloop.model.codec import microseconds
from clientloop.model.staff import Absence, Member
from clientloop.model.units import Change, Delete, Insert, Unit, Update
from clientloop.model.where import eq
from clientloop.model.work import SYSTEM
from clientloop.rules.staff.presence import covering
from clientloop.rules.staff.roster import covers
from clientloop.services.context import Context
from clientloop.services.staff.handover import Giver
from clientloop.services.staff.routing import roster_of, unended

logger = logging.getLogger(__name__)

#: How long a worker has for the absences that it claimed.
LEASE = timedelta(minutes=10)

#: How many absences a worker claims at once: each may mean hundreds of items.
BATCH = 5

#: When work that nobody could take is looked at again.
AGAIN = timedelta(hours=1)


def begin_due(context: Context) -> int:
    """Hand over the open work of those whose absence has begun, one batch of absences.

    Args:
        context: The space.

    Returns:
        How many absences were looked at; fewer than `BATCH` when no more begin.
    """
    absences = context.store.claim(Absence, context.space.space, now=context.now(), lease=LEASE, limit=BATCH)
    for absence in absences:
        try:
            _begin(context, absence)
        except Conflict:
            continue  # it was ended or claimed anew meanwhile; every item is guarded by its own version
        except (InvalidValue, StoreCorrupt) as error:  # it must not stop all others
            since = absence.since.isoformat()
            logger.error("an absence since %s cannot begin, %s: it is tried again", since, type(error).__name__)
    return len(absences)


def _begin(context: Context, absence: Absence) -> None:
    """Hand over the work, and look again later only if some of it found nobody."""
    wake = None
    if covers(absence, context.now()):
        reason = f"{absence.member} is away"
        done = Giver(context=context, member=absence.member, actor=SYSTEM, reason=reason).give()
        if done.left:
            logger.warning("%d items and tasks found nobody to go on with them", len(done.left))
            wake = context.now() + AGAIN
    context.commit(Unit((Update(Absence, _key(absence), {"wake_at": wake}, absence.version),)))


def _key(absence: Absence) -> tuple[object, ...]:
    return absence.space, absence.member, absence.since


class Absences:
    """The part of `loop.staff` that knows who is away."""

    def __init__(self, context: Context) -> None:
        """Work in one space."""
        self._context = context

    def get(self, name: str) -> Member:
        """The member of this name.

        Raises:
            UnknownName: There is none; the hint names those that come near.
        """
        store, space = self._context.store, self._context.space.space
        found = store.get(Member, (space, name))
        if found is None:
            raise UnknownName.among(name, [member.name for member in store.pages(Member, space)], what="member")
        return found

    def away(
        self,
        member: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        deputy: str | None = None,
        reason: str = "",
    ) -> Absence:
        """Write down that a member is, or will be, away.

        When it begins, the next `run_due` gives the member's open items and tasks to the deputy, or else to whom
        routing chooses. While it lasts, nobody can give the member an item.

        Args:
            member: Who.
            since: From when on, aware; from now if not given.
            until: Until when, aware; None while nobody knows: `back` ends it.
            deputy: Who stands in; the member's own deputy if not given.
            reason: Why.

        Raises:
            UnknownName: There is no such member.
            InvalidValue: It ends before it begins, or the deputy is the member.
            Duplicate: An absence of the member begins at this very time already.
        """
        now = self._context.now()
        since = since or now
        name = self.get(member).name
        if until is not None and microseconds(until) <= microseconds(since):
            raise InvalidValue(f"an absence that ends at {until} and begins at {since}", hint="give a later `until`")
        if deputy is not None and self.get(deputy).name == name:
            raise InvalidValue(f"{name} cannot stand in for {name}", hint="name another deputy, or none")
        is_over = until is not None and until <= now
        absence = Absence(
            space=self._context.space.space, member=name, since=since, until=until, deputy=deputy, reason=reason,
            wake_at=None if is_over else since,
        )  # fmt: skip
        if self._context.store.get(Absence, _key(absence)) is not None:
            hint = "`cancel` it before it is written anew, or give another `since`"
            raise Duplicate(
                f"an absence of {name} begins at {since.astimezone(UTC):%Y-%m-%d %H:%M} UTC already", hint=hint
            )
        self._context.commit(Unit((Insert(absence),)))
        return absence

    def back(self, member: str) -> Member:
        """A member works again: the absence ends now, and who had left is active again.

        Work that was handed over stays where it is.

        Raises:
            UnknownName: There is no such member.
            NotFound: The member is not away.
        """
        found, now = self.get(member), self._context.now()
        where = eq("member", member) & covering(now)
        running = tuple(self._context.store.pages(Absence, found.space, where=where))
        if found.active and not running:
            raise NotFound(f"{member} is not away", hint="`absences()` lists who is, or will be")
        changes: list[Change] = [
            Update(Absence, _key(absence), {"until": now, "wake_at": None}, absence.version) for absence in running
        ]
        if not found.active:
            changes.append(Update(Member, (found.space, found.name), {"active": True}, found.version))
            found = evolve(found, active=True, version=found.version + 1)
        self._context.commit(Unit(tuple(changes)))
        return found

    def cancel(self, absence: Absence) -> None:
        """Take back an absence that was written down by mistake, or will not be; `back` ends one that has begun.

        Raises:
            NotFound: It is of another space.
            Conflict: It is not as it was given here any more.
        """
        absence = self._context.own(absence)
        self._context.commit(Unit((Delete(Absence, _key(absence), absence.version),)))

    def deactivate(self, member: str) -> Member:
        """A member leaves: the next `run_due` hands over what is open, and nothing more comes.

        Raises:
            UnknownName: There is no such member.
        """
        found, now = self.get(member), self._context.now()
        leave = Absence(space=found.space, member=found.name, since=now, reason="left", wake_at=now)
        same = self._context.store.get(Absence, _key(leave))
        written: Change = (
            Insert(leave)
            if same is None
            else Update(Absence, _key(leave), {"until": None, "wake_at": now}, same.version)
        )
        self._context.commit(
            Unit((Update(Member, (found.space, found.name), {"active": False}, found.version), written))
        )
        return evolve(found, active=False, version=found.version + 1)

    def absences(self) -> tuple[Absence, ...]:
        """The absences that have not ended, the earliest first, also those that have not begun."""
        return tuple(sorted(unended(self._context), key=lambda absence: (absence.since, absence.member)))

    def present(self) -> tuple[Member, ...]:
        """Who is there now, by name: works, is not away, and has working hours."""
        return roster_of(self._context).present()
