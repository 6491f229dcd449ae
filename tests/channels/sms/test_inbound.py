"""What the provider's requests say."""

import base64
import json
import random
import time
from itertools import permutations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientloop.channels.sms.channel import Sms
from clientloop.channels.sms.forms import MAX_BYTES
from clientloop.channels.sms.inbound import STEPS
from clientloop.errors import BadPayload
from clientloop.model.customers import IdentityKind
from clientloop.model.messages import DeliveryStep, Failure
from clientloop.ports.events import Address, ConsentEvent, DeliveryEvent, Event, Ignored, MessageIn, Raw
from tests.channels.sms.samples import CONFIG, FORM, MESSAGE, RECEIPT, SMS, URL, got, posted


def _event(*changes: dict[str, str], base: dict[str, str] | None = None) -> Event:
    fields = dict(MESSAGE if base is None else base)
    for change in changes:
        fields.update(change)
    [event] = SMS.parse(posted(fields)).events
    return event


def _message(**changes: str) -> MessageIn:
    event = _event(changes)
    assert isinstance(event, MessageIn)
    return event


def test_a_message_is_read() -> None:
    """Who, what, and the provider's id as the key; the acknowledgement says nothing to the customer."""
    parsed = SMS.parse(posted(MESSAGE))
    assert parsed.events == (
        MessageIn(
            key="SM900150983cd24fb0d6963f7d28e17f72",
            sender=Address(kind=IdentityKind.PHONE, value="+38640123456"),
            text="It is broken",
            extra={"to": "+15005550006", "segments": 1},
        ),
    )
    assert parsed.reply.body == b'<?xml version="1.0" encoding="UTF-8"?><Response></Response>'


def test_a_message_of_few_fields_is_read() -> None:
    """Compatible providers send less: an id and a number are enough."""
    [event] = SMS.parse(posted({"SmsSid": "1", "From": "+38640123456"})).events
    assert event == MessageIn(key="1", sender=Address(kind=IdentityKind.PHONE, value="+38640123456"), text="")


@pytest.mark.parametrize("make", [posted, got])
@pytest.mark.parametrize("body", ["Сломалось 👍", "a&b=c+d%20e;f", "", " two  spaces ", "line\nline", "<b>&amp;"])
def test_words_come_through_as_they_were_typed(make: object, body: str) -> None:
    """In any alphabet, with any sign, by POST and by GET."""
    assert callable(make)
    [event] = SMS.parse(make({**MESSAGE, "Body": body})).events
    assert isinstance(event, MessageIn)
    assert event.text == body


def test_a_long_message_is_one() -> None:
    """The provider joins the parts; how many there were is kept."""
    long = _message(Body="ж" * 600, NumSegments="9")
    assert (len(long.text), long.extra["segments"]) == (600, 9)


def test_files_are_named_with_their_types() -> None:
    """They are fetched by whoever may do I/O; a file that was announced and is missing is a fault."""
    files = {"NumMedia": "2", "MediaUrl0": "https://m/0", "MediaContentType0": "image/png", "MediaUrl1": "https://m/1"}
    assert _message(**files, Body="").extra["media"] == [
        {"url": "https://m/0", "media_type": "image/png"},
        {"url": "https://m/1", "media_type": "application/octet-stream"},
    ]
    for fault in ({"NumMedia": "1"}, {"NumMedia": "9999"}, {"NumMedia": "-1"}, {"NumMedia": "many"}):
        with pytest.raises(BadPayload):
            _event(fault)


@pytest.mark.parametrize(
    ("body", "extra"),
    [
        ("5", {"rating": 5, "comment": ""}),
        ("4/5 quick help", {"rating": 4, "out_of": 5, "comment": "quick help"}),
    ],
)
def test_a_rating_is_data(body: str, extra: dict[str, object]) -> None:
    """The words stay whole beside it."""
    message = _message(Body=body)
    assert message.text == body
    known = {name: value for name, value in extra.items() if value != ""}
    assert {name: message.extra.get(name) for name in known} == known


def test_a_body_in_base64_is_read_and_kept() -> None:
    """Both what was typed and what came; a command in it is a command."""
    body = base64.b64encode("Спасибо, 5!".encode("utf-16-be")).decode()
    message = _message(Body=body)
    assert (message.text, message.extra["as_received"]) == ("Спасибо, 5!", body)
    stop = _event({"Body": base64.b64encode("Стоп".encode("utf-16-be")).decode()})
    assert isinstance(stop, ConsentEvent)


@pytest.mark.parametrize(
    ("change", "allowed"),
    [
        ({"Body": "STOP"}, False),
        ({"Body": " stop! "}, False),
        ({"Body": "Стоп"}, False),
        ({"Body": "START"}, True),
        ({"Body": "Ne več", "OptOutType": "STOP"}, False),
        ({"Body": "Spet", "OptOutType": "START"}, True),
        ({"Body": "STOP", "OptOutType": "START"}, True),
    ],
)
def test_a_command_is_a_word_about_consent(change: dict[str, str], allowed: bool) -> None:
    """By our words or by the provider's, which goes first: it has already acted on it."""
    event = _event(change)
    assert isinstance(event, ConsentEvent)
    assert (event.key, event.sender.value, event.allowed, event.purpose, event.proof) == (
        MESSAGE["MessageSid"],
        MESSAGE["From"],
        allowed,
        None,
        change["Body"],
    )


@pytest.mark.parametrize("body", ["Stop sending me the wrong bill", "I want to cancel my order", "yes", "start over"])
def test_a_command_within_words_is_a_message(body: str) -> None:
    """Nobody is cut off for a complaint."""
    assert _message(Body=body).text == body


def test_a_call_for_help_is_a_message() -> None:
    """It is marked, so that the firm may answer by itself."""
    assert _message(Body="HELP").extra["keyword"] == "HELP"
    assert _message(Body="Pomagajte", OptOutType="HELP").extra["keyword"] == "HELP"


@pytest.mark.parametrize(
    ("status", "step"),
    [(status, step) for status, step in STEPS.items() if step is not None],
)
def test_a_receipt_says_how_far_a_message_came(status: str, step: DeliveryStep) -> None:
    """The id that sending returned, to whom, and a key of its own for each step."""
    event = _event({"MessageStatus": status, "SmsStatus": status}, base=dict(RECEIPT))
    assert isinstance(event, DeliveryEvent)
    assert event.recipient == Address(kind=IdentityKind.PHONE, value="+38640123456")
    assert (event.key, event.provider_id, event.step) == (f"SM1:{status}", "SM1", step)
    assert (event.failure is not None) == (step is DeliveryStep.FAILED)


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        ("30005", Failure.PERMANENT),
        ("30006", Failure.PERMANENT),
        ("30003", Failure.RETRY),
        ("30007", Failure.CONFIG),
        ("21610", Failure.OPTED_OUT),
        ("", Failure.RETRY),
        ("12345", Failure.RETRY),
        ("x", Failure.RETRY),
    ],
)
def test_a_failed_message_says_why(code: str, failure: Failure) -> None:
    """By the table of codes; without a known one, nothing is held against the number."""
    event = _event({"MessageStatus": "undelivered", "ErrorCode": code}, base=dict(RECEIPT))
    assert isinstance(event, DeliveryEvent)
    assert event.failure is failure
    assert event.detail == (f"undelivered, code {code}" if code else "undelivered")


def test_receipts_have_the_same_keys_in_any_order_and_number() -> None:
    """What comes twice, late or before its time is the same event."""
    steps = ("queued", "sending", "sent", "delivered")
    raws = [posted({**RECEIPT, "MessageStatus": status, "SmsStatus": status}) for status in steps]
    first = {event.key: event for raw in raws for event in SMS.parse(raw).events}
    assert len(first) == len(steps)
    for order in permutations(raws):
        again = [event for raw in (*order, *order) for event in Sms(CONFIG).parse(raw).events]
        assert {event.key: event for event in again} == first
    assert isinstance(first["SM1:queued"], Ignored)


def test_the_order_of_fields_does_not_matter() -> None:
    """Nor do fields that the provider will add one day."""
    fields = list({**MESSAGE, "SomethingNew": "1"}.items())
    random.Random(7).shuffle(fields)
    assert SMS.parse(posted(dict(fields))).events == SMS.parse(posted(MESSAGE)).events


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"MessageSid": "", "SmsSid": "", "SmsMessageSid": ""}, "MessageSid is missing"),
        ({"MessageSid": "S" * 1_000}, "MessageSid"),
        ({"MessageSid": "SM\n1"}, "MessageSid"),
        ({"From": ""}, "From is no phone number"),
        ({"From": "whatsapp:+38640123456"}, "a channel of their own"),
        ({"SmsStatus": "deliverd"}, "did you mean 'delivered'"),
        ({"NumSegments": "x"}, "NumSegments is no number"),
    ],
)
def test_what_makes_no_sense_is_named(change: dict[str, str], why: str) -> None:
    """It is kept for a person, who reads what is wrong."""
    with pytest.raises(BadPayload, match=why):
        _event(change)


@pytest.mark.parametrize(
    "raw",
    [
        Raw(body=b"", headers={"Content-Type": FORM}),
        Raw(body=b"\xff\xfe", headers={"Content-Type": FORM}),
        Raw(body=b"Body=%FF", headers={"Content-Type": FORM}),
        Raw(body=b"a=1&" * 100_000, headers={"Content-Type": FORM}),
        Raw(body=b"a=1&" * 501, headers={"Content-Type": FORM}),
        Raw(body=b"a" * 100_000_000, headers={"Content-Type": FORM}),
        Raw(body=b"[" * MAX_BYTES, headers={"Content-Type": "application/json"}),
        Raw(body=b"[]", headers={"Content-Type": "application/json"}),
        Raw(body=b'{"From": 1' + b"0" * 5_000 + b"}", headers={"Content-Type": "application/json"}),
        Raw(body=b"", method="GET", url=f"{URL}?{'a&' * 100_000}"),
        Raw(body=b"", method="GET", url="https://[::1"),
    ],
)
def test_hostile_requests_are_bad_payloads(raw: Raw) -> None:
    """Early, whatever their length; a guard against hanging."""
    begun = time.process_time()
    with pytest.raises(BadPayload):
        SMS.parse(raw)
    assert time.process_time() - begun < 1


FIELDS = st.dictionaries(st.sampled_from([*MESSAGE, *RECEIPT, "OptOutType", "MediaUrl0", "ErrorCode"]), st.text(), max_size=12)  # fmt: skip  # noqa: E501


@given(FIELDS, st.sampled_from([FORM, "application/json"]))
def test_any_fields_are_an_event_or_a_bad_payload(fields: dict[str, str], form: str) -> None:
    """Nothing else is raised, and whatever is read can be stored."""
    body = json.dumps(fields) if form != FORM else "&".join(f"{name}={text}" for name, text in fields.items())
    raw = Raw(body=body.encode(errors="replace"), url=URL, headers={"Content-Type": form})
    try:
        [event] = SMS.parse(raw).events
    except BadPayload:
        return
    assert event.key
    assert SMS.parse(raw).events == (event,)
    json.dumps(getattr(event, "extra", {}))


@given(st.binary(max_size=500), st.text(max_size=100), st.sampled_from(["GET", "POST", "PUT", ""]), st.sampled_from([FORM, "application/json", ""]))  # fmt: skip  # noqa: E501
def test_any_bytes_are_an_event_or_a_bad_payload(body: bytes, url: str, method: str, form: str) -> None:
    """Nothing else is raised."""
    try:
        SMS.parse(Raw(body=body, url=url, method=method, headers={"Content-Type": form}))
    except BadPayload:
        return


def test_parsing_twice_says_the_same() -> None:
    """Reading is pure, and leaves the request as it was."""
    raw = posted(MESSAGE)
    assert SMS.parse(raw) == SMS.parse(evolve(raw)) == Sms(CONFIG).parse(raw)
