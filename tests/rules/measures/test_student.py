"""Student's distribution."""

import pytest

from clientloop.rules.measures.shifts import spikes
from clientloop.rules.measures.student import student


@pytest.mark.parametrize(
    ("freedom", "statistic"),
    [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (5, 2.571), (10, 2.228), (29, 2.045), (30, 2.042), (120, 1.980)],
)
def test_the_printed_table(freedom: int, statistic: float) -> None:
    """The two-sided five percent points that every table prints."""
    assert student(statistic, freedom) == pytest.approx(0.05, abs=3e-5)
    assert student(-statistic, freedom) == student(statistic, freedom)


def test_the_ends() -> None:
    """What lies at 0 is all chance, what lies very far is none; never less than none."""
    assert student(0, 3) == 1
    assert 0 <= student(1e9, 7) < 1e-15


def test_few_numbers_say_less() -> None:
    """The same distance in a short series may more easily be chance than in a long one."""
    short, long = ([*range(9, 12)] * times + [30] for times in (2, 20))
    assert max(spike.chance for spike in spikes(long) if spike.value == 30) < min(
        spike.chance for spike in spikes(short)
    )
