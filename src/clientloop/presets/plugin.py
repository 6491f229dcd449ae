"""The built-in declarations, as any plugin adds its own."""

from collections.abc import Sequence

from clientloop.model.process import Process
from clientloop.plugins import hookimpl
from clientloop.presets.processes import PROCESSES


@hookimpl
def clientloop_register_processes() -> Sequence[Process]:
    """The five kinds of feedback, and what nobody has sorted yet."""
    return PROCESSES
