"""The same for many items: in batches, each item guarded by its version, and nothing lost half-way.

A batch of items is one unit. If somebody moved one of them meanwhile, none of the batch is written; then its items go
one by one, each loaded anew. So many items cost few statements, and one item never stops the others.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from attrs import frozen

from clientloop.errors import Conflict, InvalidValue, Refused
from clientloop.model.feedback import Feedback
from clientloop.model.units import Unit
from clientloop.model.where import Where, eq
from clientloop.rules.loop.draft import Moved
from clientloop.services.batches import in_batches, rank
from clientloop.services.context import Context
from clientloop.services.ids import id_of
from clientloop.services.outer.bursts import watch


class Fate(StrEnum):
    """What became of one of many items."""

    #: It was moved.
    MOVED = "moved"
    #: It was moved without a message, as another item with the same address carries that.
    WITH_ANOTHER = "with_another"
    #: It had this before.
    BEFORE = "before"
    #: Its loop has ended.
    CLOSED = "closed"
    #: There is no address of its customer.
    UNREACHABLE = "unreachable"
    #: It could not be moved.
    REFUSED = "refused"


#: Works out the move of one item, with its fate where that is not plainly moved, or says why there is none to make.
Judge: TypeAlias = Callable[[Feedback], Moved | tuple[Fate, Moved] | Fate]

#: Looks up what is needed for some items.
Prepare: TypeAlias = Callable[[Sequence[Feedback]], Judge]


@frozen(kw_only=True)
class Many:
    """What became of many items."""

    #: The items that were moved; by an answer, those that carry its message.
    moved: tuple[UUID, ...] = ()
    #: Items that were moved without a message: their customer is told with another item of the same address.
    with_another: tuple[UUID, ...] = ()
    #: Items that had this before.
    before: tuple[UUID, ...] = ()
    #: Items whose loop has ended.
    closed: tuple[UUID, ...] = ()
    #: Items whose customer nobody can write to; they were not moved.
    unreachable: tuple[UUID, ...] = ()
    #: Items that could not be moved, each with the reason.
    refused: Mapping[UUID, str]


def ids_among(context: Context, items: Where | Iterable[Feedback | UUID | str]) -> tuple[UUID, ...]:
    """The ids of some items, each once; of a condition, those of the open items that fulfil it.

    Args:
        context: The space.
        items: The items, their ids, or a condition.
    """
    if not isinstance(items, Where):
        return tuple(dict.fromkeys(map(id_of, items)))
    found = context.store.pages(Feedback, context.space.space, where=eq("is_open", True) & items, order="agenda")
    return tuple(dict.fromkeys(item.id for item in found))


def move_many(context: Context, ids: Sequence[UUID], prepare: Prepare) -> Many:
    """Move items, batch by batch; called again after a crash, it goes on where `prepare` finds nothing done yet.

    Args:
        context: The space.
        ids: The items.
        prepare: Looks up what is needed for the items of a batch; what it returns works each of them out, and raises
            `Refused` or `InvalidValue` where that cannot be.
    """
    fates: dict[Fate, dict[UUID, str]] = {fate: {} for fate in Fate}
    for batch, page in in_batches(context, Feedback, "id", ids):
        for item, fate, why in _move_batch(context, page.items, prepare):
            fates[fate][item] = why
        missing = set(batch) - {item.id for item in page}
        fates[Fate.REFUSED] |= dict.fromkeys(missing, "no such item")
    skipped = {fate.value: tuple(found) for fate, found in fates.items() if fate is not Fate.REFUSED}
    return Many(refused=fates[Fate.REFUSED], **skipped)


#: An item, what became of it, and why, where that says more.
_End: TypeAlias = tuple[UUID, Fate, str]


def _move_batch(context: Context, items: Sequence[Feedback], prepare: Prepare) -> Iterable[_End]:
    judge = prepare(items)
    judged = [_judged(judge, item) for item in items]
    moves = [moved for _, moved in judged if moved is not None]
    try:
        if moves:
            context.commit(_together([moved.unit for moved in moves]))
    except Conflict:
        return [_move_one(context, item.id, prepare) for item in items]
    before = {item.id: item for item in items}
    for moved in moves:
        watch(context, moved.item, before=before[moved.item.id])
    return [end for end, _ in judged]


def _move_one(context: Context, number: UUID, prepare: Prepare, tries: int = 2) -> _End:
    item = context.store.get(Feedback, (context.space.space, number))
    if item is None:
        return number, Fate.REFUSED, "no such item"
    end, moved = _judged(prepare([item]), item)
    if moved is None:
        return end
    try:
        context.commit(moved.unit)
    except Conflict as error:
        return _move_one(context, number, prepare, tries - 1) if tries > 1 else (number, Fate.REFUSED, str(error))
    watch(context, moved.item, before=item)
    return end


def _judged(judge: Judge, item: Feedback) -> tuple[_End, Moved | None]:
    """What becomes of an item once its move is committed, and the move, if there is one."""
    try:
        found = judge(item)
    except (Refused, InvalidValue) as error:
        return (item.id, Fate.REFUSED, str(error)), None
    if isinstance(found, Fate):
        return (item.id, found, ""), None
    fate, moved = found if isinstance(found, tuple) else (Fate.MOVED, found)
    return (item.id, fate, ""), moved


def _together(units: Sequence[Unit]) -> Unit:
    changes = sorted((change for unit in units for change in unit.changes), key=rank)
    return Unit(tuple(changes), tuple(fact for unit in units for fact in unit.facts))
