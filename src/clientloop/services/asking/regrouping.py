"""The answers of customers who become one person, or two: which of them are superseded is worked out anew."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from clientloop.model.asking import Answer, Respondent
from clientloop.model.units import Change, Unit
from clientloop.rules.asking.superseding import regrouped
from clientloop.services.asking.persons import guard
from clientloop.services.context import Context
from clientloop.services.people.whole import rows_of


def rejoined(context: Context, persons: Iterable[Sequence[UUID]], *, guarded: Iterable[UUID]) -> Unit:
    """What changes of answers when customers are shown as other persons than before.

    Args:
        context: The space.
        persons: The ids of each person, as they will be.
        guarded: The customers that the persons are shown as, before and after.
    """
    guards = _guards(context, guarded)
    updates = [update for ids in persons for update in regrouped(_answers(context, ids))]
    return Unit((*guards, *updates))


def parted(context: Context, person: UUID, ids: Sequence[UUID], items: Iterable[UUID], target: UUID) -> Unit:
    """What changes of answers when some items are another person's: those that came with them go over.

    Args:
        context: The space.
        person: The customer that the person is shown as.
        ids: The ids of that person.
        items: The items that go over.
        target: The new customer.
    """
    guards = _guards(context, [person])
    given = list(_answers(context, ids))
    going = set(items)
    goes = [answer for answer in given if answer.item in going]
    stays = [answer for answer in given if answer.item not in going]
    return Unit((*guards, *regrouped(stays), *regrouped(goes, customer=target)))


def _guards(context: Context, customers: Iterable[UUID]) -> list[Change]:
    """Made before any answer is read."""
    space = context.space.space
    return [guard(space, one, context.store.get(Respondent, (space, one))) for one in dict.fromkeys(customers)]


def _answers(context: Context, ids: Iterable[UUID]) -> Iterable[Answer]:
    return rows_of(context, Answer, ids, order="of_customer")
