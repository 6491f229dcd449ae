import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientloop.channels.desk.channel import Desk
from clientloop.channels.desk.entries import BookEntry, Call, Entry, Poll
from clientloop.errors import BadPayload, InvalidValue
from clientloop.model.customers import IdentityKind, Trust
from clientloop.ports.channel import Direction
from clientloop.ports.events import Address, MessageIn, Raw
from clientloop.services.setup.channels import OPERATORS
from tests.growth import LIMIT, growth

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CALL = Call(
    call="2026-03-02/117",
    operator="kim",
    centre="Callers Ltd",
    text="The parcel is late",
    at=NOW.astimezone(timezone(timedelta(hours=2))),
    name="Ana Kos",
    phone="+38640123456",
    email="ana@example.com",
    kind="complaint",
    rating=0,
    scale="0-10",
    product="lamp",
    locale="sl",
)
BOOK = BookEntry(book="Shop 3", page=12, entry=2, operator="lee", text="The queue is long")
POLL = Poll(
    project="P-7", respondent="Ana", operator="kim", answers={"Again?": "Yes", "Stars": 5}, text="Thanks", customer="C9"
)
ENTRIES: tuple[Entry, ...] = (CALL, BOOK, POLL)


def _said(entry: Entry) -> MessageIn:
    [event] = Desk().parse(Desk.raw(entry)).events
    assert isinstance(event, MessageIn)
    return event


def test_directions() -> None:
    """Entries come in; nothing goes out, and there is no address on the web to send them to."""
    assert Desk.directions == {Direction.RECEIVE}
    assert Desk.spec.routes == ()


def test_a_call() -> None:
    """A note of a call says who spoke, who wrote it down for whom, and what it is."""
    message = _said(CALL)
    assert message == MessageIn(
        key='["call","2026-03-02/117"]',
        sender=Address(kind=IdentityKind.EMAIL, value="ana@example.com", name="Ana Kos", trust=Trust.ASSERTED),
        text="The parcel is late",
        at=NOW,
        locale="sl",
        extra={
            "entry": ["call", "2026-03-02/117"],
            "kind": "complaint",
            "rating": 0,
            "scale": "0-10",
            "product": "lamp",
            "operator": "kim",
            "centre": "Callers Ltd",
            "contacts": {"phone": "+38640123456"},
        },
    )


def test_an_entry_of_the_book() -> None:
    """An entry of the complaints book is found again by book, page and entry; who wrote it may be nobody known."""
    message = _said(BOOK)
    assert message.key == '["book","Shop 3",12,2]'
    assert message.sender.trust is Trust.DEVICE
    assert message.sender.value != _said(evolve(BOOK, entry=3)).sender.value
    assert message.extra == {"entry": ["book", "Shop 3", 12, 2], "operator": "lee"}


def test_a_poll() -> None:
    """A poll has questions and answers in its words and as data, and what was said besides."""
    message = _said(POLL)
    assert message.text == "Again? Yes\nStars 5\nThanks"
    assert message.extra["answers"] == {"Again?": "Yes", "Stars": 5}
    assert message.sender == Address(kind=IdentityKind.EXTERNAL, value="C9", trust=Trust.ASSERTED)


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_address_is_asserted_at_most(entry: Entry) -> None:
    """An operator heard an address and did not prove it."""
    assert Desk().verify(Desk.raw(entry), NOW).trust is Trust.ASSERTED
    assert _said(entry).sender.trust in {Trust.ASSERTED, Trust.DEVICE}


@pytest.mark.parametrize("entry", ENTRIES)
def test_typed_twice_is_one_entry(entry: Entry) -> None:
    """The key is where it was first written, whoever types it and with whatever mistakes."""
    again = evolve(entry, operator="somebody else", text="The same in other words")
    assert _said(again).key == _said(entry).key


def test_places_are_not_mixed_up() -> None:
    """Different books, pages and entries have different keys, whatever is in their names."""
    entries = [
        BOOK,
        evolve(BOOK, page=1, entry=22),
        evolve(BOOK, book="Shop 3,12"),
        evolve(BOOK, book='Shop 3",12'),
        Call(call="Shop 3", operator="kim", text="x"),
    ]
    assert len({entry.key for entry in entries}) == len(entries)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"operator": " "}, "operator: nothing"),
        ({"operator": 7}, "operator: 7 is of the wrong type"),
        ({"call": ""}, "call: nothing"),
        ({"text": " \n"}, "text: nothing"),
        ({"at": datetime(2026, 3, 2)}, "no time in a zone"),  # noqa: DTZ001  # that is the point
        ({"scale": None}, "on no scale"),
        ({"rating": 11}, "outside the scale"),
        ({"rating": True}, "wrong type"),
        ({"phone": 40123456}, "phone: 40123456 is of the wrong type"),
    ],
)
def test_entries_that_are_refused(changes: dict[str, Any], message: str) -> None:
    """An entry without operator, place or words, or with a rating on no scale, is refused when it is made."""
    with pytest.raises(InvalidValue, match=message):
        evolve(CALL, **changes)


def test_answers_are_text_or_numbers() -> None:
    """A poll keeps what was answered, not what a program made of it."""
    with pytest.raises(InvalidValue, match="answers"):
        evolve(POLL, answers={"Again?": ["Yes"]})
    with pytest.raises(InvalidValue, match="answers"):
        evolve(POLL, answers=["Yes"])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"null",
        b"[]",
        b"{}",
        b'{"sort": "fax"}',
        b'{"sort": ["call"]}',
        b'{"sort": "call", "operator": "kim", "call": "1"}',
        b'{"sort": "call", "operator": "kim", "call": "1", "text": "x", "at": "yesterday"}',
        b'{"sort": "call", "operator": "kim", "call": "1", "text": "x", "at": "2026-03-02T09:00"}',
        b'{"sort": "call", "operator": "kim", "call": "1", "text": "x", "at": 7}',
        b'{"sort": "call", "operator": "kim", "call": "1", "text": "x", "colour": "red"}',
        b'{"sort": "call", "operator": "kim", "call": "1", "text": "x", "name": ["Ana"]}',
        b'{"sort": "call", "operator": "kim", "call": "1", "text": "x", "rating": 3, "scale": "five"}',
        b'{"sort": "book", "operator": "kim", "book": "b", "page": "1", "entry": 2, "text": "x"}',
        b"9" * 5_000,
        b"[" * 100_000,
        b'{"sort": "call", "text": "' + b"x" * 1_000_000,
    ],
)
def test_what_is_no_entry(body: bytes) -> None:
    """Whatever cannot be read as an entry is called a bad payload."""
    with pytest.raises(BadPayload):
        Desk().parse(Raw(body=body))


def test_the_longest_entry() -> None:
    """An entry of a million bytes is read, a longer one is not."""
    room = 1_000_000 - len(Desk.raw(evolve(CALL, text="x")).body)
    assert len(_said(evolve(CALL, text="x" * (room + 1))).text) == room + 1
    with pytest.raises(BadPayload, match="at most 1000000"):
        _said(evolve(CALL, text="x" * (room + 2)))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(ENTRIES), st.data())
def test_nothing_but_bad_payloads(entry: Entry, data: st.DataObject) -> None:
    """Any value in any field is read or called a bad payload, and what is read can be written as UTF-8."""
    fields: dict[str, Any] = json.loads(Desk.raw(entry).body)
    fields[data.draw(st.sampled_from(sorted(fields)))] = data.draw(_JSON)
    try:
        [event] = Desk().parse(Raw(body=json.dumps(fields).encode())).events
    except BadPayload:
        return
    assert isinstance(event, MessageIn)
    for text in (event.key, event.text, event.sender.value, json.dumps(dict(event.extra), ensure_ascii=False)):
        assert b"\0" not in text.encode()


def test_halves_of_characters() -> None:
    """What JSON can hold and no database takes is replaced, in keys of answers too."""
    body = json.dumps(
        {"sort": "poll", "project": "P\0", "respondent": "A", "operator": "k", "answers": {"\ud800": "\udfff"}}
    )
    [event] = Desk().parse(Raw(body=body.encode())).events
    assert isinstance(event, MessageIn)
    assert (event.key, event.text) == ('["poll","P","A"]', "? ?")


@pytest.mark.parametrize("piece", ["[", '{"a":', '"\\ud800', "\\", "9"])
def test_hostile_entries_take_linear_time(piece: str) -> None:
    """Four times as much of anything takes less than eight times as long."""

    def parsing(count: int) -> Callable[[], None]:
        raw = Raw(body=(piece * count)[:999_999].encode())

        def work() -> None:
            with pytest.raises(BadPayload):
                Desk().parse(raw)

        return work

    assert growth(parsing, 10_000) < LIMIT


def test_personal_data_are_not_shown() -> None:
    """Neither an entry nor its message shows who spoke or what was said."""
    for shown in (repr(CALL), repr(_said(CALL)), repr(Desk.raw(CALL))):
        assert "Ana" not in shown
        assert "parcel" not in shown
        assert "+386" not in shown


def test_every_sort_of_entry_has_a_channel_that_needs_no_settings() -> None:
    """An application that has set nothing up can hand in any entry, under the name that everybody calls it."""
    entries = (
        Call(call="1", operator="kim", text="Late"),
        BookEntry(book="Shop 3", page=1, entry=1, operator="kim", text="Late"),
        Poll(project="P-7", respondent="Ana", operator="kim", text="Late"),
    )
    assert {entry.channel: "desk" for entry in entries} == OPERATORS
