"""Text with soft line breaks (RFC 3676) put together again."""

import re

_QUOTES = re.compile(r">*")
#: The line above a signature, which is no soft line break.
SIGNATURE = "-- "


def unflowed(text: str, *, delete_space: bool = False) -> str:
    r"""Join the lines that a program broke; what is quoted stays quoted as deep as it was.

    Args:
        text: The words, with plain line ends.
        delete_space: Whether the blank that marks a soft break is no part of the text.

    >>> unflowed("It broke when \nI opened it.\n> Did it \n> fall?\n-- \nAna")
    'It broke when I opened it.\n> Did it fall?\n-- \nAna'
    """
    done: list[str] = []
    paragraph: list[str] = []
    depth = 0
    for line in text.split("\n"):
        found = _QUOTES.match(line)
        assert found  # it matches anything
        quotes, rest = found.end(), line[found.end() :].removeprefix(" ")
        if paragraph and (quotes != depth or rest == SIGNATURE):
            done.append(_line(depth, paragraph))
            paragraph = []
        depth = quotes
        soft = rest.endswith(" ") and rest != SIGNATURE
        paragraph.append(rest[:-1] if soft and delete_space else rest)
        if not soft:
            done.append(_line(depth, paragraph))
            paragraph = []
    return "\n".join((*done, _line(depth, paragraph)) if paragraph else done)


def _line(depth: int, paragraph: list[str]) -> str:
    words = "".join(paragraph)
    return f"{'>' * depth} {words}" if depth else words
