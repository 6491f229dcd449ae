"""What a channel cannot carry is refused before it is tried, with all reasons."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from clientloop.model.customers import Purpose
from clientloop.model.messages import Failure, OutboundMessage
from clientloop.rules.outgoing.fitting import Limits, asks_for_last_word, misfit

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
CLOSED = "the channel closed at 2026-03-02 08:00 UTC: the customer last wrote at 2026-03-01 08:00"


def message(purpose: Purpose = Purpose.SERVICE) -> OutboundMessage:
    """Ten characters."""
    return OutboundMessage(
        space="main", id=UUID(int=1), channel="chat", to="ana", purpose=purpose, template="answer", body="Until six.",
        created_at=NOW,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("limits", "last_word", "why"),
    [
        (Limits(), None, None),
        (Limits(max_length=10), None, None),
        (Limits(max_length=9), None, "it has 10 characters, and the channel takes 9"),
        (Limits(firm_starts=False), None, "the customer has never written on this channel, and must begin"),
        (Limits(firm_starts=False), NOW - 999 * HOUR, None),
        (Limits(reply_window=24 * HOUR), NOW - 24 * HOUR, None),
        (Limits(reply_window=24 * HOUR), None, "the customer has never written on this channel, and must begin"),
        (
            Limits(max_length=9, reply_window=24 * HOUR),
            NOW - 25 * HOUR,
            f"it has 10 characters, and the channel takes 9; {CLOSED}",
        ),
    ],
)
def test_what_does_not_fit_waits_for_a_person(limits: Limits, last_word: datetime | None, why: str | None) -> None:
    """The refusal blames the setup, never the address, and says all that is wrong."""
    refusal = misfit(message(), limits, last_word, NOW)
    assert (refusal and refusal.detail) == why
    assert refusal is None or refusal.failure is Failure.CONFIG


def test_of_members_nobody_knows_when_they_wrote() -> None:
    """A message within the firm is left to the channel to refuse; only its length is judged."""
    closed = Limits(firm_starts=False, reply_window=HOUR)
    assert asks_for_last_word(message(), closed)
    assert not asks_for_last_word(message(Purpose.INTERNAL), closed)
    assert misfit(message(Purpose.INTERNAL), closed, None, NOW) is None
    assert misfit(message(Purpose.INTERNAL), Limits(max_length=1), None, NOW) is not None
