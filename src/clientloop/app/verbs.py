"""The groups of verbs of a loop: each is imported when it is first used."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from clientloop.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

    from clientloop.channels.desk.entries import Entry
    from clientloop.exchange.desk import Imports
    from clientloop.exchange.exports import Exports
    from clientloop.model.feedback import Feedback
    from clientloop.model.page import Page
    from clientloop.model.spaces import Space
    from clientloop.model.where import Where
    from clientloop.model.work import Actor
    from clientloop.ports.clock import Clock
    from clientloop.reports.desk import Reports
    from clientloop.services.asking.questions import Questions
    from clientloop.services.context import Context
    from clientloop.services.deals.desk import Deals
    from clientloop.services.intake.desk import ChannelDesk
    from clientloop.services.intake.reading import Received
    from clientloop.services.keeping.rules import Breach
    from clientloop.services.loop.feedback import FeedbackDesk
    from clientloop.services.loop.filters import Filters
    from clientloop.services.measures.desk import Metrics
    from clientloop.services.outer.improvements import Improvements
    from clientloop.services.outgoing.consent import Consents
    from clientloop.services.outgoing.outbox import Outbox
    from clientloop.services.people.accounts import Accounts
    from clientloop.services.people.customers import Customers
    from clientloop.services.people.interactions import Interactions
    from clientloop.services.planning.appointments import Appointments
    from clientloop.services.relationships.standings import Relationships
    from clientloop.services.setup.settings import SettingsDesk
    from clientloop.services.staff.members import Staff
    from clientloop.services.staff.tasks import Tasks


class Verbs:
    """What applications do with a firm's customers and their words.

    Args:
        context: What all groups share.
    """

    def __init__(self, context: Context) -> None:
        """Make no group yet."""
        self._context = context

    @property
    def space(self) -> Space:
        """The firm whose data this object sees."""
        return self._context.space

    def change_space(
        self,
        *,
        region: str | None = None,
        zone: str | None = None,
        locale: str | None = None,
        currency: str | None = None,
    ) -> Space:
        """Change what was said of the firm when its space was made; what is not given stays.

        What is written stays as it is: numbers with the country under which they were read, amounts with their
        currency, deadlines that run. Other objects on this space know of it when they are opened again.

        Args:
            region: ISO 3166 code where phone numbers without a country code are read; the setting `region`, where
                somebody has set it, goes before it.
            zone: IANA name of the zone of its calendar and of date-only input.
            locale: BCP 47 tag of the language of its texts.
            currency: ISO 4217 code of amounts that name none.

        Returns:
            The space as it is then.

        Raises:
            UnknownName: There is no such region or zone.
            InvalidValue: The locale or the currency has not the form of one.
            Conflict: Somebody else has changed it at the same time.

        >>> from clientloop import ClientLoop
        >>> with ClientLoop.open("memory:", region="SI") as loop:
        ...     loop.change_space(region="AT", currency="CHF").region
        'AT'
        """
        from clientloop.services.setup.spaces import change_space

        context = self._context
        context.space = change_space(
            context.store, context.space.space, region=region, zone=zone, locale=locale, currency=currency
        )
        context.forget()
        return context.space

    @property
    def clock(self) -> Clock:
        """Where the present comes from."""
        return self._context.clock

    def write_down(self, entry: Entry, *, channel: str | None = None) -> Received:
        """Take what an operator has written down: a call, an entry of the complaints book, answers to an oral poll.

        It comes in as over any channel: it is stored, sorted, and taken once, however often it is typed. The operator
        is kept with it, and the outside call centre of the operator, if there is one.

        Args:
            entry: A `Call`, `BookEntry` or `Poll` of `clientloop.channels.desk.entries`.
            channel: By which channel it comes, where the firm has set up its own, say one for each complaints book;
                "phone", "book" or "poll" if not given.

        Returns:
            What became of it; the item is `events[0].became`.

        Raises:
            UnknownName: There is no such channel.
            InvalidValue: The channel takes no entries.

        >>> from clientloop import ClientLoop
        >>> from clientloop.channels.desk.entries import Call
        >>> with ClientLoop.open("memory:", region="SI") as loop:
        ...     note = Call(call="117", operator="kim", kind="complaint", text="It is late", phone="040 123 456")
        ...     [event] = loop.write_down(note).events
        ...     item = loop.feedback.get(event.became)
        >>> item.kind, item.channel, item.reply_to
        ('complaint', 'phone', '+38640123456')
        """
        from clientloop.channels.desk.channel import Desk

        name = channel or entry.channel
        desk = self.channels.channel(name)
        if not isinstance(desk, Desk):
            hint = f'set one up: [channels.{name}] with type = "desk"'
            raise InvalidValue(f"channel {name!r} takes no entries of operators", hint=hint)
        return self.channels.receive(name, desk.raw(entry))

    @property
    def context(self) -> Context:
        """What all services share: for faces and imports."""
        return self._context

    @cached_property
    def customers(self) -> Customers:
        """Who speaks."""
        from clientloop.services.people.customers import Customers

        return Customers(self._context)

    @cached_property
    def accounts(self) -> Accounts:
        """Companies that customers belong to."""
        from clientloop.services.people.accounts import Accounts

        return Accounts(self._context, self.customers)

    @cached_property
    def interactions(self) -> Interactions:
        """Purchases, calls, visits, messages."""
        from clientloop.services.people.interactions import Interactions

        return Interactions(self._context)

    @cached_property
    def feedback(self) -> FeedbackDesk:
        """What customers say, and what becomes of it."""
        from clientloop.services.loop.feedback import FeedbackDesk

        return FeedbackDesk(self._context, self.customers)

    @cached_property
    def deals(self) -> Deals:
        """What may be sold to whom, and how far it has come."""
        from clientloop.services.deals.desk import Deals

        return Deals(self._context, self.customers, self.accounts)

    @cached_property
    def appointments(self) -> Appointments:
        """Planned contacts."""
        from clientloop.services.planning.appointments import Appointments

        return Appointments(self._context, self.customers)

    @cached_property
    def questions(self) -> Questions:
        """What customers are asked, and what they answer."""
        from clientloop.services.asking.questions import Questions

        return Questions(self._context, self.feedback)

    @cached_property
    def tasks(self) -> Tasks:
        """Work inside loops."""
        from clientloop.services.staff.tasks import Tasks

        return Tasks(self._context)

    @cached_property
    def improvements(self) -> Improvements:
        """What many items point to."""
        from clientloop.services.outer.improvements import Improvements

        return Improvements(self._context)

    @cached_property
    def relationships(self) -> Relationships:
        """What customers are to the firm."""
        from clientloop.services.relationships.standings import Relationships

        return Relationships(self._context)

    @cached_property
    def staff(self) -> Staff:
        """The members of the firm."""
        from clientloop.services.staff.members import Staff

        return Staff(self._context)

    @cached_property
    def consent(self) -> Consents:
        """What customers allow."""
        from clientloop.services.outgoing.consent import Consents

        return Consents(self._context)

    @cached_property
    def channels(self) -> ChannelDesk:
        """What comes in by the channels of the application."""
        from clientloop.services.intake.desk import ChannelDesk

        return ChannelDesk(self._context)

    @cached_property
    def outbox(self) -> Outbox:
        """Messages that no channel has taken yet."""
        from clientloop.services.outgoing.outbox import Outbox

        return Outbox(self._context)

    @cached_property
    def metrics(self) -> Metrics:
        """How well the firm does, in numbers."""
        from clientloop.services.measures.desk import Metrics

        return Metrics(self._context)

    @cached_property
    def reports(self) -> Reports:
        """How well the loop works."""
        from clientloop.reports.desk import Reports

        return Reports(self._context)

    @cached_property
    def imports(self) -> Imports:
        """What other systems have, from files."""
        from clientloop.exchange.desk import Imports

        return Imports(self._context)

    @cached_property
    def exports(self) -> Exports:
        """What other programs take, as files."""
        from clientloop.exchange.exports import Exports

        return Exports(self._context)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of feedback that are declared."""
        return self._context.parts.processes.kinds

    @cached_property
    def settings(self) -> SettingsDesk:
        """What the firm has set."""
        from clientloop.services.setup.settings import SettingsDesk

        return SettingsDesk(self._context)

    def inbox(
        self,
        *,
        where: Where | None = None,
        by: str | Actor | None = None,
        after: str | None = None,
        limit: int = 50,
        text: str | None = None,
        **filters: Unpack[Filters],
    ) -> Page[Feedback]:
        """A page of the open items, the earliest due first; with `text`, the latest recorded first.

        Args:
            where: Which of them, as a condition: `where=eq("owner", None)` finds what nobody owns.
            by: Who wants to see them; only those are shown that this person may see.
            after: The `next` of the page before.
            limit: How many at most.
            text: In whose words these occur: words, beginnings such as `refund*`, words that follow one another in
                double quotes.
            filters: Any of `owner`, `team`, `kind`, `state`, `priority`, `tag`, `due_before` (an aware time) and
                `rating_at_most`; None asks for nothing.

        Raises:
            UnknownName: There is no such filter, kind, state or priority, or there are teams, and this is none of them.
            InvalidValue: There is no word to search for, or `after` is no `next` of such a page.

        >>> from clientloop import ClientLoop
        >>> with ClientLoop.open("memory:") as loop:
        ...     low = loop.feedback.receive(kind="question", channel="form", text="Why?", rating=2, scale="1-5")
        ...     [item.ref == low.ref for item in loop.inbox(state="new", rating_at_most=3)]
        [True]
        """
        from clientloop.model.where import ALL

        seen = ALL if where is None else where
        return self.feedback.inbox(where=seen, by=by, after=after, limit=limit, text=text, **filters)

    def check(self) -> Iterator[Breach]:
        """Everything in this space, or in the storage, that is not as it must be; nothing on a healthy one.

        Others may go on working meanwhile. `clientloop.check_store` asks the same of a store that nobody has opened.

        Raises:
            StoreError: The store cannot be read at all.

        >>> from clientloop import ClientLoop
        >>> with ClientLoop.open("memory:") as loop:
        ...     item = loop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
        ...     list(loop.check())
        []
        """
        from clientloop.services.keeping.checking import check_all

        return check_all(self._context.store, [self._context.space.space])

    def backup(self, target: str | PathLike[str]) -> None:
        """Write a copy of the whole store, with all its spaces, as it is at one moment; others go on working meanwhile.

        Args:
            target: The file to write, which must not exist yet. A copy of a SQLite file is a store of its own.

        Raises:
            InvalidValue: There is such a file.
            NotSupported: The store is in memory, or is backed up by tools of its own, such as PostgreSQL.
            StoreFull: The disk is.
            StoreError: The copy cannot be written there, or is damaged.

        >>> from tempfile import mkdtemp
        >>> from clientloop import ClientLoop
        >>> folder = mkdtemp()
        >>> with ClientLoop.open(f"sqlite:///{folder}/shop.db") as loop:
        ...     loop.backup(f"{folder}/monday.db")
        """
        self._context.store.backup(Path(target))
