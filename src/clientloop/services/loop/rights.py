"""Rights of people of the firm: the setting `rights`, with the teams of who asks."""

from clientloop.model.feedback import Feedback
from clientloop.model.staff import Member
from clientloop.model.where import ALL, Where
from clientloop.model.work import Actor
from clientloop.rules.staff.rights import Circle, Right, Scope, covers, refusal, scope_of, within
from clientloop.services.context import Context


def reach(context: Context, actor: Actor, right: Right) -> Where:
    """The items that a right of somebody goes for; the store is asked only where teams count.

    Args:
        context: The space.
        actor: Who wants to do something.
        right: What.
    """
    rights = context.settings.rights
    if not rights:
        return ALL
    scope = scope_of(rights, actor.roles, right)
    circle = _circle(context, actor.name) if scope is Scope.TEAM else Circle(name=actor.name)
    return within(scope, circle, right)


def check_right(context: Context, actor: Actor, right: Right, item: Feedback) -> None:
    """Refuse somebody who lacks a right to an item.

    Raises:
        NotAllowed: What the firm has set gives the right for other items alone.
    """
    if not covers(reach(context, actor, right), item):
        raise refusal(actor, right, context.settings.rights, item)


def _circle(context: Context, name: str) -> Circle:
    store, space = context.store, context.space.space
    member = store.get(Member, (space, name))
    if member is None or not member.teams:
        return Circle(name=name)
    teams = frozenset(member.teams)
    colleagues = [one.name for one in store.pages(Member, space) if teams & set(one.teams)]
    return Circle(name=name, teams=member.teams, colleagues=colleagues)
