"""Names as they compare: folded to plain letters, and how many typing errors lie between two words."""

# ruff: noqa: RUF001  # letters that look like others are its subject
import re
import unicodedata
from functools import lru_cache

#: No more of a name is read, and no more words of it: what is longer is no name, and must not cost time.
LONGEST_NAME, MOST_WORDS, LONGEST_WORD = 200, 8, 40

#: Letters that do not become plain ones by losing an accent, most as passports spell them (ICAO Doc 9303, part 3).
_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "oe", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h", "ŧ": "t", "ŋ": "n", "ı": "i"}
    # Cyrillic
    | {"а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "ђ": "dj", "е": "e", "є": "ie", "ж": "zh"}
    | {"з": "z", "и": "i", "і": "i", "ј": "j", "к": "k", "л": "l", "љ": "lj", "м": "m", "н": "n", "њ": "nj"}
    | {"о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "ћ": "c", "у": "u", "ф": "f", "х": "kh", "ц": "ts"}
    | {"ч": "ch", "џ": "dz", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "iu", "я": "ia"}
    # Greek (ELOT 743)
    | dict(zip("αβγδεζηικλμνξοπρστυφω", "avgdeziiklmnxoprstyfo", strict=True))
    | {"θ": "th", "χ": "ch", "ψ": "ps"}
)

#: Two ways to write one sound: Müller, Mueller, Muller; Đorđe, Djordje; Жарко, Zharko, Žarko; Maja, Maya; Nowak, Novak.
_SPELLINGS = {
    "ae": "a", "oe": "o", "ue": "u", "zh": "z", "sh": "s", "ch": "c", "ts": "c", "kh": "h", "ph": "f",
    "th": "t", "dj": "d", "y": "i", "j": "i", "w": "v",
}  # fmt: skip
_SPELT = re.compile("|".join(_SPELLINGS))
_DOUBLED = re.compile(r"([^\W\d_])\1+")

_APOSTROPHES = re.compile("['’‘`´ʼ]")


def fold(text: str) -> str:
    """A text in plain small letters, none doubled, so that ways to write one name become one.

    What a text folds to is for comparing only: it is no good spelling of anything.

    >>> fold("Đorđe MÜLLER"), fold("Djordje Mueller"), fold("Жарко") == fold("Žarko")
    ('dorde muler', 'dorde muler', True)
    """
    apart = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    spelt = _SPELT.sub(lambda found: _SPELLINGS[found[0]], plain.translate(_LETTERS))
    return _DOUBLED.sub(r"\1", spelt)


#: Words around a name that say what somebody is, not who; "Jr." and "II" do tell a son from his father.
_TITLES = frozenset(map(fold, {
    "mr", "mrs", "ms", "miss", "mx", "sir", "dr", "prof", "herr", "frau", "dipl", "ing", "mag", "univ",
    "md", "dds", "dvm", "phd", "mba", "msc", "bsc",
}))  # fmt: skip


def words(name: str) -> tuple[str, ...]:
    """The folded words of a name, without titles.

    Args:
        name: As it was given; only its first `LONGEST_NAME` characters are read.

    >>> words("Dr. Sinéad O'Brien-Smith")
    ('sinead', 'obrien', 'smit')
    """
    return _words(name[:LONGEST_NAME])


@lru_cache(maxsize=4_096)
def _words(name: str) -> tuple[str, ...]:
    found = re.findall(r"[^\W_]+", fold(_APOSTROPHES.sub("", name)))
    telling = [word for word in found if word not in _TITLES] or found
    return tuple(word[:LONGEST_WORD] for word in telling[:MOST_WORDS])


def is_cut(name: str) -> bool:
    """Whether a name is longer than what is read of it."""
    return len(name) > LONGEST_NAME or len(_words(name)) == MOST_WORDS < len(name.split())


def edits(one: str, other: str, most: int) -> int | None:
    """How many typing errors make one text from another; None if more than `most`.

    An error is a letter added, left out, replaced, or exchanged with its neighbour. The time is bounded by the length
    times 4 to the power of `most`.

    >>> edits("novak", "nvoak", 2), edits("novak", "kovac", 2), edits("novak", "smith", 2)
    (1, 2, None)
    """
    return next((number for number in range(most + 1) if _within(one, other, number)), None)


def _within(one: str, other: str, number: int) -> bool:
    if one == other:
        return True
    if number == 0 or abs(len(one) - len(other)) > number:
        return False
    # both are as short as can be: the first letters differ, or one of the texts is at its end
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    one, other = one[start:], other[start:]
    exchanged = one[:2] == other[1::-1] and len(one) > 1
    return (
        _within(one[1:], other[1:], number - 1)
        or _within(one[1:], other, number - 1)
        or _within(one, other[1:], number - 1)
        or (exchanged and _within(one[2:], other[2:], number - 1))
    )
