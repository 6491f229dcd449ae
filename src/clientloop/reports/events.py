"""The events of a period: what happened with customers, what was done about their words, and what is planned."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any
from uuid import UUID

from attrs import frozen

from clientloop.model.feedback import Feedback, Transition
from clientloop.model.interactions import Interaction, Text
from clientloop.model.money import Money
from clientloop.model.names import all_named
from clientloop.model.planning import Appointment
from clientloop.model.where import ne
from clientloop.model.work import Role
from clientloop.reports.keys import between
from clientloop.reports.persons import Shown
from clientloop.reports.tables import Table
from clientloop.services.batches import batches, in_batches
from clientloop.services.context import Context
from clientloop.services.people.whole import ids_of

#: Who moves feedback and is no employee.
_OUTSIDE = (Role.CUSTOMER, Role.SYSTEM)


class EventSort(StrEnum):
    """What sort of event it is."""

    #: Something happened between firm and customer: a purchase, a call, a message.
    INTERACTION = "interaction"
    #: Feedback was moved in its loop.
    MOVE = "move"
    #: A contact was planned for that time.
    PLANNED = "planned"


@frozen(kw_only=True)
class EventRow:
    """One event."""

    #: When it happened, or is planned, UTC.
    at: datetime
    #: What sort of event.
    sort: EventSort
    #: What happened: the kind of the interaction, the name of the move, the way of the planned contact.
    what: str
    #: The channel; None where there is none.
    channel: str | None
    #: With whom, as the person is shown; None while nobody knows.
    customer: UUID | None
    #: What the person is called.
    name: str | None
    #: Who of the firm did it, or is to do it; None where nobody knows.
    employee: str | None
    #: The number of the feedback that it is about.
    ref: str | None
    #: Money that changed hands.
    money: Money | None
    #: What it is about: the first line of the words, where the feedback went, the title of the planned contact.
    about: str


@frozen(kw_only=True)
class EventFilter:
    """Which events of a period are meant; what is None is left open."""

    #: Of these sorts.
    sorts: Collection[EventSort | str] = tuple(EventSort)
    #: Of this kind: as `EventRow.what` has it.
    what: str | None = None
    #: On this channel.
    channel: str | None = None
    #: With this person, under whichever id.
    customer: UUID | None = None
    #: Done by this member of the firm, or for this member to do.
    employee: str | None = None


# Any: each sort of event has records of its own.
@frozen(kw_only=True)
class _Strand:
    """Records that are events."""

    #: The records' class.
    cls: type[Any]
    #: The field with their time.
    at: str
    #: Makes events of some.
    events: Callable[[Context, Sequence[Any]], Iterator[EventRow]]


def events_report(
    context: Context, *, since: datetime | None, until: datetime | None, wanted: EventFilter
) -> Table[EventRow]:
    """Make the report; the arguments are those of `Reports.events`."""
    ids = None if wanted.customer is None else frozenset(ids_of(context, wanted.customer))
    rows = [
        row
        for sort in all_named(EventSort, wanted.sorts, what="sort of event")
        for row in _events(context, _STRANDS[sort], since, until)
        if _is_wanted(row, wanted, ids)
    ]
    return Table("events", EventRow, sorted(rows, key=attrgetter("at", "sort")))


def _events(context: Context, strand: _Strand, since: datetime | None, until: datetime | None) -> Iterator[EventRow]:
    where = between(strand.at, since, until) & ne(strand.at, None)
    for some in batches(context.store.pages(strand.cls, context.space.space, where=where)):
        yield from strand.events(context, some)


def _is_wanted(row: EventRow, wanted: EventFilter, ids: frozenset[UUID] | None) -> bool:
    return (
        (wanted.what is None or row.what == wanted.what)
        and (wanted.channel is None or row.channel == wanted.channel)
        and (wanted.employee is None or row.employee == wanted.employee)
        and (ids is None or row.customer in ids)
    )


def _interactions(context: Context, some: Sequence[Interaction]) -> Iterator[EventRow]:
    shown, ids = Shown(context, [each.customer for each in some]), [each.id for each in some]
    words = {text.id: text for _, found in in_batches(context, Text, "id", ids) for text in found}
    refs = {item.id: item.ref for _, found in in_batches(context, Feedback, "id", ids) for item in found}
    for each in some:
        assert each.occurred_at is not None  # `_events` leaves the others out
        (customer, name), operator = shown.of(each.customer), each.extra.get("operator")
        yield EventRow(
            at=each.occurred_at,
            sort=EventSort.INTERACTION,
            what=each.kind.value,
            channel=each.channel,
            customer=customer,
            name=name,
            employee=operator if isinstance(operator, str) else None,
            ref=refs.get(each.id),
            money=each.money,
            about=_first_line(words.get(each.id)),
        )


def _moves(context: Context, some: Sequence[Transition]) -> Iterator[EventRow]:
    items = {
        item.id: item
        for _, found in in_batches(context, Feedback, "id", {each.item for each in some})
        for item in found
    }
    shown = Shown(context, [item.customer for item in items.values()])
    for each in some:
        item = items[each.item]
        customer, name = shown.of(item.customer)
        yield EventRow(
            at=each.at,
            sort=EventSort.MOVE,
            what=each.move,
            channel=item.channel,
            customer=customer,
            name=name,
            employee=None if each.role in _OUTSIDE else each.by,
            ref=item.ref,
            money=None,
            about=f"{each.source} -> {each.target}" if each.source else each.target,
        )


def _planned(context: Context, some: Sequence[Appointment]) -> Iterator[EventRow]:
    shown = Shown(context, [each.customer for each in some])
    for each in some:
        customer, name = shown.of(each.customer)
        yield EventRow(
            at=each.starts_at,
            sort=EventSort.PLANNED,
            what=each.way.value,
            channel=None,
            customer=customer,
            name=name,
            employee=each.owner,
            ref=None,
            money=None,
            about=each.title,
        )


#: The records of each sort of event.
_STRANDS: Mapping[EventSort, _Strand] = {
    EventSort.INTERACTION: _Strand(cls=Interaction, at="occurred_at", events=_interactions),
    EventSort.MOVE: _Strand(cls=Transition, at="at", events=_moves),
    EventSort.PLANNED: _Strand(cls=Appointment, at="starts_at", events=_planned),
}


def _first_line(words: Text | None) -> str:
    return "" if words is None else words.subject or words.body.strip().partition("\n")[0].strip()
