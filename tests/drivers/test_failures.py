"""What a failure says of itself."""

import errno
import socket
import ssl

import pytest

from clientloop.drivers.failures import WORDS, words_of
from clientloop.drivers.sockets import Flood, Forbidden


@pytest.mark.parametrize(
    ("error", "words"),
    [
        *((cls("s3cret"), words) for cls, words in WORDS.items()),
        (OSError(errno.EHOSTUNREACH, "s3cret"), "no route to host"),
        (OSError("s3cret"), "failed: OSError"),
        (ssl.SSLError(1, "s3cret"), "TLS failed: for no known reason"),
        (UnicodeDecodeError("utf-8", b"s3cret", 0, 1, "s3cret"), "failed: UnicodeDecodeError"),
    ],
)
def test_a_failure_says_no_more_than_its_kind(error: BaseException, words: str) -> None:
    """Whatever text an error holds, only its kind is told."""
    assert words_of(error) == words


@pytest.mark.parametrize("cls", [Flood, Forbidden, socket.gaierror, ssl.SSLEOFError])
def test_the_nearest_kind_is_told(cls: type[BaseException]) -> None:
    """A kind that has words of its own is not told as the one that it belongs to."""
    assert words_of(type("Nearer", (cls,), {})("s3cret")) == WORDS[cls]
