"""The reports that are tables: rows of one class, with columns to choose."""

from datetime import date, datetime, timedelta

from clientloop.model.where import ALL, Where
from clientloop.reports.abc import AbcRow, abc_report
from clientloop.reports.answers import AnswerRow, answers_report
from clientloop.reports.contacts import ContactRow, contacts_report
from clientloop.reports.events import EventFilter, EventRow, events_report
from clientloop.reports.feedback import FeedbackRow, feedback_report
from clientloop.reports.funnel import FunnelRow, funnel_report
from clientloop.reports.sources import CALLED, AroundRow, SourceRow, around_report, known_rates, sources_report
from clientloop.reports.tables import Listing, Table
from clientloop.reports.xyz import XyzRow, xyz_report
from clientloop.rules.measures.revenue import Rates
from clientloop.rules.time.moments import moment
from clientloop.services.context import Context
from clientloop.services.deals.stages import FUNNEL


class RowReports:
    """Reports row by row. Choose columns by `select`, write them to a file by `loop.exports.write`.

    Wherever a time is asked for, a date is its midnight in the space's zone.
    """

    def __init__(self, context: Context) -> None:
        """Work in one space."""
        self._context = context

    def _moment(self, at: datetime | date | None) -> datetime | None:
        return None if at is None else moment(at, self._context.space.zone)

    def abc(self, *, as_of: datetime | date | None = None) -> Table[AbcRow]:
        """ABC analysis: who brings which share of the whole, and the class of each beside what was said by hand.

        The model "abc" is asked as it is set up; nothing is written. Whoever bought nothing in its window has no class,
        and is there only if somebody has said one. The arrow tells where the class went from the one before.

        Args:
            as_of: The time that the report is of, aware: nothing later counts. The present if not given.

        Raises:
            InvalidValue: The time names no zone.

        >>> from clientloop import ClientLoop, InteractionKind, Money
        >>> with ClientLoop.open("memory:") as loop:
        ...     for name, spent in (("Ana", 900_00), ("Bo", 100_00)):
        ...         customer = loop.customers.add(name=name)
        ...         _ = loop.interactions.record(
        ...             kind=InteractionKind.PURCHASE, channel="shop", customer=customer, money=Money(spent, "EUR")
        ...         )
        ...     table = loop.reports.abc().select("name", "customer_class.stands", "value", "cumulative.ratio")
        >>> list(table.cells())
        [('Ana', 'A', 90000, 0.9), ('Bo', 'B', 10000, 1.0)]
        """
        return abc_report(self._context, as_of=self._moment(as_of))

    def xyz(self, *, as_of: datetime | date | None = None) -> Table[XyzRow]:
        """XYZ analysis: the stage of buying of each customer, and how evenly the regular ones buy, the most even first.

        The models "purchases" and "xyz" are asked as they are set up; nothing is written. `remarks` says where a class
        holds nearly everybody, so that other borders would tell more.

        Args:
            as_of: As of `abc`.

        Raises:
            InvalidValue: As of `abc`.

        >>> from clientloop import ClientLoop
        >>> with ClientLoop.open("memory:") as loop:
        ...     ana = loop.customers.add(name="Ana")
        ...     list(loop.reports.xyz().select("name", "stage.stands", "evenness.stands").cells())
        [('Ana', 'potential', None)]
        """
        return xyz_report(self._context, as_of=self._moment(as_of))

    def contacts(self) -> Listing[ContactRow]:
        """How each customer can be reached, by name, each person once; read from the store as one goes through it.

        >>> from clientloop import ClientLoop
        >>> with ClientLoop.open("memory:", region="SI") as loop:
        ...     ana = loop.customers.add(name="Ana", email="ana@example.com", phone="040 123 456")
        ...     list(loop.reports.contacts().select("name", "email", "phone").cells())
        [('Ana', 'ana@example.com', '+38640123456')]
        """
        return contacts_report(self._context)

    def events(
        self,
        *,
        since: datetime | date | None = None,
        until: datetime | date | None = None,
        wanted: EventFilter | None = None,
    ) -> Table[EventRow]:
        """What happened in a period: interactions, moves of feedback, and contacts that were planned for it.

        Interactions and moves are no index of time, so that the store looks through all of them, however short the
        period is. What happened at no known time is left out.

        Args:
            since: Only events of this time or later, aware.
            until: Only events before this time, aware; a time to come shows what is planned.
            wanted: Which of them; all if not given.

        Raises:
            InvalidValue: A time names no zone.

        >>> from clientloop import ClientLoop
        >>> with ClientLoop.open("memory:") as loop:
        ...     item = loop.feedback.receive(kind="complaint", channel="phone", text="It is down")
        ...     item = loop.feedback.move(item, "assign", to="mia", by="mia")
        ...     events = loop.reports.events(wanted=EventFilter(employee="mia"))
        >>> list(events.select("sort", "what", "employee", "about").cells())
        [('move', 'assign', 'mia', 'new -> assigned')]
        """
        return events_report(
            self._context, since=self._moment(since), until=self._moment(until), wanted=wanted or EventFilter()
        )

    def feedback(
        self, *, since: datetime | date | None = None, until: datetime | date | None = None, where: Where = ALL
    ) -> Listing[FeedbackRow]:
        """Feedback row by row, the earliest recorded first; read from the store as one goes through it.

        Args:
            since: Only items that were received at this time or later, aware.
            until: Only items that were received before this time, aware.
            where: Which items.

        Raises:
            InvalidValue: A time names no zone.

        >>> from clientloop import ClientLoop
        >>> with ClientLoop.open("memory:") as loop:
        ...     item = loop.feedback.receive(kind="praise", channel="form", text="Lovely", rating=5, scale="1-5")
        ...     list(loop.reports.feedback().select("kind", "text", "rating", "scale").cells())
        [('praise', 'Lovely', 5, '1-5')]
        """
        return feedback_report(self._context, since=self._moment(since), until=self._moment(until), where=where)

    def answers(
        self,
        *,
        question: str | None = None,
        since: datetime | date | None = None,
        until: datetime | date | None = None,
        where: Where = ALL,
    ) -> Listing[AnswerRow]:
        """Answers to questions row by row, those of one question by their time; read as one goes through it.

        Args:
            question: Name of the question; all of them if not given.
            since: Only answers that were given at this time or later, aware.
            until: Only answers that were given before this time, aware.
            where: Which answers.

        Raises:
            InvalidValue: A time names no zone.

        >>> from clientloop import ClientLoop
        >>> with ClientLoop.open("memory:") as loop:
        ...     list(loop.reports.answers(question="recommend"))
        []
        """
        return answers_report(
            self._context, question=question, since=self._moment(since), until=self._moment(until), where=where
        )

    def sources(
        self,
        *,
        touch: str,
        dimension: str = "campaign",
        since: datetime | date | None = None,
        until: datetime | date | None = None,
        rates: Rates | None = None,
    ) -> Table[SourceRow]:
        """What each campaign, page or advert has brought, the one that earned most first.

        The metric "sources" adds it up and says what is credited to what; `remarks` says it again.

        Args:
            touch: What a sale is credited to: the "first" source that a customer came by, or the "last" one before it.
            dimension: What sources are told apart by: "campaign", "page", "advert".
            since: Only sales at this time or later, aware.
            until: Only sales before this time, aware.
            rates: What a unit of each other currency is worth in the space's own, exact; the setting `rates` if not
                given. Amounts without a rate are in no total, and a remark names them.

        Raises:
            UnknownName: There is no such touch.
            InvalidValue: A time names no zone, or a rate is not exact.

        >>> from clientloop import ClientLoop, InteractionKind, Money
        >>> with ClientLoop.open("memory:") as loop:
        ...     ana = loop.customers.add(name="Ana")
        ...     for kind, told in (
        ...         (InteractionKind.VISIT, {"source": {"campaign": "spring"}}),
        ...         (InteractionKind.PURCHASE, {"money": Money(50_00, "EUR")}),
        ...     ):
        ...         _ = loop.interactions.record(kind=kind, channel="web", customer=ana, **told)
        ...     list(loop.reports.sources(touch="first").select("source", "customers", "revenue.total.minor").cells())
        [('spring', 1, 5000)]
        """
        return sources_report(
            self._context,
            touch=touch,
            dimension=dimension,
            since=self._moment(since),
            until=self._moment(until),
            rates=known_rates(self._context, rates),
        )

    def funnel(
        self,
        funnel: str = FUNNEL,
        *,
        since: datetime | date | None = None,
        until: datetime | date | None = None,
        rates: Rates | None = None,
    ) -> Table[FunnelRow]:
        """How far deals come: for each stage of a funnel the deals and customers that reached it, and the time in it.

        The cohort is fixed: the deals that were opened in the period, followed until now. A customer with several deals
        counts once in each stage. A stage that was left out counts as reached with the next one, so that a later stage
        never has more. The last row, "won", is what was bought.

        Args:
            funnel: Name of the relationship model whose stages it is about.
            since: Only deals that were opened at this time or later, aware.
            until: Only deals that were opened before this time, aware.
            rates: As of `sources`.

        Raises:
            UnknownName: There is no such funnel.
            InvalidValue: A time names no zone, or a rate is not exact.

        >>> from clientloop import ClientLoop
        >>> with ClientLoop.open("memory:") as loop:
        ...     ana = loop.customers.add(name="Ana")
        ...     for title in ("A mill", "Another mill"):
        ...         deal = loop.deals.open(title, customer=ana, by="mia")
        ...     deal = loop.deals.move(deal, "offer", by="mia")
        ...     table = loop.reports.funnel()
        >>> list(table.select("stage", "deals", "customers").cells())[:3]
        [('lead', 2, 1), ('qualified', 1, 1), ('offer', 1, 1)]
        """
        return funnel_report(
            self._context,
            funnel=funnel,
            since=self._moment(since),
            until=self._moment(until),
            rates=known_rates(self._context, rates),
        )

    def sales_around(
        self,
        *,
        since: datetime | date,
        until: datetime | date,
        touches: Where = CALLED,
        within: timedelta = timedelta(days=30),
        rates: Rates | None = None,
    ) -> Table[AroundRow]:
        """What customers bought before and after the firm turned to them, beside what all others bought then.

        It compares; that one follows from the other, it does not say. Everybody else shows what would have been anyway,
        as far as they are like those whom the firm chose.

        Args:
            since: When the firm began to turn to customers, aware.
            until: When it was done, aware; a time that has passed.
            touches: Which interactions in that time say whom it turned to; calls if not given. For a campaign:
                `contains("source", '"campaign":"spring"')`.
            within: How long before and after it sales are looked at; no longer than what has passed since.
            rates: As of `sources`.

        Raises:
            InvalidValue: A time names no zone, or there is no time before or after.

        >>> from datetime import UTC
        >>> from clientloop import ClientLoop
        >>> with ClientLoop.open("memory:") as loop:
        ...     march, april = (datetime(2026, month, 1, tzinfo=UTC) for month in (3, 4))
        ...     table = loop.reports.sales_around(since=march, until=april)
        >>> list(table.select("turned", "customers", "growth").cells())
        [('to', 0, None), ('not_to', 0, None)]
        """
        zone = self._context.space.zone
        return around_report(
            self._context,
            since=moment(since, zone),
            until=moment(until, zone),
            touches=touches,
            within=within,
            rates=known_rates(self._context, rates),
        )
