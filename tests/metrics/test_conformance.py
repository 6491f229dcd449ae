"""Every built-in metric by the suite that authors of metrics are given."""

import inspect
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from attrs import evolve

from clientloop.app.loop import BUILTINS
from clientloop.metrics.ces import Ces
from clientloop.metrics.clicks import ClickThrough, Whole
from clientloop.metrics.contacts import ContactConversion
from clientloop.metrics.coverage import Coverage, Split
from clientloop.metrics.csat import Csat
from clientloop.metrics.gcr import AT_LEAST_PARTLY, COMPLETED, Gcr
from clientloop.metrics.loop import Dropped, LoopRate, LoopTime, Sla, Time
from clientloop.metrics.nps import Nps
from clientloop.metrics.rating import MeanRating
from clientloop.metrics.responses import ResponseRate, Rr1
from clientloop.metrics.sources import Sources, Touch
from clientloop.metrics.variants import RatingDifference, ResponseDifference
from clientloop.model.asking import Answer, Disposition, Formula, Instrument, Invitation, Occasion
from clientloop.model.calendar import Calendar, Clock
from clientloop.model.codec import microseconds
from clientloop.model.customers import Customer, CustomerClass, Purpose
from clientloop.model.feedback import Deadline, Feedback, Outcome
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.messages import Delivery, DeliveryState
from clientloop.model.relationships import Standing
from clientloop.plugins.registry import Registry
from clientloop.plugins.spec import Sort
from clientloop.testing import SAMPLE_TIME, Example, MetricSuite, sample, sample_id

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

#: A month after the samples happened.
LATER = SAMPLE_TIME + 30 * DAY

ANA, BO, CY, DI = map(sample_id, range(4))


def rated(ratings: Sequence[int], **values: Sequence[object]) -> Mapping[str, Sequence[object]]:
    """What drawn answers hold."""
    return {"rating": ratings, **values}


def after(hours: float) -> datetime:
    """A time some hours after the samples."""
    return SAMPLE_TIME + hours * HOUR


def answers(instrument: Instrument, scale: str, *ratings: int | None, first: int = 0, **fields: Any) -> list[Answer]:
    """Answers with some ratings, about the relationship if nothing else is said. Any: fields of all types."""
    asked = {"instrument": instrument, "scale": scale, "question": "q", "occasion": Occasion.RELATIONAL, **fields}
    return [sample(Answer, number, **asked, rating=rating) for number, rating in enumerate(ratings, first)]


def invitations(*answered: bool | None, first: int = 0, **fields: Any) -> list[Invitation]:
    """Invitations that were answered, or not; None for one that is not known to have arrived. Any: as above."""
    asked = {"question": "q", "occasion": Occasion.RELATIONAL, **fields}
    return [
        sample(
            Invitation,
            number,
            **asked,
            delivered_at=None if was is None else SAMPLE_TIME,
            answered_at=SAMPLE_TIME if was else None,
        )
        for number, was in enumerate(answered, first)
    ]


def unreported(first: int = 0, **fields: Any) -> list[Invitation]:
    """Invitations by a channel that does not tell what arrived, one of which was answered. Any: as above."""
    answered, silent = invitations(None, None, first=first, channel="mail", **fields)
    return [evolve(answered, answered_at=SAMPLE_TIME), silent]


def happened(*what: tuple[InteractionKind, Any], first: int = 0, **fields: Any) -> list[Interaction]:
    """Interactions of some kinds with some customers. Any: ids, and as above."""
    return [
        sample(Interaction, number, kind=kind, customer=customer, occurred_at=SAMPLE_TIME, **fields)
        for number, (kind, customer) in enumerate(what, first)
    ]


def items(*fields: dict[str, Any], first: int = 0) -> list[Feedback]:
    """Feedback with some fields. Any: as above."""
    return [
        sample(Feedback, number, **{"received_at": SAMPLE_TIME, "touched_at": SAMPLE_TIME, **each})
        for number, each in enumerate(fields, first)
    ]


class TestNps(MetricSuite):
    """Answers about the relationship."""

    metric = Nps(occasion=Occasion.RELATIONAL)
    values = rated(range(11))
    examples = (
        Example(
            name="a third of three promotes",
            records=[
                *answers(Instrument.NPS, "0-10", 9, 8, 7, None),
                *answers(Instrument.NPS, "0-10", 0, 0, first=10, occasion=Occasion.TRANSACTIONAL),
                *answers(Instrument.NPS, "0-100", 1, first=20),
                *answers(Instrument.CSAT, "0-10", 1, first=30),
            ],
            scores={(): (100 / 3, 3)},
        ),
        Example(name="all promote", records=answers(Instrument.NPS, "0-10", 10, 10, 9), scores={(): (100, 3)}),
    )


class TestLatestNps(MetricSuite):
    """The latest answers to one question about purchases."""

    metric = Nps(occasion=Occasion.TRANSACTIONAL, question="q", latest=True)
    values = rated(range(11), occasion=(Occasion.TRANSACTIONAL,), instrument=(Instrument.NPS,))
    examples = (
        Example(
            name="who has changed their mind counts once",
            records=[
                *answers(Instrument.NPS, "0-10", 0, superseded_at=LATER, occasion=Occasion.TRANSACTIONAL),
                *answers(Instrument.NPS, "0-10", 9, first=1, occasion=Occasion.TRANSACTIONAL),
                *answers(Instrument.NPS, "0-10", 9, first=2, occasion=Occasion.TRANSACTIONAL, question="other"),
            ],
            scores={(): (100, 1)},
        ),
    )


class TestCsat(MetricSuite):
    """The two best of five."""

    metric = Csat(occasion=Occasion.RELATIONAL, scale="1-5")
    values = rated(range(1, 6))
    examples = (
        Example(
            name="74 of 107",
            records=answers(Instrument.CSAT, "1-5", *[1] * 10, *[3] * 23, *[4] * 40, *[5] * 34),
            scores={(): (74 / 107, 107)},
        ),
        Example(name="nobody gave the best", records=answers(Instrument.CSAT, "1-5", 1, 2, 3), scores={(): (0, 3)}),
    )


class TestCes(MetricSuite):
    """The share of those who found it easy."""

    metric = Ces(occasion=Occasion.RELATIONAL)
    values = rated(range(1, 8))
    examples = (Example(name="five is easy", records=answers(Instrument.CES, "1-7", 4, 5, 7), scores={(): (2 / 3, 3)}),)


class TestMeanCes(MetricSuite):
    """The mean rating."""

    metric = Ces(occasion=Occasion.RELATIONAL, formula=Formula.MEAN)
    values = rated(range(1, 8))
    examples = (Example(name="by weight", records=answers(Instrument.CES, "1-7", 1, 7, 7), scores={(): (5, 3)}),)


class TestGcr(MetricSuite):
    """Both scores."""

    metric = Gcr(occasion=Occasion.RELATIONAL)
    values = rated(range(3))
    examples = (
        Example(
            name="partly is no completion",
            records=answers(Instrument.GCR, "0-2", 2, 2, 1, 0, 0, 0),
            scores={COMPLETED: (2 / 6, 6), AT_LEAST_PARTLY: (3 / 6, 6)},
        ),
        Example(
            name="nobody got all of it",
            records=answers(Instrument.GCR, "0-2", 1, 0),
            scores={COMPLETED: (0, 2), AT_LEAST_PARTLY: (1 / 2, 2)},
        ),
    )


class TestMeanRating(MetricSuite):
    """Ratings of ten."""

    metric = MeanRating(occasion=Occasion.RELATIONAL, scale="1-10")
    values = rated(range(1, 11))
    examples = (Example(name="three", records=answers(Instrument.RATING, "1-10", 1, 2, 2), scores={(): (5 / 3, 3)}),)


class TestResponseRate(MetricSuite):
    """Answers over invitations that arrived."""

    metric = ResponseRate(occasion=Occasion.RELATIONAL)
    examples = (
        Example(
            name="one of three who were reached",
            records=[
                *invitations(True, False, False, None),
                *invitations(True, first=10, occasion=Occasion.TRANSACTIONAL),
                *unreported(first=20),
            ],
            scores={(): (1 / 3, 3)},
        ),
        Example(name="nobody tells what arrived", records=unreported(), scores={}),
    )


class TestRr1(MetricSuite):
    """Complete answers of all."""

    metric = Rr1(occasion=Occasion.RELATIONAL, question="q")
    examples = (
        Example(
            name="one of each",
            records=[
                *(invitations(False, first=n, disposition=each)[0] for n, each in enumerate(Disposition)),
                *invitations(False, first=90, question="other"),
            ],
            scores={(): (1 / len(Disposition), len(Disposition))},
        ),
    )


#: How loops stand: of the outcomes that are outside of all rates, one is enough.
OUTCOMES: Mapping[str, Sequence[object]] = {
    "outcome": (Outcome.OPEN, Outcome.CONFIRMED, Outcome.DONE, Outcome.DUPLICATE)
}


class TestLoopRate(MetricSuite):
    """One of the rates that depend on no present."""

    metric = LoopRate(rate="confirmed")
    values = OUTCOMES
    examples = (
        Example(
            name="two of three closed ones",
            records=items(
                {"is_open": False, "outcome": Outcome.CONFIRMED},
                {"is_open": False, "outcome": Outcome.CONFIRMED},
                {"is_open": False, "outcome": Outcome.SILENT},
                {"is_open": False, "outcome": Outcome.DUPLICATE},
                {},
            ),
            scores={(): (2 / 3, 3)},
        ),
    )


class TestDropped(MetricSuite):
    """Open items that were left half-way."""

    metric = Dropped(as_of=LATER, calendar=Calendar.standard("UTC"))
    values = OUTCOMES
    examples = (
        Example(
            name="one of three",
            records=items({"due": after(1)}, {"due": LATER}, {"due": after(1), "touched_at": LATER}),
            scores={(): (1 / 3, 3)},
        ),
    )


def deadline(name: str, due: datetime, **fields: Any) -> tuple[Deadline, ...]:
    """A deadline that runs. Any: fields of all types."""
    clock = {"clock": Clock.ELAPSED, "started": 0, "step": 0, "wake": None, **fields}
    return (Deadline(name=name, due=microseconds(due), **clock),)


#: Loops whose promise is due later, or was, or which have missed one.
PROMISED: Mapping[str, Sequence[object]] = {
    "deadlines": ((), deadline("solution", LATER + HOUR), deadline("solution", SAMPLE_TIME)),
    "due": (None, SAMPLE_TIME, LATER + HOUR),
    "late": ((), ("solution",), ("update",)),
    **OUTCOMES,
}

KEPT = {"is_open": False, "outcome": Outcome.DONE}


class TestSla(MetricSuite):
    """Promises kept, of those that were due."""

    metric = Sla(as_of=LATER)
    values = PROMISED
    examples = (
        Example(
            name="what is not due is in neither number",
            records=items(
                KEPT,
                {**KEPT, "late": ("update",)},
                {**KEPT, "late": ("solution",)},
                {"deadlines": deadline("solution", LATER + HOUR), "due": LATER + HOUR},
                {"deadlines": deadline("solution", SAMPLE_TIME), "due": SAMPLE_TIME},
                {"deadlines": deadline("update", SAMPLE_TIME), "due": SAMPLE_TIME},
                {"deadlines": deadline("solution", SAMPLE_TIME, left=1), "due": SAMPLE_TIME},
            ),
            scores={(): (2 / 4, 4)},
        ),
    )


#: Loops of which some have an answer at a time that cannot be.
DOUBTED: Mapping[str, Sequence[object]] = {"data": ({}, {"doubtful": {"first_answer_at": "2031"}}), **OUTCOMES}


class TestLoopTime(MetricSuite):
    """The times to the first answer."""

    metric = LoopTime(time=Time.FIRST_ANSWER, as_of=LATER)
    values = DOUBTED
    examples = (
        Example(
            name="all but one answered",
            records=items(
                *({"first_answer_at": after(hours)} for hours in range(1, 10)),
                {"first_answer_at": None},
                {"first_answer_at": after(-1)},
                {"first_answer_at": None, "data": {"doubtful": {"first_answer_at": "2031"}}},
            ),
            scores={("median",): (5, 10), ("p90",): (9, 10)},
        ),
        Example(
            name="too few to tell",
            records=items({"first_answer_at": after(1)}, {}, {}),
            scores={},
        ),
    )


class TestNetTime(MetricSuite):
    """The times to the solution, less the waiting."""

    metric = LoopTime(time=Time.NET, as_of=LATER)
    values = OUTCOMES
    examples = (
        Example(
            name="half an hour",
            records=items({"solved_at": after(2), "gross": 2 * HOUR, "net": HOUR / 2}),
            scores={("median",): (0.5, 1), ("p90",): (0.5, 1)},
        ),
    )


#: Who was there, and who is shown as another.
CUSTOMERS: Mapping[str, Sequence[object]] = {"customer": (None, ANA, BO, CY), "merged_into": (None, sample_id(50))}


class TestCoverage(MetricSuite):
    """All who were active."""

    metric = Coverage()
    values = CUSTOMERS
    examples = (
        Example(
            name="each person once",
            records=[
                *happened(
                    (InteractionKind.PURCHASE, ANA),
                    (InteractionKind.MESSAGE_IN, ANA),
                    (InteractionKind.FEEDBACK, ANA),
                    (InteractionKind.PURCHASE, BO),
                    (InteractionKind.PURCHASE, CY),
                    (InteractionKind.MESSAGE_OUT, DI),
                    (InteractionKind.PURCHASE, None),
                ),
                *answers(Instrument.NPS, "0-10", 3, customer=BO),
                *answers(Instrument.NPS, "0-10", 3, first=9),
            ],
            scores={(): (2 / 3, 3)},
        ),
        Example(
            name="merged customers are one",
            records=[
                *happened((InteractionKind.PURCHASE, ANA), (InteractionKind.FEEDBACK, BO)),
                sample(Customer, 0),
                sample(Customer, 1, merged_into=ANA),
            ],
            scores={(): (1, 1)},
        ),
    )


class TestCoverageByChannel(MetricSuite):
    """Each channel that somebody might have been heard by."""

    metric = Coverage(split=Split.CHANNEL)
    values = CUSTOMERS
    examples = (
        Example(
            name="whoever is active is in the whole of each channel",
            records=[
                *happened((InteractionKind.FEEDBACK, ANA), (InteractionKind.FEEDBACK, BO), channel="mail"),
                *happened((InteractionKind.FEEDBACK, ANA), (InteractionKind.VISIT, CY), channel="form", first=5),
                *happened((InteractionKind.PURCHASE, DI), channel="shop", first=9),
            ],
            scores={("form",): (1 / 4, 4), ("mail",): (2 / 4, 4), ("shop",): (0, 4)},
        ),
    )


#: Of a person who counts for a company.
COUNTS_FOR = {"counts_for": str(sample_id(9))}

#: No word, one that stands, and one that has ended.
WORDS: Sequence[Mapping[str, Any]] = (  # Any: fields of a standing
    {},
    *({"stage": "regular", "manual": "regular", "manual_until": until} for until in (LATER + HOUR, LATER)),
)


class TestCoverageByStage(MetricSuite):
    """Each stage of a relationship model."""

    metric = Coverage(split=Split.STAGE, model="purchases", as_of=LATER)
    values = CUSTOMERS
    examples = (
        Example(
            name="regular customers are heard",
            records=[
                *happened((InteractionKind.FEEDBACK, ANA), (InteractionKind.VISIT, BO), (InteractionKind.VISIT, CY)),
                sample(Standing, 0, model="purchases", stage="regular"),
                sample(Standing, 1, model="purchases", stage="regular"),
                sample(Standing, 2, model="abc", stage="A"),
            ],
            scores={("regular",): (1 / 2, 2), (None,): (0, 1)},
        ),
        Example(
            name="a word that has ended no longer stands",
            records=[
                *happened((InteractionKind.FEEDBACK, ANA), (InteractionKind.VISIT, BO), (InteractionKind.VISIT, CY)),
                *(
                    sample(Standing, number, model="purchases", stage="regular", manual="regular", manual_until=until)
                    for number, until in ((1, LATER + HOUR), (2, None))
                ),
                sample(
                    Standing,
                    0,
                    model="purchases",
                    stage="regular",
                    manual="regular",
                    automatic="lost",
                    manual_until=LATER,
                ),
            ],
            scores={("lost",): (1, 1), ("regular",): (0, 2)},
        ),
        Example(
            name="persons stand where their company stands, but for a word on themselves",
            records=[
                *happened((InteractionKind.FEEDBACK, ANA), (InteractionKind.VISIT, BO), (InteractionKind.VISIT, CY)),
                sample(Standing, 9, model="purchases", stage="lost", automatic="lost"),
                *(
                    sample(Standing, number, model="purchases", explanation=COUNTS_FOR, **word)
                    for number, word in enumerate(WORDS)
                ),
            ],
            scores={("lost",): (1 / 2, 2), ("regular",): (0, 1)},
        ),
    )


class TestCoverageByClass(MetricSuite):
    """Each class of customers."""

    metric = Coverage(split=Split.CLASS)
    values = CUSTOMERS
    examples = (
        Example(
            name="nobody of class A is heard",
            records=[
                *happened((InteractionKind.FEEDBACK, ANA), (InteractionKind.VISIT, BO)),
                sample(Customer, 0),
                sample(Customer, 1, customer_class=CustomerClass.A),
            ],
            scores={(None,): (1, 1), (CustomerClass.A,): (0, 1)},
        ),
    )


def clicks(*messages: int, page: str = "/a", first: int = 0) -> list[Interaction]:
    """Visits by links of messages."""
    visit: dict[str, Any] = {"kind": InteractionKind.VISIT, "occurred_at": SAMPLE_TIME}
    return [
        sample(Interaction, first + place, **visit, source={"message": str(sample_id(number)), "page": page})
        for place, number in enumerate(messages)
    ]


#: Where visits come from: links of messages, and others.
LINKS: Mapping[str, Sequence[object]] = {
    "source": ({}, *({"message": str(sample_id(n)), "page": "/a"} for n in range(4)), {"message": None})
}


#: The same, and messages of which whatever may have become.
OF_ANY_STATE: Mapping[str, Sequence[object]] = {
    **LINKS,
    "state": tuple(DeliveryState),
    "purpose": (Purpose.SURVEY, Purpose.INTERNAL),
}

#: What a channel took that tells no more of it.
TAKEN = [
    sample(Delivery, number, purpose=Purpose.SURVEY, state=state, channel="mail")
    for number, state in ((4, DeliveryState.ACCEPTED), (5, DeliveryState.SENT))
]


class TestClickThrough(MetricSuite):
    """The links in surveys."""

    metric = ClickThrough(purpose=Purpose.SURVEY)
    values = LINKS
    examples = (
        Example(
            name="one of two that were delivered",
            records=[
                sample(Delivery, 0, purpose=Purpose.SURVEY, state=DeliveryState.DELIVERED),
                sample(Delivery, 1, purpose=Purpose.SURVEY, state=DeliveryState.READ),
                sample(Delivery, 2, purpose=Purpose.SURVEY, state=DeliveryState.FAILED),
                sample(Delivery, 3, purpose=Purpose.MARKETING, state=DeliveryState.READ),
                *TAKEN,
                *clicks(0, 2, 3),
                *clicks(0, page="/b", first=10),
            ],
            scores={(): (1 / 2, 2)},
        ),
        Example(name="nobody tells what arrived", records=[*TAKEN, *clicks(4)], scores={}),
    )


class TestClickThroughOfWhatWasTaken(MetricSuite):
    """Whatever became of it, if it was not returned."""

    metric = ClickThrough(whole=Whole.TAKEN)
    values = OF_ANY_STATE
    examples = (
        Example(
            name="one of three",
            records=[
                sample(Delivery, 0, purpose=Purpose.SURVEY, state=DeliveryState.DELIVERED),
                sample(Delivery, 1, purpose=Purpose.SURVEY, state=DeliveryState.FAILED),
                *TAKEN,
                *clicks(1, 4),
            ],
            scores={(): (1 / 3, 3)},
        ),
    )


#: Where visits and messages come from: contact pages, and others.
PAGES: Mapping[str, Sequence[object]] = {
    "source": ({"page": "/contact"}, {"page": "/contact", "campaign": "x"}, {"page": "/contact/b"}, {})
}


class TestContactConversion(MetricSuite):
    """One contact page."""

    metric = ContactConversion(pages=("/contact",))
    values = PAGES
    examples = (
        Example(
            name="three of ten",
            records=[
                *happened(*[(InteractionKind.VISIT, None)] * 10, source={"page": "/contact"}),
                *happened(*[(InteractionKind.MESSAGE_IN, None)] * 3, source={"page": "/contact"}, first=200),
                *happened((InteractionKind.MESSAGE_IN, None), source={"page": "/contact/b"}, first=300),
                *happened((InteractionKind.MESSAGE_IN, None), source={"from": "/contact"}, first=400),
            ],
            scores={(): (3 / 10, 10)},
        ),
    )


class TestContactConversionByCampaign(MetricSuite):
    """The campaigns that led to a contact page."""

    metric = ContactConversion(pages=("/contact",), dimension="campaign")
    values = PAGES
    examples = (
        Example(
            name="whatever channel the message came by",
            records=[
                *happened(
                    *[(InteractionKind.VISIT, None)] * 4, channel="web", source={"page": "/contact", "campaign": "x"}
                ),
                *happened(*[(InteractionKind.VISIT, None)] * 3, source={"page": "/contact"}, first=10),
                *happened(
                    (InteractionKind.FEEDBACK, None),
                    channel="form",
                    source={"page": "/contact", "campaign": "x"},
                    first=20,
                ),
                *happened((InteractionKind.MESSAGE_IN, None), source={"page": "/contact", "campaign": "y"}, first=30),
            ],
            scores={(None,): (0, 3), ("x",): (1 / 4, 4)},
        ),
    )


def bought(customer: Any, hours: float, amount: int | None, first: int, **fields: Any) -> Interaction:
    """A purchase, or a return. Any: an id, and fields of all types."""
    what: dict[str, Any] = {"kind": InteractionKind.PURCHASE, "currency": "EUR", **fields}
    return sample(Interaction, first, customer=customer, occurred_at=after(hours), amount=amount, **what)


def came(customer: Any, hours: float, campaign: str, first: int) -> Interaction:
    """A visit from a campaign. Any: an id."""
    source = {"campaign": campaign, "n": first}
    kind = InteractionKind.VISIT
    return sample(Interaction, first, kind=kind, customer=customer, occurred_at=after(hours), source=source)


#: A cent that a float would lose.
FORTUNE = 2**62 + 1

#: Ana comes from three campaigns and buys after two of them, Bo buys before the first, Cy buys nothing.
TOUCHED = [
    came(ANA, 1, "spring", 1),
    came(ANA, 5, "summer", 2),
    bought(ANA, 6, FORTUNE, 3),
    bought(ANA, 7, FORTUNE, 4),
    came(ANA, 9, "autumn", 5),
    bought(BO, 1, 500, 6),
    bought(BO, 2, -200, 7, kind=InteractionKind.RETURN),
    bought(BO, 2, 70, 8, currency="JPY"),
    came(BO, 3, "spring", 9),
    came(CY, 0, "spring", 10),
]
#: Ana comes from spring before and after her purchase, and in between once from summer; Bo buys between two sources.
AGAIN = [
    *(came(ANA, hours, "spring", hours) for hours in (1, 5, 9)),
    came(ANA, 3, "summer", 10),
    bought(ANA, 6, 100, 11),
    *(came(BO, hours, campaign, 20 + hours) for hours, campaign in ((1, "spring"), (3, "summer"))),
    *(bought(BO, hours, 10 * hours, 30 + hours) for hours in (2, 4)),
]
#: Of these nobody knows who bought, or when.
UNKNOWN = [
    came(ANA, 1, "spring", 1),
    bought(None, 2, 40, 2, source={"campaign": "summer"}),
    bought(None, 2, 60, 3),
    sample(
        Interaction, 4, customer=ANA, kind=InteractionKind.PURCHASE, occurred_at=None, amount=7, currency="EUR",
        source={"campaign": "summer"},
    ),
]  # fmt: skip


def sold(source: str | None, customers: int, sales: int, revenue: int) -> Mapping[tuple[object, ...], tuple[int, int]]:
    """What a source has earned in euros, without returns."""
    kinds = {("customers",): customers, ("sales",): sales, ("revenue", "EUR"): revenue}
    return {(source, *kind): (value, sales) for kind, value in kinds.items()}


#: What came from nowhere.
BY_ITSELF: Mapping[tuple[object, ...], tuple[float, int]] = {
    (None, "customers"): (1, 3),
    (None, "sales"): (2, 3),
    (None, "revenue", "EUR"): (300, 3),
    (None, "revenue", "JPY"): (70, 3),
}
#: What drawn purchases and visits hold.
SOURCES: Mapping[str, Sequence[object]] = {
    "source": ({}, {"campaign": "a"}, {"campaign": "b"}, {"campaign": None}, {"page": "/"}),
    "currency": ("EUR", "USD"),
    "amount": (None, -(2**63), 1, 2**62 + 1, 2**63 - 1),
    **CUSTOMERS,
}


class TestFirstTouch(MetricSuite):
    """All credit goes to what came first."""

    metric = Sources(touch=Touch.FIRST)
    values = SOURCES
    examples = (
        Example(
            name="the first campaign",
            records=TOUCHED,
            scores={
                **BY_ITSELF,
                ("spring", "customers"): (1, 2),
                ("spring", "sales"): (2, 2),
                ("spring", "revenue", "EUR"): (2 * FORTUNE, 2),
            },
        ),
        Example(name="each sale by itself", records=AGAIN, scores=sold("spring", 2, 3, 160)),
    )


class TestLastTouch(MetricSuite):
    """All credit goes to what came last."""

    metric = Sources(touch=Touch.LAST)
    values = SOURCES
    examples = (
        Example(
            name="the last campaign before the last purchase",
            records=TOUCHED,
            scores={
                **BY_ITSELF,
                ("summer", "customers"): (1, 2),
                ("summer", "sales"): (2, 2),
                ("summer", "revenue", "EUR"): (2 * FORTUNE, 2),
            },
        ),
        Example(
            name="each sale by itself, whatever comes after it",
            records=AGAIN,
            scores={**sold("spring", 2, 2, 120), **sold("summer", 1, 1, 40)},
        ),
        Example(
            name="what is known of the sale alone",
            records=UNKNOWN,
            scores={**sold("summer", 1, 2, 47), **sold(None, 0, 1, 60)},
        ),
    )


class TestResponseDifference(MetricSuite):
    """Two invitations."""

    metric = ResponseDifference(question="q", occasion=Occasion.RELATIONAL, variant="b", base="a")
    examples = (
        Example(
            name="6 of 7 less 2 of 7",
            records=[
                *invitations(*[True] * 6, False, variant="b"),
                *invitations(True, True, *[False] * 5, None, variant="a", first=100),
                *invitations(True, variant="c", first=300),
                *unreported(variant="a", first=400),
            ],
            scores={(): (6 / 7 - 2 / 7, 14)},
        ),
        Example(name="of one variant alone", records=invitations(True, variant="b"), scores={}),
    )


class TestRatingDifference(MetricSuite):
    """Two wordings of a question."""

    metric = RatingDifference(
        question="q", occasion=Occasion.RELATIONAL, variant="b", base="a", scale="1-5", good_from=4
    )
    values = rated(range(1, 6))
    examples = (
        Example(
            name="three of four less one of two",
            records=[
                *answers(Instrument.CSAT, "1-5", 5, 4, 4, 3, variant="b"),
                *answers(Instrument.CSAT, "1-5", 5, 1, variant="a", first=10),
            ],
            scores={(): (3 / 4 - 1 / 2, 6)},
        ),
    )


def test_every_built_in_metric_is_judged() -> None:
    """Each metric that is built in has a suite here."""
    registry = Registry(builtins=BUILTINS, entry_points=False)
    suites = [each for each in globals().values() if inspect.isclass(each) and issubclass(each, MetricSuite)]
    judged = {type(suite.metric) for suite in suites if suite is not MetricSuite}
    assert judged == {registry.metric(name) for name in registry.names(Sort.METRIC)}
