"""Whether a message may be sent: the word for its purpose and channel, and the reasons."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.customers import Consent, Purpose
from clientloop.rules.outgoing.consent import NEED_CONSENT, may_send, weight

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def word(purpose: Purpose, channel: str | None, *, allowed: bool) -> Consent:
    """What a customer said on the phone."""
    return Consent(
        space="main", customer=UUID(int=1), purpose=purpose, channel=channel, allowed=allowed, proof="call", at=AT
    )


def yes(purpose: Purpose, channel: str | None = None) -> Consent:
    """The customer allows it."""
    return word(purpose, channel, allowed=True)


def no(purpose: Purpose, channel: str | None = None) -> Consent:
    """The customer forbids it."""
    return word(purpose, channel, allowed=False)


@pytest.mark.parametrize(
    ("words", "purpose", "channel", "allowed"),
    [
        ([], Purpose.SERVICE, "email", True),
        ([], Purpose.INTERNAL, "email", True),
        ([], Purpose.MARKETING, "email", False),
        ([], Purpose.SURVEY, "email", False),
        ([yes(Purpose.MARKETING)], Purpose.MARKETING, "email", True),
        ([yes(Purpose.MARKETING, "sms")], Purpose.MARKETING, "email", False),
        ([yes(Purpose.MARKETING), no(Purpose.MARKETING, "email")], Purpose.MARKETING, "email", False),
        ([no(Purpose.MARKETING), yes(Purpose.MARKETING, "email")], Purpose.MARKETING, "email", True),
        ([no(Purpose.MARKETING), yes(Purpose.MARKETING, "email")], Purpose.MARKETING, None, False),
        ([yes(Purpose.MARKETING)], Purpose.SURVEY, "email", False),
        ([no(Purpose.MARKETING)], Purpose.SERVICE, "email", True),
        ([no(Purpose.SERVICE)], Purpose.SERVICE, "email", False),
        ([no(Purpose.SERVICE, "sms")], Purpose.SERVICE, "email", True),
    ],
)
def test_the_word_for_the_purpose_and_the_channel_decides(
    words: Sequence[Consent], purpose: Purpose, channel: str | None, allowed: bool
) -> None:
    """A word on one channel goes before a word on all; words for other purposes do not count."""
    for order in (words, words[::-1]):
        assert may_send(order, purpose, channel).allowed is allowed


@given(st.permutations([(0, True), (1, False), (2, True), (2, False)]), st.sampled_from([None, "email"]))
def test_of_several_words_the_latest_counts(said: Sequence[tuple[int, bool]], channel: str | None) -> None:
    """Whoever was taken for two persons may have said two things: the latest counts, and of two at once the no."""
    consents = [
        evolve(word(Purpose.SURVEY, channel, allowed=allowed), at=AT + timedelta(days=day)) for day, allowed in said
    ]
    for count in range(1, len(said) + 1):
        latest = max(day for day, _ in said[:count])
        allowed = all(allowed for day, allowed in said[:count] if day == latest)
        assert may_send(consents[:count], Purpose.SURVEY, "email").allowed is allowed


words = st.lists(
    st.builds(word, st.sampled_from(Purpose), st.sampled_from([None, "email", "sms"]), allowed=st.booleans()),
    max_size=8,
    unique_by=lambda each: (each.purpose, each.channel),
)


@given(words)
def test_opting_out_of_marketing_never_stops_an_answer(said: Sequence[Consent]) -> None:
    """Whatever a customer said of marketing and surveys changes nothing for service messages."""
    of_service = [each for each in said if each.purpose is Purpose.SERVICE]
    assert may_send(said, Purpose.SERVICE, "email") == may_send(of_service, Purpose.SERVICE, "email")


@given(words, st.sampled_from(sorted(NEED_CONSENT)), st.sampled_from([None, "email"]))
def test_nothing_is_allowed_that_nobody_allowed(said: Sequence[Consent], purpose: Purpose, channel: str | None) -> None:
    """Marketing and surveys need a word that allows them, on this channel or on all."""
    if may_send(said, purpose, channel).allowed:
        assert any(each.allowed and each.purpose is purpose and each.channel in {channel, None} for each in said)


@given(st.lists(st.builds(evolve, st.just(yes(Purpose.SURVEY)), at=st.sampled_from([AT, AT + timedelta(days=1)]),
                         allowed=st.booleans(), proof=st.sampled_from("ab")), min_size=1), st.randoms())  # fmt: skip
def test_the_greatest_word_is_the_same_in_any_order(said: list[Consent], random: Random) -> None:
    """Whichever word comes last, the later one counts, and of two at the same time the one that forbids."""
    greatest = max(said, key=weight)
    latest = [word for word in said if word.at == max(each.at for each in said)]
    assert greatest.allowed is all(word.allowed for word in latest)
    random.shuffle(said)
    assert max(said, key=weight) == greatest


def test_the_verdict_gives_its_reason() -> None:
    """The reason names the purpose, the channel, the day and the proof; or says that there is no word."""
    assert may_send([no(Purpose.SURVEY, "email")], Purpose.SURVEY, "email").reasons == (
        "survey on email forbidden on 2026-03-02 (call)",
    )
    assert may_send([], Purpose.SURVEY, "email").reasons == ("no word on survey: not allowed by default",)
