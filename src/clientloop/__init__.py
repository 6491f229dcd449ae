"""clientloop: every word a customer says becomes one item with an owner, a deadline, an answer and a measured outcome.

Imports go one way, from the top of this picture down::

    cli  web  testing                         faces, and what plugin authors test with
    app                                       ClientLoop: where everything is wired
    reports  exchange                         out and in
    services  presets  channels  drivers  metrics  text  stores  engines
    sql  relationships                        under stores and engines; under presets
    plugins                                   hooks and the registry
    ports                                     what a plugin implements
    rules                                     how things change; pure
    model                                     what there is; pure
    errors
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clientloop.app import ClientLoop, back_up_store, check_store, copy_space, unseal_space
    from clientloop.app.worker import Worker
    from clientloop.errors import (
        ClientLoopError,
        Conflict,
        Incomplete,
        InvalidValue,
        NotAllowed,
        NotFound,
        Refused,
        UnknownName,
    )
    from clientloop.model.calendar import Calendar
    from clientloop.model.customers import Customer, CustomerClass, Purpose, Trust
    from clientloop.model.feedback import Feedback, Outcome, Priority, Transition
    from clientloop.model.interactions import Interaction, InteractionKind
    from clientloop.model.money import Money
    from clientloop.model.page import Page
    from clientloop.model.process import Process
    from clientloop.model.work import Actor, Role
    from clientloop.plugins import hookimpl
    from clientloop.ports.clock import Clock, ManualClock, SystemClock
    from clientloop.rules.staff.rights import Right, Scope
    from clientloop.services.loop.feedback import File

_HOMES = {
    "clientloop.app": ("ClientLoop", "back_up_store", "check_store", "copy_space", "unseal_space"),
    "clientloop.app.worker": ("Worker",),
    "clientloop.errors": (
        "ClientLoopError", "Conflict", "Incomplete", "InvalidValue", "NotAllowed", "NotFound", "Refused", "UnknownName",
    ),
    "clientloop.model.calendar": ("Calendar",),
    "clientloop.model.customers": ("Customer", "CustomerClass", "Purpose", "Trust"),
    "clientloop.model.feedback": ("Feedback", "Outcome", "Priority", "Transition"),
    "clientloop.model.interactions": ("Interaction", "InteractionKind"),
    "clientloop.model.money": ("Money",),
    "clientloop.model.page": ("Page",),
    "clientloop.model.process": ("Process",),
    "clientloop.model.work": ("Actor", "Role"),
    "clientloop.plugins": ("hookimpl",),
    "clientloop.ports.clock": ("Clock", "ManualClock", "SystemClock"),
    "clientloop.rules.staff.rights": ("Right", "Scope"),
    "clientloop.services.loop.feedback": ("File",),
}  # fmt: skip

_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Actor",
    "Calendar",
    "ClientLoop",
    "ClientLoopError",
    "Clock",
    "Conflict",
    "Customer",
    "CustomerClass",
    "Feedback",
    "File",
    "Incomplete",
    "Interaction",
    "InteractionKind",
    "InvalidValue",
    "ManualClock",
    "Money",
    "NotAllowed",
    "NotFound",
    "Outcome",
    "Page",
    "Priority",
    "Process",
    "Purpose",
    "Refused",
    "Right",
    "Role",
    "Scope",
    "SystemClock",
    "Transition",
    "Trust",
    "UnknownName",
    "Worker",
    "back_up_store",
    "check_store",
    "copy_space",
    "hookimpl",
    "unseal_space",
]


def __getattr__(name: str) -> Any:  # Any: each name has a type of its own, told to type checkers above
    """Load a public name when it is first asked for (PEP 562)."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'clientloop' has no attribute {name!r}")
    import importlib

    value = globals()[name] = getattr(importlib.import_module(_HOME_OF[name]), name)
    return value


def __dir__() -> list[str]:
    """The public names."""
    return __all__
