"""Several plans answered by one, and its answer taken apart again: a scan that serves many is paid for once.

Plans over one record are put together where their groups have the same keys, and where the same parts of their
conditions let an index find rows, so that none is made to read what it could have passed over. The fused plan takes the
rows of any of them; each number takes those of its own plan, and for each plan a count tells which groups have any. Of
folds, those over the same groups go together, and a plan without a fold goes with any of them: the numbers of groups
add up to the number of their rows.
"""

import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import reduce
from itertools import chain
from typing import TypeVar

from attrs import evolve, field, frozen

from clientloop.model.plan import Aggregate, Fold, Folded, Group, How, Key, Plan
from clientloop.model.record import record_of
from clientloop.model.where import ALL, AnyOf, Compare, Where
from clientloop.rules.measures.aggregation import aggregate
from clientloop.rules.measures.folding import kept_keys
from clientloop.rules.measures.narrowing import conjuncts, narrowing, period

T = TypeVar("T")

_ROWS = Aggregate(How.COUNT)

#: How the numbers of groups add up to the number of their rows.
_OVER_GROUPS: Mapping[How, How] = {How.COUNT: How.SUM, How.SUM: How.SUM, How.MIN: How.MIN, How.MAX: How.MAX}

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
    >>> from clientloop.model.plan import Bucket, Key
    >>> customer, month = Key("customer"), Key("occurred_at", Bucket.MONTH)
    >>> sales = Plan(cls=Interaction, keys=(customer,), aggregates=(Aggregate(How.SUM, "amount"),))
    >>> [fused] = fuse({"sales": sales, "months": Plan(cls=Interaction, keys=(customer, month), fold=Fold(keys=1))})
    >>> fused.plan.keys == (customer, month), fused.places
    (True, {'months': (0, 1), 'sales': (0, 2)})
    """
    return [_fused({name: plans[name] for name in names}) for names in _companions(plans)]


def apart(fused: Fused, groups: Sequence[Group]) -> Mapping[str, Sequence[Group]]:
    """The answer of each plan, from that of the fused one.

    Args:
        fused: What was asked.
        groups: The answer.
    """
    return {name: _part(plan, fused.places[name], groups) for name, plan in fused.parts.items()}


def _part(plan: Plan, places: Sequence[int], groups: Sequence[Group]) -> Sequence[Group]:
    if not places:
        return groups
    count, *numbers = places
    own = [
        Group(group.keys, tuple([group.values[place] for place in numbers])) for group in groups if group.values[count]
    ]
    return own or aggregate((), plan)


def _companions(plans: Mapping[str, Plan]) -> Iterator[Sequence[str]]:
    """The names of the plans that go together, those with folds first, for the others have the choice."""
    alike: dict[object, dict[object, list[str]]] = {}
    for name, plan in sorted(plans.items(), key=lambda item: item[1].fold is None):
        found_by = narrowing(record_of(plan.cls), plan.where)
        together = alike.setdefault((plan.cls, kept_keys(plan), found_by) if _separable(plan) else name, {})
        groups = next(iter(together), plan.keys) if plan.fold is None else plan.keys
        together.setdefault(groups, []).append(name)
    return chain.from_iterable(together.values() for together in alike.values())


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
    kept = kept_keys(first)
    folded = [plan for plan in parts.values() if plan.fold is not None]
    scan = _Scan(folded=bool(folded))
    places = {name: scan.take(plan, own[name]) for name, plan in parts.items()}
    plan = Plan(
        cls=first.cls,
        where=_every(shared) & _any(own.values()),
        keys=(*kept, *(_needed(key, folded) for key in folded[0].keys[len(kept) :])) if folded else kept,
        aggregates=tuple(scan.numbers),
        fold=Fold(keys=len(kept), aggregates=tuple(scan.over)) if folded else None,
    )
    return Fused(plan=plan, parts=parts, places=places)


def _needed(key: Key, folded: Sequence[Plan]) -> Key:
    """A key that is folded away, as far as the folds need it: rows of others shall not make groups of their own."""
    if key.bucket is None:
        return key
    periods = [period(plan.where, key.field) for plan in folded]
    begins = [since for since, _ in periods if since is not None]
    ends = [until for _, until in periods if until is not None]
    if len(begins) == len(periods) and key.since is None:
        key = evolve(key, since=min(begins))
    if len(ends) == len(periods) and key.until is None:
        key = evolve(key, until=max(ends))
    return key


@frozen(kw_only=True)
class _Scan:
    """What is added up for all, each number once."""

    #: Whether the groups are added up once more.
    folded: bool
    #: The numbers of the groups.
    numbers: list[Aggregate] = field(factory=list)
    #: And of those added up.
    over: list[Folded] = field(factory=list)

    def take(self, plan: Plan, where: Where) -> Sequence[int]:
        """Take another plan in, whose rows are those of a condition; gives its places."""
        rows = self._number(_ROWS, where)
        numbers = [self._number(part, where) for part in plan.aggregates]
        if not self.folded:
            return (rows, *numbers)
        if plan.fold is None:
            over = [Folded(_OVER_GROUPS[part.how], of) for part, of in zip(plan.aggregates, numbers, strict=True)]
        else:
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
