"""The Net Promoter Score: who would recommend the firm, less who would not."""

from collections.abc import Mapping
from math import sqrt

from attrs import frozen

from clientloop.errors import InvalidValue
from clientloop.rules.measures.intervals import Z95, Interval

#: On the scale 0-10: up to here they detract, and from there on they promote.
DETRACTS, PROMOTES = 6, 9

#: What is added to promoters, passives and detractors before the interval is worked out: three answers in all.
_ADDED = (0.75, 1.5, 0.75)


@frozen(kw_only=True)
class Votes:
    """How many said what, to one question asked in one way: relational and transactional answers are never pooled."""

    #: Would recommend: 9 and 10.
    promoters: int
    #: Are content and silent: 7 and 8.
    passives: int
    #: Would advise against: 0 to 6.
    detractors: int

    @classmethod
    def of(cls, ratings: Mapping[int, int]) -> "Votes":
        """Sort ratings from 0 to 10.

        Args:
            ratings: How many there were of each.

        Raises:
            InvalidValue: A rating is outside the scale.

        >>> Votes.of({10: 5, 7: 2, 0: 1})
        Votes(promoters=5, passives=2, detractors=1)
        """
        for rating in ratings:
            if not 0 <= rating <= 10:
                raise InvalidValue(f"a rating of {rating} is outside the scale 0-10", hint="NPS has no other scale")
        promoters = sum(number for rating, number in ratings.items() if rating >= PROMOTES)
        detractors = sum(number for rating, number in ratings.items() if rating <= DETRACTS)
        return cls(promoters=promoters, passives=sum(ratings.values()) - promoters - detractors, detractors=detractors)

    @property
    def count(self) -> int:
        """How many there are."""
        return self.promoters + self.passives + self.detractors


def net_promoter_score(votes: Votes) -> float | None:
    """Promoters less detractors, in points from -100 to 100; None of no votes. Rounding is the display's business.

    Source: F. F. Reichheld, Harvard Business Review, December 2003.

    >>> net_promoter_score(Votes(promoters=5, passives=2, detractors=1))
    50.0
    """
    return 100 * (votes.promoters - votes.detractors) / votes.count if votes.count else None


def net_promoter_interval(votes: Votes) -> Interval:
    """The interval of a Net Promoter Score in points, at 95 percent confidence, by the adjusted Wald method.

    Source: B. Rocks, The American Statistician 70 (2016) 365: 3/4, 3/2 and 3/4 votes are added, and the interval is
    Wald's around the score of the votes so adjusted. It holds the true score about as often as it claims, also of few
    votes and of scores near the ends.

    Raises:
        InvalidValue: There are no votes, or fewer than none of some.

    >>> interval = net_promoter_interval(Votes(promoters=5, passives=2, detractors=1))
    >>> print(f"{interval.low:.1f} to {interval.high:.1f}")
    -7.4 to 80.2
    """
    counted = (votes.promoters, votes.passives, votes.detractors)
    if min(counted) < 0 or not votes.count:
        raise InvalidValue(f"no score of {counted} votes", hint="of no answers there is no interval")
    whole = votes.count + sum(_ADDED)
    promoters, _, detractors = ((number + added) / whole for number, added in zip(counted, _ADDED, strict=True))
    score = promoters - detractors
    spread = Z95 * sqrt((promoters + detractors - score**2) / whole)
    return Interval(low=100 * max(score - spread, -1.0), high=100 * min(score + spread, 1.0), method="adjusted Wald")
