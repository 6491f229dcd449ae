"""Planned contacts: planned, moved, made or called off, and the letters that remind of them."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from attrs import evolve

from clientloop import ClientLoop, ManualClock
from clientloop.errors import Conflict, InvalidValue, NotFound, Refused, UnknownName
from clientloop.model.customers import Customer
from clientloop.model.interactions import Interaction, InteractionKind, Precision
from clientloop.model.planning import Appointment, AppointmentState, Way
from clientloop.model.where import eq
from clientloop.testing.fakes import FakeChannels
from tests.services.persons import NINE, STORES, open_firm, two_customers

HOUR = timedelta(hours=1)


@pytest.fixture(params=STORES)
def loop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ClientLoop]:
    """A firm without customers, in memory and in a file."""
    with open_firm(request.param.format(tmp_path)) as opened:
        yield opened


@pytest.fixture
def eva(loop: ClientLoop) -> Customer:
    """A customer."""
    return loop.customers.add(name="Eva", email="eva@example.com")


def happened(loop: ClientLoop, customer: Customer) -> list[tuple[InteractionKind, str, str]]:
    """What happened with a customer: kind, channel and words."""
    return [
        (event.record.kind, event.record.channel, event.words.body if event.words else "")
        for event in loop.customers.timeline(customer)
        if isinstance(event.record, Interaction)
    ]


def test_a_contact_is_planned_with_all_that_is_known(loop: ClientLoop, eva: Customer) -> None:
    """It is kept as it was given, under an id for calendars of its own."""
    talk = loop.appointments.plan(
        " Offer ", customer=eva, starts_at=NINE + HOUR, ends_at=NINE + 2 * HOUR, owner="mia", way=Way.MEETING,
        note="Bring the drawings", place="Room 2",
    )  # fmt: skip
    assert talk == loop.appointments.get(str(talk.id))
    assert (talk.title, talk.uid, talk.precision, talk.state) == (
        "Offer", str(talk.id), Precision.EXACT, AppointmentState.PLANNED,
    )  # fmt: skip


def test_a_day_is_midnight_in_the_firms_zone(tmp_path: Path) -> None:
    """Where the day alone is known, the time says so."""
    with ClientLoop.open("memory:", zone="Europe/Ljubljana", entry_points=False) as loop:
        day = loop.appointments.plan("Call", starts_at=date(2026, 7, 1))
    assert (day.starts_at.isoformat(), day.precision) == ("2026-06-30T22:00:00+00:00", Precision.DAY)


def test_a_moved_contact_lasts_as_long_as_before(loop: ClientLoop, eva: Customer) -> None:
    """What calendars count changes by rises with each, and one that somebody else has changed is refused."""
    talk = loop.appointments.plan("Offer", starts_at=NINE, ends_at=NINE + HOUR)
    moved = loop.appointments.move(talk, starts_at=NINE + 3 * HOUR)
    assert moved == loop.appointments.get(talk)
    assert (moved.starts_at, moved.ends_at, moved.sequence) == (NINE + 3 * HOUR, NINE + 4 * HOUR, 1)
    with pytest.raises(Conflict):
        loop.appointments.move(talk, starts_at=NINE)
    named = loop.appointments.change(moved, customer=eva, title="Offer of a mill", owner="mia")
    assert named == loop.appointments.get(talk)
    assert (named.customer, named.title, named.sequence) == (eva.id, "Offer of a mill", 2)


@pytest.mark.parametrize(
    ("way", "kind", "channel"),
    [
        (Way.CALL, InteractionKind.CALL, "phone"),
        (Way.MEETING, InteractionKind.MEETING, "meeting"),
        (Way.VISIT, InteractionKind.VISIT, "visit"),
    ],
)
def test_a_contact_that_was_made_is_an_interaction(
    loop: ClientLoop, eva: Customer, way: Way, kind: InteractionKind, channel: str
) -> None:
    """It stands in the timeline of the customer with what was said, once."""
    talk = loop.appointments.plan("Offer", customer=eva, starts_at=NINE, way=way)
    made = loop.appointments.done(talk, text="She wants two")
    assert made == loop.appointments.get(talk)
    assert (made.is_open, made.state, made.done_at) == (False, AppointmentState.MADE, NINE)
    assert happened(loop, eva) == [(kind, channel, "She wants two")]
    with pytest.raises(Refused, match="is made"):
        loop.appointments.done(made)
    assert len(loop.customers.timeline(eva)) == 1


def test_a_contact_is_dated_when_it_was_made(loop: ClientLoop, eva: Customer) -> None:
    """By what somebody says, else by the plan, and never later than the present."""

    def made(starts_at: datetime | date, at: datetime | date | None = None) -> tuple[datetime | None, str, Precision]:
        talk = loop.appointments.plan("Offer", customer=eva, starts_at=starts_at, way=Way.CALL)
        ended = loop.appointments.done(talk, at=at)
        found = loop.store.page(
            Interaction, loop.space.space, where=eq("channel", "phone") & eq("origin", f"appointment:{talk.id}")
        ).items[0]
        assert found.occurred_at == ended.done_at
        return found.occurred_at, found.recorded_at.isoformat(), found.precision

    told, day = NINE.isoformat(), NINE.replace(hour=0)
    assert made(NINE - 3 * HOUR) == (NINE - 3 * HOUR, told, Precision.EXACT)
    assert made(NINE + 3 * HOUR) == (NINE, told, Precision.EXACT)
    assert made(NINE + HOUR, NINE - HOUR) == (NINE - HOUR, told, Precision.EXACT)
    assert made(NINE.date()) == (day, told, Precision.DAY)
    assert made(NINE + HOUR, NINE.date()) == (day, told, Precision.DAY)
    for at, why in ((NINE + HOUR, "was made at"), (NINE.replace(tzinfo=None), "names no zone")):
        with pytest.raises(InvalidValue, match=why):
            made(NINE, at)


def test_what_was_no_talk_is_no_interaction(loop: ClientLoop, eva: Customer) -> None:
    """A message is one by itself, and a contact that was called off has not happened."""
    loop.appointments.done(loop.appointments.plan("Write", customer=eva, starts_at=NINE, way=Way.MESSAGE))
    loop.appointments.done(loop.appointments.plan("Call", starts_at=NINE, way=Way.CALL))
    off = loop.appointments.call_off(loop.appointments.plan("Call", customer=eva, starts_at=NINE, way=Way.CALL))
    assert (off.is_open, off.state, off.sequence) == (False, AppointmentState.CALLED_OFF, 1)
    assert len(loop.customers.timeline(eva)) == 0
    with pytest.raises(Refused, match="called off"):
        loop.appointments.move(off, starts_at=NINE)


def test_the_agenda_is_by_time(loop: ClientLoop) -> None:
    """Open contacts of an owner, the earliest first, page by page; until a time if one is given."""
    for hours in (3, 1, 2):
        loop.appointments.plan(str(hours), starts_at=NINE + hours * HOUR, owner="mia")
    loop.appointments.call_off(loop.appointments.plan("off", starts_at=NINE, owner="mia"))
    loop.appointments.plan("of nobody", starts_at=NINE)
    page = loop.appointments.agenda(owner="mia", limit=2)
    rest = loop.appointments.agenda(owner="mia", after=page.next)
    assert [[each.title for each in some] for some in (page, rest)] == [["1", "2"], ["3"]]
    assert [each.title for each in loop.appointments.agenda(until=NINE + 2 * HOUR)] == ["of nobody", "1"]


def test_contacts_are_found_under_every_id(loop: ClientLoop) -> None:
    """Merged customers have theirs together, by time."""
    kept, absorbed = two_customers(loop)
    late = loop.appointments.plan("late", customer=kept, starts_at=NINE + HOUR)
    soon = loop.appointments.plan("soon", customer=absorbed, starts_at=NINE)
    loop.customers.merge(kept, absorbed, by="mia", reason="same")
    assert loop.appointments.of(kept) == (soon, late)


def test_contacts_that_cannot_be_are_refused(loop: ClientLoop) -> None:
    """A contact has a title, a time with a zone, and ends after it begins, with whom and by whom there is."""
    plan = loop.appointments.plan
    with pytest.raises(InvalidValue, match="without a title"):
        plan(" ", starts_at=NINE)
    with pytest.raises(InvalidValue, match="names no zone"):
        plan("Call", starts_at=datetime(2026, 3, 2))  # noqa: DTZ001  # what is tried
    with pytest.raises(InvalidValue, match="before it begins"):
        plan("Call", starts_at=NINE, ends_at=NINE - HOUR)
    with pytest.raises(NotFound, match="no customer"):
        plan("Call", starts_at=NINE, customer=UUID(int=7))
    with pytest.raises(NotFound, match="no deal"):
        plan("Call", starts_at=NINE, deal=UUID(int=7))
    with pytest.raises(NotFound, match="no appointment"):
        loop.appointments.get(UUID(int=7))
    talk = plan("Call", starts_at=NINE)
    with pytest.raises(UnknownName, match="did you mean 'place'"):
        loop.appointments.change(talk, plaec="Room 2")  # type: ignore[call-arg]  # what is tried
    loop.staff.add("mia")
    with pytest.raises(UnknownName, match="did you mean 'mia'"):
        loop.appointments.change(talk, owner="mias")


@pytest.fixture
def post() -> FakeChannels:
    """A channel that keeps what it sends."""
    return FakeChannels("email")


@pytest.fixture
def office(post: FakeChannels) -> Iterator[ClientLoop]:
    """A firm in Ljubljana that writes e-mail."""
    with ClientLoop.open(
        "memory:", zone="Europe/Ljubljana", clock=ManualClock(NINE), plugins=[post], entry_points=False
    ) as loop:
        yield loop


def test_a_letter_is_filled_in_mended_and_sent(office: ClientLoop, post: FakeChannels) -> None:
    """Recipient, subject and words are there; what is changed goes out, and is an interaction of the customer."""
    eva = office.customers.add(name="Eva", email="eva@example.com")
    talk = office.appointments.plan("A mill", customer=eva, starts_at=NINE, place="Room 2")
    letter = office.appointments.letter(talk)
    assert (letter.to, letter.subject) == ("eva@example.com", "Reminder: A mill")
    assert "2026-03-02 10:00 (Europe/Ljubljana)" in letter.body
    assert "Room 2" in letter.body
    office.appointments.send(evolve(letter, subject="See you", body="Until Monday"))
    office.run_due()
    assert [(sent.to, sent.subject, sent.body) for sent in post.sent] == [
        ("eva@example.com", "See you", "Until Monday")
    ]
    assert happened(office, eva) == [(InteractionKind.MESSAGE_OUT, "email", "Until Monday")]


def test_a_letter_is_in_the_words_and_by_the_clocks_of_the_customer(office: ClientLoop) -> None:
    """Language and zone are the customer's; of a day no time is told."""
    jan = office.customers.add(name="Jan", email="jan@example.com", locale="sl", zone="America/New_York")
    talk = office.appointments.plan("Mlin", customer=jan, starts_at=NINE)
    assert "04:00 (America/New_York)" in office.appointments.letter(talk).body
    assert office.appointments.letter(talk).subject == "Opomnik: Mlin"
    day = office.appointments.plan("Mlin", customer=jan, starts_at=date(2026, 3, 9))
    assert "Kdaj: 2026-03-09\n" in office.appointments.letter(day).body


def test_a_letter_to_nobody_is_none(office: ClientLoop) -> None:
    """A letter has a customer with an address, words, and a channel that carries it."""
    jan = office.customers.add(name="Jan", phone="+38640123456")
    talk: Appointment = office.appointments.plan("A mill", starts_at=NINE)
    with pytest.raises(InvalidValue, match="nobody who is known"):
        office.appointments.letter(talk)
    talk = office.appointments.change(talk, customer=jan)
    with pytest.raises(NotFound, match="no address"):
        office.appointments.letter(talk)
    office.customers.add_identities(jan, email="jan@example.com")
    letter = office.appointments.letter(talk)
    with pytest.raises(InvalidValue, match="says nothing"):
        office.appointments.send(evolve(letter, body=" "))
    with pytest.raises(UnknownName, match="did you mean 'email'"):
        office.appointments.send(evolve(letter, channel="emial"))
