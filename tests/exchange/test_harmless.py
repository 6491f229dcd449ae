"""Cells that are no formulas, and are what they were."""

import pytest
from hypothesis import given

from clientloop.exchange.harmless import as_it_was, harmless
from tests.exchange.payloads import PAYLOADS, texts


@given(texts)
def test_every_text_comes_back(text: str) -> None:
    """Also one that began with an apostrophe itself."""
    assert as_it_was(harmless(text)) == text


@pytest.mark.parametrize("text", PAYLOADS)
def test_nothing_begins_like_a_formula(text: str) -> None:
    """Of the signs that spreadsheets take for one, at home or in full width; what follows an apostrophe is text."""
    assert harmless(text)[:1] not in set("=+-@\t\r\n|%\uff1d\uff0b\uff0d\uff20")


def test_words_stay_as_they_are() -> None:
    """What no spreadsheet looks at twice is not changed."""
    assert [harmless(text) for text in ("It broke", "'tis so", "5 %", "a=b", "")] == [
        "It broke",
        "'tis so",
        "5 %",
        "a=b",
        "",
    ]
