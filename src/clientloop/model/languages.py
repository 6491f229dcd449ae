"""Languages by their tags."""

import re

from clientloop.errors import InvalidValue

#: The form of a tag: the language, then what narrows it down, such as the script and the country.
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,7}")


def check_language(tag: str) -> None:
    """Refuse what has not the form of a BCP 47 tag.

    Args:
        tag: The tag. No list is asked: texts are there in whatever languages the application brings.

    Raises:
        InvalidValue: It has another form.

    >>> check_language("sl-SI")
    >>> check_language("de_AT")
    Traceback (most recent call last):
    clientloop.errors.InvalidValue: 'de_AT' is no tag of a language: did you mean 'de-AT'?
    """
    text = str(tag)
    if not _TAG.fullmatch(text):
        near = text.replace("_", "-")
        hint = f"did you mean {near!r}?" if _TAG.fullmatch(near) else "give one of BCP 47, say 'en' or 'de-AT'"
        raise InvalidValue(f"{text!r:.40} is no tag of a language", hint=hint)
