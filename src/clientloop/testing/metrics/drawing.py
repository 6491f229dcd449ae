"""Draws records that a metric may add up: with what its conditions ask for, and with what they leave out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import Enum
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from clientloop.model.plan import Plan
from clientloop.model.record import Column, record_of
from clientloop.model.where import AnyOf, Compare, Every, Not, Where
from clientloop.testing.samples import SAMPLE_TIME, Fields, sample, sample_id

#: How many records of a class are drawn at most.
_MOST = 8

#: Number of the first: far from those that authors give theirs.
_FIRST = 100_000

#: How much likelier a field holds what a condition asks for than anything else: most have to meet several at once.
_LIKELIER = 4

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
    fields = {
        name: st.sampled_from(values[name] if name in values else _pool(record.columns[name], asked.get(name, [])))
        for name in sorted(names)
    }
    drawn: SearchStrategy[list[Fields]] = st.lists(st.fixed_dictionaries(fields), max_size=_MOST)
    return drawn.map(lambda found: [sample(cls, number, **each) for number, each in enumerate(found, _FIRST)])


def _pool(column: Column, asked: Sequence[object]) -> list[object]:
    """What a field holds: mostly what is asked for."""
    value_type = column.codec.value_type
    near = [value for one in asked for value in _around(one)]
    others = list(value_type) if issubclass(value_type, Enum) else list(_OTHERS[value_type])
    rest = [*others, None] if column.codec.holds_none else others
    return [*near * (_LIKELIER * len(rest) // max(len(near), 1)), *rest]


def _around(value: object) -> Iterator[object]:
    yield value
    if isinstance(value, datetime):
        yield value - _HOUR
        yield value + _HOUR


def _asked(where: Where) -> Iterator[tuple[str, object]]:
    """The fields and values that a condition compares."""
    match where:
        case Compare(name, _, value):
            yield name, value
        case Every(parts) | AnyOf(parts):
            for part in parts:
                yield from _asked(part)
        case Not(part):
            yield from _asked(part)
        case _:
            return
