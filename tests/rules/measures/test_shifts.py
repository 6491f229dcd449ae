"""Shifts of level and numbers that stand out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.rules.measures.discoveries import discoveries
from clientloop.rules.measures.shifts import level_shift, spikes

#: The yearly flow of the Nile at Aswan in 10^8 cubic metres, 1871 to 1970: G. W. Cobb, Biometrika 65 (1978) 243.
NILE = [
    *(1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958, 1140),
    *(1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050, 969),
    *(831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759),
    *(781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890),
    *(744, 749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740),
]

series = st.lists(st.integers(-1_000, 1_000), max_size=40)


def test_the_nile_has_its_new_level_from_1899_on() -> None:
    """The year in which the dam of Aswan was begun is the first of the new level, as everybody finds who looks."""
    assert (len(NILE), sum(NILE)) == (100, 91_935)
    shift = level_shift(NILE)
    assert shift is not None
    assert 1871 + shift.first == 1899
    assert shift.before > 1_090
    assert shift.after < 850
    assert shift.chance < 1e-6


@pytest.mark.parametrize("values", [[], [5], [5, 5, 5, 5]])
def test_what_does_not_change_has_no_shift(values: list[int]) -> None:
    """Neither has it numbers that stand out."""
    assert level_shift(values) is None
    assert spikes(values) == ()


@given(series)
def test_a_shift_lies_within(values: list[int]) -> None:
    """There are numbers before it and from it on, and chance is a share."""
    shift = level_shift(values)
    if shift is not None:
        assert 1 <= shift.first < len(values)
        assert 0 <= shift.chance <= 1


@given(series, st.integers(1, 9), st.integers(-50, 50))
def test_shifts_and_spikes_do_not_depend_on_the_unit(values: list[int], times: int, more: int) -> None:
    """Minutes or hours, degrees of one scale or the other: the same places are found."""
    other = [times * value + more for value in values]
    first, second = level_shift(values), level_shift(other)
    assert (first and first.first) == (second and second.first)
    mine, theirs = spikes(values), spikes(other)
    assert [spike.place for spike in mine] == [spike.place for spike in theirs]
    assert [spike.chance for spike in mine] == pytest.approx([spike.chance for spike in theirs])


@pytest.mark.parametrize(("flow", "found"), [(456, []), (156, [1913])])
def test_what_stands_out_most_is_a_discovery_only_if_it_stands_out_far(flow: int, found: list[int]) -> None:
    """The year 1913 had least after 1898; among so many years that alone is no sign, but a flow of 156 would be."""
    years = dict(enumerate(NILE[28:], 1899)) | {1913: flow}
    seen = spikes(list(years.values()))
    assert 1899 + min(seen, key=lambda spike: spike.chance).place == 1913
    told = discoveries([spike.chance for spike in seen])
    assert [1899 + spike.place for spike, is_one in zip(seen, told, strict=True) if is_one] == found


def test_a_spike_out_of_equal_numbers_is_seen() -> None:
    """Where more than half of the numbers are equal, the median of the deviations is 0 and says nothing."""
    [found] = spikes([7] * 20 + [9])
    assert (found.place, found.usual) == (20, 7)
    assert found.chance < 1e-6
