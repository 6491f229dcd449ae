"""What a long job remembers stays bounded in memory and is right all the same."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from clientloop.services.scratch import Recent, Scratch

KEYS = st.sampled_from([b"a", b"b", b"c", b"d", b""])


@given(st.lists(KEYS), st.integers(0, 3))
def test_counting_is_the_same_however_little_stays_in_memory(keys: list[bytes], kept: int) -> None:
    """Each key is counted as if all of them were kept in memory."""
    wanted: Counter[bytes] = Counter()
    with Scratch(kept=kept) as scratch:
        for key in keys:
            wanted[key] += 1
            assert scratch.count(key) == wanted[key]


@given(st.lists(st.tuples(KEYS, st.one_of(st.integers(0, 9), st.binary(max_size=3)))), st.integers(0, 3))
def test_values_are_found_wherever_they_lie(pairs: list[tuple[bytes, int | bytes]], kept: int) -> None:
    """The last value of a key is found, in memory or in the file."""
    with Scratch(kept=kept) as scratch:
        for key, value in pairs:
            scratch.set(key, value)
        assert {key: scratch.get(key) for key, _ in pairs} == dict(pairs)
        assert scratch.get(b"never set") is None


def test_what_does_not_fit_into_memory_goes_to_a_file() -> None:
    """Beyond the bound, memory holds no further key."""
    with Scratch(kept=2) as scratch:
        for number in range(100):
            scratch.set(str(number).encode(), number)
        assert len(scratch._memory) == 2
        assert scratch.get(b"99") == 99


def test_what_is_asked_for_is_remembered_longest() -> None:
    """A bounded dictionary forgets the key that was not asked for the longest time."""
    recent: Recent[str, int] = Recent(size=2)
    recent.set("a", 1)
    recent.set("b", 2)
    assert recent.get("a") == 1
    recent.set("c", 3)
    assert (recent.get("a"), recent.get("b"), recent.get("c")) == (1, None, 3)
    recent.set("a", 4)
    recent.set("d", 5)
    assert (recent.get("a"), recent.get("c")) == (4, None)
    recent.clear()
    assert recent.get("a") is None
