"""The metric port: a measure declared as mergeable state and a pure function that turns the state into scores."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from attrs import frozen

from clientloop.model.money import Money
from clientloop.model.plan import Group, Plan
from clientloop.rules.measures.intervals import Interval

#: The state of a metric: for each of its plans, by name, the groups that were added up.
State = Mapping[str, Sequence[Group]]


@frozen(kw_only=True)
class Scale:
    """What the values of a score may be, and what they mean.

    >>> str(Scale(unit="hours")), str(Scale(unit="EUR", minor=True))
    ('hours', 'minor units of EUR')
    """

    #: What is counted: "share", "points", "hours"; of an amount of money its currency, by the code of ISO 4217.
    unit: str
    #: Whether the values are whole minor units of this currency: 1250 of EUR are 12.50 EUR.
    minor: bool = False
    #: The least possible value; None for no bound.
    low: float | None = None
    #: The greatest possible value; None for no bound.
    high: float | None = None

    def money(self, value: float) -> Money | None:
        """The amount that a value is, to the nearest minor unit; None where values are no money.

        Args:
            value: A number on this scale.

        >>> print(Scale(unit="KWD", minor=True).money(1250), Scale(unit="points").money(1250))
        1.250 KWD None
        """
        return Money.stored(round(value), self.unit) if self.minor else None

    def __str__(self) -> str:
        """What the bare number counts, for a column or an axis beside it."""
        return f"minor units of {self.unit}" if self.minor else self.unit


@frozen(kw_only=True)
class Score:
    """A measured number; never without the count that it rests on.

    >>> Score(value=0.5, count=2, scale=Scale(unit="share", low=0, high=1)).interval is None
    True
    """

    #: The number.
    value: float
    #: How many rows it rests on; at least 1.
    count: int
    #: How sure it is; None where it is no estimate, or nobody knows.
    interval: Interval | None = None
    #: What the number means.
    scale: Scale
    #: What it is the score of: the values that it was broken down by, then those of the metric's own keys; empty for
    #: the whole.
    keys: tuple[object, ...] = ()


class Metric(ABC):
    """A declared measure.

    State is declared, not computed, so that one definition runs on every engine with equal results, and state that was
    added up in parts merges.

    >>> from clientloop.model.feedback import Feedback
    >>> from clientloop.model.plan import Key
    >>> class Open(Metric):
    ...     def plans(self) -> Mapping[str, Plan]:
    ...         return {"items": Plan(cls=Feedback, keys=(Key("is_open"),))}
    ...
    ...     def finalise(self, state: State) -> Sequence[Score]:
    ...         counts = {group.keys[0]: group.values[0] or 0 for group in state["items"]}
    ...         total = sum(counts.values())
    ...         share = Scale(unit="share", low=0, high=1)
    ...         return [Score(value=counts.get(True, 0) / total, count=total, scale=share)] if total else []
    >>> Open().finalise({"items": [Group((False,), (3,)), Group((True,), (1,))]})[0].value
    0.25
    """

    #: Fields of its records by which its scores make no sense, so that nobody can break them down by these: those in
    #: which what is counted differs from what it is counted of, as a message by a form does from the visit before it.
    not_by: ClassVar[frozenset[str]] = frozenset()

    #: Names of the parameters that name a relationship model: one that a firm does not have is refused when the metric
    #: is made by name.
    models: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def plans(self) -> Mapping[str, Plan]:
        """What is to be added up, by names of the metric's own choice."""

    def plans_until(self, end: datetime | None) -> Mapping[str, Plan]:
        """What is to be added up of a time that ends then, where that follows from the end.

        Whoever measures takes only the rows before the end anyway. A metric overrides this if what came later would
        change which of these count, as a later answer does where the latest alone counts: then each period of a
        breakdown is added up by itself, with its own end.

        Args:
            end: The end, aware; None for the present.

        Returns:
            Plans of the same names and records as those of `plans`; without an end these themselves.
        """
        return self.plans()

    @abstractmethod
    def finalise(self, state: State) -> Sequence[Score]:
        """Turn what was added up into scores; pure, and the same for every order of the groups.

        Args:
            state: The groups of each plan. A plan without keys has exactly one group, also of no rows; any other has
                those groups only that have rows.

        Returns:
            One score, or one for each of the metric's own keys. Where nobody answered there is no score.
        """
