"""What the rows of reports are split by, and which items a report is about."""

from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from operator import attrgetter
from typing import TypeAlias

from clientloop.errors import InvalidValue
from clientloop.model.codec import microseconds
from clientloop.model.feedback import Feedback
from clientloop.model.plan import Bucket, Key
from clientloop.model.where import ALL, Where, ge, lt
from clientloop.rules.measures.aggregation import first_day

#: What a row of a report is about: a name, the first day of a month, or None where an item has none.
RowKey: TypeAlias = str | date | None


class LoopKey(StrEnum):
    """What the rows of a report are split by."""

    #: The channel that an item came by.
    CHANNEL = "channel"
    #: Its kind.
    KIND = "kind"
    #: Who works on it.
    OWNER = "owner"
    #: The team that works on it.
    TEAM = "team"
    #: The month in which it was received, in the space's zone.
    MONTH = "month"


def key_of(by: LoopKey, zone: str) -> Key:
    """What the store groups items by.

    Args:
        by: What the rows are split by.
        zone: IANA name of the zone whose months count.
    """
    return Key("received_at", Bucket.MONTH, zone) if by is LoopKey.MONTH else Key(by)


def row_of(by: LoopKey, zone: str) -> Callable[[Feedback], RowKey]:
    """Tells the row that an item belongs to: the same that the store groups it into.

    Args:
        by: What the rows are split by.
        zone: IANA name of the zone whose months count.
    """
    key = key_of(by, zone)
    bucket = key.bucket
    if bucket is None:
        return attrgetter(key.field)

    def month(item: Feedback) -> RowKey:
        return None if item.received_at is None else first_day(microseconds(item.received_at), bucket, zone)

    return month


def none_last(key: RowKey) -> tuple[bool, str]:
    """Sorts the keys of rows: by name or by time, the items without one last."""
    return key is None, str(key)


def received(since: datetime | None, until: datetime | None) -> Where:
    """Items received at a time or later, and before another; None: without that bound."""
    return between("received_at", since, until)


def between(field: str, since: datetime | None, until: datetime | None) -> Where:
    """Records of a time or later, and before another; None: without that bound.

    Args:
        field: The field with their time.
        since: The time from which on.
        until: The time before which.

    Raises:
        InvalidValue: A time names no zone.
    """
    for at in (since, until):
        if at is not None and at.tzinfo is None:
            raise InvalidValue(f"{at!r} names no zone", hint="give an aware datetime")
    from_then = ALL if since is None else ge(field, since)
    return from_then if until is None else from_then & lt(field, until)
