"""What the sums of a plan are: rows folded into groups, in exact integers. Stores that add up otherwise agree with it.

None is left out of every number and counts as a key of its own. What stands for None in a column counts as None.
"""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from attrs import frozen

from clientloop.errors import InvalidValue
from clientloop.model.codec import Codec, instant
from clientloop.model.page import order_key
from clientloop.model.plan import Aggregate, Bucket, Group, How, Key, Plan
from clientloop.model.record import Record, record_of
from clientloop.model.units import Row
from clientloop.model.where import compile_test
from clientloop.model.zones import zone_named


@frozen
class _Rule:
    """How one aggregate adds up."""

    #: What the number of a group without values is.
    nothing: int | None
    #: Takes one more value in.
    take: Callable[[int, int], int]
    #: Types of the fields it takes; empty for all.
    types: frozenset[type]


_AMOUNTS = frozenset[type]({int, bool, timedelta})
_RULES: Mapping[How, _Rule] = {
    How.COUNT: _Rule(0, lambda total, _: total + 1, frozenset()),
    How.SUM: _Rule(None, operator.add, _AMOUNTS),
    How.MIN: _Rule(None, min, _AMOUNTS | {datetime}),
    How.MAX: _Rule(None, max, _AMOUNTS | {datetime}),
}

_FIRST_DAYS: Mapping[Bucket, Callable[[date], date]] = {
    Bucket.DAY: lambda day: day,
    Bucket.WEEK: lambda day: day - timedelta(days=day.weekday()),
    Bucket.MONTH: lambda day: day.replace(day=1),
    Bucket.QUARTER: lambda day: day.replace(month=day.month - (day.month - 1) % 3, day=1),
    Bucket.YEAR: lambda day: day.replace(month=1, day=1),
}


def aggregate(rows: Iterable[Row], plan: Plan) -> list[Group]:
    """Add up rows as a plan declares.

    Args:
        rows: All encoded rows of the plan's record; those that its condition leaves out are passed over.
        plan: What to add up.

    Returns:
        The groups that have rows, sorted by their encoded keys, None first; without keys exactly one.

    Raises:
        UnknownName: The record has no such field, or there is no such zone.
        InvalidValue: A field cannot be added up or bucketed like that.

    >>> from clientloop.model.spaces import Setting
    >>> aggregate([], Plan(cls=Setting))
    [Group(keys=(), values=(0,))]
    """
    check_plan(plan)
    record = record_of(plan.cls)
    test = compile_test(plan.where, record)
    key_readers = [_key_reader(record, key) for key in plan.keys]
    value_readers = [_value_reader(record, part) for part in plan.aggregates]
    rules = [_RULES[part.how] for part in plan.aggregates]
    nothing = [rule.nothing for rule in rules]
    groups: dict[Row, list[int | None]] = {} if plan.keys else {(): nothing}
    for row in rows:
        if test(row):
            key = tuple([read(row) for read in key_readers])
            _take(groups.setdefault(key, nothing[:]), row, rules, value_readers)
    decoders = [_key_decoder(record, key) for key in plan.keys]
    return [
        Group(tuple(decode(value) for decode, value in zip(decoders, key, strict=True)), tuple(groups[key]))
        for key in sorted(groups, key=order_key)
    ]


def check_plan(plan: Plan) -> None:
    """Refuse a plan that cannot be added up; its condition is checked where it is compiled.

    Args:
        plan: The plan.

    Raises:
        UnknownName: The record has no such field, or there is no such zone.
        InvalidValue: A field cannot be added up or bucketed like that.
    """
    record = record_of(plan.cls)
    for key in plan.keys:
        _check_key(record, key)
    for part in plan.aggregates:
        _check_aggregate(record, part)


@lru_cache(maxsize=4096)
def first_day(stored: int, bucket: Bucket, zone: str) -> date:
    """The first day of the calendar span that a time falls in.

    Args:
        stored: Microseconds since 1970 in UTC.
        bucket: The span.
        zone: IANA name of the zone whose calendar counts. Where its calendar would leave the years 1 to 9999, that of
            UTC counts.

    >>> first_day(1_704_063_600_000_000, Bucket.MONTH, "Europe/Ljubljana")  # 2023-12-31 23:00 UTC
    datetime.date(2024, 1, 1)
    """
    return _FIRST_DAYS[bucket](_local_day(instant(stored), zone_named(zone)))


def _local_day(at: datetime, zone: ZoneInfo) -> date:
    try:
        return at.astimezone(zone).date()
    except OverflowError:
        return at.date()


def _check_key(record: Record, key: Key) -> None:
    value_type = record.column(key.field).codec.value_type
    if key.bucket is None:
        return
    if value_type is not datetime:
        raise InvalidValue(f"{record.name}.{key.field} is no time, so it has no {key.bucket.value}")
    zone_named(key.zone)


def _check_aggregate(record: Record, part: Aggregate) -> None:
    types = _RULES[part.how].types
    if part.field is None:
        if types:
            raise InvalidValue(f"{part.how.value} needs a field", hint="only count goes without")
    elif types and record.column(part.field).codec.value_type not in types:
        raise InvalidValue(f"{part.how.value} cannot be taken of {record.name}.{part.field}")
    else:
        record.column(part.field)


def _take(
    totals: list[int | None], row: Row, rules: Sequence[_Rule], readers: Sequence[Callable[[Row], int | None]]
) -> None:
    for position, (rule, read) in enumerate(zip(rules, readers, strict=True)):
        value = read(row)
        if value is not None:
            total = totals[position]
            totals[position] = value if total is None else rule.take(total, value)


def _held(record: Record, field: str) -> Callable[[Row], int | None]:
    """Reads what a field holds in a row, None also where something stands for it."""
    position, absent = list(record.columns).index(field), record.column(field).codec.absent

    def read(row: Row) -> int | None:
        value: int | None = row[position]
        return None if value == absent else value

    return read


def _value_reader(record: Record, part: Aggregate) -> Callable[[Row], int | None]:
    return (lambda _: 1) if part.field is None else _held(record, part.field)


def _key_reader(record: Record, key: Key) -> Callable[[Row], object]:
    position, bucket, zone = list(record.columns).index(key.field), key.bucket, key.zone
    if bucket is None:
        return operator.itemgetter(position)
    held = _held(record, key.field)

    def read(row: Row) -> date | None:
        stored = held(row)
        return None if stored is None else first_day(stored, bucket, zone)

    return read


def _key_decoder(record: Record, key: Key) -> Callable[[object], object]:
    codec: Codec = record.column(key.field).codec
    return codec.decode if key.bucket is None and codec.decode else lambda value: value
