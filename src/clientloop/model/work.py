"""Who does what inside a loop: roles, actors, tasks."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from attrs import frozen

from clientloop.errors import InvalidValue
from clientloop.model.codec import Ids, Json, Maybe, Sometime
from clientloop.model.record import Index, Personal, record


class Role(StrEnum):
    """On whose behalf a move is made."""

    #: Whoever works on the item.
    OWNER = "owner"
    #: Who decides above the owner; the host application says who that is.
    SUPERIOR = "superior"
    #: The library itself, at a deadline.
    SYSTEM = "system"
    #: The customer: by a signed link, a reply, or a note of a call.
    CUSTOMER = "customer"


@frozen(kw_only=True)
class Actor:
    """Who makes a move, with the roles that the host application vouches for.

    >>> Actor.of("agent-7").roles == {Role.OWNER}
    True
    >>> Actor.superior("head").may(frozenset({Role.OWNER}))
    True
    """

    #: Name of the person, or of the customer.
    name: str
    #: The roles it acts in.
    roles: frozenset[Role] = frozenset({Role.OWNER})

    @classmethod
    def of(cls, by: "str | Actor") -> "Actor":
        """A bare name is somebody of the firm without further rights.

        Raises:
            InvalidValue: It is neither a name nor an actor.
        """
        if isinstance(by, cls):
            return by
        if not isinstance(by, str) or not by.strip():
            raise InvalidValue(f"{by!r:.60} is nobody", hint="give a name, or an Actor with roles")
        return cls(name=by)

    @classmethod
    def superior(cls, name: str) -> "Actor":
        """Somebody who may also decide."""
        return cls(name=name, roles=frozenset({Role.OWNER, Role.SUPERIOR}))

    @classmethod
    def customer(cls, name: str = "customer") -> "Actor":
        """The customer, whose word came by a signed link, a reply or a call."""
        return cls(name=name, roles=frozenset({Role.CUSTOMER}))

    def may(self, who: frozenset[Role]) -> bool:
        """Whether one of these roles is held."""
        return not who.isdisjoint(self.roles)


#: The library itself, at a deadline.
SYSTEM = Actor(name="system", roles=frozenset({Role.SYSTEM}))


@record(
    "task",
    key=("id",),
    indexes=(Index("of_item", ("item", "is_open")), Index("agenda", ("is_open", "owner", "due"))),
    references={"item": "feedback"},
)
@frozen(kw_only=True)
class Task:
    """A piece of work inside a loop."""

    #: The space it belongs to.
    space: str
    #: Its id.
    id: UUID
    #: The item it serves.
    item: UUID
    #: What sort of work: executor, expert, sale, relationship.
    kind: str
    #: What is to be done.
    title: Personal[str]
    #: Who does it; None while nobody has taken it.
    owner: Maybe = None
    #: By when, UTC.
    due: Sometime = None
    #: Whether it is still to be done.
    is_open: bool = True
    #: Its steps: each a text, and whether it is ticked off.
    checklist: Personal[tuple[Json, ...]] = ()
    #: The tasks that must be done before it.
    after: Ids = ()
    #: What was done.
    result: Personal[str | None] = None
    #: When it was opened, UTC.
    created_at: datetime
    #: When it was done, UTC.
    done_at: datetime | None = None
    #: Counts changes; guards updates.
    version: int = 1
