"""One page of a list, and the token that asks for the next."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

from attrs import frozen

from clientloop.errors import InvalidValue
from clientloop.model.codec import CODECS, Codec, Kind

T = TypeVar("T", covariant=True)

#: What refuses a value that no column of a kind can hold. Any: whatever a token brings.
_CHECKS: Mapping[Kind, Callable[[Any], object]] = {
    Kind.INT: CODECS[int].encode,
    Kind.TEXT: CODECS[str].encode,
    Kind.BYTES: CODECS[bytes].encode,
}


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


def check_limit(limit: int) -> None:
    """Refuse a page of no items.

    Args:
        limit: How many items are asked for at most.

    Raises:
        InvalidValue: It is below 1, or no whole number.

    >>> check_limit(0)
    Traceback (most recent call last):
    clientloop.errors.InvalidValue: the limit is 0: ask for at least 1
    """
    if type(limit) is not int or limit < 1:
        raise InvalidValue(f"the limit is {limit!r:.40}", hint="ask for at least 1")


def order_key(values: tuple[Any, ...]) -> tuple[tuple[bool, Any], ...]:
    """What sorts database values as every store does: column by column, None first. Any: int, str, bytes or None.

    >>> sorted([(2,), (None,), (1,)], key=order_key)
    [(None,), (1,), (2,)]
    """
    return tuple([(value is not None, value) for value in values])


def pack_cursor(values: tuple[Any, ...]) -> str:
    r"""The opaque token for a position in an order. Any: database values, int, str, bytes or None.

    >>> unpack_cursor(pack_cursor((5, "a", b"\x00")))
    (5, 'a', b'\x00')
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
    except (ValueError, TypeError, IndexError, RecursionError):
        raise _no_token(token) from None


def unpack_position(token: str, codecs: Sequence[Codec]) -> tuple[Any, ...]:
    """The position in an order whose columns are stored in these ways. Any: as above.

    Args:
        token: The `next` of a page in that order.
        codecs: How the columns of the order are stored.

    Raises:
        InvalidValue: It is no token of this order.
    """
    values = unpack_cursor(token)
    if len(values) != len(codecs) or not all(map(_may_hold, codecs, values)):
        raise _no_token(token)
    return values


def _may_hold(codec: Codec, value: object) -> bool:
    if value is None:
        return codec.nullable
    try:
        _CHECKS[codec.kind](value)
    except InvalidValue:
        return False
    return True


def _no_token(token: str) -> InvalidValue:
    return InvalidValue(f"{token!r:.40} is no page token", hint="pass `page.next` of the same order on as it came")
