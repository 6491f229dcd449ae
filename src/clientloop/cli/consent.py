"""The commands that say whom the firm may write to, and note what people say about that."""

from collections.abc import Sequence

from clientloop.cli.naming import customer_named
from clientloop.cli.options import HERE, AsJson, OnScreen, Place
from clientloop.cli.screen import Screen
from clientloop.model.customers import Consent, Purpose
from clientloop.model.permission import Suppression
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


def allow(
    customer: str,
    purpose: Purpose,
    /,
    *,
    proof: str,
    channel: str | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Note that a customer allows messages of a purpose.

    Args:
        customer: The customer: an id, an e-mail address, a phone number, an id in another system, or the whole name.
        purpose: For what.
        proof: How you know: the form, the call, the reply.
        channel: On which channel; on every one if not given.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        found = customer_named(loop, customer)
        loop.consent.allow(found, purpose, proof=proof, channel=channel)
        _say_words(screen, loop.consent.words(found), json=json)


def forbid(
    customer: str,
    purpose: Purpose,
    /,
    *,
    proof: str,
    channel: str | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Note that a customer forbids messages of a purpose.

    Args:
        customer: The customer: an id, an e-mail address, a phone number, an id in another system, or the whole name.
        purpose: For what.
        proof: How you know: the form, the call, the reply.
        channel: On which channel; on every one if not given.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        found = customer_named(loop, customer)
        loop.consent.forbid(found, purpose, proof=proof, channel=channel)
        _say_words(screen, loop.consent.words(found), json=json)


def show(customer: str, /, *, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """Show what a customer allows and forbids, with proof.

    Args:
        customer: The customer: an id, an e-mail address, a phone number, an id in another system, or the whole name.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        _say_words(screen, loop.consent.words(customer_named(loop, customer)), json=json)


def suppress(address: str, /, *purposes: Purpose, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """Leave an address alone, whoever has it, also after its holder was erased.

    Args:
        address: An e-mail address or a phone number.
        purposes: Messages of which purposes; of all if none is given.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        loop.consent.suppress(address, purposes=purposes or None)
        _say_reasons(screen, loop.consent.suppressed(address), json=json)


def unsuppress(
    address: str, /, *purposes: Purpose, json: AsJson = False, place: Place = HERE, screen: OnScreen
) -> None:
    """Leave an address alone no longer, for whatever reason it was; what its holder has said stays.

    Args:
        address: An e-mail address or a phone number.
        purposes: For messages of which purposes; for all if none is given.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        loop.consent.unsuppress(address, purposes=purposes or None)
        _say_reasons(screen, loop.consent.suppressed(address), json=json)


def suppressed(address: str, /, *, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """Say whether an address is left alone, and why.

    Args:
        address: An e-mail address or a phone number.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        _say_reasons(screen, loop.consent.suppressed(address), json=json)


def _say_words(screen: Screen, words: Sequence[Consent], *, json: bool) -> None:
    if json:
        return screen.json(as_data(words))
    if not words:
        return screen.line("nothing said: answers are allowed, surveys and marketing are not")
    for word in words:
        verb, where = "allowed" if word.allowed else "forbidden", word.channel or "every channel"
        screen.line(f"{word.purpose.value} on {where} {verb} on {word.at:%Y-%m-%d} ({word.proof})")
    return None


def _say_reasons(screen: Screen, rows: Sequence[Suppression], *, json: bool) -> None:
    if json:
        return screen.json(as_data(rows))
    if not rows:
        return screen.line("not left alone")
    for row in rows:
        screen.line(f"no {row.purpose.value} since {row.at:%Y-%m-%d} ({row.reason.value})")
    return None
