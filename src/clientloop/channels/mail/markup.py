"""HTML to text, in time that grows with the length of the HTML.

`html.parser` of Python 3.11 takes four times as long for twice as many unclosed comments or tags; here every search
that finds something goes on behind it, and one that finds nothing is not done again.
"""

import html
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum

from attrs import define, field, frozen

#: Quotes within quotes beyond this depth are not indented further.
DEEPEST_QUOTE = 10
#: How far a quoted ">" may lie from where a tag would end without it.
_LONGEST_ATTRIBUTE = 2_000

_NAME = re.compile(r"/?[a-zA-Z][a-zA-Z0-9:]{0,20}")
_SPACES = re.compile(r"[ \t\r\n\f\xa0]+")
#: Elements that are not shown, with where each ends.
_HIDDEN = {
    name: re.compile(f"</{name}", re.IGNORECASE)
    for name in ("script", "style", "head", "title", "template", "noscript")
}


class Effect(StrEnum):
    """What a tag does to the text around it."""

    #: The text goes on in a new line.
    LINE = "line"
    #: The text goes on after an empty line.
    PARAGRAPH = "paragraph"
    #: The text goes on after a blank: a cell of a table.
    BLANK = "blank"


#: Tags that change the text; the others change how it looks only.
EFFECTS: Mapping[str, Effect] = {
    **dict.fromkeys(("br", "div", "tr", "li", "dt", "dd", "ul", "ol", "table", "form", "hr"), Effect.LINE),
    **dict.fromkeys(("section", "article", "header", "footer", "address", "center", "body", "option"), Effect.LINE),
    **dict.fromkeys(("p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"), Effect.PARAGRAPH),
    **dict.fromkeys(("td", "th"), Effect.BLANK),
}


@frozen
class _Tag:
    """A tag; the name of a closing one begins with a slash."""

    name: str


def to_plain(markup: str) -> str:
    r"""Reduce HTML to its text: blocks become lines, what is quoted begins with ">", as in plain mails.

    Args:
        markup: The HTML, whole or broken.

    >>> to_plain("<style>p {}</style><p>Dear&nbsp;Bo,<br>it <b>broke</b>.</p><blockquote>What broke?</blockquote>")
    'Dear Bo,\nit broke.\n\n> What broke?'
    """
    page = _Page()
    for token in _tokens(markup):
        page.see(token) if isinstance(token, _Tag) else page.say(token)
    return page.text()


def _tokens(markup: str) -> Iterator[_Tag | str]:
    position, length = 0, len(markup)
    no_more: set[str] = set()
    while position < length:
        start = markup.find("<", position)
        if start < 0:
            yield markup[position:]
            return
        if start > position:
            yield markup[position:start]
        position, tag = _construct(markup, start, no_more)
        if tag is None:
            yield "<"
        elif hidden := _HIDDEN.get(tag.name):
            position = _end_of_hidden(markup, position, tag.name, hidden, no_more)
        elif tag.name:
            yield tag


def _construct(markup: str, start: int, no_more: set[str]) -> tuple[int, _Tag | None]:
    """What begins with "<", and where it ends: a tag, a comment (a tag without a name), or None for a plain "<"."""
    if markup.startswith("<!--", start) and (end := _find(markup, "-->", start + 4, no_more)) >= 0:
        return end + 3, _Tag("")
    name = _NAME.match(markup, start + 1)
    if (name is None and markup[start + 1 : start + 2] not in ("!", "?")) or (
        end := _find(markup, ">", start + 1, no_more)
    ) < 0:
        return start + 1, None
    if name is None:
        return end + 1, _Tag("")
    return _end_of_tag(markup, start, end), _Tag(name[0].lower())


def _end_of_tag(markup: str, start: int, end: int) -> int:
    """The end of a tag of which the first ">" may stand in quotes."""
    if markup.count('"', max(start, end - _LONGEST_ATTRIBUTE), end) % 2:
        quote = markup.find('"', end, end + _LONGEST_ATTRIBUTE)
        real = markup.find(">", quote, quote + _LONGEST_ATTRIBUTE) if quote >= 0 else -1
        return real + 1 if real >= 0 else end + 1
    return end + 1


def _end_of_hidden(markup: str, position: int, name: str, closing: re.Pattern[str], no_more: set[str]) -> int:
    """Where an element ends that is not shown; one that does not end is shown, so that no text is lost."""
    if name in no_more:
        return position
    found = closing.search(markup, position)
    if found is None:
        no_more.add(name)
    return found.start() if found else position


def _find(markup: str, what: str, start: int, no_more: set[str]) -> int:
    if what in no_more:
        return -1
    found = markup.find(what, start)
    if found < 0:
        no_more.add(what)
    return found


@define
class _Page:
    """The lines that are written so far."""

    _lines: list[str] = field(factory=list)
    _line: list[str] = field(factory=list)
    _quotes: int = 0
    _preformatted: int = 0
    #: An empty line is wanted before the next text.
    _gap: bool = False

    def say(self, raw: str) -> None:
        text = html.unescape(raw)
        if self._preformatted:
            first, *others = text.replace("\r\n", "\n").split("\n")
            self._line.append(first)
            for other in others:
                self._end_line(keep_empty=True)
                self._line.append(other)
        else:
            self._line.append(_SPACES.sub(" ", text))

    def see(self, tag: _Tag) -> None:
        name = tag.name.removeprefix("/")
        opens = name == tag.name
        effect = EFFECTS.get(name)
        if effect is Effect.BLANK:
            self._line.append(" ")
        elif effect:
            self._end_line(keep_empty=name == "br")
            self._gap = self._gap or effect is Effect.PARAGRAPH
        if name == "blockquote":
            self._quotes = max(self._quotes + (1 if opens else -1), 0)
        elif name == "pre":
            self._preformatted = max(self._preformatted + (1 if opens else -1), 0)
        elif name == "li" and opens:
            self._line.append("- ")

    def text(self) -> str:
        self._end_line()
        return "\n".join(self._lines).strip()

    def _end_line(self, *, keep_empty: bool = False) -> None:
        joined = "".join(self._line)
        line = joined.rstrip() if self._preformatted else _SPACES.sub(" ", joined).strip()
        self._line.clear()
        if not (line or keep_empty):
            return
        prefix = "> " * min(self._quotes, DEEPEST_QUOTE)
        if self._gap and self._lines and self._lines[-1].strip("> "):
            self._lines.append("")
        self._gap = False
        self._lines.append((prefix + line).rstrip())
