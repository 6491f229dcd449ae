"""A form as a firm declares it: who reads it, what it asks for, and how else the firm can be reached."""

import re
from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from attrs import field, frozen
from attrs.validators import min_len

from clientloop.channels.form.words import WORDS, Word
from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.scales import Scale

#: A text in each language of a form, by BCP 47 tag.
Texts = Mapping[str, str]

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_PREFIX = re.compile(r"[a-z][a-z0-9-]{0,19}")
#: Where a link may lead: never to a script; and what a machine is called, for that goes into a header.
_SCHEMES = frozenset({"", "https", "http", "mailto", "tel", "sms"})
_MACHINE = re.compile(r"[A-Za-z0-9.:\[\]-]*")
#: A rating is a choice between so many numbers, and no more.
_MOST_STEPS = 11


class Asks(StrEnum):
    """What a field asks for, and so what its answer becomes."""

    #: The words; every form has exactly one such field, and no other is obligatory.
    TEXT = "text"
    #: What the customer is called.
    NAME = "name"
    #: An e-mail address to answer to.
    EMAIL = "email"
    #: A phone number to answer to.
    PHONE = "phone"
    #: A rating on the declared scale.
    RATING = "rating"
    #: The product it is about.
    PRODUCT = "product"
    #: What it is about.
    CATEGORY = "category"
    #: The kind of feedback: a choice between kinds.
    KIND = "kind"
    #: Files, such as photographs.
    FILES = "files"
    #: Anything else; kept under the name of the field.
    OTHER = "other"


#: What only one field of a form may ask for.
_ONCE = frozenset(Asks) - {Asks.OTHER}


# Any: attrs types a validator by the class and the attribute that it is used on; also below.
def _is_name(_instance: Any, attribute: Any, value: str) -> None:
    if not _NAME.fullmatch(value):
        raise InvalidValue(
            f"{attribute.name}: {value!r:.60} is no name",
            hint="begin with a letter, go on with at most 39 of a-z, 0-9 and _",
        )


def _is_prefix(_instance: Any, _attribute: Any, value: str) -> None:
    if not _PREFIX.fullmatch(value):
        raise InvalidValue(f"prefix: {value!r:.60} begins no names of classes", hint="write it like 'cl-'")


def _is_link(_instance: Any, attribute: Any, value: str) -> None:
    try:
        parts = urlsplit(value)
        leads = parts.scheme in _SCHEMES and _MACHINE.fullmatch(parts.netloc) and not re.search(r"[\s\0-\x1f]", value)
    except ValueError:
        leads = None
    if not leads:
        raise InvalidValue(
            f"{attribute.name}: {value!r:.80} leads nowhere", hint="give a path, or an https:, tel: or mailto: address"
        )


def _is_scale(_instance: Any, _attribute: Any, value: str) -> None:
    scale = Scale.parse(value)
    if scale.most - scale.least >= _MOST_STEPS:
        raise InvalidValue(f"scale: nobody chooses between the numbers of {value!r}", hint="write it like '0-10'")


@frozen(kw_only=True)
class Option:
    """One ready answer."""

    #: What is recorded when it is chosen.
    value: str = field(validator=min_len(1))
    #: What the customer reads, by language.
    label: Texts


@frozen(kw_only=True)
class Field:
    """One thing that a form asks for.

    >>> Field(name="stars", asks=Asks.RATING, scale="1-5").scale
    '1-5'
    """

    #: Its name in the post, unique in the form.
    name: str = field(validator=_is_name)
    #: What it asks for.
    asks: Asks = Asks.OTHER
    #: What the customer reads, by language; for all but `OTHER` there are ready words.
    label: Texts = field(factory=dict)
    #: A sentence of help, by language.
    hint: Texts = field(factory=dict)
    #: Ready answers to choose from; for none the customer types.
    options: tuple[Option, ...] = ()
    #: The scale of a rating, such as "1-5".
    scale: str = field(default="1-5", validator=_is_scale)
    #: What the least and the greatest rating mean, by language.
    least: Texts = field(factory=dict)
    #: Likewise the greatest.
    most: Texts = field(factory=dict)
    #: How many characters may be typed; None for what fits what it asks for.
    max_length: int | None = None

    @property
    def length(self) -> int:
        """How many characters may be typed."""
        return self.max_length or _LENGTHS.get(self.asks, 200)


_LENGTHS = {Asks.TEXT: 10_000, Asks.EMAIL: 254, Asks.PHONE: 40}


@frozen(kw_only=True)
class Contact:
    """Another way to reach the firm, for those who do not want a form.

    >>> Contact(label={"en": "Call 01 234 56 78"}, url="tel:+38612345678").url
    'tel:+38612345678'
    """

    #: What the customer reads, by language.
    label: Texts
    #: Where it leads; empty where there is no link, say for the address of a shop.
    url: str = field(default="", validator=_is_link)


@frozen(kw_only=True)
class Form:
    """A form: what it asks for, who reads it, and how else the firm can be reached.

    Its languages are those of its title, the first for whoever reads none of them.

    Raises:
        InvalidValue: Something is missing or cannot be meant; all of it is named.

    >>> contact = Form(
    ...     name="contact",
    ...     title={"en": "Tell us"},
    ...     reader={"en": "Mira Kos, head of customer care, reads every message."},
    ...     contacts=(Contact(label={"en": "Call 01 234 56 78"}, url="tel:+38612345678"),),
    ...     fields=(Field(name="text", asks=Asks.TEXT), Field(name="email", asks=Asks.EMAIL)),
    ... )
    >>> contact.languages
    ('en',)
    """

    #: Its name, unique among the firm's forms.
    name: str = field(validator=_is_name)
    #: Its heading, by language.
    title: Texts
    #: Who reads it, as a sentence, by language.
    reader: Texts
    #: How else the firm can be reached: nobody is forced into a form.
    contacts: tuple[Contact, ...]
    #: What it asks for, in order.
    fields: tuple[Field, ...]
    #: The kind of feedback where it offers no choice of kind, or none was chosen; None for triage.
    kind: str | None = None
    #: Where it is posted to; empty for the address that it is shown under.
    action: str = field(default="", validator=_is_link)
    #: A style sheet of the firm's; empty for none.
    stylesheet: str = field(default="", validator=_is_link)
    #: What the names of all classes and ids begin with.
    prefix: str = field(default="cl-", validator=_is_prefix)
    #: Words of the firm's own in place of the ready ones, by language and `Word`.
    words: Mapping[str, Texts] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        """Name everything that is wrong."""
        faults = [*_faults_of_fields(self.fields), *_faults_of_texts(self)]
        if faults:
            raise InvalidValue(f"form {self.name!r}: {'; '.join(faults)}")

    @property
    def languages(self) -> tuple[str, ...]:
        """BCP 47 tags of its languages."""
        return tuple(self.title)

    def field_for(self, asks: Asks) -> Field | None:
        """The field that asks for something, if there is one."""
        return next((each for each in self.fields if each.asks is asks), None)

    def word(self, word: Word, language: str) -> str:
        """One of the words around the fields, in one of its languages."""
        own = self.words.get(language, {}).get(word)
        return own if own is not None else WORDS[language.partition("-")[0]][word]

    def label(self, each: Field, language: str) -> str:
        """What the customer reads at a field, in one of its languages."""
        return each.label[language] if each.label else self.word(Word(each.asks), language)


def _faults_of_fields(fields: tuple[Field, ...]) -> list[str]:
    asked = Counter(each.asks for each in fields)
    names = Counter(each.name for each in fields)
    faults = [f"two fields are called {name!r}" for name, count in names.items() if count > 1]
    faults += [f"two fields ask for {asks.value!r}" for asks, count in asked.items() if asks in _ONCE and count > 1]
    if not asked[Asks.TEXT]:
        faults.append("no field asks for 'text'")
    faults += [f"{f.name!r} needs options: a kind is chosen" for f in fields if f.asks is Asks.KIND and not f.options]
    return faults + [f"{f.name!r} needs a label" for f in fields if f.asks is Asks.OTHER and not f.label]


def _faults_of_texts(form: Form) -> list[str]:
    declared = {"title": form.title, "reader": form.reader}
    declared |= {f"contact {number}": each.label for number, each in enumerate(form.contacts, 1)}
    for each in form.fields:
        parts = {"label": each.label, "hint": each.hint, "least": each.least, "most": each.most}
        declared |= {f"{each.name}: {part}": texts for part, texts in parts.items() if texts}
        declared |= {f"{each.name}: {option.value}": option.label for option in each.options}
    faults = [] if form.title else ["it has no title"]
    faults += [] if form.contacts else ["it names no contacts, and nobody is forced into a form"]
    for what, texts in declared.items():
        missing = [repr(language) for language in form.title if not texts.get(language, "").strip()]
        faults += [f"{what} is missing in {', '.join(missing)}"] if missing else []
    return faults + [fault for language in form.title for fault in _faults_of_words(form, language)]


def _faults_of_words(form: Form, language: str) -> list[str]:
    own = form.words.get(language, {})
    unknown = [UnknownName.among(name, Word, what="word") for name in own if name not in set(Word)]
    missing = [] if language.partition("-")[0] in WORDS else [word.value for word in Word if word not in own]
    faults = [f"words.{language}: {fault}" for fault in unknown]
    return [*faults, f"words.{language}: there are no ready ones, give {', '.join(missing)}"] if missing else faults
