from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue
from clientloop.model.money import Money
from clientloop.rules.measures.revenue import Revenue, add_up

amounts = st.lists(st.builds(Money, st.integers(-(10**12), 10**12), st.sampled_from(["EUR", "USD", "JPY", "KWD"])))


def test_currencies_without_a_rate_are_left_out_and_named() -> None:
    """What cannot be converted is in no total, and each currency is named once."""
    money = [Money(1050, "EUR"), Money(700, "USD"), Money(-50, "EUR"), Money(5, "JPY"), Money(-100, "USD")]
    assert add_up(money, "EUR") == Revenue(total=Money(1000, "EUR"), left_out=(Money(5, "JPY"), Money(600, "USD")))


def test_a_rate_is_of_whole_units_whatever_their_decimal_places() -> None:
    """A hundred yen at 0.006 euros are 60 cents; a dinar has a thousand minor units."""
    assert add_up([Money(100, "JPY")], "EUR", {"JPY": Fraction(6, 1000)}).total == Money(60, "EUR")
    assert add_up([Money(1000, "KWD")], "EUR", {"KWD": 3}).total == Money(300, "EUR")
    assert add_up([Money(300, "EUR")], "JPY", {"EUR": 160}).total == Money(480, "JPY")


@given(amounts)
def test_adding_up_is_exact_in_any_order(money: list[Money]) -> None:
    """The total is rounded once, at the end: the order of amounts does not matter."""
    rates = {"USD": Fraction(92, 100), "JPY": Fraction(1, 163), "KWD": 3}
    worth = {"EUR": Fraction(1), "USD": rates["USD"], "JPY": rates["JPY"] * 100, "KWD": Fraction(3, 10)}
    found = add_up(money, "EUR", rates)
    assert found == add_up(money[::-1], "EUR", rates)
    assert found == Revenue(total=Money(round(sum(worth[each.currency] * each.minor for each in money)), "EUR"))


def test_of_no_amounts_the_revenue_is_nothing() -> None:
    """Nothing bought is zero of the currency asked for."""
    assert add_up([], "CHF") == Revenue(total=Money(0, "CHF"))


@pytest.mark.parametrize("rate", [0.92, 0, -1, True, "0.92"])
def test_a_rate_that_is_not_exact_is_refused(rate: object) -> None:
    """Floats and text would round where nobody sees it."""
    with pytest.raises(InvalidValue, match="no rate of USD"):
        add_up([Money(1, "USD")], "EUR", {"USD": rate})  # type: ignore[dict-item]  # the fault
