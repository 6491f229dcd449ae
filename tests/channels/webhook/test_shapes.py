"""The bodies that are understood."""

import base64
import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import evolve, fields
from hypothesis import given
from hypothesis import strategies as st

from clientloop.channels.webhook.shapes import CONSENT as CONSENT_SHAPE
from clientloop.channels.webhook.shapes import DEEPEST, TYPES, read_event
from clientloop.channels.webhook.shapes import MESSAGE as MESSAGE_SHAPE
from clientloop.channels.webhook.shapes import VISIT as VISIT_SHAPE
from clientloop.errors import BadPayload
from clientloop.model.customers import IdentityKind, Purpose, Trust
from clientloop.ports.events import Address, ConsentEvent, Event, Media, MessageIn, Raw, Visit
from tests.channels.webhook.samples import CONSENT, MESSAGE, SENDER, VISIT, WEBHOOK, signed
from tests.growth import LIMIT, growth


def _event(said: Mapping[str, Any], **data: Any) -> Event:
    [event] = WEBHOOK.parse(signed({**said, "data": {**said["data"], **data}})).events
    return event


def test_a_message_is_read() -> None:
    """With its sender and its time, under the id of the webhook."""
    assert _event(MESSAGE) == MessageIn(
        key="msg_1",
        sender=Address(kind=IdentityKind.PHONE, value="+38640123456"),
        text="It is broken",
        at=datetime(2026, 3, 2, 8, 59, 30, tzinfo=UTC),
    )


def test_everything_about_a_message_is_read() -> None:
    """Each declared name ends in the event's field of that name; null is as good as nothing."""
    sender = Address(kind=IdentityKind.EMAIL, value="pat@example.com", name="Pat", trust=Trust.CLAIMED)
    said = {
        "sender": {"kind": "email", "value": "pat@example.com", "name": "Pat", "trust": "claimed"},
        "subject": "Broken",
        "in_reply_to": "m0",
        "automatic": True,
        "locale": "sl",
        "media": [{"name": "a.png", "media_type": "image/png", "content": base64.b64encode(b"\x89PNG").decode()}],
        "source": {"campaign": "spring"},
        "extra": {"order": [1, 2.5, None]},
    }
    assert _event(MESSAGE, **said) == MessageIn(
        key="msg_1",
        sender=sender,
        text="It is broken",
        at=datetime(2026, 3, 2, 8, 59, 30, tzinfo=UTC),
        subject="Broken",
        in_reply_to="m0",
        automatic=True,
        locale="sl",
        media=(Media(name="a.png", media_type="image/png", content=b"\x89PNG"),),
        source={"campaign": "spring"},
        extra={"order": [1, 2.5, None]},
    )
    assert _event(MESSAGE, subject=None, media=None, extra=None) == _event(MESSAGE)


def test_a_visit_is_read() -> None:
    """Its time may be left out."""
    visitor = Address(kind=IdentityKind.COOKIE, value="c1", trust=Trust.DEVICE)
    assert _event(VISIT) == Visit(key="msg_1", visitor=visitor, page="/prices", source={"ad": 7})


def test_a_word_about_consent_is_read() -> None:
    """For one purpose or for all, with its proof."""
    event = _event(CONSENT)
    assert isinstance(event, ConsentEvent)
    assert (event.allowed, event.purpose, event.proof) == (False, Purpose.MARKETING, "the link in a mail")
    everything = _event(CONSENT, purpose=None, allowed=True)
    assert isinstance(everything, ConsentEvent)
    assert (everything.allowed, everything.purpose) == (True, None)


@pytest.mark.parametrize(
    ("event", "shape"), [(MessageIn, MESSAGE_SHAPE), (Visit, VISIT_SHAPE), (ConsentEvent, CONSENT_SHAPE)]
)
def test_a_shape_declares_all_that_its_event_holds(event: type, shape: Mapping[str, object]) -> None:
    """A field that an event gets one day cannot be forgotten here; key and time are those of the webhook."""
    assert {each.name for each in fields(event)} - {"key", "at"} == shape.keys()


def test_a_sender_may_put_more_around_the_data() -> None:
    """The standard allows metadata beside it."""
    [event] = WEBHOOK.parse(signed({**MESSAGE, "attempt": 3, "account": {"id": 1}})).events
    assert event == _event(MESSAGE)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({**MESSAGE, "type": "mesage.received"}, "no type 'mesage.received': did you mean 'message.received'?"),
        ({"typ": "message.received", "data": {}}, "the body has no 'type': did you mean 'typ'?"),
        ({"type": "message.received"}, "the body has no 'data'"),
        ({**MESSAGE, "type": 5}, "type is no text"),
        ({**MESSAGE, "data": []}, "data is no object"),
        ({**MESSAGE, "timestamp": "2026-03-02T09:00:00"}, "timestamp is no time with a zone: write it like"),
        ({**MESSAGE, "timestamp": "2026-03-02"}, "timestamp is no time with a zone"),
        ({**MESSAGE, "timestamp": 1772442000}, "timestamp is no text"),
        ({**MESSAGE, "timestamp": "0001-01-01T00:00:00+14:00"}, "timestamp is no time"),
        ([MESSAGE], "the body is no object"),
        ("text", "the body is no object"),
        (None, "the body is no object"),
    ],
)
def test_a_slip_in_the_body_is_named(said: object, words: str) -> None:
    """With the nearest that is known."""
    with pytest.raises(BadPayload) as caught:
        WEBHOOK.parse(signed(said))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"text": None}, "data.text is no text"),
        ({"text": "a\0b"}, "data.text is no text"),
        ({"sender": {"kind": "fone", "value": "1"}}, "data.sender.kind: no 'fone': did you mean 'phone'?"),
        ({"sender": {"kind": "phone"}}, "data.sender has no 'value': it has kind"),
        ({"sender": {"kind": "phone", "value": " "}}, "data.sender.value is empty"),
        ({"sender": {}}, "data.sender has no 'kind', 'value': it has nothing"),
        ({"sender": {**SENDER, "trust": "high"}}, "data.sender.trust: no 'high'"),
        ({"automatic": "yes"}, "data.automatic is neither true nor false"),
        ({"automatic": 1}, "data.automatic is neither true nor false"),
        ({"source": []}, "data.source is no object"),
        ({"media": {}}, "data.media is no list"),
        ({"media": [{"name": "a", "media_type": "b", "content": "not base64!"}]}, "data.media[0].content is no base64"),
        ({"media": [{"name": "a", "media_type": "b", "content": "é"}]}, "data.media[0].content is no base64"),
    ],
)  # fmt: skip
def test_a_slip_in_the_data_is_named(data: dict[str, Any], words: str) -> None:
    """By its path, with the nearest that is declared."""
    with pytest.raises(BadPayload) as caught:
        _event(MESSAGE, **data)
    assert words in str(caught.value)


def test_a_name_that_nobody_declared_is_refused() -> None:
    """By its path and with the nearest that is: a slip is not lost without a word, however deep it stands."""
    with pytest.raises(BadPayload, match=r"^data has a name 'subjct' that is not declared: did you mean 'subject'\?$"):
        _event(MESSAGE, subjct="x")
    with pytest.raises(
        BadPayload, match=r"^data.sender has a name 'nane' that is not declared: did you mean 'name'\?$"
    ):
        _event(MESSAGE, sender={**SENDER, "nane": ""})


def _nested(depth: int) -> bytes:
    inner = "[" * depth + "]" * depth
    return b'{"type": "message.received", "data": {"extra": {"x": %s}, "sender": {"kind": "phone", "value": "1"}, "text": ""}}' % inner.encode()  # fmt: skip  # noqa: E501


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"{",
        b'{"type": "\\ud800"}',
        b'{"type": "message.received", "data": {"extra": {"x": NaN}}}',
        b'{"type": "message.received", "data": {"extra": {"x": 1e999}}}',
        b'{"type": "message.received", "x": ' + b"9" * 100_000 + b"}",
        b"[" * 1_000_000,
        b'{"a":' * 200_000,
        _nested(DEEPEST),
        b'{"x": 1' + b', "a": 1' * 100_000 + b"}",
        json.dumps({f"name{number}": 1 for number in range(60_000)}).encode(),
        json.dumps({"type": "message.received", "data": {f"name{number}": 1 for number in range(60_000)}}).encode(),
        json.dumps({"type": "x" * 1_000_000, "data": {}}).encode(),
        b"a" * 100_000_000,
    ],
)
def test_hostile_bodies_are_bad_payloads(body: bytes) -> None:
    """What is deep, endless, infinite or no text, in bounded time; a guard against hanging."""
    raw = Raw(body=body, headers={"webhook-id": "msg_1"})
    begun = time.process_time()
    with pytest.raises(BadPayload) as caught:
        WEBHOOK.parse(raw)
    assert time.process_time() - begun < 2
    assert len(str(caught.value)) < 1_000


def test_what_is_not_too_deep_is_read() -> None:
    """Up to the limit."""
    assert isinstance(read_event(_nested(DEEPEST - 5), "k"), MessageIn)


def test_time_grows_with_the_length() -> None:
    """Four times the names take less than eight times the time."""

    def reading(count: int) -> Callable[[], object]:
        said = {**MESSAGE, "data": {**MESSAGE["data"], "extra": {f"n{number}": number for number in range(count)}}}
        body = json.dumps(said).encode()
        return lambda: read_event(body, "k")

    assert growth(reading, 2_000) < LIMIT


@pytest.mark.parametrize("key", ["", " ", "k" * 201, "k\n", "ključ"])
def test_the_id_is_a_key(key: str) -> None:
    """Without one that can be stored, a redelivery would not be known."""
    with pytest.raises(BadPayload, match="webhook-id is missing or no id"):
        WEBHOOK.parse(evolve(signed(MESSAGE), headers={"webhook-id": key}))


NAMES = ["type", "timestamp", "data", *MESSAGE_SHAPE, *VISIT_SHAPE, *CONSENT_SHAPE, "kind", "value", "name", "trust"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.sampled_from([*TYPES, "phone"]),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), each),
    max_leaves=20,
)


@given(JSON | st.builds(lambda kind, data: {"type": kind, "data": data}, st.sampled_from([*TYPES]), JSON))
def test_any_json_is_an_event_or_a_bad_payload(said: object) -> None:
    """Nothing else is raised."""
    _try(json.dumps(said).encode())


@given(st.binary(max_size=300))
def test_any_bytes_are_an_event_or_a_bad_payload(body: bytes) -> None:
    """Nothing else is raised."""
    _try(body)


@given(st.sampled_from([MESSAGE, VISIT, CONSENT]), st.data())
def test_a_changed_webhook_is_an_event_or_a_bad_payload(said: Mapping[str, Any], data: st.DataObject) -> None:
    """One value replaced by any other, at any place."""
    name = data.draw(st.sampled_from([*said["data"]]))
    _try(json.dumps({**said, "data": {**said["data"], name: data.draw(JSON)}}).encode())


def _try(body: bytes) -> None:
    try:
        event = read_event(body, "k")
    except BadPayload:
        return
    assert event.key == "k"
    assert read_event(body, "k") == event
    json.dumps(getattr(event, "extra", {}), ensure_ascii=False, allow_nan=False).encode()
