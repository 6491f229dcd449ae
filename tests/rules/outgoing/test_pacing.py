"""The pace of channels: no time is given away twice, and a rest holds for all."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.channels import ChannelPace
from clientloop.model.customers import Purpose
from clientloop.model.messages import Failure, OutboundMessage, Receipt
from clientloop.model.units import Insert, Update
from clientloop.rules.outgoing.pacing import (
    GRACE,
    HORIZON,
    LONGEST_REST,
    SHORTEST_REST,
    SLOW,
    allot,
    kept,
    paused,
    rest_after,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def messages(count: int, *, purpose: Purpose = Purpose.SERVICE, slot: datetime | None = None) -> list[OutboundMessage]:
    """Messages that a worker has claimed."""
    return [
        OutboundMessage(
            space="main", id=UUID(int=number), channel="sms", to="+38640111222", purpose=purpose, template="answer",
            slot=slot, created_at=NOW,
        )
        for number in range(count)
    ]  # fmt: skip


def pace(free_at: datetime = NOW, paused_until: datetime | None = None) -> ChannelPace:
    """What is known of a channel."""
    return ChannelPace(space="main", channel="sms", free_at=free_at, paused_until=paused_until, version=7)


def test_a_channel_without_a_limit_takes_everything() -> None:
    """Nothing waits and nothing is written down."""
    shared = allot(messages(50), None, None, NOW)
    assert (len(shared.due), shared.later, shared.free_at) == (50, (), None)


@given(
    per_second=st.floats(0.01, 100),
    batches=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5_000)), min_size=1, max_size=6),
)
def test_times_are_kept_once(per_second: float, batches: list[tuple[int, int]]) -> None:
    """Of all batches, no two messages have times nearer than the channel takes them."""
    known, now, given_out = None, NOW, []
    for count, milliseconds in batches:
        now += timedelta(milliseconds=milliseconds)
        shared = allot(messages(count), known, per_second, now)
        given_out += [now for _ in shared.due] + [wait.slot for wait in shared.later if wait.slot is not None]
        assert all(wait.until > now for wait in shared.later)
        known = known if shared.free_at is None else pace(shared.free_at)
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(given_out)]
    assert all(gap >= 1 / per_second - 1e-5 for gap in gaps)


def test_a_message_whose_time_has_come_goes_out_without_another() -> None:
    """What was put off once is sent at its time, however many others have come since."""
    shared = allot(messages(3, slot=NOW), pace(NOW + 40 * SECOND), 1.0, NOW)
    assert (len(shared.due), shared.later, shared.free_at) == (3, (), None)


def test_a_time_that_has_passed_long_ago_is_not_kept() -> None:
    """After a pause of the workers messages are paced anew."""
    shared = allot(messages(3, slot=NOW - GRACE - SECOND), pace(NOW - 9 * GRACE), 1.0, NOW)
    assert [wait.until - NOW for wait in shared.later] == [SECOND, 2 * SECOND]


def test_times_are_kept_no_further_than_the_horizon() -> None:
    """What would wait for long comes back without a time of its own, so that an answer may go before it."""
    shared = allot(messages(100), None, 1.0, NOW)
    assert [wait.slot is not None for wait in shared.later] == [number <= 60 for number in range(1, 100)]
    assert shared.free_at == NOW + HORIZON + SECOND
    assert min(wait.until for wait in shared.later if wait.slot is None) > NOW + HORIZON


def test_answers_come_before_surveys() -> None:
    """What needs consent takes the last times."""
    first = messages(2, purpose=Purpose.SURVEY)
    answer = evolve(messages(1)[0], id=UUID(int=99))
    assert allot([*first, answer], None, 1.0, NOW).due == (answer,)


def test_a_paused_channel_takes_nothing() -> None:
    """All wait until it opens, and the times that were kept within the pause are void."""
    closed = pace(NOW + 5 * SECOND, paused_until=NOW + 9 * SECOND)
    kept_times = [evolve(message, slot=NOW) for message in messages(2)]
    shared = allot(kept_times, closed, 1.0, NOW)
    assert [(wait.until, wait.slot) for wait in shared.later] == [(NOW + 9 * SECOND, None)] * 2
    opened = allot([evolve(message, slot=NOW + 8 * SECOND) for message in messages(2)], closed, 1.0, NOW + 9 * SECOND)
    assert (len(opened.due), [wait.until - NOW for wait in opened.later]) == (1, [10 * SECOND])


def test_the_pace_is_guarded() -> None:
    """Whoever keeps times or pauses a channel on old knowledge is refused; a longer pause stays."""
    for unit in (kept(pace(), "main", "sms", NOW), paused(pace(), "main", "sms", NOW)):
        assert [change.version for change in unit.changes if isinstance(change, Update)] == [7]
    for unit in (kept(None, "main", "sms", NOW), paused(None, "main", "sms", NOW)):
        assert [type(change) for change in unit.changes] == [Insert]
    assert not paused(pace(paused_until=NOW + SECOND), "main", "sms", NOW).changes


@pytest.mark.parametrize(
    ("receipt", "took", "rests"),
    [
        (Receipt(), SECOND, None),
        (Receipt(failure=Failure.RETRY), SECOND, None),
        (Receipt(), SLOW + SECOND, SLOW + SECOND),
        (Receipt(failure=Failure.THROTTLED, retry_after=90), SECOND, 90 * SECOND),
        (Receipt(failure=Failure.THROTTLED, retry_after=0), SECOND, SHORTEST_REST),
        (Receipt(failure=Failure.THROTTLED, retry_after=2), 30 * SECOND, 30 * SECOND),
    ],
)
def test_how_long_a_channel_rests(receipt: Receipt, took: timedelta, rests: timedelta | None) -> None:
    """As long as it asks; a slow one for as long as it took; one that merely failed does not rest."""
    message = evolve(messages(1)[0], attempts=1)
    until = rest_after(message, receipt, began=NOW - took, ended=NOW)
    assert until == (None if rests is None else NOW + rests)


@pytest.mark.parametrize("attempts", range(1, 13))
def test_a_channel_that_does_not_say_rests_for_minutes_at_most(attempts: int) -> None:
    """One message that is unlucky again and again does not close the channel for hours."""
    message = evolve(messages(1)[0], attempts=attempts)
    until = rest_after(message, Receipt(failure=Failure.THROTTLED), began=NOW, ended=NOW)
    assert until is not None
    assert SHORTEST_REST <= until - NOW <= LONGEST_REST
