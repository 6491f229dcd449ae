"""Questions as they may be declared: each instrument has its scale, and a score that can be made of it."""

import re
from collections.abc import Callable, Mapping

from attrs import evolve

from clientloop.errors import InvalidValue
from clientloop.model.asking import Formula, Instrument, Question
from clientloop.model.scales import Scale

#: The instruments that have one scale alone, and a score with its borders in it.
SCALES: Mapping[Instrument, str] = {Instrument.NPS: "0-10", Instrument.GCR: "0-2"}

#: What a question keeps under its name, with the words for it: ratings given before and after would not mean the same.
_LASTING: Mapping[str, Callable[[Question], str]] = {
    "instrument": lambda question: question.instrument.value,
    "occasion": lambda question: question.occasion.value,
    "scale": lambda question: question.scale,
    "best rating": lambda question: "the least" if question.least_is_best else "the greatest",
}

_NAME = re.compile(r"[^\W_][\w.-]{0,99}")


def scale_of(instrument: Instrument, given: str | None) -> str:
    """The scale of a question.

    Args:
        instrument: What it measures.
        given: The scale that was declared, if one was.

    Raises:
        InvalidValue: It is no scale, or not the instrument's; or the instrument has none of its own and none was given.

    >>> scale_of(Instrument.NPS, None), scale_of(Instrument.CSAT, "1-5")
    ('0-10', '1-5')
    """
    fixed = SCALES.get(instrument)
    if given is None:
        if fixed is None:
            raise InvalidValue(
                f"{instrument.value} on no scale", hint="give scale, say '1-5': scales are never guessed"
            )
        return fixed
    Scale.parse(given)
    if fixed not in {None, given}:
        raise InvalidValue(f"{instrument.value} on the scale {given}", hint=f"its scale is {fixed}")
    return given


def check(question: Question) -> None:
    """Refuse a question of which no score could be made, or another than its name says.

    Args:
        question: As it was declared.

    Raises:
        InvalidValue: Its name is none, a text says nothing, or its scale, formula or border do not fit.
    """
    if not _NAME.fullmatch(question.name):
        hint = "write it like 'after-delivery': letters, digits, '_', '-' and '.'"
        raise InvalidValue(f"{question.name!r:.40} is no name of a question", hint=hint)
    for tag, text in question.texts.items():
        if not tag.strip() or not text.strip():
            raise InvalidValue(
                f"a text without words or language: {tag!r:.20}", hint="give texts={'en': 'Would you …?'}"
            )
    scale_of(question.instrument, question.scale)
    if question.instrument in SCALES:
        _check_plain(question)
    elif question.good_from is not None:
        _check_border(question, question.good_from)


def _check_plain(question: Question) -> None:
    """An instrument whose score is defined takes no options."""
    name = question.instrument.value
    if question.formula is not Formula.SHARE:
        raise InvalidValue(f"{name} as a mean", hint=f"the score of {name} is made in one way; leave formula out")
    if question.good_from is not None or question.least_is_best:
        raise InvalidValue(f"{name} with borders of its own", hint="leave good_from and least_is_best out")


def _check_border(question: Question, border: int) -> None:
    scale = Scale.parse(question.scale)
    scale.check(border)
    if question.formula is Formula.MEAN:
        raise InvalidValue("a mean knows no good ratings", hint="leave good_from out, or give formula='share'")
    if border == (scale.most if question.least_is_best else scale.least):
        raise InvalidValue(f"every rating would be good from {border}", hint=f"the scale is {question.scale}")


def versioned(wanted: Question, newest: Question | None) -> Question:
    """The question as it is kept: the newest version if that says the same, and else the next one.

    Texts, border and formula may change. Scores of all answers, also of old ones, are made with the newest border and
    formula, so that those of different periods can be compared; a rating itself means the same in all versions.

    Args:
        wanted: As it was declared.
        newest: The newest version that is there.

    Raises:
        InvalidValue: It would measure something else under the same name, or on another scale.
    """
    if newest is None:
        return wanted
    for what, of in _LASTING.items():
        was, would_be = of(newest), of(wanted)
        if was != would_be:
            raise InvalidValue(
                f"the {what} of question {wanted.name!r} is {was}, and would become {would_be}",
                hint="give it another name: answers to both would count as one person's word on one thing",
            )
    same = evolve(wanted, number=newest.number, created_at=newest.created_at)
    return newest if same == newest else evolve(wanted, number=newest.number + 1)
