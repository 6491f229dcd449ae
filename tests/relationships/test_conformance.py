"""The built-in models pass the suite that judges those of other authors."""

from collections.abc import Mapping, Sequence

from clientloop.model.customers import CustomerClass
from clientloop.model.deals import DealOutcome
from clientloop.model.feedback import Outcome
from clientloop.model.interactions import InteractionKind
from clientloop.model.plan import Bucket
from clientloop.presets.relationships import ABC, BUTTLE, FUNNEL, PURCHASES, RFM, XYZ
from clientloop.relationships.abc import Abc
from clientloop.relationships.buttle import ending
from clientloop.relationships.buying import Measure
from clientloop.relationships.xyz import Xyz
from clientloop.rules.relationship.abc import AbcRule
from clientloop.rules.relationship.buttle import Reason, Side
from clientloop.rules.relationship.xyz import Deviation, XyzRule
from clientloop.testing.relationships import RelationshipSuite, Story
from tests.relationships.acts import EVA, KIM, TOM, UMA, bought, deal, did, each, returned, said

K = InteractionKind
MONEY: Mapping[str, Sequence[object]] = {
    "amount": (None, -500, 0, 1, 100, 2**62),
    "currency": ("EUR",),
    "cost": (None, 0, 70, 2**61),
}

ENDS: Mapping[str, Sequence[object]] = {"extra": ({}, ending(Side.FIRM), ending(Side.CUSTOMER, Reason.NEEDS_CHANGED))}
DEALS: Mapping[str, Sequence[object]] = {
    "funnel": ("funnel", "another"),
    "target": ("lead", "offer", "a stage of older days"),
}

#: Purchases of every month, of which the last was 20 days ago: they are of 12 whole months.
MONTHLY = range(20, 20 + 12 * 30, 30)


class TestAbc(RelationshipSuite):
    """Revenue of a year."""

    model = ABC
    values = MONEY
    stories = (
        Story(
            name="whoever crosses a border is in the better class, and nothing bought is no class",
            records=[bought(KIM, 100, 700), bought(EVA, 100, 200), bought(TOM, 5, 100), bought(UMA, 400, 5_000)],
            stages={KIM: "A", EVA: "A", TOM: "B", UMA: None},
        ),
        Story(
            name="what came back takes off, and nobody brings less than nothing",
            records=[
                bought(KIM, 9, 900),
                returned(KIM, 8, 850),
                bought(EVA, 9, 60),
                bought(TOM, 9),
                returned(TOM, 8, 400),
            ],
            stages={EVA: "A", KIM: "A", TOM: "C", UMA: None},
        ),
        Story(
            name="a purchase at a time that nobody knows lies in no window",
            records=[bought(KIM, None, 900), bought(EVA, 9, 1)],
            stages={KIM: None, EVA: "A"},
        ),
    )


class TestAbcOfGrossProfit(RelationshipSuite):
    """What is left of what was paid."""

    model = Abc(measure=Measure.GROSS_PROFIT)
    values = MONEY
    stories = (
        Story(
            name="cost takes off",
            records=[bought(KIM, 9, 1_000, cost=990), bought(EVA, 9, 95, cost=15), bought(TOM, 9, 10)],
            stages={EVA: "A", KIM: "B", TOM: "B"},
        ),
    )


class TestAbcOfCounts(RelationshipSuite):
    """How often somebody bought, with borders of one's own."""

    model = Abc(measure=Measure.COUNT, rule=AbcRule(shares=dict(zip(CustomerClass, (50, 30, 20), strict=True))))
    stories = (
        Story(
            name="many small purchases are more than a large one",
            records=[
                *each(range(1, 9), KIM, 1),
                bought(EVA, 9, 10**9),
                bought(EVA, 8),
                returned(EVA, 7, 5),
                bought(TOM, 1),
            ],
            stages={KIM: "A", EVA: "C", TOM: "C"},
        ),
    )


class TestPurchases(RelationshipSuite):
    """Twelve times thirty days."""

    model = PURCHASES
    stories = (
        Story(
            name="the four stages",
            records=[*each((20, 350), KIM), bought(EVA, 20), *each((361, 370, 380), TOM), did(UMA, K.CALL, 3)],
            stages={KIM: "regular", EVA: "one-time", TOM: "lost", UMA: "potential"},
        ),
        Story(
            name="whoever bought at a time that nobody knows is no stranger",
            records=[bought(KIM, None), bought(EVA, None), bought(EVA, 3)],
            stages={KIM: "lost", EVA: "one-time"},
        ),
    )


class TestXyz(RelationshipSuite):
    """Revenue of twelve months."""

    model = XYZ
    values = MONEY
    stories = (
        Story(
            name="even, less even, uneven, and no regular customer",
            records=[
                *each(MONTHLY, KIM), *each(MONTHLY[::2], EVA, 120), *each(MONTHLY[1::2], EVA, 80), bought(TOM, 40),
                bought(TOM, 80), bought(UMA, 40),
            ],
            stages={KIM: "X", EVA: "Y", TOM: "Z", UMA: None},
        ),
        Story(
            name="what was bought since the last whole month does not count yet",
            records=[*each(MONTHLY, KIM), bought(KIM, 1, 10**9)],
            stages={KIM: "X"},
        ),
    )  # fmt: skip


class TestXyzByOtherParameters(RelationshipSuite):
    """The same purchases, by the quarter, without those in which nothing was bought."""

    model = Xyz(bucket=Bucket.QUARTER, buckets=4, zeros=False, rule=XyzRule(deviation=Deviation.SAMPLE))
    values = MONEY
    stories = (
        Story(
            name="even by the quarter, and nobody by one quarter alone",
            records=[*each((70, 80, 160, 170), KIM), *each((70, 71, 72), EVA)],
            stages={KIM: "X", EVA: None},
        ),
    )


class TestButtle(RelationshipSuite):
    """The proxies of the five stages."""

    model = BUTTLE
    values = ENDS
    stories = (
        Story(
            name="looked, asked, bought again, and stays",
            records=[
                did(KIM, K.VISIT, 900), did(EVA, K.CALL, 900), *each((90, 20), TOM), did(TOM, K.CALL, 50),
                *each(MONTHLY, UMA), did(UMA, K.CALL, 50), said(UMA, "praise", 30),
                said(UMA, "complaint", 30, is_open=False),
            ],
            stages={KIM: "awareness", EVA: "exploration", TOM: "expansion", UMA: "commitment"},
        ),
        Story(
            name="fell silent, ended it by a word, came back after that, and complains",
            records=[
                *each((900, 370), KIM), bought(EVA, 30), did(EVA, K.CALL, 20, extra=ending(Side.CUSTOMER)),
                bought(TOM, 10), did(TOM, K.CALL, 20, extra=ending(Side.BOTH)), *each(MONTHLY, UMA),
                did(UMA, K.CALL, 50), said(UMA, "praise", 30), said(UMA, "complaint", 30),
            ],
            stages={KIM: "dissolution", EVA: "dissolution", TOM: "exploration", UMA: "expansion"},
        ),
        Story(
            name="a complaint that was closed after the time was open at it",
            records=[
                *each(MONTHLY, UMA), did(UMA, K.CALL, 50), said(UMA, "praise", 30),
                said(UMA, "complaint", 30, is_open=False, closed_at=said(UMA, "idea", -1).received_at,
                     outcome=Outcome.CONFIRMED),
            ],
            stages={UMA: "expansion"},
        ),
    )  # fmt: skip


class TestFunnel(RelationshipSuite):
    """Leads, offers, and how they end."""

    model = FUNNEL
    values = DEALS
    stories = (
        Story(
            name="the furthest open deal, or the end of the last",
            records=[
                *deal(KIM, ("lead", 30), ("offer", 20)), *deal(KIM, ("lead", 5)),
                *deal(KIM, ("negotiation", 9), ends=DealOutcome.WON),
                *deal(EVA, ("lead", 90), ("lead", 80), ends=DealOutcome.LOST),
                *deal(EVA, ("lead", 90), ("offer", 70), ends=DealOutcome.WON),
                *deal(TOM, ("offer", 50), ("lead", 40)),
            ],
            stages={KIM: "offer", EVA: "won", TOM: "lead", UMA: None},
        ),
    )  # fmt: skip


class TestRfm(RelationshipSuite):
    """Fifths of those who bought within a year."""

    model = RFM
    values = MONEY
    stories = (
        Story(
            name="the latest is not the one who spends most",
            records=[*each((1, 50), KIM), bought(EVA, 200, 5_000), *each((1, 30), TOM, 40), bought(UMA, 400)],
            stages={KIM: "554", EVA: "225", TOM: "552", UMA: None},
        ),
    )
