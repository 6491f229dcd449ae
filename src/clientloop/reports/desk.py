"""The reports of one space, as the application asks for them."""

from datetime import datetime

from clientloop.reports.keys import LoopKey
from clientloop.reports.loop import LoopReport, loop_report
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
