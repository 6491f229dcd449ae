"""The report on what is overdue: how much, how grave and since when, by owner, team or whatever else."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import cast

from attrs import define, field, frozen

from clientloop.model.codec import instant
from clientloop.model.feedback import Deadline, Feedback, Priority
from clientloop.model.plan import Aggregate, How, Key, Plan
from clientloop.model.where import ALL, Where
from clientloop.reports.keys import LoopKey, RowKey, key_of, none_last
from clientloop.reports.sums import Sums
from clientloop.rules.measures.rates import PROMISES, missed, past_due, unnoted
from clientloop.services.context import Context


@frozen(kw_only=True)
class OverdueRow:
    """What is overdue of one owner, one team, one kind."""

    #: A name, or the first day of a month; None for the items that have none: nobody owns them.
    key: RowKey
    #: How many open items are past due.
    items: int
    #: How many of them are critical.
    critical: int
    #: When the first of them was due, UTC; None where nothing is overdue.
    oldest_due: datetime | None
    #: How many of them have missed each promise, by its name; an item may have missed several, or only an update.
    missed: Mapping[str, int]


@frozen(kw_only=True)
class OverdueReport:
    """What is overdue now: open items of which a deadline has come and is not met.

    A deadline that stands still while the firm waits for the customer is not overdue. A promise that was missed and
    kept too late counts as missed as long as the item is overdue for anything.
    """

    #: What the rows are split by.
    by: LoopKey | None
    #: When the report was made, UTC.
    at: datetime
    #: All items.
    total: OverdueRow
    #: By key, those without one last; empty if the report is not split.
    rows: tuple[OverdueRow, ...]


def overdue_report(context: Context, *, by: LoopKey | None, where: Where) -> OverdueReport:
    """Make the report; the arguments are those of `Reports.overdue`."""
    now, tallies = context.now(), dict[RowKey, _Tally]()
    key = None if by is None else key_of(by, context.space.zone)
    for row, tally in _noted(context, key, where & past_due(now)):
        tallies.setdefault(row, _Tally()).add(tally)
    for row, tally in _unnoted(context, key, where & unnoted(now), now):
        tallies.setdefault(row, _Tally()).add(tally)
    total = _Tally()
    for tally in tallies.values():
        total.add(tally)
    return OverdueReport(
        by=by,
        at=now,
        total=total.row(None),
        rows=() if by is None else tuple(tallies[row].row(row) for row in sorted(tallies, key=none_last)),
    )


@define
class _Tally:
    """What is added up for one row."""

    items: int = 0
    critical: int = 0
    oldest_due: int | None = None
    missed: Counter[str] = field(factory=Counter)

    def add(self, more: "_Tally") -> None:
        """Take some items in."""
        self.items += more.items
        self.critical += more.critical
        self.oldest_due = min((due for due in (self.oldest_due, more.oldest_due) if due is not None), default=None)
        self.missed.update(more.missed)

    def row(self, key: RowKey) -> OverdueRow:
        """The row."""
        return OverdueRow(
            key=key,
            items=self.items,
            critical=self.critical,
            oldest_due=None if self.oldest_due is None else instant(self.oldest_due),
            missed={name: self.missed[name] for name in PROMISES},
        )


def _noted(context: Context, key: Key | None, where: Where) -> Iterator[tuple[RowKey, _Tally]]:
    """The items of each row, with the promises that they have noted as missed."""
    plan = Plan(
        cls=Feedback,
        where=where,
        keys=(*([key] if key else []), Key("priority"), Key("late")),
        aggregates=(Aggregate(How.COUNT), Aggregate(How.MIN, "due")),
    )
    for group in context.store.aggregate(context.space.space, plan):
        *row, priority, late = group.keys
        count, due = group.values[0] or 0, group.values[1]
        yield (
            cast(RowKey, row[0]) if row else None,
            _Tally(  # LoopKey names fields of these types alone
                items=count,
                critical=count if priority is Priority.CRITICAL else 0,
                oldest_due=due,
                missed=Counter({name: count for name in cast(tuple[str, ...], late) if name in PROMISES}),
            ),
        )


def _unnoted(context: Context, key: Key | None, where: Where, now: datetime) -> Iterator[tuple[RowKey, _Tally]]:
    """The promises that are missed as well, while their steps are yet to be taken."""
    sums = Sums(context.store, context.space.space, key=key, where=where)
    for row, (kind, process, deadlines, late), count in sums.groups(ALL, ("kind", "process", "deadlines", "late")):
        # the types of these fields of `Feedback`
        rules = context.loop_of(cast(str, kind), cast(int, process)).deadlines
        names = missed(rules, cast(tuple[Deadline, ...], deadlines), now) - {*cast(tuple[str, ...], late)}
        yield row, _Tally(missed=Counter(dict.fromkeys(names, count)))
