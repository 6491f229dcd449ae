"""What stores can add up: a filter, keys, and aggregates from a closed set, whose results merge."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import overload

from attrs import frozen

from clientloop.model.where import ALL, Where


class Bucket(StrEnum):
    """A span of calendar time in a named zone."""

    DAY = "day"
    #: From Monday to Sunday (ISO 8601).
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class How(StrEnum):
    """How one aggregate adds up."""

    COUNT = "count"
    SUM = "sum"
    MIN = "min"
    MAX = "max"
    #: The sum of the squares; in a `Fold` alone, for the squares of rows do not merge into those of their sums.
    SQUARES = "squares"


@frozen
class Aggregate:
    """One number per group; None where every row holds nothing."""

    #: How it adds up.
    how: How
    #: Over which field: `sum` takes integers and spans of time, `min` and `max` also times, `count` any and counts the
    #: rows that hold something; None counts all rows.
    field: str | None = None
    #: Which of the plan's rows it takes; a group of none of them counts 0, and is None otherwise.
    where: Where = ALL


@frozen
class Key:
    """What rows are grouped by: the values of a field, or the calendar spans that a time falls in."""

    #: The field.
    field: str
    #: The span, for a time.
    bucket: Bucket | None = None
    #: IANA name of the zone of the span.
    zone: str = "UTC"


@frozen
class Folded:
    """One number of the groups that are added up once more; None where all of them hold nothing."""

    #: How it adds up; `count` counts the groups that hold something.
    how: How
    #: Over which aggregate of the plan, by its place from 0; None counts all groups.
    of: int | None = None


@frozen(kw_only=True)
class Fold:
    """Groups added up once more, over those that agree in their first keys.

    How many customers there are in each stage is a fold of the groups of stage and customer that keeps one key.
    """

    #: How many of the plan's first keys stay.
    keys: int
    #: What is added up of the groups.
    aggregates: tuple[Folded, ...] = (Folded(How.COUNT),)


@frozen(kw_only=True)
class Plan:
    """A declared sum over one record within one space.

    A histogram is a plan with the field among its keys and a count.
    """

    #: The record's class.
    cls: type
    #: Which rows.
    where: Where = ALL
    #: Grouped by.
    keys: tuple[Key, ...] = ()
    #: What is added up.
    aggregates: tuple[Aggregate, ...] = (Aggregate(How.COUNT),)
    #: How the groups are added up once more; None leaves them as they are.
    fold: Fold | None = None
    #: The field with the time that its rows are of, by which whoever asks narrows them down to a period, or breaks them
    #: down by periods; None where they are of no time.
    at: str | None = None


@frozen
class Group:
    """One group of an aggregate's answer."""

    #: The values of the keys, as the fields hold them; the first day of a span, for a time.
    keys: tuple[object, ...]
    #: The numbers, in the order of the plan, or of its fold; of a time: microseconds since 1970 in UTC.
    values: tuple[int | None, ...]


class Groups(Sequence[Group]):
    """Groups as their keys and their numbers side by side; each is made when somebody looks, for of very many few are.

    >>> Groups([("shop",), ("web",)], [(1,), (5,)])[1]
    Group(keys=('web',), values=(5,))
    """

    __slots__ = ("keys", "values")

    def __init__(self, keys: Sequence[tuple[object, ...]], values: Sequence[tuple[int | None, ...]]) -> None:
        """Hold groups.

        Args:
            keys: The keys of each.
            values: The numbers of each.
        """
        #: The keys of each group.
        self.keys = keys
        #: The numbers of each group.
        self.values = values

    @classmethod
    def of(cls, groups: Sequence[Group]) -> "Groups":
        """The same groups, side by side."""
        if isinstance(groups, cls):
            return groups
        return cls([group.keys for group in groups], [group.values for group in groups])

    def __len__(self) -> int:
        """How many groups there are."""
        return len(self.keys)

    @overload
    def __getitem__(self, place: int) -> Group: ...
    @overload
    def __getitem__(self, place: slice) -> "Groups": ...
    def __getitem__(self, place: int | slice) -> "Group | Groups":
        """The group at a place, or the groups at some."""
        if isinstance(place, slice):
            return Groups(self.keys[place], self.values[place])
        return Group(self.keys[place], self.values[place])

    def __iter__(self) -> Iterator[Group]:
        """The groups, in order."""
        return map(Group, self.keys, self.values)

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same groups in the same order."""
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # as of all that holds lists

    def __repr__(self) -> str:
        """The groups, as a list shows them."""
        return repr(list(self))
