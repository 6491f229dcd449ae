"""What the answer of a mail server means for the message that was handed to it."""

from collections.abc import Mapping

from clientloop.channels.mail.causes import known_failure, status_in
from clientloop.model.messages import Failure, Receipt
from clientloop.ports.effects import SmtpResult, SmtpStep

#: What a refusal for good means at each step, where neither its code nor its words say more. Before the recipient is
#: named the server refuses us; what it has against the content is no reason to stop the address.
_FOR_GOOD: Mapping[SmtpStep, Failure] = dict.fromkeys(SmtpStep, Failure.CONFIG) | {SmtpStep.RCPT: Failure.PERMANENT}

#: From which step on codes and words may speak of the recipient.
_ABOUT_RECIPIENT = frozenset({SmtpStep.RCPT, SmtpStep.DATA, SmtpStep.CONTENT})

#: Subjects of status codes that are about the mail (RFC 3463, 3.7) and about what the server allows us (3.8).
_ABOUT_US = ("5.6.", "5.7.")

#: The mail is too large for the server: it will not shrink.
_TOO_LARGE = frozenset({"5.2.3", "5.3.4"})


def receipt_of(result: SmtpResult, provider_id: str) -> Receipt:
    """What became of a mail.

    Args:
        result: What the server answered.
        provider_id: The id of the mail.

    >>> receipt_of(SmtpResult(code=550, step=SmtpStep.RCPT, text="5.1.1 no such user"), "7@firm.example").failure
    <Failure.PERMANENT: 'permanent'>
    >>> receipt_of(SmtpResult(code=554, text="5.7.1 looks like spam"), "7@firm.example").failure
    <Failure.CONFIG: 'config'>
    """
    if 200 <= result.code < 300:
        return Receipt(provider_id=provider_id, detail=result.text or None)
    detail = f"{result.step}: {result.code} {result.text}".rstrip()
    return Receipt(failure=_failure(result), provider_id=provider_id, detail=detail)


def _failure(result: SmtpResult) -> Failure:
    status, said = status_in(result.text), f"{result.code} {result.text}"
    known = known_failure(status, said)
    if result.code < 500:
        return Failure.THROTTLED if known is Failure.THROTTLED else Failure.RETRY
    if result.step not in _ABOUT_RECIPIENT or status in _TOO_LARGE:
        return Failure.CONFIG
    if known is None and status is not None and status.startswith(_ABOUT_US):
        return Failure.CONFIG
    return known or _FOR_GOOD[result.step]
