"""One timeline: what happened with a person or a company, what was learnt of them, and who they were taken for.

Each kind of record is read along its own index, for each id, and the strands are merged as they are read: a page costs
a page, however long the history is.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from heapq import merge
from itertools import groupby, islice
from uuid import UUID

from attrs import frozen

from clientloop.errors import InvalidValue
from clientloop.model.accounts import Insight
from clientloop.model.customers import Merge, Split
from clientloop.model.interactions import Interaction, InteractionKind, Text
from clientloop.model.messages import Delivery
from clientloop.model.page import Page, pack_cursor, unpack_position
from clientloop.model.record import record_of
from clientloop.model.where import ALL, Where, eq
from clientloop.services.batches import in_batches
from clientloop.services.context import Context

#: What a timeline holds.
Happening = Interaction | Insight | Merge | Split

#: A place in a timeline: when, as it is stored, and the id as bytes.
_Place = tuple[int, bytes]

#: How a place is stored: as the last two columns of every order that is read.
_PLACE = [record_of(Interaction).columns[name].codec for name in ("occurred_at", "id")]

#: How many rows of a strand are read at once, where many strands make a page.
_FEW = 10


@frozen(kw_only=True)
class Event:
    """One thing in a timeline."""

    #: When, UTC; None where nobody knows: such things come first.
    at: datetime | None
    #: What happened, or was learnt, merged or split.
    record: Happening
    #: The words of an interaction, if it has any.
    words: Text | None = None
    #: What became of a message of the firm.
    delivery: Delivery | None = None


@frozen
class Strand:
    """An order in which records of one kind are read: by owner, time and id."""

    #: The records' class.
    cls: type[Happening]
    #: Name of the order.
    order: str
    #: The column that holds the owner.
    owner: str
    #: The column that holds the time.
    at: str


LEARNT = Strand(Insight, "of_subject", "subject", "at")

#: All that a timeline shows of a customer.
STRANDS = (
    Strand(Interaction, "timeline", "customer", "occurred_at"),
    LEARNT,
    Strand(Merge, "of_kept", "kept", "at"),
    Strand(Merge, "of_absorbed", "absorbed", "at"),
    Strand(Split, "of_source", "source", "at"),
    Strand(Split, "of_target", "target", "at"),
)


def timeline(
    context: Context,
    persons: Sequence[UUID],
    *,
    besides: Sequence[UUID] = (),
    after: str | None = None,
    limit: int = 50,
) -> Page[Event]:
    """A page of all that happened, the latest first; what has no time comes before that.

    Args:
        context: The space.
        persons: The ids of the persons.
        besides: The ids of what else something was learnt of: an account.
        after: The `next` of the page before.
        limit: How many at most.

    Raises:
        InvalidValue: `after` is no token of a timeline, or the limit is less than 1.
    """
    sources = [(strand, one) for strand in STRANDS for one in persons] + [(LEARNT, one) for one in besides]
    page = latest(context, sources, after=after, limit=limit)
    said = [each.id for each in page if isinstance(each, Interaction)]
    words = {text.id: text for _, texts in in_batches(context, Text, "id", said) for text in texts}
    sent = [each.id for each in page if isinstance(each, Interaction) and each.kind is InteractionKind.MESSAGE_OUT]
    became = {one.message: one for _, found in in_batches(context, Delivery, "message", sent) for one in found}
    events = (
        Event(at=_time(each), record=each, words=words.get(each.id), delivery=became.get(each.id)) for each in page
    )
    return Page(tuple(events), page.next)


def learnt(
    context: Context, subjects: Sequence[UUID], *, where: Where = ALL, after: str | None = None, limit: int = 50
) -> Page[Insight]:
    """A page of what was learnt of some subjects, the latest first.

    Args:
        context: The space.
        subjects: The ids of a person, or of an account.
        where: Which of it.
        after: The `next` of the page before.
        limit: How many at most.

    Raises:
        InvalidValue: `after` is no token of a timeline, or the limit is less than 1.
    """
    page = latest(context, [(LEARNT, one) for one in subjects], where=where, after=after, limit=limit)
    return Page(tuple(each for each in page if isinstance(each, Insight)), page.next)


def latest(
    context: Context,
    sources: Sequence[tuple[Strand, UUID]],
    *,
    where: Where = ALL,
    after: str | None = None,
    limit: int = 50,
) -> Page[Happening]:
    """A page of several strands, each with an owner, merged; what stands in two of them comes once.

    Args:
        context: The space.
        sources: The strands.
        where: Which of their records.
        after: The `next` of the page before.
        limit: How many at most.

    Raises:
        InvalidValue: `after` is no token of a timeline, or the limit is less than 1.
    """
    if limit < 1:
        raise InvalidValue(f"the limit is {limit}", hint="ask for at least 1")
    place = None if after is None else unpack_position(after, _PLACE)
    owners = len({owner for _, owner in sources}) or 1
    size = max(_FEW, (limit + owners) // owners)
    strands = [_read(context, strand, owner, where=where, place=place, size=size) for strand, owner in sources]
    found = [next(same) for _, same in islice(groupby(merge(*strands, key=_by, reverse=True), key=_by), limit + 1)]
    last = found[limit - 1] if len(found) > limit else None
    return Page(tuple(each for _, each in found[:limit]), None if last is None else pack_cursor(_by(last)))


def _read(
    context: Context, strand: Strand, owner: UUID, *, where: Where, place: _Place | None, size: int
) -> Iterator[tuple[_Place, Happening]]:
    """The records of a strand after a place, each with its own, the latest first."""
    after = None if place is None else pack_cursor((owner.bytes, *place))
    wanted = eq(strand.owner, owner) & where
    while True:
        page = context.store.page(
            strand.cls, context.space.space, where=wanted, order=strand.order, after=after, limit=size, descending=True
        )
        for each in page:
            stored = record_of(strand.cls).encode_value(strand.at, getattr(each, strand.at))
            yield (stored, each.id.bytes), each
        if page.next is None:
            return
        after = page.next


def _by(found: tuple[_Place, Happening]) -> _Place:
    return found[0]


def _time(each: Happening) -> datetime | None:
    return each.occurred_at if isinstance(each, Interaction) else each.at
