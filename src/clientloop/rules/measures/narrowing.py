"""Which parts of a condition let an index find rows, where the others can only be tried on each."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from clientloop.model.record import Index, Record
from clientloop.model.where import AnyOf, Compare, Every, IsNone, Operator, Where

_RANGES = frozenset({Operator.LT, Operator.LE, Operator.GT, Operator.GE})


def conjuncts(where: Where) -> tuple[Where, ...]:
    """The parts that must all hold.

    >>> from clientloop.model.where import ALL, eq, lt
    >>> conjuncts(ALL), len(conjuncts(eq("kind", "call") & lt("amount", 5)))
    ((), 2)
    """
    return where.parts if isinstance(where, Every) else (where,)


def narrowing(record: Record, where: Where) -> frozenset[Where]:
    """The parts of a condition by which some index of the record finds rows.

    An index that only guards against doubles is good for a single row, all of whose columns are known.

    Args:
        record: Whose rows.
        where: The condition.

    >>> from clientloop.model.interactions import Interaction, InteractionKind
    >>> from clientloop.model.record import record_of
    >>> from clientloop.model.where import eq, lt
    >>> narrowing(record_of(Interaction), eq("channel", "shop") & eq("kind", InteractionKind.CALL))
    frozenset()
    >>> narrowing(record_of(Interaction), eq("customer", None) & eq("kind", InteractionKind.CALL))
    frozenset({IsNone(field='customer')})
    """
    parts = conjuncts(where)
    pinned = {name: part for part in parts if (name := _pinned(part)) is not None}
    ranged = [part for part in parts if isinstance(part, Compare) and part.operator in _RANGES]
    indexes = (*record.indexes, Index("key", record.key[1:], unique=True))
    return frozenset(part for index in indexes for part in _used(index, pinned, ranged))


def period(where: Where, name: str) -> tuple[datetime | None, datetime | None]:
    """From when on, and before when, a condition has the times of a field lie; None where it says nothing.

    Args:
        where: The condition.
        name: The field.

    >>> from datetime import UTC
    >>> from clientloop.model.where import ge
    >>> period(ge("due", datetime(2026, 1, 1, tzinfo=UTC)), "due")
    (datetime.datetime(2026, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), None)
    """
    bounds = [
        (part.operator, part.value)
        for part in conjuncts(where)
        if isinstance(part, Compare) and part.field == name and isinstance(part.value, datetime)
    ]
    since = [at for how, at in bounds if how in {Operator.GE, Operator.GT}]
    until = [at for how, at in bounds if how is Operator.LT]
    return max(since, default=None), min(until, default=None)


def _used(index: Index, pinned: Mapping[str, Where], ranged: Iterable[Compare]) -> Iterable[Where]:
    columns = iter(index.columns)
    used: list[Where] = []
    for name in columns:
        if name not in pinned:
            used += [part for part in ranged if part.field == name]
            break
        used.append(pinned[name])
    return () if index.unique and len(used) < len(index.columns) else used


def _pinned(part: Where) -> str | None:
    """The field that a part leaves one value to, or some."""
    match part:
        case Compare(name, Operator.EQ, _) | IsNone(name):
            return name
        case AnyOf(parts):
            names = {_pinned(inner) for inner in parts}
            return names.pop() if len(names) == 1 else None
        case _:
            return None
