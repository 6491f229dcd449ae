"""What customers allow, as applications note it and ask for it."""

from datetime import timedelta
from uuid import UUID

import pytest

from clientloop.errors import MissingReference
from clientloop.model.customers import Consent, Purpose
from tests.test_processes import DAY, Firm


def test_the_last_word_counts(firm: Firm) -> None:
    """A customer may change the word as often as they like; the latest, with its proof and time, is kept."""
    firm.clock.advance(DAY)
    firm.loop.consent.forbid(firm.customer, Purpose.MARKETING, proof="link in mail 17")
    verdict = firm.loop.consent.may_send(firm.customer, Purpose.MARKETING, "email")
    assert (verdict.allowed, verdict.reasons) == (
        False, ("marketing on every channel forbidden on 2026-03-03 (link in mail 17)",),
    )  # fmt: skip
    firm.clock.advance(timedelta(minutes=1))
    firm.loop.consent.allow(firm.customer.id, Purpose.MARKETING, proof="call")
    assert firm.loop.consent.may_send(firm.customer.id, Purpose.MARKETING).allowed
    (word,) = firm.loop.store.pages(Consent, "main")
    assert (word.version, word.proof, word.at) == (3, "call", firm.clock.now())


def test_a_word_on_one_channel_leaves_the_others(firm: Firm) -> None:
    """No more text messages, but mail is fine."""
    firm.loop.consent.forbid(firm.customer, Purpose.MARKETING, proof="call", channel="sms")
    allowed = {
        channel: firm.loop.consent.may_send(firm.customer, Purpose.MARKETING, channel).allowed
        for channel in ("sms", "email")
    }
    assert allowed == {"sms": False, "email": True}


def test_nobody_allows_for_somebody_unknown(firm: Firm) -> None:
    """A word of no customer is refused."""
    with pytest.raises(MissingReference):
        firm.loop.consent.allow(UUID(int=1), Purpose.MARKETING, proof="form")


def test_words_of_one_firm_do_not_count_for_another(firm: Firm) -> None:
    """A customer who allowed one firm something has allowed another nothing."""
    other = firm.loop.in_space("other")
    assert not other.consent.may_send(firm.customer, Purpose.MARKETING, "email").allowed
