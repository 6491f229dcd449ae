"""Encoded words (RFC 2047) in header fields, as they are sent and not only as they should be."""

import re

from clientloop.channels.mail.charsets import to_text
from clientloop.channels.mail.transfer import unencoded

# "?=20" is a question mark before an encoded blank, and not the end.
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?(.*?)\?=(?![0-9A-F]{2})")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


def plain(value: str) -> str:
    """The words of a header field as a person reads them.

    Words of one charset that follow one another are joined before they are decoded: many senders cut in the middle of
    a character.

    Args:
        value: The value, unfolded, at most `Limits.value` long.

    >>> plain("=?utf-8?Q?Re=3A_=C5=BD?= =?utf-8?B?aXrFvmU=?= (=?iso-8859-1?q?caf=E9?=)")
    'Re: Žizže (café)'
    """
    done: list[str] = []
    charset, run, end = "", b"", 0
    for word in _WORD.finditer(value):
        between = value[end : word.start()]
        if run and (between.strip() or word[1].lower() != charset):
            done.append(to_text(run, charset))
            run = b""
        if between.strip() or end == 0:
            done.append(between)
        charset, end = word[1].lower(), word.end()
        run += _bytes_of(word[2], word[3])
    done.append(to_text(run, charset.partition("*")[0]))
    return " ".join(_CONTROLS.sub(" ", "".join((*done, value[end:]))).split())


def _bytes_of(how: str, content: str) -> bytes:
    data = content.encode("utf-8", "replace")
    if how in "bB":
        return unencoded(data.replace(b" ", b""), "base64")
    return unencoded(data.replace(b"_", b"=20"), "quoted-printable")
