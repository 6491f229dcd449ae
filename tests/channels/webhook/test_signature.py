"""The signature of Standard Webhooks."""

import hmac
import time
from datetime import datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientloop.channels.webhook.channel import Webhook
from clientloop.channels.webhook.signature import ID, SIGNATURE, TIMESTAMP, fault, is_secret, sign
from clientloop.model.customers import Trust
from clientloop.ports.events import Raw
from tests.channels.webhook.samples import CONFIG, MESSAGE, NOW, OTHER, SECRET, WEBHOOK, signed

RAW = signed(MESSAGE)


def _with(**changes: str) -> Raw:
    names = {"id": ID, "timestamp": TIMESTAMP, "signature": SIGNATURE}
    return evolve(RAW, headers={**RAW.headers, **{names[name]: value for name, value in changes.items()}})


def test_the_published_example_is_signed_alike() -> None:
    """The vector that the libraries of the standard are tested by."""
    found = sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_is_signed_is_vouched_for() -> None:
    """By the system that has the secret."""
    assert WEBHOOK.verify(RAW, NOW).trust is Trust.VOUCHED


@pytest.mark.parametrize("at", [0, 5, -1])
def test_a_tampered_body_is_refused(at: int) -> None:
    """Each byte counts, and one more or less."""
    body = bytearray(RAW.body)
    body[at] ^= 1
    for tampered in (bytes(body), RAW.body[:-1], RAW.body + b" ", b""):
        assert WEBHOOK.verify(evolve(RAW, body=tampered), NOW).reason == "no signature matches"


@pytest.mark.parametrize("name", [ID, TIMESTAMP, SIGNATURE])
def test_a_stripped_header_is_named(name: str) -> None:
    """Missing or empty, each of the three."""
    without = {given: value for given, value in RAW.headers.items() if given != name}
    for headers in (without, {**without, name: ""}):
        assert WEBHOOK.verify(evolve(RAW, headers=headers), NOW).reason == f"it has no {name}"
    assert all(each in WEBHOOK.verify(Raw(body=b""), NOW).reason for each in (ID, TIMESTAMP, SIGNATURE))


def test_the_id_and_the_time_are_signed_too() -> None:
    """Neither can be changed to get a webhook taken again."""
    assert not WEBHOOK.verify(_with(id="msg_2"), NOW).accepted
    assert not WEBHOOK.verify(_with(timestamp=str(int(NOW.timestamp()) + 1)), NOW).accepted


@pytest.mark.parametrize(
    ("seconds", "accepted"), [(0, True), (300, True), (-300, True), (301, False), (-301, False), (86_400, False)]
)
def test_a_webhook_is_taken_within_five_minutes(seconds: int, accepted: bool) -> None:
    """Before and after; what is replayed later is refused, whatever its signature."""
    assert WEBHOOK.verify(RAW, NOW + timedelta(seconds=seconds)).accepted is accepted


def test_a_replay_within_the_window_is_the_same_event() -> None:
    """It is signed, and is known by its key; a new try of the same webhook has that key as well."""
    again = signed(MESSAGE, at=NOW + timedelta(minutes=9))
    assert WEBHOOK.verify(again, NOW + timedelta(minutes=10)).accepted
    assert WEBHOOK.parse(again).events == WEBHOOK.parse(RAW).events


@pytest.mark.parametrize("time_given", ["", "now", "1e9", "-1", "1772442000.0", " 1772442000", "9" * 13, "9" * 5_000, "１７７２４４２０００"])  # fmt: skip  # noqa: E501, RUF001
def test_a_time_that_is_no_whole_number_is_refused(time_given: str) -> None:
    """Other spellings of it were not signed."""
    assert not WEBHOOK.verify(_with(timestamp=time_given), NOW).accepted


def test_secrets_are_changed_without_a_gap() -> None:
    """The sender signs with both, or the receiver knows both; one match is enough."""
    both, old = signed(MESSAGE, secrets=(OTHER, SECRET)), signed(MESSAGE, secrets=(OTHER,))
    assert WEBHOOK.verify(both, NOW).accepted
    assert not WEBHOOK.verify(old, NOW).accepted
    assert Webhook(evolve(CONFIG, secrets=[SECRET, OTHER])).verify(old, NOW).accepted


def test_signatures_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the time of a refusal would tell how much of a forged one was right."""
    real, compared = hmac.compare_digest, []
    monkeypatch.setattr("hmac.compare_digest", lambda one, other: compared.append({one, other}) or real(one, other))
    assert WEBHOOK.verify(RAW, NOW).accepted
    assert {RAW.headers[SIGNATURE].encode()} in compared


def test_without_a_secret_nothing_is_taken() -> None:
    """An empty list is no open door."""
    assert not Webhook().verify(RAW, NOW).accepted
    assert not Webhook().verify(signed(MESSAGE, secrets=()), NOW).accepted


@pytest.mark.parametrize(
    ("signature", "why"),
    [
        ("v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==", "ed25519"),
        ("v2,AAAA", "the form 'v1"),
        ("v1", "no signature matches"),
        ("v1,", "no signature matches"),
        ("é\ud800", "the form 'v1"),
        ("v1,é\ud800", "no signature matches"),
        (RAW.headers[SIGNATURE].removeprefix("v1,"), "the form 'v1"),
        (RAW.headers[SIGNATURE].replace("v1,", "v2,"), "the form 'v1"),
        (RAW.headers[SIGNATURE].replace(" ", ""), None),
        (f"v1a,AAAA {RAW.headers[SIGNATURE]} v9,x", None),
        (" ".join(["v1,AAAA"] * 15 + [RAW.headers[SIGNATURE]]), None),
        (" ".join(["v1,AAAA"] * 100_000 + [RAW.headers[SIGNATURE]]), "no signature matches"),
    ],
)
def test_one_signature_of_version_1_is_needed(signature: str, why: str | None) -> None:
    """Among others or alone; one by ed25519 alone is refused by name, and only so many are looked at."""
    verdict = WEBHOOK.verify(_with(signature=signature), NOW)
    assert verdict.accepted is (why is None)
    assert (why or "") in verdict.reason


@pytest.mark.parametrize(
    ("text", "good"),
    [
        (SECRET, True),
        (SECRET.removeprefix("whsec_"), True),
        ("whsec_" + "A" * 86, True),
        ("whsec_" + "A" * 86 + "==", True),
        ("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", True),
        ("", False),
        ("whsec_", False),
        ("whsec_" + "A" * 28, False),
        ("whsec_" + "A" * 88, False),
        ("whsec_" + "A" * 33, False),
        ("whsec_" + "A" * 31 + "é", False),
        ("whsec_" + "A" * 31 + "-", False),
        ("whsk_" + "A" * 32, False),
    ],
)
def test_a_secret_has_24_to_64_bytes(text: str, good: bool) -> None:
    """In base64, padded or not, with the prefix or without."""
    assert is_secret(text) is good


@given(
    st.binary(max_size=200),
    st.dictionaries(st.sampled_from([ID, TIMESTAMP, SIGNATURE]), st.text(max_size=40) | st.just("1772442000")),
)  # fmt: skip
def test_nothing_forged_is_taken_and_nothing_breaks(body: bytes, headers: dict[str, str]) -> None:
    """Whatever comes gets a verdict, with a reason that names no secret."""
    verdict = WEBHOOK.verify(Raw(body=body, headers=headers), NOW)
    assert not verdict.accepted
    assert verdict.reason
    assert SECRET.removeprefix("whsec_") not in repr(verdict)


@given(st.binary(max_size=200), st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2200, 1, 1)), st.text(min_size=1, max_size=20))  # fmt: skip  # noqa: DTZ001, E501
def test_whatever_we_sign_we_take(body: bytes, at: datetime, key: str) -> None:
    """Any body, at any time, under any id."""
    now = at.replace(tzinfo=NOW.tzinfo)
    assert fault(signed(body, key=key, at=now), [OTHER, SECRET], now) is None


def test_100_mb_are_refused_at_once() -> None:
    """Before anything is computed over them; a guard against hanging."""
    raw = evolve(RAW, body=b"a" * 100_000_000)
    begun = time.process_time()
    assert WEBHOOK.verify(raw, NOW).reason == "it is too long"
    assert time.process_time() - begun < 1
