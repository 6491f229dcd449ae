"""The outbox: messages handed to their channels, at least once, and what the answer means for the item."""

from datetime import timedelta
from uuid import UUID

from attrs import evolve, frozen

from clientloop.errors import ClientLoopError, Conflict, NotFound
from clientloop.model.customers import Purpose
from clientloop.model.messages import Failure, MessageState, OutboundMessage, Receipt
from clientloop.model.page import Page
from clientloop.model.units import Unit, Update
from clientloop.plugins.loading import HARMLESS, cause_of
from clientloop.ports.channel import Channel
from clientloop.ports.effects import drive
from clientloop.rules.outgoing.consent import may_send
from clientloop.rules.outgoing.sending import accepted, failed, is_final, sending
from clientloop.services.context import Context
from clientloop.services.ids import id_of
from clientloop.services.loop.lookups import consents_of
from clientloop.services.outgoing.meaning import if_not_told, if_told

#: How long a worker has for the messages that it claimed.
LEASE = timedelta(seconds=120)

#: How many messages a worker claims at once.
BATCH = 50

#: How often what a channel took is written down anew, when the item was moved meanwhile.
_TRIES = 10


@frozen(kw_only=True)
class Sent:
    """What became of one batch of messages."""

    #: How many were claimed.
    claimed: int = 0
    #: How many a channel took.
    accepted: int = 0
    #: How many it did not.
    failed: int = 0


class Outbox:
    """`loop.outbox`: messages that no channel has taken yet."""

    def __init__(self, context: Context) -> None:
        """Work in one space."""
        self._context = context

    def list(self, *, after: str | None = None, limit: int = 50) -> Page[OutboundMessage]:
        """A page of the messages that no channel has taken, those that wait for a person last."""
        return self._context.store.page(
            OutboundMessage, self._context.space.space, order="by_wake", after=after, limit=limit
        )

    def get(self, message: UUID | str | OutboundMessage) -> OutboundMessage:
        """The message with this id.

        Raises:
            NotFound: It is not in the outbox (any more).
        """
        found = self._context.store.get(OutboundMessage, (self._context.space.space, id_of(message)))
        if found is None:
            raise NotFound(f"no message {id_of(message)} in the outbox", hint="a channel may have taken it since")
        return found

    def send_again(self, message: UUID | str | OutboundMessage) -> None:
        """Try a message anew that waits for a person; its key stays the same.

        Raises:
            NotFound: It is not in the outbox.
            Conflict: A worker is at it.
        """
        found = self.get(message)
        if found.state is MessageState.SENDING:
            raise Conflict(f"message {found.id} is being sent", hint="if its worker is lost, the next one finds out")
        changes = {"state": MessageState.QUEUED, "wake_at": self._context.now(), "attempts": 0, "error": None}
        self._context.commit(Unit((Update(OutboundMessage, (found.space, found.id), changes, found.version),)))

    def send_due(self) -> Sent:
        """Hand one batch of due messages to their channels.

        Returns:
            What became of them; fewer than `BATCH` claimed when nothing more is due.
        """
        context = self._context
        claimed = context.store.claim(OutboundMessage, context.space.space, now=context.now(), lease=LEASE, limit=BATCH)
        taken = sum(self._send(message) for message in claimed)
        return Sent(claimed=len(claimed), accepted=taken, failed=len(claimed) - taken)

    def _send(self, message: OutboundMessage) -> bool:
        """Send one claimed message; whether a channel took it."""
        try:
            receipt, message = self._try(message)
            self._note(message, receipt)
        except Conflict:
            return False  # another worker has it by now
        return receipt.accepted

    def _try(self, message: OutboundMessage) -> tuple[Receipt, OutboundMessage]:
        try:
            channel = self._context.plugins.channel(message.channel)
            repeats = channel.capabilities().idempotent_send
        except HARMLESS as error:
            return Receipt(failure=Failure.CONFIG, detail=cause_of(error)), message
        refusal = self._refusal(message, repeats=repeats)
        if refusal is not None:
            return refusal, message
        self._context.commit(sending(message))
        message = evolve(
            message, state=MessageState.SENDING, attempts=message.attempts + 1, version=message.version + 1
        )
        return self._hand_over(channel, message), message

    def _refusal(self, message: OutboundMessage, *, repeats: bool) -> Receipt | None:
        """Why a message must not be sent now, if so; `repeats` says whether its channel recognises a repeat."""
        if message.state is MessageState.SENDING and not repeats:
            return Receipt(failure=Failure.UNKNOWN, detail="a worker was lost while it sent this")
        if message.customer is None or message.purpose is Purpose.INTERNAL:
            return None
        verdict = may_send(consents_of(self._context, message.customer), message.purpose, message.channel)
        return None if verdict.allowed else Receipt(failure=Failure.OPTED_OUT, detail="; ".join(verdict.reasons))

    def _hand_over(self, channel: Channel, message: OutboundMessage) -> Receipt:
        try:
            receipt: object = drive(channel.send(message), self._context.parts.perform)
        except ClientLoopError as error:
            return Receipt(failure=Failure.CONFIG, detail=str(error))
        except HARMLESS as error:  # a plugin that raises must not hurt the host; whether it sent is not known
            return Receipt(failure=Failure.UNKNOWN, detail=f"the channel raised {type(error).__name__}")
        if isinstance(receipt, Receipt):
            return receipt
        return Receipt(failure=Failure.UNKNOWN, detail=f"the channel gave no receipt but {type(receipt).__name__}")

    def _note(self, message: OutboundMessage, receipt: Receipt) -> None:
        """Write down what became of a message, and what that means for its item."""
        context, now = self._context, self._context.now()
        unit = accepted(message, receipt, now) if receipt.accepted else failed(message, receipt, now)
        for attempt in range(_TRIES):
            try:
                return context.commit(unit + self._meaning(message, receipt))
            except Conflict:
                if attempt == _TRIES - 1 or self._is_lost(message):
                    raise
        return None

    def _is_lost(self, message: OutboundMessage) -> bool:
        """Whether another worker has the message: then the conflict was about it, not about the item."""
        found = self._context.store.get(OutboundMessage, (message.space, message.id))
        return found is None or found.version != message.version

    def _meaning(self, message: OutboundMessage, receipt: Receipt) -> Unit:
        """What it means for the item."""
        if receipt.accepted:
            return if_told(self._context, message)
        return if_not_told(self._context, message, receipt.detail or "") if is_final(receipt) else Unit()
