"""What errors say of the names that are known."""

from clientloop.errors import UnknownName, near_matches


def test_known_names_are_shown_in_their_order_if_they_have_one() -> None:
    """The likeliest come first where somebody says which these are; else the alphabet leads."""
    for ordered in (["to", "reason"], ("to", "reason")):
        assert near_matches("q", ordered) == "known are 'to', 'reason'"
    for unordered in ({"to", "reason"}, {"to": 1, "reason": 2}, iter(["to", "reason"])):
        assert near_matches("q", unordered) == "known are 'reason', 'to'"


def test_names_that_are_not_shown_are_counted() -> None:
    """Twelve names are shown, and no list looks as if it were whole."""
    names = [f"name{number}" for number in range(13)]
    assert str(UnknownName.among("q", names[:12], what="field")).endswith("'name11'")
    assert str(UnknownName.among("q", names, what="field")).endswith("'name11' and 1 more")
