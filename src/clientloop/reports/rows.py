"""The reports that are tables: rows of one class, with columns to choose."""

from datetime import datetime

from clientloop.model.where import ALL, Where
from clientloop.reports.abc import AbcRow, abc_report
from clientloop.reports.answers import AnswerRow, answers_report
from clientloop.reports.contacts import ContactRow, contacts_report
from clientloop.reports.events import EventFilter, EventRow, events_report
from clientloop.reports.feedback import FeedbackRow, feedback_report
from clientloop.reports.tables import Listing, Table
from clientloop.reports.xyz import XyzRow, xyz_report
from clientloop.services.context import Context


class RowReports:
    """Reports row by row. Choose columns by `select`, write them to a file by `loop.exports.write`."""

    def __init__(self, context: Context) -> None:
        """Work in one space."""
        self._context = context

    def abc(self, *, as_of: datetime | None = None) -> Table[AbcRow]:
        """ABC analysis: who brings which share of the whole, and the class of each beside what was said by hand.

        The model "abc" is asked as it is set up; nothing is written. Whoever bought nothing in its window has no class,
        and is there only if somebody has said one. The arrow tells where the class went from the one before.

        Args:
            as_of: The time that the report is of, aware: nothing later counts. The present if not given.

        Raises:
            InvalidValue: The time names no zone, or there are amounts in a currency without a rate.

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
        return abc_report(self._context, as_of=as_of)

    def xyz(self, *, as_of: datetime | None = None) -> Table[XyzRow]:
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
        return xyz_report(self._context, as_of=as_of)

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
        self, *, since: datetime | None = None, until: datetime | None = None, wanted: EventFilter | None = None
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
        return events_report(self._context, since=since, until=until, wanted=wanted or EventFilter())

    def feedback(
        self, *, since: datetime | None = None, until: datetime | None = None, where: Where = ALL
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
        return feedback_report(self._context, since=since, until=until, where=where)

    def answers(
        self,
        *,
        question: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
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
        return answers_report(self._context, question=question, since=since, until=until, where=where)
