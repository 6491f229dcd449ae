"""A plugin with one hook spelt right and one spelt wrong: neither is used."""

from collections.abc import Sequence

from clientloop import hookimpl
from clientloop.model.facts import Fact


@hookimpl
def clientloop_register_channels() -> dict[str, str]:
    """Spelt right."""
    return {"smoke": "clientloop_misspelt:Smoke"}


@hookimpl
def clientloop_on_feedback_recieved(facts: Sequence[Fact]) -> None:
    """Spelt wrong."""
