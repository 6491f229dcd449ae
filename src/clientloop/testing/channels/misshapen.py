"""Bodies of JSON and of forms in which one field is not what it should be."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode

#: What stands in the place of a value of JSON.
VALUES: tuple[Any, ...] = (  # Any: whatever JSON can say
    *(None, True, 7, -1, 2**70, 1.5, "", " ", "7", "\0", "a\ud800", "é" * 600, [], ["a"], [[]], {}, {"a": 1}),
    *("2026-03-02T09:00:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "NaN"),
)

#: What stands in the place of a value of a form, already encoded.
TEXTS = ("", "+", "%00", "%FF", "%ED%A0%80", "7", "-1", "9" * 5_000, "a" * 600, "%C3%A9" * 200, "[]", "%0D%0A")


def misshapen(body: bytes) -> Iterator[bytes]:
    """The body with one field at a time left out, or holding something of another sort; nothing for other bodies.

    >>> list(misshapen(b"a=1"))[:3]
    [b'', b'a=', b'a=+']
    """
    try:
        said = json.loads(body)
    except ValueError:
        yield from _forms(body)
        return
    for changed in _changed(said):
        yield json.dumps(changed).encode()


def _changed(said: Any) -> Iterator[Any]:  # Any: as above
    yield from VALUES
    places = list(said.items()) if isinstance(said, dict) else list(enumerate(said)) if isinstance(said, list) else []
    for place, value in places:
        if isinstance(said, dict):
            yield {name: each for name, each in said.items() if name != place}
        for changed in _changed(value):
            copy = said.copy()
            copy[place] = changed
            yield copy


def _forms(body: bytes) -> Iterator[bytes]:
    try:
        fields = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True)
    except ValueError:  # no form
        return
    for number, (name, _) in enumerate(fields):
        before, after = urlencode(fields[:number]), urlencode(fields[number + 1 :])
        yield "&".join(filter(None, (before, after))).encode()
        for text in TEXTS:
            yield "&".join(filter(None, (before, f"{name}={text}", after))).encode()
