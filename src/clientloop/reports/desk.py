"""The reports of one space, as the application asks for them."""

from datetime import datetime

from clientloop.model.where import ALL, Where
from clientloop.reports.keys import LoopKey
from clientloop.reports.loop import LoopReport, loop_report
from clientloop.reports.overdue import OverdueReport, overdue_report
from clientloop.services.context import Context


class Reports:
    """`loop.reports`: how well the loop works."""

    def __init__(self, context: Context) -> None:
        """Work in one space."""
        self._context = context

    def loop(
        self, *, by: LoopKey | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> LoopReport:
        """The rates and times of the loop, as they are now.

        `clientloop.rules.rates.RATES` says what each rate is a share of, `LoopReport` what is left out. The store adds
        everything up, one sum after the other: an item that is moved meanwhile may be counted as it was and as it is.

        Args:
            by: What the rows are split by; no rows but the total if not given.
            since: Count only items that were received at this time or later, aware.
            until: Count only items that were received before this time, aware.

        Raises:
            UnknownName: A report is not split by that.
            InvalidValue: A time names no zone.

        >>> from clientloop import ClientLoop
        >>> with ClientLoop.open("memory:") as loop:
        ...     item = loop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
        ...     report = loop.reports.loop(by=LoopKey.KIND)
        >>> [(row.key, row.counts.items, row.rates.closed.ratio) for row in report.rows]
        [('idea', 1, 0.0)]
        """
        return loop_report(self._context, by=by, since=since, until=until)

    def overdue(self, *, by: LoopKey | None = None, where: Where = ALL) -> OverdueReport:
        """How much is overdue now, how grave it is and since when.

        The store adds up. The items themselves are in the inbox, the longest overdue first: `inbox(due_before=...)`.

        Args:
            by: What the rows are split by: owner, team, kind and so on; no rows but the total if not given.
            where: Which items.

        Raises:
            UnknownName: A report is not split by that, or items have no such field.

        >>> from datetime import UTC, datetime, timedelta
        >>> from clientloop import ClientLoop, ManualClock
        >>> clock = ManualClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
        >>> with ClientLoop.open("memory:", clock=clock) as loop:
        ...     item = loop.feedback.receive(kind="question", channel="phone", text="Open on Sunday?")
        ...     _ = clock.advance(timedelta(days=2))
        ...     (row,) = loop.reports.overdue(by=LoopKey.OWNER).rows
        >>> row.key, row.items, row.missed
        (None, 1, {'first_answer': 1, 'solution': 1})
        """
        return overdue_report(self._context, by=by, where=where)
