"""One move of one item: looked up, judged and worked out; what it comes to is the caller's to commit."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from clientloop.errors import Refused
from clientloop.model.codec import Json
from clientloop.model.customers import Customer
from clientloop.model.feedback import Feedback
from clientloop.model.process import EXPERT
from clientloop.model.work import Actor
from clientloop.rules.loop.case import Case
from clientloop.rules.loop.draft import Moved
from clientloop.rules.loop.given import read_given
from clientloop.rules.loop.moves import looked_up_by, move
from clientloop.rules.loop.wording import worded
from clientloop.rules.staff.rights import right_to
from clientloop.services.batches import in_batches
from clientloop.services.context import Context
from clientloop.services.loop.lookups import look_up, member_named, presence
from clientloop.services.loop.rights import check_right
from clientloop.services.staff.routing import absence_of


def work_out(
    context: Context,
    item: Feedback,
    name: str,
    actor: Actor,
    given: Mapping[str, Json],
    *,
    words: Mapping[str, str] | None = None,
) -> Moved:
    """Work out a move of an item as it was loaded.

    Args:
        context: The space.
        item: The item.
        name: The move.
        actor: Who makes it.
        given: What is given with it; with a `template`, the customer is told that instead of the built-in text.
        words: What the template may speak of besides what every text may; looked up if not given.

    Raises:
        Refused: The state has no such move, the actor lacks the role or the right, something is missing, or the member
            who is to get the item, or to help, is away.
        UnknownName: The move takes no such field, or there is no such member.
        InvalidValue: A value cannot be read.
    """
    loop = context.loop_of(item.kind, item.process)
    row = loop.row(item.state, name)
    check_right(context, actor, right_to(row), item)
    taken = read_given(row, loop, given)
    for field in {"to", EXPERT} & taken.keys():
        check_member(context, taken[field])
    if "template" in taken:
        row = worded(row, taken["template"])
        words = personal_words(context, [item])[item.id] if words is None else words
    case = Case(
        item=item,
        loop=loop,
        row=row,
        actor=actor,
        now=context.now(),
        given=taken,
        settings=context.settings.by_calendar(item.calendar),
        words=words or {},
        known=look_up(context, item, taken, looked_up_by(row)),
    )
    return move(case, context.kit)


def personal_words(context: Context, items: Sequence[Feedback]) -> Mapping[UUID, Mapping[str, str]]:
    """What texts of the firm's own may say of some items and their customers besides, by item.

    Args:
        context: The space.
        items: The items.
    """
    names = _names(context, {item.customer for item in items if item.customer is not None})
    return {
        item.id: {"name": names.get(item.customer, "") if item.customer else "", "product": item.product or ""}
        for item in items
    }


def _names(context: Context, customers: Iterable[UUID]) -> Mapping[UUID, str]:
    """What customers are called; those that were merged into others, by the name of these."""
    found = {one.id: one for _, page in in_batches(context, Customer, "id", customers) for one in page}
    kept = {one.id: one.merged_into for one in found.values() if one.merged_into is not None}
    if not kept:
        return {one.id: one.name for one in found.values()}
    above = _names(context, set(kept.values()))
    return {one.id: above[kept[one.id]] if one.id in kept else one.name for one in found.values()}


def check_member(context: Context, name: str) -> None:
    """Refuse to give something to somebody who is away or not known; while a space has no members, any name may own.

    Raises:
        UnknownName: There is no such member.
        Refused: The member is away, or has left.
    """
    member = member_named(context, name)
    if member is None:
        return
    absence = absence_of(context, name)
    if absence is not None or not member.active:
        deputy = presence(context).stand_in(name)
        until = f" until {absence.until:%Y-%m-%d %H:%M} UTC" if absence is not None and absence.until else ""
        hint = f"{deputy.name} stands in" if deputy else "nobody stands in; `staff.present()` lists who is there"
        raise Refused(f"{name} is away{until}" if member.active else f"{name} has left", hint=hint)
