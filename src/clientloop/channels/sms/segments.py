"""Into how many parts a network cuts a text message (3GPP TS 23.038 and 23.040): each part is billed."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from attrs import frozen

#: The basic alphabet of GSM 7 bit (3GPP TS 23.038, 6.2.1), one septet each.
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: Its extension (6.2.1.1), an escape and a septet each.
EXTENSION = frozenset("\f^{}\\[~]|€")


class Alphabet(StrEnum):
    """How the network writes a message."""

    #: Seven bits a sign, where the message holds nothing but what that alphabet has.
    GSM7 = "gsm-7"
    #: Two bytes a sign, four for emoji: for everything else.
    UCS2 = "ucs-2"


@frozen
class _Room:
    """How many units a message holds if it is the only part, and if it is one of several."""

    alone: int
    together: int


_ROOMS: Mapping[Alphabet, _Room] = {Alphabet.GSM7: _Room(160, 153), Alphabet.UCS2: _Room(70, 67)}


@frozen
class Segments:
    """How a text is cut."""

    #: How the network writes it.
    alphabet: Alphabet
    #: How long it is, in septets or in units of 16 bits.
    units: int
    #: Into how many parts it is cut; an empty text is one.
    count: int


def segments(text: str) -> Segments:
    """How a network cuts a text; a sign of two units is never cut in the middle.

    Args:
        text: The words.

    >>> segments("It is fixed.").count, segments("Исправлено 👍").alphabet, segments("a" * 161).count
    (1, <Alphabet.UCS2: 'ucs-2'>, 2)
    """
    alphabet = Alphabet.GSM7 if all(sign in BASIC or sign in EXTENSION for sign in text) else Alphabet.UCS2
    sizes = [_size(sign, alphabet) for sign in text]
    units, room = sum(sizes), _ROOMS[alphabet]
    return Segments(alphabet, units, 1 if units <= room.alone else _parts(sizes, room.together))


def _size(sign: str, alphabet: Alphabet) -> int:
    return 2 if (sign in EXTENSION if alphabet is Alphabet.GSM7 else sign > "\uffff") else 1


def _parts(sizes: Iterable[int], room: int) -> int:
    parts, filled = 1, 0
    for size in sizes:
        if filled + size > room:
            parts, filled = parts + 1, 0
        filled += size
    return parts
