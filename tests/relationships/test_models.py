"""What the suite does not ask of every model: the parameters and the explanations of each."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from attrs import evolve

from clientloop.app import ClientLoop
from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.customers import CustomerClass
from clientloop.model.deals import DealOutcome
from clientloop.model.feedback import Outcome
from clientloop.model.interactions import InteractionKind
from clientloop.model.plan import Bucket
from clientloop.model.relationships import Direction
from clientloop.plugins.spec import Sort
from clientloop.ports.relationship import Frame, Place, RelationshipModel
from clientloop.presets import relationships as presets
from clientloop.presets.relationships import ABC, BUTTLE, FUNNEL, PURCHASES, RFM, XYZ
from clientloop.relationships.abc import Abc
from clientloop.relationships.buttle import Buttle, ending
from clientloop.relationships.buying import Measure
from clientloop.relationships.funnel import Funnel
from clientloop.relationships.purchases import Purchases
from clientloop.relationships.xyz import Xyz
from clientloop.rules.relationship.abc import AbcRule
from clientloop.rules.relationship.buttle import Reason, Side
from clientloop.rules.relationship.funnel import FunnelRule
from clientloop.rules.relationship.purchases import StageRule
from clientloop.rules.relationship.windows import Window
from clientloop.rules.relationship.xyz import Deviation, XyzRule
from clientloop.services.setup.declared import config_from_data
from clientloop.testing import SAMPLE_TIME
from clientloop.testing.relationships import FRAME, places_of
from tests.relationships.acts import EVA, KIM, TOM, bought, deal, did, each, said

K = InteractionKind
MONTHLY = range(20, 20 + 12 * 30, 30)


def place(model: RelationshipModel, *records: object, frame: Frame = FRAME, of: UUID = KIM) -> Place:
    """Where a model puts one customer."""
    return places_of(model, records, [KIM, EVA, TOM], frame)[of]


def test_the_built_in_models_are_found_by_their_names() -> None:
    """Each is an instance with its parameters, loaded when it is asked for."""
    with ClientLoop.open("memory:", entry_points=False) as loop:
        registry = loop.context.parts.registry
        names = registry.names(Sort.RELATIONSHIP_MODEL)
        assert names == ("abc", "purchases", "xyz", "buttle", "funnel", "rfm")
        for name in names:
            assert registry.relationship_model(name) is getattr(presets, name.upper())


@pytest.mark.parametrize(
    ("table", "model"),
    [
        ({}, Abc()),
        ({"measure": "gross_profit", "window": "2 quarters", "rule": {"shares": {"A": 70, "B": 20, "C": 10}}},
         Abc(measure=Measure.GROSS_PROFIT, window=Window.parse("2 quarters"),
             rule=AbcRule(shares=dict(zip(CustomerClass, (70, 20, 10), strict=True))))),
        ({"rule": {"period": "1 month", "periods": 6, "regular_from": 4}},
         Purchases(rule=StageRule(period=Window.parse("1 month"), periods=6, regular_from=4))),
        ({"bucket": "week", "buckets": 26, "zeros": False, "rule": {"borders": [60, 110], "deviation": "sample"}},
         Xyz(bucket=Bucket.WEEK, buckets=26, zeros=False, rule=XyzRule(borders=(60, 110), deviation=Deviation.SAMPLE))),
        ({"rule": {"silence": "2 years"}}, Buttle(rule=evolve(BUTTLE.rule, silence=Window.parse("2 years")))),
        ({"name": "partners", "rule": {"stages": ["talk", "pilot"]}},
         Funnel(name="partners", rule=FunnelRule(stages=("talk", "pilot")))),
        ({"window": "3 years"}, evolve(RFM, window=Window.parse("3 years"))),
    ],
    ids=lambda value: "" if isinstance(value, dict) else type(value).__name__,
)  # fmt: skip
def test_a_firm_writes_parameters_as_plain_data(table: dict[str, object], model: RelationshipModel) -> None:
    """By the names of the fields; whatever is left out is as it comes with the library."""
    assert config_from_data(table, type(model), "relationships.ours") == model


def test_parameters_that_make_no_sense_are_refused() -> None:
    """With the near match, or what else there is."""
    with pytest.raises(UnknownName, match="no unit of time 'moths': did you mean"):
        config_from_data({"window": "3 moths"}, Abc, "relationships.abc")
    with pytest.raises(InvalidValue, match="measure"):
        config_from_data({"measure": "gross_profit"}, Xyz, "relationships.xyz")
    with pytest.raises(InvalidValue, match="each once"):
        FunnelRule(stages=("lead", "won"))


@pytest.mark.parametrize(
    ("records", "newcomer"),
    [
        ([bought(KIM, 80)], True),
        ([bought(KIM, 80), bought(KIM, 95)], False),
        ([bought(KIM, 80), bought(KIM, None)], False),
        ([did(KIM, K.CALL, 3)], False),
    ],
    ids=["all lately", "one earlier", "one of no known time", "none"],
)
def test_newcomers_are_flagged(records: list[object], newcomer: bool) -> None:
    """Who bought for the first time within three months cannot have brought much yet; nobody else is one."""
    assert place(ABC, *records).explanation["newcomer"] is newcomer


def test_whoever_is_lost_stands_as_high_as_whoever_never_bought() -> None:
    """And both below the others."""
    assert PURCHASES.direction("lost", "potential") is PURCHASES.direction("potential", "lost") is Direction.SAME
    assert PURCHASES.direction("lost", "one-time") is PURCHASES.direction("potential", "one-time") is Direction.UP
    assert PURCHASES.direction("regular", "lost") is Direction.DOWN


def test_time_alone_makes_a_customer_lost() -> None:
    """On the last day of the window a purchase counts, and after it no more."""
    for days, stage in ((360, "one-time"), (361, "lost")):
        assert place(PURCHASES, bought(KIM, days)).stage == stage


@pytest.mark.parametrize("zone", ["UTC", "Europe/Ljubljana", "America/New_York"])
def test_spans_of_xyz_are_whole_months_of_the_zone(zone: str) -> None:
    """A purchase at the first moment of a month is of it, one a moment earlier is of the month before."""
    frame = evolve(FRAME, zone=zone)
    told = place(XYZ, frame=frame).explanation
    begin, end = (datetime.fromisoformat(told[name]) for name in ("since", "until"))
    for at, total in (
        (begin, 100),
        (begin - timedelta(microseconds=1), 0),
        (end, 0),
        (end - timedelta(microseconds=1), 100),
    ):
        record = evolve(bought(KIM, 1), occurred_at=at)
        assert place(XYZ, record, frame=frame).explanation["total"] == total


def test_the_span_decides_the_class() -> None:
    """The same purchases, one in the middle of each quarter, are even by the quarter and uneven by the month."""
    records = each((20, 110, 200, 290), KIM)
    by_quarter = Xyz(bucket=Bucket.QUARTER, buckets=4)
    frame = evolve(FRAME, as_of=SAMPLE_TIME.replace(month=4, day=1))
    assert place(by_quarter, *records, frame=frame).stage == "X"
    assert place(XYZ, *records, frame=frame).stage == "Z"


def test_squares_past_64_bits_are_exact_and_survive_json() -> None:
    """One cent more than even is Y or Z to the digit, however large the amounts."""
    large = 2**62
    even = place(XYZ, *each(MONTHLY, KIM, large))
    assert even.stage == "X"
    assert even.explanation["squares"] == 12 * large**2


def test_scores_count_whole_days_of_the_zone() -> None:
    """Midnight belongs to no day that is over: as of it, what was bought the day before is of the last day."""
    frame = Frame(as_of=datetime(2026, 3, 1, 23, tzinfo=UTC), zone="Europe/Ljubljana", currency="EUR")
    last = evolve(bought(KIM, 1), occurred_at=datetime(2026, 3, 1, 22, 59, tzinfo=UTC))
    before = evolve(bought(KIM, 1), occurred_at=datetime(2026, 2, 28, 22, 59, tzinfo=UTC))
    assert place(RFM, last, frame=frame).explanation["days_since"] == 0
    assert place(RFM, before, frame=frame).explanation["days_since"] == 1


def test_scores_go_up_if_their_sum_does() -> None:
    """No score weighs more than another."""
    assert RFM.direction("155", "551") is Direction.SAME
    assert RFM.direction("155", "255") is Direction.UP
    assert RFM.direction("555", "155") is Direction.DOWN
    assert RFM.direction(None, "555") is RFM.direction("999", "555") is Direction.SAME


def test_an_end_says_who_and_why() -> None:
    """The last word counts, with the reason that was given with it; silence after a bad end of a complaint is one."""
    first = did(KIM, K.CALL, 50, extra=ending(Side.FIRM, Reason.NEEDS_CHANGED))
    last = did(KIM, K.MEETING, 20, extra={"note": "a pity", **ending(Side.BOTH)})
    assert place(BUTTLE, bought(KIM, 60), first).explanation["dissolution"] == {
        "side": "firm", "reason": "needs_changed",
    }  # fmt: skip
    assert place(BUTTLE, bought(KIM, 60), first, last).explanation["dissolution"] == {
        "side": "both", "reason": "unknown",
    }  # fmt: skip
    silent = [bought(KIM, 400), said(KIM, "complaint", 390, is_open=False, outcome=Outcome.DECLINED)]
    assert place(BUTTLE, *silent).explanation["dissolution"] == {"side": "customer", "reason": "dissatisfied"}
    content = said(KIM, "complaint", 380, is_open=False, outcome=Outcome.CONFIRMED)
    assert place(BUTTLE, *silent, content).explanation["dissolution"] == {"side": "customer", "reason": "unknown"}


def test_words_that_only_look_like_an_end_are_none() -> None:
    """Whoever writes the sign of an end into a note has not ended anything."""
    note = did(KIM, K.CALL, 5, extra={"note": '"ended_by":"customer"'})
    assert place(BUTTLE, bought(KIM, 60), note).stage == "exploration"


def test_a_funnel_tells_of_any_day_what_was_known_on_it() -> None:
    """Journals of deals are read as they stood then."""
    steps = [*deal(KIM, ("lead", 30), ("offer", 20), ("offer", 10), ends=DealOutcome.WON)]
    for days, stage in ((31, None), (25, "lead"), (15, "offer"), (5, "won")):
        frame = evolve(FRAME, as_of=SAMPLE_TIME - timedelta(days=days))
        assert place(FUNNEL, *steps, frame=frame).stage == stage


def test_a_company_is_where_its_deals_are_also_those_with_nobody_of_it() -> None:
    """Where a deal is with a person, it is the person's, and so the company's that the person counts for."""
    alone = deal(None, ("lead", 9), ("offer", 5), account=KIM)
    assert place(FUNNEL, *alone).stage == "offer"
    assert place(FUNNEL, *deal(EVA, ("lead", 9), account=KIM)).stage is None
    with ClientLoop.open("memory:", entry_points=False) as loop:
        mill, kim = loop.accounts.add("Mill"), loop.customers.add(name="Kim")
        loop.accounts.link(mill, kim)
        loop.deals.open("A mill", account=mill, stage="offer", by="mia")
        loop.deals.open("Another", customer=kim, by="mia")
        later = loop.context.now() + timedelta(days=1)
        assert loop.relationships.assess("funnel", as_of=later)[mill.id].stage == "offer"


def test_each_funnel_has_its_own_deals_and_stages() -> None:
    """Deals of another one do not count, nor do stages that it no longer has."""
    other = Funnel(name="partners", rule=FunnelRule(stages=("talk", "lead")))
    assert other.stages == ("lost", "talk", "lead", "won")
    assert place(other, *deal(KIM, ("lead", 5))).stage is None
    assert place(FUNNEL, *deal(KIM, ("a stage of older days", 5))).stage is None
