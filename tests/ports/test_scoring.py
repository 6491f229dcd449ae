"""What metrics put scores together with."""

import pytest

from clientloop.model.plan import Group
from clientloop.ports.scoring import in_order, share_score, shown_as
from clientloop.rules.measures.rates import Share
from clientloop.testing import sample_id
from tests.rules.measures.test_intervals import SHARES

ANA, ANNA, ANNIE, BO = map(sample_id, range(4))


@pytest.mark.parametrize(("share", "published"), SHARES.items())
def test_a_share_has_the_interval_of_the_paper(share: Share, published: tuple[float, float]) -> None:
    """Value, count and Wilson's interval, to the digits that Newcombe printed."""
    [score] = share_score(share, ("key",))
    assert (score.value, score.count, score.keys) == (share.part / share.whole, share.whole, ("key",))
    assert score.interval is not None
    assert (round(score.interval.low, 4), round(score.interval.high, 4)) == published
    assert (score.interval.method, score.interval.level) == ("Wilson", 0.95)


def test_nothing_has_no_score() -> None:
    """And not 0."""
    assert list(share_score(Share(0, 0))) == []


def test_names_have_one_order() -> None:
    """None comes first, also where there are names like it; of tuples as of texts."""
    assert in_order(["b", "None", None, "a"]) == [None, "None", "a", "b"]
    assert in_order([("b",), (None,), ("a",)]) == in_order([("a",), ("b",), (None,)])


def test_who_was_merged_twice_is_shown_as_the_last() -> None:
    """Over all steps, in whatever order these come; who was not merged is not named."""
    steps = [Group((ANNIE, ANNA), (1,)), Group((ANNA, ANA), (1,))]
    assert shown_as(steps) == shown_as(steps[::-1]) == {ANNIE: ANA, ANNA: ANA}
