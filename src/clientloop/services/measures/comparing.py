"""A metric before and after something: the difference, and whether chance alone explains it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from attrs import frozen

from clientloop.errors import InvalidValue
from clientloop.model.codec import microseconds
from clientloop.ports.metric import Score
from clientloop.rules.measures.differences import Estimate, difference_of
from clientloop.rules.measures.intervals import Interval
from clientloop.services.measures.scoring import Asked, ScoreRow, Scores, in_order

#: The first time of all.
_FIRST = datetime.min.replace(tzinfo=UTC)


@frozen(kw_only=True)
class Stretch:
    """Some length of time."""

    #: It begins at this time, aware.
    since: datetime
    #: It ends before this time, aware.
    until: datetime

    def __attrs_post_init__(self) -> None:
        """Refuse times without a zone, and what ends before it begins."""
        if microseconds(self.until) <= microseconds(self.since):
            raise InvalidValue(f"nothing lies between {self.since} and {self.until}", hint="give a later `until`")


def around(done: datetime, *, now: datetime, days: int | None) -> tuple[Stretch, Stretch]:
    """As much time before something as after it.

    Args:
        done: When it was done, UTC, so that no change of clocks makes one side longer.
        now: The present, UTC.
        days: How many days of 24 hours on each side; all time since then, where that is less or nothing is given.

    Raises:
        InvalidValue: It is yet to be done, there is less than a day, or so much time before it is in no calendar.
    """
    span = now - done
    if span <= timedelta(0):
        raise InvalidValue(f"nothing comes after {done} yet", hint="give a time that has passed")
    if days is not None and days < 1:
        raise InvalidValue(f"{days} days on each side are no time", hint="give `days` of 1 or more, or none at all")
    if days is not None and days <= span.days:
        span = timedelta(days=days)
    if span > done - _FIRST:
        raise InvalidValue(f"as much time before {done} as since then is in no calendar", hint="give fewer `days`")
    return Stretch(since=done - span, until=done), Stretch(since=done, until=done + span)


@frozen(kw_only=True)
class Change:
    """One score before and after."""

    #: The value of each dimension, by its name; empty for the whole.
    keys: Mapping[str, object]
    #: The values of the keys that the metric itself has.
    own: tuple[object, ...]
    #: The score before; None where nobody answered.
    before: Score | None
    #: The score after.
    after: Score | None
    #: The second less the first, in the unit of the metric; None where one is missing.
    difference: float | None
    #: Where the true difference lies; None where the metric gives no intervals.
    interval: Interval | None

    @property
    def certain(self) -> bool | None:
        """Whether chance alone does not explain the difference: its interval leaves 0 out."""
        return None if self.interval is None else not self.interval.low <= 0 <= self.interval.high


@frozen(kw_only=True)
class Changes:
    """A metric before and after."""

    #: Name of the metric.
    metric: str
    #: When the scores before are of.
    before: Stretch
    #: When the scores after are of.
    after: Stretch
    #: What was compared, sorted by its keys; nothing where nobody answered either time.
    rows: tuple[Change, ...]

    @property
    def change(self) -> Change | None:
        """The change of the whole, where nothing is broken down; None where nobody answered either time."""
        return next((row for row in self.rows if not (row.keys or row.own)), None)


def changes(before: Scores, after: Scores) -> Changes:
    """Compare scores that were broken down alike.

    Args:
        before: The scores before, with both ends of their time.
        after: The scores after; likewise.

    Raises:
        InvalidValue: They are on different scales.
    """
    one, other = (_by_keys(scores) for scores in (before, after))
    rows = (_change(one.get(keys), other.get(keys)) for keys in {**one, **other})
    return Changes(
        metric=before.asked.metric,
        before=_stretch(before.asked),
        after=_stretch(after.asked),
        rows=tuple(sorted(rows, key=lambda row: in_order(row.keys))),
    )


def _by_keys(scores: Scores) -> Mapping[tuple[object, ...], ScoreRow]:
    return {(*row.keys.values(), *row.own): row for row in scores.rows}


def _stretch(asked: Asked) -> Stretch:
    if asked.since is None or asked.until is None:
        raise InvalidValue("what is compared has no end", hint="give both `since` and `until`")
    return Stretch(since=asked.since, until=asked.until)


def _change(one: ScoreRow | None, other: ScoreRow | None) -> Change:
    shown, *_ = (row for row in (one, other) if row is not None)
    before, after = (None if row is None else row.score for row in (one, other))
    both = None if before is None or after is None else (after, before)
    return Change(
        keys=shown.keys,
        own=shown.own,
        before=before,
        after=after,
        difference=None if both is None else _less(*both),
        interval=None if both is None else _interval(*both),
    )


def _less(after: Score, before: Score) -> float:
    if after.scale != before.scale:
        raise InvalidValue(
            f"scores in {before.scale.unit} and in {after.scale.unit} on different scales are not compared",
            hint="compare answers that were given on one scale",
        )
    return after.value - before.value


def _interval(after: Score, before: Score) -> Interval | None:
    if after.interval is None or before.interval is None:
        return None
    return difference_of(
        Estimate(value=after.value, interval=after.interval), Estimate(value=before.value, interval=before.interval)
    )
