from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from uuid import UUID

import pytest

from clientloop import Actor, ClientLoop, InteractionKind, ManualClock
from clientloop.model.customers import CustomerClass
from clientloop.model.feedback import Feedback
from clientloop.model.improvements import Urgency
from clientloop.model.money import Money
from clientloop.services.outer.ranking import Ranked
from tests.services.outer_loop import START, Judge, play
from tests.test_processes import Firm

HEAD = Actor.superior("head")


@pytest.fixture(scope="module", params=["memory:", "sqlite"])
def year(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClientLoop]:
    """A year of a small firm, on each store."""
    path = tmp_path_factory.mktemp("year") / "shop.db"
    clock = ManualClock(START)
    with ClientLoop.open(
        "memory:" if request.param == "memory:" else f"sqlite:///{path}", clock=clock, entry_points=False
    ) as loop:
        play(loop, clock)
        yield loop


def classes_of(items: list[Feedback], judge: Judge) -> Counter[CustomerClass | None]:
    """The best class of each person, of those that their items had at the receipt."""
    best: dict[UUID, list[CustomerClass]] = {}
    for item in items:
        if item.customer is not None:
            best.setdefault(judge.person(item.customer), []).extend(filter(None, [item.customer_class]))
    return Counter(min(classes, default=None) for classes in best.values())


def test_the_ranking_says_what_all_rows_say(year: ClientLoop) -> None:
    """What the store adds up is what one counts by hand, every person once, on every store."""
    judge, rows = Judge(year), year.improvements.ranking()
    assert len(rows) == 4
    for row in rows:
        items = [item for item in judge.items if item.improvement == row.improvement.id]
        still = [item for item in items if item.is_open]
        touched = row.touched
        assert (touched.items, touched.open) == (len(items), len(still))
        assert sum(touched.customers.values()) == len(judge.persons(items))
        assert +Counter(touched.customers) == classes_of(items, judge)
        oldest = min((item.recorded_at for item in still), default=None)
        assert touched.oldest == (None if oldest is None else judge.now - oldest)
        assert touched.ratings == Counter((item.scale, item.rating) for item in items if item.rating)
        spent = judge.spent(judge.persons(items))
        assert touched.revenue.total == Money(spent.pop("EUR", 0), "EUR")
        assert touched.revenue.left_out == tuple(Money(spent[name], name) for name in sorted(spent))


def test_the_most_urgent_come_first(year: ClientLoop) -> None:
    """By score, of which each is the sum of its parts; the limit cuts the end off."""
    rows = year.improvements.ranking()
    scores = [row.score for row in rows]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0
    assert (rows[-1].improvement.title, scores[-1]) == ("Nothing yet", 0)
    assert all(row.score == sum(part.points for part in row.urgency.parts) for row in rows)
    assert year.improvements.ranking(limit=2) == rows[:2]


def test_a_rate_takes_other_currencies_in(year: ClientLoop) -> None:
    """With a rate for each currency nothing is left out, and the total is exact."""
    judge, rates = Judge(year), {"USD": Fraction(92, 100), "JPY": Fraction(6, 1000)}
    for row in year.improvements.ranking(rates=rates):
        spent = judge.spent(judge.persons([item for item in judge.items if item.improvement == row.improvement.id]))
        exact = spent.get("EUR", 0) + spent.get("USD", 0) * rates["USD"] + spent.get("JPY", 0) * rates["JPY"] * 100
        assert (row.touched.revenue.total.minor, row.touched.revenue.left_out) == (round(exact), ())


def test_the_store_adds_up_and_no_item_is_loaded(year: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ranking loads improvements alone, and asks a number of questions that the items do not change."""
    loaded, sums = [], []
    page, aggregate = year.store.page, year.store.aggregate
    monkeypatch.setattr(
        year.store, "page", lambda cls, *args, **more: loaded.append(cls.__name__) or page(cls, *args, **more)
    )
    monkeypatch.setattr(
        year.store, "aggregate", lambda space, plan: sums.append(plan.cls.__name__) or aggregate(space, plan)
    )
    year.improvements.ranking()
    assert set(loaded) == {"Improvement"}
    assert sums == ["Merge", "Feedback", "Feedback", "Interaction"]


def only(loop: ClientLoop) -> Ranked:
    """The one improvement."""
    (row,) = loop.improvements.ranking()
    return row


def test_a_merged_customer_is_one_person(firm: Firm) -> None:
    """Two customers are two until they are merged, through whomever; undone, they are two again."""
    loop, people = firm.loop, [firm.loop.customers.add(name=name, email=f"{name}@example.com") for name in "abc"]
    for person in people:
        item = loop.feedback.receive(kind="idea", channel="email", text="Boxes", customer=person)
        loop.improvements.link(firm.improvement, [item], by="mia")
        loop.interactions.record(
            kind=InteractionKind.PURCHASE, channel="shop", customer=person, money=Money(100, "EUR")
        )
    assert sum(only(loop).touched.customers.values()) == 3
    first = loop.customers.merge(people[1], people[0], by=HEAD, reason="the same")
    loop.customers.merge(people[2], people[1], by=HEAD, reason="the same")
    assert sum(only(loop).touched.customers.values()) == 1
    assert only(loop).touched.revenue.total == Money(300, "EUR")
    loop.customers.unmerge(first, by=HEAD)
    assert sum(only(loop).touched.customers.values()) == 2


def test_only_what_was_spent_lately_counts(firm: Firm) -> None:
    """A purchase of 365 days ago counts, one of a moment earlier does not; a return is taken off."""
    loop = firm.loop
    loop.improvements.link(firm.improvement, [firm.receive("complaint")], by="mia")
    now = firm.clock.now()
    moment = timedelta(microseconds=1)
    for at, minor in ((now - timedelta(days=365), 500), (now - timedelta(days=365) - moment, 70), (now, -20)):
        kind = InteractionKind.PURCHASE if minor > 0 else InteractionKind.RETURN
        loop.interactions.record(
            kind=kind, channel="shop", customer=firm.customer, occurred_at=at, money=Money(minor, "EUR")
        )
    assert only(loop).touched.revenue.total == Money(480, "EUR")


def test_weights_are_a_setting(firm: Firm) -> None:
    """A firm that cares for nothing but customers has scores of nothing but customers."""
    loop = firm.loop
    loop.improvements.link(firm.improvement, [firm.receive("complaint")], by="mia")
    loop.settings.set("urgency", Urgency(customers=100, half_customers=1, classes=0, revenue=0, age=0, ratings=0))
    assert only(loop).score == 50
