from collections import defaultdict
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from clientloop.services.people.neighbours import Neighbours

#: The keys and the place of each thing.
THINGS = st.lists(st.tuples(st.frozensets(st.sampled_from("abc")), st.sampled_from("xyz")), max_size=9)
Things = list[tuple[frozenset[str], str]]


def found(things: Things, reach: int) -> tuple[list[tuple[int, int]], int, int]:
    """The pairs of some things, by their numbers, and what was left out."""
    with Neighbours(reach=reach) as neighbours:
        for number, (keys, place) in enumerate(things):
            neighbours.add(bytes([number]), keys=keys, place=place)
        pairs = [(one[0], other[0]) for one, other in neighbours.pairs()]
        return pairs, neighbours.crowded, neighbours.left_out


@given(THINGS)
def test_all_that_have_a_key_in_common_are_paired_once(things: Things) -> None:
    """Where no key is crowded, the pairs are those that a look at everybody finds."""
    wanted = [(one, other) for one, other in combinations(range(len(things)), 2) if things[one][0] & things[other][0]]
    pairs, crowded, left_out = found(things, reach=8)
    assert (sorted(pairs), crowded, left_out) == (wanted, 0, 0)


@given(THINGS, st.integers(1, 3))
def test_under_a_crowded_key_those_nearest_are_paired(things: Things, reach: int) -> None:
    """Each is paired with so many that follow it; all other pairs of the key are counted."""
    under = defaultdict(list)
    for number, (keys, place) in enumerate(things):
        for key in keys:
            under[key].append((place, number))
    wanted, left_out = set(), 0
    for standing in under.values():
        for (at, (_, one)), (further, (_, other)) in combinations(enumerate(sorted(standing)), 2):
            if further - at <= reach:
                wanted.add((min(one, other), max(one, other)))
            else:
                left_out += 1
    crowded = sum(len(standing) > reach + 1 for standing in under.values())
    pairs, *counted = found(things, reach)
    assert (sorted(pairs), *counted) == (sorted(wanted), crowded, left_out)


def test_nothing_is_paired_with_nothing() -> None:
    """Without things there are no pairs, nor for one that is alone."""
    assert found([], reach=2) == found([(frozenset("a"), "x")], reach=2) == ([], 0, 0)
