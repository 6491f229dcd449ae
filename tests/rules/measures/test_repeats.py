"""What follows an item, and what counts as a contact."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.feedback import Feedback, Outcome
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.record import record_of
from clientloop.model.where import Where, compile_test
from clientloop.rules.measures.rates import OUTSIDE
from clientloop.rules.measures.repeats import SAID, UNTOLD, WRITTEN, is_followed
from clientloop.testing import SAMPLE_TIME, sample, sample_id

times = st.integers(0, 20).map(lambda hours: SAMPLE_TIME + timedelta(hours=hours))


@given(st.lists(times).map(sorted), times, st.timedeltas(timedelta(0), timedelta(hours=20)))
def test_a_contact_follows_after_the_receipt_and_until_the_end(contacts, received, span):
    """Some contact is later than the receipt and no later than the end of the span."""
    followed = any(received < at <= received + span for at in contacts)
    assert is_followed(contacts, received, received + span) is followed


def holds(where: Where, record: object) -> bool:
    """Whether a record fulfils a condition."""
    declared = record_of(type(record))
    return compile_test(where, declared)(declared.encode(record))


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("customer", [None, sample_id(1)])
@pytest.mark.parametrize("received_at", [None, SAMPLE_TIME])
def test_feedback_is_a_contact_of_somebody_at_some_time(outcome, customer, received_at):
    """Known feedback is a contact unless it is none; in a loop of the firm's, what is unknown is counted as such."""
    item = sample(Feedback, outcome=outcome, customer=customer, received_at=received_at)
    known = None not in (customer, received_at)
    assert holds(SAID, item) is (known and outcome is not Outcome.NOT_FEEDBACK)
    assert holds(UNTOLD, item) is (not known and outcome not in OUTSIDE)


@pytest.mark.parametrize("kind", InteractionKind)
def test_only_messages_of_customers_are_contacts_besides(kind):
    """What the firm sends, sells or delivers is no contact, nor is what nobody knows the person or time of."""
    fields = {"kind": kind, "customer": sample_id(1), "occurred_at": SAMPLE_TIME}
    assert holds(WRITTEN, sample(Interaction, **fields)) is (kind is InteractionKind.MESSAGE_IN)
    assert not holds(WRITTEN, sample(Interaction, **fields | {"customer": None}))
    assert not holds(WRITTEN, sample(Interaction, **fields | {"occurred_at": None}))
