"""Sums over the feedback of one space, each split by the key of a report."""

from collections.abc import Iterator, Mapping
from typing import cast

from clientloop.model.feedback import Feedback
from clientloop.model.plan import Key, Plan
from clientloop.model.record import record_of
from clientloop.model.where import ALL, Where, compile_test
from clientloop.ports.store import Store
from clientloop.reports.keys import RowKey

#: Fields of few values: what speaks of no others is counted in one pass, grouped by all of them.
FEW = ("is_open", "outcome", "late", "reopened")


class Sums:
    """Counts of feedback, split by a key.

    Args:
        store: Adds up.
        space: The space.
        key: What each count is split by; None: not at all.
        where: Which items are counted at all.
    """

    def __init__(self, store: Store, space: str, *, key: Key | None, where: Where = ALL) -> None:
        """Add up nothing yet."""
        self._store = store
        self._space = space
        self._keys = () if key is None else (key,)
        self._where = where

    def groups(self, where: Where, fields: tuple[str, ...] = ()) -> Iterator[tuple[RowKey, tuple[object, ...], int]]:
        """How many items there are for each row of the report and each combination of values of some fields.

        Args:
            where: Which items.
            fields: The fields; none: one group for each row.

        Yields:
            The key of the row, the values, and how many items have them.
        """
        plan = Plan(cls=Feedback, where=self._where & where, keys=(*self._keys, *map(Key, fields)))
        for group in self._store.aggregate(self._space, plan):
            key = cast(RowKey, group.keys[0]) if self._keys else None  # LoopKey names fields of these types alone
            yield key, group.keys[len(self._keys) :], group.values[0] or 0

    def counts(self, conditions: Mapping[str, Where]) -> Iterator[tuple[RowKey, str, int]]:
        """How many items fulfil each of some conditions.

        Args:
            conditions: By name.

        Yields:
            The key of the row, the name of a condition, and how many more items fulfil it.
        """
        together = {name: where for name, where in conditions.items() if where.fields() <= frozenset(FEW)}
        yield from self._counted_together(together)
        for name in conditions.keys() - together.keys():
            for key, _, count in self.groups(conditions[name]):
                yield key, name, count

    def _counted_together(self, conditions: Mapping[str, Where]) -> Iterator[tuple[RowKey, str, int]]:
        """Group by the fields of few values once; a group is then judged as a row that holds these fields alone."""
        record = record_of(Feedback)
        tests = {name: compile_test(where, record) for name, where in conditions.items()}
        for key, values, count in self.groups(ALL, FEW):
            stored = {name: record.encode_value(name, value) for name, value in zip(FEW, values, strict=True)}
            row = tuple([stored.get(name) for name in record.columns])
            for name, test in tests.items():
                if test(row):
                    yield key, name, count
