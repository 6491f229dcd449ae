"""The Net Promoter Score of answers."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from attrs import field, frozen

from clientloop.model.asking import Instrument
from clientloop.ports.metric import Scale, Score
from clientloop.ports.scoring import RatingMetric
from clientloop.rules.measures.promoters import Votes, net_promoter_interval, net_promoter_score

POINTS = Scale(unit="points", low=-100, high=100)


@frozen(kw_only=True)
class Nps(RatingMetric):
    """NPS: the share of those who would recommend the firm less that of those who would not, in points.

    Its scale is 0-10 and no other. Its interval is by the adjusted Wald method.

    >>> from clientloop.model.asking import Occasion
    >>> [score] = Nps(occasion=Occasion.RELATIONAL).scores({10: 5, 7: 2, 0: 1})
    >>> score.value, score.count
    (50.0, 8)
    """

    instrument: ClassVar[Instrument] = Instrument.NPS

    #: The scale of the ratings.
    scale: str = field(default="0-10", init=False)

    def scores(self, ratings: Mapping[int, int]) -> Sequence[Score]:
        """The one score."""
        votes = Votes.of(ratings)
        value = net_promoter_score(votes)
        if value is None:
            return []
        return [Score(value=value, count=votes.count, interval=net_promoter_interval(votes), scale=POINTS)]
