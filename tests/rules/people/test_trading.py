"""The sign of money: what is bought is above zero, what comes back below."""

import pytest

from clientloop.errors import InvalidValue
from clientloop.model.interactions import InteractionKind
from clientloop.model.money import Money
from clientloop.rules.people.trading import check_signs, traded


@pytest.mark.parametrize(
    ("minors", "kind"),
    [
        ((500, None), InteractionKind.PURCHASE),
        ((0, 0), InteractionKind.PURCHASE),
        ((-500, None), InteractionKind.RETURN),
        ((0, -300), InteractionKind.RETURN),
    ],
)
def test_money_below_zero_is_of_a_return(minors: tuple[int | None, ...], kind: InteractionKind) -> None:
    """Also where nothing was paid for it, and only what it had cost comes back."""
    money = [None if minor is None else Money(minor, "EUR") for minor in minors]
    assert traded(*money) is kind
    check_signs(kind, *money)


@pytest.mark.parametrize(
    ("kind", "minors"),
    [(InteractionKind.RETURN, (500,)), (InteractionKind.PURCHASE, (500, -300)), (InteractionKind.RETURN, (-500, 300))],
)
def test_money_that_counts_against_its_kind_is_refused(kind: InteractionKind, minors: tuple[int, ...]) -> None:
    """Of what was paid, and of what it had cost; other kinds have money of any sign."""
    money = [Money(minor, "EUR") for minor in minors]
    with pytest.raises(InvalidValue, match=f"a {kind.value} of"):
        check_signs(kind, *money)
    check_signs(InteractionKind.CALL, *money)
