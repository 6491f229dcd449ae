"""What a search takes for a word, and whether texts hold the words that it asks for: the same on every store.

A word is a run of letters, digits and the marks on them. Case does not matter, nor do the diacritics of Latin letters;
letters that are no marked ones, such as ł, đ, ø and ß, stay what they are. Everything else separates words.
"""

import re
from unicodedata import category, normalize

from attrs import frozen

from clientloop.errors import InvalidValue

#: First letters of the Unicode categories of what words are made of: letters, marks, numbers.
_OF_WORDS = "LMN"

#: The block of marks that Latin letters carry where they are not composed.
_LATIN_MARKS = range(0x300, 0x370)

#: What words in double quotes are, and a word with the star that may follow it.
_TERM = re.compile(r'"([^"]*)"|([^\s"*]+)(\*?)')


class _Folding(dict[int, str]):
    """What each character stands for among folded words, as `str.translate` asks for it; a blank separates.

    Args:
        kept: Characters that stay although they belong to no word.
    """

    def __init__(self, kept: str = "") -> None:
        """Begin with what is kept; the others follow as they are met."""
        super().__init__({ord(char): char for char in kept})

    def __missing__(self, code: int) -> str:
        """Fold another character."""
        folded = self[code] = _fold(chr(code))
        return folded


def _fold(char: str) -> str:
    if category(char)[0] not in _OF_WORDS:
        return " "
    if ord(char) in _LATIN_MARKS:
        return ""
    base = normalize("NFD", char)[0]
    folded = (base if base.isascii() else char).casefold()
    return folded if len(folded) == 1 else char.lower()[0]  # ß stays one letter


_TEXT = _Folding()
_ASKED = _Folding(kept='"*')


def spread(*texts: str | None) -> str:
    r"""The folded words of some texts, each between blanks; a line for each text.

    >>> spread("Žoga, 2 pcs.", None, "It's LATE")
    ' zoga 2 pcs \n it s late '
    """
    return "\n".join([f" {' '.join(text.translate(_TEXT).split())} " for text in texts if text])


@frozen
class Sought:
    """What a search asks for.

    >>> sought = Sought.read('žoga "not work" refund*')
    >>> sought.terms
    (' zoga ', ' not work ', ' refund')
    >>> sought.is_in("ZOGA", "It did not work, so where are the refunds?")
    True
    >>> sought.is_in("The žoga does not work.")
    False
    """

    #: Folded words between blanks, all of which must occur: one word, or several that follow one another. Where no
    #: blank ends them, the last word may go on.
    terms: tuple[str, ...]

    @classmethod
    def read(cls, words: str) -> "Sought":
        """What somebody asked for.

        Args:
            words: Words. One with a star after it stands for all that begin so; those in double quotes follow one
                another within one text. All else that is no word only separates them.

        Raises:
            InvalidValue: There is no word.
        """
        if not isinstance(words, str):
            raise InvalidValue(f"{words!r:.80} is no text")
        found = [_term(*match.groups("")) for match in _TERM.finditer(words.translate(_ASKED))]
        terms = tuple(dict.fromkeys(filter(str.strip, found)))
        if not terms:
            raise InvalidValue(
                f"{words!r:.40} has no word to search for",
                hint='give words: refund late, beginnings: refund*, or words that follow one another: "not working"',
            )
        return cls(terms)

    def is_in(self, *texts: str | None) -> bool:
        """Whether all that is sought occurs, each in one of the texts.

        Args:
            *texts: The texts; None holds no words.
        """
        words = spread(*texts)
        return all(term in words for term in self.terms)


def _term(quoted: str, word: str, star: str) -> str:
    words = " ".join(quoted.replace("*", " ").split()) or word
    return f" {words}" if star else f" {words} "
