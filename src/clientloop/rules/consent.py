"""Whether a message may be sent: consent per purpose and channel."""

from collections.abc import Sequence

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

    A word on one channel goes before a word on all. Without any word, a service message is allowed, marketing and
    surveys are not.

    Args:
        consents: All that the customer has said.
        purpose: Why the message is sent.
        channel: On which channel; None for any.

    >>> may_send((), Purpose.MARKETING, "email").allowed, may_send((), Purpose.SERVICE, "email").allowed
    (False, True)
    """
    words = {word.channel: word for word in consents if word.purpose is purpose}
    word = words.get(channel) or words.get(None)
    if word is None:
        allowed = purpose not in NEED_CONSENT
        return Verdict(allowed, (f"no word on {purpose.value}: {'allowed' if allowed else 'not allowed'} by default",))
    where = word.channel or "every channel"
    verb = "allowed" if word.allowed else "forbidden"
    return Verdict(word.allowed, (f"{purpose.value} on {where} {verb} on {word.at:%Y-%m-%d} ({word.proof})",))
