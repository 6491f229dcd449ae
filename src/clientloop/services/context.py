"""What all services of one space share: its store, clock, settings, processes and texts."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from operator import attrgetter
from time import monotonic
from typing import Any, Protocol, TypeVar
from uuid import UUID

from attrs import field, frozen

from clientloop.errors import InvalidValue, NotFound, UnknownName
from clientloop.model.codec import microseconds
from clientloop.model.facts import Fact
from clientloop.model.record import record_of
from clientloop.model.routing import Matter
from clientloop.model.spaces import Definition, Setting, Space
from clientloop.model.units import Add, Change, Delete, Insert, Unit, Update
from clientloop.model.where import eq
from clientloop.plugins.registry import Registry
from clientloop.ports.clock import Clock
from clientloop.ports.effects import Effect, Result
from clientloop.ports.store import Store
from clientloop.rules.loop.case import Kit, Loop
from clientloop.rules.loop.process import prepare
from clientloop.rules.loop.settings import Settings
from clientloop.rules.outgoing.webhooks import tellings
from clientloop.services.ids import new_id, new_ref
from clientloop.services.setup.channels import Channels
from clientloop.services.setup.declared import process_from_data, process_to_data, settings_from_data
from clientloop.services.setup.processes import Processes
from clientloop.services.setup.texts import Texts

#: For how many seconds a process goes by the settings that it has read: another one may have changed them.
FRESH = 10

#: What a declared process is called among the definitions.
PROCESS = "process"


class Owned(Protocol):
    """A record: each is of one space."""

    @property
    def space(self) -> str:
        """Name of the space."""
        ...


R = TypeVar("R", bound=Owned)

#: Which space a change is of. Any: each takes its own change.
_SPACES: Mapping[type[Change], Callable[[Any], object]] = {
    Insert: attrgetter("record.space"),
    Add: attrgetter("zero.space"),
    Update: lambda change: change.key[0],
    Delete: lambda change: change.key[0],
}


@frozen(kw_only=True, eq=False)
class Parts:
    """What an application has wired together, the same for all its spaces."""

    #: Where the present comes from.
    clock: Clock
    #: Channels and observers.
    plugins: Channels
    #: What else plugins have added: relationship models, metrics, engines.
    registry: Registry
    #: The declared kinds.
    processes: Processes
    #: Name of the space that the application has opened: what its channels are polled for.
    home: str
    #: Makes ids from microseconds since 1970; replace it where time-ordered keys make hot spots.
    ids: Callable[[int], UUID] = new_id
    #: Makes numbers for people: eight characters of Crockford's base 32.
    refs: Callable[[], str] = new_ref
    #: Under which key addresses are hashed that are left alone; one of each space's own if not given.
    suppression_key: bytes | None = field(default=None, repr=False)
    #: Tells the kind of a message, and by which classifier; None where none can.
    classify: Callable[[Matter], tuple[str, str] | None] = field(default=lambda _: None)
    #: Carries out what channels ask for.
    perform: Callable[[Effect], Result]
    #: Gives up the connections that are kept for that.
    release: Callable[[], None]


class Context:
    """What all services of one space share.

    Args:
        store: Where records live.
        space: The firm's space.
        parts: What the application has wired together.
        defer: Takes facts instead of telling observers at once: for units that join a transaction of the caller's.
    """

    def __init__(
        self, store: Store, space: Space, parts: Parts, *, defer: Callable[[tuple[Fact, ...]], None] | None = None
    ) -> None:
        """Settings are read when they are first asked for."""
        self.store = store
        self.space = space
        self.parts = parts
        self.clock = parts.clock
        self.plugins = parts.plugins
        self._tell = defer or parts.plugins.notify
        #: Whether units join a transaction of the caller's, which may yet undo what is read here.
        self.joins = defer is not None
        self._lock = threading.Lock()
        #: The settings and what else was read, and when, by a clock that nobody puts back.
        self._kit: tuple[Kit | None, float] = None, 0.0
        #: How often settings were forgotten: what was read before is not kept after that.
        self._forgotten = 0
        self._stored: dict[tuple[str, int], Loop] = {}
        #: When routing last read how many open items each member has, and the numbers, with what has come since.
        self.loads: tuple[datetime, Counter[str]] | None = None
        #: The key under which the space hashes addresses, once that was read: it is made once and stays.
        self.address_key: bytes | None = None

    def now(self) -> datetime:
        """The present, in UTC."""
        return self.clock.now()

    def new_id(self) -> UUID:
        """A fresh id of the present."""
        return self.parts.ids(microseconds(self.clock.now()))

    def own(self, record: R) -> R:
        """A record that somebody has loaded and given, if it is of this space: what other firms have is not there.

        Whoever takes a record as it is, so that its version guards what is made of it, takes it through here.

        Raises:
            NotFound: It is of another space.
        """
        if record.space != self.space.space:
            raise self._elsewhere(record_of(type(record)).name)
        return record

    def _check_space(self, unit: Unit) -> None:
        """What a verb has made of a record that it did not take through `own` is refused here."""
        space = self.space.space
        for change in unit.changes:
            if _SPACES[type(change)](change) != space:
                raise self._elsewhere("change")

    def _elsewhere(self, what: str) -> NotFound:
        return NotFound(
            f"this {what} is not of space {self.space.space!r}",
            hint="give it to the loop of its own space",
        )

    def commit(self, unit: Unit) -> None:
        """Write a unit, then tell observers its facts; what listeners hear by a channel is written with it.

        Raises:
            NotFound: It changes something of another space; nothing is written.
            Conflict: Somebody else was faster.
        """
        self._check_space(unit)
        heard = self.plugins.listeners if unit.facts else None
        self.store.commit(unit + tellings(unit.facts, heard, self.new_id) if heard else unit)
        if unit.facts:
            self._tell(unit.facts)

    @property
    def settings(self) -> Settings:
        """What the firm has set."""
        return self.kit.settings

    @property
    def kit(self) -> Kit:
        """What the rules need from outside; read again after `forget`, and after a while: others may have changed it.

        No lock is held meanwhile: a store that does not answer one thread must not keep the others waiting.
        """
        kit, read_at = self._kit
        if kit is None or monotonic() - read_at > FRESH:
            forgotten, read_at = self._forgotten, monotonic()
            kit = self._read_kit()
            with self._lock:
                if forgotten == self._forgotten:
                    self._kit = kit, read_at
        return kit

    def forget(self) -> None:
        """Read settings and definitions anew when they are next asked for."""
        with self._lock:
            self._kit = None, 0.0
            self._forgotten += 1

    def _read_kit(self) -> Kit:
        stored = {setting.name: setting.value for setting in self.store.pages(Setting, self.space.space)}
        settings = settings_from_data(stored, self.space)
        brought = {name: text for process in self.parts.processes.declared for name, text in process.texts.items()}
        texts = Texts(default_locale=self.space.locale, overrides={**brought, **settings.texts})
        return Kit(
            settings=settings,
            new_id=self.new_id,
            new_ref=self.parts.refs,
            render=texts.render,
            language=texts.language,
            answers_by=self.plugins.answers_by,
        )

    def loop_of(self, kind: str, version: int | None = None) -> Loop:
        """The process of a kind.

        Args:
            kind: The kind of feedback.
            version: The version that an item began with; None for the newest.

        Raises:
            UnknownName: No such kind is declared, and none of that version is stored.
        """
        processes = self.parts.processes
        if version is None:
            return processes.newest(kind)
        return processes.find(kind, version) or self._stored.get((kind, version)) or self._stored_loop(kind, version)

    def _stored_loop(self, kind: str, version: int) -> Loop:
        found = self.store.get(Definition, (self.space.space, PROCESS, kind, version))
        if found is None:
            raise UnknownName(
                f"no process {kind!r} of version {version}", hint="install the plugin that declares it, then try again"
            )
        loop = self._stored[kind, version] = prepare(process_from_data(found.body), self.parts.processes.common)
        return loop

    def store_definitions(self) -> None:
        """Keep every declared process in the store, so that running items keep theirs after the code has moved on.

        Raises:
            InvalidValue: A process was changed without a new version.
        """
        where = eq("sort", PROCESS)
        stored: Mapping[tuple[str, int], Definition] = {
            (found.name, found.number): found for found in self.store.pages(Definition, self.space.space, where=where)
        }
        missing = []
        for process in self.parts.processes.declared:
            definition = Definition(
                space=self.space.space,
                sort=PROCESS,
                name=process.kind,
                number=process.version,
                body=process_to_data(process),
            )
            kept = stored.get((process.kind, process.version))
            if kept is None:
                missing.append(Insert(definition))
            elif kept.body != definition.body:
                raise InvalidValue(
                    f"the process of {process.kind!r} has changed, but its version is still {process.version}",
                    hint="give the changed process a higher version: running items keep the one they began with",
                )
        if missing:
            self.store.commit(Unit(tuple(missing)))
