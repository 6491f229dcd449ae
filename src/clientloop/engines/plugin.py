"""The built-in engines, named lazily."""

from collections.abc import Mapping

from clientloop.plugins import hookimpl


@hookimpl
def clientloop_register_engines() -> Mapping[str, str]:
    """The engines by their names."""
    return {
        "python": "clientloop.engines.python:PythonEngine",
        "store": "clientloop.ports.engine:Engine",
    }
