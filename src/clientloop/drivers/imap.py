"""IMAP by IMAPClient: the new mails of a folder, and waiting for them. Nothing is marked, moved or deleted.

A mail that is larger than the host takes is fetched up to that size and marked as cut: its header is there, and with it
all that says who wrote. What was fetched before the connection broke is delivered; the next scan goes on after it.
"""

import contextlib
import re
import time
from collections.abc import Generator, Iterator
from typing import cast

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError  # type: ignore[import-untyped]  # it tells no types

from clientloop.drivers.failures import words_of
from clientloop.drivers.imap_client import BROKEN, IDLE_TAG, LARGEST_ANSWER, NONSENSE, Client
from clientloop.drivers.sockets import TlsContext
from clientloop.errors import NotSupported
from clientloop.ports.effects import ImapResult, ImapScan, NoAnswer, ScannedMail, Tls

#: At how many bytes a second a mail comes in at the slowest; a large one has that much more time.
SLOWEST = 32 * 1024

#: After how many times the timeout a scan that has found something fetches no more.
PATIENCE = 4

#: How many UIDs are asked for at once: imaplib takes no line of more than a million characters.
FIRST_WINDOW, LAST_WINDOW = 1_000, 50_000


class _Refused(Exception):
    """The dialogue cannot go on."""


#: All that ends a dialogue.
FAILURES = (_Refused, *BROKEN)


def scan(look: ImapScan, *, tls: TlsContext, largest: int) -> ImapResult | NoAnswer:
    """Fetch the mails that came after one already seen.

    Args:
        look: What the adapter asked for.
        tls: How the connection is encrypted.
        largest: How many bytes of a mail are fetched; all mails together may have somewhat more.
    """
    dialogue = _Dialogue(look, tls)
    try:
        with dialogue.opened():
            validity, uids = dialogue.examine(), dialogue.new_uids()
            return ImapResult(validity=validity, mails=tuple(dialogue.fetch(uids, largest)))
    except FAILURES as error:
        return dialogue.without_answer(error)


def wait_for_mail(look: ImapScan, seconds: float, *, tls: TlsContext) -> bool | NoAnswer:
    """Wait until a scan would find something, by IDLE (RFC 2177).

    Args:
        look: The scan.
        seconds: How long to wait at most; below 29 minutes, at which servers hang up.
        tls: How the connection is encrypted.

    Returns:
        Whether there is something; `NoAnswer` if the server ended the connection, or there was none.

    Raises:
        NotSupported: The server knows no IDLE.
    """
    dialogue = _Dialogue(look, tls)
    try:
        with dialogue.opened():
            dialogue.examine()
            return bool(dialogue.new_uids()) or dialogue.idle(seconds)
    except FAILURES as error:
        return dialogue.without_answer(error)


class _Dialogue:
    """One connection, from the greeting to LOGOUT."""

    def __init__(self, look: ImapScan, tls: TlsContext) -> None:
        self._look, self._tls = look, tls
        self._at = "connect"
        self._client: Client
        self._after = look.after
        self._last: int | None = None
        self._count = 0
        self._begun = time.monotonic()

    def without_answer(self, error: BaseException) -> NoAnswer:
        """What the adapter is told of a failure; a scan changes nothing, so it may always be tried again."""
        return NoAnswer(detail=f"{self._at}: {_words_of(error)}", reached=False)

    @contextlib.contextmanager
    def opened(self) -> Generator[None]:
        """Connected and logged in."""
        self._client = Client(self._look, self._tls)
        try:
            if self._look.server.tls is Tls.STARTTLS:
                self._start_tls()
            if self._look.server.username is not None:
                self._log_in(self._look.server.username, self._look.server.password or "")
            yield
        finally:
            self._client.part()

    def examine(self) -> int:
        """Open the folder for reading only; its UIDVALIDITY."""
        self._begin("examine")
        state = self._client.select_folder(self._look.folder, readonly=True)
        validity, next_uid = state.get(b"UIDVALIDITY"), state.get(b"UIDNEXT")
        if validity is None:
            raise _Refused("the folder has no UIDVALIDITY")
        if validity != self._look.validity:
            self._after = 0  # the UIDs are others now
        self._count = int(state[b"EXISTS"])
        self._last = None if next_uid is None else next_uid - 1
        return int(validity)

    def new_uids(self) -> list[int]:
        """The UIDs of the next mails, the lowest first, as many as are asked for."""
        last = self._last if self._last is not None else max(self._search("*"), default=0)
        found: list[int] = []
        low, width = self._after + 1, FIRST_WINDOW
        while low <= last and len(found) < self._look.limit:
            high = min(low + width - 1, last)
            found += sorted(uid for uid in self._search(f"{low}:{high}") if low <= uid <= high)
            low, width = high + 1, min(2 * width, LAST_WINDOW)
        return found[: self._look.limit]

    def _search(self, uids: str) -> set[int]:
        self._begin("search")
        return set(self._client.search(f"UID {uids}"))

    def fetch(self, uids: list[int], largest: int) -> Iterator[ScannedMail]:
        """The mails; those that are gone by now are left out."""
        if not uids:
            return
        self._begin("fetch")
        found = self._client.fetch(uids, ["RFC822.SIZE"])
        sizes = {uid: cast("int", items.get(b"RFC822.SIZE", largest)) for uid, items in found.items()}
        taken = 0
        for uid in filter(sizes.__contains__, uids):
            size = min(sizes[uid], largest)
            if taken and (taken + size > largest or self._is_late()):
                return
            try:
                mail = self._fetch_one(uid, size, largest)
            except FAILURES:
                if not taken:
                    raise
                return  # what there is goes on its way; the next scan begins here
            if mail is not None:
                taken += len(mail.content) + 1
                yield mail

    def _fetch_one(self, uid: int, size: int, largest: int) -> ScannedMail | None:
        self._begin("fetch", size=size + LARGEST_ANSWER, seconds=size / SLOWEST)
        try:
            found = self._client.fetch([uid], [f"BODY.PEEK[]<0.{largest + 1}>"])
        except IMAPClientAbortError:
            raise
        except IMAPClientError:  # this one cannot be had; were it told as a failure, no later one ever could
            return ScannedMail(uid=uid, content=b"", cut=True)
        if uid not in found:
            return None
        content = cast("bytes", found[uid].get(b"BODY[]<0>")) or b""  # NIL is for a mail without a byte
        return ScannedMail(uid=uid, content=content[:largest], cut=len(content) > largest)

    def idle(self, seconds: float) -> bool:
        """Wait for mail; `IMAPClient.idle` takes news that come before the server's consent for a fault."""
        if not self._client.has_capability("IDLE"):
            raise NotSupported("the mail server knows no IDLE", hint="look at intervals")
        self._begin("idle", seconds=seconds - self._look.timeout)
        count = self._count
        with contextlib.suppress(TimeoutError):
            for line in self._client.idle_lines():
                if _GOODBYE.match(line):
                    raise _Refused("the server ended the connection")
                change = _CHANGE.match(line)
                if change and change[2] == b"EXISTS" and int(change[1]) > count:
                    return True
                if change and change[2] == b"EXPUNGE":
                    count -= 1
        return False

    def _start_tls(self) -> None:
        self._begin("starttls")
        if not self._client.has_capability("STARTTLS"):
            raise _Refused("it offers no STARTTLS")
        self._client.starttls(self._tls)

    def _log_in(self, username: str, password: str) -> None:
        self._begin("login")
        if self._client.has_capability("AUTH=PLAIN"):  # takes any sign
            self._client.plain_login(username, password)
        elif self._client.has_capability("LOGINDISABLED"):
            raise _Refused("it allows no login here")
        else:
            self._client.login(username, password)

    def _begin(self, at: str, *, seconds: float = 0.0, size: int = LARGEST_ANSWER) -> None:
        self._at = at
        self._client.allow(self._look.timeout + seconds, size=size)

    def _is_late(self) -> bool:
        return time.monotonic() > self._begun + PATIENCE * self._look.timeout


_CHANGE = re.compile(rb"\* (\d{1,10}) (EXISTS|EXPUNGE)\b")
_GOODBYE = re.compile(rb"\* BYE\b|" + re.escape(IDLE_TAG) + rb" ")
_CODE = re.compile(r"\[[A-Z]{1,30}\]")


def _words_of(error: BaseException) -> str:
    """A failure in a few words; of the server's own only the response code (RFC 5530), as others may quote us."""
    if isinstance(error, _Refused):
        return str(error)
    if isinstance(error, IMAPClientAbortError):
        return "it ended the connection"
    if isinstance(error, IMAPClientError):
        code = _CODE.search(str(error))
        return f"it refused {code[0]}" if code else "it refused"
    if isinstance(error, NONSENSE) and not isinstance(error, OSError):  # a refused certificate is both
        return "its answer was no IMAP"
    return words_of(error)
