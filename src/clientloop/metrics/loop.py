"""The rates and times of the loop, by the rules of the report on it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Any, cast

from attrs import field, frozen

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.calendar import Calendar
from clientloop.model.feedback import Deadline, Feedback
from clientloop.model.plan import Aggregate, How, Key, Plan
from clientloop.model.process import DeadlineRule
from clientloop.model.where import AnyOf, Where
from clientloop.ports.metric import Metric, Scale, Score, State
from clientloop.ports.scoring import share_score
from clientloop.rules.measures.rates import (
    CONDITIONS,
    IN_LOOP,
    PROMISES,
    RATES,
    Rate,
    Share,
    dropped,
    missed,
    overdue,
    untouched_since,
)
from clientloop.rules.measures.survival import quantiles
from clientloop.rules.measures.times import READINGS

HOURS = Scale(unit="hours", low=0)

#: The rates that follow from what items have noted, whatever the time.
TIMELESS = {name: rate for name, rate in RATES.items() if {rate.part, *rate.whole} <= CONDITIONS.keys()}

_ON_TIME = RATES["on_time"]
#: Whatever a process does when a promise is broken, it is broken.
_RULES = {name: DeadlineRule(name=name) for name in PROMISES}
_HOUR = timedelta(hours=1)


# Any: attrs types a validator by the class and the attribute that it is used on.
def _is_aware(_instance: Any, attribute: Any, value: datetime) -> None:
    if value.tzinfo is None:
        raise InvalidValue(f"{attribute.name}: {value!r} names no zone", hint="give an aware datetime")


def _is_rate(_instance: Any, _attribute: Any, value: str) -> None:  # Any: as above
    if value not in TIMELESS or value == "on_time":
        raise UnknownName.among(value, TIMELESS.keys() - {"on_time"}, what="rate of the loop")


def _whole(rate: Rate) -> Where:
    return AnyOf(tuple(CONDITIONS[name] for name in rate.whole))


def _plan(whole: Where, part: Where) -> Plan:
    """How many items there are, and how many of these are counted."""
    counts = (Aggregate(How.COUNT), Aggregate(How.COUNT, where=part))
    return Plan(cls=Feedback, where=whole, aggregates=counts, at="received_at")


def _share(state: State) -> Share:
    [group] = state["items"]
    whole, part = group.values
    return Share(part or 0, whole or 0)


@frozen(kw_only=True)
class LoopRate(Metric):
    """One of the rates of the loop that depend on no present: how many were closed, confirmed, reopened, and so on.

    >>> from clientloop.model.plan import Group
    >>> LoopRate(rate="confirmed").finalise({"items": [Group((), (6, 3))]})[0].value
    0.5
    """

    #: Its name, as `rules.measures.rates.RATES` has it.
    rate: str = field(validator=_is_rate)

    def plans(self) -> Mapping[str, Plan]:
        """How many items are in the whole, and how many of these in the part."""
        rate = RATES[self.rate]
        return {"items": _plan(_whole(rate), CONDITIONS[rate.part])}

    def finalise(self, state: State) -> Sequence[Score]:
        """The one score; none of no items."""
        return share_score(_share(state))


@frozen(kw_only=True)
class Dropped(Metric):
    """The share of the items that were dropped half-way: open, and untouched five working days past due.

    >>> from datetime import UTC
    >>> from clientloop.model.plan import Group
    >>> dropped = Dropped(as_of=datetime(2026, 3, 2, tzinfo=UTC), calendar=Calendar.standard("UTC"))
    >>> dropped.finalise({"items": [Group((), (8, 1))]})[0].value
    0.125
    """

    #: The present, aware.
    as_of: datetime = field(validator=_is_aware)
    #: Says what is a working day.
    calendar: Calendar

    def plans(self) -> Mapping[str, Plan]:
        """How many items there are, and how many of these were dropped."""
        return {"items": _plan(IN_LOOP, dropped(untouched_since(self.calendar, self.as_of)))}

    def finalise(self, state: State) -> Sequence[Score]:
        """The one score; none of no items."""
        return share_score(_share(state))


@frozen(kw_only=True)
class Sla(Metric):
    """The share of the items that kept their promises, of those that have kept or missed them.

    What is not due yet is censored: it is in neither number. What is overdue is missed, whether or not a worker has
    taken the step of its deadline yet.

    >>> from datetime import UTC
    >>> from clientloop.model.plan import Group
    >>> Sla(as_of=datetime(2026, 3, 2, tzinfo=UTC)).finalise({"items": [Group((), (10, 9))], "overdue": []})[0].value
    0.9
    """

    #: The present, aware.
    as_of: datetime = field(validator=_is_aware)

    def plans(self) -> Mapping[str, Plan]:
        """How many items have kept or noted that they missed; and which deadlines run on those that are overdue."""
        waiting = Plan(cls=Feedback, where=overdue(self.as_of), keys=(Key("deadlines"),), at="received_at")
        return {"items": _plan(_whole(_ON_TIME), CONDITIONS[_ON_TIME.part]), "overdue": waiting}

    def finalise(self, state: State) -> Sequence[Score]:
        """The one score; none before anything was kept or missed."""
        noted = _share(state)
        late = sum(
            group.values[0] or 0
            for group in state["overdue"]
            # the type of this field of `Feedback`
            if missed(_RULES, cast(tuple[Deadline, ...], group.keys[0]), self.as_of)
        )
        return share_score(Share(noted.part, noted.whole + late))


class Time(StrEnum):
    """The times of the loop."""

    #: From the receipt to the first answer by a person.
    FIRST_ANSWER = "first_answer"
    #: From the receipt to the solution.
    GROSS = "gross"
    #: The same, waiting for the customer left out.
    NET = "net"


#: The scores of a time.
QUANTILES: Mapping[str, Fraction] = {"median": Fraction(1, 2), "p90": Fraction(9, 10)}


@frozen(kw_only=True)
class LoopTime(Metric):
    """Median and ninth decile of one of the times of the loop, in hours; what has not happened yet is censored.

    A quantile is no score while too little has happened to tell.

    >>> from datetime import UTC
    >>> LoopTime(time=Time.GROSS, as_of=datetime(2026, 3, 2, tzinfo=UTC)).plans().keys() == {"3", "4", "5"}
    True
    """

    #: Which.
    time: Time
    #: The present, aware: to it those are followed that still wait.
    as_of: datetime = field(validator=_is_aware)

    def plans(self) -> Mapping[str, Plan]:
        """How many items took how long, or have waited so far: one plan for each reading of the time."""
        return {
            str(number): Plan(cls=Feedback, where=reading.where, keys=tuple(map(Key, reading.fields)), at="received_at")
            for number, reading in enumerate(READINGS)
            if self.time in reading.times
        }

    def finalise(self, state: State) -> Sequence[Score]:
        """One score for each quantile that is known."""
        observed, censored = Counter[timedelta](), Counter[timedelta]()
        for number, groups in state.items():
            reading = READINGS[int(number)]
            place = reading.times.index(self.time)
            for group in groups:
                took = reading.took(self.as_of, *group.keys)[place]
                if took is not None and took >= timedelta(0):
                    (observed if reading.happened else censored)[took] += group.values[0] or 0
        found = quantiles(observed, censored, tuple(QUANTILES.values()))
        count = observed.total() + censored.total()
        return [
            Score(value=took / _HOUR, count=count, scale=HOURS, keys=(name,))
            for name, took in zip(QUANTILES, found, strict=True)
            if took is not None
        ]
