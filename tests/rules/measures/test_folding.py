"""Groups added up once more: against sums written out by hand."""

from collections import defaultdict
from datetime import UTC, date, datetime
from uuid import UUID

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.feedback import Feedback, Outcome
from clientloop.model.interactions import Interaction
from clientloop.model.plan import Aggregate, Bucket, Fold, Folded, Group, How, Key, Plan
from clientloop.model.record import record_of
from clientloop.rules.measures.aggregation import aggregate
from clientloop.rules.measures.folding import fold, merged
from clientloop.testing import sample, sample_id

NUMBERS = (
    Aggregate(How.COUNT),
    Aggregate(How.COUNT, "amount"),
    *(Aggregate(how, "amount") for how in (How.SUM, How.MIN, How.MAX)),
)
BY_MONTH = Plan(cls=Interaction, keys=(Key("customer"), Key("occurred_at", Bucket.MONTH)), aggregates=NUMBERS)
OVER_MONTHS = Fold(
    keys=1,
    aggregates=(Folded(How.COUNT), Folded(How.COUNT, 2), *(Folded(how, 2) for how in How if how is not How.COUNT)),
)

CASES = st.lists(
    st.tuples(st.integers(0, 2), st.integers(1, 3), st.none() | st.integers(-(2**63), 2**63 - 1)), max_size=12
)


def groups(cases: list[tuple[int, int, int | None]], plan: Plan) -> list[Group]:
    """What a plan gives of customers, months and amounts."""
    rows = [
        sample(
            Interaction,
            n,
            customer=sample_id(customer),
            occurred_at=datetime(2026, month, 5, tzinfo=UTC),
            amount=amount,
        )
        for n, (customer, month, amount) in enumerate(cases)
    ]
    return aggregate(map(record_of(Interaction).encode, rows), plan)


@given(CASES)
def test_a_fold_adds_up_the_sums_of_groups(cases: list[tuple[int, int, int | None]]) -> None:
    """How many groups, how many with a sum, and sum, least, greatest and squares of the sums, to the last digit."""
    sums: dict[tuple[int, int], list[int]] = defaultdict(list)
    for customer, month, amount in cases:
        sums[customer, month] += [] if amount is None else [amount]
    expected = []
    for customer in sorted({customer for customer, _ in sums}):
        own = [values for (each, _), values in sums.items() if each == customer]
        totals = [sum(values) for values in own if values]
        squares = [total * total for total in totals]
        numbers = (sum(totals), min(totals), max(totals), sum(squares)) if totals else (None,) * 4
        expected.append(Group((sample_id(customer),), (len(own), len(totals), *numbers)))
    assert groups(cases, evolve(BY_MONTH, fold=OVER_MONTHS)) == expected


@given(CASES)
def test_groups_are_folded_afterwards_as_at_once(cases: list[tuple[int, int, int | None]]) -> None:
    """Groups that were asked for without the fold, in whatever order, give the same as the plan with it."""
    plan = evolve(BY_MONTH, fold=OVER_MONTHS)
    assert fold(reversed(groups(cases, BY_MONTH)), plan) == groups(cases, plan)


@given(CASES)
def test_groups_of_equal_keys_are_as_if_their_rows_had_been_of_one(cases: list[tuple[int, int, int | None]]) -> None:
    """Two customers that turn out to be one, month by month."""
    found = groups(cases, BY_MONTH)
    into_one = {sample_id(2): sample_id(1)}
    taken = [(UUID(str(group.keys[0])), group.keys[1], group.values) for group in found]
    relabelled = [Group((into_one.get(who, who), month), values) for who, month, values in taken]
    of_one = groups([(min(who, 1), month, amount) for who, month, amount in cases], BY_MONTH)
    assert merged(relabelled, BY_MONTH) == of_one


def test_no_groups_give_one_where_no_key_is_kept() -> None:
    """Counts are 0, other numbers None; with keys there is none."""
    plan = evolve(BY_MONTH, fold=evolve(OVER_MONTHS, keys=0))
    assert fold((), plan) == [Group((), (0, 0, None, None, None, None))]
    assert fold((), evolve(plan, fold=OVER_MONTHS)) == []
    assert merged((), Plan(cls=Interaction, aggregates=NUMBERS)) == [Group((), (0, 0, None, None, None))]


def test_groups_are_sorted_as_stores_sort_them() -> None:
    """By the values of the database, None first, also of fields whose values Python does not compare or hash."""
    plan = Plan(cls=Feedback, keys=(Key("outcome"), Key("rating"), Key("data"), Key("received_at", Bucket.DAY)))
    keys: list[tuple[object, ...]] = [
        (Outcome.CONFIRMED, None, {"a": 1}, None),
        (Outcome.CONFIRMED, None, {"a": 1}, date(2026, 1, 2)),
        (Outcome.CONFIRMED, 2, {}, None),
        (Outcome.SILENT, 1, {}, None),
    ]
    found = [Group(key, (1,)) for key in keys]
    assert fold(found[::-1], plan) == merged(found[::-1], plan) == found


def test_a_customer_without_an_id_is_a_group_of_its_own() -> None:
    """None is a key like others."""
    plan = Plan(cls=Interaction, keys=(Key("customer"),))
    parts = [Group((UUID(int=1),), (2,)), Group((None,), (3,)), Group((None,), (4,))]
    assert merged(parts, plan) == [Group((None,), (7,)), Group((UUID(int=1),), (2,))]
