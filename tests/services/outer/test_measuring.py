from datetime import datetime, timedelta

import pytest
from attrs import evolve

from clientloop.errors import InvalidValue, Refused
from clientloop.model.improvements import Improvement
from clientloop.rules.measures.comparison import Comparison, Ratings
from clientloop.rules.measures.intervals import difference, wilson
from clientloop.rules.measures.rates import Share
from tests.test_processes import NINE, Firm

DAY = timedelta(days=1)
DONE = NINE + 200 * DAY


def rate(firm: Firm, at: datetime, rating: int, *, scale: str = "1-5", product: str = "line") -> None:
    """A customer gives a rating."""
    firm.loop.feedback.receive(
        kind="praise", channel="form", text="Words", received_at=at, rating=rating, scale=scale, product=product
    )


def finished(firm: Firm, **topic: str) -> Improvement:
    """The improvement, done at a known time."""
    about = firm.loop.improvements.change(firm.improvement, topic=topic or {"product": "line"})
    firm.clock.advance(DONE - firm.clock.now())
    done = firm.loop.improvements.done(about, done="new routers", lesson="watch them", by="mia")
    assert done.done_at == DONE
    return done


def test_ratings_before_and_after_are_compared_by_scale(firm: Firm) -> None:
    """Counts, means and shares of the top two, each with the interval of its method."""
    improvement = finished(firm)
    for rating in (1, 2, 5, 4):
        rate(firm, DONE - DAY, rating)
    for rating in (5, 5, 4, 3, 5):
        rate(firm, DONE + DAY, rating)
    rate(firm, DONE - DAY, 9, scale="0-10")
    one, five = firm.loop.improvements.effect(improvement)
    assert one == Comparison(
        scale="0-10",
        before=Ratings(count=1, mean=9.0, top=Share(1, 1), interval=wilson(Share(1, 1))),
        after=Ratings(count=0, mean=None, top=Share(0, 0), interval=None),
        difference=None,
        interval=None,
    )
    assert five == Comparison(
        scale="1-5",
        before=Ratings(count=4, mean=3.0, top=Share(2, 4), interval=wilson(Share(2, 4))),
        after=Ratings(count=5, mean=4.4, top=Share(4, 5), interval=wilson(Share(4, 5))),
        difference=pytest.approx(0.3),
        interval=difference(Share(4, 5), Share(2, 4)),
    )


def test_of_no_ratings_there_is_no_score(firm: Firm) -> None:
    """Nothing said is not a zero."""
    improvement = finished(firm)
    firm.loop.feedback.receive(kind="complaint", channel="form", text="Words", product="line", received_at=DONE - DAY)
    assert firm.loop.improvements.effect(improvement.id) == ()


def test_only_ratings_on_the_topic_and_within_the_days_count(firm: Firm) -> None:
    """From so many days before to so many days after, on all fields of the topic."""
    improvement = finished(firm, product="line", kind="praise")
    moment = timedelta(microseconds=1)
    for at in (
        DONE - 10 * DAY - moment,
        DONE - 10 * DAY,
        DONE - moment,
        DONE,
        DONE + 10 * DAY - moment,
        DONE + 10 * DAY,
    ):
        rate(firm, at, 4)
    rate(firm, DONE, 1, product="other")
    firm.loop.feedback.receive(
        kind="complaint", channel="form", text="Words", received_at=DONE, rating=1, scale="1-5", product="line"
    )
    (found,) = firm.loop.improvements.effect(improvement, days=10)
    assert (found.before.count, found.after.count, found.difference) == (2, 2, 0.0)


@pytest.mark.parametrize(("scale", "rating", "top"), [("1-3", 2, 0), ("1-3", 3, 1), ("1-4", 3, 1), ("0-1", 0, 0)])
def test_a_short_scale_has_one_best_rating(firm: Firm, scale: str, rating: int, top: int) -> None:
    """Two of three ratings would be most of them."""
    improvement = finished(firm)
    rate(firm, DONE, rating, scale=scale)
    (found,) = firm.loop.improvements.effect(improvement)
    assert found.after.top == Share(top, 1)


def test_what_has_no_effect_yet_is_refused(firm: Firm) -> None:
    """It is done first, has a topic, and takes a day at least, or a hundred years at most."""
    with pytest.raises(Refused, match="is open, not done"):
        firm.loop.improvements.effect(firm.improvement)
    improvement = finished(firm)
    for days in (0, 10**9):
        with pytest.raises(InvalidValue, match=f"for {days} days"):
            firm.loop.improvements.effect(improvement, days=days)
    with pytest.raises(InvalidValue, match="has no topic"):
        firm.loop.improvements.effect(evolve(improvement, topic={}))
