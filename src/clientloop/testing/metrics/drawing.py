"""Draws records that a metric may add up: with what its conditions ask for, and with what they leave out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import Enum
from itertools import chain
from math import prod
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from clientloop.model.plan import Plan
from clientloop.model.record import Column, record_of
from clientloop.model.where import AnyOf, Compare, Every, IsNone, Not, Where
from clientloop.testing.samples import SAMPLE_TIME, Fields, sample, sample_id

#: How many records of a class are drawn at most.
_MOST = 5

#: Number of the first: far from those that authors give theirs.
_FIRST = 100_000

#: Up to here Hypothesis draws all numbers evenly.
_EVEN = 2**24

#: How much likelier a field holds what a condition asks for than anything else: most have to meet several at once.
_LIKELIER = 9

_HOUR = timedelta(hours=1)

#: What fields hold of which no condition speaks.
_OTHERS: Mapping[type, Sequence[object]] = {
    str: ("one", "two"),
    int: (-1, 0, 1, 2, 2**62),
    bool: (False, True),
    bytes: (b"one", b"two"),
    UUID: tuple(map(sample_id, range(3))),
    datetime: tuple(SAMPLE_TIME + hours * _HOUR for hours in range(3)),
    timedelta: (timedelta(0), _HOUR),
    date: (SAMPLE_TIME.date(),),
    dict: ({},),
    tuple: ((),),
}


def drawn_records(plans: Iterable[Plan], values: Mapping[str, Sequence[object]]) -> SearchStrategy[list[object]]:
    """Records of all classes that plans add up.

    Args:
        plans: The plans.
        values: What fields hold, by their names.
    """
    by_class: dict[type, list[Plan]] = {}
    for plan in plans:
        by_class.setdefault(plan.cls, []).append(plan)
    lists = [_of_class(cls, found, values) for cls, found in by_class.items()]
    return st.tuples(*lists).map(lambda parts: [record for part in parts for record in part])


def fields_of(plan: Plan) -> set[str]:
    """The fields that a plan speaks of."""
    added = {part.field for part in plan.aggregates if part.field is not None}
    asked = plan.where.fields().union(*(part.where.fields() for part in plan.aggregates))
    return {key.field for key in plan.keys} | added | asked | ({plan.at} if plan.at is not None else set())


def _of_class(cls: type, plans: Sequence[Plan], values: Mapping[str, Sequence[object]]) -> SearchStrategy[list[object]]:
    record = record_of(cls)
    names = set[str]().union(*map(fields_of, plans)) - {*record.key}
    asked: dict[str, list[object]] = {}
    for plan in plans:
        for where in (plan.where, *(part.where for part in plan.aggregates)):
            for name, value in _asked(where):
                asked.setdefault(name, []).append(value)
    pools = {
        name: values[name] if name in values else _pool(record.columns[name], asked.get(name, []))
        for name in sorted(names)
    }
    drawn = st.lists(_fields(pools), max_size=_MOST)
    return drawn.map(lambda found: [sample(cls, number, **each) for number, each in enumerate(found, _FIRST)])


def _fields(pools: Mapping[str, Sequence[object]]) -> SearchStrategy[Fields]:
    """A value for each field; several fields share a number that is drawn, which takes a third of the time."""
    shares: list[dict[str, Sequence[object]]] = [{}]
    for name, pool in pools.items():
        if prod(map(len, [*shares[-1].values(), pool])) > _EVEN:
            shares.append({})
        shares[-1][name] = pool
    numbers = st.tuples(*(st.integers(0, prod(map(len, share.values())) - 1) for share in shares))
    return numbers.map(lambda drawn: dict(chain.from_iterable(map(_picked, shares, drawn))))


def _picked(pools: Mapping[str, Sequence[object]], number: int) -> Iterator[tuple[str, object]]:
    """The value of each field that a number stands for, as a clock tells hours, minutes and seconds."""
    for name, pool in pools.items():
        number, place = divmod(number, len(pool))
        yield name, pool[place]


def _pool(column: Column, asked: Sequence[object]) -> list[object]:
    """What a field holds: mostly what is asked for."""
    value_type = column.codec.value_type
    others = list(value_type) if issubclass(value_type, Enum) else list(_OTHERS[value_type])
    near = [value for one in asked for value in (others if one is ... else _around(one))]
    rest = [*others, None] if column.codec.holds_none else others
    return [*near * (_LIKELIER * len(rest) // max(len(near), 1)), *rest]


def _around(value: object) -> Iterator[object]:
    yield value
    if isinstance(value, datetime):
        yield value - _HOUR
        yield value + _HOUR


def _asked(where: Where) -> Iterator[tuple[str, object]]:
    """The fields and values that a condition compares; an ellipsis stands for anything but None."""
    match where:
        case Compare(name, _, value):
            yield name, value
        case IsNone(name):
            yield name, None
        case Not(IsNone(name)):
            yield name, ...
        case Every(parts) | AnyOf(parts):
            for part in parts:
                yield from _asked(part)
        case Not(part):
            yield from _asked(part)
        case _:
            return
