"""One page of a list, and the token that asks for the next."""

import base64
import json
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from attrs import frozen

from clientloop.errors import InvalidValue

T = TypeVar("T", covariant=True)


@frozen
class Page(Generic[T]):
    """Some items of a list.

    >>> page = Page(items=("a", "b"), next=None)
    >>> list(page), len(page)
    (['a', 'b'], 2)
    """

    #: The items.
    items: tuple[T, ...]
    #: Asks for the next page; None on the last.
    next: str | None = None

    def __iter__(self) -> Iterator[T]:
        """Over the items of this page."""
        return iter(self.items)

    def __len__(self) -> int:
        """How many items this page has."""
        return len(self.items)


def pack_cursor(values: tuple[Any, ...]) -> str:
    """The opaque token for a position in an order. Any: database values, int, str, bytes or None.

    >>> unpack_cursor(pack_cursor((5, "a", b"\\x00")))
    (5, 'a', b'\\x00')
    """
    tagged = [["b", value.hex()] if isinstance(value, bytes) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(tagged, separators=(",", ":")).encode()).decode().rstrip("=")


def unpack_cursor(token: str) -> tuple[Any, ...]:
    """The position in an order. Any: as above.

    Raises:
        InvalidValue: It is no token of ours.
    """
    try:
        tagged = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        return tuple(bytes.fromhex(value[1]) if isinstance(value, list) else value for value in tagged)
    except (ValueError, TypeError, IndexError):
        raise InvalidValue(f"{token!r:.40} is no page token", hint="pass `page.next` on as it came") from None
