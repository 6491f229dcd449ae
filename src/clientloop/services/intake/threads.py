"""Which item a message belongs to: by the messages that it answers, or by the number of the item."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from uuid import UUID

from attrs import frozen

from clientloop.model.customers import MATCHING, Purpose, Trust
from clientloop.model.feedback import Feedback, Outcome
from clientloop.model.messages import Delivery, OutboundMessage
from clientloop.model.refs import read_ref
from clientloop.model.threads import ThreadName
from clientloop.model.units import Change, Insert, Update
from clientloop.model.where import eq, one_of
from clientloop.model.work import Role
from clientloop.ports.events import MessageIn
from clientloop.rules.intake.extra import Told
from clientloop.rules.intake.threads import named, own_ids, refs_in
from clientloop.services.context import Context
from clientloop.services.intake.senders import Sender, address_of
from clientloop.services.people.whole import ids_of, rows_of


@frozen(kw_only=True)
class Thread:
    """The item that a message belongs to, and how that is known."""

    #: The item.
    item: Feedback
    #: The member's address that our message went to, if it was one to a member: then no customer answers it.
    member: str | None = None
    #: Whether the sender is the item's customer, or has the address that answers go to.
    speaks: bool = False
    #: Whether the message answers one of ours, whose id only who has got it knows.
    certain: bool = False


def _own_name(event: MessageIn, told: Told) -> str | None:
    """What answers to a message call it: the sender's own name for it, or else its key."""
    return next(iter(named([told.message_id, event.key])), None)


def thread_of(context: Context, channel: str, event: MessageIn, told: Told, sender: Sender) -> Thread | None:
    """The item that a message belongs to; None for the beginning of a matter.

    Whoever knows the id of a message has got it, or was told by somebody who has. The number of an item is less of a
    secret: it counts only from the item's customer or address. What an operator or a system of the firm says about the
    item is taken at its word.

    Args:
        context: The space.
        channel: Name of the channel.
        event: The message.
        told: What it brings besides its words.
        sender: Who wrote it, with the customer if there is one.
    """
    for name in named([event.in_reply_to, *reversed(told.references)]):
        found = _theirs(context, channel, name, sender) or _answered(context, channel, name, sender)
        if found is not None:
            return found
    awaited = _name(context, channel, _own_name(event, told))
    if awaited is not None and awaited.message is None and (begun := _item(context, awaited.item)) is not None:
        return Thread(item=begun, speaks=_speaks(context, begun, sender))
    return _numbered(context, event, told, sender) or _asked(context, channel, event, told, sender)


def remember(
    context: Context, channel: str, event: MessageIn, told: Told, *, item: UUID, message: UUID
) -> Iterator[Change]:
    """What is written so that answers find the item: the message's own name, and those before it that never came.

    Args:
        context: The space.
        channel: Name of the channel.
        event: The message.
        told: What it brings besides its words.
        item: The item that it belongs to.
        message: The interaction that it is.
    """
    space, own = context.space.space, _own_name(event, told)
    known = _name(context, channel, own)
    if own is not None and known is None:
        yield Insert(ThreadName(space=space, channel=channel, name=own, item=item, message=message))
    elif known is not None and known.message is None:
        yield Update(ThreadName, (space, channel, known.name), {"message": message}, known.version)
    # the first of all and the last: one of them is known to every message of a thread
    for name in named([*told.references[:1], event.in_reply_to]):
        if name != own and _name(context, channel, name) is None and next(ours(context, channel, name), None) is None:
            yield Insert(ThreadName(space=space, channel=channel, name=name, item=item))


def _theirs(context: Context, channel: str, name: str, sender: Sender) -> Thread | None:
    """The item of a message that a customer wrote, or that was answered before it came."""
    known = _name(context, channel, name)
    item = None if known is None else _item(context, known.item)
    return None if item is None else Thread(item=item, speaks=_speaks(context, item, sender))


def _answered(context: Context, channel: str, name: str, sender: Sender) -> Thread | None:
    """The item that a message of ours is about, to a customer or a member."""
    sent = next(ours(context, channel, name), None)
    item = None if sent is None or sent.item is None else _item(context, sent.item)
    if sent is None or item is None:
        return None
    if sent.purpose is Purpose.INTERNAL:
        return Thread(item=item, member=sent.to)
    return Thread(item=item, speaks=_speaks(context, item, sender), certain=True)


def ours(context: Context, channel: str, name: str) -> Iterator[Delivery | OutboundMessage]:
    """Messages of ours that are called so: by the channel's id, or by our own within it.

    Args:
        context: The space.
        channel: Name of the channel.
        name: As `rules.intake.threads.named` gives it.
    """
    store, space = context.store, context.space.space
    where = eq("channel", channel) & one_of("provider_id", [name, f"<{name}>"])
    yield from store.page(Delivery, space, where=where, order="by_provider", limit=1)
    for number in own_ids(name):
        key = (space, number)
        # an answer may be here before it is noted that the channel took the message
        found = store.get(Delivery, key) or store.get(OutboundMessage, key)
        if found is not None:
            yield found


def _name(context: Context, channel: str, name: str | None) -> ThreadName | None:
    return None if name is None else context.store.get(ThreadName, (context.space.space, channel, name))


def _item(context: Context, item: UUID) -> Feedback | None:
    """An item; of one that was joined to another, that one, which goes on for both."""
    found = context.store.get(Feedback, (context.space.space, item))
    if found is None or found.outcome is not Outcome.DUPLICATE or found.original is None:
        return found
    return _item(context, found.original)  # an item is joined only to one that is open: there is no circle


def _speaks(context: Context, item: Feedback, sender: Sender) -> bool:
    """Whether the sender is the item's customer, or has the address that answers go to."""
    if sender.value is None:
        return False
    if item.reply_to is not None and address_of(context, sender.kind, item.reply_to) == sender.value:
        return True
    return item.customer is not None and sender.customer in ids_of(context, item.customer)


def _numbered(context: Context, event: MessageIn, told: Told, sender: Sender) -> Thread | None:
    """The item whose number a message names."""
    if told.item is not None:
        item = _called(context, told.item)
        speaks = item is not None and _speaks(context, item, sender)
        if item is not None and (speaks or sender.trust in _ANSWERED_FOR):
            return Thread(item=item, speaks=True)
    text = event.text if event.subject is None else event.subject
    for item in filter(None, (_by_ref(context, ref) for ref in refs_in(text))):
        if _speaks(context, item, sender):
            return Thread(item=item, speaks=True)
    return None


def _asked(context: Context, channel: str, event: MessageIn, told: Told, sender: Sender) -> Thread | None:
    """The one item that waits for the customer's word, on a channel whose messages name nothing, such as SMS."""
    names_something = event.in_reply_to or event.subject is not None or told.kind or told.item or told.references
    if names_something or sender.customer is None or not sender.proved:
        return None
    where = eq("is_open", True) & eq("channel", channel) & eq("reply_to", sender.value)
    open_ = rows_of(context, Feedback, ids_of(context, sender.customer), where=where, order="of_customer", size=20)
    waiting = list(islice((item for item in open_ if _waits(context, item)), 2))
    return Thread(item=waiting[0], speaks=True) if len(waiting) == 1 else None


def _waits(context: Context, item: Feedback) -> bool:
    """Whether the state of an item has a move of the customer's besides saying more."""
    rows = context.loop_of(item.kind, item.process).rows
    theirs = {name for (state, name), row in rows.items() if state == item.state and Role.CUSTOMER in row.who}
    return bool(theirs - _FOR_ALL)


#: Moves that a customer, or anybody, may make whatever the item waits for.
_FOR_ALL = {"write", "escalate"}

#: Trusts of messages for which somebody of the firm, or a system of it, answers.
_ANSWERED_FOR = MATCHING | {Trust.ASSERTED}


def _called(context: Context, name: str) -> Feedback | None:
    """The item with this id, or this number as a person wrote it."""
    try:
        return _item(context, UUID(name))
    except ValueError:
        return _by_ref(context, read_ref(name))


def _by_ref(context: Context, ref: str) -> Feedback | None:
    found: Sequence[Feedback] = context.store.page(
        Feedback, context.space.space, where=eq("ref", ref), order="by_ref", limit=1
    ).items
    return _item(context, found[0].id) if found else None


def last_heard(context: Context, item: UUID, channel: str) -> str | None:
    """What the channel calls the last message of the customer on an item, for an answer to name it; None if nothing.

    Args:
        context: The space.
        item: The item.
        channel: Name of the channel that the answer goes by.
    """
    where = eq("item", item) & eq("channel", channel)
    came: Iterable[ThreadName] = context.store.pages(ThreadName, context.space.space, where=where, order="of_item")
    ids = {name.message: name.name for name in came if name.message is not None}
    return ids[max(ids)] if ids else None  # later messages have later ids
