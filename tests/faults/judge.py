"""The judge of a run: what callers were told, and what channels were given, held against what the store says."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import UUID

from attrs import frozen

from clientloop import ClientLoop
from clientloop.model.channels import ChannelCount, RawBody, StoredRaw, TakenEvent
from clientloop.model.feedback import Transition
from clientloop.model.messages import Delivery, DeliveryReport, DeliveryState, OutboundMessage
from clientloop.model.record import record_of
from clientloop.model.schema import CLASSES
from clientloop.model.spaces import SpaceDue
from clientloop.ports.store import Store
from clientloop.rules.loop.moves import TOLD
from clientloop.testing.invariants import broken_invariants
from tests.faults.acks import Acks
from tests.faults.house import SPACE
from tests.faults.sink import SURE, Sent


@frozen(kw_only=True)
class Verdict:
    """What became of a run."""

    #: How many records were acknowledged.
    acknowledged: int
    #: Those that are not there, or as they were before.
    lost: tuple[str, ...]
    #: What is not as it must be in the store.
    broken: tuple[str, ...]
    #: How many messages channels took, each as often as it was.
    taken: int
    #: How often channels took a message once more that they had taken, as is documented: where they know a repeat, and
    #: no more often than the message says it was tried.
    repeats: int
    #: Messages that were sent otherwise than the store says.
    missent: tuple[str, ...]
    #: What happened more than once that happens once.
    doubled: tuple[str, ...]

    @property
    def faults(self) -> tuple[str, ...]:
        """All that must not be."""
        return (*(f"lost: {each}" for each in self.lost), *self.broken, *self.missent, *self.doubled)


def judge(loop: ClientLoop, acks: Path, sent: Path) -> Verdict:
    """Judge what is there, while nobody is at work.

    Args:
        loop: The firm in its store, opened anew.
        acks: The file of acknowledgements.
        sent: The file of what the channels took.
    """
    acknowledged, taken = tuple(Acks(acks)), Sent(sent).taken()
    return Verdict(
        acknowledged=len(acknowledged),
        lost=tuple(str(ack) for ack in acknowledged if not ack.is_kept(loop.store)),
        broken=broken_invariants(loop),
        taken=sum(taken.values()),
        repeats=sum(times - 1 for times in taken.values()),
        missent=(*_taken_wrongly(loop, taken.items()), *_never_taken(loop, {key for _, key in taken})),
        doubled=(*_said_twice(loop), *_told_twice(loop)),
    )


def _taken_wrongly(loop: ClientLoop, taken: Iterable[tuple[tuple[str, UUID], int]]) -> Iterator[str]:
    for (channel, key), times in taken:
        message = loop.store.get(OutboundMessage, (SPACE, key)) or loop.store.get(Delivery, (SPACE, key))
        if message is None:
            yield f"{channel} took message {key}, of which nobody knows"
        elif times > (message.attempts if channel == SURE else 1):
            yield f"{channel} took message {key} {times} times in {message.attempts} tries"


def _never_taken(loop: ClientLoop, taken: set[UUID]) -> Iterator[str]:
    for delivery in loop.store.pages(Delivery, SPACE):
        if delivery.state is not DeliveryState.FAILED and delivery.message not in taken:
            yield f"message {delivery.message} counts as taken, but {delivery.channel} was never given it"


def _said_twice(loop: ClientLoop) -> Iterator[str]:
    """One move says one thing to one address once."""
    said = (*loop.store.pages(OutboundMessage, SPACE), *loop.store.pages(Delivery, SPACE))
    times = Counter((each.item, each.transition, each.template, each.to) for each in said if each.transition)
    for (item, number, template, _), count in times.items():
        if count > 1:
            yield f"move {number} of item {item} says {template!r} {count} times"


def _told_twice(loop: ClientLoop) -> Iterator[str]:
    """An item notes once that a message was taken."""
    journal = loop.store.pages(Transition, SPACE)
    times = Counter((row.item, row.data["message"]) for row in journal if row.move == TOLD.name)
    for (item, message), count in times.items():
        if count > 1:
            yield f"item {item} notes {count} times that message {message} was taken"


def state_of(store: Store) -> int:
    """A number for all that a store says of the firm: two that are equal hold the same, as far as chance is trusted."""
    rows = [
        (record.name, tuple(record.encode(each)))
        for record in map(record_of, CLASSES)
        if record.cls is not SpaceDue  # a hint, which may be early
        for each in store.pages(record.cls, SPACE)
    ]
    return hash(tuple(rows))


def counts_of(store: Store) -> dict[str, int]:
    """How many rows of each sort the firm has, but for what channels report to whoever asks."""
    return {record_of(cls).name: sum(1 for _ in store.pages(cls, SPACE)) for cls in CLASSES if cls not in _REPORTED}


#: What a report on a message leaves besides its effect.
_REPORTED = frozenset({StoredRaw, RawBody, TakenEvent, DeliveryReport, ChannelCount})
