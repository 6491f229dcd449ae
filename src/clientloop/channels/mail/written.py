"""Header fields of mails that we send: each of one line of visible signs, so that no value can begin another field.

The header classes of the standard library are not used for values of ours. They decode what looks like an encoded word,
line ends in it included, and encode ids and addresses of links that are longer than a line, so that nobody finds them.
"""

import base64
import re
import textwrap
import unicodedata
from collections.abc import Iterator
from email import policy
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from typing import Any

from clientloop.errors import InvalidValue

#: How long a line is, where its words allow that (RFC 5322, 2.1.1).
_WIDTH = 78

#: Bytes of text in one encoded word, which may have 75 characters (RFC 2047, 2).
_CHUNK = 42

#: One-line texts are cut after so many characters.
LONGEST = 250

#: And at most, in bytes.
_LONGEST_LINE = 998

#: Words with one blank between them.
_VALUE = re.compile(r"[^\s]+(?: [^\s]+)*")

#: What can stand in a value as it is; a longer word would not fit a line, and "=?" begins an encoded one.
_PLAIN = re.compile(r"(?!.*=\?)[!-~]{1,60}(?: [!-~]{1,60})*")

#: A name that needs no quotes (RFC 5322 `phrase`).
_ATOMS = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?: [\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)

#: The id of a mail, as others write it.
_ID = re.compile(r"[!-;=?-~]{1,900}")


class _Field(UnstructuredHeader, BaseHeader):
    """A header field that is written as it is given, folded between words only."""

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:  # Any: as the base class has it
        """Take the value as it is."""
        kwds.update(decoded=value, parse_tree=None)

    def fold(self, *, policy: policy.Policy) -> str:
        """The lines of the field."""
        value = str(self)
        lines = textwrap.wrap(
            value, _WIDTH, initial_indent=f"{self.name}: ", subsequent_indent=" ",
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip
        broken = not _VALUE.fullmatch(value) or any(map(_is_control, value))
        if broken or any(len(line.encode()) > _LONGEST_LINE for line in lines):
            raise InvalidValue(f"{self.name}: what is no single line of visible signs cannot stand in a header")
        return policy.linesep.join((*lines, ""))


#: The fields whose values are ours; what is said of MIME is the library's.
OURS = (
    *("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References"),
    *("Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post"),
)

_registry = HeaderRegistry(default_class=_Field)
for _name in OURS:
    _registry.map_to_type(_name, _Field)

#: How mails are written: the SMTP policy, with header fields as above.
POLICY = policy.SMTP.clone(header_factory=_registry, cte_type="7bit")

#: The same with addresses beyond ASCII (RFC 6532).
POLICY_UTF8 = POLICY.clone(utf8=True)


def one_line(text: str) -> str:
    r"""Text as it can stand on one line: without line ends and other signs that nobody sees.

    >>> one_line("Late\r\nBcc: eve@example.com\u2028\x85!")
    'Late Bcc: eve@example.com !'
    """
    cleaned = "".join(" " if _is_control(sign) else sign for sign in text[: 4 * LONGEST])
    line = " ".join(cleaned.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _is_control(sign: str) -> bool:
    """Whether it is a control character, ends a line, or is no character at all."""
    return unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"}


def words(text: str) -> str:
    """One line of text as the value of a field, in encoded words (RFC 2047) if need be.

    >>> words("Your order"), words("Naročilo"), words("=?utf-8?q?=0ABcc:?=")
    ('Your order', '=?utf-8?b?TmFyb8SNaWxv?=', '=?utf-8?b?PT91dGYtOD9xPz0wQUJjYzo/PQ==?=')
    """
    line = one_line(text)
    return line if _PLAIN.fullmatch(line) else " ".join(map(_encoded, _chunks(line)))


def mailbox(name: str, address: str) -> str:
    r"""A name and an address as the value of a field.

    Args:
        name: What the holder is called; empty for no name.
        address: As `addresses.checked` returns it.

    >>> mailbox("The Firm, Inc.", "desk@firm.example"), mailbox("", "ana@example.com")
    ('"The Firm, Inc." <desk@firm.example>', 'ana@example.com')
    """
    line = one_line(name)
    if not line:
        return address
    if not _PLAIN.fullmatch(line) or '"' in line or "\\" in line:  # which many programs read wrongly within quotes
        return f"{' '.join(map(_encoded, _chunks(line)))} <{address}>"
    return f"{line} <{address}>" if _ATOMS.fullmatch(line) else f'"{line}" <{address}>'


def message_id(given: str) -> str | None:
    r"""The id of a mail as the value of a field; None if it cannot stand in one.

    >>> message_id("7@firm.example"), message_id("7 \n8@x")
    ('<7@firm.example>', None)
    """
    return f"<{given}>" if _ID.fullmatch(given) else None


def _chunks(line: str) -> Iterator[str]:
    """Pieces that are short enough for an encoded word, none of which ends within a character."""
    chunk = ""
    for sign in line:
        if len((chunk + sign).encode()) > _CHUNK:
            yield chunk
            chunk = ""
        chunk += sign
    if chunk:
        yield chunk


def _encoded(chunk: str) -> str:
    return f"=?utf-8?b?{base64.b64encode(chunk.encode()).decode()}?="
