"""ABC: which customers bring most of what is measured, in exact numbers.

Customers are ordered by what they bring, the best first. Those who bring the first 80 percent of the whole are A, those
who bring the next 15 are B, the rest C; whoever crosses a border belongs to the better class.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import TypeVar
from uuid import UUID

from attrs import field, frozen

from clientloop.errors import InvalidValue
from clientloop.model.customers import CustomerClass

K = TypeVar("K", UUID, str, int)


def _check_shares(_: object, __: object, shares: Mapping[CustomerClass, int]) -> None:
    if list(shares) != list(CustomerClass) or min(shares.values()) < 0 or sum(shares.values()) != 100:
        raise InvalidValue("the shares of A, B and C are no three that make 100", hint="give such as 80, 15 and 5")


@frozen(kw_only=True)
class AbcRule:
    """How customers are parted into classes."""

    #: The share of the whole that each class brings, in percent, the best class first.
    shares: Mapping[CustomerClass, int] = field(
        factory=lambda: {CustomerClass.A: 80, CustomerClass.B: 15, CustomerClass.C: 5}, validator=_check_shares
    )


@frozen(kw_only=True)
class AbcPlace:
    """Where a customer stands among all, and so in which class: all that the class follows from."""

    #: What the customer brings: net of returns, and 0 where more came back than was bought.
    value: int
    #: What all customers who stand before bring together.
    before: int
    #: What all customers bring together.
    total: int
    #: The place, from 1.
    rank: int
    #: How many customers there are.
    of: int
    #: As of `AbcRule`.
    rule: AbcRule

    @property
    def customer_class(self) -> CustomerClass:
        """The class: the first whose border the customers before have not reached.

        >>> AbcPlace(value=30, before=79, total=120, rank=2, of=9, rule=AbcRule()).customer_class.value
        'A'
        """
        border = 0
        for customer_class, share in self.rule.shares.items():
            border += share
            if self.value and 100 * self.before < border * self.total:
                return customer_class
        return CustomerClass.C


class Ranking(Mapping[K, AbcPlace]):
    """The places of all customers, the best first; each is made when somebody looks, for of very many few are.

    Args:
        values: As of `abc`.
        rule: How customers are parted.
    """

    def __init__(self, values: Mapping[K, int], rule: AbcRule) -> None:
        """Put the customers in their order."""
        net = {customer: max(value, 0) for customer, value in values.items()}
        self._order: Sequence[K] = sorted(sorted(net), key=net.__getitem__, reverse=True)
        self._values = [net[customer] for customer in self._order]
        self._before = list(accumulate(self._values, initial=0))
        self._rule = rule

    def __getitem__(self, customer: K) -> AbcPlace:
        """The place of a customer."""
        return self._at(self._indices[customer])

    def __iter__(self) -> Iterator[K]:
        """The customers, the best first."""
        return iter(self._order)

    def __len__(self) -> int:
        """How many customers there are."""
        return len(self._order)

    def classes(self) -> Mapping[CustomerClass, Sequence[K]]:
        """The customers of each class: whoever stands further back is in no better one, so only borders are looked for.

        >>> {customer_class.value: customers for customer_class, customers in abc({1: 9, 2: 95}).classes().items()}
        {'A': [2], 'B': [1], 'C': []}
        """
        found: dict[CustomerClass, Sequence[K]] = {}
        begin = 0
        for customer_class in CustomerClass:
            end = bisect_right(
                range(len(self)), customer_class, begin, key=lambda index: self._at(index).customer_class
            )
            found[customer_class] = self._order[begin:end]
            begin = end
        return found

    @cached_property
    def _indices(self) -> Mapping[K, int]:
        return {customer: index for index, customer in enumerate(self._order)}

    def _at(self, index: int) -> AbcPlace:
        return AbcPlace(
            value=self._values[index],
            before=self._before[index],
            total=self._before[-1],
            rank=index + 1,
            of=len(self),
            rule=self._rule,
        )


def abc(values: Mapping[K, int], rule: AbcRule | None = None) -> Ranking[K]:
    """Part customers into classes by what they bring.

    Args:
        values: What each customer who bought anything brings, in whole units: minor units of one currency, pieces.
            Whoever bought nothing is not among them, and has no class.
        rule: How they are parted.

    Returns:
        The place of each, the best first; of those who bring the same, the least id stands first.

    >>> [place.customer_class.value for place in abc({1: 700, 2: 200, 3: 60, 4: 40, 5: -10}).values()]
    ['A', 'A', 'B', 'C', 'C']
    """
    return Ranking(values, rule or AbcRule())
