"""Signs in many series."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from clientloop.errors import InvalidValue
from clientloop.model.scales import Scale
from clientloop.rules.measures.discoveries import discoveries
from clientloop.rules.measures.means import mean_interval
from clientloop.rules.measures.promoters import Votes, net_promoter_interval, net_promoter_score
from clientloop.rules.measures.shifts import spikes
from clientloop.rules.measures.signs import Dated, signs
from tests.conftest import Size

FIRST = date(2026, 1, 1)

FIVE = Scale(1, 5)

#: A series in which nothing happens, of so many days.
Made = Callable[[random.Random, int], list[Dated]]


def normal(chance: random.Random, length: int) -> list[Dated]:
    """A series in which nothing happens."""
    return [Dated(FIRST + timedelta(days), chance.gauss(40, 5)) for days in range(length)]


def scores(chance: random.Random, length: int) -> list[Dated]:
    """Net Promoter Scores of firms in which nothing happens, of few answers on some days and of many on others."""
    line = []
    for days in range(length):
        counts = dict.fromkeys(range(11), 0)
        for _ in range(chance.choice([5, 20, 60])):
            counts[chance.choice([3, 7, 9, 10, 10])] += 1
        votes = Votes.of(counts)
        value = net_promoter_score(votes)
        assert value is not None
        line.append(Dated(FIRST + timedelta(days), value, net_promoter_interval(votes)))
    return line


@pytest.mark.parametrize("made", [normal, scores])
def test_noise_has_few_signs(made: Made, size: Size) -> None:
    """Of tables of ten noisy series few have any sign; looked at one by one, most would."""
    chance = random.Random(7)
    tables = [[made(chance, 13) for _ in range(10)] for _ in range(size.pick(small=25, ci=100, night=1_000))]
    false = [any(found.spikes or found.shift for found in signs(table)) for table in tables]
    assert sum(false) <= 0.05 * len(tables) + 2
    alone = [
        any(spike.chance < 0.05 for line in table for spike in spikes([one.value for one in line])) for table in tables
    ]
    assert sum(alone) > 0.9 * len(tables)


def rated(chance: random.Random, count: int) -> Dated:
    """A day of ratings of which most are the best."""
    ratings: Counter[int] = Counter(chance.choices((5, 4, 3, 1), (80, 13, 5, 2), k=count))
    mean = sum(rating * number for rating, number in ratings.items()) / count
    return Dated(FIRST, mean, mean_interval(ratings, FIVE), count)


@pytest.mark.parametrize("counts", [(5,), (20,), (2, 3, 50, 200)])
def test_means_of_few_ratings_have_few_signs(counts: tuple[int, ...], size: Size) -> None:
    """Of series in which nothing happens, of which some days have no interval and others a narrow one by chance."""
    chance = random.Random(7)
    number = size.pick(small=100, ci=300, night=3_000)
    lines = [[rated(chance, chance.choice(counts)) for _ in range(30)] for _ in range(number)]
    assert any(day.interval is None for line in lines for day in line)
    assert sum(bool(found.spikes) for line in lines for found in signs([line])) <= 0.05 * len(lines)


def test_a_fall_among_days_without_an_interval_is_a_sign() -> None:
    """A day of equal ratings takes nothing from what others say, and may be the one that stands out."""
    chance = random.Random(7)
    line = [rated(chance, 20) for _ in range(30)]
    for place, value in ((4, 4.0), (20, 2.0)):
        line[place] = Dated(FIRST + timedelta(days=place), value, mean_interval({int(value): 20}, FIVE), 20)
    [found] = signs([line])
    assert [(spike.day - FIRST).days for spike in found.spikes] == [20]


def test_all_days_count_as_compared() -> None:
    """Series that never change are looked at as well: among many of them the same day is less of a discovery."""
    odd = [3, 4, 5, 4, 3, 5, 4, 3, 5, 4, 3, 5, 14]
    line = [Dated(FIRST + timedelta(days), value) for days, value in enumerate(odd)]
    still = [Dated(FIRST + timedelta(days), 4) for days in range(100)]
    [spike] = signs([line], rate=0.2)[0].spikes
    assert discoveries([spike.chance])
    assert [found.spikes for found in signs([line, *[still] * 20], rate=0.2)] == [()] * 21


def test_a_day_of_few_answers_may_lie_far_away() -> None:
    """The same fall is a sign where many answered, and none where few did."""
    counts = {"many": (500, 1), "few": (5, 0)}
    for answered, found in counts.values():
        line = []
        for days in range(20):
            number = 100 + 7 * (days % 3) if days != 10 else answered
            promoters = number // (2 if days != 10 else 5)
            votes = Votes(promoters=promoters, passives=number - promoters, detractors=0)
            value = net_promoter_score(votes)
            assert value is not None
            line.append(Dated(FIRST + timedelta(days), value, net_promoter_interval(votes)))
        assert len(signs([line])[0].spikes) == found


@pytest.mark.parametrize("rate", [0, 1, 5, -0.1])
def test_a_rate_is_a_share(rate: float) -> None:
    """Five percent are 0.05."""
    with pytest.raises(InvalidValue, match="false discovery rate"):
        signs([], rate=rate)


def test_nothing_has_no_signs() -> None:
    """No series, an empty one, and one of one day."""
    assert signs([]) == ()
    assert [(found.shift, found.spikes) for found in signs([[], [Dated(FIRST, 1)]])] == [(None, ())] * 2
