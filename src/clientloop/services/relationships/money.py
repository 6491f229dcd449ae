"""Sums of money in one currency: the rows in others are asked for apart, converted exactly and rounded once."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from math import lcm

from attrs import evolve, frozen

from clientloop.errors import InvalidValue
from clientloop.model.money import check_currency
from clientloop.model.plan import Aggregate, Folded, Group, How, Key, Plan
from clientloop.model.record import record_of
from clientloop.model.where import ne
from clientloop.rules.measures.revenue import Rates, factors

#: The field with the currency of a record's amounts.
CURRENCY = "currency"

#: The fields with amounts in that currency.
AMOUNTS = frozenset({"amount", "cost"})


def is_money(plan: Plan) -> bool:
    """Whether a plan adds amounts of money up."""
    return CURRENCY in record_of(plan.cls).columns and bool(_places(plan))


def counting_foreign(plan: Plan, currency: str) -> Plan:
    """A plan that also counts, as the last number of each group, its rows in other currencies than one.

    Args:
        plan: A plan that adds amounts up.
        currency: The one currency; an amount that names none is in it.
    """
    foreign = ne(CURRENCY, None) & ne(CURRENCY, currency)
    counted = evolve(plan, aggregates=(*plan.aggregates, Aggregate(How.COUNT, where=foreign)))
    if plan.fold is None:
        return counted
    total = Folded(How.SUM, of=len(plan.aggregates))
    return evolve(counted, fold=evolve(plan.fold, aggregates=(*plan.fold.aggregates, total)))


def by_currency(plan: Plan) -> Plan:
    """A plan without its fold, broken down by currencies."""
    return evolve(plan, keys=(*plan.keys, Key(CURRENCY)), fold=None)


def check_rates(names: Iterable[str], currency: str) -> None:
    """Refuse rates that nothing would be converted by.

    Args:
        names: The currencies that a rate is given of.
        currency: The currency of the space.

    Raises:
        InvalidValue: One has not the form of a currency, or is that of the space.
    """
    for name in names:
        check_currency(name)
        if name == currency:
            hint = f"amounts are added up in {currency}: give what a unit of each other currency is worth in it"
            raise InvalidValue(f"a rate of {name} in {currency}", hint=hint)


@frozen(kw_only=True)
class Exchange:
    """Makes amounts of all currencies whole numbers of one tiny unit, so that they add up exactly."""

    #: The currency that amounts end up in.
    currency: str
    #: How many tiny units a minor unit of each currency is worth.
    worth: Mapping[str, int]
    #: How many tiny units make one minor unit of the one currency.
    scale: int

    @classmethod
    def of(cls, currency: str, rates: Rates) -> "Exchange":
        """The exchange by a table of rates.

        Args:
            currency: ISO 4217 code of the currency that amounts end up in.
            rates: What a unit of each other currency is worth in it, exact.

        Raises:
            InvalidValue: A rate is no exact number of more than nothing.

        >>> Exchange.of("EUR", {"USD": Fraction("0.92")}).worth
        {'USD': 23, 'EUR': 25}
        """
        exact = factors(currency, rates)
        scale = lcm(*(factor.denominator for factor in exact.values()))
        return cls(currency=currency, worth={name: int(factor * scale) for name, factor in exact.items()}, scale=scale)

    def lacking(self, group: Group, plan: Plan) -> str | None:
        """The currency of a group of amounts, if there is no rate of it.

        Args:
            group: A group of `by_currency(plan)`.
            plan: The plan.
        """
        name = self._currency_of(group)
        return None if name in self.worth or all(group.values[place] is None for place in _places(plan)) else name

    def tiny(self, groups: Iterable[Group], plan: Plan) -> Iterator[Group]:
        """Groups in tiny units; those of different currencies then have equal keys.

        Args:
            groups: The groups of `by_currency(plan)`.
            plan: The plan; none of its groups is `lacking` a rate.
        """
        places = _places(plan)
        for group in groups:
            worth = self.worth.get(self._currency_of(group), 0)
            values = list(group.values)
            for place in places:
                amount = values[place]
                values[place] = None if amount is None else amount * worth
            yield Group(group.keys[:-1], tuple(values))

    def minor(self, groups: Iterable[Group], plan: Plan) -> Iterator[Group]:
        """Groups in tiny units as such in minor units of the currency, rounded once, half to even.

        Args:
            groups: The groups.
            plan: The plan.
        """
        places = _places(plan)
        for group in groups:
            values = list(group.values)
            for place in places:
                amount = values[place]
                values[place] = None if amount is None else round(Fraction(amount, self.scale))
            yield Group(group.keys, tuple(values))

    def _currency_of(self, group: Group) -> str:
        return str(group.keys[-1] or self.currency)


def _places(plan: Plan) -> tuple[int, ...]:
    """Which numbers of a plan's groups are amounts of money."""
    parts = enumerate(plan.aggregates)
    return tuple(place for place, part in parts if part.field in AMOUNTS and part.how is not How.COUNT)
