"""One move of one item, looked up, judged and worked out; what it comes to is the caller's to commit."""

from collections.abc import Mapping

from clientloop.errors import UnknownName
from clientloop.model.codec import Json
from clientloop.model.feedback import Feedback
from clientloop.model.staff import Member
from clientloop.model.work import Actor
from clientloop.rules.case import Case
from clientloop.rules.draft import Moved
from clientloop.rules.given import read_given
from clientloop.rules.moves import looked_up_by, move
from clientloop.services.context import Context
from clientloop.services.lookups import look_up


def work_out(context: Context, item: Feedback, name: str, actor: Actor, given: Mapping[str, Json]) -> Moved:
    """Work out a move of an item as it was loaded.

    Args:
        context: The space.
        item: The item.
        name: The move.
        actor: Who makes it.
        given: What is given with it.

    Raises:
        Refused: The state has no such move, the actor lacks the role, or something is missing.
        UnknownName: The move takes no such field, or there is no such member.
        InvalidValue: A value cannot be read.
    """
    loop = context.loop_of(item.kind, item.process)
    row = loop.row(item.state, name)
    taken = read_given(row, loop, given)
    if "to" in taken:
        _check_member(context, taken["to"])
    case = Case(
        item=item,
        loop=loop,
        row=row,
        actor=actor,
        now=context.now(),
        given=taken,
        settings=context.settings,
        known=look_up(context, item, taken, looked_up_by(row)),
    )
    return move(case, context.kit)


def _check_member(context: Context, name: str) -> None:
    """While a space has no members, any name may own; afterwards an unknown one is an error."""
    store, space = context.store, context.space.space
    if store.get(Member, (space, name)) is None:
        names = [member.name for member in store.page(Member, space, limit=500)]
        if names:
            raise UnknownName.among(name, names, what="member")
