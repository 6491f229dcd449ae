"""The channel as a whole: settings, sending, secrets."""

import base64
import json
import traceback
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from attrs import evolve

from clientloop.channels.webhook.channel import Endpoint, Webhook, WebhookConfig
from clientloop.channels.webhook.signature import ID, SIGNATURE, TIMESTAMP, fault
from clientloop.errors import BadPayload, InvalidValue
from clientloop.model.customers import Purpose
from clientloop.model.facts import Fact, FactName
from clientloop.model.messages import Failure, OutboundMessage, Receipt
from clientloop.ports.channel import Direction
from clientloop.ports.clock import ManualClock
from clientloop.ports.effects import AskTime, Effect, HttpCall, HttpResult, NoAnswer, Result, TimeResult, drive
from clientloop.ports.events import Raw
from clientloop.rules.outgoing.webhooks import FACT_TEMPLATE, fact_body
from tests.channels.webhook.samples import CONFIG, CRM, MESSAGE, NOW, OTHER, SECRET, THEIRS, WEBHOOK, signed

FACT = fact_body(Fact(FactName.FEEDBACK_MOVED, "main", UUID(int=8), NOW, {"to": "resolved"}))
OUT = OutboundMessage(
    space="main",
    id=UUID(int=7),
    channel="webhook",
    to="crm",
    purpose=Purpose.INTERNAL,
    template=FACT_TEMPLATE,
    body=FACT,
    created_at=NOW,
)


class Internet:
    """Tells the time, answers every call alike and keeps what was asked."""

    def __init__(self, answer: Result, now: datetime = NOW) -> None:
        self.answer = answer
        self.clock = ManualClock(now)
        self.calls: list[HttpCall] = []

    def __call__(self, effect: Effect) -> Result:
        """Carry out one effect."""
        if isinstance(effect, AskTime):
            return TimeResult(now=self.clock.now())
        assert isinstance(effect, HttpCall)
        self.calls.append(effect)
        return self.answer


def test_a_fact_is_one_signed_call() -> None:
    """The body as it was written, signed for the receiver, to where the settings say, within what they allow."""
    internet = Internet(HttpResult(status=204))
    assert drive(WEBHOOK.send(OUT), internet) == Receipt()
    [call] = internet.calls
    assert (call.method, call.url, call.body) == ("POST", CRM.url, FACT.encode())
    assert call.headers["Content-Type"] == "application/json"
    assert call.headers[ID] == str(OUT.id)
    assert call.reach == CONFIG.reach
    received = Raw(body=call.body, headers=call.headers)
    assert fault(received, [THEIRS], NOW) is None
    assert fault(received, [SECRET], NOW)


def test_words_are_sent_too() -> None:
    """As a body of a type of their own."""
    internet = Internet(HttpResult(status=200))
    drive(WEBHOOK.send(evolve(OUT, template="alert", body="It is late.\ud800")), internet)
    assert json.loads(internet.calls[0].body)["data"]["text"] == "It is late.?"


def test_every_try_has_the_same_id_and_a_new_signature() -> None:
    """A receiver knows the repeat, and does not take it for a replay."""
    internet = Internet(HttpResult(status=503))
    for _ in range(2):
        drive(WEBHOOK.send(OUT), internet)
        internet.clock.advance(timedelta(hours=5))
    first, second = internet.calls
    assert (first.headers[ID], first.body) == (second.headers[ID], second.body)
    assert int(second.headers[TIMESTAMP]) - int(first.headers[TIMESTAMP]) == 5 * 3_600
    assert first.headers[SIGNATURE] != second.headers[SIGNATURE]
    late = Raw(body=second.body, headers=second.headers)
    assert fault(late, [THEIRS], NOW + timedelta(hours=5)) is None
    assert fault(late, [THEIRS], NOW)


def test_while_a_secret_is_changed_both_sign() -> None:
    """The receiver knows either."""
    endpoint = evolve(CRM, secrets=[OTHER, THEIRS])
    internet = Internet(HttpResult(status=200))
    drive(Webhook(evolve(CONFIG, endpoints={"crm": endpoint})).send(OUT), internet)
    received = Raw(body=internet.calls[0].body, headers=internet.calls[0].headers)
    assert all(fault(received, [secret], NOW) is None for secret in (OTHER, THEIRS))


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (HttpResult(status=301, headers={"location": "http://127.0.0.1/"}), Failure.CONFIG),
        (HttpResult(status=400), Failure.RETRY),
        (HttpResult(status=401), Failure.RETRY),
        (HttpResult(status=404), Failure.RETRY),
        (HttpResult(status=410), Failure.OPTED_OUT),
        (HttpResult(status=429), Failure.THROTTLED),
        (HttpResult(status=500), Failure.RETRY),
        (HttpResult(status=502), Failure.THROTTLED),
        (HttpResult(status=503), Failure.RETRY),
        (HttpResult(status=504), Failure.THROTTLED),
        (NoAnswer(detail="refused", reached=False), Failure.RETRY),
        (NoAnswer(detail="cut", reached=True), Failure.UNKNOWN),
    ],
)
def test_a_failure_is_told_as_the_standard_reads_it(answer: Result, failure: Failure) -> None:
    """Gone is a refusal, a redirect a wrong address, and all else is worth another try."""
    assert drive(WEBHOOK.send(OUT), Internet(answer)).failure is failure


def test_the_pause_that_is_asked_for_is_kept() -> None:
    """Also with 503."""
    receipt = drive(WEBHOOK.send(OUT), Internet(HttpResult(status=503, headers={"retry-after": "7"})))
    assert receipt == Receipt(failure=Failure.RETRY, detail="status 503", retry_after=7.0)


def test_a_host_that_cannot_tell_the_time_sends_nothing() -> None:
    """Nothing was sent, so that another try does no harm."""
    receipt = drive(WEBHOOK.send(OUT), lambda _: NoAnswer(detail="no clock", reached=False))
    assert receipt == Receipt(failure=Failure.RETRY, detail="no clock")


@pytest.mark.parametrize("to", ["cmr", "https://evil.example/", ""])
def test_only_declared_endpoints_are_called(to: str) -> None:
    """A message names an endpoint, never a URL."""
    internet = Internet(HttpResult(status=200))
    receipt = drive(WEBHOOK.send(evolve(OUT, to=to)), internet)
    assert receipt.failure is Failure.CONFIG
    assert f"no endpoint {to!r}" in (receipt.detail or "")
    assert not internet.calls


def test_what_the_channel_can_do_follows_from_its_methods() -> None:
    """It receives and sends; receivers know a repeat."""
    assert WEBHOOK.directions == {Direction.RECEIVE, Direction.SEND}
    assert WEBHOOK.capabilities().idempotent_send


def test_what_it_can_depends_on_what_is_set() -> None:
    """Without an endpoint it sends nothing, and without a secret it takes nothing."""
    assert WEBHOOK.able() == WEBHOOK.directions
    assert Webhook(WebhookConfig(secrets=(THEIRS,))).able() == WEBHOOK.directions - {Direction.SEND}
    assert Webhook().able() == WEBHOOK.directions - {Direction.SEND, Direction.RECEIVE}


def test_what_we_send_another_of_us_takes() -> None:
    """A body of a declared type, signed by one, is read by the other; and answered without words."""
    ours = Webhook(WebhookConfig(endpoints={"crm": evolve(CRM, secrets=[SECRET])}))
    internet = Internet(HttpResult(status=200))
    drive(ours.send(evolve(OUT, body=json.dumps(MESSAGE))), internet)
    raw = Raw(body=internet.calls[0].body, headers=internet.calls[0].headers)
    assert WEBHOOK.verify(raw, NOW).accepted
    parsed = WEBHOOK.parse(raw)
    assert [event.key for event in parsed.events] == [str(OUT.id)]
    assert (parsed.reply.status, parsed.reply.body) == (204, b"")


def test_the_firm_lists_its_own_network() -> None:
    """What is listed goes with every call, for the host to enforce."""
    config = evolve(
        CONFIG,
        endpoints={"crm": Endpoint(url="http://crm.internal:8080/", secrets=[THEIRS])},
        hosts=["crm.internal"],
        networks=["10.0.0.0/8"],
        ports=[8080],
    )
    internet = Internet(HttpResult(status=200))
    drive(Webhook(config).send(OUT), internet)
    reach = internet.calls[0].reach
    assert reach is not None
    assert reach.allowed("crm.internal", ["192.168.0.1"])
    assert reach.allowed("other", ["10.0.0.1", "192.168.0.1"]) == ("10.0.0.1",)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://crm.example.com/", "endpoint 'crm': no scheme"),
        ("https://crm.example.com:22/", "endpoint 'crm': port 22"),
        ("https://user:s3cret@crm.example.com/", "endpoint 'crm': a user stands"),
        ("crm.example.com", "endpoint 'crm': no scheme"),
    ],
)
def test_an_endpoint_that_could_never_be_called_is_refused(url: str, why: str) -> None:
    """When it is configured, by its name and without its URL."""
    with pytest.raises(InvalidValue, match=why) as caught:
        WebhookConfig(endpoints={"crm": Endpoint(url=url, secrets=[THEIRS])})
    assert "s3cret" not in str(caught.value)


def test_secrets_are_checked_when_they_are_configured() -> None:
    """One that is too short, none at all, and a list that is none; what was given is not repeated."""
    for wrong in (["whsec_c2hvcnQ="], [SECRET, "s3cret"]):
        with pytest.raises(InvalidValue, match="24 to 64 bytes") as caught:
            WebhookConfig(secrets=wrong)
        assert not [secret for secret in wrong if secret in str(caught.value)]
    with pytest.raises(InvalidValue, match="give a list"):
        WebhookConfig(secrets=SECRET)
    with pytest.raises(InvalidValue, match="has no secret"):
        WebhookConfig(endpoints={"crm": evolve(CRM, secrets=[])})


def _locals(error: BaseException) -> str:
    """All that a report of the error with its local variables would show of the library."""
    files = [(frame.f_code.co_filename, frame) for frame, _ in traceback.walk_tb(error.__traceback__)]
    ours = [frame for file, frame in files if "clientloop" in file and "tests" not in file]
    assert ours
    return "".join(repr(frame.f_locals) for frame in ours)


def test_secrets_are_not_shown() -> None:
    """Neither by `repr` nor in what a report of an error shows of its variables, while reading and while sending."""
    encoded = [secret.removeprefix("whsec_") for secret in (SECRET, THEIRS)]
    secrets = [*encoded, "s3cret", *(repr(base64.b64decode(each)) for each in encoded)]
    shown = [repr(CONFIG), str(CONFIG), repr(WEBHOOK), repr(CRM)]
    with pytest.raises(BadPayload) as bad:
        WEBHOOK.parse(signed({"type": "x", "data": {}}))
    shown += [_locals(bad.value), str(bad.value)]

    def broken(effect: Effect) -> Result:
        shown.append(repr(effect))
        if isinstance(effect, AskTime):
            return TimeResult(now=datetime(2026, 3, 2, tzinfo=UTC))
        raise OSError("no network")

    with pytest.raises(OSError, match="no network") as failed:
        drive(WEBHOOK.send(OUT), broken)
    shown.append(_locals(failed.value))
    steps = WEBHOOK.send(OUT)
    next(steps)
    shown.append(repr(steps.send(TimeResult(now=NOW))))
    with pytest.raises(RuntimeError) as thrown:
        steps.throw(RuntimeError("cancelled"))
    shown.append(_locals(thrown.value))
    assert not [secret for secret in secrets if any(secret in each for each in shown)]
