"""The channel as a whole: settings, sending, answering in line, secrets."""

import base64
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qs
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientloop.channels.sms.channel import Sms, SmsConfig
from clientloop.errors import BadPayload, InvalidValue
from clientloop.model.customers import Purpose
from clientloop.model.messages import Failure, OutboundMessage, Receipt
from clientloop.ports.channel import Direction, Health
from clientloop.ports.effects import Effect, HttpCall, HttpResult, NoAnswer, Result, drive
from clientloop.ports.events import DeliveryEvent, Raw
from tests.channels.sms.samples import CONFIG, FORM, MESSAGE, RECEIPT, SMS, TOKEN, URL, posted

OUT = OutboundMessage(
    space="main",
    id=UUID(int=7),
    channel="sms",
    to="+38640123456",
    purpose=Purpose.SERVICE,
    template="done",
    subject="Not shown",
    body="Готово & done.",
    created_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
)
ACCOUNT = "https://api.twilio.com/2010-04-01/Accounts/AC0123"


class Provider:
    """Answers every call alike and keeps what was asked."""

    def __init__(self, answer: Result) -> None:
        self.answer = answer
        self.calls: list[HttpCall] = []

    def __call__(self, effect: Effect) -> Result:
        """Carry out one effect."""
        assert isinstance(effect, HttpCall)
        self.calls.append(effect)
        return self.answer

    @property
    def form(self) -> Mapping[str, list[str]]:
        """What the one call posted."""
        [call] = self.calls
        return parse_qs(call.body.decode(), strict_parsing=True)


TAKEN = HttpResult(status=201, body=b'{"sid": "SM1"}')


def test_a_message_is_one_authenticated_call() -> None:
    """Form-encoded, with the address for receipts; the provider's id comes back."""
    provider = Provider(TAKEN)
    assert drive(SMS.send(OUT), provider) == Receipt(provider_id="SM1")
    [call] = provider.calls
    assert (call.method, call.url) == ("POST", f"{ACCOUNT}/Messages.json")
    assert call.headers == {
        "Authorization": f"Basic {base64.b64encode(f'AC0123:{TOKEN}'.encode()).decode()}",
        "Content-Type": FORM,
    }
    assert provider.form == {
        "To": ["+38640123456"],
        "From": ["+15005550006"],
        "Body": ["Готово & done."],
        "StatusCallback": [f"{URL}?message={OUT.id}"],
    }


def test_a_messaging_service_sends_under_its_id() -> None:
    """And without an address for receipts none is asked for."""
    service = f"MG{'0' * 32}"
    provider = Provider(TAKEN)
    drive(Sms(evolve(CONFIG, sender=service, status_url=None)).send(OUT), provider)
    assert provider.form["MessagingServiceSid"] == [service]
    assert not {"From", "StatusCallback"} & provider.form.keys()


def test_every_try_is_the_same_call() -> None:
    """A repeat is byte for byte the same, so that whoever knows the key knows it."""
    channel = Sms(evolve(CONFIG, idempotency_header="Idempotency-Key", base_url="https://sms.example/api/"))
    provider = Provider(HttpResult(status=503))
    for _ in range(3):
        drive(channel.send(OUT), provider)
    assert provider.calls[0] == provider.calls[1] == provider.calls[2]
    assert provider.calls[0].headers["Idempotency-Key"] == str(OUT.id)
    assert provider.calls[0].url.startswith("https://sms.example/api/2010-04-01/")


def test_what_the_channel_can_carry_follows_from_its_settings() -> None:
    """Twilio recognises no repeat, and says so; receipts need an address."""
    assert SMS.directions == {
        Direction.RECEIVE,
        Direction.RESPOND,
        Direction.SEND,
        Direction.PROBE,
    }
    carried = SMS.capabilities()
    assert (carried.max_length, carried.receipts, carried.idempotent_send) == (1_600, True, False)
    other = Sms(evolve(CONFIG, status_url=None, idempotency_header="Idempotency-Key", per_second=1)).capabilities()
    assert (other.receipts, other.idempotent_send, other.per_second) == (False, True, 1)


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (NoAnswer(detail="refused", reached=False), Failure.RETRY),
        (NoAnswer(detail="cut", reached=True), Failure.UNKNOWN),
        (HttpResult(status=429, headers={"retry-after": "5"}), Failure.THROTTLED),
        (HttpResult(status=503), Failure.RETRY),
        (HttpResult(status=400, body=b'{"code": 21610}'), Failure.OPTED_OUT),
        (HttpResult(status=400, body=b'{"code": 21211}'), Failure.PERMANENT),
        (HttpResult(status=401), Failure.CONFIG),
        (HttpResult(status=403), Failure.CONFIG),
    ],
)
def test_a_failure_is_told_as_what_it_is(answer: Result, failure: Failure) -> None:
    """What may have been sent is never tried again unasked."""
    provider = Provider(answer)
    assert drive(SMS.send(OUT), provider).failure is failure
    assert len(provider.calls) == 1


def test_a_message_that_would_cost_too_much_waits() -> None:
    """Nobody is billed for a mistake in a template."""
    provider = Provider(TAKEN)
    receipt = drive(Sms(evolve(CONFIG, max_segments=2)).send(evolve(OUT, body="ж" * 135)), provider)
    assert receipt.failure is Failure.CONFIG
    assert "3 parts" in (receipt.detail or "")
    assert not provider.calls


@pytest.mark.parametrize(
    ("answer", "health"),
    [
        (HttpResult(status=200, body=b'{"sid": "AC0123"}'), Health(ok=True, detail="the account answers")),
        (HttpResult(status=401, body=b'{"code": 20003}'), Health(ok=False, detail="status 401, code 20003")),
        (NoAnswer(detail="no such host", reached=False), Health(ok=False, detail="no such host")),
    ],
)
def test_a_probe_asks_for_the_account(answer: Result, health: Health) -> None:
    """Nothing is sent by it."""
    provider = Provider(answer)
    assert drive(SMS.probe(), provider) == health
    [call] = provider.calls
    assert (call.method, call.url) == ("GET", f"{ACCOUNT}.json")


def test_an_answer_in_line_is_twiml() -> None:
    """A message each, escaped; none for none."""
    reply = SMS.respond(posted(MESSAGE), [OUT, evolve(OUT, body="</Message><Message>&\"'")])
    assert reply.headers["content-type"].startswith("text/xml")
    found = [message.text for message in ET.fromstring(reply.body)]
    assert found == ["Готово & done.", "</Message><Message>&\"'"]
    assert len(ET.fromstring(SMS.respond(posted(MESSAGE), ()).body)) == 0


@given(st.text())
def test_no_text_breaks_out_of_an_answer(text: str) -> None:
    """What XML cannot hold is left out, and all else arrives."""
    [message] = ET.fromstring(SMS.respond(Raw(body=b""), [evolve(OUT, body=text)]).body)
    assert len(message) == 0
    kept = "".join(sign for sign in text if sign in "\t\n\r" or (sign >= " " and sign not in "\ufffe\uffff"))
    kept = "".join(sign for sign in kept if not "\ud800" <= sign <= "\udfff")
    assert (message.text or "") == kept.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize(
    "change",
    [
        {"account": "AC1/../x"},
        {"account": ""},
        {"auth_token": ""},
        {"other_tokens": [""]},
        {"other_tokens": "t0ken-s3cret"},
        {"sender": ""},
        {"status_url": "shop.example/in"},
        {"status_url": "https://user:t0ken-s3cret@shop.example/"},
        {"base_url": "ftp://api.example"},
        {"idempotency_header": "X: Y\r\n"},
        {"max_segments": 0},
        {"per_second": 0},
    ],
)
def test_settings_that_cannot_work_are_refused_when_they_are_made(change: dict[str, object]) -> None:
    """Not when the first message is sent; and the refusal names no secret."""
    given = {"account": "AC1", "auth_token": TOKEN, "sender": "+1", **change}
    with pytest.raises(ValueError, match=next(iter(change))) as caught:
        SmsConfig(**given)
    assert TOKEN not in str(caught.value)


def test_settings_of_another_channel_are_refused() -> None:
    """By the names of both."""
    with pytest.raises(InvalidValue, match="give a SmsConfig"):
        Sms({"auth_token": TOKEN})


def _locals(error: BaseException) -> str:
    """All that a report of the error with its local variables would show of the library."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    ours = [frame for frame in frames if "clientloop" in frame.f_code.co_filename and "tests" not in frame.f_code.co_filename]  # fmt: skip  # noqa: E501
    assert ours
    return "".join(repr(frame.f_locals) for frame in ours)


def test_secrets_are_not_shown() -> None:
    """Neither by `repr` nor in what a report of an error shows of its variables, while reading and while sending."""
    secrets = (TOKEN, base64.b64encode(f"AC0123:{TOKEN}".encode()).decode())
    shown = [repr(CONFIG), str(CONFIG), repr(SMS), repr(SMS.config)]
    with pytest.raises(BadPayload) as bad:
        SMS.parse(posted({**MESSAGE, "From": ""}))
    shown += [_locals(bad.value), str(bad.value)]

    def broken(effect: Effect) -> Result:
        shown.append(repr(effect))
        raise OSError("no network")

    steps = SMS.send(OUT)
    call = next(steps)
    shown.append(repr(call))
    with pytest.raises(RuntimeError) as thrown:
        steps.throw(RuntimeError("cancelled"))
    shown.append(_locals(thrown.value))
    with pytest.raises(OSError, match="no network") as failed:
        drive(SMS.send(OUT), broken)
    shown.append(_locals(failed.value))
    assert not [secret for secret in secrets if any(secret in each for each in shown)]


def test_a_receipt_names_our_message() -> None:
    """By the address that it was asked to go to, which is signed: so one that may have been sent can be settled."""
    provider = Provider(TAKEN)
    drive(SMS.send(OUT), provider)
    [address] = provider.form["StatusCallback"]
    for step in ("delivered", "undelivered"):
        raw = evolve(posted({**RECEIPT, "MessageStatus": step, "SmsStatus": step}), url=address)
        [event] = SMS.parse(raw).events
        assert isinstance(event, DeliveryEvent)
        assert (event.message, event.provider_id) == (OUT.id, RECEIPT["MessageSid"])


@pytest.mark.parametrize("end", ["", "?message=", "?message=x", "?message=7&message=8"])
def test_a_receipt_that_names_none_is_taken_by_the_providers_id(end: str) -> None:
    """As of messages that were sent before, or by another program."""
    [event] = SMS.parse(evolve(posted(RECEIPT), url=f"{URL}{end}")).events
    assert isinstance(event, DeliveryEvent)
    assert (event.message, event.provider_id) == (None, RECEIPT["MessageSid"])
