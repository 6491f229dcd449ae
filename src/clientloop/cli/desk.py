"""The commands of operators: what they write down of what customers said, in the firm or in a call centre outside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from attrs import asdict, evolve, frozen
from cyclopts import Group, Parameter

from clientloop.app import ClientLoop
from clientloop.channels.desk.entries import BookEntry, Call, Entry, Poll
from clientloop.cli.options import HERE, AsJson, ByWhom, Moment, OnScreen, Place, in_zone, pairs
from clientloop.cli.screen import Screen
from clientloop.model.channels import RawState
from clientloop.model.feedback import Feedback
from clientloop.services.intake.reading import Received

_ENTRY = Group("The entry", sort_key=1)


def _of_entry(words: str) -> Parameter:
    return Parameter(group=_ENTRY, help=words, show_default=False)


@Parameter(name="*")
@frozen(kw_only=True)
class Noted:
    """What every entry may hold; what is None is not known."""

    #: Centre.
    centre: Annotated[str | None, _of_entry("The outside call centre that the operator belongs to.")] = None
    #: Name.
    name: Annotated[str | None, _of_entry("What the customer is called.")] = None
    #: Phone.
    phone: Annotated[str | None, _of_entry("The customer's phone number.")] = None
    #: E-mail.
    email: Annotated[str | None, _of_entry("The customer's e-mail address.")] = None
    #: Number.
    customer: Annotated[str | None, _of_entry("The customer's number in a system of the firm's.")] = None
    #: Time.
    at: Annotated[Moment | None, _of_entry("When the customer said it; without an offset, in the firm's zone.")] = None
    #: Kind.
    kind: Annotated[str | None, _of_entry("The kind of feedback; for triage if not given.")] = None
    #: Rating.
    rating: Annotated[int | None, _of_entry("A rating that was given.")] = None
    #: Scale.
    scale: Annotated[str | None, _of_entry("The scale of the rating, say 1-5.")] = None
    #: Product.
    product: Annotated[str | None, _of_entry("The product it is about.")] = None
    #: Category.
    category: Annotated[str | None, _of_entry("What it is about.")] = None
    #: Employee.
    employee: Annotated[str | None, _of_entry("The employee it is about.")] = None
    #: Language.
    locale: Annotated[str | None, _of_entry("BCP 47 tag of the language that the customer speaks.")] = None
    #: Channel.
    channel: Annotated[
        str | None, _of_entry("The channel it comes by, where the firm has set up its own, say one book for each shop.")
    ] = None


#: Nothing else is known.
NOTHING = Noted()


def call(
    number: str,
    text: str,
    /,
    *,
    by: ByWhom,
    noted: Noted = NOTHING,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Note a call that was taken or made.

    Args:
        number: Its number in the telephone system: typed twice, it is one call.
        text: What the customer said.
        by: The operator.
        noted: What else is known.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    _write_down(Call, {"call": number, "text": text}, by=by, noted=noted, json=json, place=place, screen=screen)


def book(
    name: str,
    page: int,
    entry: int,
    text: str,
    /,
    *,
    by: ByWhom,
    noted: Noted = NOTHING,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Type in an entry of a complaints book.

    Args:
        name: Which book, say that of a shop.
        page: Page of the book.
        entry: Number of the entry on the page: typed twice, it is one entry.
        text: What is written there.
        by: The operator.
        noted: What else is known.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    given = {"book": name, "page": page, "entry": entry, "text": text}
    _write_down(BookEntry, given, by=by, noted=noted, json=json, place=place, screen=screen)


def poll(
    project: str,
    respondent: str,
    /,
    *,
    answer: Sequence[str],
    text: str = "",
    by: ByWhom,
    noted: Noted = NOTHING,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Note what somebody answered when asked in person or by telephone, say at the end of a project.

    Args:
        project: What the person was asked about.
        respondent: Who was asked: typed twice, it is one poll of one person.
        answer: An answer as QUESTION=ANSWER, once for each.
        text: What was said besides.
        by: The operator.
        noted: What else is known.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    answers = dict(pairs(answer, "'Would you come again?=Yes'"))
    given = {"project": project, "respondent": respondent, "answers": answers, "text": text}
    _write_down(Poll, given, by=by, noted=noted, json=json, place=place, screen=screen)


def _write_down(
    sort: type[Entry],
    given: dict[str, Any],  # Any: fields of an entry, each of a type of its own
    *,
    by: str,
    noted: Noted,
    json: bool,
    place: Place,
    screen: Screen,
) -> None:
    with place.open() as loop:
        at = _in_firm(loop, noted.at)
        known = asdict(evolve(noted, at=at), filter=lambda field, _: field.name != "channel")
        received = loop.write_down(sort(operator=by, **given, **known), channel=noted.channel)
        _tell(screen, loop, received, json=json)


def _in_firm(loop: ClientLoop, at: datetime | None) -> datetime | None:
    return None if at is None else in_zone(at, loop.space.zone)


def _tell(screen: Screen, loop: ClientLoop, received: Received, *, json: bool) -> None:
    became = received.events[0].became if received.events else None
    item = None if became is None else loop.store.get(Feedback, (loop.space.space, became))
    if json:
        ref = None if item is None else item.ref
        return screen.json({"item": ref, "interaction": str(became) if became else None, "state": received.state})
    if received.state is RawState.QUARANTINED:
        return screen.line("It was kept, but cannot be read: see `clientloop channels quarantine`.", "red")
    if item is None:
        return screen.line("Written down.", "bold")
    return screen.line(f"{item.ref}: {item.kind}, {item.state}, with {item.owner or 'nobody yet'}", "bold")
