"""RFM: how lately, how often and for how much somebody bought; as marketing counts it, and as models of buying do.

The two use one word for two things: marketing's recency is the time since the last purchase, that of the models ("buy
till you die") the time from the first purchase to the last. Here they have different names. And marketing counts
purchases, where models of buying count the days on which something was bought.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from attrs import frozen

from clientloop.errors import InvalidValue


@frozen(kw_only=True)
class Rfm:
    """What marketing looks at."""

    #: Days since the last purchase.
    days_since: int
    #: How many purchases there were; two on one day are two.
    frequency: int
    #: What was bought in all, in whole units.
    monetary: int


@frozen(kw_only=True)
class Btyd:
    """What models of repeat buying take; P. S. Fader, B. G. S. Hardie and K. L. Lee, Marketing Science 24 (2005) 275.

    `lifetimes` calls these `frequency`, `recency`, `T` and `monetary_value`.
    """

    #: How many days with a purchase there were after the first.
    repeats: int
    #: Days from the first purchase to the last.
    active_days: int
    #: Days from the first purchase to the day it is told of.
    age_days: int
    #: What was bought on the days after the first, in all, in whole units; divided by `repeats` it is the mean.
    repeat_value: int


def _by_day(bought: Sequence[tuple[date, int]], as_of: date) -> dict[date, int]:
    days: dict[date, int] = {}
    for day, value in sorted(bought):
        if day <= as_of:
            days[day] = days.get(day, 0) + value
    if not days:
        raise InvalidValue(f"nothing was bought until {as_of}", hint="whoever bought nothing has no RFM")
    return days


def rfm(bought: Sequence[tuple[date, int]], *, as_of: date) -> Rfm:
    """How lately, how often and for how much somebody bought.

    Args:
        bought: Each purchase: its day, in the zone of the firm, and its value in whole units.
        as_of: The day it is told of; later purchases do not count.

    Raises:
        InvalidValue: Nothing was bought until then.

    >>> rfm([(date(2026, 3, 1), 500), (date(2026, 3, 1), 200), (date(2026, 4, 1), 300)], as_of=date(2026, 4, 11))
    Rfm(days_since=10, frequency=3, monetary=1000)
    """
    days = _by_day(bought, as_of)
    frequency = sum(day <= as_of for day, _ in bought)
    return Rfm(days_since=(as_of - max(days)).days, frequency=frequency, monetary=sum(days.values()))


def btyd(bought: Sequence[tuple[date, int]], *, as_of: date) -> Btyd:
    """How somebody bought, as models of repeat buying take it.

    Args:
        bought: As of `rfm`.
        as_of: As of `rfm`.

    Raises:
        InvalidValue: Nothing was bought until then.

    >>> btyd([(date(2026, 3, 1), 500), (date(2026, 3, 1), 200), (date(2026, 4, 1), 300)], as_of=date(2026, 4, 11))
    Btyd(repeats=1, active_days=31, age_days=41, repeat_value=300)
    """
    days = _by_day(bought, as_of)
    first, last = min(days), max(days)
    return Btyd(
        repeats=len(days) - 1,
        active_days=(last - first).days,
        age_days=(as_of - first).days,
        repeat_value=sum(days.values()) - days[first],
    )


def no_greater(values: Collection[int]) -> Mapping[int, int]:
    """How many of some values are no greater than each of them, itself among them.

    >>> no_greater([40, 10, 20, 20, 50])
    {10: 1, 20: 3, 40: 4, 50: 5}
    """
    return {value: place for place, value in enumerate(sorted(values), 1)}  # of equal values, the last place


def fifth(count: int, of: int) -> int:
    """The fifth of all values in which one stands, from 1, the least, to 5; equal ones stand in the better one.

    Args:
        count: How many values are no greater, itself among them.
        of: How many values there are.

    >>> fifth(3, of=5)
    3
    """
    return -(-5 * count // of)
