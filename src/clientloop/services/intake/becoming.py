"""One message, worked out: whose it is, where it belongs, and all that is to be written of it."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from attrs import evolve, frozen

from clientloop.errors import Refused
from clientloop.model.codec import Json
from clientloop.model.customers import MATCHING, Trust
from clientloop.model.facts import Fact, FactName
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Attachment, Interaction, InteractionKind, Text
from clientloop.model.process import UNSORTED
from clientloop.model.routing import Matter
from clientloop.model.staff import Member
from clientloop.model.units import Insert, Unit
from clientloop.model.work import Actor, Role
from clientloop.ports.events import MessageIn
from clientloop.rules.intake.arrival import clean, language, said_at, storable
from clientloop.rules.intake.extra import Told, read_extra
from clientloop.rules.loop.draft import Moved
from clientloop.rules.loop.receipt import Words, title_of
from clientloop.rules.loop.telling import QUIET
from clientloop.services.context import Context
from clientloop.services.intake.senders import Sender, address_of, known, known_or_new, read_sender
from clientloop.services.intake.sorting import Sorted, sort
from clientloop.services.intake.threads import Thread, remember, thread_of
from clientloop.services.loop.moving import work_out
from clientloop.services.loop.receiving import Said, receipt
from clientloop.services.outgoing.automatic import had_lately

#: How much of a message its item's owner is told at once.
TOLD_AT_ONCE = 2_000

#: The moves that words of the customer make by themselves: the first that the item's state has and that is allowed.
BY_WORDS = ("resume", "appeal", "write", "reopen")

#: The moves that a chosen answer to "is it fixed?" makes; what is typed makes none of them.
BY_CHOICE = {True: "confirm", False: "deny"}


@frozen(kw_only=True)
class Outcome:
    """What a message comes to."""

    #: The interaction that it is.
    interaction: UUID
    #: Everything to commit.
    unit: Unit
    #: The item that it began or moved, if any.
    item: Feedback | None = None
    #: That item as it was before; None for one that began.
    before: Feedback | None = None


@frozen(kw_only=True, eq=False)
class _Arrival:
    """A message with what is known of it."""

    context: Context
    channel: str
    event: MessageIn
    told: Told
    sender: Sender
    thread: Thread | None
    #: The id of the interaction that it becomes.
    number: UUID
    now: datetime

    @property
    def text(self) -> Text:
        """Its words."""
        event, space = self.event, self.context.space.space
        subject = clean(event.subject) if event.subject else None
        return Text(space=space, id=self.number, subject=subject, body=clean(event.text))

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """Its files."""
        return tuple(
            Attachment(
                space=self.context.space.space, item=self.number, number=number, name=clean(file.name),
                media_type=clean(file.media_type), content=file.content,
            )
            for number, file in enumerate(self.event.media, 1)
        )  # fmt: skip

    def interaction(self, kind: InteractionKind, customer: UUID | None, **known: Json) -> Interaction:
        """The interaction that it becomes, with all that came and what else is known of it."""
        sender, event = self.sender, self.event
        at, _ = said_at(event.at, self.now)
        address = {
            "kind": sender.kind.value,
            "value": sender.value or clean(event.sender.value),
            "name": sender.name,
            "trust": sender.trust.value,
        }
        ours = {"sender": address, "unread": dict(self.told.unread), **known}
        return Interaction(
            space=self.context.space.space, id=self.number, kind=kind, channel=self.channel, origin=event.key,
            customer=customer, occurred_at=at, recorded_at=self.now, source=storable(event.source),
            extra={**self.told.kept, **{name: value for name, value in ours.items() if value}},
        )  # fmt: skip


def work_out_message(context: Context, channel: str, event: MessageIn, *, trust: Trust) -> Outcome:
    """Work out what a message comes to, as the store is now.

    Args:
        context: The space.
        channel: Name of the channel.
        event: The message.
        trust: How far it is proved.
    """
    told = read_extra(event.extra)
    sender = known(context, read_sender(context, event.sender, trust=trust))
    thread = thread_of(context, channel, event, told, sender)
    arrival = _Arrival(
        context=context, channel=channel, event=event, told=told, sender=sender, thread=thread,
        number=context.new_id(), now=context.now(),
    )  # fmt: skip
    if event.automatic:
        return _by_a_machine(arrival)
    if thread is None:
        return _begun(arrival)
    if thread.member is not None:
        return _by_a_member(arrival, thread, thread.member)
    return _gone_on(arrival, thread) or _begun(arrival, follows=thread.item)


def _by_a_machine(arrival: _Arrival) -> Outcome:
    """Nobody's word: it is kept in its thread, and nobody is added, moved or answered for it."""
    item = None if arrival.thread is None else arrival.thread.item
    customer = _customer_in(arrival.thread) or arrival.sender.customer
    return _attached(arrival, customer, item, Unit(), automatic=True)


def _by_a_member(arrival: _Arrival, thread: Thread, address: str) -> Outcome:
    """A person of the firm has answered what the firm told that person: a note for the others."""
    context, item = arrival.context, thread.item
    members = context.store.pages(Member, item.space)
    name = next((each.name for each in members if (each.channel, each.address) == (arrival.channel, address)), None)
    note = arrival.text.body[:TOLD_AT_ONCE]
    moved = _try(arrival, item, "note", Actor.of(name), note=note) if name is not None and note.strip() else None
    return _attached(arrival, None, item, Unit() if moved is None else moved.unit)


def _gone_on(arrival: _Arrival, thread: Thread) -> Outcome | None:
    """Words within a thread; None if its item is closed and stays so."""
    item, moved = thread.item, _moved(arrival, thread)
    if moved is None and not item.is_open:
        return None
    customer, added = _customer_in(thread), Unit()
    if customer is None:
        sender = _somebody(arrival)
        customer, added = sender.customer, sender.unit
    outcome = _attached(arrival, customer, item, Unit() if moved is None else moved.unit)
    return evolve(outcome, unit=added + outcome.unit, item=moved.item if moved else None, before=item)


def _begun(arrival: _Arrival, follows: Feedback | None = None) -> Outcome:
    """The beginning of a loop."""
    context, event, told = arrival.context, arrival.event, arrival.told
    sender = _somebody(arrival)
    person = sender.person
    locale = language(event.locale) or (person.locale if person else None)
    sorted_as = _sorted(arrival, sender, locale, follows)
    fields = context.loop_of(sorted_as.kind).process.fields
    data = {name: value for name, value in told.fields.items() if name in fields}
    if event.at is not None and said_at(event.at, arrival.now)[1]:
        data["doubtful"] = {"received_at": event.at.isoformat()}
    answers_to = told.reply_to and address_of(context, sender.kind, told.reply_to)
    reply_to = answers_to or sender.value
    if any(had_lately(context, arrival.channel, address) for address in (reply_to, sender.value)):
        data[QUIET] = True
    unread = {**told.unread, **({"kind": sorted_as.unread} if sorted_as.unread else {})}
    interaction = arrival.interaction(
        InteractionKind.FEEDBACK,
        sender.customer,
        sorted=sorted_as.by,
        unread=unread,
        follows=follows and str(follows.id),
    )
    said = Said(
        kind=sorted_as.kind, words=Words(interaction=interaction, text=arrival.text, attachments=arrival.attachments),
        person=person, reply_to=reply_to, sender=sender.value, locale=locale, rating=told.rating, scale=told.scale,
        product=told.product, category=told.category, employee=told.employee,
        follows=follows.id if follows else None, data=data,
    )  # fmt: skip
    moved = receipt(context, said, Actor.of(told.operator or "intake"))
    return Outcome(
        interaction=arrival.number, unit=sender.unit + moved.unit + _names(arrival, moved.item.id), item=moved.item
    )


def _sorted(arrival: _Arrival, sender: Sender, locale: str | None, follows: Feedback | None) -> Sorted:
    """The kind of a message; of one that nothing sorts, that of the item that it follows."""
    event, told, person = arrival.event, arrival.told, sender.person
    page = event.source.get("page")
    matter = Matter(
        space=arrival.context.space.space, kind=UNSORTED, channel=arrival.channel, category=told.category,
        page=None if page is None else clean(str(page)), product=told.product,
        words=clean("\n".join(filter(None, (event.subject, event.text)))), language=locale,
        customer_class=person.customer_class if person else None, rating=told.rating, employee=told.employee,
    )  # fmt: skip
    found = sort(arrival.context, matter, told.kind)
    if found.by is None and follows is not None:
        return evolve(found, kind=follows.kind, by="thread")
    return found


def _somebody(arrival: _Arrival) -> Sender:
    """The sender with a customer: whoever is not known is added."""
    told = arrival.told
    trust = Trust.ASSERTED if told.operator else Trust.CLAIMED
    locale = language(arrival.event.locale)
    return known_or_new(arrival.context, arrival.sender, contacts=told.contacts, trust=trust, locale=locale)


def _customer_in(thread: Thread | None) -> UUID | None:
    """The item's customer, if the sender is certainly that one: has got our message, and answers from there."""
    return thread.item.customer if thread is not None and thread.speaks and thread.certain else None


def _moved(arrival: _Arrival, thread: Thread) -> Moved | None:
    """The first move that the item's state has for such words, and that is allowed."""
    actor = Actor(name=arrival.told.operator or Actor.customer().name, roles=frozenset({Role.CUSTOMER}))
    words = arrival.text
    text = (words.body.strip() or title_of(words))[:TOLD_AT_ONCE]
    tried = (
        _try(arrival, thread.item, name, actor, interaction=str(arrival.number), text=text)
        for name in _moves(arrival, thread)
    )
    return next((moved for moved in tried if moved is not None), None)


def _moves(arrival: _Arrival, thread: Thread) -> Iterator[str]:
    fixed, trust = arrival.told.fixed, arrival.sender.trust
    if fixed is not None and thread.speaks and trust in MATCHING | {Trust.ASSERTED}:
        yield BY_CHOICE[fixed]
    yield from BY_WORDS


def _try(arrival: _Arrival, item: Feedback, name: str, actor: Actor, **given: Json) -> Moved | None:
    try:
        return work_out(arrival.context, item, name, actor, given)
    except Refused:
        return None


def _attached(
    arrival: _Arrival, customer: UUID | None, item: Feedback | None, moved: Unit, *, automatic: bool = False
) -> Outcome:
    """The message as an interaction of an item, if that is known."""
    interaction = arrival.interaction(
        InteractionKind.MESSAGE_IN, customer, item=item and str(item.id), automatic=automatic
    )
    fact = Fact(
        FactName.INTERACTION_RECORDED, interaction.space, interaction.id, arrival.now,
        {"kind": interaction.kind.value},
    )  # fmt: skip
    written = (Insert(interaction), Insert(arrival.text), *map(Insert, arrival.attachments))
    names = Unit() if item is None else _names(arrival, item.id)
    return Outcome(interaction=arrival.number, unit=Unit(written, (fact,)) + moved + names)


def _names(arrival: _Arrival, item: UUID) -> Unit:
    changes = remember(arrival.context, arrival.channel, arrival.event, arrival.told, item=item, message=arrival.number)
    return Unit(tuple(changes))
