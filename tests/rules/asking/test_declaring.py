"""Questions as they may be declared."""

from datetime import UTC, datetime
from typing import Any

import pytest
from attrs import evolve

from clientloop.errors import InvalidValue
from clientloop.model.asking import Formula, Instrument, Occasion, Question
from clientloop.rules.asking.declaring import check, scale_of, versioned

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)

ASKED = Question(
    space="main", name="delivery", number=1, instrument=Instrument.CSAT, occasion=Occasion.TRANSACTIONAL, scale="1-5",
    texts={"en": "How was it?"}, created_at=NINE,
)  # fmt: skip


@pytest.mark.parametrize(
    ("instrument", "given", "kept"),
    [
        (Instrument.NPS, None, "0-10"),
        (Instrument.NPS, "0-10", "0-10"),
        (Instrument.GCR, None, "0-2"),
        (Instrument.CES, "1-7", "1-7"),
        (Instrument.RATING, "0-100", "0-100"),
    ],
)
def test_a_scale_is_the_instruments_or_is_declared(instrument: Instrument, given: str | None, kept: str) -> None:
    """NPS and GCR have one scale each; all others have the one that is given."""
    assert scale_of(instrument, given) == kept


@pytest.mark.parametrize(
    ("instrument", "given", "words"),
    [
        (Instrument.NPS, "1-10", "nps on the scale 1-10: its scale is 0-10"),
        (Instrument.GCR, "0-1", "gcr on the scale 0-1: its scale is 0-2"),
        (Instrument.CSAT, None, "csat on no scale: give scale, say '1-5': scales are never guessed"),
        (Instrument.CES, "five stars", "'five stars' is no scale: write it like '1-5'"),
        (Instrument.RATING, "5-1", "'5-1' is no scale: write it like '1-5'"),
    ],
)
def test_a_scale_that_cannot_be_is_refused(instrument: Instrument, given: str | None, words: str) -> None:
    """No scale is guessed, and none is taken that the instrument does not have."""
    with pytest.raises(InvalidValue) as refused:
        scale_of(instrument, given)
    assert str(refused.value) == words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "two words"}, "no name of a question"),
        ({"name": ""}, "no name of a question"),
        ({"texts": {"en": " "}}, "a text without words"),
        ({"texts": {"": "How was it?"}}, "a text without words"),
        ({"good_from": 6}, "outside the scale 1-5"),
        ({"good_from": 1}, "every rating would be good"),
        ({"good_from": 5, "least_is_best": True}, "every rating would be good"),
        ({"good_from": 4, "formula": Formula.MEAN}, "a mean knows no good ratings"),
        ({"instrument": Instrument.NPS}, "nps on the scale 1-5"),
        ({"instrument": Instrument.NPS, "scale": "0-10", "formula": Formula.MEAN}, "nps as a mean"),
        ({"instrument": Instrument.GCR, "scale": "0-2", "good_from": 1}, "gcr with borders of its own"),
        ({"instrument": Instrument.NPS, "scale": "0-10", "least_is_best": True}, "nps with borders of its own"),
    ],
)
def test_a_question_that_gives_no_score_is_refused(changes: dict[str, Any], words: str) -> None:
    """Names, texts, borders and formulas fit the instrument and its scale."""
    with pytest.raises(InvalidValue, match=words):
        check(evolve(ASKED, **changes))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"good_from": 5},
        {"good_from": 2, "least_is_best": True},
        {"formula": Formula.MEAN},
        {"instrument": Instrument.NPS, "scale": "0-10"},
        {"name": "nach-lieferung.2", "texts": {}},
    ],
)
def test_a_question_that_gives_a_score_is_taken(changes: dict[str, Any]) -> None:
    """What fits is not refused."""
    check(evolve(ASKED, **changes))


def test_only_what_differs_is_a_new_version() -> None:
    """When and in which version it was declared makes no difference; anything else makes the next version."""
    third = evolve(ASKED, number=3)
    later = evolve(ASKED, created_at=NINE.replace(year=2027))
    assert versioned(ASKED, None) is ASKED
    assert versioned(later, third) is third
    changed = versioned(evolve(later, texts={"en": "How did it go?"}), third)
    assert (changed.number, changed.created_at) == (4, later.created_at)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"instrument": Instrument.CES}, "the instrument of question 'delivery' is csat, and would become ces"),
        ({"occasion": Occasion.RELATIONAL}, "is transactional, and would become relational"),
        ({"scale": "1-7"}, "the scale of question 'delivery' is 1-5, and would become 1-7"),
        ({"least_is_best": True}, "the best rating of question 'delivery' is the greatest, and would become the least"),
    ],
)
def test_another_question_needs_another_name(changes: dict[str, Any], words: str) -> None:
    """What is measured stays what it is, and so does what a rating means: old answers would be hidden or read anew."""
    with pytest.raises(InvalidValue, match=f"{words}: give it another name"):
        versioned(evolve(ASKED, **changes), ASKED)


@pytest.mark.parametrize(
    "changes", [{"good_from": 5}, {"formula": Formula.MEAN}, {"passive": True}, {"survey": "spring"}]
)
def test_how_a_score_is_made_of_the_same_ratings_may_change(changes: dict[str, Any]) -> None:
    """A border, a formula or what a question belongs to makes a new version: no rating means anything else by it."""
    assert versioned(evolve(ASKED, **changes), ASKED).number == 2
