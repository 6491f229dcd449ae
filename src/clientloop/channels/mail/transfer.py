"""Transfer encodings undone: base64, quoted-printable and uuencode, also where they are broken."""

import binascii
import re
import string
from collections.abc import Callable, Mapping

_BASE64 = (string.ascii_letters + string.digits + "+/=").encode()
_OTHERS = bytes(byte for byte in range(256) if byte not in _BASE64)
_RUN = re.compile(rb"[^=]+")


def unencoded(data: bytes, encoding: str) -> bytes:
    r"""Undo a transfer encoding; what cannot be undone stays as it is.

    Args:
        data: The body of a part.
        encoding: What `Content-Transfer-Encoding` says.

    >>> unencoded(b"SGVsbG8", "Base64"), unencoded(b"caf=E9 =zz", "quoted-printable"), unencoded(b"as it is", "8bit")
    (b'Hello', b'caf\xe9 =zz', b'as it is')
    """
    undo = ENCODINGS.get(encoding.strip(" \t\"';").lower())
    return undo(data) if undo else data


def _from_base64(data: bytes) -> bytes:
    if _is_prose(data):
        return data
    # Padding in the middle ends one piece of several that were put together.
    return b"".join(_piece(run) for run in _RUN.findall(data.translate(None, _OTHERS)))


def _piece(run: bytes) -> bytes:
    whole = run[: len(run) - 1] if len(run) % 4 == 1 else run
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))


def _is_prose(data: bytes) -> bool:
    """Whether it is plain text that was called base64 by mistake: base64 has no blanks between words."""
    stripped = data.strip()
    return stripped.count(b" ") * 30 > len(stripped) or len(stripped.translate(None, _BASE64 + b" \t\r\n")) * 5 > len(
        stripped
    )


def _from_uuencode(data: bytes) -> bytes:
    _, begin, rest = data.partition(b"begin ")
    lines = rest.splitlines()[1:] if begin else data.splitlines()
    done: list[bytes] = []
    for line in lines:
        if line.strip() in (b"end", b"`", b""):
            continue
        try:
            # A line that is cut is filled up with zeros, which are no part of the file.
            done.append(binascii.a2b_uu(line)[: len(line) * 3 // 4])
        except binascii.Error:
            return data
    return b"".join(done)


#: How each encoding is undone; those that are not here change nothing.
ENCODINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "base64": _from_base64,
    "quoted-printable": binascii.a2b_qp,
    "uuencode": _from_uuencode,
    "x-uuencode": _from_uuencode,
    "x-uue": _from_uuencode,
}
