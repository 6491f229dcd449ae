"""Members of enums, as somebody names them."""

from typing import Any

import pytest

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.feedback import Priority
from clientloop.model.names import all_named, named, several


@pytest.mark.parametrize("given", [Priority.HIGH, "high"])
def test_a_member_is_named_by_itself_or_its_value(given: Priority | str) -> None:
    """Either gives the member, never the bare text."""
    assert named(Priority, given, what="priority") is Priority.HIGH


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("hihg", "no priority 'hihg': did you mean 'high'?"),
        ("HIGH", "no priority 'HIGH': known are '"),
        (None, "no priority 'None': known are '"),
        (["high"], "no priority \"['high']\": "),
    ],
)
def test_what_names_no_member_is_refused(given: Any, says: str) -> None:  # Any: wrong on purpose
    """The message names the members that come near, or all; a value of any other type is none of them."""
    with pytest.raises(UnknownName) as refused:
        named(Priority, given, what="priority")
    assert str(refused.value).startswith(says)


def test_several_are_named_in_their_order() -> None:
    """Members and values may be mixed."""
    assert all_named(Priority, ["low", Priority.HIGH], what="priority") == (Priority.LOW, Priority.HIGH)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("high", "'high' is one name: give a list of them"),
        (Priority.HIGH, "<Priority.HIGH: 'high'> is one name: give a list of them"),
        (5, "5 is no list of names: give a list of them"),
    ],
)
def test_one_name_is_no_list(given: Any, says: str) -> None:  # Any: wrong on purpose
    """A text is not taken apart letter by letter."""
    with pytest.raises(InvalidValue) as refused:
        several(given)
    assert str(refused.value) == says
