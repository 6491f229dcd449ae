"""Signs in many series at once that something has happened, of which few are false."""

from collections.abc import Sequence
from datetime import date
from math import sqrt
from statistics import median

from attrs import evolve, frozen

from clientloop.errors import InvalidValue
from clientloop.rules.measures.discoveries import adjusted
from clientloop.rules.measures.intervals import Z95, Interval
from clientloop.rules.measures.shifts import level_shift, spikes


@frozen
class Dated:
    """A number of a day."""

    #: The day.
    day: date
    #: The number.
    value: float
    #: Where the true one lies, at 95 percent; None where nobody knows.
    interval: Interval | None = None
    #: How many answers it rests on; those without an interval are judged by it, among others.
    count: int = 1


#: Numbers by rising days.
Line = Sequence[Dated]

#: Which share of the signs may be false, where nobody says so.
RATE = 0.05

#: How many comparisons are judged together.
CORRECTION = "Benjamini-Hochberg"


@frozen(kw_only=True)
class ShiftSign:
    """The level of a series has changed."""

    #: The first day on the new level.
    day: date
    #: The median before it.
    before: float
    #: The median from it on.
    after: float
    #: How often chance alone makes as much of a shift.
    chance: float
    #: The smallest false discovery rate at which it counts, among the shifts of all series.
    adjusted: float
    #: How it was found.
    method: str


@frozen(kw_only=True)
class SpikeSign:
    """A day stands out of its series."""

    #: The day.
    day: date
    #: Its number.
    value: float
    #: The median of the days on the same level.
    usual: float
    #: How often chance alone makes a day stand out so far.
    chance: float
    #: The smallest false discovery rate at which it counts, among all days of all series.
    adjusted: float
    #: How it was found.
    method: str


@frozen(kw_only=True)
class Signs:
    """What was found in one series."""

    #: Where its level has changed, if it has.
    shift: ShiftSign | None
    #: The days that stand out, the earliest first.
    spikes: tuple[SpikeSign, ...]


def signs(series: Sequence[Line], *, rate: float = RATE) -> tuple[Signs, ...]:
    """Look for shifts of level and for days that stand out.

    The shifts of all series are judged together, then all days of all series: of a series that has shifted, each day
    among those on its own level.

    Args:
        series: The series.
        rate: The false discovery rate: which share of the shifts, and of the spikes, may be false.

    Returns:
        The signs of each series, in their order.

    Raises:
        InvalidValue: The rate is no share.

    >>> usual = [Dated(date(2026, 1, day), 30 + day % 3) for day in range(1, 21)]
    >>> [found] = signs([[*usual, Dated(date(2026, 1, 21), 90)]])
    >>> found.shift, [spike.day.day for spike in found.spikes]
    (None, [21])
    """
    if not 0 < rate < 1:
        raise InvalidValue(f"a false discovery rate of {rate}", hint="give a share, such as 0.05")
    shifts = _shifts(series, rate)
    found = _spikes([_levels(line, shift) for line, shift in zip(series, shifts, strict=True)], rate)
    return tuple(Signs(shift=shift, spikes=each) for shift, each in zip(shifts, found, strict=True))


def _shifts(series: Sequence[Line], rate: float) -> list[ShiftSign | None]:
    found = [level_shift([one.value for one in line]) for line in series]
    chances = adjusted([1.0 if shift is None else shift.chance for shift in found])
    return [
        None
        if shift is None or chance > rate
        else ShiftSign(
            day=line[shift.first].day,
            before=shift.before,
            after=shift.after,
            chance=shift.chance,
            adjusted=chance,
            method=shift.method,
        )
        for line, shift, chance in zip(series, found, chances, strict=True)
    ]


def _levels(line: Line, shift: ShiftSign | None) -> Sequence[Line]:
    if shift is None:
        return [line]
    return [[one for one in line if one.day < shift.day], [one for one in line if one.day >= shift.day]]


def _spikes(lines: Sequence[Sequence[Line]], rate: float) -> list[tuple[SpikeSign, ...]]:
    seen = [[sign for level in levels for sign in _compared(level)] for levels in lines]
    days = sum(len(level) for levels in lines for level in levels)
    # whatever lies at its median has no sign, and is a comparison all the same
    alike = [1.0] * (days - sum(map(len, seen)))
    chances = iter(adjusted([sign.chance for signs in seen for sign in signs] + alike))
    judged = [[evolve(sign, adjusted=next(chances)) for sign in signs] for signs in seen]
    return [tuple(sign for sign in signs if sign.adjusted <= rate) for signs in judged]


def _compared(level: Line) -> Sequence[SpikeSign]:
    found = spikes([one.value for one in level], errors=_errors(level))
    return [
        SpikeSign(
            day=level[spike.place].day,
            value=spike.value,
            usual=spike.usual,
            chance=spike.chance,
            adjusted=1.0,
            method=spike.method,
        )
        for spike in found
    ]


def _errors(level: Line) -> Sequence[float] | None:
    """The standard error of each day towards the others; None where no day has an interval."""
    usual = median(one.value for one in level) if level else 0.0
    own = [_error(one, usual) for one in level]
    known = [(one.count, error) for one, error in zip(level, own, strict=True) if error is not None]
    if not known:
        return None
    variance = sum((count * error) ** 2 for count, error in known) / sum(count for count, _ in known)
    return [max(error or 0.0, _least(one, variance)) for one, error in zip(level, own, strict=True)]


def _error(one: Dated, usual: float) -> float | None:
    """The standard error of a day towards the usual one, as intervals need not lie evenly around what they are of."""
    found = one.interval
    if found is None or found.error is not None:
        return None if found is None else found.error
    return abs(one.value - (found.low if one.value > usual else found.high)) / Z95


def _least(one: Dated, variance: float) -> float:
    """The least error that a day can have whose answers alone are to tell how far answers spread, if any are to.

    Few that happen to lie close together, or are equal, do not know that: they would make each day stand out that
    differs from the others. So it is no less than what the answers of all days vary by makes of as many.

    Args:
        one: The day.
        variance: That of an answer, as all days together tell it.
    """
    return sqrt(variance / one.count) if one.interval is None or one.interval.error is not None else 0.0
