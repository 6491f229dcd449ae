"""What has been said, found again: single items and what belongs to them, the inbox, lists and the search for words.

Every verb takes `by`, the person who asks: by the setting `rights` it then shows what that person may see, and no more.
"""

from functools import partial
from typing import TypeVar, Unpack
from uuid import UUID

from clientloop.errors import NotFound
from clientloop.model.feedback import Feedback, Transition
from clientloop.model.interactions import Attachment, Text
from clientloop.model.messages import Delivery, OutboundMessage
from clientloop.model.page import Page
from clientloop.model.process import is_mark
from clientloop.model.refs import read_ref
from clientloop.model.where import ALL, Where, eq
from clientloop.model.work import Actor, Role
from clientloop.rules.staff.rights import Right, covers, right_to
from clientloop.services.context import Context
from clientloop.services.ids import id_of
from clientloop.services.loop.filters import Filters, condition, doubt, order_of
from clientloop.services.loop.rights import check_right, reach

R = TypeVar("R")


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
            UnknownName: There is no such filter, kind, state or priority; or there are teams or members, and this is
                none of them. A name that an open item has is none of these.
            InvalidValue: A value is of another type than `Filters` says, or the limit is below 1.

        >>> from clientloop import ClientLoop
        >>> with ClientLoop.open("memory:") as loop:
        ...     low = loop.feedback.receive(kind="question", channel="form", text="Why?", rating=2, scale="1-5")
        ...     [item.ref == low.ref for item in loop.feedback.inbox(state="new", rating_at_most=3)]
        [True]
        """
        wanted = eq("is_open", True) & where & condition(filters)
        if text is not None:
            page = self.search(text, where=wanted, by=by, after=after, limit=limit)
        else:
            page = self.list(where=wanted, order=order_of(wanted), by=by, after=after, limit=limit)
        if filters and after is None:
            doubt(self._context, filters, page.items)
        return page

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


def _called(item: object) -> object:
    """How messages call what was given as an item: a record by its number or id, never by all that is in it."""
    return getattr(item, "ref", getattr(item, "id", item))
