"""The fields of a request as the provider makes them, read under limits."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from clientloop.errors import BadPayload
from clientloop.ports.events import Raw

#: How long a body or a URL may be, in bytes: the longest message, of 1,600 signs, has less than 20,000.
MAX_BYTES = 65_536
#: How many fields it may have: requests have some 40, and two for each of ten files.
MAX_FIELDS = 500

#: The field of a URL that names a message of ours.
MESSAGE = "message"

#: The values of each field, in their order.
Fields = Mapping[str, tuple[str, ...]]


def is_too_long(raw: Raw) -> bool:
    """Whether a request is longer than any that the provider makes.

    >>> is_too_long(Raw(body=b"Body=Hello"))
    False
    """
    return len(raw.body) > MAX_BYTES or len(raw.url) > MAX_BYTES


def is_json(raw: Raw) -> bool:
    """Whether the body is said to be JSON.

    >>> is_json(Raw(body=b"{}", headers={"Content-Type": "application/json; charset=utf-8"}))
    True
    """
    return raw.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def query(url: str) -> Fields:
    """The fields in the query of a URL.

    Raises:
        BadPayload: They cannot be read.

    >>> query("https://example.com/sms?Body=Hello+there")
    {'Body': ('Hello there',)}
    """
    try:
        return _pairs(urlsplit(url).query)
    except ValueError:
        raise BadPayload("the URL cannot be read") from None


def naming(url: str, message: UUID) -> str:
    """The URL that receipts of a message go to: it names the message, whose id at the provider may never be known.

    >>> naming("https://shop.example/in?a=1", UUID(int=7))
    'https://shop.example/in?a=1&message=00000000-0000-0000-0000-000000000007'
    """
    return f"{url}{'&' if urlsplit(url).query else '?'}{MESSAGE}={message}"


def named(url: str) -> UUID | None:
    """The message that the URL of a receipt names; None if it names none.

    Raises:
        BadPayload: The URL cannot be read.

    >>> named("https://shop.example/in?message=00000000-0000-0000-0000-000000000007") == UUID(int=7)
    True
    """
    try:
        return UUID(query(url).get(MESSAGE, ("",))[0])
    except ValueError:
        return None


def read(raw: Raw) -> Fields:
    """The fields of a request: of the query by GET, else of the body as a form or as one flat JSON object.

    Args:
        raw: The request.

    Raises:
        BadPayload: It is too long, has too many fields or cannot be read.
    """
    if is_too_long(raw):
        raise BadPayload("the request is too long", hint=f"at most {MAX_BYTES} bytes are read")
    if raw.method.upper() == "GET":
        return query(raw.url)
    try:
        text = raw.body.decode()
    except UnicodeDecodeError:
        raise BadPayload("the body is no UTF-8") from None
    return _flat(text) if is_json(raw) else _pairs(text)


def _pairs(text: str) -> Fields:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError:  # too many, or bytes that are no UTF-8
        raise BadPayload("the form cannot be read", hint=f"at most {MAX_FIELDS} fields in UTF-8 are read") from None
    return _grouped(pairs)


def _flat(text: str) -> Fields:
    try:
        said: Any = json.loads(text)  # Any: whatever JSON can say
        text.encode()
    except (ValueError, RecursionError):
        raise BadPayload("the body is no JSON") from None
    if not isinstance(said, dict) or len(said) > MAX_FIELDS:
        raise BadPayload("the body is no object of fields", hint=f"at most {MAX_FIELDS} are read")
    return _grouped((name, str(value)) for name, value in said.items() if isinstance(value, (str, int)))


def _grouped(pairs: Iterable[tuple[str, str]]) -> Fields:
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return {name: tuple(values) for name, values in grouped.items()}
