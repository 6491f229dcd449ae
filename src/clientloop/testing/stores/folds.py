"""Folds: groups added up once more, exact however large, the same as folding them here."""

from collections.abc import Sequence

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from clientloop.errors import InvalidValue
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Interaction
from clientloop.model.plan import Aggregate, Fold, Folded, Group, How, Key, Plan
from clientloop.ports.store import Store
from clientloop.rules.measures.aggregation import aggregate
from clientloop.testing.examples import drawn
from clientloop.testing.samples import sample, sample_id
from clientloop.testing.stores.kit import Suite, encoded, fresh_space, put
from clientloop.testing.stores.strategies import INTEGERS, conditions, feedback
from clientloop.testing.stores.sums import KEYS, aggregates

#: Sums by channel and customer, folded over the customers: how many, their rows, and what those of a channel add up to.
BY_CHANNEL = Plan(
    cls=Interaction,
    keys=(Key("channel"), Key("customer")),
    aggregates=(Aggregate(How.COUNT), Aggregate(How.SUM, "amount")),
    fold=Fold(
        keys=1,
        aggregates=(
            Folded(How.COUNT),
            Folded(How.COUNT, 1),
            *(Folded(how, of) for how in (How.SUM, How.MIN, How.MAX, How.SQUARES) for of in (0, 1)),
        ),
    ),
)

#: Folds that are refused.
FAULTS = [
    evolve(BY_CHANNEL, fold=fold)
    for fold in (
        Fold(keys=3),
        Fold(keys=-1),
        Fold(keys=1, aggregates=(Folded(How.SUM),)),
        Fold(keys=1, aggregates=(Folded(How.SQUARES),)),
        Fold(keys=1, aggregates=(Folded(How.SUM, 2),)),
        Fold(keys=1, aggregates=(Folded(How.SUM, -1),)),
    )
] + [
    Plan(cls=Interaction, aggregates=(Aggregate(How.SQUARES, "amount"),)),
    *(
        Plan(
            cls=Interaction,
            keys=(Key("channel"),),
            aggregates=(Aggregate(How.MAX, "occurred_at"),),
            fold=Fold(keys=0, aggregates=(Folded(how, 0),)),
        )
        for how in (How.SUM, How.SQUARES)
    ),
]

#: What drawn plans group by.
SOME_KEYS: SearchStrategy[Sequence[Key]] = st.lists(st.sampled_from(KEYS), max_size=2)

_TIMES = {"due", "received_at"}


def _adds_up(part: Folded, of: list[Aggregate]) -> bool:
    inner = of[part.of or 0]
    return inner.how is How.COUNT or inner.field not in _TIMES or part.how not in {How.SUM, How.SQUARES}


@st.composite
def plans(draw: st.DrawFn, *, keys: SearchStrategy[Sequence[Key]] = SOME_KEYS) -> Plan:
    """Plans over `Feedback` with a fold, grouped by drawn keys."""
    grouped = draw(keys)
    numbers: list[Aggregate] = draw(st.lists(aggregates(), min_size=1, max_size=3))
    every = [Folded(how, of) for how in How for of in range(len(numbers))]
    some: SearchStrategy[Folded] = st.sampled_from([part for part in every if _adds_up(part, numbers)])
    parts = draw(st.lists(some | st.just(Folded(How.COUNT)), min_size=1, max_size=4))
    fold = Fold(keys=draw(st.integers(0, len(grouped))), aggregates=tuple(parts))
    return Plan(cls=Feedback, where=draw(conditions()), keys=tuple(grouped), aggregates=tuple(numbers), fold=fold)


class Folds(Suite):
    """Tests of `aggregate` with a fold."""

    def test_groups_are_added_up_once_more(self, store: Store) -> None:
        """Each group of the first keys has the numbers of the groups of all keys, one without a value left out."""
        cases = [("a", 0, 5), ("a", 0, 7), ("a", 1, -2), ("a", 2, None), ("b", 0, None)]
        put(
            store,
            *(
                sample(Interaction, n, channel=channel, customer=sample_id(customer), amount=amount)
                for n, (channel, customer, amount) in enumerate(cases)
            ),
        )
        assert list(store.aggregate("main", BY_CHANNEL)) == [
            Group(("a",), (3, 2, 4, 10, 1, -2, 2, 12, 6, 12**2 + 2**2)),
            Group(("b",), (1, 0, 1, None, 1, None, 1, None, 1, None)),
        ]

    def test_a_fold_that_keeps_no_key_always_gives_one_group(self, store: Store) -> None:
        """Over no groups the count is 0 and the other numbers None."""
        numbers = (Folded(How.COUNT), Folded(How.SUM, 1), Folded(How.SQUARES, 1))
        plan = evolve(BY_CHANNEL, fold=Fold(keys=0, aggregates=numbers))
        assert list(store.aggregate("main", plan)) == [Group((), (0, None, None))]
        assert list(store.aggregate("main", BY_CHANNEL)) == []

    @pytest.mark.parametrize("amount", [2**63 - 1, -(2**63), 2**54, 2**53 + 1, -(2**47) - 1, 3_037_000_500, -1])
    def test_squares_are_exact_beyond_64_bits(self, store: Store, amount: int) -> None:
        """Sums of squares neither overflow nor lose their last digits in a floating number."""
        put(
            store,
            *(sample(Interaction, n, channel="a", customer=sample_id(n % 2), amount=amount) for n in range(4)),
            sample(Interaction, 4, channel="a", customer=sample_id(2), amount=3),
        )
        (group,) = store.aggregate("main", BY_CHANNEL)
        assert group.values[-1] == 2 * (2 * amount) ** 2 + 9

    @drawn(0.5)
    @given(st.lists(st.tuples(st.integers(0, 2), INTEGERS | st.integers(-(2**34), 2**34)), min_size=1, max_size=9))
    def test_any_sum_of_squares_is_exact(self, store: Store, cases: list[tuple[int, int]]) -> None:
        """Drawn amounts of all sizes give what Python's integers say."""
        space = fresh_space()
        rows = [
            sample(Interaction, n, space=space, channel="a", customer=sample_id(customer), amount=amount)
            for n, (customer, amount) in enumerate(cases)
        ]
        put(store, *rows)
        sums = {each: sum(amount for customer, amount in cases if customer == each) for each, _ in cases}
        (group,) = store.aggregate(space, BY_CHANNEL)
        assert group.values[-1] == sum(value * value for value in sums.values())

    @drawn()
    @given(st.data(), plans())
    def test_any_fold_adds_up_like_its_rows(self, store: Store, data: st.DataObject, plan: Plan) -> None:
        """Drawn folds over drawn items give what folding the groups of the encoded rows gives."""
        space = fresh_space()
        items = data.draw(feedback(space=space))
        put(store, *items)
        assert list(store.aggregate(space, plan)) == aggregate(encoded(items), plan)

    @pytest.mark.parametrize("plan", FAULTS, ids=lambda plan: repr((plan.fold, plan.aggregates))[:90])
    def test_a_fold_that_cannot_be_meant_is_refused(self, store: Store, plan: Plan) -> None:
        """Keys and aggregates that are not there, sums of times, and squares of rows are refused, also over no rows."""
        with pytest.raises(InvalidValue):
            store.aggregate("main", plan)
