"""What this plugin adds: names only, so that nothing else is loaded before it is used."""

from collections.abc import Mapping, Sequence

from clientloop import hookimpl


@hookimpl
def clientloop_register_channels() -> Mapping[str, str]:
    """A pager."""
    return {"pager": "clientloop_example.pager:Pager"}


@hookimpl
def clientloop_register_metrics() -> Mapping[str, str]:
    """How many requests are granted."""
    return {"granted": "clientloop_example.granted:Granted"}


@hookimpl
def clientloop_register_processes() -> Sequence[str]:
    """Requests: refunds and cancellations."""
    return ["clientloop_example.request:REQUEST"]


@hookimpl
def clientloop_register_stores() -> Mapping[str, str]:
    """A store in one file of JSON lines."""
    return {"journal": "clientloop_example.journal:JournalStore"}
