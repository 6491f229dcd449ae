"""Feedback, answers and events row by row."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from clientloop import ClientLoop, InteractionKind, ManualClock, Money
from clientloop.errors import InvalidValue
from clientloop.model.asking import Answer, Instrument, Occasion
from clientloop.model.planning import Appointment, Way
from clientloop.model.units import Insert, Unit
from clientloop.model.where import eq
from clientloop.reports.events import EventFilter, EventSort
from clientloop.stores.memory.store import MemoryStore

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def clock() -> ManualClock:
    """The clock of the shop."""
    return ManualClock(NOW)


@pytest.fixture
def loop(clock: ManualClock) -> Iterator[ClientLoop]:
    """A shop in memory."""
    with ClientLoop.open("memory:", region="SI", clock=clock, entry_points=False) as loop:
        yield loop


def test_feedback_is_told_with_its_words_and_who_said_it(loop: ClientLoop) -> None:
    """The person is the one that is shown, whoever it was taken for when it came."""
    ana, anna = loop.customers.add(name="Ana"), loop.customers.add(name="Anna")
    item = loop.feedback.receive(
        kind="complaint",
        channel="form",
        text="It broke.\nTwice.",
        subject="Broken",
        customer=anna,
        rating=2,
        scale="1-5",
    )
    loop.feedback.receive(kind="idea", channel="phone", text="Open on Sunday")
    loop.customers.merge(ana, anna, by="mia", reason="the same voice")
    broken, sunday = loop.reports.feedback()
    assert (broken.id, broken.customer, broken.name) == (item.id, ana.id, "Ana")
    assert (broken.subject, broken.text, broken.rating, broken.scale) == ("Broken", "It broke.\nTwice.", 2, "1-5")
    assert (sunday.customer, sunday.name, sunday.text) == (None, None, "Open on Sunday")
    assert [row.kind for row in loop.reports.feedback(where=eq("kind", "idea"))] == ["idea"]


def test_feedback_of_a_period_was_received_in_it(loop: ClientLoop, clock: ManualClock) -> None:
    """From its beginning on, and before its end."""
    for _ in range(3):
        loop.feedback.receive(kind="idea", channel="form", text="Hello")
        clock.advance(DAY)
    rows = list(loop.reports.feedback(since=NOW + DAY, until=NOW + 2 * DAY))
    assert [row.received_at for row in rows] == [NOW + DAY]


def test_rows_are_read_from_the_store_a_page_at_a_time(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much feedback there is, what is held of it is one page."""
    for number in range(1_200):
        loop.feedback.receive(kind="idea", channel="form", text=f"Idea {number}")
    pages = []
    page = MemoryStore.page

    def counted(self, cls, *args, **options):  # type: ignore[no-untyped-def]  # as the method
        found = page(self, cls, *args, **options)
        pages.append(len(found))
        return found

    monkeypatch.setattr(MemoryStore, "page", counted)
    assert next(iter(loop.reports.feedback())).text == "Idea 0"
    assert sum(pages) <= 700


def answer(loop: ClientLoop, number: int, **fields: object) -> Answer:
    """An answer that is stored."""
    told = {
        "question": "recommend", "number": 1, "instrument": Instrument.NPS, "occasion": Occasion.RELATIONAL,
        "channel": "email", "scale": "0-10", "rating": 9, "answered_at": NOW, "recorded_at": NOW,
    } | fields  # fmt: skip
    stored = Answer(space=loop.space.space, id=UUID(int=number), **told)  # type: ignore[arg-type]  # a test's own
    loop.store.commit(Unit((Insert(stored),)))
    return stored


def test_answers_are_told_with_words_ratings_and_dimensions(loop: ClientLoop) -> None:
    """Those of one question, and of a period, if that is asked."""
    ana = loop.customers.add(name="Ana")
    answer(loop, 1, customer=ana.id, text="=1+1", country="SI", answered_at=NOW - DAY)
    answer(loop, 2, rating=None, text="No")
    answer(loop, 3, question="effort", instrument=Instrument.CES, scale="1-7", rating=6)
    first, second = loop.reports.answers(question="recommend")
    assert (first.name, first.rating, first.text, first.country) == ("Ana", 9, "=1+1", "SI")
    assert (second.customer, second.rating, second.text) == (None, None, "No")
    assert [row.id.int for row in loop.reports.answers(since=NOW)] == [2, 3]
    assert [row.id.int for row in loop.reports.answers(where=eq("country", "SI"))] == [1]


@pytest.fixture
def events(loop: ClientLoop, clock: ManualClock) -> ClientLoop:
    """A shop with a purchase, a complaint that is worked on, and a planned call."""
    ana = loop.customers.add(name="Ana")
    loop.interactions.record(
        kind=InteractionKind.PURCHASE, channel="shop", customer=ana, occurred_at=NOW - DAY, money=Money(990, "EUR")
    )
    loop.interactions.record(
        kind=InteractionKind.CALL, channel="phone", customer=ana, text="Asked for a tent\nor two",
        occurred_at=NOW + DAY, extra={"operator": "kim"},
    )  # fmt: skip
    item = loop.feedback.receive(kind="complaint", channel="form", text="It broke", customer=ana)
    clock.advance(timedelta(hours=1))
    loop.feedback.move(item, "assign", to="mia", by="mia")
    planned = Appointment(
        space=loop.space.space, id=UUID(int=9), uid="9", customer=ana.id, owner="mia", way=Way.CALL, title="Call Ana",
        starts_at=NOW + 2 * DAY, created_at=NOW,
    )  # fmt: skip
    loop.store.commit(Unit((Insert(planned),)))
    return loop


def test_events_are_told_by_time_whatever_they_are(events: ClientLoop) -> None:
    """What happened, what was done about it, and what is planned."""
    ref = next(iter(events.reports.feedback())).ref
    rows = events.reports.events().select("sort", "what", "channel", "name", "employee", "ref", "money", "about")
    assert list(rows.cells()) == [
        ("interaction", "purchase", "shop", "Ana", None, None, 990, "EUR", ""),
        ("interaction", "feedback", "form", "Ana", None, ref, None, None, "It broke"),
        ("move", "receive", "form", "Ana", "intake", ref, None, None, "new"),
        ("move", "assign", "form", "Ana", "mia", ref, None, None, "new -> assigned"),
        ("interaction", "call", "phone", "Ana", "kim", None, None, None, "Asked for a tent"),
        ("planned", "call", None, "Ana", "mia", None, None, None, "Call Ana"),
    ]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (EventFilter(sorts=(EventSort.PLANNED,)), ["call"]),
        (EventFilter(what="call"), ["call", "call"]),
        (EventFilter(channel="shop"), ["purchase"]),
        (EventFilter(employee="mia"), ["assign", "call"]),
        (EventFilter(customer=UUID(int=1)), []),
    ],
)
def test_events_can_be_chosen(events: ClientLoop, wanted: EventFilter, found: list[str]) -> None:
    """By sort, by what they are, by channel, by who did it, by customer."""
    assert [row.what for row in events.reports.events(wanted=wanted)] == found


def test_events_of_a_person_are_those_of_all_its_records(events: ClientLoop) -> None:
    """Who asks by the id that was merged away sees them, too."""
    ana, anna = next(iter(events.reports.contacts())).customer, events.customers.add(name="Anna")
    events.interactions.record(kind=InteractionKind.VISIT, channel="web", customer=anna)
    events.customers.merge(ana, anna, by="mia", reason="the same voice")
    for one in (ana, anna.id):
        assert len(events.reports.events(wanted=EventFilter(customer=one))) == 7


def test_events_of_a_period_lie_in_it(events: ClientLoop) -> None:
    """From its beginning on, and before its end; a time without a zone is none."""
    rows = events.reports.events(since=NOW, until=NOW + 2 * DAY)
    assert [row.what for row in rows] == ["feedback", "receive", "assign", "call"]
    with pytest.raises(InvalidValue, match="names no zone"):
        events.reports.events(since=datetime(2026, 3, 2))  # noqa: DTZ001  # that is the point
