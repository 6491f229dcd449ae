"""One timeline: what happened with a person or a company, learnt of them, merged and split."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from clientloop import ClientLoop
from clientloop.errors import InvalidValue, NotFound
from clientloop.model.accounts import Insight, Topic
from clientloop.model.customers import Customer, Merge, Split
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.page import Page
from clientloop.model.units import Insert, Unit
from clientloop.services.people.timeline import Event
from tests.conftest import Size
from tests.services.persons import NINE, STORES, live, open_firm, two_customers


@pytest.fixture(params=STORES)
def loop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ClientLoop]:
    """A firm without customers, in memory and in a file."""
    with open_firm(request.param.format(tmp_path)) as opened:
        yield opened


def called(loop: ClientLoop, customer: Customer, hours: int, text: str = "") -> Interaction:
    """A call so many hours ago."""
    return loop.interactions.record(
        kind=InteractionKind.CALL,
        channel="phone",
        customer=customer,
        occurred_at=NINE - timedelta(hours=hours),
        text=text,
    )


def walk(loop: ClientLoop, customer: Customer | UUID, limit: int) -> list[Event]:
    """All events of a person, read page by page."""
    page = loop.customers.timeline(customer, limit=limit)
    events = list(page)
    while page.next:
        page = loop.customers.timeline(customer, limit=limit, after=page.next)
        events += page
    return events


def test_everything_stands_in_one_line_with_its_words(loop: ClientLoop) -> None:
    """Calls of both customers, what was learnt, the merge and the split, the latest first, each once."""
    kept, absorbed = two_customers(loop)
    calls = [called(loop, each, hours, f"{hours} hours ago") for each, hours in ((kept, 3), (absorbed, 2), (kept, 1))]
    ago = NINE - timedelta(hours=2, minutes=30)
    insight = loop.customers.learn(absorbed, Topic.PERSON, "plays chess", source="talk", at=ago, by="mia")
    merge = loop.customers.merge(kept, absorbed, by="mia", reason="same")
    loop.clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]  # a manual clock
    new = loop.customers.split(kept, interactions=[calls[0]], by="mia", reason="two")
    events = walk(loop, absorbed, 50)
    assert [each.record for each in events[1:]] == [merge, calls[2], calls[1], insight]
    assert isinstance(events[0].record, Split)
    assert [each.words and each.words.body for each in events] == [None, None, "1 hours ago", "2 hours ago", None]
    assert [each.at for each in events] == sorted((each.at for each in events if each.at), reverse=True)
    assert [type(each.record) for each in walk(loop, new, 50)] == [Split, Interaction]


@pytest.mark.parametrize("limit", [1, 2, 7, 50, 1_000])
def test_pages_follow_one_another_whatever_their_size(loop: ClientLoop, limit: int) -> None:
    """Page by page, three customers who are one have every event exactly once, at equal times too."""
    first, second = two_customers(loop)
    third = loop.customers.add(name="Ana")
    for customer in (first, second, third):
        live(loop, customer, interactions=30, items=2)
    loop.customers.merge(second, third, by="mia", reason="same")
    loop.customers.merge(first, second, by="mia", reason="same")
    events = walk(loop, third, limit)
    ids = [each.record.id for each in events]
    expected = [
        each.id
        for cls in (Interaction, Insight, Merge)
        for each in loop.store.pages(cls, "main")
        if getattr(each, "customer", None) or not isinstance(each, Interaction)
    ]
    assert sorted(ids) == sorted(expected)
    times = [(each.at, each.record.id) for each in events]
    assert times == sorted(times, reverse=True)


def test_what_has_no_time_comes_first(loop: ClientLoop) -> None:
    """A visit of which nobody knows when is not lost at the far end."""
    customer, _ = two_customers(loop)
    call = called(loop, customer, 1)
    unknown = Interaction(
        space="main", id=UUID(int=1 << 80), kind=InteractionKind.VISIT, channel="shop", customer=customer.id,
        recorded_at=NINE,
    )  # fmt: skip
    loop.store.commit(Unit((Insert(unknown),)))
    assert [(each.at, each.record) for each in walk(loop, customer, 1)] == [(None, unknown), (call.occurred_at, call)]


def test_a_page_costs_a_page(loop: ClientLoop, size: Size, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the histories of ten customers who are one, the first page and a later one read a few rows."""
    many = size.pick(small=100, ci=1_000, night=10_000)
    customers = [loop.customers.add(name=f"{number}") for number in range(10)]
    for customer in customers:
        live(loop, customer, interactions=many, items=0)
        if customer is not customers[0]:
            loop.customers.merge(customers[0], customer, by="mia", reason="same")
    read: list[int] = []
    page = loop.store.page

    def counted(*args: object, **named: object) -> Page[object]:
        found: Page[object] = page(*args, **named)  # type: ignore[arg-type]  # handed on as it came
        read.append(len(found))
        return found

    monkeypatch.setattr(loop.store, "page", counted)
    first = loop.customers.timeline(customers[0], limit=50)
    loop.customers.timeline(customers[0], limit=50, after=first.next)
    assert sum(read) < 2 * (50 * 4 + 10 * 15)


def test_a_company_has_the_timeline_of_its_persons(loop: ClientLoop) -> None:
    """What happened with each person there, under any id, and what was learnt of the company itself."""
    mill = loop.accounts.add("Mill")
    kept, absorbed = two_customers(loop)
    other, stranger = loop.customers.add(name="Cene"), loop.customers.add(name="Dan")
    loop.accounts.link(mill, absorbed)
    loop.accounts.link(mill, other)
    merge = loop.customers.merge(kept, absorbed, by="mia", reason="same")
    calls = [called(loop, each, hours) for hours, each in enumerate((kept, absorbed, other, stranger), 1)]
    aim = loop.accounts.learn(mill, Topic.AIM, "a second mill", source="site", at=NINE - timedelta(hours=9), by="mia")
    page = loop.accounts.timeline(mill, limit=3)
    rest = loop.accounts.timeline(mill, after=page.next)
    assert [each.record for each in (*page, *rest)] == [merge, *calls[:3], aim]


def test_a_strange_page_is_refused(loop: ClientLoop) -> None:
    """A token of another list, a limit of nothing, and a customer that is not there."""
    customer, _ = two_customers(loop)
    other = loop.customers.list(limit=1).next
    for after in (other, "no token"):
        with pytest.raises(InvalidValue, match="no page token"):
            loop.customers.timeline(customer, after=after)
    with pytest.raises(InvalidValue, match="at least 1"):
        loop.customers.timeline(customer, limit=0)
    with pytest.raises(NotFound):
        loop.customers.timeline(UUID(int=99))
