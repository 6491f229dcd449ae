"""The instants at which a calendar is open, worked out in blocks of about a year.

One rule: **a calendar is open at every instant at which the wall clock of its zone shows a time within the opening
hours of the date that it shows.** What changes of the clocks do follows from it: wall times that are skipped never
come, wall times that are shown twice count twice.

Instants are counted in microseconds since 1970 in UTC. Blocks are built when they are first asked for, searched by
bisection, shared by all threads, and the least recently used ones are dropped.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from attrs import frozen

from clientloop.errors import InvalidValue
from clientloop.model.calendar import Calendar
from clientloop.model.codec import EPOCH, instant

MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

#: Local dates in one block.
_BLOCK_DAYS = 366
#: Blocks kept for all calendars together; one holds some 30 kB.
_KEPT_BLOCKS = 512
#: Blocks in a row without an open instant after which a search ends: ten years and some days.
_BARREN_BLOCKS = 11
#: A block looks at its zone from so long before to so long after its dates: more than any offset or change of one.
_MARGIN = 2 * DAY
#: Time between two looks at a zone's offset. No zone of the IANA database ever changed it twice within six days.
_PROBE = 4 * DAY

_EPOCH_ORDINAL = EPOCH.toordinal()
#: The blocks that lie, margins included, within the years that `datetime` knows.
_BLOCKS = range(
    (date.min.toordinal() - _EPOCH_ORDINAL) // _BLOCK_DAYS + 2,
    (date.max.toordinal() - _EPOCH_ORDINAL) // _BLOCK_DAYS - 1,
)


@frozen(eq=False, kw_only=True)
class Block:
    """The open stretches of one calendar whose dates lie in one block; each shows one offset and one date throughout.

    While a clock that was set back shows times for the second time, its day counts as having reached the latest time
    shown: so the time of day never runs backwards, and neither do deadlines that keep it.
    """

    #: Position among the calendar's blocks.
    index: int
    #: First instant of its first date.
    begin: int
    #: First instant of the next block's first date.
    end: int
    #: Where each stretch begins.
    opens: Sequence[int]
    #: Where each stretch ends; not part of it.
    closes: Sequence[int]
    #: Open time before each stretch, and in the end that of the whole block.
    before: Sequence[int]
    #: What makes an instant of each stretch a time of day.
    shifts: Sequence[int]
    #: The earliest time of day that counts in each stretch: its opening, or what a clock set back had reached.
    least: Sequence[int]
    #: Which of the block's working days each stretch belongs to.
    days: Sequence[int]
    #: The first stretch of each working day, and in the end the number of stretches.
    first: Sequence[int]

    @property
    def total(self) -> int:
        """Open time in the whole block."""
        return self.before[-1]

    @property
    def working_days(self) -> int:
        """How many of its dates have an open instant."""
        return len(self.first) - 1

    def ending_after(self, at: int) -> int:
        """The first stretch that ends after an instant; the number of stretches if none does."""
        return bisect_right(self.closes, at)

    def is_open(self, at: int) -> bool:
        """Whether an instant lies in a stretch."""
        i = self.ending_after(at)
        return i < len(self.opens) and self.opens[i] <= at

    def worked_until(self, at: int) -> int:
        """Open time from the block's beginning to an instant."""
        i = bisect_right(self.opens, at) - 1
        return self.before[i] + min(at, self.closes[i]) - self.opens[i] if i >= 0 else 0

    def when_worked(self, amount: int) -> int:
        """The first instant until which so much is worked: more than nothing, at most the total."""
        i = bisect_left(self.before, amount) - 1
        return self.opens[i] + amount - self.before[i]

    def time_of_day(self, i: int, at: int) -> int:
        """What the wall clock has reached at an instant in stretch `i`; at its opening for an earlier instant."""
        return max(at + self.shifts[i], self.least[i])

    def on_day(self, day: int, time_of_day: int) -> int:
        """The first open instant of a working day that shows this time of day or a later one, else its closing."""
        for i in range(self.first[day], self.first[day + 1]):
            if time_of_day < self.closes[i] + self.shifts[i]:
                return max(self.opens[i], time_of_day - self.shifts[i])
        return self.closes[self.first[day + 1] - 1]


def block_at(calendar: Calendar, at: int) -> Block:
    """The block that an instant lies in.

    Raises:
        InvalidValue: The instant lies next to the year 1 or 9999.
    """
    block = block_number(calendar, at // (_BLOCK_DAYS * DAY))
    if at < block.begin:
        return block_number(calendar, block.index - 1)
    return block if at < block.end else block_number(calendar, block.index + 1)


def block_after(calendar: Calendar, block: Block) -> Block:
    """The next block with an open instant.

    Raises:
        InvalidValue: Ten years in a row have none, or the year 9999 is reached.
    """
    for index in range(block.index + 1, block.index + 1 + _BARREN_BLOCKS):
        later = block_number(calendar, index)
        if later.opens:
            return later
    raise InvalidValue(
        f"the calendar {calendar.name!r} stays closed for ten years from {instant(block.end):%Y-%m-%d}",
        hint="look for holidays entered by mistake",
    )


@lru_cache(maxsize=_KEPT_BLOCKS)
def block_number(calendar: Calendar, index: int) -> Block:
    """The block of dates whose number, counted from 1970-01-01, is `index`.

    Raises:
        InvalidValue: It does not lie within the years 1 to 9999.
    """
    if index not in _BLOCKS:
        raise InvalidValue("working time is counted within the years 1 to 9999 only", hint="give a nearer date or span")
    first, last = index * _BLOCK_DAYS * DAY, (index + 1) * _BLOCK_DAYS * DAY
    segments = tuple(_segments(ZoneInfo(calendar.zone), first - _MARGIN, last + _MARGIN))
    begin, end = _first_showing(segments, first), _first_showing(segments, last)
    stretches = tuple(_stretches(calendar, segments, begin, end))
    new_day = [i for i, stretch in enumerate(stretches) if i == 0 or stretch.date != stretches[i - 1].date]
    return Block(
        index=index,
        begin=begin,
        end=end,
        opens=array("q", (stretch.opens for stretch in stretches)),
        closes=array("q", (stretch.closes for stretch in stretches)),
        before=array("q", accumulate((stretch.closes - stretch.opens for stretch in stretches), initial=0)),
        shifts=array("q", (stretch.shift for stretch in stretches)),
        least=array("q", (stretch.least for stretch in stretches)),
        days=array("q", (bisect_right(new_day, i) - 1 for i in range(len(stretches)))),
        first=array("q", [*new_day, len(stretches)]),
    )


@frozen
class _Segment:
    """A time during which a zone keeps one offset."""

    start: int
    end: int
    #: How far its clock is ahead of UTC.
    offset: int
    #: The time that its clock had come to when the segment started; later than what it shows if it was set back.
    reached: int


@frozen
class _Stretch:
    """An open time within one segment and one date."""

    opens: int
    closes: int
    segment: _Segment

    @property
    def date(self) -> int:
        """Days since 1970 to the date that it counts for: the latest that was shown."""
        return max(self.opens + self.segment.offset, self.segment.reached - 1) // DAY

    @property
    def shift(self) -> int:
        """What to add to an instant to get the time of day."""
        return self.segment.offset - self.date * DAY

    @property
    def least(self) -> int:
        """The earliest time of day that counts in it."""
        return max(self.opens + self.segment.offset, self.segment.reached) - self.date * DAY


def _segments(zone: ZoneInfo, start: int, end: int) -> Iterator[_Segment]:
    offset = _offset(zone, start)
    reached = start + offset
    for probe in range(start, end, _PROBE):
        until = min(probe + _PROBE, end)
        if _offset(zone, until) == offset:
            continue
        seconds = range(probe + SECOND, until + SECOND, SECOND)
        change = seconds[bisect_left(seconds, True, key=lambda at: _offset(zone, at) != offset)]
        yield _Segment(start, change, offset, reached)
        reached = max(reached, change + offset)
        start, offset = change, _offset(zone, until)
    yield _Segment(start, end, offset, reached)


def _offset(zone: ZoneInfo, at: int) -> int:
    offset = instant(at).astimezone(zone).utcoffset()
    assert offset is not None  # an aware datetime has one
    return offset // MICROSECOND


def _first_showing(segments: Sequence[_Segment], local: int) -> int:
    """The first instant at which the clock shows this local time or a later one."""
    return next(max(s.start, local - s.offset) for s in segments if local - s.offset < s.end)


def _stretches(calendar: Calendar, segments: Sequence[_Segment], begin: int, end: int) -> Iterator[_Stretch]:
    for segment in segments:
        since, until = max(segment.start, begin), min(segment.end, end)
        for day in range((since + segment.offset) // DAY, (until + segment.offset) // DAY + 1):
            midnight = day * DAY - segment.offset
            for hours in calendar.hours_on(date.fromordinal(_EPOCH_ORDINAL + day)):
                opens = max(since, midnight + hours.start * MINUTE)
                closes = min(until, midnight + hours.end * MINUTE)
                if opens < closes:
                    yield _Stretch(opens, closes, segment)
