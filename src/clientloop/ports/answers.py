"""What HTTP answers mean to a channel that sends: shared by all channels over HTTP."""

import email.utils
import re
from collections.abc import Mapping
from datetime import datetime

from clientloop.model.messages import Failure
from clientloop.ports.effects import HttpResult

#: What a status says of a message that was not taken. A gateway (502, 504) does not know what the server behind it did.
STATUSES: Mapping[int, Failure] = {
    401: Failure.CONFIG,
    403: Failure.CONFIG,
    404: Failure.CONFIG,
    408: Failure.RETRY,
    429: Failure.THROTTLED,
    502: Failure.UNKNOWN,
    504: Failure.UNKNOWN,
}

#: The longest pause that a channel may ask for, in seconds: 30 days.
LONGEST_PAUSE = 30 * 24 * 3600.0


def failure_of(status: int) -> Failure | None:
    """What an HTTP status says about a message that was to be sent.

    A status that says nothing about the address waits for a person: to call the address bad for it would stop it.

    Args:
        status: The status code.

    Returns:
        Why it was not taken; None if it was.

    >>> failure_of(201), failure_of(503), failure_of(504), failure_of(302)
    (None, <Failure.RETRY: 'retry'>, <Failure.UNKNOWN: 'unknown'>, <Failure.CONFIG: 'config'>)
    """
    if 200 <= status < 300:
        return None
    return STATUSES.get(status, Failure.RETRY if status >= 500 else Failure.CONFIG)


def retry_after(answer: HttpResult) -> float | None:
    """How long the server asks to wait (RFC 9110, 10.2.3).

    A date counts from the answer's own `Date`, so that the clock of this machine plays no part.

    Args:
        answer: What the server answered.

    Returns:
        Seconds, at most 30 days; None where it does not say, or says it in no known form.

    >>> retry_after(HttpResult(status=429, headers={"retry-after": "120"}))
    120.0
    """
    said = answer.headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(said):
        return min(float(said), LONGEST_PAUSE)
    until, since = _date(said), _date(answer.headers.get("date", ""))
    if until is None or since is None:
        return None
    return min(max((until - since).total_seconds(), 0.0), LONGEST_PAUSE)


_SECONDS = re.compile(r"\d{1,15}", re.ASCII)


def _date(said: str) -> datetime | None:
    try:
        found = email.utils.parsedate_to_datetime(said[:64])
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo else None
