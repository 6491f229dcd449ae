"""Before and after, and which answers go together."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from attrs import evolve

from clientloop import ClientLoop, InvalidValue, ManualClock, UnknownName
from clientloop.metrics.rating import MeanRating
from clientloop.model.asking import Instrument, Occasion
from clientloop.model.where import eq
from clientloop.rules.measures.intervals import difference
from clientloop.rules.measures.rates import Share
from clientloop.services.measures.comparing import Stretch, changes
from tests.services.measures.asked import YEARLY, answer, keep, several

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
DAY = timedelta(days=1)
KIOSK = evolve(YEARLY, name="kiosk", instrument=Instrument.CSAT, occasion=Occasion.TRANSACTIONAL, scale="1-5")


@pytest.fixture
def loop() -> Iterator[ClientLoop]:
    """A firm with two questions."""
    with ClientLoop.open("memory:", zone="Europe/Ljubljana", clock=ManualClock(NOW), entry_points=False) as loop:
        keep(loop, YEARLY, KIOSK)
        yield loop


def test_a_kiosk_before_and_after_a_change(loop: ClientLoop) -> None:
    """A month's answers, a change, and as much time after it: Newcombe's published example."""
    done = NOW - 30 * DAY
    keep(
        loop,
        *several(KIOSK, [5] * 48 + [1] * 32, done - 29 * DAY),
        *several(KIOSK, [1] * 9, done - 31 * DAY),
        *several(KIOSK, [4] * 56 + [3] * 14, done),
    )
    found = loop.metrics.before_after("csat", question="kiosk", at=done)
    change = found.change
    assert change is not None
    assert change.difference == pytest.approx(0.2)
    known = difference(Share(56, 70), Share(48, 80))
    assert change.interval is not None
    assert (change.interval.low, change.interval.high) == pytest.approx((known.low, known.high))
    assert change.certain
    assert (found.metric, found.before.since, found.after.until) == ("csat", done - 30 * DAY, NOW)


def test_a_day_begins_by_the_clocks_of_the_space(loop: ClientLoop) -> None:
    """As many days on each side as were asked for, or as have passed."""
    keep(loop, answer(YEARLY, 10, datetime(2026, 5, 19, 21, 59, tzinfo=UTC)))
    keep(loop, answer(YEARLY, 0, datetime(2026, 5, 19, 22, tzinfo=UTC)))
    found = loop.metrics.before_after("nps", question="yearly", at=date(2026, 5, 20), days=7)
    change = found.change
    assert change is not None
    assert change.before is not None
    assert change.after is not None
    assert (change.before.value, change.after.value, change.difference) == (100, -100, -200)
    assert (found.before.until, found.after.until - found.after.since) == (
        datetime(2026, 5, 19, 22, tzinfo=UTC),
        7 * DAY,
    )
    late = loop.metrics.before_after("nps", question="yearly", at=date(2026, 5, 30), days=7)
    assert (late.after.until, late.before.since) == (NOW, late.before.until - (NOW - late.before.until))


@pytest.mark.parametrize(("month", "day"), [(3, 29), (10, 25)])
def test_both_sides_are_as_long_where_clocks_change(month: int, day: int) -> None:
    """Days are of 24 hours on each side of a change of clocks, with and without `days`."""
    clock = ManualClock(datetime(2026, month, day + 2, 9, tzinfo=UTC))
    with ClientLoop.open("memory:", zone="Europe/Ljubljana", clock=clock, entry_points=False) as loop:
        keep(loop, YEARLY)
        for days in (None, 1):
            found = loop.metrics.before_after("nps", question="yearly", at=date(2026, month, day), days=days)
            one, other = (
                side.until.astimezone(UTC) - side.since.astimezone(UTC) for side in (found.before, found.after)
            )
            assert one == other
            assert (other == DAY) is (days == 1)


@pytest.mark.parametrize(
    ("at", "days", "message"),
    [
        (date(1, 1, 2), None, "in no calendar: give fewer `days`"),
        (date(1, 1, 1), 1, "outside the years"),
        (date(2026, 5, 1), 0, "0 days on each side"),
        (date(2026, 5, 1), -1, "-1 days on each side"),
        (date(9999, 12, 31), 1, "nothing comes after"),
        (datetime(2026, 5, 1), 1, "names no zone"),  # noqa: DTZ001  # that is what is refused
    ],
)
def test_times_that_make_no_sides_are_refused(loop: ClientLoop, at: date, days: int | None, message: str) -> None:
    """The hint is about what somebody gave; more days than have passed are those that have passed."""
    with pytest.raises(InvalidValue, match=message):
        loop.metrics.before_after("nps", question="yearly", at=at, days=days)
    found = loop.metrics.before_after("nps", question="yearly", at=NOW - DAY, days=10**9)
    assert (found.before.since, found.after.until) == (NOW - 2 * DAY, NOW)


def test_stretches_are_given_by_days(loop: ClientLoop) -> None:
    """Each begins by the clocks of the space's zone, and the second is not included."""
    for at in (datetime(2026, 4, 30, 21, 59, tzinfo=UTC), datetime(2026, 4, 30, 22, tzinfo=UTC)):
        keep(loop, answer(YEARLY, 10, at))
    april, may = (date(2026, 4, 1), date(2026, 5, 1)), (date(2026, 5, 1), date(2026, 6, 1))
    change = loop.metrics.compare("nps", question="yearly", before=april, after=may).change
    assert change is not None
    assert [side and side.count for side in (change.before, change.after)] == [1, 1]
    with pytest.raises(InvalidValue, match="nothing lies between"):
        loop.metrics.compare("nps", question="yearly", before=may, after=(may[1], may[0]))


def test_one_side_without_answers_has_no_difference(loop: ClientLoop) -> None:
    """And by groups each has its own; of no answers at all there is nothing."""
    at = NOW - 5 * DAY
    assert loop.metrics.before_after("nps", question="yearly", at=at).change is None
    keep(loop, answer(YEARLY, 10, at, channel="web"), answer(YEARLY, 10, at - DAY), answer(YEARLY, 0, at))
    rows = loop.metrics.before_after("nps", question="yearly", at=at, by=["channel"]).rows
    assert [(row.keys["channel"], row.difference) for row in rows] == [("email", -200), ("web", None)]


def test_changes_are_sorted_by_their_keys(loop: ClientLoop) -> None:
    """Also where a group answered after alone; none comes first."""
    sides = {NOW - 3 * DAY: ("web", "form"), NOW - DAY: ("form", "email", "kiosk")}
    for at, channels in sides.items():
        keep(loop, *(answer(YEARLY, 9, at, channel=channel) for channel in channels))
    found = loop.metrics.before_after("nps", question="yearly", at=NOW - 2 * DAY, by=["channel"])
    assert [row.keys["channel"] for row in found.rows] == ["email", "form", "kiosk", "web"]


def test_different_scales_are_not_compared(loop: ClientLoop) -> None:
    """The mean of 1 to 5 and that of 1 to 10 are no two of one sort."""
    one, other = (evolve(KIOSK, name="tidy", instrument=Instrument.RATING, scale=scale) for scale in ("1-5", "1-10"))
    keep(loop, one, answer(one, 4, NOW - 2 * DAY), answer(other, 8, NOW - DAY))
    sides = [
        loop.metrics.score(
            MeanRating(occasion=Occasion.TRANSACTIONAL, scale=question.scale), since=NOW - 3 * DAY, until=NOW
        )
        for question in (one, other)
    ]
    with pytest.raises(InvalidValue, match="different scales"):
        changes(*sides)


def test_what_is_compared_has_both_ends(loop: ClientLoop) -> None:
    """Times that end before they begin, that have not come, or without an end are refused."""
    with pytest.raises(InvalidValue, match="nothing lies between"):
        Stretch(since=NOW, until=NOW)
    with pytest.raises(InvalidValue, match="names no zone"):
        Stretch(since=NOW.replace(tzinfo=None), until=NOW)
    with pytest.raises(InvalidValue, match="nothing comes after"):
        loop.metrics.before_after("nps", question="yearly", at=NOW)


def test_ratings_of_the_same_persons_are_correlated(loop: ClientLoop) -> None:
    """The latest answer of each person, by whichever id; pairs without enough persons have a count and no value."""
    chance = random.Random(3)
    delivery, price, ease = (
        evolve(YEARLY, name=name, instrument=Instrument.RATING, scale="1-5", least_is_best=name == "ease")
        for name in ("delivery", "price", "ease")
    )
    keep(loop, delivery, price, ease)
    people = [loop.customers.add(name=f"Person {number}") for number in range(30)]
    for number, one in enumerate(people):
        rating = chance.randint(1, 5)
        keep(
            loop,
            answer(delivery, 6 - rating, NOW - 9 * DAY, customer=one.id, superseded_at=NOW - DAY),
            answer(delivery, rating, NOW - DAY, customer=one.id),
            answer(YEARLY, 2 * rating, NOW, customer=one.id),
            answer(ease, 6 - rating, NOW - 8 * DAY, customer=one.id, country="SI" if number < 20 else "AT"),
            answer(price, chance.randint(1, 5), NOW, customer=None if number > 1 else one.id),
        )
    loop.customers.merge(people[0], people[1], by="desk", reason="the same")
    found = loop.metrics.correlations(["delivery", "yearly", "price", "ease"])
    best, turned, none = (
        found.pair(*pair) for pair in (("yearly", "delivery"), ("delivery", "ease"), ("price", "ease"))
    )
    assert best is not None
    assert (best.value, best.count) == (pytest.approx(1), 29)
    assert best.adjusted is not None
    assert best.adjusted < 0.001
    assert turned is not None
    assert turned.value == pytest.approx(1)
    assert none is not None
    assert (none.value, none.count, none.chance, none.adjusted) == (None, 1, None, None)
    assert found.pair("price", "price") is None
    before = loop.metrics.correlations(["delivery", "ease"], until=NOW - DAY).pairs[0]
    assert (before.value, before.count) == (pytest.approx(-1), 29)
    some = loop.metrics.correlations(["ease", "delivery"], where=eq("country", "SI")).pairs[0]
    assert some.count == 0


def test_three_persons_of_one_mind_may_be_chance(loop: ClientLoop) -> None:
    """Two of the six orders in which they may answer are as much of one."""
    price = evolve(YEARLY, name="price")
    keep(loop, price)
    for rating in (2, 5, 9):
        one = loop.customers.add(name=f"Person {rating}")
        keep(loop, *(answer(asked, rating, NOW, customer=one.id) for asked in (YEARLY, price)))
    [pair] = loop.metrics.correlations(["yearly", "price"]).pairs
    assert (pair.value, pair.chance, pair.adjusted) == pytest.approx((1, 1 / 3, 1 / 3))


def test_who_is_not_correlated(loop: ClientLoop) -> None:
    """One question, or one that there is not."""
    with pytest.raises(InvalidValue, match="give two or more"):
        loop.metrics.correlations(["yearly", "yearly"])
    with pytest.raises(UnknownName, match="did you mean 'yearly'"):
        loop.metrics.correlations(["kiosk", "yearl"])
