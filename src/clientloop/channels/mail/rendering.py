"""The text of a message as HTML: paragraphs, links that can be followed, nothing left unescaped.

The template's styles stand in its elements from the start: mail programs drop style sheets, and so nothing has to be
put in line when a mail is sent, which would need a parser of HTML and CSS on the way of every message.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from html import escape
from importlib import resources
from string import Template

from clientloop.errors import InvalidValue, UnknownName

#: What a template may have filled in. All but `body` may be left out.
PLACES = frozenset({"language", "direction", "subject", "body", "footer", "picture"})

_PARAGRAPH = '<p style="margin: 0 0 16px">{}</p>'
_FOOTER = '<p style="margin: 24px 0 0; font-size: 13px; opacity: 0.75"><a href="{}" style="color: inherit">{}</a></p>\n'
_PICTURE = '<img src="{}" width="1" height="1" alt="" style="display: block">\n'
_URL = re.compile(r"https?://[^\s<>\"]+")
_EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n)+")

#: What ends a sentence and not a web address.
_AFTER = ".,;:!?'\u2019\u201d\u00bb)]}"


@cache
def template(name: str) -> Template:
    """One of the built-in templates, read once."""
    return Template(resources.files("clientloop").joinpath("templates", name).read_text(encoding="utf-8"))


def check_template(text: str) -> None:
    """Refuse what is no template of a mail.

    Raises:
        InvalidValue: It has no place for the words, or one for something unknown.

    >>> check_template("<h1>The firm</h1>$body$footer")
    >>> check_template("<h1>$subject</h1>")
    Traceback (most recent call last):
    clientloop.errors.InvalidValue: template: it has no $body: the words of the message stand there
    """
    made = Template(text)
    if not made.is_valid():
        raise InvalidValue("template: a $ stands in it that begins no name", hint="write $$ for a dollar sign")
    if "body" not in made.get_identifiers():
        raise InvalidValue("template: it has no $body", hint="the words of the message stand there")
    for name in made.get_identifiers():
        if name not in PLACES:
            raise UnknownName.among(name, PLACES, what="place in a template")


def html_of(
    text: str,
    *,
    subject: str,
    language: str | None = None,
    layout: str | None = None,
    through: Callable[[str], str] = str,
    footer: tuple[str, str] | None = None,
    picture: str | None = None,
) -> str:
    r"""A text as a page of HTML.

    Args:
        text: The words.
        subject: One line on top.
        language: BCP 47 tag of the language; None where it is not known.
        layout: The template of the firm's own; None for the built-in one.
        through: What a web address in the text becomes where it is followed.
        footer: Below the text: where a link leads, and its words.
        picture: The address of a picture that is not seen.

    >>> html_of("See https://firm.example/a?b&c.", subject="x", layout="$body", through=lambda url: url + "#1")
    '<p style="margin: 0 0 16px">See <a href="https://firm.example/a?b&amp;c#1">https://firm.example/a?b&amp;c</a>.</p>'
    """
    made = template("mail.html") if layout is None else Template(layout)
    return made.substitute(
        language="" if language is None else f' lang="{escape(language)}"',
        direction=direction(text),
        subject=escape(subject),
        body=_paragraphs(text, through),
        footer="" if footer is None else _FOOTER.format(*map(escape, footer)),
        picture="" if picture is None else _PICTURE.format(escape(picture)),
    )


def direction(text: str) -> str:
    """The direction of a text, by its first letter that has one.

    >>> direction("1. שלום"), direction("2. Dober dan"), direction("3.")
    ('rtl', 'ltr', 'ltr')
    """
    strong = (unicodedata.bidirectional(letter) for letter in text)
    return "rtl" if next((kind for kind in strong if kind in {"L", "R", "AL"}), "L") != "L" else "ltr"


def _paragraphs(text: str, through: Callable[[str], str]) -> str:
    blocks = _EMPTY_LINES.split(text.strip())
    return "\n".join(_PARAGRAPH.format(_linked(block, through).replace("\n", "<br>\n")) for block in blocks)


def _linked(text: str, through: Callable[[str], str]) -> str:
    pieces: list[str] = []
    end = 0
    for found in _URL.finditer(text):
        url = found[0].rstrip(_AFTER)
        pieces += (escape(text[end : found.start()]), f'<a href="{escape(through(url))}">{escape(url)}</a>')
        end = found.start() + len(url)
    return "".join((*pieces, escape(text[end:])))
