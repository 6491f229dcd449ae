"""Ids as clientloop makes and reads them: time-ordered 128-bit values, and the short `ref` for people."""

import os
import threading
from uuid import UUID

from clientloop.errors import InvalidValue
from clientloop.model.refs import CROCKFORD

_lock = threading.Lock()
_last = 0


def new_id(now_us: int) -> UUID:
    """A UUID of version 7 (RFC 9562, 5.7): milliseconds, then a counter that keeps ids of one process in order.

    The counter starts anew at each millisecond's microseconds, so that ids also sort by the time within one.

    Args:
        now_us: Microseconds since 1970 in UTC.

    >>> first, second = new_id(1_700_000_000_000_000), new_id(1_700_000_000_000_000)
    >>> first.version, first < second
    (7, True)
    """
    global _last  # noqa: PLW0603  # the last time given out: no two ids share it
    # 60 bits: milliseconds << 12 | the thousandths and what the counter added to them
    ticks = (now_us // 1000) << 12 | (now_us % 1000) << 2
    with _lock:
        _last = ticks = ticks if ticks > _last else _last + 1
    return UUID(
        int=(ticks >> 12) << 80 | 0x7 << 76 | (ticks & 0xFFF) << 64 | 0b10 << 62 | int.from_bytes(os.urandom(8)) >> 2
    )


def new_ref() -> str:
    """Eight random characters of Crockford's base 32, to tell a customer.

    >>> len(new_ref())
    8
    """
    number = int.from_bytes(os.urandom(5))
    return "".join(CROCKFORD[number >> shift & 31] for shift in range(35, -1, -5))


def id_of(record: object) -> UUID:
    """The id of a record, of an id, or of its text.

    Raises:
        InvalidValue: It is no id.
    """
    if isinstance(record, UUID):
        return record
    try:
        return UUID(str(getattr(record, "id", record)))
    except ValueError:
        raise InvalidValue(f"{record!r:.60} is no id", hint="give the record or its id") from None
