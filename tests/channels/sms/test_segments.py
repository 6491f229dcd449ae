"""Into how many parts a network cuts a text message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.channels.sms.segments import BASIC, EXTENSION, Alphabet, Segments, segments


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("", Segments(Alphabet.GSM7, 0, 1)),
        ("a" * 160, Segments(Alphabet.GSM7, 160, 1)),
        ("a" * 161, Segments(Alphabet.GSM7, 161, 2)),
        ("a" * 306, Segments(Alphabet.GSM7, 306, 2)),
        ("a" * 307, Segments(Alphabet.GSM7, 307, 3)),
        ("€" * 80, Segments(Alphabet.GSM7, 160, 1)),
        ("€" * 81, Segments(Alphabet.GSM7, 162, 2)),
        ("é\n@£¤Δ~{}", Segments(Alphabet.GSM7, 12, 1)),
        ("č", Segments(Alphabet.UCS2, 1, 1)),
        ("`", Segments(Alphabet.UCS2, 1, 1)),
        ("ж" * 70, Segments(Alphabet.UCS2, 70, 1)),
        ("ж" * 71, Segments(Alphabet.UCS2, 71, 2)),
        ("ж" * 134, Segments(Alphabet.UCS2, 134, 2)),
        ("ж" * 135, Segments(Alphabet.UCS2, 135, 3)),
        ("👍" * 35, Segments(Alphabet.UCS2, 70, 1)),
    ],
)
def test_a_text_is_cut_at_the_limits_of_its_alphabet(text: str, cut: Segments) -> None:
    """One sign beyond the seven-bit alphabet makes the whole text a longer one."""
    assert segments(text) == cut


@pytest.mark.parametrize(
    ("text", "whole", "count"),
    # a part holds 76 signs of two septets, not 76.5; 33 of two units, not 33.5
    [("€" * 153, 306, 3), ("👍" * 67, 134, 3), ("a" * 152 + "€" + "a" * 152, 306, 3), ("a" * 306, 306, 2)],
)
def test_a_sign_of_two_units_is_not_cut(text: str, whole: int, count: int) -> None:
    """Where it does not fit at the end of a part, it begins the next, so that the same length may need a part more."""
    assert segments(text) == Segments(segments(text).alphabet, whole, count)


def test_the_alphabet_is_that_of_the_standard() -> None:
    """127 signs and the escape in the basic table, nine and a page break behind the escape; none in both."""
    assert (len(BASIC), len(EXTENSION)) == (127, 10)
    assert not BASIC & EXTENSION


@given(st.text(max_size=700), st.text(max_size=10))
def test_more_words_are_never_fewer_parts(text: str, more: str) -> None:
    """A longer text needs as many parts or more, and each part is filled within its limit."""
    cut = segments(text)
    assert cut.count <= segments(text + more).count
    most = {Alphabet.GSM7: 160, Alphabet.UCS2: 70}[cut.alphabet]
    assert cut.units <= cut.count * most
