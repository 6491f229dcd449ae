"""Planned contacts: made, moved, called off, and seen by whoever makes them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, TypedDict, Unpack
from uuid import UUID

from attrs import evolve

from clientloop.errors import InvalidValue, NotFound, Refused, UnknownName, check_type
from clientloop.model.customers import Customer
from clientloop.model.deals import Deal
from clientloop.model.interactions import Precision
from clientloop.model.names import named
from clientloop.model.page import Page
from clientloop.model.planning import Appointment, AppointmentState, Way
from clientloop.model.units import Insert, Unit, Update
from clientloop.model.where import ALL, eq, lt
from clientloop.model.zones import zone_named
from clientloop.services.ids import id_of
from clientloop.services.loop.lookups import member_named
from clientloop.services.people.whole import rows_of
from clientloop.services.planning.letters import Letters
from clientloop.services.planning.recording import NOTHING, recorded


class AppointmentChanges(TypedDict, total=False):
    """What of a planned contact can be changed besides its time; what is not given stays."""

    #: With whom.
    customer: Customer | UUID | str | None
    #: The deal that it is about.
    deal: Deal | UUID | str | None
    #: Who of the firm makes it.
    owner: str | None
    #: How.
    way: Way | str
    #: What it is about, in one line.
    title: str
    #: What else is worth knowing.
    note: str
    #: Where.
    place: str


class Appointments(Letters):
    """`loop.appointments`: planned contacts with customers.

    >>> from datetime import timedelta
    >>> from clientloop import ClientLoop
    >>> with ClientLoop.open("memory:", entry_points=False) as loop:
    ...     eva = loop.customers.add(name="Eva", email="eva@example.com")
    ...     soon = loop.clock.now() + timedelta(days=1)
    ...     call = loop.appointments.plan("Offer", customer=eva, starts_at=soon, way=Way.CALL, owner="mia")
    ...     [planned.title for planned in loop.appointments.agenda(owner="mia")]
    ...     loop.appointments.done(call, text="She wants two").state.value
    ['Offer']
    'made'
    """

    def plan(
        self,
        title: str,
        *,
        starts_at: datetime | date,
        ends_at: datetime | None = None,
        customer: Customer | UUID | str | None = None,
        deal: Deal | UUID | str | None = None,
        owner: str | None = None,
        way: Way | str = Way.OTHER,
        note: str = "",
        place: str = "",
    ) -> Appointment:
        """Plan a contact.

        Args:
            title: What it is about, in one line.
            starts_at: When it begins, aware; a date where the day alone is known.
            ends_at: When it ends, aware.
            customer: With whom.
            deal: The deal that it is about.
            owner: Who of the firm makes it.
            way: How.
            note: What else is worth knowing.
            place: Where.

        Raises:
            InvalidValue: The title is empty, a time names no zone, or it ends before it begins.
            NotFound: There is no such customer or deal.
            UnknownName: There is no such way, or there are members, and the owner is none.
        """
        context, number = self._context, self._context.new_id()
        begins, precision = self._begins(starts_at)
        appointment = Appointment(
            space=context.space.space, id=number, uid=str(number), starts_at=begins,
            ends_at=ends_at, precision=precision, created_at=context.now(), note=note, place=place,
            **self._read({"title": title, "customer": customer, "deal": deal, "owner": owner, "way": way}),
        )  # fmt: skip
        context.commit(Unit((Insert(_checked(appointment)),)))
        return appointment

    def move(
        self,
        appointment: Appointment | UUID | str,
        *,
        starts_at: datetime | date,
        ends_at: datetime | None = None,
    ) -> Appointment:
        """Move an open appointment to another time; where no end is given, it lasts as long as before.

        Args:
            appointment: Which; one that somebody else has changed since is refused.
            starts_at: As of `plan`.
            ends_at: As of `plan`.

        Raises:
            NotFound: There is no such appointment.
            InvalidValue: A time names no zone, or it ends before it begins.
            Refused: It was made or called off already.
            Conflict: Somebody else changed it first.
        """
        found = self._open(appointment)
        begins, precision = self._begins(starts_at)
        if ends_at is None and found.ends_at is not None and precision is found.precision:
            ends_at = begins + (found.ends_at - found.starts_at)
        return self._change(found, starts_at=begins, ends_at=ends_at, precision=precision)

    def change(self, appointment: Appointment | UUID | str, **changes: Unpack[AppointmentChanges]) -> Appointment:
        """Change what is known of an open appointment besides its time.

        Args:
            appointment: Which; one that somebody else has changed since is refused.
            changes: New values of the fields of `AppointmentChanges`.

        Raises:
            NotFound: There is no such appointment, customer or deal.
            UnknownName: There is no such field or way, or there are members, and the owner is none.
            InvalidValue: The title is empty.
            Refused: It was made or called off already.
            Conflict: Somebody else changed it first.
        """
        known = AppointmentChanges.__annotations__
        for name in changes.keys() - known.keys():
            raise UnknownName.among(name, known, what="field of an appointment that can be changed")
        return self._change(self._open(appointment), **self._read({**changes}))

    def done(
        self,
        appointment: Appointment | UUID | str,
        *,
        text: str = "",
        channel: str | None = None,
        at: datetime | date | None = None,
    ) -> Appointment:
        """Say that a contact was made; a call, meeting or visit becomes an interaction of its customer.

        Args:
            appointment: Which.
            text: What was said.
            channel: The channel of the interaction; "phone" for a call if not given, else the way's own name.
            at: When it was made, aware; a date where the day alone is known. If not given, when it was planned for, or
                the present where that is still to come.

        Raises:
            NotFound: There is no such appointment.
            InvalidValue: The time names no zone, or is still to come.
            Refused: It was made or called off already.
            Conflict: Somebody else changed it first.
        """
        found, now = self._open(appointment), self._context.now()
        when, precision = (min(found.starts_at, now), None) if at is None else self._begins(at)
        if _aware(when) > now:
            raise InvalidValue(f"a contact that was made at {when}", hint="say so when it was made, or move it")
        made = self._ended(AppointmentState.MADE, when)
        besides = recorded(self._context, evolve(found, **made), precision=precision, text=text, channel=channel)
        return self._change(found, besides, **made)

    def call_off(self, appointment: Appointment | UUID | str) -> Appointment:
        """Say that a contact will not be made; calendars hear that it is cancelled.

        Raises:
            NotFound: There is no such appointment.
            Refused: It was made or called off already.
            Conflict: Somebody else changed it first.
        """
        return self._change(self._open(appointment), **self._ended(AppointmentState.CALLED_OFF, self._context.now()))

    def of(self, customer: Customer | UUID | str) -> tuple[Appointment, ...]:
        """All appointments with a customer, under whichever id, the earliest first, also past ones.

        Raises:
            NotFound: There is no such customer.
        """
        found = rows_of(self._context, Appointment, self._customers.get(customer).ids, order="of_customer")
        return tuple(sorted(found, key=lambda each: (each.starts_at, each.id)))

    def agenda(
        self, *, owner: str | None = None, until: datetime | None = None, after: str | None = None, limit: int = 50
    ) -> Page[Appointment]:
        """A page of the open appointments by owner and time; what is late comes first.

        Args:
            owner: Whose; everybody's if not given.
            until: Only those that begin before this time, aware.
            after: The `next` of the page before.
            limit: How many at most.
        """
        wanted = eq("is_open", True) & (ALL if owner is None else eq("owner", owner))
        wanted &= ALL if until is None else lt("starts_at", until)
        return self._context.store.page(
            Appointment, self._context.space.space, where=wanted, order="agenda", after=after, limit=limit
        )

    def _open(self, appointment: Appointment | UUID | str) -> Appointment:
        found = self._loaded(appointment)
        if not found.is_open:
            raise Refused(f"appointment {found.id} is {found.state.value.replace('_', ' ')}", hint="plan another one")
        return found

    def _loaded(self, appointment: Appointment | UUID | str) -> Appointment:
        """The planned contact: one that is given is taken as it is, so that its version guards what is made of it."""
        return self._context.own(appointment) if isinstance(appointment, Appointment) else self.get(appointment)

    # Any: each field has a type of its own
    def _change(self, found: Appointment, besides: Unit = NOTHING, **changes: Any) -> Appointment:
        """Write changes, which calendars count, with what else belongs to them."""
        new = {**changes, "sequence": found.sequence + 1}
        after = _checked(evolve(found, **new, version=found.version + 1))
        update = Update(Appointment, (found.space, found.id), new, found.version)
        self._context.commit(Unit((update,)) + besides)
        return after

    def _ended(self, state: AppointmentState, at: datetime) -> dict[str, Any]:  # Any: as above
        return {"is_open": False, "state": state, "done_at": at}

    def _begins(self, at: datetime | date) -> tuple[datetime, Precision]:
        check_type(at, date, hint="give a date or an aware datetime")
        if isinstance(at, datetime):
            return at, Precision.EXACT
        midnight = datetime(at.year, at.month, at.day, tzinfo=zone_named(self._context.space.zone))
        return midnight.astimezone(UTC), Precision.DAY

    # Any: as above
    def _read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What was given, with those whom it names looked up."""
        new = dict(given)
        if "title" in new:
            new["title"] = _title(new["title"])
        if new.get("customer") is not None:
            self._customers.get(new["customer"])
            new["customer"] = id_of(new["customer"])
        if new.get("deal") is not None:
            new["deal"] = id_of(new["deal"])
            if self._context.store.get(Deal, (self._context.space.space, new["deal"])) is None:
                raise NotFound(f"no deal {new['deal']}", hint="deals.agenda() lists the open ones")
        if new.get("owner") is not None:
            member_named(self._context, new["owner"])
        if "way" in new:
            new["way"] = named(Way, new["way"], what="way")
        return new


def _title(text: str) -> str:
    check_type(text, str, hint="say in one line what it is about")
    if not text.strip():
        raise InvalidValue("an appointment without a title", hint="say what it is about")
    return text.strip()


def _checked(appointment: Appointment) -> Appointment:
    _aware(appointment.starts_at)
    if appointment.ends_at is not None and _aware(appointment.ends_at) < appointment.starts_at:
        raise InvalidValue("an appointment that ends before it begins", hint="give the end that is meant")
    return appointment


def _aware(at: datetime) -> datetime:
    check_type(at, datetime, hint="give an aware datetime")
    if at.tzinfo is None:
        raise InvalidValue(f"{at!r} names no zone", hint="give an aware datetime, or a date")
    return at
