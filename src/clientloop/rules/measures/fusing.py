"""Several plans answered by one, and its answer taken apart again: a scan that serves many is paid for once.

Plans over one record are put together where they group its rows by the same keys, fold them alike or not at all, and
where the same parts of their conditions let an index find rows, so that none is made to read what it could have passed
over. The fused plan takes the rows of any of them; each number takes those of its own plan, and for each plan a count
tells which groups have any.

A fold is not put together with plans over the groups that it keeps, though its groups could be added up to theirs: all
rows would be sorted by the keys that are folded away, which was measured to take longer than a second scan.
"""

import operator
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import reduce
from itertools import compress
from typing import TypeVar

from attrs import evolve, field, frozen

from clientloop.model.plan import Aggregate, Folded, Group, Groups, How, Plan
from clientloop.model.record import record_of
from clientloop.model.where import ALL, AnyOf, Compare, Where, ge, lt
from clientloop.rules.measures.aggregation import aggregate
from clientloop.rules.measures.narrowing import conjuncts, narrowing, period

T = TypeVar("T")

_ROWS = Aggregate(How.COUNT)

#: Types of fields that have a greatest value.
_ORDERED = frozenset[type]({int, bool, timedelta, datetime})


@frozen(kw_only=True)
class Fused:
    """A plan that answers several."""

    #: The plan.
    plan: Plan
    #: The several, by name.
    parts: Mapping[str, Plan]
    #: For each of them, where the answer has the count of its rows, then its numbers; empty for one that is alone.
    places: Mapping[str, Sequence[int]]


def fuse(plans: Mapping[str, Plan]) -> Sequence[Fused]:
    """Put plans together where one scan gives the same answers.

    Args:
        plans: The plans, checked, by names of the caller's choice.

    Returns:
        Plans that answer all of them; what cannot be put together stands alone, as it is.

    >>> from clientloop.model.interactions import Interaction
    >>> from clientloop.model.plan import Key
    >>> from clientloop.model.where import ge
    >>> sales = Plan(cls=Interaction, keys=(Key("customer"),), aggregates=(Aggregate(How.SUM, "amount"),))
    >>> [fused] = fuse({"sales": sales, "large": evolve(sales, where=ge("amount", 100_00))})
    >>> fused.plan.where == ALL, fused.places
    (True, {'sales': (0, 1), 'large': (2, 3)})
    """
    return [_fused({name: plans[name] for name in names}) for names in _companions(plans)]


def apart(fused: Fused, groups: Sequence[Group]) -> Mapping[str, Sequence[Group]]:
    """The answer of each plan, from that of the fused one.

    Args:
        fused: What was asked.
        groups: The answer.
    """
    every = Groups.of(groups)
    return {name: _part(plan, fused.places[name], every) for name, plan in fused.parts.items()}


def _part(plan: Plan, places: Sequence[int], groups: Groups) -> Sequence[Group]:
    if not places:
        return groups
    count, *numbers = places
    own = [values[count] for values in groups.values]
    taken = map(_picker(numbers), compress(groups.values, own))
    return Groups(list(compress(groups.keys, own)), list(taken)) or aggregate((), plan)


def _picker(places: Sequence[int]) -> Callable[[tuple[int | None, ...]], tuple[int | None, ...]]:
    """Takes some of the values of a group."""
    if len(places) > 1:
        return operator.itemgetter(*places)
    return lambda values: tuple([values[place] for place in places])


def _companions(plans: Mapping[str, Plan]) -> Iterable[Sequence[str]]:
    """The names of the plans that go together."""
    together: dict[object, list[str]] = {}
    for name, plan in plans.items():
        found_by = narrowing(record_of(plan.cls), plan.where)
        groups = (plan.cls, plan.keys, plan.fold and plan.fold.keys, found_by)
        together.setdefault(groups if _separable(plan) else name, []).append(name)
    return together.values()


def _separable(plan: Plan) -> bool:
    """Whether what a fold adds up can be told when there are groups of others among its own.

    Such a group has no rows, so all its numbers are None, but for counts: they are 0.
    """
    parts = () if plan.fold is None else plan.fold.aggregates
    counts = [part for part in parts if _is_of_count(plan, part)]
    return not any(part.how is How.MIN for part in counts) and (
        _witness(plan) is not None or not any(part.how is How.COUNT for part in counts)
    )


def _is_of_count(plan: Plan, part: Folded) -> bool:
    return part.of is None or plan.aggregates[part.of].how is How.COUNT


def _witness(plan: Plan) -> str | None:
    """A field with a greatest value that no row of the plan lacks."""
    columns = record_of(plan.cls).columns
    compared = [part.field for part in conjuncts(plan.where) if isinstance(part, Compare)]
    held = [name for name, column in columns.items() if not column.codec.holds_none]
    return next(
        (name for name in (*compared, *held) if name in columns and columns[name].codec.value_type in _ORDERED), None
    )


def _fused(parts: Mapping[str, Plan]) -> Fused:
    first, *others = parts.values()
    if not others:
        return Fused(plan=first, parts=parts, places=dict.fromkeys(parts, ()))
    shared = [part for part in conjuncts(first.where) if all(part in conjuncts(other.where) for other in others)]
    own = {name: _every(each for each in conjuncts(plan.where) if each not in shared) for name, plan in parts.items()}
    # follow from the rest, but say in which period spans are looked for
    periods = [_period(parts.values(), key.field) for key in first.keys if key.bucket is not None]
    scan = _Scan()
    places = {name: scan.take(plan, own[name]) for name, plan in parts.items()}
    plan = evolve(
        first,
        where=_every((*shared, *periods, _any(own.values()))),
        aggregates=tuple(scan.numbers),
        fold=first.fold and evolve(first.fold, aggregates=tuple(scan.over)),
    )
    return Fused(plan=plan, parts=parts, places=places)


def _period(plans: Collection[Plan], name: str) -> Where:
    """The time in which all rows of some plans lie, as far as each of them bounds it."""
    periods = [period(plan.where, name) for plan in plans]
    begins = [since for since, _ in periods if since is not None]
    ends = [until for _, until in periods if until is not None]
    since = ge(name, min(begins)) if len(begins) == len(plans) else ALL
    until = lt(name, max(ends)) if len(ends) == len(plans) else ALL
    return since & until


@frozen(kw_only=True)
class _Scan:
    """What is added up for all, each number once."""

    #: The numbers of the groups.
    numbers: list[Aggregate] = field(factory=list)
    #: And of those added up.
    over: list[Folded] = field(factory=list)

    def take(self, plan: Plan, where: Where) -> Sequence[int]:
        """Take another plan in, whose rows are those of a condition; gives its places."""
        rows = self._number(_ROWS, where)
        numbers = [self._number(part, where) for part in plan.aggregates]
        if plan.fold is None:
            return (rows, *numbers)
        over = [self._over(plan, part, numbers, where) for part in plan.fold.aggregates]
        return tuple([_place(self.over, part) for part in (Folded(How.SUM, rows), *over)])

    def _number(self, part: Aggregate, where: Where) -> int:
        return _place(self.numbers, evolve(part, where=where & part.where))

    def _over(self, plan: Plan, part: Folded, numbers: Sequence[int], where: Where) -> Folded:
        if part.how is How.COUNT and _is_of_count(plan, part):
            return Folded(How.COUNT, self._number(Aggregate(How.MAX, _witness(plan)), where))
        assert part.of is not None, "only a count goes without"
        return Folded(part.how, numbers[part.of])


def _place(numbers: list[T], number: T) -> int:
    if number not in numbers:
        numbers.append(number)
    return numbers.index(number)


def _every(parts: Iterable[Where]) -> Where:
    return reduce(operator.and_, parts, ALL)


def _any(parts: Iterable[Where]) -> Where:
    several = list(parts)
    return ALL if ALL in several else AnyOf(tuple(several))
