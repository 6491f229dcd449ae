"""What has been said, found again: single items and what belongs to them, the inbox, lists and the search for words.

Every verb takes `by`, the person who asks: by the setting `rights` it then shows what that person may see, and no more.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypedDict, TypeVar, Unpack
from uuid import UUID

from clientloop.errors import NotFound, UnknownName
from clientloop.model.feedback import Feedback, Priority, Transition, tagged
from clientloop.model.interactions import Attachment, Text
from clientloop.model.messages import Delivery, OutboundMessage
from clientloop.model.page import Page
from clientloop.model.process import is_mark
from clientloop.model.refs import read_ref
from clientloop.model.staff import Team
from clientloop.model.where import ALL, Every, Where, eq, equalities, le, lt
from clientloop.model.work import Actor, Role
from clientloop.rules.staff.rights import Right, covers, right_to
from clientloop.services.context import Context
from clientloop.services.ids import id_of
from clientloop.services.loop.rights import check_right, reach

R = TypeVar("R")

#: The index that the inbox is read by where this field is given; else the agenda of all. Each is in the order of `due`.
_ORDERS = {"owner": "inbox", "team": "by_team"}


class Filters(TypedDict, total=False):
    """What the inbox can be asked for; None asks for nothing."""

    #: Whose items.
    owner: str | None
    #: Items of which team.
    team: str | None
    #: Of which kind.
    kind: str | None
    #: In which state.
    state: str | None
    #: How urgent.
    priority: Priority | str | None
    #: Marked with which tag.
    tag: str | None
    #: Due before this time, aware.
    due_before: datetime | None
    #: With a rating of at most so much, on whatever scale it was given.
    rating_at_most: int | None


class Inbox:
    """What has been said, found again."""

    def __init__(self, context: Context) -> None:
        """Read in one space."""
        self._context = context

    def get(self, item: Feedback | UUID | str, *, by: str | Actor | None = None) -> Feedback:
        """The item as it is now.

        Args:
            item: An item, an id, or the number for people as a customer may have typed it.
            by: Who wants to see it; nobody in particular if not given, and then no right is asked for.

        Raises:
            NotFound: There is none in this space.
            NotAllowed: There is one, and its reader may not see it.
        """
        store, space = self._context.store, self._context.space.space
        if isinstance(item, str) and len(read_ref(item)) == 8:
            page = store.page(Feedback, space, where=eq("ref", read_ref(item)), order="by_ref", limit=1)
            found = page.items[0] if page.items else None
        else:
            found = store.get(Feedback, (space, id_of(item)))
        if found is None:
            raise NotFound(f"no feedback {_called(item)}", hint="`inbox()` lists the open items")
        if by is not None:
            check_right(self._context, Actor.of(by), Right.SEE, found)
        return found

    def words(self, item: Feedback | UUID | str, *, by: str | Actor | None = None) -> Text:
        """What the customer said.

        Args:
            item: The item, its id or its number for people.
            by: As of `get`.

        Raises:
            NotFound: There is no such item.
            NotAllowed: Its reader may not see it.
        """
        found = self._context.store.get(Text, (self._context.space.space, self._id(item, by)))
        if found is None:
            raise NotFound(f"no words of {_called(item)}", hint="not every interaction has some")
        return found

    def files(self, item: Feedback | UUID | str, *, by: str | Actor | None = None) -> tuple[Attachment, ...]:
        """The files that came with an item; the arguments are those of `words`."""
        return self._of(Attachment, self._id(item, by))

    def history(self, item: Feedback | UUID | str, *, by: str | Actor | None = None) -> tuple[Transition, ...]:
        """The journal of an item, oldest first: who moved it, when, why, and what the customer was told."""
        return self._of(Transition, self._id(item, by))

    def outbox(self, item: Feedback | UUID | str, *, by: str | Actor | None = None) -> tuple[OutboundMessage, ...]:
        """The messages about an item that no channel has taken yet."""
        return self._of(OutboundMessage, self._id(item, by), order="of_item")

    def deliveries(self, item: Feedback | UUID | str, *, by: str | Actor | None = None) -> tuple[Delivery, ...]:
        """What became of the messages about an item, oldest first; their words are the `text` of the same id."""
        return self._of(Delivery, self._id(item, by), order="of_item")

    def next_moves(self, item: Feedback | UUID | str, *, by: str | Actor | None = None) -> tuple[str, ...]:
        """Names of the moves that an item's state has for people; what every state has, such as `note`, is left out.

        Args:
            item: The item.
            by: Whose moves, by roles and rights; everybody's but the system's if not given.
        """
        found = self._loaded(item)
        loop = self._context.loop_of(found.kind, found.process)
        rows = [row for row in map(partial(loop.row, found.state), loop.moves_from(found.state)) if not is_mark(row)]
        if by is None:
            return tuple(row.name for row in rows if row.who - {Role.SYSTEM})
        actor = Actor.of(by)
        may = {right for right in (Right.MOVE, Right.DECIDE) if covers(reach(self._context, actor, right), found)}
        return tuple(row.name for row in rows if actor.may(row.who) and right_to(row) in may)

    def list(
        self,
        *,
        where: Where = ALL,
        order: str = "key",
        by: str | Actor | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Feedback]:
        """A page of items, open and closed.

        Args:
            where: Which items.
            order: Name of an index of `Feedback`, or `key` for the order of receipt.
            by: Who wants to see them; only those are shown that this person may see.
            after: The `next` of the page before.
            limit: How many at most.
        """
        seen = where & self._seen(by)
        return self._context.store.page(
            Feedback, self._context.space.space, where=seen, order=order, after=after, limit=limit
        )

    def inbox(
        self,
        *,
        where: Where = ALL,
        by: str | Actor | None = None,
        after: str | None = None,
        limit: int = 50,
        text: str | None = None,
        **filters: Unpack[Filters],
    ) -> Page[Feedback]:
        """A page of the open items, the earliest due first; with `text`, the latest recorded first.

        Args:
            where: Which of them; `where=eq("owner", None)` finds what nobody owns.
            by: Who wants to see them; only those are shown that this person may see.
            after: The `next` of the page before.
            limit: How many at most.
            text: In whose words these occur, as of `search`.
            filters: Whose, of which kind, due before when, and the like: the fields of `Filters`.

        Raises:
            UnknownName: There is no such filter, kind, state or priority, or there are teams, and this is none of them.

        >>> from clientloop import ClientLoop
        >>> with ClientLoop.open("memory:") as loop:
        ...     low = loop.feedback.receive(kind="question", channel="form", text="Why?", rating=2, scale="1-5")
        ...     [item.ref == low.ref for item in loop.feedback.inbox(state="new", rating_at_most=3)]
        [True]
        """
        wanted = eq("is_open", True) & where & self._filtered(filters)
        if text is not None:
            return self.search(text, where=wanted, by=by, after=after, limit=limit)
        order = next((index for name, index in _ORDERS.items() if name in equalities(wanted)), "agenda")
        return self.list(where=wanted, order=order, by=by, after=after, limit=limit)

    def search(
        self,
        words: str,
        *,
        where: Where = ALL,
        by: str | Actor | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Feedback]:
        """A page of the items, open and closed, in whose words all words occur, the latest recorded first.

        Args:
            words: Words, beginnings such as `refund*`, words that follow one another in double quotes.
            where: Which of the items.
            by: Who wants to see them; only those are shown that this person may see.
            after: The `next` of the page before.
            limit: How many at most.

        Raises:
            InvalidValue: There is no word to search for.
        """
        seen = where & self._seen(by)
        return self._context.store.search(self._context.space.space, words, where=seen, after=after, limit=limit)

    def _seen(self, by: str | Actor | None) -> Where:
        return ALL if by is None else reach(self._context, Actor.of(by), Right.SEE)

    def _id(self, item: Feedback | UUID | str, by: str | Actor | None = None) -> UUID:
        if by is not None:
            return self.get(item, by=by).id
        return item if isinstance(item, UUID) else self._loaded(item).id

    def _loaded(self, item: Feedback | UUID | str) -> Feedback:
        """The item: one that is given is taken as it is, so that its version guards what is made of it."""
        return self._context.own(item) if isinstance(item, Feedback) else self.get(item)

    def _of(self, cls: type[R], item: UUID, *, order: str = "key") -> tuple[R, ...]:
        """The records of a class that belong to an item."""
        where = eq("item", item)
        return tuple(self._context.store.pages(cls, self._context.space.space, where=where, order=order))

    def _filtered(self, filters: Filters) -> Where:
        given = {name: value for name, value in filters.items() if value is not None}
        for name in given:
            if name not in _FILTERS:
                raise UnknownName.among(name, _FILTERS, what="filter of the inbox")
        self._check_names(filters.get("kind"), filters.get("state"))
        self._check_team(filters.get("team"))
        return Every(tuple(_FILTERS[name](value) for name, value in given.items()))

    def _check_names(self, kind: str | None, state: str | None) -> None:
        """The kind is declared, and the state is one of the kind's, or of any kind."""
        processes = self._context.parts.processes
        loops = [processes.newest(name) for name in (processes.kinds if kind is None else (kind,))]
        known = {name: None for loop in loops for name in loop.states}
        if state is not None and state not in known:
            raise UnknownName.among(state, known, what="state" if kind is None else f"state of {kind}")

    def _check_team(self, name: str | None) -> None:
        """There is such a team; while a space has none, any name may stand for one."""
        store, space = self._context.store, self._context.space.space
        if name is None or store.get(Team, (space, name)) is not None:
            return
        if names := [team.name for team in store.pages(Team, space)]:
            raise UnknownName.among(name, names, what="team")


def _called(item: object) -> object:
    """How messages call what was given as an item: a record by its number or id, never by all that is in it."""
    return getattr(item, "ref", getattr(item, "id", item))


def _priority(priority: Priority | str) -> Where:
    try:
        return eq("priority", Priority(priority))
    except ValueError:
        raise UnknownName.among(priority, [known.value for known in Priority], what="priority") from None


#: What each filter asks of an item.
_FILTERS: Mapping[str, Callable[[Any], Where]] = {  # Any: each has a type of its own, which `Filters` declares
    "owner": partial(eq, "owner"),
    "team": partial(eq, "team"),
    "kind": partial(eq, "kind"),
    "state": partial(eq, "state"),
    "priority": _priority,
    "tag": tagged,
    "due_before": partial(lt, "due"),
    "rating_at_most": partial(le, "rating"),
}
