"""What became of a message: the most telling of all reports, in whatever order they come."""

from datetime import UTC, datetime
from itertools import permutations
from uuid import UUID

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.customers import Purpose
from clientloop.model.facts import FactName
from clientloop.model.messages import (
    Delivery,
    DeliveryReport,
    DeliveryState,
    DeliveryStep,
    Failure,
    MessageState,
    OutboundMessage,
)
from clientloop.model.permission import SuppressionReason
from clientloop.model.units import Update
from clientloop.rules.outgoing.deliveries import noted, own_id, settles, standing, suppresses

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

TAKEN = Delivery(
    space="main", message=UUID(int=1), channel="email", to="ana@example.com", purpose=Purpose.SERVICE,
    template="answer", state=DeliveryState.ACCEPTED, attempts=1, at=NOW,
)  # fmt: skip

MESSAGE = OutboundMessage(
    space="main", id=UUID(int=1), channel="email", to="ana@example.com", purpose=Purpose.SERVICE, template="answer",
    state=MessageState.UNKNOWN, attempts=1, created_at=NOW,
)  # fmt: skip


def report(step: DeliveryStep, failure: Failure | None = None, detail: str | None = None) -> DeliveryReport:
    """A word of the channel on the message."""
    return DeliveryReport(
        space="main", channel="email", key=f"{step} {failure} {detail}", step=step, failure=failure, detail=detail,
        at=NOW,
    )  # fmt: skip


failing = st.builds(
    report, st.just(DeliveryStep.FAILED), st.none() | st.sampled_from(Failure), st.sampled_from([None, "4.2.2", "gone"])
)
going = st.builds(report, st.sampled_from([DeliveryStep.SENT, DeliveryStep.DELIVERED, DeliveryStep.READ]))


@given(st.lists(failing | going, min_size=1, max_size=5))
def test_any_order_of_reports_ends_equal(reports: list[DeliveryReport]) -> None:
    """All permutations, one by one or together, each once or again, come to the same message."""
    ends = set()
    for order in permutations(reports):
        one_by_one = TAKEN
        for each in (*order, *reports):
            one_by_one = standing(one_by_one, [each])
        ends |= {one_by_one, standing(TAKEN, order)}
    assert len(ends) == 1


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        ("", DeliveryState.ACCEPTED),
        ("sent", DeliveryState.SENT),
        ("delivered sent", DeliveryState.DELIVERED),
        ("failed delivered sent", DeliveryState.FAILED),
        ("read failed", DeliveryState.READ),
    ],
)
def test_the_most_telling_report_counts(steps: str, state: DeliveryState) -> None:
    """Sent, delivered, failed, read: each says more than those before it."""
    assert standing(TAKEN, [report(DeliveryStep(step)) for step in steps.split()]).state is state


def test_of_several_failures_the_gravest_counts() -> None:
    """An address that is gone is worth more than a mailbox that was full, with what the channel said of it."""
    full, gone = report(DeliveryStep.FAILED, Failure.RETRY, "full"), report(DeliveryStep.FAILED, Failure.PERMANENT, "a")
    for order in ([full, gone], [gone, full]):
        end = standing(TAKEN, order)
        assert (end.failure, end.detail) == (Failure.PERMANENT, "a")


@pytest.mark.parametrize(
    ("step", "facts"),
    [
        (DeliveryStep.SENT, []),
        (DeliveryStep.DELIVERED, [FactName.MESSAGE_DELIVERED]),
        (DeliveryStep.READ, [FactName.MESSAGE_READ]),
        (DeliveryStep.FAILED, [FactName.MESSAGE_BOUNCED]),
    ],
)
def test_observers_hear_what_a_message_has_come_to(step: DeliveryStep, facts: list[FactName]) -> None:
    """Each once: the same report again writes nothing and tells nobody."""
    said = [evolve(report(step), message=TAKEN.message)]
    after = standing(TAKEN, said)
    assert [fact.name for fact in noted(TAKEN, after, said, NOW).facts] == facts
    again = noted(after, standing(after, said), said, NOW)
    assert (again.changes, again.facts) == ((), ())


def test_a_message_is_changed_under_its_guard() -> None:
    """What is known of a message is changed only as it was read; a report is marked with its message."""
    unit = noted(TAKEN, standing(TAKEN, [report(DeliveryStep.SENT)]), [report(DeliveryStep.SENT)], NOW)
    assert [(change.cls, change.version) for change in unit.changes if isinstance(change, Update)] == [
        (DeliveryReport, None),
        (Delivery, TAKEN.version),
    ]


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (Failure.PERMANENT, SuppressionReason.BOUNCE),
        (Failure.OPTED_OUT, SuppressionReason.STOP),
        (Failure.RETRY, None),
        (Failure.CONFIG, None),
        (None, None),
    ],
)
def test_what_has_an_address_left_alone(failure: Failure | None, reason: SuppressionReason | None) -> None:
    """A hard bounce and a stop do; a full mailbox that stayed full does not, nor anything that befalls a member."""
    failed = report(DeliveryStep.FAILED, failure)
    assert suppresses(TAKEN.purpose, failed.failure) is reason
    assert suppresses(Purpose.INTERNAL, failed.failure) is None


@pytest.mark.parametrize(
    ("state", "attempts", "step", "does"),
    [
        (MessageState.UNKNOWN, 1, DeliveryStep.DELIVERED, True),
        (MessageState.UNKNOWN, 1, DeliveryStep.FAILED, True),
        (MessageState.QUEUED, 1, DeliveryStep.SENT, True),
        (MessageState.PARKED, 3, DeliveryStep.READ, True),
        (MessageState.QUEUED, 1, DeliveryStep.FAILED, False),
        (MessageState.SENDING, 1, DeliveryStep.DELIVERED, False),
        (MessageState.QUEUED, 0, DeliveryStep.DELIVERED, False),
    ],
)
def test_which_reports_settle_a_message_in_the_outbox(
    state: MessageState, attempts: int, step: DeliveryStep, does: bool
) -> None:
    """What arrived was sent; a failure is final only where nobody knew; what is being sent, or never was, waits."""
    assert settles(evolve(MESSAGE, state=state, attempts=attempts), report(step)) is does


def test_a_report_of_another_channel_settles_nothing() -> None:
    """Whoever speaks for one channel cannot say what became of the messages of another."""
    assert not settles(evolve(MESSAGE, channel="sms"), report(DeliveryStep.DELIVERED))


@given(st.uuids())
def test_our_own_id_is_found_where_a_channel_calls_messages_by_it(own: UUID) -> None:
    """Bare, without hyphens, or before the @ of a Message-ID; not within something else."""
    for text in (str(own), own.hex, f"{own}@firm.example", f"<{own.hex}@firm.example>"):
        assert own_id(text) == own
    for text in (f"SM{own.hex}", f"{own}0", f"a@{own}", ""):
        assert own_id(text) is None
