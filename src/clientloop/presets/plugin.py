"""The built-in declarations, as any plugin adds its own."""

from collections.abc import Mapping, Sequence

from clientloop.model.process import Process
from clientloop.plugins import hookimpl
from clientloop.presets.processes import PROCESSES

_MODELS = ("abc", "purchases", "xyz", "buttle", "funnel", "rfm")


@hookimpl
def clientloop_register_processes() -> Sequence[Process]:
    """The five kinds of feedback, and what nobody has sorted yet."""
    return PROCESSES


@hookimpl
def clientloop_register_relationship_models() -> Mapping[str, str]:
    """What customers are to the firm, by several models side by side."""
    return {name: f"clientloop.presets.relationships:{name.upper()}" for name in _MODELS}
