"""What a short reply says besides its words."""

# ruff: noqa: RUF001  # people type such signs

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.channels.sms.words import WORDS, Keyword, Rating, decoded, keyword, rating


@pytest.mark.parametrize(
    ("command", "word"), [(command, word) for command, words in WORDS.items() for word in sorted(words)]
)
def test_a_command_is_known_in_any_case_and_with_any_punctuation(command: Keyword, word: str) -> None:
    """People write it large, with a full stop, in quotes, or with a line end."""
    for body in (word, word.upper(), f" {word.capitalize()}!\n", f'"{word}"', f"{word}...", f"*{word}*"):
        assert keyword(body) is command, body


@pytest.mark.parametrize(
    "body",
    [
        "",
        " ",
        "Stop sending me the wrong bill",
        "please stop",
        "stop it",
        "nonstop",
        "STOP" * 100,
        "yes",
        "the end",
        "stop\nthe noise",
        "help me",
        "s t o p",
        "." * 1_600,
    ],
)
def test_a_command_is_the_whole_message(body: str) -> None:
    """What only holds the word is a message, and YES is an answer."""
    assert keyword(body) is None


def test_no_word_is_two_commands() -> None:
    """Each word has one meaning, and is written as it is looked up."""
    words = [word for each in WORDS.values() for word in each]
    assert len(words) == len(set(words))
    assert all(word == word.casefold().strip() for word in words)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("5", Rating(5, None, "")),
        (" 5 \n", Rating(5, None, "")),
        ("5 great", Rating(5, None, "great")),
        ("5, great!", Rating(5, None, "great!")),
        ("5. Great", Rating(5, None, "Great")),
        ("5 - great", Rating(5, None, "great")),
        ("5!!", Rating(5, None, "")),
        ("5\ngreat\nservice", Rating(5, None, "great\nservice")),
        ("5️⃣ great", Rating(5, None, "great")),
        ("0", Rating(0, None, "")),
        ("10", Rating(10, None, "")),
        ("10 all well", Rating(10, None, "all well")),
        ("4/5", Rating(4, 5, "")),
        ("4 / 5 thanks", Rating(4, 5, "thanks")),
        ("9/10, спасибо", Rating(9, 10, "спасибо")),
        ("2 of your drivers were late", Rating(2, None, "of your drivers were late")),
    ],
)
def test_a_reply_begins_with_its_rating(body: str, found: Rating) -> None:
    """The number and the rest, as data; whether a rating was asked for is not ours to know."""
    assert rating(body) == found


@pytest.mark.parametrize(
    "body",
    [
        *("", "great", "great 5", "five", "-5", "+5", "11", "55", "100", "5th floor", "5.5", "5,5", "5:30"),
        *("10:30 is fine", "10-15 people", "5 - 6", "5%", "5°", "6/5", "11/10", "4/5/2026", "1.000", "٥", "5/", "4/55"),
        "24 hours",
    ],
)  # fmt: skip
def test_other_numbers_are_no_ratings(body: str) -> None:
    """Times, decimals, ranges, dates, ordinals and numbers off the scale are words."""
    assert rating(body) is None


def _base64(text: str, encoding: str) -> str:
    return base64.b64encode(text.encode(encoding)).decode()


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Привет", "utf-16-be"),
        ("Стоп", "utf-16-be"),
        ("Čudovito, hvala!", "utf-16-be"),
        ("Great 👍\nthanks", "utf-16-be"),
        ("Atenção: preço “errado” – 5 €", "utf-16-be"),
        ("It is broken since Monday, please call.", "utf-8"),
        ("Всё сломалось, перезвоните", "utf-8"),
    ],
)
def test_a_body_that_a_carrier_encoded_is_read(text: str, encoding: str) -> None:
    """Also where it was broken into lines."""
    body = _base64(text, encoding)
    assert decoded(body) == text
    assert decoded(f"{body[:8]}\r\n{body[8:]}\n") == text


@pytest.mark.parametrize(
    "body",
    [
        *("", "Thankyou", "password", "Great", "GoodMorningEveryone1", "ABCDEFGHIJKL", "AAAAAAAAAAAA", "00000000"),
        *("12345678", "https://example.com/abcd", "abcd efgh ijkl", "d2Vi", "SGVsbG8="),
        _base64("GOOD-CODE-2026-ABCDEFGHIJKLM", "utf-8"),  # one word: a code, perhaps
        _base64("ЖЖ", "utf-16-be"),  # too short to be sure
        _base64("漢字漢字漢字", "utf-16-be"),  # chance makes these
        _base64("Hi \x00there, my friend of old", "utf-8"),
        "SGVsbG8gdGhlcmUsIG15IGZyaWVuZCBvZiBvbGR",  # cut off
        "BCEEQgQ+BD8ESx==",  # "Стопы", but for bits at the end that no encoder leaves
    ],
)
def test_what_may_be_meant_as_it_stands_stays(body: str) -> None:
    """Words, codes and what is too short, too strange or damaged are delivered as they came."""
    assert decoded(body) == body


@given(st.text(max_size=200))
def test_no_text_is_too_strange(text: str) -> None:
    """Whatever was typed is read, and words with spaces are never taken for base64."""
    keyword(text)
    rating(text)
    assert decoded(f"a {text}") == f"a {text}"


@given(st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", min_size=8, max_size=24))
def test_single_words_are_not_decoded(word: str) -> None:
    """Letters that happen to be base64 do not turn into others, save by a chance below one in a million."""
    assert decoded(word) == word
