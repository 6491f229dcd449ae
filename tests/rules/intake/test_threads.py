"""What a message names: ids in any dress, ours within others, and numbers of items."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.rules.intake.threads import LONGEST_NAME, MOST_REFS, named, own_ids, refs_in

OURS = UUID("0197e0c6-5b2a-7c3e-9a51-2f0d7c9b1e55")


def test_names_are_bare_and_each_is_there_once() -> None:
    """Angle brackets and blanks are no part of a name; what is too long to be one is left out."""
    names = ["<1@a>", None, " 1@a ", "", "<>", "2\0@a", "x" * (LONGEST_NAME + 1)]
    assert named(names) == ("1@a", "2@a")


@pytest.mark.parametrize("text", [str(OURS), OURS.hex, str(OURS).upper(), f"a.{OURS}.b@firm.example"])
def test_our_id_is_found_however_it_is_written(text: str) -> None:
    """With dashes or without, in either case, with anything around it that is no part of a number."""
    assert own_ids(text) == (OURS,)


@pytest.mark.parametrize("text", ["", "7@firm.example", OURS.hex + "0", "0" + OURS.hex])
def test_other_numbers_are_none(text: str) -> None:
    """What is longer or shorter is no id of ours."""
    assert own_ids(text) == ()


def test_numbers_of_items_stand_alone_in_capitals() -> None:
    """Eight of the letters that numbers have; not within a word, not in small letters, and not for ever."""
    assert refs_in("Re: (7K3M9QXA), 7K3M9QXAB 7k3m9qxa REFUNDED 7K3M9QXA") == ("7K3M9QXA",)
    many = " ".join(f"{number:08d}" for number in range(50))
    assert len(refs_in(many)) == MOST_REFS


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    """Nothing that anybody writes is too strange to be looked through."""
    assert all(len(ref) == 8 for ref in refs_in(text))
    assert all(isinstance(found, UUID) for found in own_ids(text))
