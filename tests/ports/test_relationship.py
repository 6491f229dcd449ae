"""What a relationship model is."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import pytest

from clientloop.model.codec import Json
from clientloop.model.plan import Plan
from clientloop.model.relationships import Direction
from clientloop.ports.metric import State
from clientloop.ports.relationship import Frame, Place, Places, RelationshipModel


class Ladder(RelationshipModel):
    """Three stages, and nobody in them."""

    stages = ("low", "middle", "high")

    def plans(self, frame: Frame) -> Mapping[str, Plan]:
        """Nothing."""
        return {}

    def assess(self, state: State, subjects: Sequence[UUID], frame: Frame) -> Mapping[UUID, Place]:
        """Nobody."""
        return {}

    def stage_of(self, explanation: Mapping[str, Json]) -> None:
        """None."""


@pytest.mark.parametrize(
    ("before", "now", "direction"),
    [
        ("low", "high", Direction.UP),
        ("high", "middle", Direction.DOWN),
        ("low", "low", Direction.SAME),
        (None, "high", Direction.SAME),
        ("low", None, Direction.SAME),
        ("a stage of an older version", "low", Direction.SAME),
    ],
)
def test_arrows_follow_the_order_of_the_stages(before: str | None, now: str | None, direction: Direction) -> None:
    """Up and down are where both stages are known, and differ."""
    assert Ladder().direction(before, now) is direction


def test_places_explain_whom_somebody_asks_about() -> None:
    """Stages are told without a question why; together they are the same places as made one by one."""
    kim, tom = UUID(int=1), UUID(int=2)
    asked: list[int] = []

    def why(number: int) -> Mapping[str, Json]:
        asked.append(number)
        return {"words": number}

    places = Places([kim, tom], ["talks", None], why)
    assert [place.stage for place in places.values()] == ["talks", None]
    assert asked == []
    assert places[tom].explanation == {"words": 1}
    assert asked == [1]
    assert places == {
        kim: Place(stage="talks", explanation={"words": 0}),
        tom: Place(stage=None, explanation={"words": 1}),
    }
