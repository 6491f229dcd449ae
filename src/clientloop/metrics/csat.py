"""Customer satisfaction."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from attrs import frozen

from clientloop.model.asking import Instrument
from clientloop.model.scales import Scale
from clientloop.ports.metric import Score
from clientloop.ports.scoring import RatingMetric, share_score
from clientloop.rules.measures.satisfaction import Better, customer_satisfaction


@frozen(kw_only=True)
class Csat(RatingMetric):
    """CSAT: the share of the good ratings: the two best of the scale, or what is declared.

    >>> from clientloop.model.asking import Occasion
    >>> [score] = Csat(occasion=Occasion.TRANSACTIONAL, scale="1-5").scores({1: 10, 3: 23, 4: 40, 5: 34})
    >>> f"{score.value:.0%} of {score.count}"
    '69% of 107'
    """

    instrument: ClassVar[Instrument] = Instrument.CSAT

    #: The rating from which an answer counts as good, or up to which where the least is best; None for the two best, or
    #: the best alone of a scale of fewer than four.
    good_from: int | None = None
    #: Whether the least rating of the scale is the best one.
    least_is_best: bool = False

    def __attrs_post_init__(self) -> None:
        """Refuse what is no scale, and what is good outside of it."""
        self.scores({})

    def scores(self, ratings: Mapping[int, int]) -> Sequence[Score]:
        """The one score."""
        scale, better = Scale.parse(self.scale), Better.LOW if self.least_is_best else Better.HIGH
        border, best = self.good_from, None
        if border is not None:
            best = border - scale.least + 1 if self.least_is_best else scale.most - border + 1
        return share_score(customer_satisfaction(ratings, scale, best=best, better=better))
