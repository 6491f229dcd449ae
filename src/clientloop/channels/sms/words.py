"""What a short reply says besides its words: STOP, START and HELP, a rating, and a body that came encoded."""

import base64
import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum

from attrs import frozen


class Keyword(StrEnum):
    """A word that is a command; its value is what the provider calls it (`OptOutType`)."""

    #: Send no more.
    STOP = "STOP"
    #: Send again.
    START = "START"
    #: Say who you are.
    HELP = "HELP"


#: The words, in lower case. Providers block a number at the first row whatever we think of it. YES, which some of them
#: take for START, is no command here: it mostly answers a question of ours.
WORDS: Mapping[Keyword, frozenset[str]] = {
    Keyword.STOP: frozenset(
        {
            *("stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt out"),
            *("opt-out", "remove", "arret", "arrêt", "стоп", "отписаться", "parar", "sair", "dezabonare", "odjava"),
        }
    ),
    Keyword.START: frozenset({"start", "unstop", "subscribe", "старт", "подписаться", "prijava"}),
    Keyword.HELP: frozenset({"help", "info", "aide", "помощь", "ajuda", "ajutor", "pomoč"}),
}

_LONGEST = max(len(word) for words in WORDS.values() for word in words)


def keyword(body: str) -> Keyword | None:
    """The command that a message is, if it is nothing but that word.

    Case, spaces and punctuation around do not matter. "Stop sending me the wrong bill" is a complaint.

    Args:
        body: The whole message.

    >>> keyword(" Stop. "), keyword("Stop sending me the wrong bill")
    (<Keyword.STOP: 'STOP'>, None)
    """
    short = body.strip()
    if len(short) > _LONGEST + 8:
        return None
    word = " ".join(_AROUND.sub("", unicodedata.normalize("NFKC", short)).casefold().split())
    return next((command for command, words in WORDS.items() if word in words), None)


_AROUND = re.compile(r"^[\W_]+|[\W_]+$")


@frozen
class Rating:
    """A reply that begins with a number."""

    #: The number, 0 to 10.
    given: int
    #: Out of how many, where the customer says so ("4/5").
    out_of: int | None
    #: What else was said.
    comment: str


def rating(body: str) -> Rating | None:
    """The rating that a reply begins with, whether or not one was asked for: only the caller knows that.

    Args:
        body: The whole message.

    >>> rating("5 great, thanks"), rating("10:30 is fine")
    (Rating(given=5, out_of=None, comment='great, thanks'), None)
    """
    found = _RATING.match(body)
    if found is None:
        return None
    out_of = int(found["out_of"]) if found["out_of"] else None
    given = int(found["given"])
    if given > (10 if out_of is None else min(out_of, 10)):
        return None
    return Rating(given, out_of, body[found.end() :].strip())


#: A number of its own: no decimals, no time, no thousands, no "5th"; a key-cap emoji is one.
_RATING = re.compile(
    r"\s*(?P<given>10|[0-9])(?:\ufe0f?\u20e3)?"
    r"(?:\s*/\s*(?P<out_of>10|[1-9]))?"
    r"(?![\w/%°]|[.,:]\d|\s*[-–:]\s*\d)[\s.,:;!*–—-]{0,8}"  # noqa: RUF001  # people type dashes
)

#: How many signs a decoded body has at least: below, chance could have made it.
_ENOUGH_UTF16, _ENOUGH_UTF8 = 4, 24


def decoded(body: str) -> str:
    """A body that a carrier delivered as base64, of UTF-16BE or of UTF-8, as it was typed; any other as it is.

    It is decoded only where no other reading is likely: strict base64 whose bytes are signs of one of the alphabets of
    Europe and their punctuation (UTF-16BE), or a longer text in words (UTF-8). A code that happens to be base64 stays.

    Args:
        body: The whole message.

    >>> decoded("BB8EQAQ4BDIENQRC"), decoded("Thankyou")
    ('Привет', 'Thankyou')
    """
    given = _BREAKS.sub("", body)
    if len(given) % 4 or not _BASE64.fullmatch(given):
        return body
    content = base64.b64decode(given)
    if base64.b64encode(content).decode() != given:
        return body
    for encoding, is_certain in _READINGS.items():
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if is_certain(text):
            return text
    return body


_BREAKS = re.compile(r"[\r\n]+|\s+$")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{8,}={0,2}")


def _is_european(text: str) -> bool:
    return len(text) >= _ENOUGH_UTF16 and _is_printable(text) and all(map(_is_near, text))


def _is_near(sign: str) -> bool:
    """Latin, Greek, Cyrillic, Armenian; punctuation and currencies; emoji."""
    return sign < "\u0590" or "\u2010" <= sign <= "\u20cf" or "\u2600" <= sign <= "\u27bf" or sign >= "\U0001f300"


def _is_in_words(text: str) -> bool:
    return len(text) >= _ENOUGH_UTF8 and _is_printable(text) and " " in text.strip()


def _is_printable(text: str) -> bool:
    return all(sign.isprintable() or sign in "\r\n\t\u200d" for sign in text)


_READINGS = {"utf-16-be": _is_european, "utf-8": _is_in_words}
