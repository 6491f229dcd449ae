"""What customers have spent: amounts of one currency added up, other currencies by a rate table or not at all."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from attrs import frozen

from clientloop.errors import InvalidValue
from clientloop.model.money import EXPONENTS, Money

#: How many units of the one currency a unit of each other one is worth: `{"USD": Fraction("0.92")}`.
Rates = Mapping[str, Fraction | int]


@frozen(kw_only=True)
class Revenue:
    """An amount in one currency, and what is not in it."""

    #: What was bought less what was returned.
    total: Money
    #: Amounts of other currencies that no rate was given for; they are not in the total.
    left_out: tuple[Money, ...] = ()


def add_up(amounts: Iterable[Money], currency: str, rates: Rates | None = None) -> Revenue:
    """Add amounts up in one currency.

    Args:
        amounts: The amounts, negative for what was given back.
        currency: ISO 4217 code of the currency of the total.
        rates: What a unit of each other currency is worth in it, exact.

    Returns:
        The total, rounded once at the end, half to even; and the amounts of each currency without a rate.

    Raises:
        InvalidValue: A rate is no exact number of more than nothing.

    >>> spent = add_up([Money(1000, "EUR"), Money(500, "JPY"), Money(200, "USD")], "EUR", {"JPY": Fraction(6, 1000)})
    >>> print(spent.total, *spent.left_out)
    13.00 EUR 2.00 USD
    """
    by_currency: dict[str, int] = {}
    for amount in amounts:
        by_currency[amount.currency] = by_currency.get(amount.currency, 0) + amount.minor
    known = factors(currency, rates or {})
    total = sum((minor * known[name] for name, minor in by_currency.items() if name in known), start=Fraction(0))
    left_out = tuple(Money.stored(by_currency[name], name) for name in sorted(by_currency) if name not in known)
    return Revenue(total=Money.stored(round(total), currency), left_out=left_out)


def factors(currency: str, rates: Rates) -> Mapping[str, Fraction]:
    """By what minor units of each currency are multiplied to be those of one currency.

    Args:
        currency: ISO 4217 code of the one currency, which is among them.
        rates: What a unit of each other currency is worth in it, exact.

    Raises:
        InvalidValue: A rate is no exact number of more than nothing.

    >>> {name: str(factor) for name, factor in factors("EUR", {"JPY": Fraction(6, 1000)}).items()}
    {'JPY': '3/5', 'EUR': '1'}
    """
    exact = {name: _exact(name, rate) * _minor_units(currency, name) for name, rate in rates.items()}
    return exact | {currency: Fraction(1)}


def _exact(name: str, rate: Fraction | int) -> Fraction:
    if type(rate) not in {int, Fraction} or rate <= 0:
        raise InvalidValue(f"{rate!r:.40} is no rate of {name}", hint='give an exact number, as Fraction("0.92")')
    return Fraction(rate)


def _minor_units(to: str, of: str) -> Fraction:
    """How many minor units of one currency there are for each of the other, were both worth the same."""
    return Fraction(10) ** (EXPONENTS.get(to, 2) - EXPONENTS.get(of, 2))
