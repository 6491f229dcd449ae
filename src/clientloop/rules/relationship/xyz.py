"""XYZ: how evenly a regular customer buys, by the coefficient of variation over spans of time, in exact numbers.

The span decides the class: the same purchases are even by the quarter and uneven by the week. So nothing here is
guessed: span, number of spans and kind of deviation are given, and are part of every explanation. The usual borders of
10 and 25 percent come from the keeping of stock, where much is sold every day; of persons who buy now and then nearly
all are Z by them, so that `one_sided` tells when a class holds nearly everybody, and proposes other borders.
"""

from collections.abc import Collection, Sequence
from enum import StrEnum
from fractions import Fraction
from math import isqrt

from attrs import field, frozen

from clientloop.errors import InvalidValue


class Evenness(StrEnum):
    """How evenly somebody buys."""

    X = "X"
    Y = "Y"
    Z = "Z"


class Deviation(StrEnum):
    """Which standard deviation is meant."""

    #: Divided by the number of spans: these are all that there are.
    POPULATION = "population"
    #: Divided by one less: these are a sample of the customer's habits.
    SAMPLE = "sample"


def _check_borders(_: object, __: object, borders: tuple[int, int]) -> None:
    if not 0 < borders[0] < borders[1]:
        raise InvalidValue(f"{borders} are no two borders that rise", hint="give percent, such as (10, 25)")


@frozen(kw_only=True)
class XyzRule:
    """How regular customers are parted."""

    #: Up to which coefficient of variation somebody is X, and up to which Y, in percent.
    borders: tuple[int, int] = field(default=(10, 25), validator=_check_borders)
    #: Which standard deviation is divided by the mean.
    deviation: Deviation = Deviation.POPULATION


@frozen(kw_only=True)
class Variation:
    """How much what somebody buys varies from span to span: all that the class follows from."""

    #: How many spans there are, with those in which nothing was bought.
    spans: int
    #: What was bought in all of them, in whole units.
    total: int
    #: The sum of the squares of what was bought in each.
    squares: int
    #: As of `XyzRule`.
    rule: XyzRule

    @property
    def squared(self) -> Fraction | None:
        """The coefficient of variation, squared, and so exact; None where the mean is no more than 0, or of one span.

        >>> Variation(spans=4, total=40, squares=416, rule=XyzRule()).squared
        Fraction(1, 25)
        """
        ratio = self._ratio()
        return None if ratio is None else Fraction(*ratio)

    @property
    def percent(self) -> int | None:
        """The coefficient of variation in whole percent, rounded down; None as above.

        >>> Variation(spans=4, total=40, squares=416, rule=XyzRule()).percent
        20
        """
        ratio = self._ratio()
        return None if ratio is None else isqrt(10_000 * ratio[0] // ratio[1])

    @property
    def evenness(self) -> Evenness | None:
        """The class; None where there is no coefficient of variation.

        >>> Variation(spans=4, total=40, squares=416, rule=XyzRule()).evenness
        <Evenness.Y: 'Y'>
        """
        return evenness_of(self.spans, self.total, self.squares, self.rule)

    def _ratio(self) -> tuple[int, int] | None:
        return _ratio(self.spans, self.total, self.squares, self.rule)


def evenness_of(spans: int, total: int, squares: int, rule: XyzRule) -> Evenness | None:
    """The class of somebody, by the fields of a `Variation`, of which very many need not be made for it.

    >>> evenness_of(4, 40, 416, XyzRule())
    <Evenness.Y: 'Y'>
    """
    ratio = _ratio(spans, total, squares, rule)
    if ratio is None:
        return None
    varied, whole = 10_000 * ratio[0], ratio[1]
    x, y = rule.borders
    return Evenness.X if varied <= x * x * whole else Evenness.Y if varied <= y * y * whole else Evenness.Z


def _ratio(spans: int, total: int, squares: int, rule: XyzRule) -> tuple[int, int] | None:
    """The squared coefficient of variation as a fraction that is not reduced, for that is slow."""
    freedom = spans - (rule.deviation is Deviation.SAMPLE)
    if total <= 0 or freedom < 1:
        return None
    mean = total * total
    return spans * (spans * squares - mean), freedom * mean


def variation(bought: Sequence[int], *, spans: int, rule: XyzRule | None = None) -> Variation:
    """How much what somebody buys varies.

    Args:
        bought: What was bought in each span in which anything was, in whole units.
        spans: How many spans there are in all.
        rule: How customers are parted.

    Raises:
        InvalidValue: There are fewer spans than were bought in.

    >>> variation([10, 12, 8, 10], spans=4).evenness, variation([40], spans=4).evenness
    (<Evenness.Y: 'Y'>, <Evenness.Z: 'Z'>)
    """
    if len(bought) > spans:
        raise InvalidValue(f"bought in {len(bought)} of {spans} spans")
    return Variation(
        spans=spans, total=sum(bought), squares=sum(each * each for each in bought), rule=rule or XyzRule()
    )


#: What share of all customers is too many for one of three classes, in percent.
ONE_SIDED = 90


@frozen(kw_only=True)
class OneSided:
    """That a class holds nearly everybody, so that it tells nothing."""

    #: The class.
    evenness: Evenness
    #: How many customers it holds.
    count: int
    #: Of how many.
    of: int
    #: Borders that would part these customers into thirds, in percent; None where they are too much alike.
    proposed: tuple[int, int] | None

    def __str__(self) -> str:
        """The warning as a sentence.

        >>> str(OneSided(evenness=Evenness.Z, count=95, of=100, proposed=(60, 110)))
        '95 of 100 customers are Z, which tells little: borders of 60 and 110 percent would part them in thirds'
        """
        says = f"{self.count:,} of {self.of:,} customers are {self.evenness.value}, which tells little"
        if self.proposed is None:
            return f"{says}: they are too much alike for other borders"
        return f"{says}: borders of {self.proposed[0]} and {self.proposed[1]} percent would part them in thirds"


def one_sided(found: Collection[Variation]) -> OneSided | None:
    """Whether a class holds more than 90 percent of the customers, and which borders would part them; None if not.

    Args:
        found: The variations of all customers, by one rule.
    """
    classes = [one.evenness for one in found if one.evenness is not None]
    most = max(Evenness, key=classes.count)
    if not classes or 100 * classes.count(most) <= ONE_SIDED * len(classes):
        return None
    percents = sorted(one.percent for one in found if one.percent is not None)
    first, second = percents[len(percents) // 3] + 1, percents[2 * len(percents) // 3] + 1
    proposed = (first, second) if first < second else None
    return OneSided(evenness=most, count=classes.count(most), of=len(classes), proposed=proposed)
