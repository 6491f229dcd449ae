"""The command that says whether a customer may be written to."""

from clientloop.cli.naming import customer_named
from clientloop.cli.options import HERE, AsJson, OnScreen, Place
from clientloop.model.customers import Purpose
from clientloop.services.setup.data import as_data


def may_write(
    customer: str,
    /,
    *,
    purpose: Purpose = Purpose.SERVICE,
    channel: str | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Say whether a customer may be written to now, and every reason for and against it.

    Args:
        customer: The customer: an id, an e-mail address, a phone number, an id in another system, or the whole name.
        purpose: Why somebody wants to write.
        channel: On which channel; without one, addresses do not count.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        found = customer_named(loop, customer)
        verdict = loop.consent.may_send(found, purpose, channel)
    if json:
        return screen.json(as_data(verdict))
    screen.line("yes" if verdict.allowed else "no", "bold green" if verdict.allowed else "bold red")
    for reason in verdict.reasons:
        screen.line(f"  {reason}")
    return None
