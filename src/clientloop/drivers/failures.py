"""What a failure says of itself: short, and without names, addresses or secrets."""

import os
import socket
import ssl
from collections.abc import Mapping

from clientloop.drivers.sockets import Flood, Forbidden

#: What is said of each kind of failure; the first class among the error's own and its bases that stands here.
WORDS: Mapping[type[BaseException], str] = {
    Flood: "it answered too much",
    Forbidden: "no address of it may be called",
    socket.gaierror: "its name could not be looked up",
    TimeoutError: "timed out",
    ConnectionRefusedError: "refused the connection",
    ConnectionResetError: "reset the connection",
    ConnectionAbortedError: "broke the connection",
    BrokenPipeError: "broke the connection",
    ssl.SSLEOFError: "broke the connection within TLS",
    ssl.SSLZeroReturnError: "closed the connection",
    EOFError: "closed the connection",
}


def words_of(error: BaseException) -> str:
    """A failure in a few words.

    Texts of libraries are not repeated: they may quote what was sent.

    Args:
        error: What was raised.

    >>> words_of(ConnectionRefusedError(111, "10.0.0.1 s3cret"))
    'refused the connection'
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        # what follows a comma quotes the name that was called
        return f"its certificate was not accepted: {error.verify_message.partition(',')[0]}"
    for cls in type(error).__mro__:
        if cls in WORDS:
            return WORDS[cls]
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {getattr(error, 'reason', None) or 'for no known reason'}"
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno).lower()
    return f"failed: {type(error).__name__}"
