"""What became of messages to customers, by channel: added up by the store."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from attrs import evolve

from clientloop import ClientLoop, ManualClock
from clientloop.errors import InvalidValue
from clientloop.model.customers import Purpose
from clientloop.model.messages import (
    Delivery,
    DeliveryReport,
    DeliveryState,
    DeliveryStep,
    Failure,
    MessageState,
    OutboundMessage,
)
from clientloop.model.units import Insert, Unit
from clientloop.rules.measures.rates import Share
from tests.services.persons import NINE, STORES

#: Channel, state, failure and how many of each.
SENT = (
    ("email", DeliveryState.ACCEPTED, None, 3),
    ("email", DeliveryState.SENT, None, 1),
    ("email", DeliveryState.DELIVERED, None, 2),
    ("email", DeliveryState.READ, None, 1),
    ("email", DeliveryState.FAILED, Failure.PERMANENT, 2),
    ("email", DeliveryState.FAILED, None, 1),
    ("email", DeliveryState.FAILED, Failure.OPTED_OUT, 4),
    ("sms", DeliveryState.ACCEPTED, None, 5),
)

HOURS = [timedelta(hours=number) for number in range(100)]

ENDED = Delivery(
    space="main", message=UUID(int=1), channel="email", to="ana@example.com", purpose=Purpose.SERVICE,
    template="answer", state=DeliveryState.FAILED, attempts=1, at=NINE,
)  # fmt: skip

WAITS = OutboundMessage(
    space="main", id=UUID(int=1), channel="sms", to="+38640123456", purpose=Purpose.SERVICE, template="answer",
    created_at=NINE,
)  # fmt: skip


@pytest.fixture(params=STORES, ids=["memory", "sqlite"])
def loop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ClientLoop]:
    """A firm whose messages came to this, one an hour."""
    with ClientLoop.open(request.param.format(tmp_path), clock=ManualClock(NINE), entry_points=False) as loop:
        ends = [(channel, state, failure) for channel, state, failure, many in SENT for _ in range(many)]
        sent = (
            evolve(ENDED, message=loop.context.new_id(), channel=channel, state=state, failure=failure, at=NINE + hours)
            for hours, (channel, state, failure) in zip(HOURS, ends, strict=False)
        )
        to_member = evolve(ENDED, message=loop.context.new_id(), purpose=Purpose.INTERNAL)
        waiting = (
            evolve(WAITS, id=loop.context.new_id(), state=state)
            for state in (MessageState.UNKNOWN, MessageState.PARKED)
        )
        unmatched = DeliveryReport(space="main", channel="sms", key="1", step=DeliveryStep.FAILED, at=NINE)
        loop.store.commit(Unit(tuple(map(Insert, (*sent, to_member, *waiting, unmatched)))))
        yield loop


def test_what_became_of_the_messages_of_a_channel(loop: ClientLoop) -> None:
    """Arrived, failed and unknown are all there are; what was forbidden is none of them, nor is what members got."""
    email, sms = loop.reports.messages().rows
    assert (email.channel, email.messages, email.forbidden, email.in_doubt) == ("email", 10, 4, 0)
    assert (email.arrived, email.read) == (Share(3, 10), Share(1, 10))
    assert (email.failed, email.unknown) == (Share(3, 10), Share(4, 10))
    assert (sms.channel, sms.messages, sms.in_doubt) == ("sms", 5, 1)


def test_a_channel_without_receipts_has_not_failed(loop: ClientLoop) -> None:
    """Nobody knows what became of its messages: that is said, and neither praised nor blamed."""
    _, sms = loop.reports.messages().rows
    assert (sms.arrived.part, sms.failed.part, sms.unknown) == (0, 0, Share(5, 5))


def test_the_total_is_that_of_all_channels(loop: ClientLoop) -> None:
    """Every message is counted once; reports on messages that nobody knows stand beside."""
    report = loop.reports.messages()
    assert (report.total.messages, report.total.unknown, report.total.in_doubt) == (15, Share(9, 15), 1)
    assert report.unmatched == 1


def test_a_span_of_time_counts_what_left_the_outbox_in_it(loop: ClientLoop) -> None:
    """From the beginning of the span to before its end."""
    report = loop.reports.messages(since=NINE + timedelta(hours=4), until=NINE + timedelta(hours=7))
    assert (report.total.messages, report.total.arrived) == (3, Share(3, 3))


def test_a_time_without_a_zone_is_refused(loop: ClientLoop) -> None:
    """Nobody guesses whose noon is meant."""
    with pytest.raises(InvalidValue, match="names no zone"):
        loop.reports.messages(since=datetime(2026, 3, 2))  # noqa: DTZ001
