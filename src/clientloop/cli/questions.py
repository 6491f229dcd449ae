"""The commands on questions: what customers are asked, and what they answered."""

from collections.abc import Sequence
from typing import Annotated

from attrs import asdict, frozen
from cyclopts import Group, Parameter

from clientloop.app import ClientLoop
from clientloop.cli.naming import customer_named
from clientloop.cli.options import HERE, AsJson, Moment, OnScreen, Place, in_zone, pairs
from clientloop.cli.screen import Grid, Screen
from clientloop.cli.times import local
from clientloop.model.asking import Answer, Formula, Instrument, Occasion, Question
from clientloop.model.customers import CustomerClass
from clientloop.services.setup.data import as_data

_BROKEN_DOWN = Group("By what scores are broken down", sort_key=1)


def _by(words: str, *, name: str | None = None) -> Parameter:
    return Parameter(name=name, group=_BROKEN_DOWN, help=words, show_default=False)


@Parameter(name="*")
@frozen(kw_only=True)
class About:
    """By what an answer is broken down; what is None is found where that can be."""

    #: The site.
    domain: Annotated[str | None, _by("The site, such as shop.example.com.")] = None
    #: The country.
    country: Annotated[str | None, _by("ISO 3166 code of the country.")] = None
    #: The language.
    locale: Annotated[str | None, _by("BCP 47 tag of the language; the customer's if not given.")] = None
    #: The product.
    product: Annotated[str | None, _by("The product that it is about.")] = None
    #: The employee.
    employee: Annotated[str | None, _by("The employee that it is about.")] = None
    #: The stage.
    stage: Annotated[str | None, _by("The customer's stage at that time.")] = None
    #: The class.
    customer_class: Annotated[CustomerClass | None, _by("The customer's class at that time.", name="--class")] = None
    #: The variant.
    variant: Annotated[str | None, _by("Which of several wordings or looks was shown.")] = None


#: Nothing is said.
NOTHING = About()


def listed(*, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """List the questions, each in its newest version.

    Args:
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        questions = loop.questions.all()
        if json:
            return screen.json({"questions": as_data(questions)})
        if not questions:
            return screen.line("There is none: clientloop questions declare NAME --instrument nps")
        return screen.table(_grid(questions))


def _grid(questions: Sequence[Question]) -> Grid:
    return Grid(
        columns=("name", "version", "instrument", "occasion", "scale", "text"),
        rows=[
            (
                each.name,
                str(each.number),
                each.instrument,
                each.occasion,
                each.scale,
                next(iter(each.texts.values()), ""),
            )
            for each in questions
        ],
        cut="text",
        spare=("version",),
        numbers=frozenset({"version"}),
    )


def declare(
    name: str,
    /,
    *,
    instrument: Instrument,
    occasion: Occasion,
    scale: str | None = None,
    least_is_best: bool = False,
    good_from: int | None = None,
    formula: Formula = Formula.SHARE,
    passive: bool = False,
    text: Annotated[Sequence[str], Parameter(name="--text")] = (),
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Declare a question; declared again as it is, it stays, and otherwise becomes a new version.

    Args:
        name: Its name.
        instrument: What it measures.
        occasion: What it is about.
        scale: The scale of its ratings, as 1-5; NPS has 0-10 and GCR 0-2.
        least_is_best: The least rating is the best one.
        good_from: The rating from which an answer counts as good, or up to which where the least is best.
        formula: How its score is made, where there are two usages.
        passive: Anybody may answer it, on a form that is always there.
        text: LANGUAGE=TEXT: what is asked; once for each language.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    texts = dict(pairs(text, '--text en="How was it?"'))
    with place.open() as loop:
        question = loop.questions.declare(
            name, instrument=instrument, occasion=occasion, scale=scale, least_is_best=least_is_best,
            good_from=good_from, formula=formula, passive=passive, texts=texts,
        )  # fmt: skip
        if json:
            return screen.json(as_data(question))
        return screen.line(f"{question.name} is declared, version {question.number}")


def show(
    name: str,
    /,
    *,
    since: Moment | None = None,
    until: Moment | None = None,
    latest: bool = False,
    limit: Annotated[int, Parameter(alias="-n")] = 20,
    after: str | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Show a question and the answers to it, the earliest first.

    Args:
        name: Its name.
        since: Only answers given at this time or later, in the firm's zone.
        until: Only answers given before this time.
        latest: Only the latest answer of each person.
        limit: How many answers at most.
        after: What the page before gave to go on with.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        begin, end = (None if at is None else in_zone(at, loop.space.zone) for at in (since, until))
        question = loop.questions.get(name)
        page = loop.questions.answers(question, since=begin, until=end, latest=latest, after=after, limit=limit)
        if json:
            screen.json({"question": as_data(question), "answers": as_data(page.items), "next": page.next})
            return
        _say(screen, question)
        if page.items:
            screen.title("Answers")
            screen.table(_answers(loop, page.items))
        else:
            screen.line("Nobody has answered.")
        if page.next:
            screen.copied(f"There are more: --after {page.next}")


def _say(screen: Screen, question: Question) -> None:
    screen.line(f"{question.name}, version {question.number}", "bold")
    kinds = f"{question.instrument.value}, {question.occasion.value}{', passive' if question.passive else ''}"
    border = "up to" if question.least_is_best else "from"
    good = "" if question.good_from is None else f", good {border} {question.good_from}"
    screen.facts([("measures", kinds), ("scale", f"{question.scale}{good}"), ("score", question.formula.value)])
    screen.facts((tag, text) for tag, text in question.texts.items())


def _answers(loop: ClientLoop, answers: Sequence[Answer]) -> Grid:
    names = {each: loop.customers.get(each).name for each in {one.customer for one in answers} if each is not None}
    return Grid(
        columns=("answered", "rating", "who", "channel", "country", "latest", "text"),
        rows=[
            (
                local(each.answered_at, loop.space.zone),
                "" if each.rating is None else str(each.rating),
                "" if each.customer is None else names[each.customer],
                each.channel,
                each.country,
                "yes" if each.superseded_at is None else "",
                each.text.partition("\n")[0],
            )
            for each in answers
        ],
        cut="text",
        spare=("country", "latest", "channel"),
        numbers=frozenset({"rating"}),
    )


def invite(
    name: str,
    /,
    *,
    channel: str,
    customer: str | None = None,
    at: Moment | None = None,
    origin: str | None = None,
    about: About = NOTHING,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Record that somebody is asked: what response rates are shares of.

    Args:
        name: Name of the question.
        channel: Name of the channel that it goes by.
        customer: Who is asked: an id, an address, or the whole name.
        at: When, in the firm's zone; now if not given.
        origin: Its key on the channel: the same key again is the invitation that is there already.
        about: By what scores are broken down.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        invited = loop.questions.invite(
            name, channel=channel, origin=origin, customer=None if customer is None else customer_named(loop, customer),
            at=None if at is None else in_zone(at, loop.space.zone), **asdict(about),
        )  # fmt: skip
        if json:
            return screen.json(as_data(invited))
        return screen.line(f"{invited.id}  {name}: asked on {local(invited.asked_at, loop.space.zone)}")


def answer(
    name: str,
    rating: int | None = None,
    /,
    *,
    channel: str,
    text: str = "",
    customer: str | None = None,
    kind: str | None = None,
    at: Moment | None = None,
    origin: str | None = None,
    about: About = NOTHING,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Record what somebody answered to a question.

    Args:
        name: Name of the question.
        rating: The rating, on the scale of the question.
        channel: Name of the channel that it came by.
        text: The words.
        customer: Who answered: an id, an address, or the whole name.
        kind: Receive the words as feedback of this kind too, say complaint.
        at: When, in the firm's zone; now if not given.
        origin: Its key on the channel: the same key again is the answer that is there already.
        about: By what scores are broken down.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        given = loop.questions.answer(
            name, rating, channel=channel, text=text, origin=origin, kind=kind,
            customer=None if customer is None else customer_named(loop, customer),
            answered_at=None if at is None else in_zone(at, loop.space.zone), **asdict(about),
        )  # fmt: skip
        if json:
            return screen.json(as_data(given))
        item = "" if given.item is None else f", with item {loop.feedback.get(given.item).ref}"
        return screen.line(f"{given.id}  {name}: {'words' if rating is None else rating}{item}")
