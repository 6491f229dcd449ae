"""What metrics are made with, and what is refused."""

from collections.abc import Callable
from datetime import datetime

import pytest

from clientloop.errors import ClientLoopError, InvalidValue, UnknownName
from clientloop.metrics.ces import Ces
from clientloop.metrics.contacts import ContactConversion
from clientloop.metrics.coverage import Coverage, Split
from clientloop.metrics.csat import Csat
from clientloop.metrics.loop import Dropped, LoopRate, LoopTime, Sla, Time
from clientloop.metrics.nps import Nps
from clientloop.metrics.rating import MeanRating
from clientloop.metrics.responses import ResponseRate
from clientloop.metrics.variants import RatingDifference, ResponseDifference
from clientloop.model.asking import Formula, Occasion
from clientloop.model.calendar import Calendar
from clientloop.model.plan import Group
from clientloop.ports.metric import Metric

ABOUT = Occasion.RELATIONAL
NAIVE = datetime(2026, 3, 2)  # noqa: DTZ001  # that it names no zone is the point


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (lambda: LoopRate(rate="confirmd"), UnknownName, "no rate of the loop 'confirmd': did you mean 'confirmed'?"),
        (lambda: LoopRate(rate="on_time"), UnknownName, "no rate of the loop 'on_time'"),
        (lambda: LoopRate(rate="dropped"), UnknownName, "no rate of the loop 'dropped'"),
        (lambda: Sla(as_of=NAIVE), InvalidValue, "names no zone"),
        (lambda: LoopTime(time=Time.NET, as_of=NAIVE), InvalidValue, "names no zone"),
        (lambda: Dropped(as_of=NAIVE, calendar=Calendar.standard("UTC")), InvalidValue, "names no zone"),
        (lambda: Csat(occasion=ABOUT, scale="five"), InvalidValue, "'five' is no scale"),
        (lambda: Csat(occasion=ABOUT, scale="1-5", good_from=1), InvalidValue, "the best 5 of 5"),
        (lambda: Csat(occasion=ABOUT, scale="1-5", good_from=6), InvalidValue, "the best 0 of 5"),
        (lambda: Ces(occasion=ABOUT, scale="1-3"), InvalidValue, "outside the scale 1-3"),
        (lambda: MeanRating(occasion=ABOUT, scale="5-1"), InvalidValue, "'5-1' is no scale"),
        (lambda: Coverage(split=Split.STAGE), InvalidValue, "give `split` and `model` together"),
        (lambda: Coverage(model="abc"), InvalidValue, "give `split` and `model` together"),
        (lambda: Coverage(split=Split.STAGE, model="abc"), InvalidValue, "give `as_of`"),
        (lambda: Coverage(split=Split.STAGE, model="abc", as_of=NAIVE), InvalidValue, "names no zone"),
        (
            lambda: ResponseDifference(question="q", occasion=ABOUT, variant="a", base="a"),
            InvalidValue,
            "'a' is compared with itself",
        ),
        (
            lambda: RatingDifference(question="q", occasion=ABOUT, variant="a", base="b", scale="1-5", good_from=7),
            InvalidValue,
            "a rating of 7 is outside the scale 1-5",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(make: Callable[[], Metric], error: type[ClientLoopError], said: str) -> None:
    """Where the metric is made, with what to give instead, and not when it is measured."""
    with pytest.raises(error) as caught:
        make()
    assert said in f"{caught.value} {caught.value.hint}"


def test_no_pages_have_no_visits() -> None:
    """A conversion of no page is a slip."""
    with pytest.raises(ValueError, match="pages"):
        ContactConversion(pages=())


def test_of_a_passive_question_nobody_knows_whom_it_reached() -> None:
    """There is no response rate, however many answers there are."""
    state = {"reached": [Group((), (4, 3))]}
    assert [score.value for score in ResponseRate(occasion=ABOUT).finalise(state)] == [0.75]
    assert list(ResponseRate(occasion=ABOUT, passive=True).finalise(state)) == []


def test_more_contacts_than_visits_have_no_interval() -> None:
    """Where visits are not all recorded, the ratio says so by itself, and nobody knows how sure it is."""
    [score] = ContactConversion(pages=("/c",)).finalise({"on the page": [Group(({"page": "/c"},), (2, 3))]})
    assert (score.value, score.interval) == (1.5, None)


def test_marks_are_read_the_other_way_round() -> None:
    """Where 1 is the best, up to the border is good."""
    marks = Ces(occasion=ABOUT, scale="1-6", good_from=2, least_is_best=True)
    assert [score.value for score in marks.scores({1: 1, 2: 1, 3: 1, 6: 1})] == [0.5]
    good = Csat(occasion=ABOUT, scale="1-6", good_from=3, least_is_best=True)
    assert [score.value for score in good.scores({1: 1, 2: 1, 3: 1, 4: 1})] == [0.75]


def test_the_mean_of_efforts_is_on_its_scale() -> None:
    """The scale of the score is that of the ratings, and the interval ends with it."""
    [score] = Ces(occasion=ABOUT, formula=Formula.MEAN).scores({7: 3, 6: 1})
    assert (score.value, score.scale.low, score.scale.high) == (6.75, 1, 7)
    assert score.interval is not None
    assert score.interval.high == 7


def test_no_other_scale_is_that_of_nps() -> None:
    """It cannot be made with another one."""
    with pytest.raises(TypeError, match="scale"):
        Nps(occasion=ABOUT, scale="1-5")  # type: ignore[call-arg]  # what is refused
