"""What stores can add up, and what they answer."""

from clientloop.model.plan import Group, Groups


def test_groups_side_by_side_are_the_same_groups() -> None:
    """Looked at one by one, in parts or as a whole, they are those that were put side by side."""
    several = [Group((name,), (number, None)) for number, name in enumerate("abc")]
    groups = Groups.of(several)
    assert groups == several
    assert list(groups) == several
    assert (groups[1], len(groups)) == (several[1], 3)
    assert groups[-2:] == several[-2:]
    assert groups != several[:2]
    assert Groups.of(groups) is groups
    assert not Groups.of([])
