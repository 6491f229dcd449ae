"""The reports of one space, as the application asks for them."""

from collections.abc import Mapping
from datetime import date, datetime

from clientloop.errors import check_type
from clientloop.model.calendar import Span
from clientloop.model.names import named
from clientloop.model.page import Page
from clientloop.model.process import Process
from clientloop.model.where import ALL, Where
from clientloop.reports.causes import CausesReport, causes_report
from clientloop.reports.keys import LoopKey
from clientloop.reports.loop import LoopReport, loop_report
from clientloop.reports.low_scorers import CALL_WITHIN, LowScorer, low_scorers
from clientloop.reports.messages import MessagesReport, messages_report
from clientloop.reports.overdue import OverdueReport, overdue_report
from clientloop.reports.repeats import REPEAT_WITHIN, RepeatsReport, repeats_report
from clientloop.reports.rows import RowReports
from clientloop.reports.trials import DeadlineTrial, try_deadlines
from clientloop.rules.loop.settings import Settings
from clientloop.rules.measures.ratings import LOW
from clientloop.rules.measures.revenue import Rates

#: What to give where something else than a span was given.
_SPANS = "give a Span, such as hours(48) or working_days(2) of clientloop.model.calendar"


class Reports(RowReports):
    """`loop.reports`: how well the loop works, and what is known row by row.

    Wherever a time is asked for, a date is its midnight in the space's zone.
    """

    def loop(
        self,
        *,
        by: LoopKey | str | None = None,
        since: datetime | date | None = None,
        until: datetime | date | None = None,
    ) -> LoopReport:
        """The rates and times of the loop, as they are now.

        `clientloop.rules.measures.rates.RATES` says what each rate is a share of, `LoopReport` what is left out. The
        store adds everything up, one sum after the other: an item that is moved meanwhile may be counted as it was and
        as it is.

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
        return loop_report(self._context, by=_key(by), since=self._moment(since), until=self._moment(until))

    def try_deadlines(
        self,
        *,
        settings: Settings | None = None,
        process: Process | None = None,
        since: datetime | date | None = None,
        until: datetime | date | None = None,
    ) -> DeadlineTrial:
        """Which promises of a first answer and a solution other rules would have kept; nothing is written.

        The times of stored items stay as they were; judged is when these promises would have been due.
        `clientloop.rules.loop.promises.would_be_kept` says what is left out.

        Args:
            settings: Other calendars, or lengths for classes; those of the firm if not given.
            process: Another process for items of its kind, which alone are tried then; the newest ones if not given.
            since: Only items that were received at this time or later, aware.
            until: Only items that were received before this time, aware.

        Raises:
            InvalidValue: The process is wrong, or a time names no zone.
            UnknownName: The settings lack a calendar that items go by.

        >>> from attrs import evolve
        >>> from clientloop import ClientLoop
        >>> from clientloop.model.calendar import Calendar
        >>> with ClientLoop.open("memory:") as loop:
        ...     item = loop.feedback.receive(kind="complaint", channel="form", text="It is broken")
        ...     always = evolve(loop.settings.get(), calendar=Calendar.around_the_clock("UTC"))
        ...     trial = loop.reports.try_deadlines(settings=always)
        >>> trial.total["solution"].running
        1
        """
        return try_deadlines(
            self._context, settings=settings, process=process, since=self._moment(since), until=self._moment(until)
        )

    def causes(
        self,
        *,
        since: datetime | date | None = None,
        until: datetime | date | None = None,
        limit: int = 10,
        rates: Rates | None = None,
    ) -> CausesReport:
        """The causes with the most items: whom they touch, what these customers spend, and how much of it is at risk.

        The store adds up. `CauseRow` and `CausesReport` say what is counted, and where to doubt the numbers.

        Args:
            since: Count only items that were received at this time or later, aware.
            until: Count only items that were received before this time, aware.
            limit: How many causes at most.
            rates: What a unit of each other currency is worth in the space's own, exact. Without a rate, revenue in
                another currency is in no total; the row names it.

        Raises:
            InvalidValue: The limit is less than 1, a time names no zone, or a rate is not exact.

        >>> from clientloop import ClientLoop
        >>> with ClientLoop.open("memory:") as loop:
        ...     item = loop.feedback.receive(kind="complaint", channel="phone", text="It is down")
        ...     item = loop.feedback.move(item, "assign", to="mia", cause="router", by="mia")
        ...     report = loop.reports.causes()
        >>> [(row.cause, row.items.ratio, row.open, row.unknown) for row in report.rows]
        [('router', 1.0, 1, 1)]
        """
        return causes_report(
            self._context, since=self._moment(since), until=self._moment(until), limit=limit, rates=rates
        )

    def overdue(self, *, by: LoopKey | str | None = None, where: Where = ALL) -> OverdueReport:
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
        return overdue_report(self._context, by=_key(by), where=where)

    def low_scorers(
        self,
        *,
        at_most: Mapping[str, int] = LOW,
        within: Span = CALL_WITHIN,
        in_time: bool = False,
        where: Where = ALL,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[LowScorer]:
        """A page of the items with a low rating whose customers nobody has called in time, the latest first.

        Called is a customer with whom a call or a meeting is recorded after the receipt, under whichever of their ids,
        or whom somebody told something in person by a move of the item (`told="called her"`). Left out are items of
        unknown receipt, and those outside of all rates: duplicates, what was no feedback, what came already closed.

        Each low rating is looked at until the page is full, so a firm that calls everybody reads through all of them:
        name a time by `where=ge("recorded_at", ...)`.

        Args:
            at_most: The greatest rating that is low, by scale; a scale that is not named has none.
            within: How soon after the receipt a customer is to be called, in working time that of the firm's calendar.
            in_time: List those who are not called yet and for whom there still is time, the most urgent first.
            where: Which items.
            after: The `next` of the page before.
            limit: How many at most.

        Raises:
            InvalidValue: A rating is outside of its scale, `within` is no span, or `after` is no token of this list.

        >>> from clientloop import ClientLoop
        >>> with ClientLoop.open("memory:") as loop:
        ...     item = loop.feedback.receive(kind="praise", channel="form", text="Meh", rating=2, scale="1-5")
        ...     page = loop.reports.low_scorers(in_time=True)
        >>> [str(scorer.why) for scorer in page]
        ['customer not known']
        """
        check_type(within, Span, hint=_SPANS)
        return low_scorers(
            self._context, at_most=at_most, within=within, in_time=in_time, where=where, after=after, limit=limit
        )

    def messages(self, *, since: datetime | date | None = None, until: datetime | date | None = None) -> MessagesReport:
        """What became of messages to customers, by channel: arrived, read, failed, or unknown.

        The store adds up. A channel that reports nothing has all its messages among the unknown ones: they have not
        failed.

        Args:
            since: Count only messages that left the outbox at this time or later, aware.
            until: Count only messages that left it before this time, aware.

        Raises:
            InvalidValue: A time names no zone.

        >>> from clientloop import ClientLoop
        >>> from clientloop.testing.fakes import FakeChannels
        >>> with ClientLoop.open("memory:", plugins=[FakeChannels("email")], entry_points=False) as loop:
        ...     item = loop.feedback.receive(kind="question", channel="email", text="Open?", reply_to="a@example.com")
        ...     item = loop.feedback.move(item, "answer", by="mia", text="Until six.")
        ...     ran = loop.run_due()
        ...     (row,) = loop.reports.messages().rows
        >>> row.channel, row.messages, row.unknown, row.failed.part
        ('email', 1, Share(part=1, whole=1), 0)
        """
        return messages_report(self._context, since=self._moment(since), until=self._moment(until))

    def repeats(
        self,
        *,
        within: Span = REPEAT_WITHIN,
        by: LoopKey | str | None = None,
        since: datetime | date | None = None,
        until: datetime | date | None = None,
    ) -> RepeatsReport:
        """How many items were reopened, and after how many the same person came again soon.

        An item is followed if the same person, under whichever id and on whichever channel, said something else or
        wrote within the span after its receipt, about whatever. Counted are items of known persons and receipt that are
        at least as old as the span, without those outside of all rates; a duplicate is a contact all the same, what was
        no feedback is none. Calls and visits are not counted, as nobody has written down who began them.

        Args:
            within: How soon another contact counts, in working time that of the firm's calendar.
            by: What the rows are split by; no rows but the total if not given.
            since: Count only items that were received at this time or later, aware.
            until: Count only items that were received before this time, aware; what follows them may come later.

        Raises:
            UnknownName: A report is not split by that.
            InvalidValue: A time names no zone, or `within` is no span.

        >>> from datetime import UTC, datetime, timedelta
        >>> from clientloop import ClientLoop, ManualClock
        >>> clock = ManualClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
        >>> with ClientLoop.open("memory:", clock=clock) as loop:
        ...     ana = loop.customers.add(name="Ana")
        ...     for channel in ("form", "phone"):
        ...         item = loop.feedback.receive(kind="question", channel=channel, text="Where is it?", customer=ana)
        ...         _ = clock.advance(timedelta(days=5))
        ...     _ = clock.advance(timedelta(days=5))
        ...     report = loop.reports.repeats()
        >>> report.total.repeated
        Share(part=1, whole=2)
        """
        check_type(within, Span, hint=_SPANS)
        return repeats_report(
            self._context, within=within, by=_key(by), since=self._moment(since), until=self._moment(until)
        )


def _key(by: LoopKey | str | None) -> LoopKey | None:
    return None if by is None else named(LoopKey, by, what="key of the report")
