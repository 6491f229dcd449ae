"""Conditions: two truth values, on every store the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import ClientLoopError, InvalidValue, UnknownName
from clientloop.model.feedback import Feedback, Outcome, Priority
from clientloop.model.plan import Group, Plan
from clientloop.model.record import record_of
from clientloop.model.where import (
    ALL,
    AnyOf,
    Compare,
    Every,
    IsNone,
    Not,
    Operator,
    Where,
    compile_test,
    contains,
    eq,
    ge,
    gt,
    le,
    lt,
    ne,
    one_of,
)
from clientloop.ports.store import Store
from clientloop.testing.examples import drawn
from clientloop.testing.samples import SAMPLE_TIME, sample, sample_id
from clientloop.testing.stores.kit import Suite, fresh_space, in_order, put
from clientloop.testing.stores.pages import ORDERS_OF_FEEDBACK
from clientloop.testing.stores.strategies import conditions, feedback

ITEMS = (
    sample(Feedback, 0, kind="idea", is_open=False),
    sample(Feedback, 1, kind="praise", owner="anna", due=SAMPLE_TIME, rating=5, reply_to="Anna%x\\ÉÖ"),
    sample(Feedback, 2, kind="idea", owner="Bert", due=SAMPLE_TIME.replace(year=2027), rating=-1, reply_to="anna_y"),
)

#: Conditions, and which of the items satisfy them.
TRUTHS: list[tuple[Where, set[int]]] = [
    (ALL, {0, 1, 2}),
    (Every(()), {0, 1, 2}),
    (AnyOf(()), set()),
    (Not(AnyOf(())), {0, 1, 2}),
    (Not(ALL), set()),
    # of a field that may be NULL
    (eq("rating", 5), {1}),
    (ne("rating", 5), {0, 2}),
    (Compare("rating", Operator.NE, 5), {2}),
    (~Compare("rating", Operator.NE, 5), {0, 1}),
    (lt("rating", 5), {2}),
    (~lt("rating", 5), {0, 1}),
    (le("rating", 5), {1, 2}),
    (gt("rating", -1), {1}),
    (ge("rating", -1), {1, 2}),
    (~ge("rating", -1), {0}),
    (eq("rating", None), {0}),
    (ne("rating", None), {1, 2}),
    (~(eq("rating", 5) | eq("reply_to", "x")), {0, 2}),
    (~(lt("rating", 9) & lt("reply_to", "z")), {0}),
    (~~eq("rating", 5), {1}),
    # of a time for whose None another value stands
    (eq("due", None), {0}),
    (ne("due", None), {1, 2}),
    (gt("due", SAMPLE_TIME), {2}),
    (~gt("due", SAMPLE_TIME), {0, 1}),
    (ge("due", SAMPLE_TIME), {1, 2}),
    (lt("due", SAMPLE_TIME.replace(year=9999)), {1, 2}),
    (Compare("due", Operator.NE, SAMPLE_TIME), {2}),
    # of a name for whose None another value stands
    (eq("owner", None), {0}),
    (ne("owner", None), {1, 2}),
    (lt("owner", "anna"), {2}),
    (~le("owner", "anna"), {0}),
    (Compare("owner", Operator.NE, "anna"), {2}),
    (ge("owner", ""), {1, 2}),
    (eq("owner", ""), set()),
    (contains("owner", ""), {1, 2}),
    # of fields that are never None
    (IsNone("state"), set()),
    (IsNone("is_open"), set()),
    (~IsNone("state"), {0, 1, 2}),
    (eq("is_open", False), {0}),
    (eq("outcome", Outcome.OPEN) & eq("priority", Priority.NORMAL), {0, 1, 2}),
    (eq("id", sample_id(1)), {1}),
    (gt("id", sample_id(0)), {1, 2}),
    (one_of("kind", ["idea", "complaint"]), {0, 2}),
    (one_of("owner", [None, "anna"]), {0, 1}),
    (one_of("kind", []), set()),
    (eq("kind", "IDEA"), set()),
    # contains: no wildcards, the case of ASCII letters ignored, of others not
    (contains("reply_to", "ANNA"), {1, 2}),
    (contains("reply_to", "a%x"), {1}),
    (contains("reply_to", "a_y"), {2}),
    (contains("reply_to", "a_x"), set()),
    (contains("reply_to", "%"), {1}),
    (contains("reply_to", "_"), {2}),
    (contains("reply_to", "\\"), {1}),
    (contains("reply_to", "Éö"), set()),
    (contains("reply_to", "éÖ"), set()),
    (contains("reply_to", "ÉÖ"), {1}),
    (contains("reply_to", ""), {1, 2}),
    (~contains("reply_to", "anna"), {0}),
]

#: Conditions that are refused, each with its error.
FAULTS: list[tuple[Where, type[ClientLoopError]]] = [
    (eq("knd", "idea"), UnknownName),
    (IsNone("knd"), UnknownName),
    (contains("knd", "idea"), UnknownName),
    (ALL & ~(eq("kind", "idea") | eq("knd", "idea")), UnknownName),
    (eq("kind", 5), InvalidValue),
    (eq("rating", "5"), InvalidValue),
    (eq("rating", 2**63), InvalidValue),
    (eq("is_open", 1), InvalidValue),
    (eq("outcome", "open"), InvalidValue),
    (lt("due", SAMPLE_TIME.replace(tzinfo=None)), InvalidValue),
    (eq("kind", "\0"), InvalidValue),
    (contains("kind", "\0"), InvalidValue),
    (contains("kind", "\ud800"), InvalidValue),
    (contains("rating", "5"), InvalidValue),
]


class Conditions(Suite):
    """Tests of `where`."""

    @pytest.mark.parametrize(
        ("where", "numbers"), TRUTHS, ids=lambda value: None if isinstance(value, set) else str(value)
    )
    def test_a_condition_has_two_truth_values(self, store: Store, where: Where, numbers: set[int]) -> None:
        """A comparison with a field that is None is false, and its negation true, along whichever index it is read."""
        put(store, *ITEMS)
        expected = [sample_id(number) for number in sorted(numbers)]
        for order in ORDERS_OF_FEEDBACK:
            found = store.page(Feedback, "main", where=where, order=order)
            assert sorted(each.id for each in found) == expected
        assert store.aggregate("main", Plan(cls=Feedback, where=where)) == [Group((), (len(numbers),))]

    @pytest.mark.parametrize(("where", "error"), FAULTS, ids=str)
    def test_a_condition_that_cannot_be_meant_is_refused(
        self, store: Store, where: Where, error: type[ClientLoopError]
    ) -> None:
        """Unknown fields and values that do not fit are refused in pages and in plans, also where no row is."""
        with pytest.raises(error) as caught:
            store.page(Feedback, "main", where=where)
        assert caught.value.code == error.code
        with pytest.raises(error):
            store.aggregate("main", Plan(cls=Feedback, where=where))

    @drawn(2.0)
    @given(st.data(), conditions(), st.sampled_from(ORDERS_OF_FEEDBACK), st.booleans())
    def test_any_condition_selects_what_its_test_does(
        self, store: Store, data: st.DataObject, where: Where, order: str, descending: bool
    ) -> None:
        """Drawn conditions over drawn items select the rows for which `compile_test` holds, in every order."""
        space = fresh_space()
        items = data.draw(feedback(space=space))
        put(store, *items)
        record = record_of(Feedback)
        test = compile_test(where, record)
        expected = in_order(
            Feedback, [each for each in items if test(record.encode(each))], order, descending=descending
        )
        assert list(store.page(Feedback, space, where=where, order=order, descending=descending)) == expected

    def test_a_condition_may_have_many_parts(self, store: Store) -> None:
        """A choice among more than a thousand values, and as many parts that all must hold, are no trouble."""
        put(store, *ITEMS)
        kinds = [f"kind {number}" for number in range(1_500)]
        where = one_of("kind", [*kinds, "praise"]) & Every(tuple(ne("kind", kind) for kind in kinds))
        assert [each.id for each in store.page(Feedback, "main", where=where)] == [sample_id(1)]
