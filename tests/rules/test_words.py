"""What a word is, and what a search asks for."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue
from clientloop.rules.words import Sought, spread
from tests.growth import LIMIT, growth


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ""),
        ("It's 5 o'clock, e-mail_me!", "it s 5 o clock e mail me"),
        ("Žoga ČÉÂÑØŁ ß Straße", "zoga ceanøł ß straße"),
        ("z\u030coga e\u0302\u0323", "zoga e"),
        ("İstanbul ISPARTA \u0131sparta", "istanbul isparta \u0131sparta"),
        ("ΟΔΟΣ οδος Ночь й", "οδοσ οδοσ ночь й"),
        ("ή η\u0301", "ή η"),
        ("हिन्दी 漢字\u3000かな", "हिन्दी 漢字 かな"),
        ("x² 3½ Ⅷ", "x² 3½ ⅷ"),
        ("great\U0001f929late 5€ a\u2067b\ue000", "great late 5 a b"),
    ],
)
def test_words_are_runs_of_letters_digits_and_marks(text: str, words: str) -> None:
    """Case is folded, and Latin letters lose their diacritics; letters of other alphabets keep theirs."""
    assert spread(text).split() == words.split()


def test_each_text_has_a_line_of_its_own() -> None:
    """No phrase leads from the end of one text into the next, and what is missing has no line."""
    assert spread("a b", None, "", "c") == " a b \n c "
    assert not Sought.read('"b c"').is_in("a b", "c")
    assert Sought.read('"b c"').is_in("a", None, "b, c")


@pytest.mark.parametrize(
    ("words", "terms"),
    [
        ("late refund", (" late ", " refund ")),
        ("Refund REFUND refund*", (" refund ", " refund")),
        ("refund*s *late re*fund", (" refund", " s ", " late ", " re", " fund ")),
        ('say "Not  working!" now', (" say ", " not working ", " now ")),
        ('"a*b" "*c"', (" a b ", " c ")),
        ('27" monitor', (" 27 ", " monitor ")),
        ('a"b c"d""', (" a ", " b c ", " d ")),
    ],
)
def test_a_question_is_words_beginnings_and_phrases(words: str, terms: tuple[str, ...]) -> None:
    """Stars and pairs of quotes mean something, each once; all else separates words."""
    assert Sought.read(words).terms == terms


@pytest.mark.parametrize("words", ["", " ", '"', '""', '"*"', "***", "?!", "\0", "\ud800"])
def test_a_question_without_words_is_refused(words: str) -> None:
    """Nothing to search for is an InvalidValue that shows how to ask."""
    with pytest.raises(InvalidValue) as caught:
        Sought.read(words)
    assert "refund*" in str(caught.value.hint)


def test_a_question_is_a_text() -> None:
    """What is no text is an InvalidValue too."""
    with pytest.raises(InvalidValue, match="is no text"):
        Sought.read(5)  # type: ignore[arg-type]  # the point of the test


@given(st.text())
def test_a_text_is_found_by_its_own_words(text: str) -> None:
    """Whatever was said, all its words together, each of them, and its beginning find it."""
    words = spread(text).split()
    if words:
        for asked in (text.replace('"', " ").replace("*", " "), f'"{" ".join(words)}"', words[-1], f"{words[0][0]}*"):
            assert Sought.read(asked).is_in(text)


@given(st.text())
def test_folded_words_stay_what_they_are(text: str) -> None:
    """Words that were folded once are not changed by folding them again."""
    assert spread(spread(text)) == spread(text)


@pytest.mark.parametrize(
    ("question", "text"),
    [('"{}b"', "{}"), ("{}", "{}"), ('"{}', '"'), ("{}*", "{}"), ('"{}" "{}c"', "{}b {}b")],
    ids=["a long phrase", "a long question", "an open quote", "a beginning", "two phrases"],
)
def test_hostile_questions_take_time_as_they_are_long(question: str, text: str) -> None:
    """Four times as much of the same word and its parts takes less than eight times as long."""

    def asking(count: int) -> Callable[[], object]:
        asked, said = (each.format("a " * count, "a " * count) for each in (question, text))
        return lambda: Sought.read(asked).is_in(said)

    assert growth(asking, 5_000) < LIMIT
