"""What must be so of a space as a whole: what is unique is there once, and workers hear of what is due."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import reduce
from itertools import pairwise
from operator import and_
from typing import Any

from clientloop.model.plan import Fold, Folded, How, Key, Plan
from clientloop.model.record import Index, Record, record_of
from clientloop.model.schema import CLASSES
from clientloop.model.where import Where, ne
from clientloop.ports.store import Store
from clientloop.services.keeping.around import id_of
from clientloop.services.keeping.rules import RESTORE, Breach, Rule, breach_of

#: More spaces than any store holds.
ALL_SPACES = 10**9

#: How often the first thing that is due is looked for, while workers see to it.
_LOOKS = 5


def _repeated(store: Store, space: str, rule: Rule) -> Iterator[Breach]:
    for record in map(record_of, CLASSES):
        for index in record.indexes:
            if index.unique and _is_repeated(store, space, record, index):
                yield from _repeats(store, space, record, index, rule)


def _is_repeated(store: Store, space: str, record: Record, index: Index) -> bool:
    """Whether some rows agree in all columns of an index: the store counts them, so none has to be read."""
    keys = tuple(map(Key, index.columns))
    most = Fold(keys=0, aggregates=(Folded(How.MAX, 0),))
    groups = store.aggregate(space, Plan(cls=record.cls, where=_compared(index), keys=keys, fold=most))
    return any((group.values[0] or 0) > 1 for group in groups)


def _compared(index: Index) -> Where:
    """The rows that an index compares: those with a None among its columns are not."""
    return reduce(and_, [ne(column, None) for column in index.columns])


def _repeats(store: Store, space: str, record: Record, index: Index, rule: Rule) -> Iterator[Breach]:
    rows: Iterator[Any] = store.pages(record.cls, space, where=_compared(index), order=index.name)
    for before, row in pairwise(rows):
        if all(getattr(before, name) == getattr(row, name) for name in index.columns):
            names = " and ".join(index.columns)
            yield breach_of(rule, row, f"it has the same {names} as {' '.join(map(str, id_of(before)))}")


def _unheard(store: Store, space: str, rule: Rule) -> Iterator[Breach]:
    found: Any = None  # Any: a record of any class that wakes
    for _ in range(_LOOKS):  # workers may see to it between the two questions
        row = min(_first_waking(store, space), key=_wake, default=None)
        if row is None or space in store.due_spaces(now=_wake(row), limit=ALL_SPACES):
            return
        if row == found:
            break
        found = row
    yield breach_of(rule, found, f"it is due {_wake(found)}, but workers do not find the space then")


def _first_waking(store: Store, space: str) -> Iterator[Any]:  # Any: as above
    """Of each class, the record that is due first."""
    for record in map(record_of, CLASSES):
        if record.wakes:
            yield from store.page(record.cls, space, where=ne("wake_at", None), order="by_wake", limit=1)


def _wake(row: Any) -> datetime:  # Any: as above
    at: datetime = row.wake_at
    return at


#: The rules, and what finds where they are broken.
WHOLES: Mapping[Rule, Callable[[Store, str, Rule], Iterator[Breach]]] = {
    Rule("unique", "What is unique is there once.", RESTORE): _repeated,
    Rule(
        "space_due",
        "A space with something to be done is found by workers when its time has come.",
        "let `clientloop run --space` look after the space, which counts it anew",
    ): _unheard,
}
