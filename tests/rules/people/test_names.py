# ruff: noqa: RUF001  # letters that look like others are what is tried
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.rules.people.names import LONGEST_NAME, LONGEST_WORD, MOST_WORDS, edits, fold, is_cut, words

#: Each line is one name in several spellings.
ONE_NAME = [
    ("Žiga Šušteršič", "Ziga Sustersic", "ŽIGA ŠUŠTERŠIČ", "Z\u030ciga Sustersic"),
    ("Jürgen Groß", "Juergen Gross", "Jurgen Gros", "JÜRGEN GROSS"),
    ("Søren Ærø", "Soeren Aeroe", "Soren Aero"),
    ("Đorđe Petrović", "Djordje Petrovic", "Dorde Petrovic"),
    ("Жарко Ђорђевић", "Žarko Đorđević", "Zharko Djordjevic"),
    ("Юрий Шевченко", "Yurii Shevchenko", "Jurij Ševčenko"),
    ("Łukasz Wałęsa", "Lukasz Walesa"),
    ("Maya Nowak", "Maja Novak", "Maja Nowakk"),
    ("Þóra", "Thora"),
    ("Σωτήρης", "Sotiris"),
    ("Mehmet Yıldız", "Mehmet Yildiz"),
    ("O'Brien", "O’Brien", "OBrien", "o`brien"),
    ("Anne-Marie  Blanc", "Anne Marie Blanc"),
    ("Dr. Ana Novak, MD", "Mrs Ana Novak", "ana novak"),
    ("\N{FULLWIDTH LATIN CAPITAL LETTER A}na", "Ana"),
]


@pytest.mark.parametrize("spellings", ONE_NAME, ids=lambda spellings: ascii(spellings[0]))
def test_one_name_in_several_spellings_is_one(spellings: tuple[str, ...]) -> None:
    """Case, accents, alphabets, apostrophes, hyphens and titles make no other name."""
    for one, other in combinations(spellings, 2):
        assert words(one) == words(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Ana", "Ina"), ("John Smith Jr.", "John Smith Sr."), ("Li", "Lu"), ("Ana", "")]
)
def test_other_names_stay_apart(one: str, other: str) -> None:
    """What is another name, or that of a son, does not fold to the same."""
    assert words(one) != words(other)


def test_a_name_of_nothing_but_a_title_is_a_name() -> None:
    """Words are left out only where others remain; where no letter is, there is no word."""
    assert words("Miss") == ("mis",)
    assert words("Sir Dr.") == ("sir", "dr")
    assert words(" -- '’ __ ") == ()


@given(st.text())
def test_any_text_gives_a_few_words(text: str) -> None:
    """Whatever the text, its words hold no blanks, and are bounded in number and length."""
    found = words(text)
    assert all(len(word) <= LONGEST_WORD and word.split() == [word] for word in found)
    assert len(found) <= MOST_WORDS


def test_long_names_are_cut_and_say_so() -> None:
    """No more than the first characters and words of a name are read."""
    assert words("bc" * 100_000) == ("bc" * (LONGEST_WORD // 2),)
    assert words("ana " * 100_000) == ("ana",) * MOST_WORDS
    assert (is_cut("bc" * (LONGEST_NAME // 2)), is_cut("b" * (LONGEST_NAME + 1))) == (False, True)
    assert (is_cut("ana " * MOST_WORDS), is_cut("ana " * (MOST_WORDS + 1))) == (False, True)


def distance(one: str, other: str) -> int:
    """The optimal string alignment distance, by the whole matrix."""
    rows = [list(range(len(other) + 1))]
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            row.append(min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (a != b)))
            if i > 1 and j > 1 and (a, one[i - 2]) == (other[j - 2], b):
                row[-1] = min(row[-1], rows[-2][j - 2] + 1)
        rows.append(row)
    return rows[-1][-1]


@given(st.text("abc", max_size=7), st.text("abc", max_size=7), st.integers(0, 3))
def test_typing_errors_are_counted_as_the_whole_matrix_counts_them(one: str, other: str, most: int) -> None:
    """The fewest errors that make one text from the other, up to a bound."""
    wanted = distance(one, other)
    assert edits(one, other, most) == (wanted if wanted <= most else None)


def test_a_text_folds_to_letters_only_where_it_has_some() -> None:
    """Digits and letters of scripts that have no plain form stay as they are."""
    assert (fold("田中 42"), words("田中 42")) == ("田中 42", ("田中", "42"))
