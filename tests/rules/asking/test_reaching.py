"""What becomes of an invitation by what becomes of its message, and by an answer."""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from clientloop.model.asking import Disposition, Instrument, Invitation, Occasion
from clientloop.model.messages import DeliveryReport, DeliveryState, DeliveryStep
from clientloop.rules.asking.reaching import answered, change, settled
from clientloop.testing.samples import sample_id

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)

ASKED = Invitation(
    space="main", id=sample_id(1), question="nps", number=1, instrument=Instrument.NPS, occasion=Occasion.RELATIONAL,
    channel="email", asked_at=NINE,
)  # fmt: skip


def report(step: DeliveryStep, hours: int) -> DeliveryReport:
    """A word of the channel, so many hours after nine."""
    return DeliveryReport(space="main", channel="email", key=step, step=step, at=NINE + timedelta(hours=hours))


def test_it_arrives_when_the_channel_first_says_so() -> None:
    """Of a message that was read, the time of its delivery counts; of one whose reports name no time, the present."""
    reports = [report(DeliveryStep.READ, 3), report(DeliveryStep.DELIVERED, 1), report(DeliveryStep.SENT, 0)]
    assert settled(ASKED, DeliveryState.READ, reports, NINE).delivered_at == NINE + timedelta(hours=1)
    assert settled(ASKED, DeliveryState.DELIVERED, (), NINE).delivered_at == NINE


@pytest.mark.parametrize("state", [DeliveryState.ACCEPTED, DeliveryState.SENT, DeliveryState.DELAYED])
def test_on_the_way_it_has_not_arrived(state: DeliveryState) -> None:
    """A channel that took a message has not delivered it by that."""
    assert settled(ASKED, state, (), NINE) is ASKED


def test_what_failed_and_was_read_all_the_same_has_arrived() -> None:
    """A failure after the delivery takes it back; a reading after the failure gives it again."""
    arrived = settled(ASKED, DeliveryState.DELIVERED, (), NINE)
    failed = settled(arrived, DeliveryState.FAILED, (), NINE)
    assert (failed.delivered_at, failed.disposition) == (None, Disposition.NON_CONTACT)
    read = settled(failed, DeliveryState.READ, (), NINE)
    assert (read.delivered_at, read.disposition) == (NINE, Disposition.OPEN)


@pytest.mark.parametrize("was", [Disposition.COMPLETE, Disposition.PARTIAL, Disposition.REFUSAL])
def test_a_failure_does_not_undo_what_somebody_did(was: Disposition) -> None:
    """Whoever has answered or refused was reached, whatever the channel says."""
    decided = evolve(ASKED, disposition=was)
    assert settled(decided, DeliveryState.FAILED, (), NINE) is decided


def test_words_are_a_part_and_a_rating_is_all() -> None:
    """A complete answer stays one, and the first answer has the time."""
    words = answered(ASKED, NINE, rated=False)
    assert (words.answered_at, words.disposition) == (NINE, Disposition.PARTIAL)
    rated = answered(words, NINE + timedelta(hours=1), rated=True)
    assert (rated.answered_at, rated.disposition) == (NINE, Disposition.COMPLETE)
    assert answered(rated, NINE, rated=False).disposition is Disposition.COMPLETE


def test_only_what_changes_is_written() -> None:
    """The update names the fields that differ and is guarded by the version; nothing changed writes nothing."""
    [update] = change(ASKED, answered(ASKED, NINE, rated=True))
    assert update.changes == {"answered_at": NINE, "disposition": Disposition.COMPLETE}
    assert update.version == ASKED.version
    assert change(ASKED, ASKED) == ()
