"""What an operator writes down of what customers said: calls, the complaints book, the poll at the end of a project.

The operator may sit in the firm or in an outside call centre; both are recorded.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from attrs import field, frozen

from clientloop.errors import InvalidValue
from clientloop.model.codec import Json, write_json
from clientloop.ports.events import LONGEST_KEY
from clientloop.rules.measures.ratings import check_rating


def _clean(value: Any) -> Any:  # Any: what is no text is left to the validator
    """Text that every database takes: JSON can hold halves of characters and NUL."""
    return value.encode(errors="replace").decode().replace("\0", "") if isinstance(value, str) else value


def _clean_answers(given: Any) -> Any:  # Any: as above
    return {_clean(key): _clean(value) for key, value in given.items()} if isinstance(given, Mapping) else given


# Any: attrs types a validator by the class and the attribute that it is used on; also below.
def _is(*types: type) -> Callable[[Any, Any, Any], None]:
    def check(_instance: Any, attribute: Any, value: object) -> None:
        if type(value) not in types:
            raise InvalidValue(f"{attribute.name}: {value!r:.80} is of the wrong type")

    return check


def _is_said(instance: Any, attribute: Any, value: str) -> None:
    _is(str)(instance, attribute, value)
    if not value.strip():
        raise InvalidValue(f"{attribute.name}: nothing is written there")


def _is_aware(_instance: Any, attribute: Any, value: Any) -> None:
    if value is not None and (not isinstance(value, datetime) or value.tzinfo is None):
        raise InvalidValue(f"{attribute.name}: {value!r:.80} is no time in a zone", hint="give an aware datetime")


def _are_answers(_instance: Any, attribute: Any, value: Any) -> None:
    if not isinstance(value, Mapping) or any(type(v) not in {str, int} or type(k) is not str for k, v in value.items()):
        raise InvalidValue(f"{attribute.name}: give text or whole numbers by question")


def _needed() -> Any:  # Any: as attrs.field is typed
    return field(converter=_clean, validator=_is_said)


def _optional(*, secret: bool = False) -> Any:  # Any: as attrs.field is typed
    return field(default=None, converter=_clean, validator=_is(str, type(None)), repr=not secret)


@frozen(kw_only=True)
class Entry(ABC):
    """What every entry holds."""

    #: Who wrote it down.
    operator: str = _needed()
    #: The outside call centre that the operator belongs to; None for the firm's own people.
    centre: str | None = _optional()
    #: What the customer said.
    text: str = field(default="", converter=_clean, validator=_is(str), repr=False)
    #: When the customer said it, aware; None if nobody noted it.
    at: datetime | None = field(default=None, validator=_is_aware)
    #: What the customer is called.
    name: str | None = _optional(secret=True)
    #: The customer's phone number.
    phone: str | None = _optional(secret=True)
    #: The customer's e-mail address.
    email: str | None = _optional(secret=True)
    #: The customer's number in a system of the firm's.
    customer: str | None = _optional(secret=True)
    #: The kind of feedback; None for triage.
    kind: str | None = _optional()
    #: A rating that was given.
    rating: int | None = field(default=None, validator=_is(int, type(None)))
    #: The scale of the rating, such as "1-5"; obligatory with a rating.
    scale: str | None = _optional()
    #: The product it is about.
    product: str | None = _optional()
    #: What it is about.
    category: str | None = _optional()
    #: The employee it is about.
    employee: str | None = _optional(secret=True)
    #: BCP 47 tag of the language that the customer speaks.
    locale: str | None = _optional()

    def __attrs_post_init__(self) -> None:
        """Refuse a rating on no scale, an entry without a word, and one whose key would fit no index."""
        check_rating(self.rating, self.scale)
        if not self.words.strip():
            raise InvalidValue("text: nothing is written there")
        if len(self.key) > LONGEST_KEY:
            raise InvalidValue("where it was written first is too long", hint=f"say it in {LONGEST_KEY} characters")

    @property
    @abstractmethod
    def place(self) -> tuple[Json, ...]:
        """Where it was written first; two entries from there are one entry that was typed twice."""

    @property
    def channel(self) -> str:
        """Name of the channel that it usually comes by: a call by "phone", an entry by "book", a poll by "poll"."""
        return _CHANNELS[type(self)]

    @property
    def words(self) -> str:
        """The text of the message."""
        return self.text

    @property
    def sort(self) -> str:
        """Its name among the sorts of entries."""
        return _NAMES[type(self)]

    @property
    def key(self) -> str:
        """Its key on the channel: the same whenever it is typed again."""
        return write_json([self.sort, *self.place])

    @property
    def about(self) -> Mapping[str, Json]:
        """What is recorded besides the words: what is known of the item, who wrote it down, and where."""
        told = ("kind", "rating", "scale", "product", "category", "employee", "operator", "centre")
        known = {name: getattr(self, name) for name in told}
        return {"entry": [self.sort, *self.place]} | {n: v for n, v in known.items() if v is not None}


@frozen(kw_only=True)
class Call(Entry):
    """A call that an operator took or made.

    >>> note = Call(call="2026-03-02/117", operator="kim", text="The parcel is late", phone="+38640123456")
    >>> note.key
    '["call","2026-03-02/117"]'
    """

    #: The number of the call in the telephone system.
    call: str = _needed()

    @property
    def place(self) -> tuple[Json, ...]:
        """The call."""
        return (self.call,)


@frozen(kw_only=True)
class BookEntry(Entry):
    """An entry in the complaints book of a shop.

    >>> BookEntry(book="Shop 3", page=12, entry=2, operator="kim", text="The queue is long").key
    '["book","Shop 3",12,2]'
    """

    #: Which book.
    book: str = _needed()
    #: Page of the book.
    page: int = field(validator=_is(int))
    #: Number of the entry on the page, or in the book where that is how they are counted.
    entry: int = field(validator=_is(int))

    @property
    def place(self) -> tuple[Json, ...]:
        """Book, page and entry."""
        return (self.book, self.page, self.entry)


@frozen(kw_only=True)
class Poll(Entry):
    """What somebody answered when asked in person or by telephone, say at the end of a project.

    >>> Poll(project="P-7", respondent="Ana Kos", operator="kim", answers={"Again?": "Yes"}).words
    'Again? Yes'
    """

    #: What the person was asked about: the project.
    project: str = _needed()
    #: Who of those who took part was asked.
    respondent: str = field(converter=_clean, validator=_is_said, repr=False)
    #: The answers by question.
    answers: Mapping[str, str | int] = field(
        factory=dict,
        converter=_clean_answers,
        validator=_are_answers,
        repr=False,
    )

    @property
    def place(self) -> tuple[Json, ...]:
        """Project and respondent."""
        return (self.project, self.respondent)

    @property
    def words(self) -> str:
        """Questions and answers, then what was said besides."""
        return "\n".join([*[f"{question} {answer}" for question, answer in self.answers.items()], self.text]).strip()

    @property
    def about(self) -> Mapping[str, Json]:
        """The answers too."""
        return {**super().about, "answers": dict(self.answers)}


#: The sorts of entries by name.
ENTRIES: Mapping[str, type[Entry]] = {"call": Call, "book": BookEntry, "poll": Poll}
_NAMES: Mapping[type[Entry], str] = {cls: name for name, cls in ENTRIES.items()}
#: By which channel each usually comes; calls are what everybody calls them.
_CHANNELS: Mapping[type[Entry], str] = {**_NAMES, Call: "phone"}
