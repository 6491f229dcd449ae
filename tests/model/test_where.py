"""The condition language, and its meaning in Python."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.feedback import Feedback
from clientloop.model.record import record_of
from clientloop.model.where import (
    ALL,
    AnyOf,
    Compare,
    Contains,
    Every,
    IsNone,
    Not,
    Operator,
    Where,
    ascii_lower,
    compile_test,
    contains,
    eq,
    equalities,
    ge,
    gt,
    le,
    lt,
    ne,
    one_of,
)
from clientloop.testing import SAMPLE_TIME, sample
from clientloop.testing.stores.strategies import WORLD, conditions, feedback

RECORD = record_of(Feedback)
NEVER = AnyOf(())


def holds(where: Where, item: Feedback) -> bool:
    """Whether an item satisfies a condition."""
    return compile_test(where, RECORD)(RECORD.encode(item))


def meant(where: Where, item: Feedback) -> bool:
    """The same, written once more over the fields themselves."""
    match where:
        case IsNone(name):
            return getattr(item, name) is None
        case Contains(name, part):
            held = getattr(item, name)
            return held is not None and part.encode().lower() in held.encode().lower()  # bytes fold ASCII only
        case Every(parts):
            return all(meant(part, item) for part in parts)
        case AnyOf(parts):
            return any(meant(part, item) for part in parts)
        case Not(part):
            return not meant(part, item)
        case Compare(name, how, value):
            held = getattr(item, name)
            return (
                held is not None
                and {
                    Operator.EQ: lambda: held == value,
                    Operator.NE: lambda: held != value,
                    Operator.LT: lambda: held < value,
                    Operator.LE: lambda: held <= value,
                    Operator.GT: lambda: held > value,
                    Operator.GE: lambda: held >= value,
                }[how]()
            )
    raise AssertionError(where)


#: Fields whose values compare as they are stored; structures are compared as text.
PLAIN = {"late"}


@given(feedback(space="main"), conditions())
def test_a_condition_means_what_it_says(items: list[Feedback], where: Where) -> None:
    """Over encoded rows a condition holds exactly where it holds over the fields themselves."""
    if not where.fields() & PLAIN:
        assert [holds(where, item) for item in items] == [meant(where, item) for item in items]


@given(feedback(space="main"), conditions(), conditions())
def test_conditions_combine_like_truths(items: list[Feedback], first: Where, second: Where) -> None:
    """`&`, `|` and `~` are and, or and not, with nothing between true and false."""
    for item in items:
        one, two = holds(first, item), holds(second, item)
        assert holds(first & second, item) == (one and two)
        assert holds(first | second, item) == (one or two)
        assert holds(~first, item) == (not one)
        assert holds(~(first & second), item) == holds(~first | ~second, item)


@given(conditions(), conditions())
def test_a_condition_names_its_fields(first: Where, second: Where) -> None:
    """The fields of a combination are those of its parts."""
    assert (first & second).fields() == (first | ~second).fields() == first.fields() | second.fields()
    assert first.fields() <= WORLD.keys()


@given(feedback(space="main"), conditions())
def test_what_is_pinned_holds(items: list[Feedback], where: Where) -> None:
    """Every item that satisfies a condition has the values that `equalities` reads from it."""
    pinned = equalities(where)
    for item in items:
        if holds(where, item):
            assert all(meant(eq(name, value), item) for name, value in pinned.items())


def test_only_what_must_hold_is_pinned() -> None:
    """Equalities under or, not, and other comparisons pin nothing; None is pinned too."""
    assert equalities(eq("kind", "idea") & eq("owner", None) & lt("rating", 5)) == {"kind": "idea", "owner": None}
    assert equalities(eq("kind", "idea")) == {"kind": "idea"}
    assert equalities(eq("kind", "idea") | eq("kind", "praise")) == {}
    assert equalities(~eq("kind", "idea")) == {}
    assert equalities(ALL) == {}


def test_and_or_stay_flat() -> None:
    """Chains become one node, so that long filters do not nest; ALL leaves no trace in an and."""
    a, b, c = eq("kind", "a"), eq("kind", "b"), eq("kind", "c")
    assert (a & b) & c == a & (b & c) == Every((a, b, c))
    assert (a | b) | c == a | (b | c) == AnyOf((a, b, c))
    assert ALL & a == a & ALL == a
    assert ALL & ALL == ALL
    assert a & (b | c) == Every((a, AnyOf((b, c))))


def test_the_short_forms_are_what_they_abbreviate() -> None:
    """Equality with None asks for nothing, its opposite for something, and a choice is an or."""
    assert eq("owner", None) == IsNone("owner")
    assert ne("owner", None) == Not(IsNone("owner"))
    assert ne("owner", "anna") == Not(Compare("owner", Operator.EQ, "anna"))
    assert one_of("owner", ["anna", None]) == AnyOf((eq("owner", "anna"), IsNone("owner")))
    assert one_of("owner", []) == NEVER
    assert contains("owner", "a") == Contains("owner", "a")
    operators = [
        part.operator for part in (lt("x", 1), le("x", 1), gt("x", 1), ge("x", 1)) if isinstance(part, Compare)
    ]
    assert operators == [Operator.LT, Operator.LE, Operator.GT, Operator.GE]


@pytest.mark.parametrize("compare", [lt, le, gt, ge])
def test_none_is_compared_with_nothing(compare: Callable[[str, object], Where]) -> None:
    """Asking whether a field is less or more than None is refused where it is written."""
    with pytest.raises(InvalidValue, match="None"):
        compare("due", None)


def test_a_field_without_a_value_satisfies_no_comparison() -> None:
    """Neither less nor more nor another: what stands for None in the row is no value."""
    item = sample(Feedback, due=None, owner=None, rating=None)
    for name, value in (("due", SAMPLE_TIME), ("owner", "anna"), ("rating", 5)):
        for how in Operator:
            assert not holds(Compare(name, how, value), item)
        assert holds(ne(name, value), item)
        assert holds(eq(name, None), item)


@pytest.mark.parametrize(
    ("where", "error"),
    [
        (eq("knd", "idea"), UnknownName),
        (IsNone("knd"), UnknownName),
        (contains("knd", ""), UnknownName),
        (~(ALL & (eq("kind", "idea") | eq("knd", 1))), UnknownName),
        (eq("kind", 5), InvalidValue),
        (eq("due", SAMPLE_TIME.replace(tzinfo=None)), InvalidValue),
        (contains("rating", "5"), InvalidValue),
        (contains("kind", "\0"), InvalidValue),
        (Every(("kind",)), InvalidValue),  # type: ignore[arg-type]  # the fault
    ],
    ids=str,
)
def test_a_condition_is_checked_when_it_is_compiled(where: Where, error: type[Exception]) -> None:
    """Unknown fields and unfit values are refused before any row is read, wherever in the condition they stand."""
    with pytest.raises(error):
        compile_test(where, RECORD)


@given(st.text())
def test_only_ascii_letters_are_folded(text: str) -> None:
    """`ascii_lower` does to text what lowering its bytes does in every database."""
    assert ascii_lower(text).encode("utf-8", "surrogatepass") == text.encode("utf-8", "surrogatepass").lower()
