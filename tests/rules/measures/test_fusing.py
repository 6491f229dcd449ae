"""Plans that are put together, and their answer taken apart: the same as asking each alone."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.plan import Aggregate, Bucket, Fold, Folded, Group, How, Key, Plan
from clientloop.model.units import Row
from clientloop.model.where import ALL, eq, ge, lt
from clientloop.rules.measures.aggregation import aggregate
from clientloop.rules.measures.fusing import apart, fuse
from clientloop.rules.measures.narrowing import period
from clientloop.testing import SAMPLE_TIME, sample
from clientloop.testing.examples import drawn
from clientloop.testing.stores.folds import plans as folded_plans
from clientloop.testing.stores.kit import encoded
from clientloop.testing.stores.strategies import NEW_YEAR, conditions, feedback
from clientloop.testing.stores.sums import aggregates

#: Keys by which drawn plans group feedback, so few that plans agree in them.
GROUPED = (Key("owner"), Key("due", Bucket.MONTH))

BOUGHT = eq("kind", InteractionKind.PURCHASE)
YEAR = ge("occurred_at", datetime(2026, 1, 1, tzinfo=UTC)) & lt("occurred_at", datetime(2027, 1, 1, tzinfo=UTC))
CUSTOMER, MONTH = Key("customer"), Key("occurred_at", Bucket.MONTH)
TOTAL = Aggregate(How.SUM, "amount")
SALES = Plan(cls=Interaction, where=BOUGHT, keys=(CUSTOMER,), aggregates=(TOTAL,))
MONTHS = Plan(
    cls=Interaction,
    where=BOUGHT & YEAR,
    keys=(CUSTOMER, MONTH),
    aggregates=(TOTAL,),
    fold=Fold(keys=1, aggregates=(Folded(How.COUNT), Folded(How.SQUARES, 0))),
)


def answered(plans: Mapping[str, Plan], rows: Sequence[Row]) -> dict[str, Sequence[Group]]:
    """What the fused plans give, taken apart."""
    found: dict[str, Sequence[Group]] = {}
    for fused in fuse(plans):
        found.update(apart(fused, aggregate(rows, fused.plan)))
    return found


def plain() -> st.SearchStrategy[Plan]:
    """Plans over feedback, with the first of the same two keys or with both."""
    return st.builds(
        lambda where, width, numbers: Plan(cls=Feedback, where=where, keys=GROUPED[:width], aggregates=tuple(numbers)),
        conditions() | st.just(ALL),
        st.integers(0, 2),
        st.lists(aggregates(), max_size=3),
    )


def folded() -> st.SearchStrategy[Plan]:
    """Plans with a fold, some over a period of the second key."""
    periods = [ALL, ge("due", SAMPLE_TIME), lt("due", NEW_YEAR), ge("due", NEW_YEAR) & lt("due", SAMPLE_TIME)]
    return st.builds(
        lambda plan, period: evolve(plan, where=plan.where & period),
        folded_plans(keys=st.just(GROUPED)),
        st.sampled_from(periods),
    )


@drawn()
@given(st.data(), st.lists(plain() | folded(), max_size=5))
def test_fused_plans_answer_as_each_does_alone(data: st.DataObject, several: list[Plan]) -> None:
    """Whatever is put together, every plan gets its own groups and its own numbers."""
    rows = encoded(data.draw(feedback(space="main")))
    plans = {str(number): plan for number, plan in enumerate(several)}
    assert answered(plans, rows) == {name: aggregate(rows, plan) for name, plan in plans.items()}


FEEDBACK = Plan(cls=Feedback, where=eq("kind", "idea"), keys=(Key("owner"),))
OPEN = Plan(cls=Feedback, where=eq("kind", "idea") & eq("is_open", True), keys=(Key("owner"),))
WEEKS = Plan(cls=Interaction, keys=(CUSTOMER, Key("occurred_at", Bucket.WEEK)), aggregates=(TOTAL,), fold=MONTHS.fold)
#: What is least of counts cannot be told where groups of others count 0.
LEAST = Plan(
    cls=Interaction, keys=(CUSTOMER, MONTH), fold=Fold(keys=1, aggregates=(Folded(How.COUNT), Folded(How.MIN, 0)))
)


@pytest.mark.parametrize(
    ("plans", "scans"),
    [
        ((SALES, SALES, evolve(SALES, where=ALL)), 1),
        ((MONTHS, SALES), 2),
        ((SALES, MONTHS, SALES, evolve(MONTHS, where=ALL)), 2),
        ((MONTHS, WEEKS), 2),
        ((MONTHS, evolve(MONTHS, fold=Fold(keys=2))), 2),
        ((MONTHS, LEAST), 2),
        ((SALES, evolve(SALES, keys=())), 2),
        ((SALES, evolve(SALES, keys=(Key("channel"),))), 2),
        ((SALES, FEEDBACK), 2),
        ((FEEDBACK, OPEN), 2),
        ((OPEN, evolve(OPEN, where=OPEN.where & eq("team", "shop"))), 2),
        ((OPEN, evolve(OPEN, where=OPEN.where & eq("state", "new"))), 1),
        ((), 0),
    ],
)
def test_plans_share_a_scan_where_their_groups_and_their_index_are_the_same(plans: Sequence[Plan], scans: int) -> None:
    """Not over other groups, other records, or rows that an index finds for one of them alone."""
    assert len(fuse({str(number): plan for number, plan in enumerate(plans)})) == scans


def test_what_all_conditions_share_is_asked_of_each_row_once() -> None:
    """It stays the condition of the whole; each number keeps what is its own plan's alone."""
    [fused] = fuse({"sales": SALES, "of the year": evolve(SALES, where=BOUGHT & YEAR)})
    assert fused.plan.where == BOUGHT
    assert {part.where for part in fused.plan.aggregates} == {ALL, YEAR}


def test_a_number_that_several_ask_for_is_added_up_once() -> None:
    """Counts of rows, that plans ask for and that tell whose a group is, among them."""
    [fused] = fuse({"a": SALES, "b": SALES, "c": evolve(SALES, aggregates=(Aggregate(How.COUNT), TOTAL))})
    assert fused.plan.aggregates == (Aggregate(How.COUNT), TOTAL)


def test_the_period_of_all_rows_stays_known() -> None:
    """Where each plan bounds the time of its spans, so does the fused one; where one does not, it does not."""
    begin, end, later = (datetime(year, 1, 1, tzinfo=UTC) for year in (2026, 2027, 2028))
    next_year = evolve(MONTHS, where=BOUGHT & ge("occurred_at", end) & lt("occurred_at", later))
    [fused] = fuse({"months": MONTHS, "next": next_year})
    assert period(fused.plan.where, "occurred_at") == (begin, later)
    [fused] = fuse({"months": MONTHS, "next": next_year, "earlier": evolve(MONTHS, where=lt("occurred_at", begin))})
    assert period(fused.plan.where, "occurred_at") == (None, later)


def test_a_fold_counts_its_own_groups_alone() -> None:
    """Not months in which somebody did something else, though these are groups of the fused plan."""
    times = {1: InteractionKind.PURCHASE, 2: InteractionKind.VISIT, 3: InteractionKind.PURCHASE}
    rows = encoded(
        sample(Interaction, n, kind=kind, occurred_at=datetime(2026, n, 5, tzinfo=UTC), amount=n)
        for n, kind in times.items()
    )
    months = {"bought": MONTHS, "any": evolve(MONTHS, where=YEAR)}
    assert len(fuse(months)) == 1
    assert answered(months, rows) == {"bought": [Group((None,), (2, 10))], "any": [Group((None,), (3, 14))]}


def test_a_plan_that_is_alone_stays_as_it_is() -> None:
    """Nothing is added to it, and its answer is its own."""
    [fused] = fuse({"months": MONTHS})
    answer = [Group((None,), (1, 4))]
    assert fused.plan == MONTHS
    assert apart(fused, answer) == {"months": answer}
