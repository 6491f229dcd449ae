"""The object that applications hold, and the one place where everything is wired.

What it needs is imported when it is used: `from clientloop import ClientLoop` costs an application little at its start.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

from clientloop.app.running import Ran, run_space
from clientloop.app.verbs import Verbs

if TYPE_CHECKING:
    import os
    from uuid import UUID

    from clientloop.model.facts import Fact
    from clientloop.model.spaces import Space
    from clientloop.plugins.registry import Registry
    from clientloop.ports.clock import Clock
    from clientloop.ports.effects import Effect, Result
    from clientloop.ports.store import Store
    from clientloop.services.context import Parts
    from clientloop.services.setup.config import Config

#: What is built in: light modules of hooks, as any plugin has them.
BUILTINS: tuple[str, ...] = (
    "clientloop.presets.plugin",
    "clientloop.stores.plugin",
    "clientloop.channels.plugin",
    "clientloop.metrics.plugin",
    "clientloop.engines.plugin",
)

#: The space of a firm that has but one.
DEFAULT_SPACE = "main"


class ClientLoop(Verbs):
    """One firm's customers and their words: open it, keep it, share it between threads.

    Its groups of verbs: `customers`, `accounts`, `interactions`, `feedback`, `deals`, `appointments`, `questions`,
    `tasks`, `improvements`, `relationships`, `staff`, `consent`, `channels`, `outbox`, `metrics`, `reports`, `imports`,
    `exports`, `settings`.

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

        super().__init__(Context(store, space, parts, defer=defer))
        self.store = store
        self.registry = registry

    @classmethod
    def open(
        cls,
        url: Store | str,
        *,
        space: str = DEFAULT_SPACE,
        region: str | None = None,
        zone: str | None = None,
        locale: str | None = None,
        currency: str | None = None,
        make: bool = True,
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
            url: Where the data live. `sqlite:///shop.db` is a file in the working folder, `sqlite:////srv/shop.db` any
                other; `?timeout=3` behind it says how many seconds a write waits for the application's own (10 if not
                given). `postgresql://user@host/shop?sslmode=require` is a database as libpq reads it, besides
                `connections=4`. `memory:` alone is a new store that nothing outlives. A plugin's store has a scheme of
                its own. A store that was made already may stand here too, say a `WrappedStore` around another; like
                the others it is closed with this object, and if it cannot be opened.
            space: The firm; made when it is not there. The next four are kept when it is made; later they may be left
                out, and what is given must be what was kept: `change_space` changes it.
            region: ISO 3166 code where phone numbers without a country code are read; only numbers with one if not
                given.
            zone: IANA name of the zone of its calendar and of date-only input; a new space has UTC if not given.
            locale: BCP 47 tag of the language of its texts; a new space has "en" if not given.
            currency: ISO 4217 code of amounts that name none; a new space has "EUR" if not given.
            make: Whether to make a space that is not there; without it a misspelt name makes no second firm.
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
            UnknownName: No store has this scheme, there is no such region or zone, or no such space where none is made.
            Conflict: The space is there, and has something else than the region, zone, locale or currency given.
            PluginError: A plugin given here is wrong; an installed one that is wrong is listed by `registry.report()`.
            InvalidValue: A channel is set up wrongly: all faults of all channels are named; the locale or the currency
                has not the form of one; or the key is too short.
            MissingExtra: A channel needs a library that is not installed.
            StoreError: The store cannot be opened.
            Sealed: The space is on its way to another store.
        """
        from clientloop.app.opening import open_store
        from clientloop.drivers.lazily import LazyDrivers
        from clientloop.plugins.registry import Registry
        from clientloop.ports.clock import SystemClock
        from clientloop.presets.common import COMMON
        from clientloop.rules.loop.process import prepare
        from clientloop.services.context import Parts
        from clientloop.services.ids import new_id, new_ref
        from clientloop.services.intake.polling import keep_polling
        from clientloop.services.outgoing.suppression import checked_key
        from clientloop.services.routines import keep_routines
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
        registry.load_passed()
        configured = Channels(registry, channels, performed=perform is None)
        configured.check()
        secret = checked_key(suppression_key)
        clock = clock or SystemClock()
        drivers = LazyDrivers(clock)
        store = open_store(registry, url)
        try:
            store.migrate()
            firm = enter_space(store, space, region=region, zone=zone, locale=locale, currency=currency, make=make)
            parts = Parts(
                clock=clock,
                plugins=configured,
                registry=registry,
                processes=Processes(registry.processes(), COMMON),
                home=space,
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
            keep_routines(loop.context)
        except BaseException:
            store.close()
            raise
        return loop

    @classmethod
    def from_config(
        cls,
        path: str | os.PathLike[str] | Config,
        *,
        make: bool = True,
        clock: Clock | None = None,
        plugins: Iterable[object] = (),
    ) -> Self:
        """Open what a configuration file says.

        Args:
            path: `clientloop.toml`: the URL of the `store`, a table `space`, and tables `channels.NAME`; secrets are
                written as `env:NAME`. Or what it says, as `read_config` gives it.
            make: As of `open`.
            clock: As of `open`.
            plugins: As of `open`.

        Raises:
            InvalidValue: The file cannot be read, or says what nobody declared.
            ClientLoopError: As of `open`.
        """
        from clientloop.services.setup.config import Config, read_config

        config = path if isinstance(path, Config) else read_config(path)
        firm = config.space
        return cls.open(
            config.store,
            space=firm.name,
            region=firm.region,
            zone=firm.zone,
            locale=firm.locale,
            currency=firm.currency,
            make=make,
            clock=clock,
            plugins=plugins,
            channels=config.channels,
            suppression_key=config.suppression_key,
        )

    def run_due(self) -> Ran:
        """Poll, hand over the work of whoever is away, take the steps of deadlines, assess, send; in every space.

        Call it from wherever the application runs things again and again; any number of workers may do so at once.
        Channels are polled for the opened space alone, as its mailboxes are that firm's; what waits in any space is
        sent by them.

        Raises:
            Exception: What went wrong first in a space, named in a note; all other spaces have had their turn.
            StoreError: The store failed.
        """
        from clientloop.app.lanes import Spaces, concerns_all

        spaces, total, broken = Spaces(self), Ran(), list[Exception]()
        seen: set[str] = set()
        while names := [name for name in spaces.due() if name not in seen]:
            for name in names:
                seen.add(name)
                try:
                    if not self._passes_by(name):
                        total += run_space(self._view(name).context)
                except Exception as error:
                    if concerns_all(error):
                        raise
                    error.add_note(f"this is space {name!r}; all other spaces have had their turn")
                    broken.append(error)
        if broken:
            raise broken[0]
        return total

    def run_space(self) -> Ran:
        """As `run_due`, in this space alone."""
        return Ran() if self._passes_by(self.space.space) else run_space(self._context)

    def _passes_by(self, name: str) -> bool:
        from clientloop.services.keeping.seals import passed_by

        return passed_by(self.store, name)

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

        The view shares the store, the clock, the plugins and the channels of this object, and is closed with it. Of a
        space that is there the name is enough; whatever else is given must be what was kept when it was made.

        Args:
            name: Name of the space.
            region: ISO 3166 code where phone numbers without a country code are read.
            zone: IANA name of the zone of its calendar and of date-only input; a new space has UTC if not given.
            locale: BCP 47 tag of the language of its texts; a new space has "en" if not given.
            currency: ISO 4217 code of amounts that name none; a new space has "EUR" if not given.

        Raises:
            UnknownName: There is no such region or zone.
            InvalidValue: The name is empty, or the locale or the currency has not the form of one.
            Conflict: The space is there, and has something else than what is given.
            Sealed: The space is on its way to another store.

        >>> with ClientLoop.open("memory:") as loop:
        ...     acme = loop.in_space("acme", region="AT", zone="Europe/Vienna")
        ...     loop.in_space("acme").space.zone
        'Europe/Vienna'
        """
        from clientloop.services.routines import keep_routines
        from clientloop.services.setup.spaces import enter_space

        firm = enter_space(self.store, name, region=region, zone=zone, locale=locale, currency=currency)
        view = ClientLoop(self.store, firm, self._context.parts, registry=self.registry)
        view.context.store_definitions()
        keep_routines(view.context)
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
