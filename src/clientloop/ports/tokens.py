"""Sealed tokens: a few plain values that nobody else can make or change, in letters that a URL carries.

A token is for one use, so that the token of a page is no invitation. Several keys are known and the first signs, so
that a key can be replaced: put the new one first, and take the old one away when what it has signed has expired.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence

from clientloop.model.codec import Json, write_json

#: Longer tokens are not even looked at.
_LONGEST = 10_000


def seal(keys: Sequence[str], use: str, values: Sequence[Json]) -> str:
    """A token with these values.

    Args:
        keys: Secrets; the first signs.
        use: What the token is for.
        values: Text, whole numbers and lists and mappings of them; they can be read by whoever has the token.

    >>> token = seal(["new", "old"], "page", ["contact", 7])
    >>> unseal(["newest", "new"], "page", token), unseal(["new"], "invitation", token), unseal(["old"], "page", token)
    (['contact', 7], None, None)
    """
    payload = base64.urlsafe_b64encode(write_json(values).encode(errors="replace")).decode().rstrip("=")
    return f"{payload}.{_signature(keys[0], use, payload)}"


def unseal(keys: Sequence[str], use: str, token: str) -> list[Json] | None:
    """The values of a token; None if none of the keys has signed it for this use.

    Args:
        keys: Secrets, any of which may have signed it.
        use: What it must be for.
        token: What somebody sent.
    """
    payload, dot, signature = token[: _LONGEST + 1].partition(".")
    if not dot or len(token) > _LONGEST:
        return None
    given = signature.encode(errors="replace")
    # a list, so that the time does not tell which key it was
    if not any([hmac.compare_digest(given, _signature(key, use, payload).encode()) for key in keys]):  # noqa: C419
        return None
    values: list[Json] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return values


def _signature(key: str, use: str, payload: str) -> str:
    # the signature is compared as text and covers the payload as text: no second spelling of a token is valid
    return hmac.new(key.encode(), f"{use}\0{payload}".encode(errors="replace"), hashlib.sha256).hexdigest()
