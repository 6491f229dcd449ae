"""What a channel asks of its host, as plain data: an HTTP call, a mail to send, a mailbox to look into, the time.

An adapter opens no socket and reads no clock. It yields an effect and receives its result, so that one adapter serves
synchronous and asynchronous hosts, and a test plays the other side without a network:

>>> def ping() -> Generator[Effect, Result, int]:
...     answer = yield from ask(HttpCall(method="GET", url="https://example.com/"))
...     return answer.status if isinstance(answer, HttpResult) else 0
>>> drive(ping(), lambda effect: HttpResult(status=204))
204
"""

from collections.abc import Awaitable, Callable, Generator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar, overload

from attrs import field, frozen

from clientloop.errors import InvalidValue
from clientloop.model.messages import Failure, Receipt
from clientloop.ports.reach import Reach

T = TypeVar("T")


class Tls(StrEnum):
    """How a connection to a mail server is encrypted."""

    #: From the first byte.
    IMPLICIT = "implicit"
    #: After a STARTTLS command; refused where the server does not offer it.
    STARTTLS = "starttls"
    #: Not at all: for a server on the same machine.
    NONE = "none"


@frozen(kw_only=True)
class MailServer:
    """How to reach a mail server."""

    #: Name or address of the machine.
    host: str
    #: TCP port.
    port: int
    #: How the connection is encrypted.
    tls: Tls = Tls.IMPLICIT
    #: Whom to log in as; None for no login.
    username: str | None = None
    #: With which password.
    password: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class HttpCall:
    """Make one HTTP request; redirects are not followed. Only the method is shown by `repr`: the rest holds secrets."""

    #: The method, in capitals.
    method: str
    #: The absolute URL.
    url: str = field(repr=False)
    #: The header fields.
    headers: Mapping[str, str] = field(factory=dict, repr=False)
    #: The body.
    body: bytes = field(default=b"", repr=False)
    #: How long to wait for the whole answer, in seconds.
    timeout: float = 30.0
    #: Which addresses it may reach, where somebody else chose the URL; None where the adapter itself did.
    reach: Reach | None = field(default=None, repr=False)


@frozen(kw_only=True)
class SmtpSend:
    """Hand one mail to a mail server."""

    #: Where to.
    server: MailServer
    #: The envelope's sender.
    sender: str = field(repr=False)
    #: The envelope's recipients.
    recipients: tuple[str, ...] = field(repr=False)
    #: The whole mail (RFC 5322).
    message: bytes = field(repr=False)
    #: Ask for reports on delivery, delay and failure, in which the mail has this name (RFC 3461), where the server can
    #: do that; None to ask for none: most servers report failures all the same.
    report_as: str | None = None
    #: How long to wait for each answer of the server, in seconds.
    timeout: float = 30.0


@frozen(kw_only=True)
class ImapScan:
    """Fetch the mails that came after one already seen; nothing is marked or moved."""

    #: Where from.
    server: MailServer
    #: Name of the folder.
    folder: str = "INBOX"
    #: UIDVALIDITY of the folder (RFC 9051, 2.3.1.1) when `after` was seen; where it has changed, the scan starts anew.
    validity: int | None = None
    #: The UID of the last mail seen.
    after: int = 0
    #: How many mails at most, the lowest UIDs first.
    limit: int = 100
    #: How long to wait for each answer of the server, in seconds.
    timeout: float = 30.0


@frozen(kw_only=True)
class AskTime:
    """Tell the present, for a signature that grows old."""


@frozen(kw_only=True)
class HttpResult:
    """What an HTTP server answered, whatever the status."""

    #: The status code.
    status: int
    #: The header fields, names in lower case.
    headers: Mapping[str, str] = field(factory=dict, repr=False)
    #: The body.
    body: bytes = field(default=b"", repr=False)


class SmtpStep(StrEnum):
    """What a mail server answered to; what it refuses before `RCPT` it refuses to us, not to the recipient."""

    #: The connection.
    CONNECT = "connect"
    #: Our name.
    EHLO = "ehlo"
    #: The wish for encryption.
    STARTTLS = "starttls"
    #: The login.
    AUTH = "auth"
    #: The sender, and the size and kind of the mail.
    MAIL = "mail"
    #: The recipients.
    RCPT = "rcpt"
    #: The wish to hand over the content.
    DATA = "data"
    #: The content.
    CONTENT = "content"


@frozen(kw_only=True)
class SmtpResult:
    """What a mail server answered to the mail as a whole."""

    #: The reply code (RFC 5321, 4.2).
    code: int
    #: To what it was the answer; nothing after it was tried.
    step: SmtpStep = SmtpStep.CONTENT
    #: The reply's text.
    text: str = ""
    #: Reply codes of the recipients that were refused although the mail was taken for others.
    refused: Mapping[str, int] = field(factory=dict, repr=False)


@frozen(kw_only=True)
class ScannedMail:
    """One mail of a folder."""

    #: Its UID.
    uid: int
    #: The whole mail (RFC 5322).
    content: bytes = field(repr=False)
    #: Whether that is only its beginning: the mail is larger than the host takes, or the server did not give it.
    cut: bool = False


@frozen(kw_only=True)
class ImapResult:
    """What a folder held."""

    #: UIDVALIDITY of the folder now.
    validity: int
    #: The mails, by rising UID.
    mails: tuple[ScannedMail, ...] = ()


def _aware(_instance: object, _attribute: object, now: datetime) -> None:
    if now.tzinfo is None:
        raise InvalidValue(f"now: {now!r} names no zone", hint="give an aware datetime")


@frozen(kw_only=True)
class TimeResult:
    """What the host's clock shows."""

    #: The present, aware.
    now: datetime = field(validator=_aware)


@frozen(kw_only=True)
class NoAnswer:
    """The other side did not answer: no connection, a broken one, or none in time.

    >>> NoAnswer(detail="timed out", reached=True).receipt.failure
    <Failure.UNKNOWN: 'unknown'>
    """

    #: What went wrong, without secrets.
    detail: str
    #: Whether the request may have arrived all the same.
    reached: bool
    #: Whether the call must not be made at all, as `HttpCall.reach` does not allow it: no later one will do better.
    forbidden: bool = False

    @property
    def receipt(self) -> Receipt:
        """What a channel makes of it while sending: try again only if nothing can have arrived."""
        if self.forbidden:
            return Receipt(failure=Failure.CONFIG, detail=self.detail)
        return Receipt(failure=Failure.UNKNOWN if self.reached else Failure.RETRY, detail=self.detail)


Effect = HttpCall | SmtpSend | ImapScan | AskTime
Result = HttpResult | SmtpResult | ImapResult | TimeResult | NoAnswer

_RESULTS: Mapping[type, type] = {
    HttpCall: HttpResult,
    SmtpSend: SmtpResult,
    ImapScan: ImapResult,
    AskTime: TimeResult,
}


@overload
def ask(effect: HttpCall) -> Generator[Effect, Result, HttpResult | NoAnswer]: ...
@overload
def ask(effect: SmtpSend) -> Generator[Effect, Result, SmtpResult | NoAnswer]: ...
@overload
def ask(effect: ImapScan) -> Generator[Effect, Result, ImapResult | NoAnswer]: ...
@overload
def ask(effect: AskTime) -> Generator[Effect, Result, TimeResult | NoAnswer]: ...
def ask(effect: Effect) -> Generator[Effect, Result, Result]:
    """Yield an effect and return its result, whose type is then known.

    Written `answer = yield from ask(HttpCall(...))` inside an adapter.

    Args:
        effect: What the host is to do.

    Raises:
        TypeError: The host answered with the result of another effect.
    """
    result = yield effect
    if not isinstance(result, (_RESULTS[type(effect)], NoAnswer)):
        raise TypeError(f"the host answered {type(effect).__name__} by {type(result).__name__}")
    return result


def drive(steps: Generator[Effect, Result, T], perform: Callable[[Effect], Result]) -> T:
    """Run an adapter's generator to its end, synchronously.

    Args:
        steps: What `Channel.send`, `poll` or `probe` returned.
        perform: Does one effect; what it raises goes through.

    Returns:
        What the generator returned.
    """
    result: Any = None  # what starts a generator; results follow
    while True:
        try:
            effect = steps.send(result)
        except StopIteration as end:
            returned: T = end.value
            return returned
        result = perform(effect)


async def drive_async(steps: Generator[Effect, Result, T], perform: Callable[[Effect], Awaitable[Result]]) -> T:
    """Run an adapter's generator to its end, asynchronously.

    Args:
        steps: What `Channel.send`, `poll` or `probe` returned.
        perform: Does one effect; what it raises goes through.

    Returns:
        What the generator returned.
    """
    result: Any = None  # as above
    while True:
        try:
            effect = steps.send(result)
        except StopIteration as end:
            returned: T = end.value
            return returned
        result = await perform(effect)
