import pytest
from attrs import evolve

from clientloop.channels.form.decoding import Limits, Posted
from clientloop.channels.form.reading import fill_in
from clientloop.channels.form.words import Word
from tests.channels.form.samples import FULL


@pytest.mark.parametrize(
    ("name", "typed", "answer"),
    [
        ("text", "\n a\n b \n", "a\n b"),
        ("kind", " idea ", "idea"),
        ("stars", "0", 0),
        ("stars", "10", 10),
        ("topic", "any\nthing", "any thing"),
        ("email", " ana@example.com", "ana@example.com"),
        ("email", "žan@podjetje.šola", "žan@podjetje.šola"),
        ("phone", "+386 (0)40/123-456", "+386 (0)40/123-456"),
        ("branch", "<b>", "<b>"),
    ],
)
def test_answers_that_are_taken(name: str, typed: str, answer: str | int) -> None:
    """An answer is read by what its field asks for."""
    filled = fill_in(FULL, Posted(fields={"text": "Late", name: typed}), Limits())
    assert filled.complete
    assert filled.answers[name] == answer


@pytest.mark.parametrize(
    ("name", "typed", "word"),
    [
        ("text", " \t\n ", Word.MISSING),
        ("text", "x" * 10_001, Word.TOO_LONG),
        ("kind", "refund", Word.BAD_CHOICE),
        ("kind", "Idea", Word.BAD_CHOICE),
        ("product", "k", Word.BAD_CHOICE),
        ("stars", "11", Word.BAD_CHOICE),
        ("stars", "-1", Word.BAD_CHOICE),
        ("stars", "5.0", Word.BAD_CHOICE),
        ("stars", "\u0665", Word.BAD_CHOICE),
        ("stars", "9" * 150, Word.BAD_CHOICE),
        ("email", "ana", Word.BAD_EMAIL),
        ("email", "ana@example.com, eve@example.com", Word.BAD_EMAIL),
        ("email", "ana@example.com\nBcc: eve@example.com", Word.BAD_EMAIL),
        ("phone", "1234", Word.BAD_PHONE),
        ("phone", "call me", Word.BAD_PHONE),
        ("who", "x" * 201, Word.TOO_LONG),
    ],
)
def test_answers_that_are_wrong(name: str, typed: str, word: Word) -> None:
    """A wrong answer is no answer: it is kept as it was typed, with what is wrong."""
    filled = fill_in(FULL, Posted(fields={"text": "Late", name: typed}), Limits())
    assert not filled.complete
    assert filled.problems[name].word is word
    assert name not in filled.answers
    assert filled.typed[name] == typed


def test_what_is_left_empty_is_no_answer() -> None:
    """Only the words are missed; fields that are not the form's are left out."""
    filled = fill_in(FULL, Posted(fields={"kind": "", "stars": " ", "evil": "x"}), Limits())
    assert list(filled.problems) == ["text"]
    assert filled.answers == {}
    assert "evil" not in filled.typed


def test_problems_come_in_the_order_of_the_form() -> None:
    """However the post is ordered, the errors are in the order in which the fields stand."""
    fields = {"phone": "x", "email": "x", "stars": "x", "text": ""}
    assert list(fill_in(FULL, Posted(fields=fields), Limits()).problems) == ["text", "stars", "email", "phone"]


def test_a_length_of_the_firm() -> None:
    """A field may declare how much may be typed."""
    short = evolve(FULL, fields=(evolve(FULL.fields[0], max_length=3), *FULL.fields[1:]))
    assert fill_in(short, Posted(fields={"text": "abc"}), Limits()).complete
    assert fill_in(short, Posted(fields={"text": "abcd"}), Limits()).problems["text"].values == {"most": 3}
