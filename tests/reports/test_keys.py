"""What the rows of reports are split by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.feedback import Feedback
from clientloop.model.plan import Plan
from clientloop.model.record import record_of
from clientloop.reports.keys import LoopKey, key_of, none_last, row_of
from clientloop.rules.measures.aggregation import aggregate
from clientloop.testing import SAMPLE_TIME, sample

ZONE = "Pacific/Auckland"

items = st.builds(
    lambda **fields: sample(Feedback, **fields),
    channel=st.sampled_from(["email", "form"]),
    kind=st.sampled_from(["idea", "complaint"]),
    owner=st.none() | st.just("mia"),
    team=st.none() | st.just("north"),
    received_at=st.none() | st.just(SAMPLE_TIME) | st.datetimes(timezones=st.just(SAMPLE_TIME.tzinfo)),
)


@pytest.mark.parametrize("by", LoopKey)
@given(items)
def test_items_are_in_the_rows_that_stores_group_them_into(by: LoopKey, item: Feedback) -> None:
    """What tells the row of an item one by one agrees with how stores group items."""
    plan = Plan(cls=Feedback, keys=(key_of(by, ZONE),))
    (group,) = aggregate([record_of(Feedback).encode(item)], plan)
    assert group.keys == (row_of(by, ZONE)(item),)


def test_rows_without_a_key_come_last() -> None:
    """Names are sorted, and None stands at the end."""
    assert sorted(["b", None, "a"], key=none_last) == ["a", "b", None]
