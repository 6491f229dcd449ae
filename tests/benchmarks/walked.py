"""Items walked through the public API, as rows: what `seeds` copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from clientloop import Actor, ClientLoop, Role
from clientloop.model.codec import FAR
from clientloop.model.customers import Customer, Identity
from clientloop.model.feedback import Feedback, Timer, Transition
from clientloop.model.interactions import Interaction, Text
from clientloop.model.messages import OutboundMessage
from clientloop.model.record import Record, record_of
from clientloop.model.work import Task
from tests.benchmarks.words import message

#: What an item consists of; what others point to comes first.
PARTS = (Interaction, Text, Feedback, Transition, Task, Timer, OutboundMessage)

#: What is left of an item that has ended: its timers have fired, its messages have gone.
ENDED = (Interaction, Text, Feedback, Transition, Task)

_CUSTOMER = Actor(name="customer", roles=frozenset({Role.CUSTOMER}))


class Copy(NamedTuple):
    """What is different in one copy of an item."""

    #: Its ids, sixteen bytes each: its customer's, its own, those of its parts.
    ids: Sequence[bytes]
    #: Microseconds since the item was walked.
    later: int
    #: What its columns of these names hold: `NAMED`, and `SAID` in its own words.
    named: Mapping[str, Any]  # Any: database values


#: The columns that each copy names anew: its number for people, who works on it, its key on the channel, its deadline.
NAMED = ("ref", "owner", "origin", "due", "wake_at")

#: Those of an item's own words besides: what the customer said.
SAID = ("body",)


class RowTemplate:
    """One row of a walked item."""

    def __init__(self, record: Record, row: tuple[Any, ...], ids: Sequence[bytes], named: Sequence[str]) -> None:
        self.record = record
        self._row = row
        held = [
            (place, column, row[place])
            for place, column in enumerate(record.columns.values())
            if row[place] not in (None, "", FAR)
        ]
        self._named = [(place, column.name) for place, column, _ in held if column.name in named]
        self._ids = [(place, ids.index(value)) for place, column, value in held if column.codec.value_type is UUID]
        self._times = [
            place for place, column, _ in held if column.codec.value_type is datetime and column.name not in NAMED
        ]

    def copy(self, copy: Copy) -> list[Any]:
        """The row in a copy of the item."""
        ids, later, named = copy
        row = list(self._row)
        for place, number in self._ids:
            row[place] = ids[number]
        for place in self._times:
            row[place] += later
        for place, name in self._named:
            row[place] = named[name]
        return row


@dataclass(frozen=True, slots=True)
class Walked:
    """An item that was walked, ready to be copied."""

    rows: Sequence[RowTemplate]
    #: How many ids it has, its customer's among them.
    ids: int
    #: When it was received, in microseconds since 1970.
    received_at: int


@dataclass(frozen=True, slots=True)
class Known:
    """A customer with the addresses that the API gave."""

    customer: Customer
    identities: Sequence[Identity]


def known() -> Known:
    """A customer with an e-mail address and a phone number."""
    with _loop() as loop:
        customer = _customer(loop)
        return Known(customer, loop.customers.identities(customer))


def new() -> Walked:
    """A complaint that has just come; its acknowledgement waits in the outbox."""
    with _loop() as loop:
        _receive(loop, "complaint")
        return _walked(loop, PARTS)


def assigned() -> Walked:
    """A complaint that somebody works on; the acknowledgement has gone."""
    with _loop() as loop:
        loop.feedback.move(_receive(loop, "complaint"), "assign", by="desk", to="agent-7")
        return _walked(loop, (*ENDED, Timer))


def answered() -> Walked:
    """A question that was answered by phone, and closed."""
    with _loop() as loop:
        item = loop.feedback.move(
            _receive(loop, "question"), "answer", by="agent-7", text="You can, until Friday.", told="phone"
        )
        loop.feedback.move(item, "confirm", by=_CUSTOMER)
        return _walked(loop, ENDED)


def solved() -> Walked:
    """A complaint that went all its way, and was confirmed."""
    with _loop() as loop:
        item = loop.feedback.move(_receive(loop, "complaint"), "assign", by="desk", to="agent-7")
        item = loop.feedback.move(item, "start", by="agent-7")
        for task in loop.tasks.of(item):
            loop.tasks.done(task, result="sent another cup")
        item = loop.feedback.move(
            item, "resolve", by="agent-7", cause="the box was too weak", action="another cup was sent"
        )
        item = loop.feedback.move(item, "inform", by="agent-7", told="phone")
        loop.feedback.move(item, "confirm", by=_CUSTOMER)
        return _walked(loop, ENDED)


def _loop() -> ClientLoop:
    loop = ClientLoop.open("memory:", region="SI", entry_points=False)
    loop.settings.set("acknowledge", frozenset({"form"}))
    return loop


def _customer(loop: ClientLoop) -> Customer:
    words = message(0)
    return loop.customers.add(name=words.name, email=words.email, phone=words.phone)


def _receive(loop: ClientLoop, kind: str) -> Feedback:
    words = message(0)
    return loop.feedback.receive(
        kind=kind, channel="form", customer=_customer(loop), subject=words.title, text=words.text, origin="walked"
    )


def _walked(loop: ClientLoop, parts: Sequence[type]) -> Walked:
    [customer] = loop.customers.list()
    [item] = loop.feedback.list()
    found = {cls: _rows(loop, cls) for cls in parts}
    parts_with_ids = [row[1] for cls in (Interaction, Task, OutboundMessage) for row in found.get(cls, ())]
    ids = list(dict.fromkeys((customer.id.bytes, item.id.bytes, *parts_with_ids)))
    return Walked(
        rows=[
            RowTemplate(record_of(cls), row, ids, SAID if cls is Text and row[1] == item.id.bytes else NAMED)
            for cls, rows in found.items()
            for row in rows
        ],
        ids=len(ids),
        received_at=record_of(Feedback).encode_value("received_at", item.received_at),
    )


def _rows(loop: ClientLoop, cls: type[Any]) -> list[tuple[Any, ...]]:  # Any: any record, as database values
    return [record_of(cls).encode(record) for record in loop.store.pages(cls, loop.space.space)]
