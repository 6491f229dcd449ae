"""What the provider's codes say of a message that was not taken, or will not arrive."""

import json
from collections.abc import Mapping

from clientloop.model.messages import Failure, Receipt
from clientloop.ports.answers import failure_of, retry_after
from clientloop.ports.effects import HttpResult

_CODES: Mapping[Failure, tuple[int, ...]] = {
    # no connection, queue full, no answer of the carrier, parts lost, expired, switched off: another time it may work
    Failure.RETRY: (20500, 20503, 30003, 30008, 30009, 30036, 30410),
    # requests, queue, carrier, and the limits of registered campaigns
    Failure.THROTTLED: (20429, 21611, 30001, 30017, 30022, 30023),
    # no number, none of a mobile, none that exists, a land line, not reachable from here
    Failure.PERMANENT: (21211, 21214, 21217, 21265, 21604, 21612, 21614, 30004, 30005, 30006),
    # the recipient has said STOP
    Failure.OPTED_OUT: (21610,),
    # account, permission, sender, callback, text, content that carriers filter, price, registration
    Failure.CONFIG: (
        *(20003, 20005, 20008, 20404, 21212, 21219, 21266, 21408, 21601, 21602, 21603, 21605, 21606, 21608, 21609),
        *(21617, 21619, 21620, 21703, 21705, 30002, 30007, 30010, 30032, 30034),
    ),
}

#: Every code that is known, with what it says.
CODES: Mapping[int, Failure] = {code: failure for failure, codes in _CODES.items() for code in codes}


def failure_by_code(code: str) -> Failure | None:
    """What a code says of a message; None if it is unknown.

    Args:
        code: As the provider wrote it.

    >>> failure_by_code("21610"), failure_by_code("")
    (<Failure.OPTED_OUT: 'opted_out'>, None)
    """
    return CODES.get(int(code)) if code.isascii() and code.isdigit() and len(code) <= 9 else None


def receipt_of(answer: HttpResult) -> Receipt:
    """What became of a message, by the answer to the call that sends it.

    The provider's code goes before the status: it knows more.

    Args:
        answer: What the server answered.
    """
    said = _said(answer.body)
    if failure_of(answer.status) is None:
        return Receipt(provider_id=str(said["sid"]) if said.get("sid") else None)
    code = str(said.get("code", ""))
    words = (f"status {answer.status}", f"code {code}" if code else "", str(said.get("message", "")))
    return Receipt(
        failure=failure_by_code(code) or failure_of(answer.status),
        detail=", ".join(filter(None, words)),
        retry_after=retry_after(answer),
    )


#: Longer answers are not read: a receipt has a few hundred bytes.
_LONGEST = 65_536


def _said(body: bytes) -> Mapping[str, object]:
    """The object in an answer; empty where it holds none, as an error page of a gateway."""
    try:
        found = json.loads(body[:_LONGEST])
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
