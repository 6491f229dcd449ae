"""Whether a message may be sent: consent per purpose and channel, and what else stands against writing now."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from attrs import frozen

from clientloop.model.calendar import Hours
from clientloop.model.customers import Consent, Purpose


@frozen
class Verdict:
    """Whether something is allowed, with all reasons."""

    #: Whether it is.
    allowed: bool
    #: Why, or why not.
    reasons: tuple[str, ...]


@frozen(kw_only=True)
class Situation:
    """What counts besides a customer's word when somebody is about to write."""

    #: Whether an address for the channel is known; None where no channel was named, or nobody knows what it needs.
    has_address: bool | None
    #: The present, by the wall clock of the customer; by that of the firm where nobody knows the customer's zone.
    local: datetime
    #: Whether the customer's zone is known.
    knows_zone: bool
    #: When customers are left in peace, by their own clocks.
    quiet_hours: tuple[Hours, ...]
    #: How many messages to the customer wait to be sent.
    waiting: int


#: Purposes that need the customer's word; the others need only that nobody forbade them.
NEED_CONSENT = frozenset({Purpose.MARKETING, Purpose.SURVEY})


def may_send(consents: Sequence[Consent], purpose: Purpose, channel: str | None) -> Verdict:
    """Whether a customer's word allows a message.

    A word on one channel goes before a word on all; of two on the same, as persons have them who were once taken for
    two, the latest counts, and of two at the same time the one that forbids. Without any word, a service message is
    allowed, marketing and surveys are not.

    Args:
        consents: All that the customer has said, under whatever id.
        purpose: Why the message is sent.
        channel: On which channel; None for any.

    >>> may_send((), Purpose.MARKETING, "email").allowed, may_send((), Purpose.SERVICE, "email").allowed
    (False, True)
    """
    said = [word for word in consents if word.purpose is purpose and word.channel in (channel, None)]
    word = max(said, key=_weight, default=None)
    if word is None:
        allowed = purpose not in NEED_CONSENT
        return Verdict(allowed, (f"no word on {purpose.value}: {'allowed' if allowed else 'not allowed'} by default",))
    where = word.channel or "every channel"
    verb = "allowed" if word.allowed else "forbidden"
    return Verdict(word.allowed, (f"{purpose.value} on {where} {verb} on {word.at:%Y-%m-%d} ({word.proof})",))


def _weight(word: Consent) -> tuple[bool, datetime, bool]:
    """What makes one word count before another."""
    return word.channel is not None, word.at, not word.allowed


def may_write(consents: Sequence[Consent], purpose: Purpose, channel: str | None, situation: Situation) -> Verdict:
    """Whether somebody may write to a customer now: the customer's word, an address, and the hour.

    Quiet hours hold for what needs consent. A service message is about what the customer has said: it is a direct reply
    and may come at any hour. Messages that wait already are mentioned, and stand against nothing.

    Args:
        consents: As of `may_send`.
        purpose: As of `may_send`.
        channel: As of `may_send`.
        situation: What else counts.

    Returns:
        All reasons: the customer's word first, then whatever else there is to say.

    >>> night = datetime(2026, 3, 2, 22, 30)
    >>> situation = Situation(
    ...     has_address=False, local=night, knows_zone=True, quiet_hours=(Hours.parse("21:00-24:00"),), waiting=0
    ... )
    >>> for reason in may_write((), Purpose.SURVEY, "email", situation).reasons:
    ...     print(reason)
    no word on survey: not allowed by default
    no address for email
    quiet hours: it is 22:30 where the customer lives (quiet 21:00-24:00)
    """
    word = may_send(consents, purpose, channel)
    against = (*_lacks_address(situation, channel), *_is_quiet(situation, purpose))
    return Verdict(word.allowed and not against, (*word.reasons, *against, *_remarks(situation)))


def _lacks_address(situation: Situation, channel: str | None) -> Iterator[str]:
    if situation.has_address is False:
        yield f"no address for {channel}"


def _is_quiet(situation: Situation, purpose: Purpose) -> Iterator[str]:
    local = situation.local
    minute = local.hour * 60 + local.minute
    quiet = next((hours for hours in situation.quiet_hours if hours.start <= minute < hours.end), None)
    if quiet is not None and purpose in NEED_CONSENT:
        where = (
            "where the customer lives" if situation.knows_zone else "here, and nobody knows where the customer lives"
        )
        yield f"quiet hours: it is {local:%H:%M} {where} (quiet {quiet})"


def _remarks(situation: Situation) -> Iterator[str]:
    if situation.waiting:
        wait = "1 message waits" if situation.waiting == 1 else f"{situation.waiting} messages wait"
        yield f"{wait} to be sent to the customer already"
