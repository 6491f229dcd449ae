"""What the sums of a plan are: rows folded into groups, in exact integers. Stores that add up otherwise agree with it.

None is left out of every number and counts as a key of its own. What stands for None in a column counts as None.
"""

import operator
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from clientloop.errors import InvalidValue
from clientloop.model.codec import instant
from clientloop.model.plan import Aggregate, Bucket, Fold, Folded, Group, How, Key, Plan
from clientloop.model.record import Record, record_of
from clientloop.model.units import Row
from clientloop.model.where import compile_test
from clientloop.model.zones import zone_named
from clientloop.rules.measures.folding import RULES, folded, joined, sorted_groups

#: To the first day of a span, from any day in it.
FIRST_DAYS: Mapping[Bucket, Callable[[date], date]] = {
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
        InvalidValue: A field cannot be added up or bucketed like that, or the groups not folded.

    >>> from clientloop.model.spaces import Setting
    >>> aggregate([], Plan(cls=Setting))
    [Group(keys=(), values=(0,))]
    """
    check_plan(plan)
    record = record_of(plan.cls)
    test = compile_test(plan.where, record)
    keys = [_key_reader(record, key) for key in plan.keys]
    values = [_value_reader(record, part) for part in plan.aggregates]
    taken = ((tuple([read(row) for read in keys]), [read(row) for read in values]) for row in rows if test(row))
    groups = joined(taken, [part.how for part in plan.aggregates], keyed=bool(plan.keys))
    return sorted_groups(plan, folded(groups, plan))


def check_plan(plan: Plan) -> None:
    """Refuse a plan that cannot be added up; its conditions are checked where they are compiled.

    Args:
        plan: The plan.

    Raises:
        UnknownName: The record has no such field, or there is no such zone.
        InvalidValue: A field cannot be added up or bucketed like that, or the groups not folded.
    """
    record = record_of(plan.cls)
    for key in plan.keys:
        _check_key(record, key)
    for part in plan.aggregates:
        _check_aggregate(record, part)
    if plan.fold is not None:
        _check_fold(record, plan, plan.fold)
    if plan.at is not None and record.column(plan.at).codec.value_type is not datetime:
        raise InvalidValue(f"{record.name}.{plan.at} is no time, so no rows are of it")


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
    return FIRST_DAYS[bucket](_local_day(instant(stored), zone_named(zone)))


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
    if part.how is How.SQUARES:
        raise InvalidValue("squares are not taken of rows", hint="group by what is squared, and take them in the fold")
    if part.field is None:
        _check_needs_nothing(part.how, "a field")
    else:
        _check_type(part.how, record.column(part.field).codec.value_type, f"{record.name}.{part.field}")


def _check_fold(record: Record, plan: Plan, fold: Fold) -> None:
    if not 0 <= fold.keys <= len(plan.keys):
        raise InvalidValue(f"a fold cannot keep {fold.keys} of {len(plan.keys)} keys")
    for part in fold.aggregates:
        _check_folded(record, plan, part)


def _check_folded(record: Record, plan: Plan, part: Folded) -> None:
    if part.of is None:
        _check_needs_nothing(part.how, "an aggregate to fold")
    elif not 0 <= part.of < len(plan.aggregates):
        raise InvalidValue(f"a fold cannot be of aggregate {part.of} of {len(plan.aggregates)}", hint="count from 0")
    else:
        inner = plan.aggregates[part.of]
        counted = None if inner.how is How.COUNT else inner.field
        value_type = int if counted is None else record.column(counted).codec.value_type
        _check_type(part.how, value_type, f"the {inner.how.value} of {record.name}.{inner.field}")


def _check_needs_nothing(how: How, needed: str) -> None:
    if RULES[how].types:
        raise InvalidValue(f"{how.value} needs {needed}", hint="only count goes without")


def _check_type(how: How, value_type: type, of: str) -> None:
    if RULES[how].types and value_type not in RULES[how].types:
        raise InvalidValue(f"{how.value} cannot be taken of {of}")


def _held(record: Record, field: str) -> Callable[[Row], int | None]:
    """Reads what a field holds in a row, None also where something stands for it."""
    position, absent = list(record.columns).index(field), record.column(field).codec.absent

    def read(row: Row) -> int | None:
        value: int | None = row[position]
        return None if value == absent else value

    return read


def _value_reader(record: Record, part: Aggregate) -> Callable[[Row], int | None]:
    """Reads what a row counts as in one number."""
    one, held = RULES[part.how].one, _ones if part.field is None else _held(record, part.field)
    test = compile_test(part.where, record)

    def read(row: Row) -> int | None:
        value = held(row) if test(row) else None
        return None if value is None else one(value)

    return read


def _ones(_: Row) -> int:
    return 1


def _key_reader(record: Record, key: Key) -> Callable[[Row], object]:
    if key.bucket is None:
        return operator.itemgetter(list(record.columns).index(key.field))
    held, bucket, zone = _held(record, key.field), key.bucket, key.zone

    def read(row: Row) -> date | None:
        stored = held(row)
        return None if stored is None else first_day(stored, bucket, zone)

    return read
