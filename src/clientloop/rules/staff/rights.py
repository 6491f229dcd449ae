"""Who may see, move and decide: the setting `rights`, as a condition over items.

>>> rights = {Role.OWNER: {Right.SEE: Scope.TEAM, Right.MOVE: Scope.OWN}}
>>> [scope_of(rights, Actor.of("mia").roles, right).value for right in Right]
['team', 'own', 'all']
>>> scope_of(rights, Actor.superior("head").roles, Right.MOVE).value
'all'
"""

from collections.abc import Collection, Mapping, Set
from enum import StrEnum

from attrs import frozen

from clientloop.errors import NotAllowed
from clientloop.model.feedback import Feedback, watched_by
from clientloop.model.process import Move
from clientloop.model.record import record_of
from clientloop.model.where import ALL, AnyOf, Where, compile_test, eq, one_of
from clientloop.model.work import Actor, Role


class Right(StrEnum):
    """What somebody of the firm may do with an item."""

    #: Read it, its words, its journal and its messages.
    SEE = "see"
    #: Make the moves that need no superior.
    MOVE = "move"
    #: Make the moves that need a superior.
    DECIDE = "decide"


class Scope(StrEnum):
    """With which items; each holds those before it."""

    #: None.
    NONE = "none"
    #: Those that the actor owns; to see, also those that the actor watches.
    OWN = "own"
    #: Also those of the actor's teams, and of the members of these.
    TEAM = "team"
    #: All of the firm's.
    ALL = "all"


#: The rights of each role; a role, and a right of a role, that is not named has all items.
Rights = Mapping[Role, Mapping[Right, Scope]]

#: Roles that the setting does not speak of: they are no people of the firm.
UNRESTRICTED = frozenset({Role.SYSTEM, Role.CUSTOMER})

_WIDER = tuple(Scope)

_WORDS = {Scope.NONE: "no items", Scope.OWN: "their own items", Scope.TEAM: "items of their teams"}

_FEEDBACK = record_of(Feedback)


@frozen(kw_only=True)
class Circle:
    """An actor, and whom the actor works with."""

    #: The actor's name.
    name: str
    #: The actor's teams.
    teams: Collection[str] = ()
    #: The members of these teams.
    colleagues: Collection[str] = ()


def scope_of(rights: Rights, roles: Set[Role], right: Right) -> Scope:
    """How far a right goes for somebody with these roles: the widest of them counts.

    Args:
        rights: What the firm has set.
        roles: The roles held; nobody may do anything without one.
        right: The right.
    """
    scopes = [rights.get(role, {}).get(right, Scope.ALL) for role in roles]
    return max(scopes, key=_WIDER.index, default=Scope.NONE)


def within(scope: Scope, circle: Circle, right: Right) -> Where:
    """The items that a right goes for, as a condition that lists can be filtered by.

    >>> within(Scope.OWN, Circle(name="mia"), Right.MOVE)
    AnyOf(parts=(Compare(field='owner', operator=<Operator.EQ: '='>, value='mia'),))
    """
    if scope is Scope.ALL:
        return ALL
    parts: list[Where] = []
    if scope is not Scope.NONE:
        parts.append(eq("owner", circle.name))
        if right is Right.SEE:
            parts.append(watched_by(circle.name))
    if scope is Scope.TEAM:
        parts += [one_of("team", circle.teams), one_of("owner", circle.colleagues)]
    return AnyOf(tuple(parts))


def right_to(row: Move) -> Right:
    """Which right a move takes: to decide, if it needs a superior; else to move."""
    return Right.DECIDE if Role.SUPERIOR in row.who and Role.OWNER not in row.who else Right.MOVE


def covers(reach: Where, item: Feedback) -> bool:
    """Whether an item is among those that a right goes for."""
    return reach == ALL or compile_test(reach, _FEEDBACK)(_FEEDBACK.encode(item))


def refusal(actor: Actor, right: Right, rights: Rights, item: Feedback) -> NotAllowed:
    """The error of somebody who reaches too far; it says nothing of what the item holds."""
    scope = scope_of(rights, actor.roles, right)
    return NotAllowed(f"{actor.name} may not {right} {item.ref}", hint=f"they may {right} {_WORDS[scope]} alone")
