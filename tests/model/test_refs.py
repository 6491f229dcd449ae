"""Numbers that people read out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.refs import CROCKFORD, read_ref


@given(st.text(CROCKFORD, min_size=8, max_size=8))
def test_a_ref_is_read_however_it_was_typed(ref: str) -> None:
    """Small letters, gaps, and the letters that look like digits all give the stored form."""
    assert read_ref(ref) == ref
    assert read_ref(f" {ref[:4]}-{ref[4:]} ".lower()) == ref
    assert read_ref(ref.replace("0", "o").replace("1", "l")) == ref
    assert read_ref(ref.replace("0", "O").replace("1", "I")) == ref


@pytest.mark.parametrize("letters", ["ILOU", "ilou"])
def test_letters_that_look_like_others_are_in_no_ref(letters: str) -> None:
    """The alphabet has 32 signs, none of which is taken for another."""
    assert set(letters).isdisjoint(CROCKFORD)
    assert len(set(CROCKFORD)) == 32
