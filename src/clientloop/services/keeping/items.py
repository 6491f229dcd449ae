"""What must be so of every item: its journal, its end, its deadlines, its timer, its words and its messages."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from clientloop.model.codec import instant, microseconds
from clientloop.model.feedback import Feedback, Outcome, Timer, Transition
from clientloop.model.interactions import Text
from clientloop.model.messages import Delivery, OutboundMessage
from clientloop.model.process import WAITING, Until
from clientloop.model.spaces import Definition
from clientloop.rules.loop.clocks import due_of
from clientloop.rules.loop.draft import wake_of
from clientloop.rules.loop.telling import ACKNOWLEDGING, RECEIVED
from clientloop.services.context import PROCESS
from clientloop.services.keeping.around import Around, Near
from clientloop.services.keeping.rules import RESTORE, Inspection, Rule
from clientloop.services.setup.declared import process_from_data

JOURNAL = Near(Transition, ("item",))
TIMER = Near(Timer, ("item",))
WORDS = Near(Text, ("id",), bare=True, whole=False)
# a message goes from the outbox to what was delivered, so that is the order to look
OUTBOX = Near(OutboundMessage, ("item",), order="of_item")
DELIVERED = Near(Delivery, ("item",), order="of_item")


def _numbered(item: Feedback, around: Around) -> Iterator[str]:
    numbers = [row.number for row in around.all(Transition)]
    if numbers != list(range(1, item.version + 1)):
        yield f"its version is {item.version}, but its journal has the rows {numbers}"


def _chained(_: Feedback, around: Around) -> Iterator[str]:
    for before, after in pairwise(around.all(Transition)):
        if before.target != after.source:
            yield f"row {after.number} starts in {after.source}, but the one before it ended in {before.target}"


def _agrees(item: Feedback, around: Around) -> Iterator[str]:
    for last in around.all(Transition)[-1:]:
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


def _limited(item: Feedback, around: Around) -> Iterator[str]:
    if item.is_open and item.due is None and not _may_lie(item, around):
        yield f"it is open in the state {item.state}, and nothing says until when"


def _may_lie(item: Feedback, around: Around) -> bool:
    """Whether the item's process has no deadline for it where it is; for waiting items, every process has one."""
    found = around.store.get(Definition, (item.space, PROCESS, item.kind, item.process))
    if found is None or item.state == WAITING:
        return False
    running = [rule for rule in process_from_data(found.body).deadlines if item.state in (rule.during or (item.state,))]
    return all(rule.until is Until.ANSWERED and item.first_answer_at is not None for rule in running)


def _timed(item: Feedback, around: Around) -> Iterator[str]:
    wake, timers = wake_of(item), around.all(Timer)
    if wake is not None and not timers:
        yield f"the next step of its deadlines comes at {instant(wake)}, but it has no timer"
    for timer in timers:
        if wake is None:
            yield f"it has a timer at {timer.wake_at}, but no step of a deadline is to come"
        # one that was claimed sleeps until the claim ends, or until working hours begin
        elif timer.version == 1 and microseconds(timer.wake_at) > wake:
            yield f"its timer comes at {timer.wake_at}, after the next step at {instant(wake)}"


def _worded(_: Feedback, around: Around) -> Iterator[str]:
    if not around.has(Text):
        yield "its words are gone"


def _acknowledged(item: Feedback, around: Around) -> Iterator[str]:
    templates = {message.template for message in around.all(OutboundMessage)}
    templates |= {delivery.template for delivery in around.all(Delivery)}
    if ACKNOWLEDGING in item.data and RECEIVED not in templates:
        yield "its acknowledgement was queued, but is neither in the outbox nor delivered"


def _awaited(item: Feedback, around: Around) -> Iterator[str]:
    moves = [message.completes.get("move") for message in around.all(OutboundMessage)]
    if item.pending is not None and item.pending not in moves:
        yield f"the move {item.pending} waits for a message, but none in the outbox completes it"


#: Any: as `Inspection` of `Feedback`, beside those of other classes.
ITEMS: tuple[Inspection[Any], ...] = (
    Inspection(
        rule=Rule(
            "journal_numbered",
            "The journal of an item has one row for each of its versions, from 1 on without a gap.",
            RESTORE,
        ),
        of=Feedback,
        near=(JOURNAL,),
        judge=_numbered,
    ),
    Inspection(
        rule=Rule(
            "journal_chained", "Each row of a journal starts in the state in which the one before it ended.", RESTORE
        ),
        of=Feedback,
        near=(JOURNAL,),
        judge=_chained,
    ),
    Inspection(
        rule=Rule("journal_agrees", "An item is in the state in which its journal ends.", RESTORE),
        of=Feedback,
        near=(JOURNAL,),
        judge=_agrees,
    ),
    Inspection(
        rule=Rule(
            "item_ended", "An item that has ended has an outcome and a time, one that is open has neither.", RESTORE
        ),
        of=Feedback,
        judge=_ended,
    ),
    Inspection(
        rule=Rule("item_due", "An item is due when the earliest of its running deadlines is.", RESTORE),
        of=Feedback,
        judge=_due,
    ),
    Inspection(
        rule=Rule(
            "item_limited",
            "An open item has a deadline, unless its process has none for it where it is.",
            "move the item, which starts its deadlines; report it as a fault of clientloop",
        ),
        of=Feedback,
        judge=_limited,
    ),
    Inspection(
        rule=Rule(
            "item_timed",
            "An item has a timer exactly if one of its deadlines has a step to come, and it comes no later than that.",
            RESTORE,
        ),
        of=Feedback,
        near=(TIMER,),
        judge=_timed,
    ),
    Inspection(
        rule=Rule("item_worded", "What the customer said is kept with the item.", RESTORE),
        of=Feedback,
        near=(WORDS,),
        judge=_worded,
    ),
    Inspection(
        rule=Rule(
            "item_acknowledged",
            "An acknowledgement that was queued is in the outbox, or has left it with a note of what became of it.",
            RESTORE,
        ),
        of=Feedback,
        near=(OUTBOX, DELIVERED),
        judge=_acknowledged,
    ),
    Inspection(
        rule=Rule(
            "item_awaited",
            "A move that waits until the customer has been told has its message in the outbox.",
            "make the move again with told=..., once somebody has told the customer",
        ),
        of=Feedback,
        near=(OUTBOX,),
        judge=_awaited,
    ),
)
