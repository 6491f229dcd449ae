"""What all services of one space share: its store, clock, settings, processes and texts."""

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.codec import microseconds
from clientloop.model.facts import Fact
from clientloop.services.ids import new_id, new_ref
from clientloop.model.process import Common, Process
from clientloop.model.spaces import Definition, Setting, Space
from clientloop.model.units import Insert, Unit
from clientloop.model.where import eq
from clientloop.ports.channel import Channel
from clientloop.ports.clock import Clock
from clientloop.ports.store import Store
from clientloop.rules.case import Kit, Loop
from clientloop.rules.process import prepare
from clientloop.rules.settings import Settings
from clientloop.services.declared import process_from_data, process_to_data, settings_from_data
from clientloop.services.texts import Texts

#: What a declared process is called among the definitions.
PROCESS = "process"


class Plugins(Protocol):
    """What services ask of the registry of plugins."""

    def channel(self, name: str) -> Channel:
        """The channel of this name."""

    def notify(self, facts: tuple[Fact, ...]) -> None:
        """Tell observers what has happened."""


class Context:
    """What all services of one space share.

    Args:
        store: Where records live.
        clock: Where the present comes from.
        plugins: Channels and observers.
        space: The firm's space.
        processes: The declared kinds.
        common: What is common to all kinds.
        ids: Makes ids from microseconds since 1970; replace it where time-ordered keys make hot spots.
        defer: Takes facts instead of telling observers at once: for units that join a transaction of the caller's.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        plugins: Plugins,
        space: Space,
        processes: Iterable[Process],
        common: Common,
        ids: Callable[[int], UUID] = new_id,
        defer: Callable[[tuple[Fact, ...]], None] | None = None,
    ) -> None:
        """Prepare the processes; settings are read when they are first asked for."""
        self.store = store
        self.clock = clock
        self.plugins = plugins
        self.space = space
        self.common = common
        self._ids = ids
        self._defer = defer
        self._lock = threading.RLock()
        self._kit: Kit | None = None
        self._declared = tuple(processes)
        self._loops = {(process.kind, process.version): prepare(process, common) for process in self._declared}
        self._newest = {process.kind: process.version for process in sorted(self._declared, key=lambda p: p.version)}

    def now(self) -> datetime:
        """The present, in UTC."""
        return self.clock.now()

    def new_id(self) -> UUID:
        """A fresh id of the present."""
        return self._ids(microseconds(self.clock.now()))

    def commit(self, unit: Unit) -> None:
        """Write a unit, then tell observers its facts.

        Raises:
            Conflict: Somebody else was faster.
        """
        self.store.commit(unit)
        if unit.facts:
            (self._defer or self.plugins.notify)(unit.facts)

    @property
    def settings(self) -> Settings:
        """What the firm has set."""
        return self.kit.settings

    @property
    def kit(self) -> Kit:
        """What the rules need from outside; read once, and again after `forget`."""
        kit = self._kit
        if kit is None:
            with self._lock:
                kit = self._kit = self._read_kit()
        return kit

    def forget(self) -> None:
        """Read settings and definitions anew when they are next asked for."""
        with self._lock:
            self._kit = None

    def _read_kit(self) -> Kit:
        stored = {setting.name: setting.value for setting in self.store.pages(Setting, self.space.space)}
        settings = settings_from_data(stored, self.space)
        texts = Texts(default_locale=self.space.locale, overrides=settings.texts)
        return Kit(settings=settings, new_id=self.new_id, new_ref=new_ref, render=texts.render)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of feedback that are declared."""
        return tuple(self._newest)

    def loop_of(self, kind: str, version: int | None = None) -> Loop:
        """The process of a kind.

        Args:
            kind: The kind of feedback.
            version: The version that an item began with; None for the newest.

        Raises:
            UnknownName: No such kind is declared, and none of that version is stored.
        """
        number = self._newest.get(kind) if version is None else version
        if number is None:
            raise UnknownName.among(kind, self._newest, what="kind of feedback")
        try:
            return self._loops[kind, number]
        except KeyError:
            return self._stored_loop(kind, number)

    def _stored_loop(self, kind: str, version: int) -> Loop:
        found = self.store.get(Definition, (self.space.space, PROCESS, kind, version))
        if found is None:
            raise UnknownName(
                f"no process {kind!r} of version {version}", hint="install the plugin that declares it, then try again"
            )
        loop = self._loops[kind, version] = prepare(process_from_data(found.body), self.common)
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
        for process in self._declared:
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
