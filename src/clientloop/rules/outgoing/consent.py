"""What customers say about being written to: words per purpose and channel, and which of several counts."""

from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from clientloop.model.customers import Consent, Purpose


@frozen
class Verdict:
    """Whether something is allowed, with all reasons."""

    #: Whether it is.
    allowed: bool
    #: Why, or why not.
    reasons: tuple[str, ...]


#: Purposes that need the customer's word; the others need only that nobody forbade them.
NEED_CONSENT = frozenset({Purpose.MARKETING, Purpose.SURVEY})


def may_send(consents: Sequence[Consent], purpose: Purpose, channel: str | None) -> Verdict:
    """Whether a customer's word allows a message.

    Without any word, a service message is allowed, marketing and surveys are not.

    Args:
        consents: All that the customer has said, under whatever id.
        purpose: Why the message is sent.
        channel: On which channel; None for any.

    >>> may_send((), Purpose.MARKETING, "email").allowed, may_send((), Purpose.SERVICE, "email").allowed
    (False, True)
    """
    word = word_on(consents, purpose, channel)
    if word is None:
        allowed = purpose not in NEED_CONSENT
        return Verdict(allowed, (f"no word on {purpose.value}: {'allowed' if allowed else 'not allowed'} by default",))
    where = word.channel or "every channel"
    verb = "allowed" if word.allowed else "forbidden"
    return Verdict(word.allowed, (f"{purpose.value} on {where} {verb} on {word.at:%Y-%m-%d} ({word.proof})",))


def word_on(consents: Sequence[Consent], purpose: Purpose, channel: str | None) -> Consent | None:
    """The word that counts, if there is any.

    A word on one channel goes before a word on all; of two on the same, as persons have them who were once taken for
    two, the latest counts, and of two at the same time the one that forbids.

    Args:
        consents: As of `may_send`.
        purpose: As of `may_send`.
        channel: As of `may_send`.
    """
    said = [word for word in consents if word.purpose is purpose and word.channel in (channel, None)]
    return max(said, key=lambda word: (word.channel is not None, weight(word)), default=None)


def weight(word: Consent) -> tuple[datetime, bool, str]:
    """What makes one word on the same matter count before another: the greater counts, in whatever order they came."""
    return word.at, not word.allowed, word.proof
