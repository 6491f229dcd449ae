"""What the customers say: the same words on every side of every benchmark."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from random import Random

#: So many customers write, in turn; most messages are from somebody already known, as in a real shop.
CUSTOMERS = 1_000

#: Words of natural messages, the most frequent first: the one of rank r comes 1/r as often as the first (Zipf's law).
VOCABULARY = 50_000

#: Words in a natural message.
LENGTH = 35

_SYLLABLES = [consonant + vowel for consonant in "bdfghjklmnprstvz" for vowel in "aeiou"]
_SHARES = list(accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody who writes."""

    name: str
    email: str
    phone: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Message(Person):
    """One message of a customer."""

    title: str
    text: str


def person(number: int) -> Person:
    """The customer with this number."""
    return Person(name=f"Customer {number}", email=f"customer{number}@example.com", phone=f"+38640{number:06d}")


def message(number: int) -> Message:
    """The message with this number; the customer recurs every `CUSTOMERS` messages, the text never."""
    writer = person(number % CUSTOMERS)
    return Message(
        name=writer.name,
        email=writer.email,
        phone=writer.phone,
        title=f"The parcel {number} came broken",
        text=(
            f"Yesterday I received my order {number}. The box was open and wet, one of the two cups inside was broken, "
            "and the invoice was missing. Please send me another cup or return the money, and tell me when."
        ),
    )


def word(rank: int) -> str:
    """The natural word of this rank, from 1: two or three syllables."""
    syllables, rest = [], rank + len(_SYLLABLES)
    while rest:
        rest, syllable = divmod(rest, len(_SYLLABLES))
        syllables.append(_SYLLABLES[syllable])
    return "".join(syllables)


_VOCABULARY = [word(rank) for rank in range(1, VOCABULARY + 1)]


def natural(chance: Random) -> str:
    """A message of words as frequent as in natural language."""
    return " ".join(chance.choices(_VOCABULARY, cum_weights=_SHARES, k=LENGTH))


def items_per_word(items: int, rank: int) -> float:
    """About how many of so many messages hold a word."""
    return items * (1 - (1 - 1 / rank / _SHARES[-1]) ** LENGTH)
