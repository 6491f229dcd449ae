"""The whole story of one item: who moved it, when, why, and what the customer was told."""

from collections.abc import Mapping
from uuid import UUID

from attrs import frozen

from clientloop.app import ClientLoop
from clientloop.errors import NotFound
from clientloop.model.customers import Customer
from clientloop.model.feedback import Feedback, Transition
from clientloop.model.improvements import Improvement
from clientloop.model.interactions import Text
from clientloop.model.messages import Delivery, OutboundMessage
from clientloop.model.process import is_mark
from clientloop.model.work import Actor, Task
from clientloop.rules.loop.drawing import MoveRow, rows


@frozen(kw_only=True)
class Story:
    """All that is known of one item."""

    #: The item.
    item: Feedback
    #: Who said it, if that is known.
    customer: Customer | None
    #: The improvement that it points to.
    improvement: Improvement | None
    #: What was said.
    words: Text
    #: The journal, oldest first.
    journal: tuple[Transition, ...]
    #: The words that each row of the journal told the customer, by its number.
    told: Mapping[int, Text]
    #: What became of its messages, oldest first.
    deliveries: tuple[Delivery, ...]
    #: The messages that no channel has taken yet.
    waiting: tuple[OutboundMessage, ...]
    #: The tasks in the order in which they were opened: the first has the number 1.
    tasks: tuple[Task, ...]
    #: The moves that people can make now.
    moves: tuple[MoveRow, ...]
    #: Names of the moves that can be made at any time: notes, tags and the like.
    marks: tuple[str, ...]


def read_story(loop: ClientLoop, item: Feedback, *, by: Actor | None = None) -> Story:
    """Look up all that is known of an item.

    Args:
        loop: The firm.
        item: The item.
        by: Whose moves are told; everybody's but the system's if not given.
    """
    journal = loop.feedback.history(item)
    told = {row.number: _words(loop, row.data["message"]) for row in journal if "message" in row.data}
    process = loop.context.loop_of(item.kind, item.process)
    moves = [process.row(item.state, name) for name in loop.feedback.next_moves(item, by=by)]
    return Story(
        item=item,
        customer=None if item.customer is None else loop.customers.get(item.customer),
        improvement=None if item.improvement is None else loop.improvements.get(item.improvement),
        words=loop.feedback.words(item),
        journal=journal,
        told={number: text for number, text in told.items() if text is not None},
        deliveries=loop.feedback.deliveries(item),
        waiting=loop.feedback.outbox(item),
        tasks=numbered(loop, item),
        moves=rows(moves, process.deadlines),
        marks=marks_of(loop, item),
    )


def numbered(loop: ClientLoop, item: Feedback) -> tuple[Task, ...]:
    """The tasks of an item in the order in which they were opened: the first has the number 1."""
    return tuple(sorted(loop.tasks.of(item), key=lambda task: task.id))


def marks_of(loop: ClientLoop, item: Feedback) -> tuple[str, ...]:
    """Names of the moves that can be made at any time: notes, tags and the like."""
    process = loop.context.loop_of(item.kind, item.process)
    return tuple(name for name in process.moves_from(item.state) if is_mark(process.row(item.state, name)))


def _words(loop: ClientLoop, message: str) -> Text | None:
    """The words of a message; None of one that no channel took."""
    try:
        return loop.feedback.words(UUID(message))
    except NotFound:
        return None
