"""Who provides what: one registry for each application object, in which no plugin can hurt the host or another."""

import importlib
import logging
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, cast

from attrs import evolve
from pluggy import HookCaller

from clientloop.errors import ClientLoopError, MissingExtra, PluginError, UnknownName
from clientloop.model.facts import Fact, FactName
from clientloop.model.process import Process
from clientloop.plugins.checking import check_class
from clientloop.plugins.loading import Contribution, cause_of, harmless, raised_at, read, read_once, resolve
from clientloop.plugins.markers import PROJECT
from clientloop.plugins.reports import Origin, Plugin, PluginReport, Status
from clientloop.plugins.spec import Sort
from clientloop.ports.channel import Channel
from clientloop.ports.engine import Engine
from clientloop.ports.metric import Metric
from clientloop.ports.relationship import RelationshipModel
from clientloop.ports.store import Store

logger = logging.getLogger(__name__)


class Registry:
    """What all plugins provide, and who observes what.

    Built-in plugins come first, then those that the application passes, then those that are installed. A broken one of
    the first two is an error; an installed one is listed in `report`, nothing of it is used, and the rest work. What
    the application passes takes the place of what is built in under the same name; nothing else takes another's.

    Args:
        builtins: Modules with hook implementations, by path.
        plugins: Modules or objects with hook implementations.
        entry_points: Whether to look for installed plugins, in the group `clientloop`.
        check: Raises if a process is declared wrongly.

    Raises:
        PluginError: A plugin that is built in or passed is broken, or adds a name that another has added.

    >>> from types import SimpleNamespace
    >>> from clientloop.plugins import hookimpl
    >>> @hookimpl
    ... def clientloop_register_engines():
    ...     return {"default": "clientloop.ports.engine:Engine"}
    >>> plugin = SimpleNamespace(clientloop_register_engines=clientloop_register_engines)
    >>> registry = Registry(plugins=[plugin], entry_points=False)
    >>> registry.names(Sort.ENGINE), registry.engine("default")
    (('default',), <class 'clientloop.ports.engine.Engine'>)
    """

    def __init__(
        self,
        *,
        builtins: Iterable[str] = (),
        plugins: Iterable[object] = (),
        entry_points: bool = True,
        check: Callable[[Process], object] | None = None,
    ) -> None:
        """Load every plugin."""
        self._check = check
        self._plugins: list[Plugin] = []
        self._offers: dict[tuple[Sort, str], tuple[Plugin, Any]] = {}  # Any: each sort has a type of its own
        self._loaded: dict[tuple[Sort, str], Any] = {}  # Any: as above
        self._observers: dict[FactName, list[tuple[Plugin, HookCaller]]] = {}
        for module in builtins:
            self._insist(importlib.import_module(module), Origin.BUILTIN)
        for plugin in (plugins,) if isinstance(plugins, str) else plugins:  # to be refused as what it is
            self._insist(plugin, Origin.PASSED)
        if entry_points:
            self._discover()

    def channel(self, name: str) -> type[Channel]:
        """The class of a channel; `find` says what may be wrong, and `Channel` how to set it up."""
        return cast("type[Channel]", self.find(Sort.CHANNEL, name))  # checked there, as in the next four

    def metric(self, name: str) -> type[Metric]:
        """The class of a metric; `find` says what may be wrong."""
        return cast("type[Metric]", self.find(Sort.METRIC, name))

    def store(self, scheme: str) -> type[Store]:
        """The class of the store for URLs of this scheme; `find` says what may be wrong."""
        return cast("type[Store]", self.find(Sort.STORE, scheme))

    def engine(self, name: str) -> type[Engine]:
        """The class of an engine; `find` says what may be wrong."""
        return cast("type[Engine]", self.find(Sort.ENGINE, name))

    def relationship_model(self, name: str) -> RelationshipModel:
        """A relationship model; `find` says what may be wrong."""
        return cast("RelationshipModel", self.find(Sort.RELATIONSHIP_MODEL, name))

    def processes(self) -> tuple[Process, ...]:
        """Every version of every process, in the order of the plugins."""
        return tuple(process for kind in self.names(Sort.PROCESS) for process in self.find(Sort.PROCESS, kind))

    def names(self, sort: Sort) -> tuple[str, ...]:
        """The names of one sort, in the order of the plugins."""
        return tuple(name for each, name in self._offers if each is sort)

    def added(self, sort: Sort) -> tuple[str, ...]:
        """The names of one sort that did not come with clientloop."""
        added = (key for key, (plugin, _) in self._offers.items() if plugin.origin is not Origin.BUILTIN)
        return tuple(name for each, name in added if each is sort)

    def load_passed(self) -> None:
        """Load all that the application has passed: what is wrong with it is said now, and not when it is first used.

        Raises:
            PluginError: As of `find`. What needs an optional library may still not be wanted, and is left.
        """
        for (sort, name), (plugin, _) in self._offers.items():
            if plugin.origin is Origin.PASSED:
                with suppress(MissingExtra):
                    self.find(sort, name)

    def find(self, sort: Sort, name: str) -> Any:
        """What was added under a name, loaded when it is first asked for. Any: each sort has a type of its own.

        Args:
            sort: What sort of thing.
            name: Its name.

        Raises:
            UnknownName: No plugin has added that; the nearest names are in the hint.
            MissingExtra: It needs an optional library.
            PluginError: It cannot be loaded, or is not what a plugin of that sort must be.
        """
        key = (sort, name)
        if key not in self._loaded:
            if key not in self._offers:
                raise UnknownName.among(name, self.names(sort), what=sort.words)
            plugin, lazy = self._offers[key]
            try:
                found = resolve(lazy)
                check_class(sort, name, found)
            except MissingExtra:
                raise
            except harmless() as error:
                plugin.count(error)
                raise PluginError(f"{self._words(sort, name)} cannot be used", hint=cause_of(error)) from error
            self._loaded.setdefault(key, found)  # another thread may have been faster
        return self._loaded[key]

    def observes(self, name: FactName) -> bool:
        """Whether anybody wants to hear of such facts: cheap, so that nobody need make facts for nobody."""
        return name in self._observers

    def notify(self, facts: Sequence[Fact]) -> None:
        """Tell observers what a committed unit made true: each once for all facts of one name.

        One that raises is logged and counted in `report`; the others hear of it all the same.

        Args:
            facts: The facts of one unit.
        """
        heard: dict[FactName, list[Fact]] = {}
        for fact in facts:
            if fact.name in self._observers:
                heard.setdefault(fact.name, []).append(fact)
        for name, group in heard.items():
            for plugin, observer in self._observers[name]:
                try:
                    observer(facts=tuple(group))
                except harmless() as error:
                    plugin.count(error)
                    subjects = ", ".join(str(fact.subject) for fact in group[:10])
                    logger.error(
                        "plugin %s raised %s on %s of %s", plugin.label, raised_at(error), name.value, subjects
                    )

    @contextmanager
    def blamed(self, sort: Sort, name: str) -> Generator[None]:
        """Have what a plugin raises within logged, counted in `report` and raised as an error that names the plugin.

        Args:
            sort: What sort of thing is used.
            name: Its name; of what an application has made itself and passed to nobody, any.

        Raises:
            PluginError: It raised one, or no error of ours; any other of ours says what is wrong, and goes through.
        """
        try:
            yield
        except harmless() as error:
            if isinstance(error, PluginError):
                why = str(error)
            elif isinstance(error, ClientLoopError):
                raise
            else:
                why = f"it raised {type(error).__name__}; the log says where"  # and what it says may be personal
            self.raised(sort, name, error)
            raise PluginError(f"{self._words(sort, name)} is broken", hint=why) from error

    @contextmanager
    def isolated(self, sort: Sort, name: str) -> Generator[None]:
        """Have what a plugin raises within logged and counted in `report`, and harm nobody.

        Args:
            sort: What sort of thing is used.
            name: Its name.
        """
        try:
            yield
        except harmless() as error:
            if isinstance(error, PluginError):  # that one is counted already
                self._log(sort, name, error)
            else:
                self.raised(sort, name, error)

    def raised(self, sort: Sort, name: str, error: BaseException) -> None:
        """Log what a plugin has raised, without its message, which can show personal data; count it in `report`.

        Args:
            sort: What sort of thing was used.
            name: As of `blamed`.
            error: What it raised.
        """
        owner = self._owner(sort, name)
        if owner is not None:
            owner.count(error)
        self._log(sort, name, error)

    def report(self) -> tuple[PluginReport, ...]:
        """What is known of each plugin, in the order in which they were found."""
        return tuple(plugin.report for plugin in self._plugins)

    def _insist(self, it: object, origin: Origin) -> None:
        name = it if isinstance(it, str) else str(getattr(it, "__name__", type(it).__qualname__))
        try:
            self._take(Plugin(PluginReport(name=name), it, origin))
        except harmless() as error:
            raise PluginError(f"plugin {name!r} is broken", hint=cause_of(error)) from error

    def _discover(self) -> None:
        from importlib.metadata import entry_points

        # Sorted, so that of two that clash the same one is at fault on every machine.
        for point in sorted(entry_points(group=PROJECT), key=lambda each: (each.name, each.value)):
            of = point.dist
            report = PluginReport(
                name=point.name, distribution=of.name if of else None, version=of.version if of else None
            )
            plugin = Plugin(report, None, Origin.INSTALLED)
            try:
                plugin.it = point.load()
                self._take(plugin)
            except harmless() as error:
                plugin.report = evolve(report, status=Status.BROKEN, cause=cause_of(error))
                self._plugins.append(plugin)
                logger.warning("plugin %s is broken: %s", plugin.label, plugin.report.cause)

    def _take(self, plugin: Plugin) -> None:
        """Take all that a plugin brings, or nothing."""
        if any(plugin.it is other.it for other in self._plugins):
            raise PluginError(f"plugin {plugin.label} is there already", hint="pass it once; installed ones are found")
        brought = (read_once if plugin.origin is Origin.BUILTIN else read)(plugin.it, plugin.report.name)
        self._refuse_clashes(brought, plugin)
        for (sort, _), lazy in brought.offers.items():
            if sort is Sort.PROCESS and self._check:
                for process in lazy:
                    self._check(process)
        self._plugins.append(plugin)
        self._offers |= {key: (plugin, lazy) for key, lazy in brought.offers.items()}
        for fact, observer in brought.observers.items():
            self._observers.setdefault(fact, []).append((plugin, observer))
        plugin.report = evolve(plugin.report, provides=_by_sort(brought), observes=tuple(brought.observers))

    def _refuse_clashes(self, brought: Contribution, plugin: Plugin) -> None:
        for sort, name in brought.offers:
            owner = self._owner(sort, name)
            if owner is not None and not (owner.origin is Origin.BUILTIN and plugin.origin is Origin.PASSED):
                taken = f"{sort.words} {name!r} is of plugin {owner.label} already"
                raise PluginError(taken, hint="choose another name")

    def _owner(self, sort: Sort, name: str) -> Plugin | None:
        """Whose thing that is; nobody's, if no plugin has added it."""
        plugin, _ = self._offers.get((sort, name), (None, None))
        return plugin

    def _words(self, sort: Sort, name: str) -> str:
        owner = self._owner(sort, name)
        return f"{sort.words} {name!r} of plugin {owner.label}" if owner else f"{sort.words} {name!r}"

    def _log(self, sort: Sort, name: str, error: BaseException) -> None:
        logger.error("%s raised %s", self._words(sort, name), raised_at(error))


def _by_sort(brought: Contribution) -> Mapping[Sort, tuple[str, ...]]:
    sorts = dict.fromkeys(sort for sort, _ in brought.offers)
    return {sort: tuple(name for each, name in brought.offers if each is sort) for sort in sorts}
