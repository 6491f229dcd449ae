"""Whatever else happens between firm and customer."""

from datetime import timedelta
from uuid import UUID

import pytest

from clientloop.errors import Duplicate, InvalidValue, MissingReference, NotFound
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.money import Money
from tests.test_processes import DAY, NINE, Firm


def test_a_purchase_is_recorded_once_by_its_key(firm: Firm) -> None:
    """The same order delivered twice by the shop is one purchase, with its money."""
    first, again = (
        firm.loop.interactions.record(
            kind=InteractionKind.PURCHASE,
            channel="shop",
            customer=firm.customer,
            origin="order-17",
            money=Money(1_999, "EUR"),
            quantity=2,
            occurred_at=NINE - DAY,
        )
        for _ in range(2)
    )
    assert first == again
    assert (first.money, first.quantity, first.occurred_at) == (Money(1_999, "EUR"), 2, NINE - DAY)
    assert len(firm.loop.customers.timeline(firm.customer)) == 1


def test_what_a_purchase_had_cost_is_in_its_currency(firm: Firm) -> None:
    """So that what is left of the money can be worked out; a cost of another currency, or of nothing, is refused."""

    def recorded(money: Money | None, cost: Money) -> Interaction:
        return firm.loop.interactions.record(kind=InteractionKind.PURCHASE, channel="shop", money=money, cost=cost)

    assert recorded(Money(1_999, "EUR"), Money(1_200, "EUR")).cost == 1_200
    for money in (None, Money(1_999, "USD")):
        with pytest.raises(InvalidValue, match="in one currency"):
            recorded(money, Money(1_200, "EUR"))


@pytest.mark.parametrize(
    ("kind", "money", "cost"),
    [(InteractionKind.RETURN, 500, None), (InteractionKind.PURCHASE, -500, None), (InteractionKind.RETURN, -500, 300)],
)
def test_a_return_raises_no_revenue(firm: Firm, kind: InteractionKind, money: int, cost: int | None) -> None:
    """Money is above zero for what is bought and below for what is returned: any other sign is refused."""
    worth = None if cost is None else Money(cost, "EUR")
    with pytest.raises(InvalidValue, match=f"a {kind.value} of") as refused:
        firm.loop.interactions.record(
            kind=kind, channel="shop", customer=firm.customer, money=Money(money, "EUR"), cost=worth
        )
    assert "of a return below" in str(refused.value.hint)
    assert not firm.loop.customers.timeline(firm.customer).items


@pytest.mark.parametrize(("kind", "sign"), [(InteractionKind.PURCHASE, 1), (InteractionKind.RETURN, -1)])
def test_what_was_given_for_nothing_has_no_sign(firm: Firm, kind: InteractionKind, sign: int) -> None:
    """A present is bought and returned for 0, and both signs are taken where they belong."""
    for minor in (0, sign * 500):
        sold = firm.loop.interactions.record(
            kind=kind, channel="shop", money=Money(minor, "EUR"), cost=Money(minor, "EUR")
        )
        assert (sold.amount, sold.cost) == (minor, minor)


def test_purchases_without_a_key_are_all_counted(firm: Firm) -> None:
    """Two equal purchases are two purchases."""
    for _ in range(2):
        firm.loop.interactions.record(kind=InteractionKind.PURCHASE, channel="shop", customer=firm.customer)
    assert len(firm.loop.customers.timeline(firm.customer)) == 2


def test_the_timeline_shows_the_latest_first_page_by_page(firm: Firm) -> None:
    """Feedback, purchases and calls stand in one line by when they happened, not by when they were recorded."""
    calls = [
        firm.loop.interactions.record(
            kind=InteractionKind.CALL, channel="phone", customer=firm.customer, occurred_at=NINE - ago, text="Note"
        )
        for ago in (timedelta(), 2 * DAY, DAY)
    ]
    page = firm.loop.customers.timeline(firm.customer, limit=2)
    assert [each.record.id for each in page] == [calls[0].id, calls[2].id]
    rest = firm.loop.customers.timeline(firm.customer.id, limit=2, after=page.next)
    assert [each.record.id for each in rest] == [calls[1].id]
    assert firm.loop.feedback.words(calls[0].id).body == "Note"


def test_what_has_no_words_has_none(firm: Firm) -> None:
    """A visit without a note keeps no empty text."""
    visit = firm.loop.interactions.record(kind=InteractionKind.VISIT, channel="shop", customer=firm.customer)
    with pytest.raises(NotFound):
        firm.loop.feedback.words(visit.id)


def test_nothing_happens_with_somebody_unknown(firm: Firm) -> None:
    """A customer that is not there is refused, and a time without a zone too."""
    with pytest.raises(MissingReference):
        firm.loop.interactions.record(kind=InteractionKind.VISIT, channel="shop", customer=UUID(int=1))
    with pytest.raises(InvalidValue, match="names no zone"):
        firm.loop.interactions.record(kind=InteractionKind.VISIT, channel="shop", occurred_at=NINE.replace(tzinfo=None))


def test_a_clash_that_is_not_of_the_key_is_an_error(firm: Firm) -> None:
    """An id that was given out twice is no redelivery."""
    taken = firm.loop.interactions.record(kind=InteractionKind.VISIT, channel="shop")
    firm.loop.context.new_id = lambda: taken.id  # type: ignore[method-assign]  # an id generator that repeats itself
    with pytest.raises(Duplicate):
        firm.loop.interactions.record(kind=InteractionKind.VISIT, channel="shop")
