"""Ratings that no named score is made of."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from attrs import frozen

from clientloop.model.asking import Instrument
from clientloop.model.scales import Scale
from clientloop.ports import metric
from clientloop.ports.metric import Score
from clientloop.ports.scoring import RatingMetric
from clientloop.rules.measures.means import mean_interval


@frozen(kw_only=True)
class MeanRating(RatingMetric):
    """The mean rating, with Student's interval.

    >>> from clientloop.model.asking import Occasion
    >>> [score] = MeanRating(occasion=Occasion.TRANSACTIONAL, scale="1-5").scores({5: 1, 4: 1})
    >>> score.value, score.scale.high
    (4.5, 5)
    """

    instrument: ClassVar[Instrument] = Instrument.RATING

    def __attrs_post_init__(self) -> None:
        """Refuse what is no scale."""
        Scale.parse(self.scale)

    def scores(self, ratings: Mapping[int, int]) -> Sequence[Score]:
        """The one score."""
        scale, count = Scale.parse(self.scale), sum(ratings.values())
        mean = sum(scale.check(rating) * number for rating, number in ratings.items()) / count
        unit = metric.Scale(unit="rating", low=scale.least, high=scale.most)
        return [Score(value=mean, count=count, interval=mean_interval(ratings, scale), scale=unit)]
