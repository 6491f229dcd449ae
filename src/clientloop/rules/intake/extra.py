"""What messages bring besides their words: the keys of `MessageIn.extra` that intake reads, and what each must hold.

Adapters may put whatever else they know into `extra`. All of it is kept with the interaction as it came; the keys of
`KEYS` are read besides. What has the wrong type costs no message: it stays as it came, and `unread` says why.
"""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.codec import Json
from clientloop.model.customers import IdentityKind
from clientloop.rules.intake.arrival import storable
from clientloop.rules.measures.ratings import check_rating

#: How long a name may be that a sender gives.
LONGEST_NAME = 200

#: How many messages before it a message may name besides the first: the last ones count.
MOST_REFERENCES = 20


@frozen(kw_only=True)
class Told:
    """What `extra` says, read."""

    #: The kind of feedback that the sender chose.
    kind: str | None = None
    #: The rating that was given.
    rating: int | None = None
    #: The scale of the rating.
    scale: str | None = None
    #: The product it is about.
    product: str | None = None
    #: What it is about.
    category: str | None = None
    #: The employee it is about.
    employee: str | None = field(default=None, repr=False)
    #: Further addresses of the sender.
    contacts: Mapping[IdentityKind, str] = field(factory=dict, repr=False)
    #: Other answers of a form, by name.
    fields: Mapping[str, Json] = field(factory=dict, repr=False)
    #: Number or id of the item that it is about.
    item: str | None = None
    #: The answer to "is it fixed?", "did it help?", chosen and not typed.
    fixed: bool | None = None
    #: Who wrote it down for the customer.
    operator: str | None = None
    #: The outside call centre that the operator belongs to.
    centre: str | None = None
    #: Name of the form that was filled in.
    form: str | None = None
    #: What was answered, by question.
    answers: Mapping[str, Json] = field(factory=dict, repr=False)
    #: Where an operator's entry was written first.
    entry: tuple[Json, ...] = ()
    #: Files that are not here yet: where each is, and its type.
    media: tuple[Json, ...] = field(default=(), repr=False)
    #: The sender's own name for the message, which answers to it give.
    message_id: str | None = field(default=None, repr=False)
    #: The messages before it, oldest first.
    references: tuple[str, ...] = field(default=(), repr=False)
    #: Where to answer, if not to the sender.
    reply_to: str | None = field(default=None, repr=False)
    #: All of `extra`, in a form that every store takes.
    kept: Mapping[str, Json] = field(factory=dict, repr=False)
    #: What could not be read, and why.
    unread: Mapping[str, str] = field(factory=dict)


@frozen
class Key:
    """One key of `extra` that is read."""

    #: Its name.
    name: str
    #: What it holds, in words.
    holds: str
    #: What it means.
    means: str
    #: Reads it. Any: each key has a value of its own.
    read: Callable[[Json], Any] = field(repr=False)


def _text(value: Json) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidValue("is no text")
    return value.strip()


def _name(value: Json) -> str:
    text = _text(value)
    if len(text) > LONGEST_NAME:
        raise InvalidValue(f"has more than {LONGEST_NAME} characters")
    return text


def _number(value: Json) -> int:
    if type(value) is not int or abs(value) >= 2**31:
        raise InvalidValue("is no whole number")
    return value


def _flag(value: Json) -> bool:
    if type(value) is not bool:
        raise InvalidValue("is neither true nor false")
    return value


def _object(value: Json) -> Mapping[str, Json]:
    if not isinstance(value, dict):
        raise InvalidValue("is no object")
    return value


def _contacts(value: Json) -> Mapping[IdentityKind, str]:
    kinds = {kind.value: kind for kind in IdentityKind}
    for kind in _object(value):
        if kind not in kinds:
            raise UnknownName.among(kind, kinds, what="kind of address")
    return {kinds[kind]: _text(address) for kind, address in value.items()}


def _list(value: Json) -> tuple[Json, ...]:
    if not isinstance(value, list):
        raise InvalidValue("is no list")
    return tuple(value)


def _references(value: Json) -> tuple[str, ...]:
    names = _list(value)
    return tuple(map(_text, (*names[:1], *names[1:][-MOST_REFERENCES:])))


def _scale_to(value: Json) -> str:
    return "0-10" if _number(value) == _TO_TEN else f"1-{value}"


#: Whoever answers with a number out of ten counts from nothing.
_TO_TEN = 10


#: Every key that is read: adapters use these names for what they mean, and no others.
KEYS: Mapping[str, Key] = {
    key.name: key
    for key in (
        Key("kind", "text", "the kind of feedback that the sender chose", _name),
        Key("rating", "whole number", "a rating, on `scale`", _number),
        Key("scale", "text", "the scale of the rating, such as `1-5`", _name),
        Key(
            "out_of",
            "whole number",
            "the greatest rating that the sender named, for want of `scale`",
            _scale_to,
        ),
        Key("product", "text", "the product it is about", _name),
        Key("category", "text", "what it is about", _name),
        Key("employee", "text", "the employee it is about", _name),
        Key("contacts", "object", "further addresses of the sender, by kind of address", _contacts),
        Key("fields", "object", "other answers of a form; those that the kind declares go into the item", _object),
        Key("item", "text", "number or id of the item that it is about, from whoever answers for that", _name),
        Key("fixed", "true or false", "the answer to 'is it fixed?' or 'did it help?', chosen and not typed", _flag),
        Key("operator", "text", "who wrote it down for the customer", _name),
        Key("centre", "text", "the outside call centre that the operator belongs to", _name),
        Key("form", "text", "name of the form that was filled in", _name),
        Key("answers", "object", "what was answered, by question", _object),
        Key("entry", "list", "where an operator's entry was written first", _list),
        Key("media", "list", "files that are not here yet: where each is, and its type", _list),
        Key("message_id", "text", "the sender's own name for the message, which answers to it give", _text),
        Key("references", "list of text", "the names of the messages before it, oldest first", _references),
        Key("reply_to", "text", "where to answer, if not to the sender: an address of the same kind", _text),
    )
}


def read_extra(extra: Mapping[str, Json]) -> Told:
    """Read what a message brings besides its words.

    Args:
        extra: As of `MessageIn.extra`.

    >>> told = read_extra({"rating": 9, "scale": "1-5", "product": "chair", "segments": 2})
    >>> told.product, told.rating, told.kept["segments"], dict(told.unread)
    ('chair', None, 2, {'rating': 'a rating of 9 is outside the scale 1-5'})
    """
    kept = storable(extra)
    read: dict[str, Any] = {}  # Any: as of Key.read
    unread: dict[str, str] = {}
    for name in KEYS.keys() & kept.keys():
        try:
            read[name] = KEYS[name].read(kept[name])
        except InvalidValue as error:
            unread[name] = error.message
    greatest = read.pop("out_of", None)
    read.setdefault("scale", greatest)
    try:
        check_rating(read.get("rating"), read.get("scale"))
    except InvalidValue as error:
        unread["rating"] = error.message
        read["rating"] = None
    if read.get("rating") is None:
        read["scale"] = None
    return Told(**read, kept=kept, unread=unread)
