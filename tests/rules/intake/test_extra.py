"""What messages bring besides their words: read by a table, and nothing lost that it does not have."""

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.codec import write_json
from clientloop.model.customers import IdentityKind
from clientloop.rules.intake.extra import KEYS, LONGEST_NAME, MOST_REFERENCES, read_extra

GOOD: dict[str, Any] = {
    "kind": "idea",
    "rating": 4,
    "scale": "1-5",
    "product": "chair",
    "category": "delivery",
    "employee": "tim",
    "contacts": {"phone": "040 123 456"},
    "fields": {"shop": "Koper"},
    "item": "7K3M9QXA",
    "fixed": False,
    "operator": "kim",
    "centre": "Callers Ltd",
    "form": "tell-us",
    "answers": {"Again?": "Yes"},
    "entry": ["call", "117"],
    "media": [{"url": "https://a.example/1"}],
    "message_id": "<1@example.com>",
    "references": ["0@example.com"],
    "reply_to": "office@example.com",
}


def test_every_key_is_read() -> None:
    """What has the declared type is read under its name."""
    told = read_extra(GOOD)
    assert not told.unread
    as_read = {"contacts": {IdentityKind.PHONE: "040 123 456"}} | {
        name: tuple(value) for name, value in GOOD.items() if isinstance(value, list)
    }
    assert {name: getattr(told, name) for name in GOOD} == GOOD | as_read
    assert GOOD.keys() == KEYS.keys() - {"out_of"}


@pytest.mark.parametrize("name", sorted(KEYS))
@pytest.mark.parametrize("wrong", [3.5, "", [7], {"a": None}, "x" * 300], ids=repr)
def test_what_has_the_wrong_type_stays_as_it_came(name: str, wrong: object) -> None:
    """A value of another type is kept, and said to be unread, and the other keys are read all the same."""
    told = read_extra({"operator": "kim", name: wrong})
    assert told.kept[name] == wrong
    if name in told.unread:
        assert told.unread[name]
        assert name == "operator" or told.operator == "kim"
    else:  # it is what the key may hold after all
        assert isinstance(wrong, (str, list, dict))


@pytest.mark.parametrize(
    ("extra", "why"),
    [
        ({"rating": 4}, "on no scale"),
        ({"rating": 6, "scale": "1-5"}, "outside the scale"),
        ({"rating": True, "scale": "1-5"}, "no whole number"),
        ({"kind": "x" * (LONGEST_NAME + 1)}, "more than 200 characters"),
        ({"contacts": {"phon": "040"}}, "phon"),
    ],
)
def test_why_something_is_unread(extra: dict[str, Any], why: str) -> None:
    """The reason names what is wrong."""
    told = read_extra(extra)
    (reason,) = told.unread.values()
    assert why in reason
    assert (told.rating, told.scale) == (None, None)


@pytest.mark.parametrize(("out_of", "scale"), [(5, "1-5"), (10, "0-10")])
def test_a_scale_that_the_customer_wrote(out_of: int, scale: str) -> None:
    """Who writes "4/5" names the scale; one that is declared goes before it."""
    assert read_extra({"rating": 4, "out_of": out_of}).scale == scale
    assert read_extra({"rating": 4, "out_of": out_of, "scale": "1-4"}).scale == "1-4"


def test_of_many_references_the_first_and_the_last_count() -> None:
    """A long thread is known by its beginning and its end."""
    told = read_extra({"references": [str(number) for number in range(100)]})
    assert told.references == ("0", *(str(number) for number in range(100 - MOST_REFERENCES, 100)))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.characters() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.integers(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(KEYS)) | st.text(), ANYTHING, max_size=6))
def test_whatever_it_is_it_can_be_kept(extra: dict[str, Any]) -> None:
    """Nothing that an adapter puts there is refused, and all of it can be stored."""
    told = read_extra(extra)
    stored = write_json(told.kept)
    assert "\0" not in stored
    stored.encode()
    assert len(told.kept) <= len(extra)
    assert not any(isinstance(value, float) and math.isnan(value) for value in told.kept.values())


def test_the_documentation_has_every_key() -> None:
    """The how-to page shows the table of the keys as it is declared."""
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "sort-what-comes-in.md").read_text(encoding="utf-8")
    for key in KEYS.values():
        assert f"| `{key.name}` | {key.holds} | {key.means} |" in page
