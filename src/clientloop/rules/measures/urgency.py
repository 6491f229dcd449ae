"""How urgent an improvement is: a sum of five parts, each of which says what was measured and what it gave.

A part gives at most its weight. Of the weight it gives:

| part | measured | share of the weight |
|---|---|---|
| customers | `n` customers whose items point to the improvement | `n / (n + half_customers)` |
| classes | their classes at the receipt | mean of `class_percent` / 100; 0 of none |
| revenue | `r` minor units that they spent in the last 365 days | `r / (r + half_revenue)`; 0 if negative |
| age | `d` days since the oldest open item was recorded | `d / (d + half_days)` |
| ratings | shortfall `f` of `n` ratings | `f / (n + half_ratings)` |

Each further customer, euro or day counts less than the one before: that is what `x / (x + half)` does, which is a half
at `x = half` and never reaches 1. The shortfall of a rating is 0 for the best and 1 for the worst of its scale, so that
scales can be added; a few bad ratings weigh little, as so many of the best are assumed besides.

The score is the sum of weight times share over the parts. Weights and halves are the setting `urgency`; by default the
weights add up to 100. All is computed in fractions, so that equal facts give equal scores on every machine.
"""

from collections.abc import Mapping
from datetime import timedelta
from fractions import Fraction

from attrs import field, frozen

from clientloop.model.codec import Json
from clientloop.model.customers import CustomerClass
from clientloop.model.improvements import Urgency
from clientloop.model.scales import Scale
from clientloop.rules.measures.revenue import Revenue

_DAY = timedelta(days=1)


@frozen(kw_only=True)
class Touched:
    """What is known of the items that point to an improvement."""

    #: How many items there are.
    items: int = 0
    #: How many of them are open.
    open: int = 0
    #: How many customers of each class said it, every person once; None: of no class.
    customers: Mapping[CustomerClass | None, int] = field(factory=dict)
    #: What these customers spent in the last 365 days.
    revenue: Revenue
    #: How long ago the oldest open item was recorded; None: none is open.
    oldest: timedelta | None = None
    #: How many ratings there are of each scale and value.
    ratings: Mapping[tuple[str, int], int] = field(factory=dict)


@frozen(kw_only=True)
class Part:
    """One part of a score."""

    #: Its name.
    name: str
    #: What was measured, by name.
    measured: Mapping[str, Json]
    #: The points that the part gives at most.
    weight: int
    #: How much of them it gives.
    share: Fraction

    @property
    def points(self) -> Fraction:
        """The points that it gives."""
        return self.weight * self.share


@frozen(kw_only=True)
class Explained:
    """A score, and how it comes about."""

    #: The parts that add up to it.
    parts: tuple[Part, ...]

    @property
    def score(self) -> Fraction:
        """The sum of all points."""
        return sum((part.points for part in self.parts), start=Fraction(0))


def urgency(touched: Touched, weights: Urgency) -> Explained:
    """How urgent an improvement is, by the formula above.

    Args:
        touched: What is known of its items.
        weights: What the firm has set.

    >>> from clientloop.model.money import Money
    >>> spent = Revenue(total=Money(0, "EUR"))
    >>> found = urgency(Touched(customers={CustomerClass.A: 20}, revenue=spent), Urgency())
    >>> [(part.name, int(part.points)) for part in found.parts if part.points]
    [('customers', 15), ('classes', 15)]
    >>> found.score
    Fraction(30, 1)
    """
    parts = (_customers(touched, weights), _classes(touched, weights), _revenue(touched, weights))
    return Explained(parts=(*parts, _age(touched, weights), _ratings(touched, weights)))


def _saturating(value: Fraction | int, half: int) -> Fraction:
    """A half at `half`, and less than 1 however much."""
    return Fraction(value) / (value + half) if value > 0 else Fraction(0)


def _customers(touched: Touched, weights: Urgency) -> Part:
    count = sum(touched.customers.values())
    share = _saturating(count, weights.half_customers)
    return Part(name="customers", measured={"customers": count}, weight=weights.customers, share=share)


def _classes(touched: Touched, weights: Urgency) -> Part:
    percent, count = weights.class_percent, sum(touched.customers.values())
    lowest = min(percent.values(), default=0)
    given = sum(
        number * (lowest if name is None else percent.get(name, lowest)) for name, number in touched.customers.items()
    )
    measured = {name.value if name else "none": touched.customers[name] for name in sorted(touched.customers, key=str)}
    share = Fraction(given, 100 * count) if count else Fraction(0)
    return Part(name="classes", measured=measured, weight=weights.classes, share=share)


def _revenue(touched: Touched, weights: Urgency) -> Part:
    revenue = touched.revenue
    measured = {
        "minor": revenue.total.minor,
        "currency": revenue.total.currency,
        "left_out": {money.currency: money.minor for money in revenue.left_out},
    }
    share = _saturating(revenue.total.minor, weights.half_revenue)
    return Part(name="revenue", measured=measured, weight=weights.revenue, share=share)


def _age(touched: Touched, weights: Urgency) -> Part:
    days = max(touched.oldest // _DAY, 0) if touched.oldest is not None else 0
    return Part(name="age", measured={"days": days}, weight=weights.age, share=_saturating(days, weights.half_days))


def _ratings(touched: Touched, weights: Urgency) -> Part:
    count, shortfall = 0, Fraction(0)
    for (name, rating), number in touched.ratings.items():
        scale = Scale.parse(name)
        count += number
        shortfall += number * Fraction(scale.most - rating, scale.most - scale.least)
    measured = {"ratings": count, "shortfall": str(shortfall)}
    share = shortfall / (count + weights.half_ratings)
    return Part(name="ratings", measured=measured, weight=weights.ratings, share=share)
