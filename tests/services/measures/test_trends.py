"""Metrics over time."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from clientloop import ClientLoop, InvalidValue, ManualClock
from clientloop.model.plan import Bucket
from clientloop.model.targets import Sense
from tests.services.measures.asked import YEARLY, answer, keep, several

NOW = datetime(2026, 6, 10, 9, tzinfo=UTC)

#: Ratings with a score of 50.
USUAL = [10, 10, 10, 8, 7, 7, 9, 9, 3, 10] * 2


@pytest.fixture
def loop() -> Iterator[ClientLoop]:
    """A firm with one question."""
    with ClientLoop.open("memory:", zone="Europe/Ljubljana", clock=ManualClock(NOW), entry_points=False) as loop:
        keep(loop, YEARLY)
        yield loop


def test_a_period_without_answers_is_a_gap(loop: ClientLoop) -> None:
    """From the first period to the present one every period has its point, and an empty one no score."""
    keep(loop, *several(YEARLY, USUAL, datetime(2026, 3, 5, tzinfo=UTC)), answer(YEARLY, 10, NOW))
    [series] = loop.metrics.trend("nps", question="yearly").series
    assert [(point.day.month, point.score and point.score.count, point.over) for point in series.points] == [
        (3, 20, True),
        (4, None, True),
        (5, None, True),
        (6, 1, False),
    ]


def test_the_periods_that_were_asked_for(loop: ClientLoop) -> None:
    """All of them, also before the first answer; none after the end."""
    keep(loop, answer(YEARLY, 10, datetime(2026, 3, 29, 0, 30, tzinfo=UTC)))
    since, until = datetime(2026, 3, 26, 23, tzinfo=UTC), datetime(2026, 3, 30, 22, tzinfo=UTC)
    [series] = loop.metrics.trend("nps", question="yearly", bucket=Bucket.DAY, since=since, until=until).series
    assert [(point.day.day, point.score is not None) for point in series.points] == [
        (27, False),
        (28, False),
        (29, True),
        (30, False),
    ]


def test_nobody_answered(loop: ClientLoop) -> None:
    """Then there is no series."""
    assert loop.metrics.trend("nps", question="yearly").series == ()


def test_a_target_is_held_against_periods_that_are_over(loop: ClientLoop) -> None:
    """Missed by the score is one thing, by all of its interval another; a period that runs is not judged."""
    for month, ratings in ((3, USUAL), (4, [8] * 60), (5, [*USUAL[:5], 3, 8]), (6, [0])):
        keep(loop, *several(YEARLY, ratings, datetime(2026, month, 5, tzinfo=UTC)))
    trend = loop.metrics.trend("nps", question="yearly", target=45)
    verdicts = [point.verdict for point in trend.series[0].points]
    assert [verdict and (verdict.missed, verdict.certain) for verdict in verdicts] == [
        (False, False),
        (True, True),
        (True, False),
        None,
    ]
    most = loop.metrics.trend("nps", question="yearly", target=45, sense=Sense.AT_MOST).series[0].points
    assert [point.verdict and point.verdict.missed for point in most] == [True, False, False, None]


def weeks(loop: ClientLoop, levels: dict[str, list[list[int]]]) -> None:
    """Ratings of each channel, week by week, up to the last week that is over."""
    for channel, ratings in levels.items():
        for back, week in enumerate(reversed(ratings), 1):
            keep(loop, *several(YEARLY, week, NOW - timedelta(weeks=back), channel=channel))


def noise(seed: int, length: int) -> list[list[int]]:
    """Weeks of answers in which nothing happens."""
    chance = random.Random(seed)
    return [[chance.choice(USUAL) for _ in range(chance.choice([10, 40, 80]))] for _ in range(length)]


def test_a_period_that_was_cut_is_not_judged(loop: ClientLoop) -> None:
    """Of March its first half, of May its second was not asked for: neither misses anything, nor is it a sign."""
    for month, day in ((3, 20), (4, 20), (5, 10)):
        keep(loop, *several(YEARLY, [0] * 9, datetime(2026, month, day, tzinfo=UTC)))
    [series] = loop.metrics.trend(
        "nps", question="yearly", target=45, since=date(2026, 3, 15), until=date(2026, 5, 15)
    ).series
    assert [(point.day.month, point.over, point.verdict is not None) for point in series.points] == [
        (3, False, False),
        (4, True, True),
        (5, False, False),
    ]
    whole = loop.metrics.trend("nps", question="yearly", target=45, since=date(2026, 3, 1), until=date(2026, 6, 1))
    assert all(point.over for point in whole.series[0].points)


def test_a_fall_of_one_channel_is_found(loop: ClientLoop) -> None:
    """The week from which the level is another, and the week that stands out, each in its own channel alone."""
    fallen = [[*USUAL, *([2] * 12)] if week >= 14 else USUAL * 2 for week in range(26)]
    spiked = noise(5, 26)
    spiked[20] = [0] * 50
    weeks(loop, {"email": fallen, "web": spiked, "shop": noise(6, 26)})
    trend = loop.metrics.trend("nps", question="yearly", bucket=Bucket.WEEK, by=["channel"])
    found = {series.keys["channel"]: series for series in trend.series}
    shift = found["email"].shift
    assert shift is not None
    assert (shift.day, shift.method) == (date(2026, 3, 16), "Pettitt")
    assert shift.before > shift.after
    assert shift.chance <= shift.adjusted <= 0.05
    assert [spike.day for spike in found["web"].spikes] == [found["web"].points[20].day]
    assert found["web"].spikes[0].adjusted <= 0.05
    assert not found["email"].spikes
    assert (found["web"].shift, found["shop"].shift, found["shop"].spikes) == (None, None, ())
    assert (trend.correction, trend.rate) == ("Benjamini-Hochberg", 0.05)


def test_a_rate_is_a_share(loop: ClientLoop) -> None:
    """Five percent are 0.05."""
    keep(loop, answer(YEARLY, 10, NOW))
    with pytest.raises(InvalidValue, match="false discovery rate of 5"):
        loop.metrics.trend("nps", question="yearly", false=5)


def changed_mind(loop: ClientLoop) -> None:
    """Ana and Bo answer in January; Ana changes her mind in February, and once more in that month."""
    ana, bo = (loop.customers.add(name=name) for name in ("Ana", "Bo"))
    for who, rating, day in ((ana, 0, "01-10"), (bo, 10, "01-10"), (ana, 7, "02-01"), (ana, 10, "02-10")):
        at = datetime.fromisoformat(f"2026-{day}T12:00:00+00:00")
        loop.questions.answer("yearly", rating, channel="email", customer=who, answered_at=at)


def test_a_later_answer_leaves_the_latest_of_an_earlier_time_alone(loop: ClientLoop) -> None:
    """The latest of January are what they were when January ended, asked for as a whole or among all periods."""
    changed_mind(loop)
    january = datetime.fromisoformat("2026-02-01T00:00:00+01:00")
    score = loop.metrics.score("nps", question="yearly", latest=True, until=january).score
    assert (score and score.value, score and score.count) == (0, 2)
    [series] = loop.metrics.trend("nps", question="yearly", latest=True).series
    found = [(point.day.month, point.score.value, point.score.count) for point in series.points if point.score]
    assert found == [(1, 0, 2), (2, 100, 1)]
    now = loop.metrics.score("nps", question="yearly", latest=True).score
    assert (now and now.value, now and now.count) == (100, 2)


def test_what_was_better_before_stays_as_bad_as_it_was(loop: ClientLoop) -> None:
    """Before and after each take the latest answers of their own time; a cut within a period ends it there.

    An answer of unknown time is in no period.
    """
    changed_mind(loop)
    change = loop.metrics.before_after("nps", question="yearly", latest=True, at=date(2026, 2, 1)).change
    assert change is not None
    assert (change.before and change.before.value, change.after and change.after.value) == (0, 100)
    keep(loop, answer(YEARLY, 0, None))
    until = datetime(2026, 2, 5, tzinfo=UTC)
    by_month = loop.metrics.score("nps", question="yearly", latest=True, bucket="month", by=["channel"], until=until)
    assert [(str(row.day), row.keys["channel"], row.score.value) for row in by_month.rows] == [
        ("2026-01-01", "email", 0),
        ("2026-02-01", "email", 0),
    ]
