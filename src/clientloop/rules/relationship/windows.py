"""How far back something counts: so many days, weeks, months, quarters or years of the calendar."""

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import Self

from attrs import field, frozen

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.plan import Bucket

_DAYS = {Bucket.DAY: 1, Bucket.WEEK: 7}
_MONTHS = {Bucket.MONTH: 1, Bucket.QUARTER: 3, Bucket.YEAR: 12}
_SPELLINGS = {spelling: unit for unit in Bucket for spelling in (unit.value, f"{unit.value}s")}

#: The earliest time of all.
_FIRST = datetime.min.replace(tzinfo=UTC)


def _check_amount(_: object, __: object, amount: int) -> None:
    if type(amount) is not int or amount < 1:
        raise InvalidValue(f"{amount!r:.40} is no number of units of time", hint="give a whole number of at least 1")


@frozen(kw_only=True)
class Window:
    """So much time before another, by the calendar: a month before the last of March is the last of February.

    Raises:
        InvalidValue: The amount is no whole number, or less than one.

    >>> print(Window.parse("12 months"), Window.parse("1 week"))
    12 months 1 week
    """

    #: How many units; at least one.
    amount: int = field(validator=_check_amount)
    #: What is counted.
    unit: Bucket

    def __str__(self) -> str:
        """As a person would write it: "1 week", "12 months"."""
        return f"{self.amount} {self.unit.value}{'' if self.amount == 1 else 's'}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a length such as "30 days" or "1 quarter".

        Args:
            text: A whole number, and days, weeks, months, quarters or years.

        Raises:
            InvalidValue: The text does not say both, or the number is 0.
        """
        match = re.fullmatch(r"\s*([0-9]{1,5})\s*([A-Za-z]+)\s*", text)
        if match is None:
            raise InvalidValue(f"{text!r:.80} is no length of time", hint='write it as "30 days" or "12 months"')
        amount, spelling = match.groups()
        unit = _SPELLINGS.get(spelling.lower())
        if unit is None:
            raise UnknownName.among(spelling, _SPELLINGS, what="unit of time")
        return cls(amount=int(amount), unit=unit)

    def times(self, number: int) -> Self:
        """So many of it, one after the other."""
        return type(self)(amount=self.amount * number, unit=self.unit)

    def before(self, at: datetime) -> datetime:
        """The same time of day, so much earlier by the calendar of the zone that the time is in.

        Args:
            at: An aware time; its zone is the one whose calendar counts.

        Returns:
            The time in UTC; the first that there is, where the calendar ends before.

        >>> from zoneinfo import ZoneInfo
        >>> may = datetime(2026, 5, 31, 12, tzinfo=ZoneInfo("Europe/Ljubljana"))
        >>> Window(amount=3, unit=Bucket.MONTH).before(may).isoformat()
        '2026-02-28T11:00:00+00:00'
        """
        try:
            return self._earlier(at).astimezone(UTC)
        except (OverflowError, ValueError):
            return _FIRST

    def _earlier(self, at: datetime) -> datetime:
        if self.unit in _DAYS:
            return at - timedelta(days=self.amount * _DAYS[self.unit])  # of the wall, as Python counts within a zone
        year, month = divmod(at.year * 12 + at.month - 1 - self.amount * _MONTHS[self.unit], 12)
        return at.replace(year=year, month=month + 1, day=min(at.day, monthrange(year, month + 1)[1]))
