"""Which sign the money has of what is bought, and of what comes back."""

from collections.abc import Mapping

from clientloop.errors import InvalidValue
from clientloop.model.interactions import InteractionKind
from clientloop.model.money import Money

#: What money is multiplied by so that it is none below zero; of other kinds it has any sign.
_SIGNS: Mapping[InteractionKind, int] = {InteractionKind.PURCHASE: 1, InteractionKind.RETURN: -1}


def traded(*amounts: Money | None) -> InteractionKind:
    """What money was for that somebody has written down: a return, if any of it is below zero.

    >>> traded(Money(-500, "EUR"), None).value
    'return'
    """
    is_return = any(amount is not None and amount.minor < 0 for amount in amounts)
    return InteractionKind.RETURN if is_return else InteractionKind.PURCHASE


def check_signs(kind: InteractionKind, *amounts: Money | None) -> None:
    """Refuse money that would count against what its kind says: a return that raises what was sold.

    Args:
        kind: What happened.
        amounts: What changed hands for it, and what it had cost.

    Raises:
        InvalidValue: A purchase is below zero, or a return above.

    >>> check_signs(InteractionKind.RETURN, Money(500, "EUR"))
    Traceback (most recent call last):
    clientloop.errors.InvalidValue: a return of 5.00 EUR: give the money of a purchase above zero, of a return below
    """
    sign = _SIGNS.get(kind)
    for amount in amounts:
        if sign is not None and amount is not None and amount.minor * sign < 0:
            raise InvalidValue(
                f"a {kind.value} of {amount}",
                hint="give the money of a purchase above zero, of a return below",
            )
