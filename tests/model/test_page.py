"""Pages, their tokens, and the order of database values."""

import base64
import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue
from clientloop.model.codec import CODECS, codec_of
from clientloop.model.page import Page, order_key, pack_cursor, unpack_cursor, unpack_position

VALUES = st.none() | st.integers() | st.text() | st.binary()
CODECS_HERE = (CODECS[int], CODECS[str], CODECS[bytes], codec_of(int | None))
POSITION = (5, "a", b"\0", None)


def token(content: object) -> str:
    """A token made by hand."""
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def test_a_page_is_what_it_holds() -> None:
    """A page iterates over its items and has their number."""
    page = Page(items=("a", "b"), next="token")
    assert (list(page), len(page), page.next) == (["a", "b"], 2, "token")
    assert Page(items=()).next is None


@given(st.lists(VALUES).map(tuple))
def test_a_position_comes_back_from_its_token(values: tuple[object, ...]) -> None:
    """Any database values come back in value and type, from a token that a URL can carry as it is."""
    packed = pack_cursor(values)
    assert unpack_cursor(packed) == values
    assert [type(value) for value in unpack_cursor(packed)] == [type(value) for value in values]
    assert packed.replace("-", "").replace("_", "").isalnum()


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_what_is_no_token_is_refused_or_read(made_up: str) -> None:
    """Whatever text comes, the answer is a position or an InvalidValue, never another error."""
    with contextlib.suppress(InvalidValue):
        assert isinstance(unpack_cursor(made_up), tuple)


def test_a_position_of_the_order_is_read() -> None:
    """A token of an order gives the values that its columns can hold."""
    assert unpack_position(pack_cursor(POSITION), CODECS_HERE) == POSITION


@pytest.mark.parametrize(
    "content",
    [
        [5, "a", ["b", "00"]],
        [5, "a", ["b", "00"], None, None],
        [None, "a", ["b", "00"], None],
        [5, None, ["b", "00"], None],
        ["5", "a", ["b", "00"], None],
        [5, 5, ["b", "00"], None],
        [5, "a", "00", None],
        [True, "a", ["b", "00"], None],
        [5.0, "a", ["b", "00"], None],
        [2**63, "a", ["b", "00"], None],
        [5, "\0", ["b", "00"], None],
        [5, "\ud800", ["b", "00"], None],
        [5, {}, ["b", "00"], None],
        [5, "a", ["b"], None],
        [5, "a", ["b", "0"], None],
        [5, "a", [], None],
        {"5": 1, "a": 1},
        "abcd",
        5,
        None,
    ],
    ids=repr,
)
def test_a_token_of_another_order_is_refused(content: object) -> None:
    """Too few values, too many, or such as the columns cannot hold are an InvalidValue."""
    with pytest.raises(InvalidValue, match="no page token"):
        unpack_position(token(content), CODECS_HERE)


def test_a_deep_token_is_refused() -> None:
    """A token made to exhaust the stack is an InvalidValue."""
    deep = base64.urlsafe_b64encode(b"[" * 100_000).decode()
    with pytest.raises(InvalidValue):
        unpack_cursor(deep)


@given(st.lists(st.tuples(st.none() | st.integers(), st.text())))
def test_none_comes_first_in_every_column(rows: list[tuple[int | None, str]]) -> None:
    """Rows sort column by column, None before all values."""
    ordered = sorted(rows, key=order_key)
    least = min((number for number, _ in rows if number is not None), default=0) - 1
    assert ordered == sorted(rows, key=lambda row: (least if row[0] is None else row[0], row[1]))
