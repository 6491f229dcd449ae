"""Everything that stands against writing to a customer, judged in one place."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.calendar import Hours, days
from clientloop.model.customers import Consent, IdentityKind, Purpose
from clientloop.model.permission import STOPPED, Cap, Suppression, SuppressionReason
from clientloop.rules.outgoing.consent import NEED_CONSENT
from clientloop.rules.outgoing.policy import OPINIONS, Situation, judge

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)

FREE = Situation(
    now=AT,
    consents=tuple(
        Consent(space="main", customer=UUID(int=1), purpose=purpose, allowed=True, proof="form", at=AT)
        for purpose in Purpose
    ),
    suppressions=(),
    holds_address=True,
    has_address=True,
    zones=("UTC",),
    knows_zone=True,
    quiet_hours=(Hours.parse("00:00-08:00"), Hours.parse("22:00-24:00")),
    cap=Cap(most=1, within=days(30)),
    sent=0,
)


def stop(reason: SuppressionReason, purpose: Purpose, *, at: datetime = AT, stands: bool = True) -> Suppression:
    """An address that is left alone."""
    return Suppression(
        space="main", digest=b"1", purpose=purpose, reason=reason, kind=IdentityKind.EMAIL, stands=stands, at=at
    )


def test_everything_that_stands_against_writing_is_said() -> None:
    """The word, the address, the list, the cap and the hour each have their say; what waits already forbids nothing."""
    no = evolve(FREE.consents[0], purpose=Purpose.SURVEY, allowed=False)
    situation = evolve(
        FREE,
        now=AT.replace(hour=23),
        consents=(no,),
        has_address=False,
        suppressions=(stop(SuppressionReason.BOUNCE, Purpose.SURVEY),),
        sent=1,
        waiting=2,
    )
    assert judge(Purpose.SURVEY, "sms", situation).verdict.reasons == (
        "survey on every channel forbidden on 2026-03-02 (form)",
        "no address for sms",
        "no survey to this address since 2026-03-02 (bounce)",
        "survey cap: 1 sent already, at most 1 in 30 days",
        "quiet hours: it is 23:00 where the customer lives (quiet 22:00-24:00)",
        "2 messages wait to be sent to the customer already",
    )
    assert judge(Purpose.SURVEY, "sms", evolve(FREE, waiting=2)).verdict.allowed


@pytest.mark.parametrize(
    "change",
    [
        {"consents": ()},
        {"has_address": False},
        {"suppressions": (stop(SuppressionReason.STOP, Purpose.SURVEY),)},
        {"sent": 1},
        {"now": AT.replace(hour=22)},
    ],
)
def test_one_reason_is_enough(change: dict[str, object]) -> None:
    """Each of the reasons forbids a survey alone; but the hour, all for good."""
    judgement = judge(Purpose.SURVEY, "sms", evolve(FREE, **change))
    assert not judgement.verdict.allowed
    assert judgement.refused is ("now" not in change)
    assert judgement.later == (None if judgement.refused else AT.replace(day=3, hour=8))


@given(st.integers(0, 23), st.integers(0, 9))
def test_an_answer_comes_at_any_hour_and_is_never_one_too_many(hour: int, sent: int) -> None:
    """Quiet hours and caps are for what the firm sends of its own accord; "is it fixed?" is an answer."""
    assert judge(Purpose.SERVICE, "sms", evolve(FREE, now=AT.replace(hour=hour), sent=sent)).verdict.allowed


@pytest.mark.parametrize("reason", SuppressionReason)
@pytest.mark.parametrize("purpose", [Purpose.SERVICE, Purpose.SURVEY, Purpose.MARKETING])
def test_each_reason_stops_its_purposes(reason: SuppressionReason, purpose: Purpose) -> None:
    """Stop words and bounces stop everything, complaints and unsubscribing what needs consent; a lifted one nothing."""
    rows = tuple(stop(reason, each) for each in STOPPED[reason])
    stopped = purpose in NEED_CONSENT or reason not in OPINIONS
    assert judge(purpose, "email", evolve(FREE, suppressions=rows)).refused is stopped
    lifted = tuple(evolve(row, stands=False) for row in rows)
    assert not judge(purpose, "email", evolve(FREE, suppressions=lifted)).refused


@pytest.mark.parametrize("reason", SuppressionReason)
@pytest.mark.parametrize("days_later", [0, 1])
@pytest.mark.parametrize("holds", [False, True])
def test_a_later_word_of_the_holder_outdoes_an_opinion_only(
    reason: SuppressionReason, days_later: int, holds: bool
) -> None:
    """Who unsubscribed and then allows surveys again gets them; a stop word or a bounce is no matter of opinion."""
    suppression = stop(reason, Purpose.SURVEY, at=AT - timedelta(days=days_later))
    situation = evolve(FREE, suppressions=(suppression,), holds_address=holds)
    assert judge(Purpose.SURVEY, "email", situation).refused is not (reason in OPINIONS and holds and days_later > 0)


def test_a_cap_is_full_at_its_number() -> None:
    """Two in a week are allowed where the cap says two; without a cap any number is."""
    capped = evolve(FREE, cap=Cap(most=2, within=days(7)))
    allowed = [judge(Purpose.MARKETING, "sms", evolve(capped, sent=sent)).verdict.allowed for sent in range(4)]
    assert allowed == [True, True, False, False]
    assert judge(Purpose.MARKETING, "sms", evolve(FREE, cap=None, sent=99)).verdict.allowed


def test_what_is_quiet_somewhere_at_every_hour_is_refused() -> None:
    """Where there is no hour at which nobody sleeps, the reason says what helps."""
    everywhere = evolve(
        FREE, zones=("Pacific/Honolulu", "Europe/Moscow", "Asia/Tokyo", "America/Sao_Paulo"), knows_zone=False
    )
    judgement = judge(Purpose.SURVEY, "sms", everywhere)
    assert (judgement.refused, judgement.later) == (True, None)
    assert "note the customer's zone" in judgement.refusals[0]
    assert judge(Purpose.SERVICE, "sms", everywhere).verdict.allowed
