"""Groups added up once more: those of a fold, and those that have become one.

None is left out of every number. Numbers of parts join to the number of the whole, whichever way it was parted.
"""

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar

from attrs import evolve, frozen

from clientloop.model.codec import Codec, Kind
from clientloop.model.page import order_key
from clientloop.model.plan import Folded, Group, How, Key, Plan
from clientloop.model.record import Record, record_of
from clientloop.model.units import Row

T = TypeVar("T")


@frozen
class Rule:
    """How one kind of number adds up."""

    #: What the number of nothing is.
    nothing: int | None
    #: What a single value counts as.
    one: Callable[[int], int]
    #: The number of two parts together.
    join: Callable[[int, int], int]
    #: Types of the fields it takes; empty for all.
    types: frozenset[type]


_AMOUNTS = frozenset[type]({int, bool, timedelta})

RULES: Mapping[How, Rule] = {
    How.COUNT: Rule(0, lambda _: 1, operator.add, frozenset()),
    How.SUM: Rule(None, lambda value: value, operator.add, _AMOUNTS),
    How.MIN: Rule(None, lambda value: value, min, _AMOUNTS | {datetime}),
    How.MAX: Rule(None, lambda value: value, max, _AMOUNTS | {datetime}),
    How.SQUARES: Rule(None, lambda value: value * value, operator.add, _AMOUNTS),
}


def fold(groups: Iterable[Group], plan: Plan) -> list[Group]:
    """Add groups up once more, as the plan's fold declares.

    Args:
        groups: What the plan gives without its fold, in any order, each group once.
        plan: A plan that was checked; without a fold, the groups are sorted and no more.

    Returns:
        The groups of the fold, sorted by their encoded keys; without keys exactly one.

    >>> from clientloop.model.interactions import Interaction
    >>> from clientloop.model.plan import Fold
    >>> plan = Plan(cls=Interaction, keys=(Key("channel"), Key("customer")), fold=Fold(keys=1))
    >>> fold([Group(("web", None), (1,)), Group(("shop", None), (5,))], plan)
    [Group(keys=('shop',), values=(1,)), Group(keys=('web',), values=(1,))]
    """
    return sorted_groups(plan, folded(dict(_encoded(groups, plan)), plan))


def merged(groups: Iterable[Group], plan: Plan) -> list[Group]:
    """Make one group of those with equal keys, as if their rows had been of one.

    Args:
        groups: What the plan gives without its fold, in any order, with keys that were changed since.
        plan: A plan that was checked; its fold is left to `fold`.

    Returns:
        The groups, sorted by their encoded keys; without keys exactly one.

    >>> from clientloop.model.interactions import Interaction
    >>> merged([Group(("shop",), (5,)), Group(("shop",), (1,))], Plan(cls=Interaction, keys=(Key("channel"),)))
    [Group(keys=('shop',), values=(6,))]
    """
    plain = evolve(plan, fold=None)
    hows = [part.how for part in plain.aggregates]
    return sorted_groups(plain, joined(_encoded(groups, plain), hows, keyed=bool(plain.keys)))


def joined(
    parts: Iterable[tuple[Row, Sequence[int | None]]], hows: Sequence[How], *, keyed: bool
) -> dict[Row, list[int | None]]:
    """The numbers of all parts with the same key together.

    Args:
        parts: Key and numbers of each part.
        hows: How each number adds up.
        keyed: Whether there are keys; without them there is one group, also of no parts.
    """
    nothing = [RULES[how].nothing for how in hows]
    joins = [RULES[how].join for how in hows]
    totals: dict[Row, list[int | None]] = {} if keyed else {(): nothing[:]}
    for key, values in parts:
        total = totals.get(key)
        if total is None:
            total = totals[key] = nothing[:]
        for place, value in enumerate(values):
            if value is not None:
                before = total[place]
                total[place] = value if before is None else joins[place](before, value)
    return totals


def folded(groups: Mapping[Row, Sequence[int | None]], plan: Plan) -> Mapping[Row, Sequence[int | None]]:
    """The groups of the plan's fold, by encoded keys as those of the plan itself; these if it has none."""
    if plan.fold is None:
        return groups
    width, parts = plan.fold.keys, plan.fold.aggregates
    readers = [_reader(part) for part in parts]
    taken = ((key[:width], [read(values) for read in readers]) for key, values in groups.items())
    return joined(taken, [part.how for part in parts], keyed=width > 0)


def sorted_groups(plan: Plan, groups: Mapping[Row, Sequence[int | None]]) -> list[Group]:
    """Groups by encoded keys as the plan gives them: sorted, with the keys as the fields hold them."""
    record = record_of(plan.cls)
    decoders = [_codec(record, key).decode or _same for key in kept_keys(plan)]
    return [
        Group(tuple([decode(value) for decode, value in zip(decoders, key, strict=True)]), tuple(groups[key]))
        for key in sorted(groups, key=order_key)
    ]


def kept_keys(plan: Plan) -> tuple[Key, ...]:
    """The keys of the groups that a plan gives."""
    return plan.keys if plan.fold is None else plan.keys[: plan.fold.keys]


def _encoded(groups: Iterable[Group], plan: Plan) -> Iterator[tuple[Row, Sequence[int | None]]]:
    record = record_of(plan.cls)
    encoders = [_codec(record, key).encode for key in plan.keys]
    for group in groups:
        yield tuple([encode(value) for encode, value in zip(encoders, group.keys, strict=True)]), group.values


def _reader(part: Folded) -> Callable[[Sequence[int | None]], int | None]:
    """Reads what a group counts as in one number of a fold."""
    one, place = RULES[part.how].one, part.of
    if place is None:
        return lambda _: 1

    def read(values: Sequence[int | None]) -> int | None:
        value = values[place]
        return None if value is None else one(value)

    return read


def _codec(record: Record, key: Key) -> Codec:
    return record.column(key.field).codec if key.bucket is None else _DAY


def _same(value: T) -> T:
    return value


#: The first days of spans, which are no column's values.
_DAY = Codec(Kind.TEXT, _same, None, date)
