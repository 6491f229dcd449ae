"""The object that applications hold, and the one place where everything is wired.

What it needs is imported when it is used: `from clientloop import ClientLoop` costs an application little at its start.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self, Unpack

from attrs import frozen

from clientloop.errors import InvalidValue

if TYPE_CHECKING:
    import os
    from uuid import UUID

    from clientloop.channels.desk.entries import Entry
    from clientloop.exchange.desk import Imports
    from clientloop.model.facts import Fact
    from clientloop.model.feedback import Feedback
    from clientloop.model.page import Page
    from clientloop.model.spaces import Space
    from clientloop.model.where import Where
    from clientloop.model.work import Actor
    from clientloop.plugins.registry import Registry
    from clientloop.ports.clock import Clock
    from clientloop.ports.effects import Effect, Result
    from clientloop.ports.store import Store
    from clientloop.reports.desk import Reports
    from clientloop.services.context import Context, Parts
    from clientloop.services.intake.desk import ChannelDesk
    from clientloop.services.intake.reading import Received
    from clientloop.services.loop.feedback import FeedbackDesk
    from clientloop.services.loop.inbox import Filters
    from clientloop.services.outer.improvements import Improvements
    from clientloop.services.outgoing.consent import Consents
    from clientloop.services.outgoing.outbox import Outbox
    from clientloop.services.people.accounts import Accounts
    from clientloop.services.people.customers import Customers
    from clientloop.services.people.interactions import Interactions
    from clientloop.services.setup.settings import SettingsDesk
    from clientloop.services.staff.members import Staff
    from clientloop.services.staff.tasks import Tasks

#: What is built in: light modules of hooks, as any plugin has them.
BUILTINS: tuple[str, ...] = (
    "clientloop.presets.plugin",
    "clientloop.stores.plugin",
    "clientloop.channels.plugin",
)

#: The space of a firm that has but one.
DEFAULT_SPACE = "main"


@frozen(kw_only=True)
class Ran:
    """What `run_due` has done."""

    #: Absences that had begun: the open work was handed over.
    absences: int = 0
    #: Messages whose reader was lost, read again.
    reread: int = 0
    #: Polls of channels.
    polls: int = 0
    #: Messages that these polls brought.
    fetched: int = 0
    #: Items whose deadlines had come.
    timers: int = 0
    #: Messages that a channel took.
    accepted: int = 0
    #: Messages that none took: they are tried again, or wait for a person in `loop.outbox`.
    failed: int = 0

    def __add__(self, other: Ran) -> Ran:
        """Both together."""
        return Ran(
            absences=self.absences + other.absences,
            reread=self.reread + other.reread,
            polls=self.polls + other.polls,
            fetched=self.fetched + other.fetched,
            timers=self.timers + other.timers,
            accepted=self.accepted + other.accepted,
            failed=self.failed + other.failed,
        )


class ClientLoop:
    """One firm's customers and their words: open it, keep it, share it between threads.

    Its groups of verbs: `customers`, `accounts`, `interactions`, `feedback`, `tasks`, `improvements`, `staff`,
    `consent`, `outbox`, `channels`, `imports`, `reports`, `settings`.

    >>> with ClientLoop.open("memory:") as loop:
    ...     item = loop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
    ...     print(item.state, loop.feedback.next_moves(item)[:2])
    new ('assess', 'wait')
    """

    def __init__(
        self,
        store: Store,
        space: Space,
        parts: Parts,
        *,
        registry: Registry,
        defer: Callable[[tuple[Fact, ...]], None] | None = None,
    ) -> None:
        """Wire the parts; applications call `open`."""
        from clientloop.services.context import Context

        self.store = store
        self.registry = registry
        self._context = Context(store, space, parts, defer=defer)

    @classmethod
    def open(
        cls,
        url: str,
        *,
        space: str = DEFAULT_SPACE,
        region: str | None = None,
        zone: str | None = None,
        locale: str | None = None,
        currency: str | None = None,
        clock: Clock | None = None,
        plugins: Iterable[object] = (),
        channels: Mapping[str, object] | None = None,
        entry_points: bool = True,
        perform: Callable[[Effect], Result] | None = None,
        suppression_key: str | bytes | None = None,
        ids: Callable[[int], UUID] | None = None,
        refs: Callable[[], str] | None = None,
    ) -> Self:
        """Open a store, made ready and brought up to date, and a space in it.

        Args:
            url: Where the data live: `sqlite:///shop.db`, `memory:`, or the scheme of a plugin's store.
            space: The firm; made when it is not there. The next four are kept when it is made.
            region: ISO 3166 code where phone numbers without a country code are read.
            zone: IANA name of the zone of its calendar and of date-only input; UTC if not given.
            locale: BCP 47 tag of the language of its texts; "en" if not given.
            currency: ISO 4217 code of amounts that name none; "EUR" if not given.
            clock: Where the present comes from; the machine's if not given.
            plugins: Objects with hooks of `clientloop.plugins.spec`, besides those that are installed.
            channels: How channels are set up, by name: an instance of the adapter's config class, a table as in
                `clientloop.toml`, a URL, or a channel. They are checked here, not when the first message is sent.
            entry_points: Whether to look for installed plugins.
            perform: Carries out what channels ask for; `clientloop.drivers` does if not given.
            suppression_key: A secret of at least 16 bytes, under which addresses are hashed that are left alone; give
                the same one always. If not given, each space has a random one, beside the hashes.
            ids: Makes ids from microseconds since 1970; UUIDs of version 7 if not given.
            refs: Makes numbers for people: eight characters of Crockford's base 32; random ones if not given.

        Raises:
            UnknownName: No store has this scheme.
            PluginError: A plugin given here is wrong; an installed one that is wrong is listed by `registry.report()`.
            InvalidValue: A channel is set up wrongly: all faults of all channels are named; or the key is too short.
            MissingExtra: A channel needs a library that is not installed.
            StoreError: The store cannot be opened.
        """
        from clientloop.drivers.lazily import LazyDrivers
        from clientloop.plugins.registry import Registry
        from clientloop.ports.clock import SystemClock
        from clientloop.presets.common import COMMON
        from clientloop.rules.loop.process import prepare
        from clientloop.services.context import Parts
        from clientloop.services.ids import new_id, new_ref
        from clientloop.services.intake.polling import keep_polling
        from clientloop.services.outgoing.suppression import checked_key
        from clientloop.services.setup.channels import Channels
        from clientloop.services.setup.classifiers import Classifiers
        from clientloop.services.setup.processes import Processes
        from clientloop.services.setup.spaces import enter_space

        registry = Registry(
            builtins=BUILTINS,
            plugins=plugins,
            entry_points=entry_points,
            check=lambda process: prepare(process, COMMON),
        )
        scheme, colon, _ = url.partition(":")
        if not colon:
            raise InvalidValue(f"{url!r:.80} is no address of a store", hint=f"write it like sqlite:///{url}")
        configured = Channels(registry, channels, performed=perform is None)
        configured.check()
        secret = checked_key(suppression_key)
        clock = clock or SystemClock()
        drivers = LazyDrivers(clock)
        store = registry.store(scheme).open(url)
        try:
            store.migrate()
            firm = enter_space(store, space, region=region, zone=zone, locale=locale, currency=currency)
            parts = Parts(
                clock=clock,
                plugins=configured,
                processes=Processes(registry.processes(), COMMON),
                ids=ids or new_id,
                refs=refs or new_ref,
                suppression_key=secret,
                classify=Classifiers(registry).kind_of,
                perform=perform or drivers.perform,
                release=drivers.close,
            )
            loop = cls(store, firm, parts, registry=registry)
            loop.context.store_definitions()
            keep_polling(loop.context)
        except BaseException:
            store.close()
            raise
        return loop

    @classmethod
    def from_config(
        cls, path: str | os.PathLike[str], *, clock: Clock | None = None, plugins: Iterable[object] = ()
    ) -> Self:
        """Open what a configuration file says.

        Args:
            path: `clientloop.toml`: the URL of the `store`, a table `space`, and tables `channels.NAME`; secrets are
                written as `env:NAME`.
            clock: As of `open`.
            plugins: As of `open`.

        Raises:
            InvalidValue: The file cannot be read, or says what nobody declared.
        """
        from clientloop.services.setup.config import read_config

        config = read_config(path)
        firm = config.space
        return cls.open(
            config.store,
            space=firm.name,
            region=firm.region,
            zone=firm.zone,
            locale=firm.locale,
            currency=firm.currency,
            clock=clock,
            plugins=plugins,
            channels=config.channels,
            suppression_key=config.suppression_key,
        )

    @property
    def space(self) -> Space:
        """The firm whose data this object sees."""
        return self._context.space

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
    def reports(self) -> Reports:
        """How well the loop works."""
        from clientloop.reports.desk import Reports

        return Reports(self._context)

    @cached_property
    def imports(self) -> Imports:
        """What other systems have, from files."""
        from clientloop.exchange.desk import Imports

        return Imports(self._context)

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
        """A page of the open items, the earliest due first; see `Inbox.inbox`."""
        from clientloop.model.where import ALL

        seen = ALL if where is None else where
        return self.feedback.inbox(where=seen, by=by, after=after, limit=limit, text=text, **filters)

    def run_due(self) -> Ran:
        """Poll channels, hand over the work of whoever is away, take the steps of deadlines, send; in every space.

        Call it from wherever the application runs things again and again; any number of workers may do so at once.
        """
        total = Ran()
        seen: set[str] = set()
        while names := [name for name in self.store.due_spaces(now=self.clock.now()) if name not in seen]:
            for name in names:
                seen.add(name)
                total += self._view(name).run_space()
        return total

    def run_space(self) -> Ran:
        """As `run_due`, in this space alone."""
        from clientloop.services.intake.polling import poll_due
        from clientloop.services.intake.raws import read_due
        from clientloop.services.loop.timers import fire_due
        from clientloop.services.staff.absences import begin_due

        total = Ran()
        while True:
            absent = begin_due(self._context)  # first, so that whoever hears of a deadline is there
            reread, polled = read_due(self._context), poll_due(self._context)
            looked_at = fire_due(self._context)
            sent = self.outbox.send_due()
            total += Ran(
                absences=absent,
                reread=reread,
                polls=polled.polls,
                fetched=polled.messages,
                timers=looked_at,
                accepted=sent.accepted,
                failed=sent.failed,
            )
            if not (absent or reread or polled.polls or looked_at or sent.claimed):
                return total

    def in_space(
        self,
        name: str,
        *,
        region: str | None = None,
        zone: str | None = None,
        locale: str | None = None,
        currency: str | None = None,
    ) -> ClientLoop:
        """A view on another firm's space in the same store, made when it is not there.

        Args:
            name: Name of the space.
            region: As of `open`.
            zone: As of `open`.
            locale: As of `open`.
            currency: As of `open`.
        """
        from clientloop.services.setup.spaces import enter_space

        firm = enter_space(self.store, name, region=region, zone=zone, locale=locale, currency=currency)
        view = ClientLoop(self.store, firm, self._context.parts, registry=self.registry)
        view.context.store_definitions()
        return view

    @contextmanager
    def joined(self, connection: object) -> Generator[JoinedLoop]:
        """A view whose changes become part of the caller's transaction: they stand or fall with it.

        Observers are not told by themselves, as only the caller knows whether the transaction was committed: call
        `notify()` on the view after the commit.

        Args:
            connection: A SQLAlchemy connection, or a connection of the database's driver that is in a transaction.

        Raises:
            NotSupported: The store cannot join this connection.
        """
        facts: list[Fact] = []
        with self.store.joined(connection) as store:
            yield JoinedLoop(store, self.space, self._context.parts, registry=self.registry, facts=facts)

    def _view(self, name: str) -> ClientLoop:
        return self if name == self.space.space else self.in_space(name)

    def close(self) -> None:
        """Close the store, and the connections of the channels; views on other spaces end with it."""
        self._context.parts.release()
        self.store.close()

    def __enter__(self) -> Self:
        """The object itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()


class JoinedLoop(ClientLoop):
    """A view inside the caller's transaction, made by `ClientLoop.joined`."""

    def __init__(self, store: Store, space: Space, parts: Parts, *, registry: Registry, facts: list[Fact]) -> None:
        """Keep the facts for `notify`."""
        super().__init__(store, space, parts, registry=registry, defer=facts.extend)
        self._facts = facts

    def notify(self) -> None:
        """Tell observers what has happened; call it after the transaction was committed."""
        facts, self._facts[:] = tuple(self._facts), []
        self.registry.notify(facts)
