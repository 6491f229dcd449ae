"""The few words of our own in a mail and on the page behind its link, in the languages that clientloop speaks."""

from collections.abc import Mapping
from enum import StrEnum

from clientloop.model.customers import Purpose


class Phrase(StrEnum):
    """What is said."""

    #: The link in the mail, the title of the page, and its button.
    UNSUBSCRIBE = "unsubscribe"
    #: What the page asks, for surveys and for marketing.
    SURVEY = "survey"
    MARKETING = "marketing"
    #: What it says afterwards.
    DONE = "done"


#: What the page asks, by what the mail was sent for.
QUESTIONS: Mapping[Purpose, Phrase] = {Purpose.SURVEY: Phrase.SURVEY, Purpose.MARKETING: Phrase.MARKETING}

_PHRASES: Mapping[str, Mapping[Phrase, str]] = {
    "en": {
        Phrase.UNSUBSCRIBE: "Unsubscribe",
        Phrase.SURVEY: "Shall we stop sending questions about how content you are?",
        Phrase.MARKETING: "Shall we stop sending news and offers?",
        Phrase.DONE: "We have noted that. Answers to what you write to us still reach you.",
    },
    "sl": {
        Phrase.UNSUBSCRIBE: "Odjava",
        Phrase.SURVEY: "Naj vam ne pošiljamo več vprašanj o zadovoljstvu?",
        Phrase.MARKETING: "Naj vam ne pošiljamo več novic in ponudb?",
        Phrase.DONE: "Zabeleženo. Odgovore na vaša sporočila boste še vedno prejemali.",
    },
}


def spoken(language: str | None) -> str:
    """The language of the phrases for a language tag: itself if they are written in it, else English.

    >>> spoken("sl-SI"), spoken("fi"), spoken(None)
    ('sl', 'en', 'en')
    """
    primary = (language or "").partition("-")[0].lower()
    return primary if primary in _PHRASES else "en"


def phrase(what: Phrase, language: str | None) -> str:
    """One of them.

    Args:
        what: Which.
        language: BCP 47 tag of the language; None for English.
    """
    return _PHRASES[spoken(language)][what]
