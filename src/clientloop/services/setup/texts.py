"""The texts of messages: whole messages by template and language, with `$` placeholders that are filled and never run.

`templates/` holds the built-in ones, a file a language; a firm replaces single texts, or adds its own, by the setting
`texts`. `docs/explanation/texts.md` says why it is so.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import NamedTuple

from clientloop.errors import InvalidValue, UnknownName

#: The language that every built-in template is written in.
LAST_RESORT = "en"

#: Longer language tags are cut: RFC 5646, section 4.4.1, asks for 35 characters.
_LONGEST_TAG = 35

#: `$$` stands for a dollar; a name may stand in braces, where a letter follows it.
_PLACEHOLDER = re.compile(r"\$(?:(\$)|([a-zA-Z_][a-zA-Z0-9_]*)|\{([a-zA-Z_][a-zA-Z0-9_]*)\})")


class _Text(NamedTuple):
    """A text split at its placeholders, so that filling it looks for nothing."""

    #: Literal, name, literal, name, ..., literal.
    pieces: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "_Text":
        pieces, end = [""], 0
        for found in _PLACEHOLDER.finditer(text):
            pieces[-1] += text[end : found.start()]
            end = found.end()
            dollar, bare, braced = found.groups()
            if dollar:
                pieces[-1] += dollar
            else:
                pieces += [bare or braced, ""]
        pieces[-1] += text[end:]
        return cls(tuple(pieces))

    def filled(self, values: Mapping[str, str]) -> str:
        pieces = list(self.pieces)
        pieces[1::2] = [values.get(name, "") for name in self.pieces[1::2]]
        return "".join(pieces)


class _Message(NamedTuple):
    subject: _Text
    body: _Text


#: The message of each (language, template).
_Messages = Mapping[tuple[str, str], _Message]


class Texts:
    """The texts of a space.

    Args:
        default_locale: BCP 47 tag of the language where the customer's is not known or not written in.
        overrides: Texts in place of the built-in ones, or of templates of the firm's own: "en.received" to
            `{"subject": ..., "body": ...}`; what an override leaves out is taken from the built-in text.

    Raises:
        InvalidValue: An override is no such text.

    >>> texts = Texts("en", {"en.received": {"subject": "Thank you: $ref"}})
    >>> texts.render("received", "en-GB", {"ref": "7K3M9QXA"})[0]
    'Thank you: 7K3M9QXA'
    """

    def __init__(self, default_locale: str, overrides: Mapping[str, Mapping[str, str]]) -> None:
        """Split the texts once; rendering only fills them."""
        check_overrides(overrides)
        self._fallbacks = (*_widened(default_locale), LAST_RESORT)
        self._messages = {**_built_in(), **_overriding(overrides)}

    def render(self, template: str, locale: str | None, values: Mapping[str, str]) -> tuple[str, str]:
        """The subject and the body of a message.

        Args:
            template: Name of the template.
            locale: BCP 47 tag of the language; where no text is written in it, a shorter tag counts, then the space's,
                then English.
            values: What the placeholders stand for; one without a value stands for nothing.

        Returns:
            The subject on one line, whatever the values hold, and the body.

        Raises:
            UnknownName: No such template is written in any of these languages.
        """
        language = self.language(template, locale)
        if language is None:
            raise UnknownName.among(template, {name for _, name in self._messages}, what="template")
        message = self._messages[language, template]
        return " ".join(message.subject.filled(values).split()), message.body.filled(values)

    def language(self, template: str, locale: str | None) -> str | None:
        """The language that a message is written in.

        Args:
            template: Name of the template.
            locale: As of `render`.

        Returns:
            Its BCP 47 tag; None where there is no such template.

        >>> texts = Texts("sl", {})
        >>> texts.language("received", "en-GB"), texts.language("received", "de"), texts.language("x", None)
        ('en', 'sl', None)
        """
        languages = (*_widened(locale or ""), *self._fallbacks)
        return next((language for language in languages if (language, template) in self._messages), None)


def _widened(locale: str) -> Iterator[str]:
    """A language tag, then ever shorter ones: "sl-SI", "sl"."""
    tag = locale[:_LONGEST_TAG].replace("_", "-").lower()
    while tag:
        yield tag
        tag = tag.rpartition("-")[0]


@cache
def _built_in() -> _Messages:
    """The built-in messages, read once."""
    return {
        (file.name.removesuffix(".toml"), name): _Message(_Text.of(text["subject"]), _Text.of(text["body"].strip()))
        for file in resources.files("clientloop").joinpath("templates").iterdir()
        if file.name.endswith(".toml")
        for name, text in tomllib.loads(file.read_text(encoding="utf-8")).items()
    }


def check_overrides(overrides: Mapping[str, Mapping[str, str]]) -> None:
    """Refuse what is no text of a firm's own.

    A template of any name may be written: the processes that plugins add name templates of their own.

    Raises:
        InvalidValue: A key names no language and template, or a text has a part that no message has.
    """
    for key, text in overrides.items():
        language, _, name = key.partition(".")
        if not (language and name):
            raise InvalidValue(f"texts: {key!r} names no text", hint='write language and template, as in "en.received"')
        for part in text:
            if part not in _Message._fields:
                raise UnknownName.among(part, _Message._fields, what=f"part of the text {key!r}")


def _overriding(overrides: Mapping[str, Mapping[str, str]]) -> _Messages:
    messages = {}
    for key, text in overrides.items():
        language, _, name = key.partition(".")
        place = (next(_widened(language)), name)
        given = {part: _Text.of(words) for part, words in text.items()}
        messages[place] = _built_in().get(place, _EMPTY)._replace(**given)
    return messages


_EMPTY = _Message(_Text.of(""), _Text.of(""))
