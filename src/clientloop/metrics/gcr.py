"""The goal completion rate."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from attrs import field, frozen

from clientloop.model.asking import Instrument
from clientloop.ports.metric import Score
from clientloop.ports.scoring import RatingMetric, share_score
from clientloop.rules.measures.satisfaction import Goals

COMPLETED, AT_LEAST_PARTLY = ("completed",), ("at least partly",)


@frozen(kw_only=True)
class Gcr(RatingMetric):
    """GCR: who got done what they came for: all of it, and at least a part. Ratings are 0 no, 1 partly, 2 yes.

    >>> from clientloop.model.asking import Occasion
    >>> for score in Gcr(occasion=Occasion.TRANSACTIONAL).scores({2: 6, 1: 3, 0: 1}):
    ...     print(*score.keys, score.value)
    completed 0.6
    at least partly 0.9
    """

    instrument: ClassVar[Instrument] = Instrument.GCR

    #: The scale of the ratings.
    scale: str = field(default="0-2", init=False)

    def scores(self, ratings: Mapping[int, int]) -> Sequence[Score]:
        """Both scores."""
        goals = Goals(missed=ratings.get(0, 0), partly=ratings.get(1, 0), reached=ratings.get(2, 0))
        return [*share_score(goals.completion, COMPLETED), *share_score(goals.at_least_partly, AT_LEAST_PARTLY)]
