"""Import of feedback."""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

from attrs import frozen

from clientloop.errors import InvalidValue
from clientloop.exchange.fields import Fields
from clientloop.exchange.mapping import FeedbackMapping
from clientloop.exchange.report import ImportReport, Progress
from clientloop.exchange.run import RowKeys, Source, run
from clientloop.exchange.table import Row
from clientloop.exchange.values import person_of, person_readers, scale_named, times, whole_number
from clientloop.model.codec import Json
from clientloop.model.customers import Customer
from clientloop.model.feedback import Priority
from clientloop.model.interactions import Interaction, InteractionKind, Precision, Text
from clientloop.model.names import named
from clientloop.model.process import NEW
from clientloop.model.scales import Scale
from clientloop.rules.loop.case import Loop
from clientloop.rules.loop.imported import TIMES, Arrivals, Stated, arrival_state, doubtful
from clientloop.rules.loop.receipt import Words, channel_name, priority_of, title_of
from clientloop.services.bulk.entries import Chunk, Count, Entry, Key
from clientloop.services.context import Context
from clientloop.services.people.customers import Customers

#: The fields of an item that are taken as they are.
_PLAIN = ("product", "category", "employee", "cause", "action")


def import_feedback(
    context: Context,
    source: Source,
    mapping: FeedbackMapping,
    *,
    rejects: str | os.PathLike[str] | None = None,
    dry_run: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> ImportReport:
    """Import a file of feedback: tickets, complaints, answers to a survey.

    Open items take their standard route from here on, from the state that the mapping says; nobody is told that they
    have come. Items that were closed elsewhere become `closed_before_import`, outside all rates of the loop. Times that
    cannot be are flagged and not measured.

    Args:
        context: The space.
        source: A path, `.gz` for a packed file, `.xlsx` for a workbook; or an open text file.
        mapping: What its columns hold.
        rejects: Where bad rows go, to be mended and imported again; None counts them only.
        dry_run: Whether to count only and write nothing.
        progress: Is told how far the import is, once a chunk.

    Raises:
        NotFound: There is no such file.
        InvalidValue: The mapping does not fit the file or the space; nothing was written then.
    """
    reader = partial(_FeedbackReader, context, mapping)
    return run(
        context, source, mapping, what="feedback", reader=reader, rejects=rejects, dry_run=dry_run, progress=progress
    )


class _FeedbackReader:
    """Makes entries of the rows of a file of feedback."""

    def __init__(self, context: Context, mapping: FeedbackMapping, header: Sequence[str], keys: RowKeys) -> None:
        self._desk = _Desk(context)
        self._keys = keys
        self._scale = mapping.scale
        self._arrival_state = lru_cache()(arrival_state)
        region = mapping.region or context.settings.region
        time = times(mapping.dates, mapping.zone or context.space.zone)
        readers = person_readers(source=mapping.source, region=region, trust=mapping.trust)
        readers |= {"kind": context.loop_of, "channel": channel_name, "priority": _priority}
        readers |= dict.fromkeys(TIMES, time)
        readers |= {"rating": whole_number, "scale": scale_named}
        self._fields = Fields(mapping, header, readers)

    def __call__(self, row: Row) -> Entry:
        values = self._fields.read(row.cells)
        if "text" not in values and "subject" not in values:
            raise InvalidValue("feedback without words", hint="for bare ratings, give `default` a text")
        loop, state = values["kind"], self._state(values)
        stated = {field: values[field] for field in TIMES if field in values}
        person = person_of(values)
        rating, scale = self._rated(values)
        return _Ticket(
            person=person if person.addresses else None,
            key=self._keys.of(row, values, channel=values["channel"]),
            desk=self._desk,
            loop=loop,
            state=state,
            stated=stated,
            doubts=doubtful(stated, loop=loop, state=state, now=self._desk.now),
            priority=values.get("priority"),
            subject=values.get("subject"),
            body=values.get("text", ""),
            fields={field: values[field] for field in _PLAIN if field in values},
            rating=rating,
            scale=scale,
            status=self._fields.text(row.cells, "state"),
            extra={**self._fields.kept(row.cells), **person.unplaced},
        )

    def _rated(self, values: Mapping[str, Any]) -> tuple[int | None, str | None]:  # Any: each field has its own type
        """The rating and its scale."""
        rating, scale = values.get("rating"), values.get("scale")
        if rating is None:
            return None, scale
        try:
            scale = scale or self._scale
            if scale is None:
                raise InvalidValue("a rating on no scale", hint="scales are never guessed")
            return Scale.parse(scale).check(rating), scale
        except InvalidValue as error:
            raise self._fields.bad("rating", error) from error

    def _state(self, values: Mapping[str, Any]) -> str:  # Any: each field has a type of its own
        try:
            return self._arrival_state(values["kind"], values.get("state", NEW))
        except InvalidValue as error:
            raise self._fields.bad("state", error) from error


class _Desk:
    """What all items of one import share."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.space = context.space.space
        self.now = context.now()
        self.arrivals = Arrivals(context.kit, self.now)
        self.customers = Customers(context)


@frozen(kw_only=True)
class _Ticket(Entry):
    """A row of a file of feedback, as values."""

    key: Key
    desk: _Desk
    loop: Loop
    state: str
    #: The times that the source gives, and those of them that cannot be.
    stated: Mapping[str, Stated]
    doubts: frozenset[str]
    priority: Priority | None
    subject: str | None
    body: str
    #: Fields of the item that are taken as they are.
    fields: Mapping[str, Any]  # Any: each has a type of its own
    rating: int | None
    scale: str | None
    #: What the source calls the state.
    status: str
    extra: Mapping[str, Json]

    def write(self, chunk: Chunk, customer: Customer | None, origin: str) -> None:
        desk, channel = self.desk, self.key.channel
        number = desk.context.new_id()
        received = None if "received_at" in self.doubts else self.stated.get("received_at")
        interaction = Interaction(
            space=desk.space,
            id=number,
            kind=InteractionKind.FEEDBACK,
            channel=channel,
            origin=origin,
            customer=customer.id if customer else None,
            occurred_at=received.at if received else None,
            precision=received.precision if received else Precision.UNKNOWN,
            recorded_at=desk.now,
            source=self.key.source,
            extra=self.extra,
        )
        text = Text(space=desk.space, id=number, subject=self.subject, body=self.body)
        customer_class = customer.customer_class if customer else None
        item = {
            "space": desk.space,
            "id": number,
            "ref": desk.context.kit.new_ref(),
            "priority": priority_of(self.priority, customer_class, desk.context.settings),
            "customer": interaction.customer,
            "customer_class": customer_class,
            "channel": channel,
            "reply_to": None if customer is None else self._reply_to(customer, chunk),
            "locale": customer.locale if customer else None,
            "title": title_of(text),
            "rating": self.rating,
            "scale": self.scale,
            "data": {"status": self.status} if self.status else {},
            **self.fields,
        }
        unit = desk.arrivals.arrive(
            self.loop, item, Words(interaction=interaction, text=text),
            state=self.state, times=self.stated, doubts=self.doubts,
        ).unit  # fmt: skip
        chunk.changes += unit.changes
        chunk.facts += unit.facts
        chunk.counts[Count.DOUBTFUL] += bool(self.doubts)
        chunk.counts[Count.RECEIVED_UNKNOWN] += received is None

    def _reply_to(self, customer: Customer, chunk: Chunk) -> str | None:
        """The address on the channel that answers go to: the row's own, or one that is known of the customer."""
        sort = self.desk.context.plugins.address_kind(self.key.channel)
        for address in self.person.addresses if self.person else ():
            if address.kind is sort:
                return address.value
        return None if customer.id in chunk.added else self.desk.customers.address(customer, self.key.channel)


def _priority(name: str) -> Priority:
    return named(Priority, name, what="priority")
