"""Content lines, of which vCard and iCalendar consist: taken apart as phones write them, and put together.

Both formats share one syntax (RFC 6350, section 3.3; RFC 5545, section 3.1): `NAME;PARAM=VALUE:VALUE`, folded at 75
octets. vCard 2.1 has quoted-printable values and parameters without a name besides.
"""

import quopri
import re
from collections.abc import Mapping, Sequence

from attrs import field, frozen

#: Octets in a line that is written, its end not counted.
WIDEST = 75

#: How every line ends.
CRLF = "\r\n"

# Possessive throughout: what is no line is known for none in a single pass.
_HEAD = re.compile(rb'(?:([\w-]++)\.)?([\w-]++)((?:;[^:;"]*+(?:"[^"]*+"[^:;"]*+)*+)*+):', re.ASCII)
_PARAM = re.compile(r';([^=;"]*+)(?:=([^;"]*+(?:"[^"]*+"[^;"]*+)*+))?')
_VALUE = re.compile(r'"[^"]*+"|[^,"]++')

#: Parameters of vCard 2.1 that stand there without their names; any other is a type.
_BARE = {"QUOTED-PRINTABLE": "ENCODING", "BASE64": "ENCODING", "8BIT": "ENCODING", "7BIT": "ENCODING"}


@frozen(kw_only=True)
class Property:
    """One line, unfolded and decoded."""

    #: Its name, in capitals.
    name: str
    #: Its value, escaped as it was, but without an encoding.
    value: str
    #: Its parameters, names in capitals.
    params: Mapping[str, Sequence[str]] = field(factory=dict)
    #: What it belongs to with others, such as `item1`.
    group: str = ""
    #: The line on which it begins.
    line: int = 0

    def param(self, name: str) -> str | None:
        """The first value of a parameter; None if it is not given."""
        return next(iter(self.params.get(name, ())), None)


def parsed(line: bytes, *, number: int = 0, encoding: str = "utf-8") -> Property | str:
    r"""An unfolded line as a property, or why it is none.

    Args:
        line: The line, without its end.
        number: Its number in the file.
        encoding: How it is encoded where it does not say so itself.

    >>> parsed(b'TEL;CELL;X-NOTE="home; late":040 123 456').params
    {'TYPE': ['CELL'], 'X-NOTE': ['home; late']}
    >>> parsed(b"Ana")
    'a line is no NAME:VALUE'
    """
    head = _HEAD.match(line)
    if head is None:
        return "a line is no NAME:VALUE"
    charset = encoding
    try:
        params = _params(head[3].decode(encoding))
        charset = next(iter(params.pop("CHARSET", ())), encoding)
        is_quoted = "QUOTED-PRINTABLE" in {each.upper() for each in params.pop("ENCODING", ())}
        value = line[head.end() :]
        text = (quopri.decodestring(value) if is_quoted else value).decode(charset)
    except LookupError:
        return f"there is no encoding {charset!r:.40}"
    except ValueError:  # bytes that are no text of the encoding
        return f"its text is not encoded as {charset}"
    if "\0" in text:
        return "its text has a zero octet"
    name, group = head[2].decode("ascii").upper(), (head[1] or b"").decode("ascii")
    return Property(name=name, value=text, params=params, group=group, line=number)


def is_quoted_printable(line: bytes) -> bool:
    """Whether the value of a line goes on behind an equals sign at its end."""
    return b"QUOTED-PRINTABLE" in line.partition(b":")[0].upper()


def _params(text: str) -> dict[str, list[str]]:
    params: dict[str, list[str]] = {}
    for found in _PARAM.finditer(text):
        name, value = found[1].strip().upper(), found[2]
        if value is None:
            name, value = _BARE.get(name, "TYPE"), name
        params.setdefault(name, []).extend(_without_carets(one.strip('"')) for one in _VALUE.findall(value))
    return params


_CARETS = {"^n": "\n", "^'": '"', "^^": "^"}
_TO_CARETS = {text: caret for caret, text in _CARETS.items()}


def _without_carets(value: str) -> str:
    """The value of a parameter without its escapes (RFC 6868)."""
    return re.sub(r"\^[n'^]", lambda found: _CARETS[found[0]], value)


def quoted(value: str) -> str:
    r"""The value of a parameter as it is written (RFC 6868).

    >>> quoted('Ana "the buyer"')
    '"Ana ^\'the buyer^\'"'
    """
    return '"' + re.sub(r'[\n"^]', lambda found: _TO_CARETS[found[0]], _writable(value)) + '"'


_ESCAPES = {"\\n": "\n", "\\N": "\n", "\\\\": "\\", "\\,": ",", "\\;": ";", "\\:": ":"}


def unescaped(value: str) -> str:
    r"""A text without its escapes; a backslash before anything else is one.

    >>> unescaped(r"Novak\, Ana\nhead buyer")
    'Novak, Ana\nhead buyer'
    """
    return re.sub(r"\\[nN\\,;:]", lambda found: _ESCAPES[found[0]], value)


def escaped(text: str) -> str:
    r"""A text as a value; what no line may hold is left out.

    >>> escaped("Novak, Ana\nhead buyer")
    'Novak\\, Ana\\nhead buyer'
    """
    return re.sub(r"([\\,;])", r"\\\1", _writable(text)).replace("\n", "\\n")


def divided(value: str) -> list[str]:
    r"""The parts of a value between semicolons, each without its escapes.

    >>> divided(r"Novak;Ana\;Marija;;")
    ['Novak', 'Ana;Marija', '', '']
    """
    parts: list[list[str]] = [[]]
    for piece in re.findall(r"\\.|[^\\;]+|;|\\", value, re.DOTALL):
        if piece == ";":
            parts.append([])
        else:
            parts[-1].append(piece)
    return [unescaped("".join(part)) for part in parts]


def _writable(text: str) -> str:
    """A text with one sort of line breaks, and without the controls that no line may hold."""
    return _CONTROLS.sub("", _BREAKS.sub("\n", text))


_BREAKS = re.compile(r"\r\n?")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def folded(line: str) -> str:
    r"""A line as it is written: in pieces of at most 75 octets, none of which parts a character.

    >>> folded("NOTE:" + "č" * 40).split("\r\n")[0] == "NOTE:" + "č" * 35
    True
    """
    octets, pieces, start, room = line.encode(), [], 0, WIDEST
    while len(octets) - start > room:
        end = start + room
        while octets[end] & 0xC0 == 0x80:
            end -= 1
        pieces.append(octets[start:end])
        start, room = end, WIDEST - 1  # the blank before it is one
    pieces.append(octets[start:])
    return b"\r\n ".join(pieces).decode() + CRLF
