"""Drawn records: any value that a column may hold, and small worlds in which conditions meet."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from clientloop.model.calendar import Clock
from clientloop.model.codec import Codec, Ids, codec_of
from clientloop.model.feedback import Deadline, Deadlines, Feedback, Outcome
from clientloop.model.record import Column, record_of
from clientloop.model.where import AnyOf, Compare, Contains, Every, IsNone, Not, Operator, Where
from clientloop.testing.samples import SAMPLE_TIME, Fields, sample, sample_id

R = TypeVar("R")

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
INTEGERS = st.integers(-(2**63), 2**63 - 1)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
_MICROSECONDS = INTEGERS.map(lambda count: timedelta(microseconds=count))
_DEADLINE = st.builds(
    Deadline,
    name=TEXTS,
    clock=st.sampled_from(Clock),
    started=INTEGERS,
    due=INTEGERS,
    step=INTEGERS,
    wake=st.none() | INTEGERS,
    left=st.none() | INTEGERS,
)

#: Any value of a type.
_ANY: Mapping[type, SearchStrategy[Any]] = {  # Any: each type has its own values
    str: TEXTS,
    int: INTEGERS,
    bool: st.booleans(),
    bytes: st.binary(),
    UUID: st.uuids(),
    datetime: st.datetimes(timezones=st.just(UTC)),
    timedelta: _MICROSECONDS,
    date: st.dates(),
    dict: st.dictionaries(TEXTS, JSON, max_size=3),
    tuple: st.lists(TEXTS, max_size=3).map(tuple),
}

#: Any value of a column that is stored in a way of its own.
_OWN: Mapping[Codec, SearchStrategy[Any]] = {  # Any: as above
    codec_of(Deadlines): st.lists(_DEADLINE, max_size=2).map(tuple),
    codec_of(Ids): st.lists(st.uuids(), max_size=2).map(tuple),
}


def any_value(column: Column) -> SearchStrategy[Any]:  # Any: as above
    """Any value that a column may hold."""
    codec = column.codec
    if codec in _OWN:
        return _OWN[codec]
    values = st.sampled_from(codec.value_type) if issubclass(codec.value_type, Enum) else _ANY[codec.value_type]
    if codec.absent is not None:
        values = values.filter(lambda value: codec.encode(value) != codec.absent)
    return values | st.none() if codec.holds_none else values


def any_instance(cls: type[R], *, space: str = "main", number: int = 0) -> SearchStrategy[R]:
    """A record that holds anything, save that its key and what it points to are those of a sample."""
    record = record_of(cls)
    fixed = {*record.key, *record.references}
    fields = {name: any_value(column) for name, column in record.columns.items() if name not in fixed}
    return st.fixed_dictionaries(fields).map(lambda values: sample(cls, number, space=space, **values))


#: A time that is in another year in other zones.
NEW_YEAR = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)

#: A few values per field of `Feedback`: so few that drawn conditions hold for some of the drawn items.
WORLD: Mapping[str, tuple[object, ...]] = {
    "kind": ("complaint", "idea"),
    "state": ("", "new", "New", "näw", "nÄw", "a%b", "a_b", "a\\b", "ab", "Z", "\U0001f600", "\uffff"),
    "process": (-(2**63), -1, 0, 1, 2**63 - 1),
    "is_open": (False, True),
    "outcome": (Outcome.OPEN, Outcome.CONFIRMED, Outcome.SILENT),
    "owner": (None, "anna", "Bert"),
    "due": (None, SAMPLE_TIME, SAMPLE_TIME + timedelta(microseconds=1), NEW_YEAR, datetime.max.replace(tzinfo=UTC)),
    "customer": (None, sample_id(0), sample_id(1)),
    "reply_to": (None, "", "x", "X y"),
    "received_at": (None, SAMPLE_TIME, NEW_YEAR, datetime.min.replace(tzinfo=UTC)),
    "waited": (timedelta(0), timedelta(hours=1), -timedelta(microseconds=1)),
    "net": (None, timedelta(0), timedelta(days=1)),
    "rating": (None, 0, 5),
    "late": ((), ("solution",)),
}


@st.composite
def feedback(draw: st.DrawFn, *, space: str, first: int = 0, most: int = 8) -> list[Feedback]:
    """Feedback items with different numbers and with values from `WORLD`."""
    fields = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in WORLD.items()})
    drawn: list[Fields] = draw(st.lists(fields, max_size=most))
    return [sample(Feedback, number, space=space, **values) for number, values in enumerate(drawn, start=first)]


def conditions() -> SearchStrategy[Where]:
    """Conditions over `Feedback` that ask for values from `WORLD`."""
    texts = [name for name in WORLD if isinstance(WORLD[name][-1], str)]
    leaves = st.one_of(
        st.sampled_from([*WORLD]).flatmap(_comparison),
        st.builds(IsNone, st.sampled_from([*WORLD])),
        st.builds(Contains, st.sampled_from(texts), st.sampled_from(["", "n", "N", "ä", "%", "_", "\\", "\U0001f600"])),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(Not, inner),
            st.builds(Every, st.lists(inner, max_size=3).map(tuple)),
            st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple)),
        ),
        max_leaves=6,
    )


def _comparison(name: str) -> SearchStrategy[Where]:
    values = [value for value in WORLD[name] if value is not None]
    return st.builds(Compare, st.just(name), st.sampled_from(Operator), st.sampled_from(values))
