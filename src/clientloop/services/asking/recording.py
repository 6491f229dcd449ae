"""Answers as they are written, one or many: with what is known of the persons, and each in its place among theirs.

Whoever changes which answers are a person's latest counts up that person's `Respondent`. The row is read before the
customer and the answers are, so that whatever is written in between by another answer, a merge or a split makes the
unit conflict, and it is worked out anew.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from clientloop.model.asking import Answer
from clientloop.model.customers import Customer
from clientloop.model.facts import Fact, FactName
from clientloop.model.record import record_of
from clientloop.model.units import Insert, Unit, Update
from clientloop.model.where import eq
from clientloop.rules.asking.superseding import Row, after, before, in_row, joined, place_of, row_of, time_of
from clientloop.services.asking.persons import Persons
from clientloop.services.batches import rows_with
from clientloop.services.context import Context

#: The answers of one person in one row.
Group = tuple[UUID, Row]


def recorded(
    context: Context, answers: Sequence[Answer], *, added: Mapping[UUID, Customer] | None = None
) -> tuple[Sequence[Answer], Unit]:
    """Answers as they are written, and the unit that does so.

    Args:
        context: The space.
        answers: What was answered.
        added: The customers that the same unit adds, and that nobody else knows of yet.

    Returns:
        The answers with the customer's language, stage and class, and with when each is superseded; and the unit.

    Raises:
        NotFound: There is no such customer.
    """
    persons = Persons.of(context, (answer.customer for answer in answers), added)
    described = persons.describe(context, ((answer, time_of(answer)) for answer in answers))
    groups: dict[Group, list[Answer]] = defaultdict(list)
    for answer in described:
        if answer.customer is not None:
            groups[persons.shown[answer.customer].id, row_of(answer)].append(answer)
    superseded: dict[UUID, datetime] = {}
    updates: list[Update] = []
    for new, near in zip(groups.values(), _near(context, groups, persons), strict=True):
        result = joined(new, near)
        superseded.update(result.superseded)
        updates += result.updates
    replace = record_of(Answer).replace
    written = [
        replace(each, {"superseded_at": superseded[each.id]}) if each.id in superseded else each for each in described
    ]
    facts = tuple(map(_fact, written))
    return written, Unit((*map(Insert, written), *persons.guards(context.space.space), *updates), facts)


def _fact(answer: Answer) -> Fact:
    data = {"question": answer.question, "instrument": answer.instrument.value, "channel": answer.channel}
    return Fact(FactName.ANSWER_RECEIVED, answer.space, answer.id, answer.recorded_at, data)


def _near(context: Context, groups: Mapping[Group, Sequence[Answer]], persons: Persons) -> Iterator[list[Answer]]:
    """For each group, the answers that are there next to the new ones.

    Most come after all that is there, so that the latest answers of many persons are asked for at once.
    """
    people = {person.id: person for person in persons.shown.values()}
    alone: dict[Row, list[UUID]] = defaultdict(list)
    for customer, row in groups:
        if customer in persons.respondents and not people[customer].absorbed:
            alone[row].append(customer)
    latest: dict[Group, Answer] = {}
    for row, customers in alone.items():
        standing = in_row(row) & eq("superseded_at", None)
        for found in rows_with(context, Answer, "customer", customers, where=standing, order="of_customer"):
            latest[cast(UUID, found.customer), row] = found  # it was asked for by its customer
    for (customer, row), new in groups.items():
        last = latest.get((customer, row))
        if last is not None and place_of(last) < min(map(place_of, new)):
            yield [last]
        elif customer in persons.respondents and (last is not None or people[customer].absorbed):
            yield [found for answer in new for found in _beside(context, answer, people[customer].ids)]
        else:
            yield []


def _beside(context: Context, answer: Answer, ids: Iterable[UUID]) -> Iterator[Answer]:
    """The answers right before and right after another, under each id of a person."""
    for one in ids:
        theirs = eq("customer", one) & in_row(row_of(answer))
        for places, descending in ((before(answer), True), (after(answer), False)):
            pages = (
                context.store.page(
                    Answer, answer.space, where=theirs & place, order="of_customer", limit=1, descending=descending
                ).items
                for place in places
            )
            yield from next(filter(None, pages), ())
