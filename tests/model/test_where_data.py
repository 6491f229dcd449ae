"""Conditions as plain data: the same condition comes back, and what nobody declared is refused by its path."""

import json
import tomllib
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.codec import Json
from clientloop.model.feedback import Feedback, Priority
from clientloop.model.where import (
    ALL,
    AnyOf,
    Compare,
    Contains,
    Every,
    IsNone,
    Not,
    Operator,
    Where,
    contains,
    eq,
    ge,
    le,
    lt,
    ne,
    one_of,
)
from clientloop.model.where_data import read_where, write_where

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)

_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
_VALUES: dict[str, st.SearchStrategy[object]] = {
    "kind": _TEXT,
    "owner": _TEXT,
    "rating": st.integers(-(2**40), 2**40),
    "is_open": st.booleans(),
    "priority": st.sampled_from(Priority),
    "recorded_at": st.datetimes(timezones=st.just(UTC)),
    "waited": st.timedeltas(timedelta(0), timedelta(days=3650)),
    "improvement": st.uuids(),
}
_COMPARED = st.sampled_from(sorted(_VALUES)).flatmap(
    lambda name: st.builds(Compare, st.just(name), st.sampled_from(Operator), _VALUES[name])
)
_LEAVES = st.one_of(
    _COMPARED,
    st.builds(IsNone, st.sampled_from(["owner", "rating"])),
    st.builds(Contains, st.sampled_from(["title", "kind"]), _TEXT),
    st.lists(_TEXT).map(lambda texts: one_of("kind", texts)),
    st.lists(_TEXT).map(lambda texts: AnyOf(tuple(contains("title", text) for text in texts))),
)
CONDITIONS: st.SearchStrategy[Where] = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.lists(inner, max_size=3).map(lambda parts: Every(tuple(parts))),
        st.lists(inner, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
    ),
    max_leaves=8,
)


@given(CONDITIONS)
def test_a_condition_comes_back_from_its_data(where: Where) -> None:
    """Whatever is written, also through JSON, is read as the very same condition."""
    data = write_where(where, Feedback)
    assert read_where(json.loads(json.dumps(data)), Feedback) == where


@pytest.mark.parametrize(
    ("written", "where"),
    [
        ("{}", ALL),
        ('{kind = "idea"}', eq("kind", "idea")),
        ('{kind = ["idea", "praise"], channel = "form"}', one_of("kind", ["idea", "praise"]) & eq("channel", "form")),
        ('{rating = {"at least" = 2, "less than" = 5}}', ge("rating", 2) & lt("rating", 5)),
        ('{title = {contains = ["refund", "money"]}}', contains("title", "refund") | contains("title", "money")),
        ("{owner = {given = false}}", eq("owner", None)),
        ("{owner = {given = true}}", ne("owner", None)),
        ('{priority = {"is not" = "low"}}', Compare("priority", Operator.NE, Priority.LOW)),
        ('{not = {any = [{kind = "idea"}, {rating = {"at most" = 2}}]}}', ~(eq("kind", "idea") | le("rating", 2))),
        ("{recorded_at = {'at least' = 2026-03-02T10:00:00+01:00}}", ge("recorded_at", NINE)),
        ('{recorded_at = "2026-03-02T09:00:00Z"}', eq("recorded_at", NINE)),
        ("{waited = {'at most' = 90}}", le("waited", timedelta(seconds=90))),
        (f'{{improvement = "{UUID(int=7)}"}}', eq("improvement", UUID(int=7))),
    ],
)
def test_a_person_writes_conditions_in_toml(written: str, where: Where) -> None:
    """The forms of the table in the module's text mean what it says."""
    assert read_where(tomllib.loads(f"where = {written}")["where"], Feedback) == where


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        ({"knd": "idea"}, UnknownName, r"no field of feedback 'knd': did you mean 'kind'"),
        ({"any": [{}, {"knd": 1}]}, UnknownName, r"^any\[1\]: no field"),
        ({"not": {"priority": "hgh"}}, UnknownName, r"^not.priority: no priority 'hgh': did you mean 'high'"),
        ({"rating": {"at mots": 2}}, UnknownName, r"^rating: no comparison 'at mots': did you mean 'at most'"),
        ({"rating": "2"}, InvalidValue, r"^rating: .*'2' is no whole number"),
        ({"rating": {"at most": None}}, InvalidValue, r"^rating: no value"),
        ({"kind": ["idea", 3]}, InvalidValue, r"^kind\[1\]: .*3 is no text"),
        ({"kind": {"contains": ["a", 3]}}, InvalidValue, r"^kind\[1\]: .*3 is no text"),
        ({"recorded_at": "2026-03-02T09:00:00"}, InvalidValue, r"names no zone"),
        ({"recorded_at": "on Monday"}, InvalidValue, r"'on Monday' is no time in ISO 8601"),
        ({"improvement": "7"}, InvalidValue, r"'7' is no id"),
        ({"owner": {"given": "no"}}, UnknownName, r"^owner: no comparison 'given'"),
        ({"all": {"kind": "idea"}}, InvalidValue, r"^all: .* is no list of conditions"),
        (["idea"], InvalidValue, r"is no condition: write it like"),
    ],
)
def test_what_is_no_condition_is_refused_by_its_path(data: Json, error: type[InvalidValue], says: str) -> None:
    """A fault says where in the data it is, and which names come near."""
    with pytest.raises(error, match=says):
        read_where(data, Feedback)


def test_what_data_cannot_say_is_refused() -> None:
    """A field that holds a structure has no comparison in data, and something else is no condition."""
    with pytest.raises(InvalidValue, match=r"feedback\.late cannot be compared in data"):
        write_where(eq("late", ("solution",)), Feedback)
    with pytest.raises(InvalidValue, match="is no condition"):
        write_where("kind", Feedback)  # type: ignore[arg-type]  # on purpose
