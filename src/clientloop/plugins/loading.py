"""Reading one plugin: is every hook spelt and written right, and what does it bring?"""

import inspect
import pkgutil
import sys
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pluggy
from attrs import frozen

from clientloop.errors import ClientLoopError, PluginError, UnknownName
from clientloop.model.facts import FactName
from clientloop.model.process import Process
from clientloop.plugins import spec
from clientloop.plugins.markers import PROJECT
from clientloop.plugins.spec import Lazy, Sort

_SORTS = {sort.hook: sort for sort in Sort}
_FACTS = {fact.hook: fact for fact in FactName}

#: The names of all hooks.
HOOKS = (*_SORTS, *_FACTS)


@frozen(kw_only=True)
class Contribution:
    """What one plugin brings."""

    #: What it adds, still to be loaded: by sort and name; of processes, all versions of each kind. Any: each sort has a
    #: type of its own.
    offers: Mapping[tuple[Sort, str], Any]
    #: The observers that it has, each to be called with `facts=`.
    observers: Mapping[FactName, pluggy.HookCaller]


def read(plugin: object, name: str) -> Contribution:
    """Ask a plugin what it brings.

    Each plugin has a pluggy manager of its own, so that nothing of one reaches another.

    Args:
        plugin: A module or an object with hook implementations.
        name: What it is called.

    Raises:
        PluginError: A hook is misspelt, not marked, has other arguments, is asynchronous, or returns something else
            than it should; or there is none. What its hooks themselves raise goes through.
    """
    if isinstance(plugin, str):
        raise PluginError("that is a name", hint="pass the module, not its name")
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(spec)
    try:
        manager.register(plugin, name)
    except pluggy.PluginValidationError as error:
        raise PluginError(" ".join(str(error).split()), hint="the reference shows the arguments of each hook") from None
    callers = {caller.name: caller for caller in manager.get_hookcallers(plugin) or ()}
    _check_names(plugin, callers)
    _check_functions(callers)
    if not callers:
        raise PluginError(f"{plugin!r:.80} has no hooks", hint="put @clientloop.hookimpl above each")
    offers: dict[tuple[Sort, str], Any] = {}  # Any: as in Contribution
    for hook, sort in _SORTS.items():
        if hook in callers:
            named = _by_kind if sort is Sort.PROCESS else _by_name
            offers |= {(sort, key): lazy for answer in callers[hook]() for key, lazy in named(hook, answer).items()}
    observers = {fact: callers[hook] for hook, fact in _FACTS.items() if hook in callers}
    return Contribution(offers=offers, observers=observers)


#: The same for modules of clientloop, which bring the same to each application object.
read_once = cache(read)


def resolve(lazy: Lazy[Any]) -> Any:
    """Load what was offered. Any: each sort has a type of its own.

    Args:
        lazy: The thing itself, a function without arguments that makes it, or "module:attribute".

    >>> resolve("collections:Counter") is resolve(lambda: __import__("collections").Counter)
    True
    """
    if isinstance(lazy, str):
        return pkgutil.resolve_name(lazy)
    return lazy() if callable(lazy) and not isinstance(lazy, type) else lazy


def harmless() -> tuple[type[BaseException], ...]:
    """What a plugin may raise without harm to its host: also an exit or a cancellation, which are not its business.

    To be asked when something was raised, as `except` does: whoever raises a cancellation has loaded asyncio, which
    takes long and is not loaded here.

    >>> import asyncio
    >>> issubclass(asyncio.CancelledError, harmless()), issubclass(KeyboardInterrupt, harmless())
    (True, False)
    """
    loaded = sys.modules.get("asyncio.exceptions")
    return Exception, SystemExit, getattr(loaded, "CancelledError", SystemExit)


def cause_of(error: BaseException) -> str:
    """An error in one line, for reports.

    >>> cause_of(ValueError("no"))
    'ValueError: no'
    """
    return str(error) if isinstance(error, ClientLoopError) else f"{type(error).__name__}: {error}"


def raised_at(error: BaseException) -> str:
    """What was raised first, for logs: its class, with the innermost file and line; its message can show personal data.

    >>> try:
    ...     {}["pat@example.com"]
    ... except KeyError as error:
    ...     "pat@" in raised_at(error), raised_at(error).startswith("KeyError at ")
    (False, True)
    """
    while error.__cause__ is not None:
        error = error.__cause__
    frames = [f" at {frame.f_code.co_filename}:{line}" for frame, line in traceback.walk_tb(error.__traceback__)]
    return f"{type(error).__name__}{frames[-1] if frames else ''}"


def _check_names(plugin: object, callers: Mapping[str, pluggy.HookCaller]) -> None:
    for name, caller in callers.items():
        if not caller.has_spec() and not all(impl.optionalhook for impl in caller.get_hookimpls()):
            raise UnknownName.among(name, HOOKS, what="hook")
    for name in HOOKS:
        if name not in callers and inspect.getattr_static(plugin, name, None) is not None:
            raise PluginError(f"{name} is not marked as a hook", hint="put @clientloop.hookimpl above it")


def _check_functions(callers: Mapping[str, pluggy.HookCaller]) -> None:
    for name, caller in callers.items():
        for impl in caller.get_hookimpls():
            if inspect.iscoroutinefunction(impl.function) or inspect.isgeneratorfunction(impl.function):
                raise PluginError(f"{name} is no plain function", hint="hooks neither await nor yield")


def _by_name(hook: str, answer: object) -> Mapping[str, Lazy[Any]]:
    if not isinstance(answer, Mapping) or not all(isinstance(name, str) and name for name in answer):
        raise PluginError(f"{hook} returned {answer!r:.80}", hint="return a mapping of names")
    return answer


def _by_kind(hook: str, answer: object) -> Mapping[str, tuple[Process, ...]]:
    if not isinstance(answer, Sequence) or isinstance(answer, str):
        raise PluginError(f"{hook} returned {answer!r:.80}", hint="return a sequence of processes")
    kinds: dict[str, tuple[Process, ...]] = {}
    for lazy in answer:
        process = resolve(lazy)
        if not isinstance(process, Process):
            raise PluginError(f"{hook} brought {process!r:.80}", hint="give objects of class Process")
        known = kinds.get(process.kind, ())
        if process.version in {other.version for other in known}:
            raise PluginError(f"{hook} brought version {process.version} of {process.kind!r} twice")
        kinds[process.kind] = (*known, process)
    return kinds
