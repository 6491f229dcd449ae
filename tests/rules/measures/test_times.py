from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.feedback import Feedback, Outcome
from clientloop.model.record import record_of
from clientloop.model.where import compile_test
from clientloop.rules.measures.rates import OUTSIDE
from clientloop.rules.measures.times import READINGS
from clientloop.testing import SAMPLE_TIME, sample

maybe = st.none() | st.just(SAMPLE_TIME)
items = st.builds(
    lambda outcome, **fields: sample(Feedback, outcome=outcome, is_open=outcome is Outcome.OPEN, **fields),
    st.sampled_from(Outcome),
    received_at=maybe,
    first_answer_at=maybe,
    solved_at=maybe,
    closed_at=maybe,
    data=st.sampled_from(
        [{}, {"doubtful": {"solved_at": "x", "closed_at": "y"}}, {"doubtful": {"first_answer_at": "x"}}]
    ),
)


def readings_of(item):
    """The readings that an item is in."""
    row = record_of(Feedback).encode(item)
    return [reading for reading in READINGS if compile_test(reading.where, record_of(Feedback))(row)]


@given(items)
def test_every_dated_item_is_in_one_reading_of_each_time(item):
    """Nothing is counted twice or forgotten: all items of known receipt that are not outside are in each time once."""
    read = sorted(time for reading in readings_of(item) for time in reading.times)
    has_times = item.received_at is not None and item.outcome not in OUTSIDE
    assert read == (["first_answer", "gross", "net"] if has_times else [])


@given(items)
def test_readings_give_each_time_that_they_name(item):
    """What a reading works out fits its names and fields; what has not happened is followed to the present."""
    for reading in readings_of(item):
        took = reading.took(SAMPLE_TIME + timedelta(hours=2), *[getattr(item, name) for name in reading.fields])
        assert len(took) == len(reading.times)
        if not reading.happened:
            assert {*took} == {timedelta(0) if item.closed_at else timedelta(hours=2)}
