"""What the columns of a file hold: declared once, by keywords or in a TOML file, and checked before any row is read."""

import os
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar

from attrs import field, frozen

from clientloop.errors import InvalidValue, NotFound, UnknownName
from clientloop.exchange.dialect import Dialect
from clientloop.model.codec import Json
from clientloop.model.customers import Trust
from clientloop.model.scales import Scale
from clientloop.services.setup.plain import read

M = TypeVar("M", bound="FileMapping")

#: What any row may say of the person it is about.
_PERSON: dict[str, str] = {
    "customer": "the customer's id in the source",
    "name": "what the customer is called",
    "email": "an e-mail address of the customer",
    "phone": "a phone number of the customer",
    "handle": "a name of the customer on a messenger",
    "locale": "BCP 47 tag of the language to write in",
}


@frozen(kw_only=True)
class FileMapping:
    """What is common to all files.

    A field is read from its column; where it has none, or the cell is empty, it has its default.
    """

    #: The fields of a row, and what each is.
    FIELDS: ClassVar[Mapping[str, str]] = {}
    #: The fields that every row needs, so that each must have a column or a default.
    NEEDED: ClassVar[tuple[str, ...]] = ()
    #: The fields whose cells are names, so that `values` may say what they mean here.
    NAMED: ClassVar[tuple[str, ...]] = ()
    #: The fields whose cells are taken as they are, unless `values` says what they mean here.
    CODED: ClassVar[tuple[str, ...]] = ()
    #: The fields whose cells are kept with the blanks around them.
    VERBATIM: ClassVar[tuple[str, ...]] = ()
    #: Field to its column in our own report on such rows, where that has another name.
    REPORTED: ClassVar[Mapping[str, str]] = {}

    #: Name of the system that the file comes from. It is part of the keys by which rows and customers are found again:
    #: give files of one system the same name, and different systems different ones.
    source: str
    #: Field to the name of its column.
    columns: Mapping[str, str] = field(factory=dict)
    #: Field to the text that stands for a missing column or an empty cell.
    default: Mapping[str, str] = field(factory=dict)
    #: Field to what its cells mean here: `{"state": {"Closed": "closed_before_import"}}`; case does not matter.
    values: Mapping[str, Mapping[str, str]] = field(factory=dict)
    #: Further columns to keep as they are, in `extra`.
    keep: tuple[str, ...] = ()
    #: What separates cells: one character, `tab`, or `whitespace` for any number of blanks.
    delimiter: str = ","
    #: Name of the encoding, as Python knows it.
    encoding: str = "utf-8-sig"
    #: Names of the columns, for a file whose first line does not name them.
    header: tuple[str, ...] = ()
    #: Whether an apostrophe stands before what a spreadsheet would take for a formula, as in files of clientloop.
    harmless: bool = False
    #: How dates and times are written: formats of `strptime`, tried in order; `iso` is ISO 8601. One without a time of
    #: day gives midnight, with the precision of a day.
    dates: tuple[str, ...] = ("iso",)
    #: IANA name of the zone of times that name none; the space's if not given.
    zone: str | None = None
    #: ISO 3166 code where phone numbers without a country code are read; the space's if not given.
    region: str | None = None
    #: How far the file proves that an address is the customer's, where the row does not say; only `verified` and
    #: `vouched` match by themselves.
    trust: Trust = Trust.VOUCHED

    def __attrs_post_init__(self) -> None:
        """Refuse fields that nobody declared, and what cannot be read by."""
        if not self.source or ":" in self.source or self.source != self.source.strip():
            raise InvalidValue(
                f"{self.source!r:.40} is no name of a source",
                hint="name the system that it is from: 'helpdesk'",
            )
        for name in (*self.columns, *self.default):
            if name not in self.FIELDS:
                raise UnknownName.among(name, self.FIELDS, what="field of a row")
        for name in self.values:
            if name not in (*self.NAMED, *self.CODED):
                raise UnknownName.among(name, (*self.NAMED, *self.CODED), what="field with names for values")
        missing = [name for name in self.NEEDED if name not in self.columns and name not in self.default]
        if missing:
            raise InvalidValue(
                f"no column for {', '.join(map(repr, missing))}",
                hint=f"name it in `columns`, or give a `default`: {missing[0]} is {self.FIELDS[missing[0]]}",
            )
        if not self.dates:
            raise InvalidValue("no format of dates", hint="give `dates`, or leave them at ISO 8601")
        self.dialect  # noqa: B018  # refuses a dialect that cannot be read

    # Any: each option has a type of its own, and the constructor checks them.
    @classmethod
    def of_report(cls, columns: Collection[str], *, source: str, **options: Any) -> Self:
        """The mapping of a file that `loop.exports.write` has made of a report: what it held is read as it was.

        Addresses are `asserted` where neither the file nor `trust` says how far they are proved: a report may hold what
        somebody typed into a form, and such an address must not make two persons one.

        Args:
            columns: The columns of the report, its `header`; those that no field is called by are left out.
            source: As of the mapping: which firm or system the report is from.
            options: Further fields of the mapping.

        >>> mapping = CustomersMapping.of_report(("name", "email", "last_contact"), source="old shop")
        >>> dict(mapping.columns), mapping.harmless
        ({'name': 'name', 'email': 'email'}, True)
        """
        named = {name: cls.REPORTED.get(name, name) for name in cls.FIELDS}
        known = {name: column for name, column in named.items() if column in columns}
        options.setdefault("trust", Trust.ASSERTED)
        return cls(source=source, columns=known, harmless=True, **options)

    @property
    def dialect(self) -> Dialect:
        """How the file is written."""
        return Dialect(delimiter=self.delimiter, encoding=self.encoding, header=self.header, harmless=self.harmless)

    @property
    def decimals(self) -> Mapping[str, str]:
        """Column to the decimal mark of the numbers in it, where that is not a point."""
        return {}


@frozen(kw_only=True)
class CustomersMapping(FileMapping):
    """What the columns of a file of customers hold.

    >>> CustomersMapping(source="shop", columns={"customer": "No", "email": "Mail"}).trust.value
    'vouched'
    """

    FIELDS = _PERSON | {
        "customer_class": "attractiveness: A, B or C",
        "zone": "IANA name of the zone the customer lives in",
        "email_trust": "how far the e-mail address is proved: verified, vouched, asserted, claimed or device",
        "phone_trust": "how far the phone number is proved",
        "handle_trust": "how far the name on a messenger is proved",
    }
    NAMED = ("customer_class", "email_trust", "phone_trust", "handle_trust")


@frozen(kw_only=True)
class PurchasesMapping(FileMapping):
    """What the columns of a file of purchases hold.

    >>> PurchasesMapping(source="till", columns={"amount": "Total"}, default={"channel": "shop"}).decimal
    '.'
    """

    FIELDS = _PERSON | {
        "id": "the purchase's id in the source; without one, equal rows are counted",
        "at": "when it was",
        "amount": "the money that changed hands; negative for a return",
        "currency": "ISO 4217 code of the amount",
        "quantity": "how many pieces",
        "cost": "what it had cost the firm, in the currency of the amount; negative for a return",
        "product": "what was bought",
        "channel": "where: shop, web, phone",
    }
    NEEDED = ("amount", "channel")
    NAMED = ("channel", "currency")

    #: ISO 4217 code of amounts that name none; the space's if not given.
    currency: str | None = None
    #: The decimal mark.
    decimal: str = "."
    #: What groups thousands. It stands for all marks that look like it: a blank for narrow ones and those that do not
    #: break, an apostrophe for the curved one.
    thousands: str = ""

    def __attrs_post_init__(self) -> None:
        """Refuse marks that cannot be told apart."""
        super().__attrs_post_init__()
        if len(self.decimal) != 1 or len(self.thousands) > 1 or self.decimal == self.thousands:
            raise InvalidValue(
                f"{self.decimal!r:.10} and {self.thousands!r:.10} are no marks of decimals and thousands",
                hint="give one character each, say decimal=',' and thousands='.'",
            )

    @property
    def decimals(self) -> Mapping[str, str]:
        """Column to the decimal mark of the amounts in it."""
        return {self.columns[name]: self.decimal for name in ("amount", "cost") if name in self.columns}


@frozen(kw_only=True)
class FeedbackMapping(FileMapping):
    """What the columns of a file of feedback hold: tickets, complaints, answers.

    >>> FeedbackMapping(source="helpdesk", columns={"text": "Message", "emial": "From"})
    Traceback (most recent call last):
    clientloop.errors.UnknownName: no field of a row 'emial': did you mean 'email'?
    """

    FIELDS = _PERSON | {
        "id": "the item's id in the source; without one, equal rows are counted",
        "kind": "which kind of feedback: complaint, idea, question, praise, referral, or one of a plugin",
        "channel": "how it came: email, phone, chat, social_media",
        "state": "the state of its loop: new, any other open state of the kind, or closed_before_import",
        "priority": "how urgent: low, normal, high or critical",
        "subject": "one line on top",
        "text": "the words",
        "received_at": "when the customer said it",
        "first_answer_at": "when a person first answered",
        "solved_at": "when it was solved",
        "closed_at": "when it was closed",
        "action": "what was done about it",
        "cause": "why it happened",
        "product": "what it is about",
        "category": "what it is about, as a category or a page",
        "employee": "the employee it is about",
        "rating": "a rating that came with it",
        "scale": "the scale of that rating: 1-5",
    }
    NEEDED = ("kind", "channel")
    NAMED = ("kind", "channel", "state", "priority")
    VERBATIM = ("subject", "text")
    REPORTED: ClassVar[Mapping[str, str]] = {"state": "comes_as"}

    #: The scale of ratings that name none, such as "1-5"; obligatory with a rating.
    scale: str | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse ratings on no scale."""
        super().__attrs_post_init__()
        told = {*self.columns, *self.default}
        if "rating" in told and "scale" not in told and self.scale is None:
            raise InvalidValue("ratings on no scale", hint="give `scale`, say '1-5': scales are never guessed")
        if self.scale is not None:
            Scale.parse(self.scale)


@frozen(kw_only=True)
class AnswersMapping(FileMapping):
    """What the columns of a file of answers hold: each row answers one question.

    A file with several questions in a row is imported once for each, with that question as the default.

    >>> AnswersMapping(
    ...     source="survey", columns={"rating": "Score"}, default={"question": "nps", "channel": "email"}
    ... ).trust.value
    'vouched'
    """

    FIELDS = _PERSON | {
        "id": "the answer's id in the source, or the row's; without one, equal rows are counted",
        "question": "name of the question, which was declared before",
        "rating": "the rating, on the scale that the question declares",
        "text": "the words",
        "at": "when it was answered",
        "channel": "how it came: email, form, phone",
        "domain": "the site, such as shop.example.com",
        "country": "ISO 3166 code of the country",
        "product": "what it is about",
        "employee": "the employee it is about",
        "variant": "which of several wordings or looks was shown",
        "stage": "the customer's stage at that time; that of the model `purchases` if not given",
        "customer_class": "the customer's class at that time: A, B or C; that of the model `abc` if not given",
    }
    NEEDED = ("question", "channel")
    NAMED = ("channel", "customer_class")
    CODED = ("question", "rating", "country")
    VERBATIM = ("text",)
    REPORTED: ClassVar[Mapping[str, str]] = {"at": "answered_at"}


def read_mapping(path: str | os.PathLike[str], cls: type[M], **options: object) -> M:
    """Read a mapping from a TOML file.

    Args:
        path: The file; its keys are the fields of the mapping, `columns`, `default` and `values` are tables.
        cls: The mapping to read.
        options: Plain data that go before what the file says; in a table, entry by entry.

    Raises:
        NotFound: There is no such file.
        UnknownName: A key is none of the mapping's; the nearest ones are in the hint.
        InvalidValue: It is no TOML, or a value is not what its key declares.
    """
    try:
        table = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotFound(f"no file {os.fspath(path)}") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidValue(f"{os.fspath(path)} cannot be read as TOML: {error}") from None
    mapping: M = read(_merged(table, options), cls, os.fspath(path))
    return mapping


def _merged(told: Json, given: Json) -> Json:
    """What was given goes before what a file told; tables are merged entry by entry."""
    if isinstance(told, Mapping) and isinstance(given, Mapping):
        return {**told, **{name: _merged(told.get(name), value) for name, value in given.items()}}
    return given
