"""What arrives, in a form that every store takes; what cannot be is kept beside, and not believed."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from clientloop.model.codec import Json

#: How far a sender's clock may run ahead.
AHEAD = timedelta(minutes=15)

#: What programs say that know no time: the beginning of their clocks.
_NEVER = datetime(1970, 1, 2, tzinfo=UTC)

#: A language tag as BCP 47 writes it, or with underscores.
_TAG = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8}){0,4}")


def said_at(at: datetime | None, now: datetime) -> tuple[datetime, bool]:
    """When something was said, and whether what the sender says of it cannot be.

    Args:
        at: What the sender says, aware; None if nothing.
        now: When it came, UTC: what is believed where the sender says nothing, or something impossible.

    >>> now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> said_at(datetime(2031, 1, 1, tzinfo=UTC), now) == (now, True)
    True
    """
    if at is None:
        return now, False
    doubtful = not _NEVER <= at <= now + AHEAD
    return (now if doubtful else min(at, now)), doubtful


def language(tag: str | None) -> str | None:
    """A language tag, if it has the form of one.

    >>> language("pt-BR"), language("?")
    ('pt-BR', None)
    """
    return tag if tag and _TAG.fullmatch(tag) else None


def clean(text: str) -> str:
    r"""Text without what no database takes: NUL, and halves of characters.

    >>> clean("a\0b\udc80")
    'ab?'
    """
    return text.replace("\0", "").encode(errors="replace").decode()


def storable(value: object) -> Json:
    r"""A value as JSON that every store takes; what JSON does not know becomes text.

    >>> storable({"a": (1, float("nan")), 2: "\0"})
    {'a': [1, 'nan'], '2': ''}
    """
    match value:
        case str():
            return clean(value)
        case None | bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case Mapping():
            return {clean(str(name)): storable(each) for name, each in value.items()}
        case list() | tuple():
            return [storable(each) for each in value]
        case _:
            return clean(str(value))
