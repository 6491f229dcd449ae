"""The signature of Standard Webhooks (1.0.0): HMAC-SHA256 over the id, the time of the try and the body."""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from clientloop.ports.events import Raw

#: The header fields: which webhook, when this try was made, and the signatures.
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"

#: How far the time of a try may be from ours: what is older is a replay, what is newer is somebody's trick.
TOLERANCE = timedelta(minutes=5)

#: What a secret begins with.
PREFIX = "whsec_"

#: How many bytes a secret has.
SECRET_BYTES = range(24, 65)


def is_secret(text: str) -> bool:
    """Whether a text is a secret: `whsec_` and 24 to 64 bytes as base64.

    >>> is_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), is_secret("secret")
    (True, False)
    """
    encoded = text.removeprefix(PREFIX)
    return bool(_BASE64.fullmatch(encoded)) and len(_key(text)) in SECRET_BYTES


_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2,3}=?=?)?")


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX).rstrip("=") + "==")


def sign(secret: str, key: str, timestamp: int, body: bytes) -> str:
    """One signature, with its version.

    Args:
        secret: The secret.
        key: The id of the webhook, the same through every try.
        timestamp: When this try is made, in seconds since 1970.
        body: The body, byte by byte as it is sent.

    >>> body = b'{"test": 2432232314}'
    >>> sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    signed = f"{key}.{timestamp}.".encode(errors="surrogatepass") + body
    return f"v1,{base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest()).decode()}"


def headers(secrets: Iterable[str], key: str, now: datetime, body: bytes) -> dict[str, str]:
    """The header fields of a webhook that is sent now, signed with each secret.

    Args:
        secrets: All that the receiver may know: two while one is being changed.
        key: The id of the webhook.
        now: The present, aware.
        body: The body.
    """
    timestamp = int(now.timestamp())
    signatures = " ".join(sign(secret, key, timestamp, body) for secret in secrets)
    return {ID: key, TIMESTAMP: str(timestamp), SIGNATURE: signatures}


def fault(raw: Raw, secrets: Iterable[str], now: datetime) -> str | None:
    """What is wrong with the signature of a webhook.

    Args:
        raw: What came.
        secrets: Any of these may have signed it.
        now: The present, aware.

    Returns:
        The reason to refuse it; None if it is signed.
    """
    given = _given(raw.headers)
    if isinstance(given, str):
        return given
    key, timestamp, signatures = given
    if abs(now.timestamp() - timestamp) > TOLERANCE.total_seconds():
        return f"its time is more than {TOLERANCE // timedelta(minutes=1)} minutes from now"
    versions = {each.partition(",")[0] for each in signatures}
    if "v1" not in versions:
        return _NOT_V1.get("v1a" if "v1a" in versions else "", "no signature has the form 'v1,…'")
    expected = [sign(secret, key, timestamp, raw.body).encode() for secret in secrets]
    # all are compared, so that the time says nothing of which came near
    matches = [hmac.compare_digest(own, each) for own in expected for each in map(_bytes, signatures)]
    return None if any(matches) else "no signature matches"


#: How many signatures are looked at: a sender that changes its secret sends two.
_MOST_SIGNATURES = 16

_NOT_V1 = {"v1a": "it is signed by v1a (ed25519) alone, which is not read: ask the sender for v1 with a shared secret"}


def _given(fields: Mapping[str, str]) -> tuple[str, int, list[str]] | str:
    """The id, the time and the signatures of a webhook, or what is missing."""
    missing = [name for name in (ID, TIMESTAMP, SIGNATURE) if not fields.get(name)]
    if missing:
        return f"it has no {' and no '.join(missing)}"
    if not _TIMESTAMP.fullmatch(fields[TIMESTAMP]):
        return f"{TIMESTAMP} is no whole number of seconds"
    signatures = fields[SIGNATURE].split(" ", _MOST_SIGNATURES)[:_MOST_SIGNATURES]
    return fields[ID], int(fields[TIMESTAMP]), signatures


_TIMESTAMP = re.compile(r"[0-9]{1,12}")


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")
