"""The report on the loop: counts, rates and times, by channel, kind, owner, team or month of receipt."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from typing import cast

from attrs import define, field, frozen

from clientloop.model.feedback import Deadline
from clientloop.reports.keys import LoopKey, RowKey, key_of, none_last, received
from clientloop.reports.sums import Sums
from clientloop.rules.measures.rates import Counts, Rates, conditions, missed, overdue, rates, untouched_since
from clientloop.rules.measures.survival import quantiles
from clientloop.rules.measures.times import READINGS
from clientloop.services.context import Context

MEDIAN, P90 = Fraction(1, 2), Fraction(9, 10)


@frozen(kw_only=True)
class Times:
    """How long something took; what has not happened yet is censored, as `survival.quantiles` says."""

    #: How many items it has happened to.
    observed: int
    #: How many still wait for it, or were closed without it.
    censored: int
    #: How many are left out, as nobody can tell: their times are doubtful.
    left_out: int
    #: By when half of all items have it; None while too few have.
    median: timedelta | None
    #: By when nine of ten items have it; None while too few have.
    p90: timedelta | None


@frozen(kw_only=True)
class LoopRow:
    """One row of the report."""

    #: A name, or the first day of a month; None where the items have none: no owner, unknown receipt.
    key: RowKey
    #: How many items there are of each sort.
    counts: Counts
    #: The counts divided.
    rates: Rates
    #: From receipt to the first answer by a person, gross.
    first_answer: Times
    #: From receipt to the solution, waiting for the customer included.
    gross: Times
    #: From receipt to the solution, waiting for the customer left out.
    net: Times


@frozen(kw_only=True)
class LoopReport:
    """How well the loop works.

    Outside of all rates and times, and counted apart, are duplicates, what was no feedback, and what came already
    closed from another system. Items of unknown receipt (`counts.undated`) have rates but no times, and are not in a
    report with `since` or `until`.
    """

    #: What the rows are split by.
    by: LoopKey | None
    #: Items received at this time or later; None: from the first on.
    since: datetime | None
    #: Items received before this time; None: to the last.
    until: datetime | None
    #: When the report was made, UTC.
    at: datetime
    #: All items.
    total: LoopRow
    #: By key, those without one last; empty if the report is not split.
    rows: tuple[LoopRow, ...]


def loop_report(context: Context, *, by: LoopKey | None, since: datetime | None, until: datetime | None) -> LoopReport:
    """Make the report; the arguments are those of `Reports.loop`."""
    now, total, rows = context.now(), _Tally(), defaultdict[RowKey, _Tally](_Tally)
    key = None if by is None else key_of(by, context.space.zone)
    sums = Sums(context.store, context.space.space, key=key, where=received(since, until))
    for row, name, count in _counted(context, sums, now):
        for tally in (total, rows[row]):
            tally.numbers[name] += count
    for row, name, took, happened, count in _timed(sums, now):
        for tally in (total, rows[row]) if key else (total,):
            tally.times[name].add(took, count, happened=happened)
    return LoopReport(
        by=by,
        since=since,
        until=until,
        at=now,
        total=total.row(None),
        rows=() if by is None else tuple(rows[row].row(row) for row in sorted(rows, key=none_last)),
    )


def _counted(context: Context, sums: Sums, now: datetime) -> Iterator[tuple[RowKey, str, int]]:
    """How many items each row has of each sort: the row, a field of `Counts`, how many more."""
    since = untouched_since(context.settings.calendar, now)
    yield from sums.counts(conditions(untouched_since=since))
    for row, (kind, process, deadlines), count in sums.groups(overdue(now), ("kind", "process", "deadlines")):
        # the types of these fields of `Feedback`
        rules = context.loop_of(cast(str, kind), cast(int, process)).deadlines
        if missed(rules, cast(tuple[Deadline, ...], deadlines), now):
            yield row, "missed", count


def _timed(sums: Sums, now: datetime) -> Iterator[tuple[RowKey, str, timedelta | None, bool, int]]:
    """How long things took in each row: the row, the time's name, how long, whether it happened, for how many."""
    for reading in READINGS:
        for row, values, count in sums.groups(reading.where, reading.fields):
            for name, took in zip(reading.times, reading.took(now, *values), strict=True):
                yield row, name, took, reading.happened, count


@define
class _Pool:
    """The histograms of one time."""

    observed: Counter[timedelta] = field(factory=Counter)
    censored: Counter[timedelta] = field(factory=Counter)
    left_out: int = 0

    def add(self, took: timedelta | None, count: int, *, happened: bool) -> None:
        """Take some items in; a time that cannot be is no time."""
        if took is None or took < timedelta(0):
            self.left_out += count
        else:
            (self.observed if happened else self.censored)[took] += count

    def times(self) -> Times:
        """What they come to."""
        median, p90 = quantiles(self.observed, self.censored, (MEDIAN, P90))
        return Times(
            observed=self.observed.total(),
            censored=self.censored.total(),
            left_out=self.left_out,
            median=median,
            p90=p90,
        )


@define
class _Tally:
    """What is added up for one row."""

    numbers: Counter[str] = field(factory=Counter)
    times: defaultdict[str, _Pool] = field(factory=lambda: defaultdict(_Pool))

    def row(self, key: RowKey) -> LoopRow:
        """The row, worked out."""
        counts = Counts(**self.numbers)
        return LoopRow(
            key=key,
            counts=counts,
            rates=rates(counts),
            first_answer=self.times["first_answer"].times(),
            gross=self.times["gross"].times(),
            net=self.times["net"].times(),
        )
