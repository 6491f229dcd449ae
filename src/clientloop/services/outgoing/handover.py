"""One message on its way to its channel: marked, handed over, and what the channel said written down."""

from datetime import timedelta

from clientloop.errors import ClientLoopError, Conflict, PluginError
from clientloop.model.messages import DeliveryReport, Failure, MessageState, OutboundMessage, Receipt
from clientloop.model.units import Unit
from clientloop.model.where import eq
from clientloop.plugins.loading import harmless
from clientloop.plugins.spec import Sort
from clientloop.ports.channel import Channel
from clientloop.ports.effects import Effect, Result, drive
from clientloop.rules.outgoing.pacing import Wait
from clientloop.rules.outgoing.sending import accepted, failed, is_final, sending
from clientloop.services.context import Context
from clientloop.services.outgoing.automatic import handed_over, too_late
from clientloop.services.outgoing.deliveries import join
from clientloop.services.outgoing.earlier import answered_words
from clientloop.services.outgoing.meaning import if_not_told, if_told
from clientloop.services.outgoing.permission import permit
from clientloop.services.outgoing.suppression import if_refused

#: How long a worker has for the messages that it claimed, and anew for each one when it is handed over.
LEASE = timedelta(seconds=120)

#: How often what somebody else has changed meanwhile is worked out anew.
_TRIES = 10


def mark(context: Context, message: OutboundMessage) -> OutboundMessage | Receipt | Wait:
    """Ask whether a claimed message may be sent, and mark it as handed over in the same unit.

    Args:
        context: The space.
        message: As it was claimed.

    Returns:
        The message as it is then; a receipt, if it must not be sent; how long it has to wait, if that.

    Raises:
        Conflict: Another worker has the message.
    """
    answers = answered_words(context, message)
    for attempt in range(_TRIES):
        now = context.now()
        permission = permit(context, message, now)
        refusal = permission.refusal or too_late(context, message)
        if refusal is not None:
            return refusal
        if permission.later is not None:
            return Wait(message=message, until=permission.later)
        marked, unit = sending(message, until=now + LEASE, in_reply_to=answers)
        try:
            context.commit(permission.unit + handed_over(context, message) + unit)
        except Conflict:
            found = _found(context, message)
            if attempt == _TRIES - 1 or found is None or found.version != message.version:
                raise
            continue  # a word or a count of the customer has changed: ask anew
        return marked
    raise AssertionError("the last attempt returns or raises")


def hand_over(context: Context, channel: Channel, message: OutboundMessage) -> Receipt:
    """Give a message to its channel; whatever the channel does, it gives a receipt.

    Args:
        context: The space.
        channel: The channel.
        message: As it was marked.
    """
    results: list[Result] = []

    def perform(effect: Effect) -> Result:
        results.append(context.parts.perform(effect))
        return results[-1]

    try:
        receipt: object = drive(channel.send(message), perform)
    except harmless() as error:  # a plugin that raises must not hurt the host
        if isinstance(error, ClientLoopError) and not results:
            return Receipt(failure=Failure.CONFIG, detail=str(error))
        context.parts.registry.raised(Sort.CHANNEL, channel.spec.name, error)
        # whether it sent is not known, also where it stumbled over the answer
        return Receipt(failure=Failure.UNKNOWN, detail=f"the channel raised {type(error).__name__}")
    if isinstance(receipt, Receipt):
        return receipt
    given = f"no receipt but {type(receipt).__name__}"
    context.parts.registry.raised(Sort.CHANNEL, channel.spec.name, PluginError(f"it gave {given}"))
    return Receipt(failure=Failure.UNKNOWN, detail=f"the channel gave {given}")


def note(context: Context, message: OutboundMessage, receipt: Receipt, *, repeats: bool = False) -> None:
    """Write down what became of a message, and what that means for its item; then what was reported on it already.

    A worker that was slower than its lease still tells what it knows, unless another is at the message by now.

    Args:
        context: The space.
        message: As it was marked, or as it was claimed.
        receipt: What became of it.
        repeats: Whether its channel recognises a message sent twice.

    Raises:
        Conflict: Another worker has the message.
    """
    for attempt in range(_TRIES):
        try:
            context.commit(_outcome(context, message, receipt, repeats=repeats))
            break
        except Conflict:
            found = _found(context, message)
            if attempt == _TRIES - 1 or found is None:
                raise
            if found.version != message.version and found.state is MessageState.SENDING:
                raise
            message = found
    if _is_reported(context, message, receipt):
        join(context, message.id)


def _outcome(context: Context, message: OutboundMessage, receipt: Receipt, *, repeats: bool) -> Unit:
    now = context.now()
    if receipt.accepted:
        return accepted(message, receipt, now) + if_told(context, message)
    unit = failed(message, receipt, now, repeats=repeats)
    if message.state is MessageState.SENDING:  # its channel says so, and not a rule of ours
        unit += if_refused(context, message, receipt.failure, at=now)
    return unit + if_not_told(context, message, receipt.detail or "") if is_final(receipt) else unit


def _is_reported(context: Context, message: OutboundMessage, receipt: Receipt) -> bool:
    """Whether the channel has reported on a message before its answer was written down."""
    about = eq("message", message.id)
    if context.store.page(DeliveryReport, message.space, where=about, order="of_message", limit=1).items:
        return True
    if receipt.provider_id is None:
        return False
    about = eq("channel", message.channel) & eq("provider_id", receipt.provider_id)
    return bool(context.store.page(DeliveryReport, message.space, where=about, order="by_provider", limit=1).items)


def _found(context: Context, message: OutboundMessage) -> OutboundMessage | None:
    return context.store.get(OutboundMessage, (message.space, message.id))
