"""What stands in structured header fields: comments, parameters, ids of messages."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote_to_bytes

from clientloop.channels.mail.charsets import to_text
from clientloop.channels.mail.words import plain

_PARAMETER = re.compile(r';\s*([^\s=;"]{1,80})\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)')
_ESCAPE = re.compile(r"\\(.)")
_CONTINUED = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?")
_ID = re.compile(r"<([^<>]{1,998})>")
_BLANKS = re.compile(r"\s+")


def without_comments(value: str) -> str:
    """A value without what stands in parentheses, which may lie in one another; quoted ones stay.

    >>> without_comments('a (b (c) d) "e (f)"')
    'a  "e (f)"'
    """
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for char in value:
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == '"' and not depth:
            quoted = not quoted
        elif char == "(" and not quoted:
            depth += 1
        elif char == ")" and depth:
            depth -= 1
            continue
        if not depth:
            kept.append(char)
    return "".join(kept)


def unquoted(value: str) -> str:
    r"""A quoted string without its quotes.

    >>> unquoted('"a \\"b\\""'), unquoted(" plain ")
    ('a "b"', 'plain')
    """
    value = value.strip()
    return _ESCAPE.sub(r"\1", value[1:].removesuffix('"')) if value.startswith('"') else value


def parameters(value: str) -> tuple[str, Mapping[str, str]]:
    r"""Split a value such as that of `Content-Type` into the main word and its parameters.

    Continued and encoded parameters (RFC 2231) are put together, and encoded words are read though they do not belong
    there.

    Args:
        value: The value, unfolded, at most `Limits.value` long.

    >>> parameters('text/plain; charset="utf-8"; name*0*=utf-8\'\'%C5%BDi; name*1=ga.txt')
    ('text/plain', {'charset': 'utf-8', 'name': 'Žiga.txt'})
    """
    main = value.partition(";")[0].strip().lower()
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for found in _PARAMETER.finditer(value):
        if name := _CONTINUED.fullmatch(found[1].lower()):
            pieces.setdefault(name[1], []).append((int(name[2] or 0), bool(name[3]), unquoted(found[2])))
    return main, {name: _put_together(sorted(given, key=lambda piece: piece[0])) for name, given in pieces.items()}


def _put_together(pieces: list[tuple[int, bool, str]]) -> str:
    if not any(encoded for _, encoded, _ in pieces):
        return plain("".join(text for number, _, text in pieces if number or text is pieces[0][2]))
    charset, _, first = _charset_of(pieces[0][2]) if pieces[0][1] else ("", "", pieces[0][2])
    texts = [first, *(text for _, _, text in pieces[1:])]
    data = b"".join(
        unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace")
        for text, (_, encoded, _) in zip(texts, pieces, strict=True)
    )
    return to_text(data, charset)


def _charset_of(text: str) -> tuple[str, str, str]:
    charset, _, rest = text.partition("'")
    language, mark, value = rest.partition("'")
    return (charset, language, value) if mark else ("", "", text)


def message_ids(value: str) -> tuple[str, ...]:
    """The ids of messages in a value, without angle brackets, blanks and comments.

    >>> message_ids("<1234   @   local(blah)  .machine .example> and <b@c>"), message_ids("a@b")
    (('1234@local.machine.example', 'b@c'), ('a@b',))
    """
    return tuple(_ids(without_comments(value)))


def _ids(value: str) -> Iterator[str]:
    found = [_BLANKS.sub("", each) for each in _ID.findall(value)]
    yield from filter(None, found)
    if not found:
        yield from (word.strip("<>,;") for word in value.split() if "@" in word)
