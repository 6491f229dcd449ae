"""How satisfied customers are, how hard it was for them, whether they got done what they came for, and who answered.

Every scale is declared, every formula named: the same answers give other numbers by another formula.
"""

from collections.abc import Mapping
from enum import StrEnum

from attrs import frozen

from clientloop.errors import InvalidValue
from clientloop.model.scales import Scale
from clientloop.rules.measures.rates import Share

#: A scale with fewer ratings than this has one best rating instead of two.
_LEAST_FOR_TWO = 4


class Better(StrEnum):
    """Which end of a scale is the good one."""

    HIGH = "high"
    LOW = "low"


def _check(ratings: Mapping[int, int], scale: Scale) -> None:
    for rating, number in ratings.items():
        scale.check(rating)
        if number < 0:
            raise InvalidValue(f"{number} ratings of {rating}")


def _at_least(ratings: Mapping[int, int], border: int, better: Better) -> Share:
    """The share of the ratings that are on the border or better."""
    good = sum(
        number
        for rating, number in ratings.items()
        if (rating >= border if better is Better.HIGH else rating <= border)
    )
    return Share(good, sum(ratings.values()))


def customer_satisfaction(
    ratings: Mapping[int, int], scale: Scale, *, best: int | None = None, better: Better = Better.HIGH
) -> Share:
    """CSAT: the share of the best ratings.

    Args:
        ratings: How many there were of each.
        scale: Their scale.
        best: How many ratings of the scale count as the best; two if not given, one where there are fewer than four.
        better: Which end of the scale is the good one.

    Raises:
        InvalidValue: A rating is outside the scale, or the scale has no worse ratings left.

    >>> customer_satisfaction({1: 10, 3: 23, 4: 40, 5: 34}, Scale(1, 5))
    Share(part=74, whole=107)
    """
    _check(ratings, scale)
    steps = scale.most - scale.least + 1
    count = best if best is not None else 2 if steps >= _LEAST_FOR_TWO else 1
    if not 0 < count < steps:
        raise InvalidValue(f"the best {count} of {steps} ratings are no part of them", hint="give 1 or 2")
    border = scale.most - count + 1 if better is Better.HIGH else scale.least + count - 1
    return _at_least(ratings, border, better)


def effort_share(ratings: Mapping[int, int], scale: Scale, *, border: int, better: Better = Better.HIGH) -> Share:
    """CES 2.0 as a share: who says that it was easy.

    The question of the second version is how far one agrees that the firm made it easy, from 1 to 7; 5 and more agree.
    Source: M. Dixon, N. Toman and R. DeLisi, The Effortless Experience (2013).

    Args:
        ratings: How many there were of each.
        scale: Their scale.
        border: The rating from which on it was easy: 5 of 1 to 7.
        better: Which end of the scale means that it was easy.

    Raises:
        InvalidValue: A rating, or the border, is outside the scale.

    >>> effort_share({7: 5, 5: 2, 3: 3}, Scale(1, 7), border=5)
    Share(part=7, whole=10)
    """
    _check(ratings, scale)
    return _at_least(ratings, scale.check(border), better)


def effort_mean(ratings: Mapping[int, int], scale: Scale) -> float | None:
    """CES as a mean rating, in the direction of its scale; None of none.

    Args:
        ratings: How many there were of each.
        scale: Their scale.

    Raises:
        InvalidValue: A rating is outside the scale.

    >>> effort_mean({7: 1, 4: 1}, Scale(1, 7))
    5.5
    """
    _check(ratings, scale)
    count = sum(ratings.values())
    return sum(rating * number for rating, number in ratings.items()) / count if count else None


@frozen(kw_only=True)
class Goals:
    """Who got done what they came for."""

    #: Got it done.
    reached: int
    #: Got a part of it done.
    partly: int
    #: Did not.
    missed: int

    @property
    def completion(self) -> Share:
        """GCR: the share of those who got all of it done; a part is no completion.

        >>> Goals(reached=6, partly=3, missed=1).completion
        Share(part=6, whole=10)
        """
        return Share(self.reached, self.reached + self.partly + self.missed)

    @property
    def at_least_partly(self) -> Share:
        """The share of those who got at least a part of it done.

        >>> Goals(reached=6, partly=3, missed=1).at_least_partly
        Share(part=9, whole=10)
        """
        return Share(self.reached + self.partly, self.reached + self.partly + self.missed)


def response_rate(answers: int, delivered: int) -> Share:
    """The share of those who were reached with a question that answered it.

    Invitations that did not arrive are in neither number; of a form that everybody may fill in, nobody knows how many
    it reached, so that it has no such rate.

    Args:
        answers: How many answered.
        delivered: How many invitations arrived.

    Raises:
        InvalidValue: More answered than were reached.

    >>> response_rate(30, 120).ratio
    0.25
    """
    if not 0 <= answers <= delivered:
        raise InvalidValue(
            f"{answers} answers of {delivered} who were reached", hint="count answers to these invitations alone"
        )
    return Share(answers, delivered)


@frozen(kw_only=True)
class Dispositions:
    """What became of everybody who was chosen to be asked, in the words of AAPOR."""

    #: Answered all that counts.
    complete: int
    #: Answered a part of it.
    partial: int = 0
    #: Refused, or broke off.
    refusal: int = 0
    #: Was never reached.
    non_contact: int = 0
    #: Could not answer for another reason.
    other: int = 0
    #: Nobody knows whether they were to be asked at all.
    unknown: int = 0

    @property
    def rr1(self) -> Share:
        """AAPOR's response rate 1, the least of its rates: complete answers, of all who may have been to be asked.

        Source: The American Association for Public Opinion Research, Standard Definitions, 10th edition (2023).

        >>> Dispositions(complete=30, partial=5, refusal=10, non_contact=50, unknown=5).rr1
        Share(part=30, whole=100)
        """
        return Share(
            self.complete,
            self.complete + self.partial + self.refusal + self.non_contact + self.other + self.unknown,
        )
