"""What the provider's own library signs is taken, and what is signed here passes it.

The library belongs to the group `peers`: it is large, and nothing but these tests needs it.
"""

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientloop.channels.sms.signature import fault, sign
from clientloop.ports.events import Raw
from tests.channels.sms.samples import FORM, MESSAGE, RECEIPT, TOKEN, URL, got, many, posted

if TYPE_CHECKING:
    from twilio.request_validator import RequestValidator


@pytest.fixture(scope="module")
def twilio() -> "RequestValidator":
    """The provider's validator, with our token."""
    module = pytest.importorskip("twilio.request_validator", reason="needs the group 'peers'")
    validator: RequestValidator = module.RequestValidator(TOKEN)
    return validator


class Values(dict[str, tuple[str, ...]]):
    """Several values a field, as web frameworks hand them to the validator."""

    def getall(self, name: str) -> tuple[str, ...]:
        """All of one field."""
        return self[name]


@pytest.mark.parametrize("fields", [MESSAGE, RECEIPT, {"Body": "Сломалось & <b> 👍", "A": "", "a": "x"}])
def test_it_takes_what_we_sign(twilio: "RequestValidator", fields: dict[str, str]) -> None:
    """By POST and by GET, and with either algorithm."""
    assert twilio.validate(URL, dict(fields), posted(fields).headers["x-twilio-signature"])
    asked = got(fields)
    assert twilio.validate(asked.url, {}, asked.headers["x-twilio-signature"])
    signature = sign(TOKEN, URL, many(fields), "HMAC_SHA256")
    assert twilio.validate(URL, dict(fields), signature, "HMAC_SHA256")


@given(
    st.dictionaries(st.text(min_size=1, max_size=8), st.lists(st.text(max_size=8), min_size=1, max_size=3), max_size=6),
    st.sampled_from([URL, f"{URL}?a=b", "https://shop.example:443/in", "http://shop.example:8080/in", "http://a"]),
)
def test_we_take_what_it_signs(twilio: "RequestValidator", fields: dict[str, list[str]], url: str) -> None:
    """Any fields, several values of one among them, at any port; and nothing that was changed on the way."""
    values = Values({name: tuple(given) for name, given in fields.items()})
    headers = {"Content-Type": FORM, "X-Twilio-Signature": twilio.compute_signature(url, values)}
    raw = Raw(body=urlencode(fields, doseq=True).encode(), url=url, headers=headers)
    assert fault(raw, [TOKEN]) is None
    assert fault(evolve(raw, body=raw.body + b"&Body=more"), [TOKEN])


def test_json_is_taken_alike(twilio: "RequestValidator") -> None:
    """By the digest of the body in the URL."""
    body = '{"Body": "Сломалось"}'
    url = f"{URL}?bodySHA256={hashlib.sha256(body.encode()).hexdigest()}"
    assert twilio.validate(url, body, sign(TOKEN, url, {}))
    headers = {"Content-Type": "application/json", "X-Twilio-Signature": twilio.compute_signature(url, {})}
    raw = Raw(body=body.encode(), url=url, headers=headers)
    assert fault(raw, [TOKEN]) is None
    assert fault(evolve(raw, body=b'{"Body": "no"}'), [TOKEN])
    assert not twilio.validate(url, '{"Body": "no"}', sign(TOKEN, url, {}))
