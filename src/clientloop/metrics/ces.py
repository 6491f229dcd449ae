"""The Customer Effort Score."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from attrs import frozen

from clientloop.model.asking import Formula, Instrument
from clientloop.model.scales import Scale
from clientloop.ports import metric
from clientloop.ports.metric import Score
from clientloop.ports.scoring import RatingMetric, share_score
from clientloop.rules.measures.means import mean_interval
from clientloop.rules.measures.satisfaction import Better, effort_mean, effort_share


@frozen(kw_only=True)
class Ces(RatingMetric):
    """CES 2.0: the share of those who found it easy, 5 or more of 1 to 7; or the mean rating.

    >>> from clientloop.model.asking import Occasion
    >>> [score] = Ces(occasion=Occasion.TRANSACTIONAL).scores({7: 5, 5: 2, 3: 3})
    >>> score.value
    0.7
    """

    instrument: ClassVar[Instrument] = Instrument.CES

    #: The scale of the ratings.
    scale: str = "1-7"
    #: Which of the two usages.
    formula: Formula = Formula.SHARE
    #: The rating from which it was easy, or up to which where the least is best; for the share.
    good_from: int = 5
    #: Whether the least rating of the scale says that it was the easiest.
    least_is_best: bool = False

    def __attrs_post_init__(self) -> None:
        """Refuse what is no scale, and what is easy outside of it."""
        Scale.parse(self.scale).check(self.good_from)

    def scores(self, ratings: Mapping[int, int]) -> Sequence[Score]:
        """The one score."""
        scale = Scale.parse(self.scale)
        if self.formula is Formula.SHARE:
            better = Better.LOW if self.least_is_best else Better.HIGH
            return share_score(effort_share(ratings, scale, border=self.good_from, better=better))
        mean = effort_mean(ratings, scale)
        if mean is None:
            return []
        unit = metric.Scale(unit="rating", low=scale.least, high=scale.most)
        return [Score(value=mean, count=sum(ratings.values()), interval=mean_interval(ratings, scale), scale=unit)]
