"""The provider's signature of a request, `X-Twilio-Signature`: over the URL that it called, and the form it posted.

It signs no time: a request that is sent again is signed as well, and is known by the key of its event.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from clientloop.channels.sms import forms
from clientloop.channels.sms.forms import Fields
from clientloop.errors import BadPayload
from clientloop.ports.events import Raw

#: The algorithms by their names in `X-Twilio-Webhooks-Signature-Settings`. Any: hashlib names no type for them.
ALGORITHMS: Mapping[str, Callable[[], Any]] = {"HMAC_SHA1": hashlib.sha1, "HMAC_SHA256": hashlib.sha256}


def sign(secret: str, url: str, fields: Fields, algorithm: str = "HMAC_SHA1") -> str:
    """The signature of a request.

    Args:
        secret: The account's token, or a shared key.
        url: The whole URL that is called.
        fields: The fields of the posted form; none by GET, or where the body is no form.
        algorithm: One of `ALGORITHMS`.

    >>> sign("12345", "https://example.com/sms", {"Body": ("Hello",)})
    'fwWO6k7ag1i38aw0IQSwYepmPq8='
    """
    signed = [url, *(name + value for name in sorted(fields) for value in sorted(set(fields[name])))]
    digest = hmac.new(secret.encode(), "".join(signed).encode(errors="surrogatepass"), ALGORITHMS[algorithm])
    return base64.b64encode(digest.digest()).decode()


def fault(raw: Raw, secrets: Iterable[str]) -> str | None:
    """What is wrong with the signature of a request.

    Args:
        raw: The request.
        secrets: Any of these may have signed it.

    Returns:
        The reason to refuse it; None if it is signed.
    """
    given = raw.headers.get("x-twilio-signature", "")
    algorithm = _algorithm(raw)
    if forms.is_too_long(raw):
        return "it is too long"
    if not given:
        return "it is not signed"
    if algorithm not in ALGORITHMS:
        return "it is signed by an unknown algorithm"
    try:
        fields = _signed_fields(raw)
    except BadPayload as error:
        return error.message
    expected = [sign(secret, url, fields, algorithm) for secret in secrets for url in _spellings(raw.url)]
    # all are compared, so that the time says nothing of which came near
    matches = [hmac.compare_digest(each.encode(), given.encode(errors="surrogatepass")) for each in expected]
    return None if any(matches) else "the signature does not match"


def _algorithm(raw: Raw) -> str:
    parts = raw.headers.get("x-twilio-webhooks-signature-settings", "").split(",")
    settings = {name.strip(): value.strip() for name, _, value in (part.partition("=") for part in parts)}
    return settings.get("algorithm") or "HMAC_SHA1"


def _signed_fields(raw: Raw) -> Fields:
    """What is signed besides the URL; a body that is not covered by the signature is refused."""
    if raw.method.upper() != "GET" and not forms.is_json(raw):
        return forms.read(raw)
    claimed = forms.query(raw.url).get("bodySHA256", ("",))[0] if raw.body else _digest(b"")
    if not hmac.compare_digest(claimed.lower().encode(), _digest(raw.body).encode()):
        raise BadPayload("the body is not the one that was signed")
    return {}


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _spellings(url: str) -> list[str]:
    """The URL as it is, without its port and with the usual one: the provider's servers do not agree."""
    found = _URL.fullmatch(url)
    if found is None:
        return [url]
    scheme, host, port, rest = found.groups()
    usual = port or (":443" if scheme == "https" else ":80")
    return [url, f"{scheme}://{host}{rest}", f"{scheme}://{host}{usual}{rest}"]


_URL = re.compile(r"(https?)://([^/?#:@]+|\[[^]/?#@]*\])(:[0-9]+)?((?:[/?#].*)?)", re.DOTALL)
