"""The two objects that carry out effects: `Drivers` for synchronous hosts, `AsyncDrivers` for asynchronous ones."""

import contextlib
import threading
from collections.abc import Generator
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, assert_never

from clientloop.drivers.sockets import TlsContext, tls_context
from clientloop.errors import MissingExtra
from clientloop.ports.clock import Clock, SystemClock
from clientloop.ports.effects import AskTime, Effect, HttpCall, ImapScan, NoAnswer, Result, SmtpSend, TimeResult

if TYPE_CHECKING:
    from clientloop.drivers.http_async import AsyncHttpCalls
    from clientloop.drivers.http_sync import HttpCalls

#: How many bytes of the body of an HTTP answer are taken, if nothing else is said.
LARGEST_ANSWER = 16 * 1024 * 1024

#: How many bytes of a mail are fetched, if nothing else is said.
LARGEST_MAIL = 32 * 1024 * 1024


class Drivers:
    """Carries out effects over the network; may be used by many threads and after a fork.

    Args:
        clock: What tells the time; the machine's clock if not given.
        authorities: A file of certificates (PEM) that are trusted beside those of the system.
        name: How to call ourselves to mail servers; by our address if not given.
        largest_answer: How many bytes of the body of an HTTP answer are taken; a larger one is no answer.
        largest_mail: How many bytes of a mail are fetched; a larger one is cut.

    >>> with Drivers() as drivers:
    ...     drivers.perform(AskTime()).now.tzname()
    'UTC'
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        authorities: Path | None = None,
        name: str | None = None,
        largest_answer: int = LARGEST_ANSWER,
        largest_mail: int = LARGEST_MAIL,
    ) -> None:
        """Connect to nothing yet."""
        self._clock = clock or SystemClock()
        self._authorities, self._name = authorities, name
        self.largest_answer, self._largest_mail = largest_answer, largest_mail
        self._lock = threading.Lock()
        self._tls: TlsContext | None = None
        self._http: HttpCalls | None = None

    def perform(self, effect: Effect) -> Result:
        """Carry out one effect: what `drive` and `ClientLoop.open(perform=...)` take.

        Args:
            effect: What an adapter asks for.

        Returns:
            Its result; `NoAnswer` if the other side was not reached, or gave no answer within the effect's timeout.

        Raises:
            InvalidValue: The effect cannot be carried out by anybody, such as a call of no URL.
            MissingExtra: It needs a library that is not installed.
        """
        match effect:
            case HttpCall():
                return self._calls().perform(effect)
            case SmtpSend():
                from clientloop.drivers.smtp import hand_over

                return hand_over(effect, tls=self.tls(), name=self._name)
            case ImapScan():
                with _of_extra("mail", "imapclient"):
                    from clientloop.drivers.imap import scan
                return scan(effect, tls=self.tls(), largest=self._largest_mail)
            case AskTime():
                return TimeResult(now=self._clock.now())
            case _:
                assert_never(effect)

    def wait_for_mail(self, look: ImapScan, *, seconds: float) -> bool | NoAnswer:
        """Wait until a scan would find something, by IDLE (RFC 2177).

        Args:
            look: The scan.
            seconds: How long to wait at most; below 29 minutes, at which servers hang up.

        Returns:
            Whether there is something; `NoAnswer` if there is no connection or the server ended it.

        Raises:
            NotSupported: The server knows no IDLE: scan at intervals.
            MissingExtra: It needs a library that is not installed.
        """
        with _of_extra("mail", "imapclient"):
            from clientloop.drivers.imap import wait_for_mail
        return wait_for_mail(look, seconds, tls=self.tls())

    def tls(self) -> TlsContext:
        """How connections are encrypted."""
        with self._lock:
            self._tls = self._tls or tls_context(self._authorities)
        return self._tls

    def _calls(self) -> "HttpCalls":
        calls = self._http
        if calls is None:
            with _of_extra("http", "httpcore2"):
                from clientloop.drivers.http_sync import HttpCalls
            made = HttpCalls(tls=self.tls(), largest=self.largest_answer)
            with self._lock:
                calls = self._http = self._http or made
        return calls

    def close(self) -> None:
        """Close the connections that are kept; the next effect opens new ones."""
        if self._http is not None:
            self._http.close()

    def __enter__(self) -> Self:
        """Nothing is opened before it is needed."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close."""
        self.close()


class AsyncDrivers:
    """Carries out effects over the network for a host on asyncio; one for each event loop.

    HTTP calls are awaited natively. Mail goes by a thread for each effect, as no library of ours speaks it otherwise; a
    cancelled host waits for it, because a mail that is half handed over must be known to be so.

    Args:
        drivers: Carries out what is not awaited, and knows the limits. It stays the caller's to close.
    """

    def __init__(self, drivers: Drivers) -> None:
        """Connect to nothing yet."""
        self._drivers = drivers
        self._http: AsyncHttpCalls | None = None

    async def perform(self, effect: Effect) -> Result:
        """Carry out one effect: what `drive_async` takes.

        Args:
            effect: What an adapter asks for.

        Returns:
            As of `Drivers.perform`.

        Raises:
            InvalidValue: The effect cannot be carried out by anybody, such as a call of no URL.
            MissingExtra: It needs a library that is not installed.
        """
        if isinstance(effect, HttpCall):
            return await self._calls().perform(effect)
        if isinstance(effect, AskTime):
            return self._drivers.perform(effect)
        with _of_extra("http", "anyio"):
            from anyio import to_thread
        return await to_thread.run_sync(self._drivers.perform, effect)

    async def wait_for_mail(self, look: ImapScan, *, seconds: float) -> bool | NoAnswer:
        """Wait until a scan would find something, in a thread; as of `Drivers.wait_for_mail`."""
        with _of_extra("http", "anyio"):
            from anyio import to_thread
        wait = partial(self._drivers.wait_for_mail, look, seconds=seconds)
        # nothing is lost with a wait, and no host should have to sit it out before it can stop
        return await to_thread.run_sync(wait, abandon_on_cancel=True)

    def _calls(self) -> "AsyncHttpCalls":
        if self._http is None:
            with _of_extra("http", "httpcore2"), _of_extra("http", "anyio"):
                from clientloop.drivers.http_async import AsyncHttpCalls
            self._http = AsyncHttpCalls(tls=self._drivers.tls(), largest=self._drivers.largest_answer)
        return self._http

    async def close(self) -> None:
        """Close the connections that are kept; the next effect opens new ones."""
        if self._http is not None:
            await self._http.close()

    async def __aenter__(self) -> Self:
        """Nothing is opened before it is needed."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close."""
        await self.close()


@contextlib.contextmanager
def _of_extra(extra: str, library: str) -> Generator[None]:
    """Say which extra brings a library that is not there; anything else that is missing is a fault of ours."""
    try:
        yield
    except ImportError as error:
        if (error.name or "").partition(".")[0] != library:
            raise
        raise MissingExtra.of(extra, library) from None
