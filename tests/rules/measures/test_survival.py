from collections import Counter
from datetime import timedelta
from fractions import Fraction
from math import ceil, prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.rules.measures.survival import quantiles

HALF, TINY = Fraction(1, 2), Fraction(1, 10**12)

#: Freireich et al. 1963, as in Cox and Oakes, "Analysis of Survival Data", 1984, table 1.1: weeks in remission.
TREATED = [6, 6, 6, 7, 10, 13, 16, 22, 23], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
CONTROL = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23], []

times = st.lists(st.integers(0, 30), max_size=40)
shares = st.fractions(Fraction(1, 100), 1, max_denominator=100)


def at(sample, *shares):
    """The quantiles of a sample: what was observed, and what was censored."""
    observed, censored = sample
    return quantiles(Counter(observed), Counter(censored), shares)


def survival(observed, censored, time):
    """The product-limit estimate, as textbooks write it."""
    alive = Fraction(1)
    for moment in sorted({each for each in observed if each <= time}):
        at_risk = sum(each >= moment for each in [*observed, *censored])
        alive *= 1 - Fraction(observed.count(moment), at_risk)
    return alive


def steps(sample, survivals):
    """What the quantiles are at the published survivals, and just beyond them."""
    found = at(sample, *[1 - alive for alive in survivals])
    beyond = at(sample, *[1 - alive + TINY for alive in survivals])
    return found, beyond


def test_example_of_kaplan_and_meier():
    """The paper's example of eight observations gives its survivals 0.875, 0.70, 0.525 and 0.2625."""
    tenths = [8, 31, 54, 92], [10, 27, 70, 121]
    found, beyond = steps(tenths, [Fraction(7, 8), Fraction(7, 10), Fraction(21, 40), Fraction(21, 80)])
    assert found == [8, 31, 54, 92]
    assert beyond == [31, 54, 92, None]


def test_example_of_bewick():
    """The survivals of table 2 of Bewick, Cheek and Ball 2004; a half is reached where the curve is at one half."""
    sample = [1, 1, 4, 5, 9, 22], [6, 9]
    found, beyond = steps(sample, [Fraction(3, 4), Fraction(5, 8), Fraction(1, 2), Fraction(1, 3), Fraction(0)])
    assert found == [1, 4, 5, 9, 22]
    assert beyond[:4] == [4, 5, 9, 22]


def test_remissions_of_freireich():
    """The published medians are 23 weeks under treatment and 8 in the control group."""
    assert at(TREATED, HALF) == [23]
    assert at(CONTROL, HALF) == [8]


def test_whole_curve_of_freireich():
    """The survivals of the treated group fall at the published weeks, by the published amounts, and nowhere else."""
    published = [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    factors = [(6, 7), (16, 17), (14, 15), (11, 12), (10, 11), (6, 7), (5, 6)]
    alive, curve = Fraction(1), []
    for part, whole in factors:
        alive *= Fraction(part, whole)
        curve.append(alive)
    assert [round(float(each), 3) for each in curve] == published
    found, beyond = steps(TREATED, curve)
    assert found == [6, 7, 10, 13, 16, 22, 23]
    assert beyond == [7, 10, 13, 16, 22, 23, None]


@given(times.filter(bool), shares)
def test_without_censoring_it_is_the_plain_quantile(observed, share):
    """When everything has happened, the quantile is the earliest time by which at least the share of it had."""
    rank = ceil(share * len(observed))
    assert at((observed, []), share) == [sorted(observed)[rank - 1]]


@given(times, times, shares)
def test_quantile_is_where_the_curve_falls_to(observed, censored, share):
    """The quantile is the first event at which the textbook's curve is at most one less the share, exactly."""
    reached = (time for time in sorted(observed) if survival(observed, censored, time) <= 1 - share)
    assert at((observed, censored), share) == [next(reached, None)]


@given(times, times, st.lists(shares, max_size=5))
def test_quantiles_come_in_the_order_asked_for(observed, censored, asked):
    """Several shares give what each gives alone, in any order."""
    assert at((observed, censored), *asked) == [at((observed, censored), share)[0] for share in asked]


@pytest.mark.parametrize("censored", [[], [4, 5]])
def test_nothing_has_happened(censored):
    """Without a single event there is no quantile."""
    assert at(([], censored), HALF) == [None]


def test_what_is_censored_late_counts_until_then():
    """To leave out what is still waited for would flatter: three slow ones raise the median beyond any event."""
    quick = [timedelta(hours=hour) for hour in (1, 2, 3)]
    waiting = [timedelta(hours=90)] * 4
    assert at((quick, []), HALF) == [timedelta(hours=2)]
    assert at((quick, waiting), HALF) == [None]


@pytest.mark.parametrize("rounds", [1, 7, 500])
def test_ties_are_decided_exactly(rounds):
    """However many factors the estimate has, a share that it hits exactly is reached, and one just beyond is not."""
    observed = dict.fromkeys(range(0, 2 * rounds, 2), 1)
    censored = dict.fromkeys(range(1, 2 * rounds, 2), 1) | {2 * rounds: rounds}
    alive = prod((Fraction(left - 1, left) for left in range(3 * rounds, rounds, -2)), start=Fraction(1))
    assert quantiles(observed, censored, [1 - alive, 1 - alive + TINY**3]) == [2 * rounds - 2, None]
