"""What is known of a person: the timeline, what the firm has learnt, and all of it to hand out."""

from datetime import datetime
from uuid import UUID

from clientloop.model.accounts import Insight, Topic
from clientloop.model.customers import Customer
from clientloop.model.page import Page
from clientloop.model.work import Actor
from clientloop.services.ids import id_of
from clientloop.services.people.exporting import export
from clientloop.services.people.insights import about, learn
from clientloop.services.people.timeline import Event, learnt, timeline
from clientloop.services.people.whole import Whole


class Story(Whole):
    """The part of `loop.customers` that tells what is known of a person."""

    def timeline(self, customer: Customer | UUID | str, *, after: str | None = None, limit: int = 50) -> Page[Event]:
        """A page of all that happened with a person, the latest first; what has no time comes before that.

        Args:
            customer: The person, under any of the ids.
            after: The `next` of the page before.
            limit: How many at most.

        Returns:
            Interactions with their words, those that are messages of the firm with what became of them; what the firm
            has learnt; merges and splits.

        Raises:
            NotFound: There is no such customer.
        """
        return timeline(self._context, self.get(customer).ids, after=after, limit=limit)

    def learn(
        self,
        customer: Customer | UUID | str,
        topic: Topic | str,
        text: str,
        *,
        source: str,
        at: datetime | None = None,
        by: str | Actor,
    ) -> Insight:
        """Write down what the firm has learnt of a person; what was known before stays beside it.

        Args:
            customer: The person.
            topic: What it is about.
            text: What was learnt.
            source: How the firm knows: a talk, the site, a report.
            at: Since when it is known, aware; the present if not given.
            by: Who writes it down.

        Raises:
            NotFound: There is no such customer.
            UnknownName: There is no such topic.
            InvalidValue: The text or the source is empty.
        """
        return learn(self._context, self._own(id_of(customer)).id, topic, text, source=source, at=at, by=by)

    def insights(
        self,
        customer: Customer | UUID | str,
        topic: Topic | str | None = None,
        *,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Insight]:
        """A page of what the firm has learnt of a person, the latest first.

        Args:
            customer: The person, under any of the ids.
            topic: On what; on everything if not given.
            after: The `next` of the page before.
            limit: How many at most.

        Raises:
            NotFound: There is no such customer.
            UnknownName: There is no such topic.
        """
        return learnt(self._context, self.get(customer).ids, where=about(topic), after=after, limit=limit)

    def export(self, customer: Customer | UUID | str) -> str:
        """Everything that is kept of a person, as JSON: by table, each row once, sorted by their keys.

        Equal rows give equal text, byte for byte. How customers were merged, split and suggested to be one is left out,
        as it speaks of others too; so is a raw message that brought words of others as well. What channels reported on
        messages is there as far as their messages were known.

        Args:
            customer: The person, under any of the ids.

        Raises:
            NotFound: There is no such customer.

        >>> import json
        >>> from clientloop import ClientLoop
        >>> with ClientLoop.open("memory:") as loop:
        ...     ana, double = loop.customers.add(name="Ana"), loop.customers.add(name="A. Novak")
        ...     merge = loop.customers.merge(ana, double, by="mia", reason="she said so")
        ...     [row["name"] for row in json.loads(loop.customers.export(double))["customer"]]
        ['Ana', 'A. Novak']
        """
        return export(self._context, self.get(customer).ids)

    def export_of_id(self, customer: Customer | UUID | str) -> str:
        """What is kept under one id alone, also one that is shown as another: as `export`, which has it for all ids.

        A merge moves no rows, so this is the same before it, and again after it is undone.

        Args:
            customer: The customer.

        Raises:
            NotFound: There is no such customer.
        """
        return export(self._context, (self._own(id_of(customer)).id,))
