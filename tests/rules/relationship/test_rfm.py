"""Recency, frequency and money, of both kinds."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue
from clientloop.rules.relationship.rfm import Btyd, Rfm, btyd, fifth, no_greater, rfm

START = date(2026, 1, 1)
END = START + timedelta(days=200)

purchases = st.lists(
    st.tuples(st.integers(0, 200).map(lambda days: START + timedelta(days=days)), st.integers(-(10**20), 10**20)),
    min_size=1,
    max_size=30,
)


@given(purchases)
def test_both_tell_the_same_story(bought: list[tuple[date, int]]) -> None:
    """Days since the last purchase, and days before it, make up the age; money on the first day and later the sum."""
    marketing, models = rfm(bought, as_of=END), btyd(bought, as_of=END)
    assert marketing.days_since + models.active_days == models.age_days
    assert models.repeats == len({day for day, _ in bought}) - 1
    assert marketing.frequency == len(bought)
    first = min(day for day, _ in bought)
    assert models.repeat_value == marketing.monetary - sum(value for day, value in bought if day == first)


def test_what_is_bought_later_does_not_count() -> None:
    """As of a day is what was known at its end."""
    bought = [(START, 5), (START + timedelta(days=10), 7)]
    assert rfm(bought, as_of=START + timedelta(days=3)) == Rfm(days_since=3, frequency=1, monetary=5)
    assert btyd(bought, as_of=START) == Btyd(repeats=0, active_days=0, age_days=0, repeat_value=0)


def test_whoever_bought_nothing_has_none() -> None:
    """Zeros would say that somebody bought today."""
    with pytest.raises(InvalidValue, match="nothing was bought until 2025-12-31"):
        rfm([(START, 5)], as_of=START - timedelta(days=1))


def fifths(values: list[int]) -> dict[int, int]:
    """The fifth in which each value stands."""
    return {value: fifth(count, of=len(values)) for value, count in no_greater(values).items()}


@given(st.lists(st.integers(-20, 20), min_size=1, max_size=40))
def test_as_many_are_no_greater_as_can_be_counted(values: list[int]) -> None:
    """Equal values count each other, and themselves."""
    assert no_greater(values) == {value: sum(other <= value for other in values) for value in values}


@given(st.lists(st.integers(-20, 20), min_size=1, max_size=40))
def test_fifths_rise_with_the_values(values: list[int]) -> None:
    """Greater values stand no lower, and the greatest stands in the fifth."""
    found = fifths(values)
    assert set(found.values()) <= {1, 2, 3, 4, 5}
    rising = [found[value] for value in sorted(found)]
    assert rising == sorted(rising)
    assert rising[-1] == 5


def test_of_many_different_values_each_fifth_holds_as_many() -> None:
    """A hundred make five times twenty."""
    found = list(fifths(list(range(100))).values())
    assert [found.count(each) for each in (1, 2, 3, 4, 5)] == [20] * 5
