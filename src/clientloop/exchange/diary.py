"""What calendars say, written as planned contacts: known by their UIDs, and recorded once they were made."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import define, evolve, field

from clientloop.errors import Conflict, InvalidValue
from clientloop.exchange.events import Happening
from clientloop.model.customers import MATCHING, Identity, IdentityKind
from clientloop.model.facts import Fact
from clientloop.model.planning import Appointment, AppointmentState, Way
from clientloop.model.staff import Member
from clientloop.model.units import Change, Insert, Unit, Update
from clientloop.model.where import eq
from clientloop.rules.people.contacts import normal
from clientloop.services.batches import in_batches
from clientloop.services.bulk.entries import Count
from clientloop.services.context import Context
from clientloop.services.people.whole import ids_of
from clientloop.services.planning.recording import recorded


@define
class _Chunk:
    """What entries come to before they are written."""

    known: dict[str, Appointment]
    changes: list[Change] = field(factory=list)
    facts: list[Fact] = field(factory=list)
    counts: Counter[Count] = field(factory=Counter)


class Diary:
    """Writes what calendars say.

    Args:
        context: The space.
        owner: Who of the firm makes the contacts, where an entry does not say so.
        dry_run: Whether to count only and write nothing.
    """

    def __init__(self, context: Context, *, owner: str | None, dry_run: bool) -> None:
        """Write nothing yet."""
        self._context = context
        self._owner = owner
        self._dry_run = dry_run
        self._rehearsed: dict[str, Appointment] = {}
        self._members = {member.name for member in context.store.pages(Member, context.space.space)}

    def write(self, happenings: Sequence[Happening]) -> Counter[Count]:
        """Write a chunk in one commit; one by one where somebody else writes the same."""
        try:
            return self._try(happenings)
        except Conflict:
            return sum((self._try([one]) for one in happenings), Counter[Count]())

    def _try(self, happenings: Sequence[Happening]) -> Counter[Count]:
        chunk = _Chunk(known=self._known([one.uid for one in happenings]))
        customers = self._customers(happenings)
        for happening in happenings:
            self._take(happening, customers, chunk)
        if self._dry_run:
            self._rehearsed |= chunk.known
        elif chunk.changes:
            self._context.commit(Unit(tuple(chunk.changes), tuple(chunk.facts)))
        return chunk.counts

    def _known(self, uids: Sequence[str]) -> dict[str, Appointment]:
        pages = in_batches(self._context, Appointment, "uid", uids, order="by_uid")
        return {found.uid: found for _, page in pages for found in page} | self._rehearsed

    def _take(self, said: Happening, customers: Mapping[str, UUID], chunk: _Chunk) -> None:
        customer = _only({customers[one] for one in said.attendees if one in customers})
        before = chunk.known.get(said.uid)
        if before is None:
            after = self._new(said, customer)
            chunk.changes.append(Insert(after))
            chunk.counts[Count.ADDED] += 1
        else:
            changes = self._changes(before, said, customer)
            after = evolve(before, **changes, version=before.version + 1) if changes else before
            chunk.counts[Count.DUPLICATES] += 1
            if changes:
                key = (before.space, before.id)
                chunk.changes.append(Update(Appointment, key, changes, before.version))
                chunk.counts[Count.UPDATED] += 1
        chunk.known[said.uid] = after
        if after.state is AppointmentState.MADE and (before is None or before.state is not AppointmentState.MADE):
            unit = recorded(self._context, after)
            chunk.changes += unit.changes
            chunk.facts += unit.facts

    def _new(self, said: Happening, customer: UUID | None) -> Appointment:
        context = self._context
        return Appointment(
            space=context.space.space,
            id=context.new_id(),
            uid=said.uid,
            customer=customer,
            owner=self._owner_of(said),
            created_at=context.now(),
            **self._said(said),
        )

    def _owner_of(self, said: Happening) -> str | None:
        """Who makes a contact: as the entry says, if that is somebody of the firm; without members, any name may."""
        is_known = said.owner is not None and (not self._members or said.owner in self._members)
        return said.owner if is_known else self._owner

    def _changes(self, before: Appointment, said: Happening, customer: UUID | None) -> dict[str, Any]:
        """What an entry changes; a contact that was made is as the firm says. Any: each field has a type of its own."""
        if said.sequence < before.sequence or before.state is AppointmentState.MADE:
            return {}
        new = self._said(said)
        if said.way is None:
            del new["way"]
        if customer is not None and before.customer is None:
            new["customer"] = customer
        if said.state is before.state:
            del new["done_at"]
        return {name: value for name, value in new.items() if value != _as_written(getattr(before, name))}

    def _said(self, said: Happening) -> dict[str, Any]:  # Any: as above
        """The fields of a contact that an entry tells of."""
        now, is_open = self._context.now(), said.state is AppointmentState.PLANNED
        ended = min(said.starts_at, now) if said.state is AppointmentState.MADE else now
        way = said.way or (Way.MESSAGE if said.is_todo else Way.MEETING)
        return {
            "title": said.title or way.value,
            "note": said.note,
            "place": said.place,
            "starts_at": said.starts_at,
            "ends_at": said.ends_at,
            "precision": said.precision,
            "way": way,
            "state": said.state,
            "is_open": is_open,
            "done_at": None if is_open else said.done_at or ended,
            "sequence": said.sequence,
        }

    def _customers(self, happenings: Iterable[Happening]) -> Mapping[str, UUID]:
        """The customers who have proved addresses of those who take part, by address as it is written."""
        written = dict.fromkeys(address for one in happenings for address in one.attendees)
        values = {address: value for address in written if (value := _email(address)) is not None}
        holders: dict[str, set[UUID]] = {}
        where = eq("kind", IdentityKind.EMAIL)
        pages = in_batches(self._context, Identity, "value", dict.fromkeys(values.values()), where=where, limit=500)
        for _, page in pages:
            for identity in page:
                if identity.trust in MATCHING:
                    holders.setdefault(identity.value, set()).add(ids_of(self._context, identity.customer)[0])
        found = {address: _only(holders.get(value, set())) for address, value in values.items()}
        return {address: customer for address, customer in found.items() if customer is not None}


def _as_written(value: object) -> object:
    """A value as a calendar tells it: times in whole seconds (RFC 5545, section 3.3.5)."""
    return value.replace(microsecond=0) if isinstance(value, datetime) else value


def _only(customers: set[UUID]) -> UUID | None:
    """The one customer there is; None if there are several, as nobody should guess."""
    return next(iter(customers)) if len(customers) == 1 else None


def _email(text: str) -> str | None:
    try:
        return normal(IdentityKind.EMAIL, text, None)
    except InvalidValue:
        return None
