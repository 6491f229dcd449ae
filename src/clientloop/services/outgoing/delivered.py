"""What became of messages, to be looked up."""

from operator import attrgetter
from uuid import UUID

from clientloop.errors import NotFound
from clientloop.model.messages import Delivery, DeliveryReport, OutboundMessage
from clientloop.model.where import eq
from clientloop.services.context import Context
from clientloop.services.ids import id_of


class Delivered:
    """The part of `loop.outbox` that tells what became of messages that have left it."""

    def __init__(self, context: Context) -> None:
        """Work in one space."""
        self._context = context

    def delivery(self, message: UUID | str | OutboundMessage) -> Delivery:
        """What became of a message that a channel took, or refused for good.

        The state is the most telling of all that its channel has reported; a channel without receipts reports nothing,
        and its messages stay `accepted`.

        Raises:
            NotFound: It has not left the outbox, or there is none.

        >>> from clientloop import ClientLoop
        >>> from clientloop.testing.fakes import FakeChannels
        >>> post = FakeChannels("email")
        >>> with ClientLoop.open("memory:", plugins=[post], entry_points=False) as loop:
        ...     item = loop.feedback.receive(kind="question", channel="email", text="Open?", reply_to="a@example.com")
        ...     item = loop.feedback.move(item, "answer", by="mia", text="Until six.")
        ...     ran = loop.run_due()
        ...     print(loop.outbox.delivery(post.sent[0]).state)
        accepted
        """
        found = self._context.store.get(Delivery, (self._context.space.space, id_of(message)))
        if found is None:
            raise NotFound(f"no message {id_of(message)} has left the outbox", hint="`outbox.get()` shows one in it")
        return found

    def reports(self, message: UUID | str | OutboundMessage | Delivery) -> tuple[DeliveryReport, ...]:
        """What its channel has reported on a message, in the order in which it happened."""
        one = message.message if isinstance(message, Delivery) else id_of(message)
        store, space = self._context.store, self._context.space.space
        return tuple(
            sorted(store.pages(DeliveryReport, space, where=eq("message", one), order="of_message"), key=_WHEN)
        )


_WHEN = attrgetter("at", "key")
