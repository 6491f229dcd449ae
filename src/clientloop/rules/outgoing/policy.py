"""Whether somebody may be written to now: the customer's word, and all else that stands against it.

One function judges a message that is about to be sent and the question whether one might be, so that both agree.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from attrs import frozen

from clientloop.model.calendar import Hours
from clientloop.model.customers import Consent, Purpose
from clientloop.model.permission import Cap, Suppression, SuppressionReason
from clientloop.rules.outgoing.consent import NEED_CONSENT, Verdict, may_send, word_on
from clientloop.rules.outgoing.quiet import next_calm, quiet_at

#: Reasons that are the holder's own opinion of messages: a later word that allows them outdoes it.
OPINIONS = frozenset({SuppressionReason.UNSUBSCRIBE, SuppressionReason.COMPLAINT})


@frozen(kw_only=True)
class Situation:
    """What counts when somebody is about to write."""

    #: The present, UTC.
    now: datetime
    #: All that the customer has said, under whatever id.
    consents: Sequence[Consent]
    #: What is said of the address that the message would go to.
    suppressions: Sequence[Suppression]
    #: Whether the address is certainly the customer's: then a later word of theirs outdoes an opinion of its holder.
    holds_address: bool
    #: Whether an address for the channel is known; None where no channel was named, or nobody knows what it needs.
    has_address: bool | None
    #: IANA names of the zones that the customer may be in.
    zones: Sequence[str]
    #: Whether the customer's zone is known.
    knows_zone: bool
    #: When customers are left in peace, by their own clocks.
    quiet_hours: Sequence[Hours]
    #: How many messages of the purpose a customer gets at most; None for any number.
    cap: Cap | None
    #: How many count already.
    sent: int
    #: How many messages to the customer wait to be sent.
    waiting: int = 0


@frozen(kw_only=True)
class Judgement:
    """What stands against a message."""

    #: What the customer said, or what holds without a word.
    word: Verdict
    #: What forbids the message besides.
    refusals: tuple[str, ...]
    #: Why it must wait.
    pauses: tuple[str, ...]
    #: When it need wait no longer, UTC; None unless only the hour stands against it.
    later: datetime | None
    #: What else is worth knowing.
    remarks: tuple[str, ...]

    @property
    def refused(self) -> bool:
        """Whether it must not be sent, now or later."""
        return not self.word.allowed or bool(self.refusals)

    @property
    def verdict(self) -> Verdict:
        """Whether it may be sent now, with all reasons: the customer's word first."""
        reasons = (*self.word.reasons, *self.refusals, *self.pauses, *self.remarks)
        return Verdict(not (self.refused or self.pauses), reasons)


def judge(purpose: Purpose, channel: str | None, situation: Situation) -> Judgement:
    """Judge a message.

    Quiet hours and caps hold for what needs consent. A service message is about what the customer has said: it is a
    direct reply, may come at any hour, and is never one too many. What hits a cap is refused and not put off: a survey
    about an experience of last month is worthless, and a queue that empties as soon as it may is what a cap is against.

    Args:
        purpose: Why it is sent.
        channel: On which channel; None for any.
        situation: What counts.

    >>> night = datetime.fromisoformat("2026-03-02T22:30:00+00:00")
    >>> situation = Situation(
    ...     now=night, consents=(), suppressions=(), holds_address=False, has_address=False, zones=("UTC",),
    ...     knows_zone=True, quiet_hours=(Hours.parse("21:00-24:00"),), cap=None, sent=0,
    ... )
    >>> for reason in judge(Purpose.SURVEY, "email", situation).verdict.reasons:
    ...     print(reason)
    no word on survey: not allowed by default
    no address for email
    quiet hours: it is 22:30 where the customer lives (quiet 21:00-24:00)
    """
    word = may_send(situation.consents, purpose, channel)
    refusals = [*_lacks_address(situation, channel), *_is_suppressed(situation, purpose, channel)]
    pauses: tuple[str, ...] = ()
    later = None
    if purpose in NEED_CONSENT:
        refusals += _is_capped(situation, purpose)
        pauses = tuple(_is_quiet(situation))
        later = next_calm(situation.now, situation.zones, situation.quiet_hours) if pauses else None
        if pauses and later is None:
            refusals.append("quiet hours: it is always quiet somewhere the customer may be; note the customer's zone")
    return Judgement(
        word=word, refusals=tuple(refusals), pauses=pauses, later=later, remarks=tuple(_remarks(situation))
    )


def _lacks_address(situation: Situation, channel: str | None) -> Iterator[str]:
    if situation.has_address is False:
        yield f"no address for {channel}"


def _is_suppressed(situation: Situation, purpose: Purpose, channel: str | None) -> Iterator[str]:
    word = word_on(situation.consents, purpose, channel) if situation.holds_address else None
    for each in situation.suppressions:
        outdone = each.reason in OPINIONS and word is not None and word.allowed and word.at > each.at
        if each.stands and each.purpose is purpose and not outdone:
            yield f"no {purpose.value} to this address since {each.at:%Y-%m-%d} ({each.reason.value})"


def _is_capped(situation: Situation, purpose: Purpose) -> Iterator[str]:
    cap, sent = situation.cap, situation.sent
    if cap is not None and sent >= cap.most:
        yield f"{purpose.value} cap: {sent} sent already, at most {cap}"


def _is_quiet(situation: Situation) -> Iterator[str]:
    quiet = quiet_at(situation.now, situation.zones, situation.quiet_hours)
    if quiet is not None:
        somewhere = f"in {quiet.zone}, where the customer may be"
        where = "where the customer lives" if situation.knows_zone else somewhere
        yield f"quiet hours: it is {quiet.local:%H:%M} {where} (quiet {quiet.hours})"


def _remarks(situation: Situation) -> Iterator[str]:
    if situation.waiting:
        wait = "1 message waits" if situation.waiting == 1 else f"{situation.waiting} messages wait"
        yield f"{wait} to be sent to the customer already"
