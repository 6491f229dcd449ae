"""Where models put everybody: whom they see, as of when, and in which currency."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clientloop import ClientLoop, InteractionKind, ManualClock
from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.interactions import Interaction
from clientloop.model.units import Insert, Unit
from clientloop.services.relationships.assessing import assess
from tests.services.relationships.models import START, Recent, Spenders, buy, firm_with, open_loop

#: What a unit is worth in euros, none of them round; a yen has no minor units.
RATES = {"USD": Fraction("0.915"), "JPY": Fraction("0.00605")}


class Row(NamedTuple):
    """One purchase."""

    customer: int
    month: int
    amount: int
    currency: str | None


rows = st.lists(
    st.builds(
        Row,
        customer=st.integers(0, 5),
        month=st.integers(1, 3),
        amount=st.integers(-5_00, 300_00) | st.just(2**62),
        currency=st.sampled_from(["EUR", "EUR", None, "USD", "JPY"]),
    ),
    max_size=20,
)


@given(
    rows=rows,
    merges=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=3),
    companies=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5)), max_size=5),
)
@example(rows=[Row(0, 1, 50, "USD"), Row(1, 1, 1, "JPY")], merges=[(0, 1)], companies=[])
def test_everybody_is_put_where_the_rows_of_all_their_ids_say(
    rows: list[Row], merges: list[tuple[int, int]], companies: list[tuple[int, int]]
) -> None:
    """Merged persons count as one, persons of a company as the company, and amounts in one currency, rounded once."""
    clock = ManualClock(START)
    with open_loop(clock=clock) as loop:
        persons = [loop.customers.add(name=f"Person {number}") for number in range(6)]
        accounts = [loop.accounts.add(f"Company {number}") for number in range(2)]
        for company, person in companies:
            clock.advance(timedelta(minutes=1))
            loop.accounts.link(accounts[company], persons[person])
        for kept, absorbed in merges:
            if loop.customers.get(persons[kept]).id != loop.customers.get(persons[absorbed]).id:
                loop.customers.merge(persons[kept], persons[absorbed], by="mia", reason="they said so")
        _write(loop, rows, [person.id for person in persons])
        shown = [loop.customers.get(person).id for person in persons]
        belongs: dict[UUID, UUID] = {}
        for company, person in companies:  # the first link of a person counts
            belongs.setdefault(shown[person], accounts[company].id)
        places = assess(loop.context, ["spenders", "firms"], rates=RATES, as_of=datetime(2026, 6, 1, tzinfo=UTC))
        _check(places["spenders"], rows, shown, set(shown))
        subjects = [belongs.get(one, one) for one in shown]
        _check(places["firms"], rows, subjects, {*subjects, *(account.id for account in accounts)})


def _write(loop: ClientLoop, rows: Iterable[Row], customers: list[UUID]) -> None:
    changes = [
        Insert(
            Interaction(
                space="main", id=loop.context.new_id(), kind=InteractionKind.PURCHASE, channel="shop",
                customer=customers[row.customer], occurred_at=datetime(2026, row.month, 5, tzinfo=UTC),
                recorded_at=START, amount=row.amount, currency=row.currency,
            )
        )
        for row in rows
    ]  # fmt: skip
    loop.store.commit(Unit(tuple(changes)))


def _check(places: object, rows: Iterable[Row], labels: list[UUID], subjects: set[UUID]) -> None:
    assert isinstance(places, dict)
    assert set(places) == subjects
    months: dict[tuple[UUID, int], Fraction] = defaultdict(Fraction)
    count: dict[UUID, int] = defaultdict(int)
    for row in rows:
        worth = {"USD": Fraction("0.915"), "JPY": 100 * Fraction("0.00605")}.get(row.currency or "EUR", Fraction(1))
        months[labels[row.customer], row.month] += row.amount * worth
        count[labels[row.customer]] += 1
    for subject in subjects:
        sums = [round(total) for (one, _), total in months.items() if one == subject]
        told = places[subject].explanation
        assert (told["total"] or 0, told["squares"] or 0) == (sum(sums), sum(each * each for each in sums))
        assert told["rows"] == told["months_rows"] == count[subject]


def test_a_crowd_is_put_together_some_at_a_time(loop: ClientLoop) -> None:
    """A company of more persons than fit into one question, and more companies than that, add up all the same."""
    for size in (230, *[1] * 150):
        firm_with(loop, *(loop.customers.add(name=f"P{size} {number}") for number in range(size)))
    for customer in loop.store.pages(type(loop.customers.list().items[0]), "main"):
        buy(loop, customer, 1_00)
    places = loop.relationships.assess("firms", as_of=START + timedelta(days=1)).values()
    assert sorted(place.explanation["total"] for place in places) == [1_00] * 150 + [230_00]


def test_an_assessment_of_an_earlier_day_sees_nothing_later(loop: ClientLoop) -> None:
    """Rows of the day itself and of later ones do not count; a date is its midnight in the firm's zone."""
    kim = loop.customers.add(name="Kim")
    for days_ago in (10, 5, 0):
        buy(loop, kim, 40_00, days_ago=days_ago)
    seen = {
        as_of: loop.relationships.assess("spenders", as_of=as_of)[kim.id].explanation["rows"]
        for as_of in (START.date(), START - timedelta(days=5), START - timedelta(days=11))
    }
    assert list(seen.values()) == [2, 1, 0]
    with pytest.raises(InvalidValue, match="names no zone"):
        loop.relationships.assess("spenders", as_of=START.replace(tzinfo=None))


def test_an_amount_in_a_currency_without_a_rate_leaves_one_out(loop: ClientLoop) -> None:
    """Nobody is assessed by halves, everybody else is, and the currency named; what does not count does no harm."""
    kim, tom = loop.customers.add(name="Kim"), loop.customers.add(name="Tom")
    for customer in (kim, tom):
        buy(loop, customer, days_ago=2)
    loop.relationships.reassess(["spenders"])
    buy(loop, kim, currency="CHF", days_ago=1)
    buy(loop, tom, 90_00, days_ago=1)
    assert loop.relationships.assess("spenders").keys() == {tom.id}
    done = loop.relationships.reassess(["spenders"])["spenders"]
    assert (done.subjects, done.changed, done.left_out) == (1, 1, 1)
    assert done.remarks == ("1 left out: there are amounts in CHF, and no rate; the setting rates takes one",)
    assert loop.reports.abc().remarks == done.remarks
    stood = [loop.relationships.standing(each, "spenders") for each in (kim, tom)]
    assert [each.stage for each in stood if each] == ["middle", "high"]
    assert loop.relationships.assess("recent").keys() == {kim.id, tom.id}
    assert loop.relationships.assess("spenders", as_of=START - timedelta(days=9))
    loop.settings.set("rates", {"CHF": "1.05"})
    assert loop.relationships.assess("spenders")[kim.id].explanation["total"] == 20_50
    for wrong in ("0", "0.00", "-1", "1e3", "a"):
        with pytest.raises(InvalidValue, match="no rate of CHF"):
            loop.settings.set("rates", {"CHF": wrong})
    for name, said in {"chf": "did you mean 'CHF'", "EUR": "a rate of EUR in EUR"}.items():
        with pytest.raises(InvalidValue, match=said):
            loop.settings.set("rates", {"CHF": "1.05", name: "2"})


def test_a_firm_changes_the_parameters_of_a_model(loop: ClientLoop) -> None:
    """What is set takes the place of what the model has; wrong names and values are named where they stand."""
    kim = loop.customers.add(name="Kim")
    buy(loop, kim, 20_00, days_ago=1)
    assert loop.relationships.assess("spenders")[kim.id].stage == "middle"
    loop.settings.set("relationships", {"spenders": {"border": 20_00}})
    assert loop.relationships.assess("spenders")[kim.id].stage == "high"
    assert loop.relationships.model("spenders") == Spenders(border=20_00)
    assert loop.relationships.model("recent") == Recent()
    for wrong, message in (
        ({"spender": {}}, "did you mean 'spenders'"),
        ({"spenders": {"boarder": 1}}, "did you mean 'border'"),
        ({"spenders": {"border": "much"}}, r"relationships\.spenders\.border: 'much' is no whole number"),
    ):
        with pytest.raises(InvalidValue, match=message):
            loop.settings.set("relationships", wrong)
    with pytest.raises(UnknownName, match="did you mean 'recent'"):
        loop.relationships.assess("recnt")
