"""The outbox: messages that no channel has taken yet, and what people do about those that wait for them."""

from uuid import UUID

from clientloop.errors import Conflict, NotFound, Refused
from clientloop.model.messages import Delivery, Failure, MessageState, OutboundMessage, Receipt
from clientloop.model.page import Page
from clientloop.model.units import Delete, Insert, Unit
from clientloop.model.where import ALL, Where, eq, ne
from clientloop.rules.outgoing.sending import queue_again, redelivered
from clientloop.services.ids import id_of
from clientloop.services.outgoing.batch import Sent, send_batch
from clientloop.services.outgoing.delivered import Delivered
from clientloop.services.outgoing.handover import note


class Outbox(Delivered):
    """`loop.outbox`: messages that no channel has taken yet, and what became of those that one took."""

    def list(self, *, after: str | None = None, limit: int = 50) -> Page[OutboundMessage]:
        """A page of the messages that no channel has taken, those that wait for a person last."""
        return self._page(ALL, after=after, limit=limit)

    def dead_letters(
        self, channel: str | None = None, *, after: str | None = None, limit: int = 50
    ) -> Page[OutboundMessage]:
        """A page of the messages that are not tried any more, each with its reason in `error`, the oldest first.

        They were refused for a fault of the channel's setup, or too often, or may have been sent: a person decides
        whether to `send_again` or to `give_up`.

        Args:
            channel: Only those for this channel.
            after: The `next` of the page before.
            limit: How many at most.
        """
        return self._page(_dead(channel), after=after, limit=limit)

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

        Where the message may have been sent and the channel does not recognise a repeat, the customer may get it twice.

        Raises:
            NotFound: It is not in the outbox.
            Conflict: A worker is at it.
        """
        self._context.commit(queue_again(self._idle(message), self._context.now()))

    def send_all_again(self, channel: str | None = None, *, unknown: bool = False) -> int:
        """Try all messages anew that wait for a person, say after their channel was mended.

        Args:
            channel: Only those for this channel.
            unknown: Also those that may have been sent.

        Returns:
            How many are tried again.
        """
        where = _dead(channel) & (ALL if unknown else ne("state", MessageState.UNKNOWN))
        store, space = self._context.store, self._context.space.space
        dead = store.pages(OutboundMessage, space, where=where, order="by_wake")
        return sum(self._queued_again(message) for message in dead)

    def give_up(self, message: UUID | str | OutboundMessage, *, by: str, reason: str) -> None:
        """Drop a message, with a reason: for its item that is as if the address had refused it.

        Args:
            message: The message.
            by: Who decides that.
            reason: Why.

        Raises:
            NotFound: It is not in the outbox.
            Conflict: A worker is at it.
        """
        receipt = Receipt(failure=Failure.PERMANENT, detail=f"given up by {by}: {reason}")
        note(self._context, self._idle(message), receipt)

    def redeliver(self, message: UUID | str) -> None:
        """Tell a webhook once more of a fact, by the same body under the same key.

        Args:
            message: The id of the message that told it, as the receiver knows it.

        Raises:
            NotFound: There is no such delivery.
            Refused: It told no fact: words to people are not said twice.
        """
        context, key = self._context, (self._context.space.space, id_of(message))
        delivery = context.store.get(Delivery, key)
        if delivery is None:
            hint = "one that is in the outbox still is sent by send_again"
            raise NotFound(f"no message {id_of(message)} was delivered", hint=hint)
        if delivery.body is None:
            raise Refused(f"message {delivery.message} told no fact", hint="write another message")
        again = Insert(redelivered(delivery, delivery.body, context.now()))
        context.commit(Unit((Delete(Delivery, key, delivery.version), again)))

    def send_due(self) -> Sent:
        """Hand one batch of due messages to their channels.

        Returns:
            What became of them; fewer than a batch claimed when nothing more is due.
        """
        return send_batch(self._context)

    def _page(self, where: Where, *, after: str | None, limit: int) -> Page[OutboundMessage]:
        space = self._context.space.space
        return self._context.store.page(OutboundMessage, space, where=where, order="by_wake", after=after, limit=limit)

    def _idle(self, message: UUID | str | OutboundMessage) -> OutboundMessage:
        found = self.get(message)
        if found.state is MessageState.SENDING:
            raise Conflict(f"message {found.id} is being sent", hint="if its worker is lost, the next one finds out")
        return found

    def _queued_again(self, message: OutboundMessage) -> bool:
        try:
            self._context.commit(queue_again(message, self._context.now()))
        except Conflict:
            return False  # somebody else was faster with this one
        return True


def _dead(channel: str | None) -> Where:
    waits = eq("wake_at", None)
    return waits if channel is None else waits & eq("channel", channel)
