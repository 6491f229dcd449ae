"""What must be so of every item: its journal, its end, its deadlines, its timer, its words and its messages."""

from collections.abc import Iterator
from itertools import pairwise

from clientloop.model.codec import instant, microseconds
from clientloop.model.feedback import Feedback, Outcome, Timer, Transition
from clientloop.model.interactions import Text
from clientloop.model.messages import Delivery, OutboundMessage
from clientloop.rules.loop.clocks import due_of
from clientloop.rules.loop.draft import wake_of
from clientloop.rules.loop.telling import ACKNOWLEDGING, RECEIVED
from clientloop.services.keeping.around import Around, Near
from clientloop.services.keeping.rules import Rule

JOURNAL = Near(Transition, ("item",))
TIMER = Near(Timer, ("item",))
WORDS = Near(Text, ("id",), bare=True)
# a message goes from the outbox to what was delivered, so that is the order to look
OUTBOX = Near(OutboundMessage, ("item",), order="of_item")
DELIVERED = Near(Delivery, ("item",), order="of_item")


def _numbered(item: Feedback, near: Around) -> Iterator[str]:
    numbers = [row.number for row in near.all(Transition)]
    if numbers != list(range(1, item.version + 1)):
        yield f"its version is {item.version}, but its journal has the rows {numbers}"


def _chained(_: Feedback, near: Around) -> Iterator[str]:
    for before, after in pairwise(near.all(Transition)):
        if before.target != after.source:
            yield f"row {after.number} starts in {after.source}, but the one before it ended in {before.target}"


def _agrees(item: Feedback, near: Around) -> Iterator[str]:
    for last in near.all(Transition)[-1:]:
        if last.target != item.state:
            yield f"its state is {item.state}, but its journal ends in {last.target}"


def _ended(item: Feedback, _: Around) -> Iterator[str]:
    # of what was closed in another system, nobody may know when
    ended = item.closed_at is not None or item.outcome is Outcome.IMPORTED
    if item.is_open is not (item.outcome is Outcome.OPEN) or item.is_open is ended:
        closed = "no time of closing" if item.closed_at is None else "a time of closing"
        yield f"it is {'open' if item.is_open else 'closed'}, with the outcome {item.outcome} and {closed}"


def _due(item: Feedback, _: Around) -> Iterator[str]:
    due = due_of({clock.name: clock for clock in item.deadlines})
    expected = None if due is None else instant(due)
    if item.due != expected:
        yield f"it is due {item.due or 'never'}, but the earliest of its deadlines is {expected or 'none'}"


def _limited(item: Feedback, _: Around) -> Iterator[str]:
    if item.is_open and item.due is None:
        yield f"it is open in the state {item.state}, and nothing says until when"


def _timed(item: Feedback, near: Around) -> Iterator[str]:
    wake, timers = wake_of(item), near.all(Timer)
    if wake is None:
        for timer in timers:
            yield f"it has a timer at {timer.wake_at}, but no step of a deadline is to come"
    elif not timers:
        yield f"the next step of its deadlines comes at {instant(wake)}, but it has no timer"
    for timer in timers:
        # a claimed timer sleeps until its lease ends, or until working hours begin
        if wake is not None and timer.version == 1 and microseconds(timer.wake_at) > wake:
            yield f"its timer comes at {timer.wake_at}, after the next step at {instant(wake)}"


def _worded(_: Feedback, near: Around) -> Iterator[str]:
    if not near.has(Text):
        yield "its words are gone"


def _acknowledged(item: Feedback, near: Around) -> Iterator[str]:
    templates = {message.template for cls in (OutboundMessage, Delivery) for message in near.all(cls)}
    if ACKNOWLEDGING in item.data and RECEIVED not in templates:
        yield "its acknowledgement was queued, but is neither in the outbox nor delivered"


def _awaited(item: Feedback, near: Around) -> Iterator[str]:
    if item.pending and not any(message.completes.get("move") == item.pending for message in near.all(OutboundMessage)):
        yield f"the move {item.pending} waits for a message, and none in the outbox completes it"


RESTORE = "restore a backup, or report it as a fault of clientloop with the journal of the item"
RUN = "let `clientloop run` look after it; if it stays, report it as a fault of clientloop"

ITEM_RULES: tuple[Rule[Feedback], ...] = (
    Rule(
        name="journal_numbered",
        says="The journal of an item has one row for each of its versions, from 1 on without a gap.",
        do=RESTORE,
        of=Feedback,
        near=(JOURNAL,),
        judge=_numbered,
    ),
    Rule(
        name="journal_chained",
        says="Each row of an item's journal starts in the state in which the one before it ended.",
        do=RESTORE,
        of=Feedback,
        near=(JOURNAL,),
        judge=_chained,
    ),
    Rule(
        name="journal_agrees",
        says="An item is in the state in which its journal ends.",
        do=RESTORE,
        of=Feedback,
        near=(JOURNAL,),
        judge=_agrees,
    ),
    Rule(
        name="item_ended",
        says="A closed item has an outcome and a time of closing, an open one has neither.",
        do=RESTORE,
        of=Feedback,
        judge=_ended,
    ),
    Rule(
        name="item_due",
        says="An item is due when the earliest of its running deadlines is.",
        do=RESTORE,
        of=Feedback,
        judge=_due,
    ),
    Rule(
        name="item_limited",
        says="An open item has a deadline, or its process has none for its state.",
        do="declare a deadline for every open state of the process",
        of=Feedback,
        judge=_limited,
    ),
    Rule(
        name="item_timed",
        says="An item has a timer exactly if one of its deadlines has a step to come, and no later than that.",
        do=RESTORE,
        of=Feedback,
        near=(TIMER,),
        judge=_timed,
    ),
    Rule(
        name="item_worded",
        says="What the customer said is kept with every item.",
        do=RESTORE,
        of=Feedback,
        near=(WORDS,),
        judge=_worded,
    ),
    Rule(
        name="item_acknowledged",
        says="An acknowledgement that was queued is in the outbox or was delivered.",
        do=RESTORE,
        of=Feedback,
        near=(OUTBOX, DELIVERED),
        judge=_acknowledged,
    ),
    Rule(
        name="item_awaited",
        says="A move that waits until a channel has told the customer has its message in the outbox.",
        do="make the move again",
        of=Feedback,
        near=(OUTBOX,),
        judge=_awaited,
    ),
)
