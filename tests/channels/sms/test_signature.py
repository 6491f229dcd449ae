"""The provider's signature of a request."""

import hashlib
import hmac
import json
import time
from datetime import UTC, datetime

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientloop.channels.sms.channel import Sms
from clientloop.channels.sms.forms import MAX_BYTES
from clientloop.channels.sms.signature import sign
from clientloop.errors import BadPayload
from clientloop.model.customers import Trust
from clientloop.ports.events import Raw
from tests.channels.sms.samples import CONFIG, FORM, MESSAGE, SMS, TOKEN, URL, got, many, posted

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def _json(body: bytes, digest: str | None = None, content_type: str = "application/json") -> Raw:
    url = f"{URL}?bodySHA256={digest or hashlib.sha256(body).hexdigest()}"
    headers = {"Content-Type": content_type, "X-Twilio-Signature": sign(TOKEN, url, {})}
    return Raw(body=body, url=url, headers=headers)


def test_the_published_example_is_signed_alike() -> None:
    """The signature in the provider's documentation and in the tests of its libraries."""
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
        "Caller": "+14158675309",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert sign("12345", url, many(fields)) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


@pytest.mark.parametrize("raw", [posted(MESSAGE), got(MESSAGE), _json(json.dumps(MESSAGE).encode())])
def test_what_is_signed_is_vouched_for(raw: Raw) -> None:
    """By POST, by GET, and as JSON by the digest in the URL; the provider answers for the number."""
    assert SMS.verify(raw, NOW).trust is Trust.VOUCHED
    assert [event.key for event in SMS.parse(raw).events] == [MESSAGE["MessageSid"]]


@pytest.mark.parametrize(
    ("called", "signed"),
    [
        ("https://shop.example:443/in", "https://shop.example/in"),
        ("https://shop.example/in", "https://shop.example:443/in"),
        ("http://shop.example/in?a=b:1", "http://shop.example:80/in?a=b:1"),
        ("https://shop.example:8443/in", "https://shop.example/in"),
        ("https://shop.example:8443/in", "https://shop.example:8443/in"),
        ("https://[2606:4700::1]:443/in", "https://[2606:4700::1]/in"),
        ("https://shop.example", "https://shop.example:443"),
    ],
)
def test_the_port_may_be_in_the_signed_url_or_not(called: str, signed: str) -> None:
    """The provider's servers do not agree on it."""
    assert SMS.verify(evolve(posted(MESSAGE, signed), url=called), NOW).accepted


@pytest.mark.parametrize(
    "url",
    [URL + "?x=1", URL.replace("https", "http"), URL.replace("shop", "evil"), URL + "/", "", "shop.example", "https://[::1"],
)  # fmt: skip
def test_another_url_is_refused(url: str) -> None:
    """A request that was signed for one address proves nothing at another."""
    assert not SMS.verify(evolve(posted(MESSAGE), url=url), NOW).accepted


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": FORM},
        {"Content-Type": FORM, "X-Twilio-Signature": ""},
        {"Content-Type": FORM, "X-Twilio-Signature": "é\ud800"},
        {"Content-Type": FORM, "X-Twilio-Signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="},
        {**posted(MESSAGE).headers, "X-Twilio-Webhooks-Signature-Settings": "key=k,algorithm=MD5"},
        {**posted(MESSAGE).headers, "X-Twilio-Webhooks-Signature-Settings": "algorithm=HMAC_SHA256"},
        {**posted(MESSAGE).headers, "Content-Type": "application/json"},
    ],
)
def test_stripped_and_changed_headers_are_refused(headers: dict[str, str]) -> None:
    """Without the signature, with another, and where the body would be read in another way than it was signed."""
    assert not SMS.verify(evolve(posted(MESSAGE), headers=headers), NOW).accepted


@pytest.mark.parametrize("at", [0, 10, 100, -1])
def test_a_tampered_body_is_refused(at: int) -> None:
    """Each byte counts, and one more or less."""
    for raw in (posted(MESSAGE), _json(json.dumps(MESSAGE).encode())):
        body = bytearray(raw.body)
        body[at] ^= 1
        for tampered in (bytes(body), raw.body[:-1], raw.body + b"&Body=more"):
            assert not SMS.verify(evolve(raw, body=tampered), NOW).accepted


def test_a_body_that_is_not_signed_is_refused() -> None:
    """By GET, or as JSON without a digest, a body would be nobody's word."""
    assert not SMS.verify(evolve(got(MESSAGE), body=b"Body=Hello"), NOW).accepted
    assert not SMS.verify(evolve(posted({}), body=b"{}", headers={**posted({}).headers, "Content-Type": "application/json"}), NOW).accepted  # fmt: skip  # noqa: E501
    assert not SMS.verify(_json(b"{}", digest="0" * 64), NOW).accepted


def test_signatures_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the time of a refusal would tell how much of a forged one was right."""
    raw, compared = posted(MESSAGE), []
    real = hmac.compare_digest
    monkeypatch.setattr("hmac.compare_digest", lambda one, other: compared.append({one, other}) or real(one, other))
    assert SMS.verify(raw, NOW).accepted
    assert {raw.headers["x-twilio-signature"].encode()} in compared


def test_a_token_that_is_being_changed_still_counts() -> None:
    """Either secret may have signed, and no third."""
    changed = Sms(evolve(CONFIG, auth_token="new", other_tokens=[TOKEN]))
    assert changed.verify(posted(MESSAGE), NOW).accepted
    assert changed.verify(posted(MESSAGE, token="new"), NOW).accepted
    assert not changed.verify(posted(MESSAGE, token="other"), NOW).accepted


def test_a_shared_key_signs_by_sha256() -> None:
    """The algorithm is the one that the settings of the signature name."""
    headers = {
        "Content-Type": FORM,
        "X-Twilio-Signature": sign(TOKEN, URL, many(MESSAGE), "HMAC_SHA256"),
        "X-Twilio-Webhooks-Signature-Settings": "key=webhooks_sharedkey_1, algorithm=HMAC_SHA256",
    }
    assert SMS.verify(evolve(posted(MESSAGE), headers=headers), NOW).accepted


@given(st.binary(max_size=300), st.text(max_size=100), st.text(max_size=60), st.sampled_from([FORM, "application/json", "", "x"]), st.sampled_from(["GET", "POST", "PUT"]))  # fmt: skip  # noqa: E501
def test_nothing_forged_is_taken_and_nothing_breaks(body: bytes, url: str, given: str, form: str, method: str) -> None:
    """Whatever comes gets a verdict, with a reason that names no secret."""
    headers = {"Content-Type": form, "X-Twilio-Signature": given}
    verdict = SMS.verify(Raw(body=body, url=url, method=method, headers=headers), NOW)
    assert not verdict.accepted
    assert verdict.reason
    assert TOKEN not in repr(verdict)


def test_a_long_request_is_not_read() -> None:
    """Not even if it is signed: nothing is computed over what the provider would never send."""
    for raw in (posted({"Body": "a" * MAX_BYTES}), got({"Body": "a" * MAX_BYTES})):
        assert SMS.verify(raw, NOW).reason == "it is too long"
        with pytest.raises(BadPayload, match="too long"):
            SMS.parse(raw)
    assert SMS.verify(posted({"Body": "a" * (MAX_BYTES - 5)}), NOW).accepted


def test_hostile_requests_are_refused_at_once() -> None:
    """100 MB and 100,000 fields are not read; what is within the limit takes no time to speak of."""
    signed = {"Content-Type": FORM, "X-Twilio-Signature": "x"}
    hostile = [
        Raw(body=b"a" * 100_000_000, url=URL, headers=signed),
        Raw(body=b"a=1&" * 100_000, url=URL, headers=signed),
        Raw(body=b"a=1&" * (MAX_BYTES // 4), url=URL, headers=signed),
        Raw(body=b"%" * MAX_BYTES, url=URL, headers=signed),
        Raw(body=b"", method="GET", url=f"{URL}?{'a&' * 100_000}", headers=signed),
        Raw(body=b"", method="GET", url="https://" + "a:" * 30_000, headers=signed),
    ]
    begun = time.process_time()
    assert not any(SMS.verify(raw, NOW).accepted for raw in hostile)
    assert time.process_time() - begun < 2  # a guard against hanging: it takes some hundredths
