"""The suite of relationship models notices what authors get wrong."""

import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from uuid import UUID

import pytest
from attrs import evolve, field, frozen
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from clientloop.model.codec import Json
from clientloop.model.interactions import Interaction
from clientloop.model.plan import Aggregate, Bucket, Fold, Folded, How, Key, Plan
from clientloop.model.relationships import Direction
from clientloop.ports.metric import State
from clientloop.ports.relationship import Frame, Place, RelationshipModel
from clientloop.testing.relationships import RelationshipSuite, Story, histories
from tests.relationships.acts import EVA, KIM, bought

WORDS = Plan(cls=Interaction, keys=(Key("customer"),), at="occurred_at")


@frozen(kw_only=True)
class Talkers(RelationshipModel):
    """A sound model: who does much, little or nothing."""

    stages = ("quiet", "talks", "talks much")

    much: int = 3

    def plans(self, frame: Frame) -> Mapping[str, Plan]:
        """How often something happened."""
        del frame
        return {"words": WORDS}

    def assess(self, state: State, subjects: Sequence[UUID], frame: Frame) -> Mapping[UUID, Place]:
        """Everybody by what happened."""
        said = {group.keys[0]: group.values[0] for group in state["words"]}
        found = {subject: {"words": said.get(subject, 0), "much": self.much} for subject in subjects}
        return {subject: Place(stage=self.stage_of(why), explanation=why) for subject, why in found.items()}

    def stage_of(self, explanation: Mapping[str, Json]) -> str | None:
        """By the count."""
        words = explanation["words"]
        return "talks much" if words >= explanation["much"] else "talks" if words else "quiet"


class Forgetful(Talkers):
    """Has no place for whoever did nothing."""

    def assess(self, state: State, subjects: Sequence[UUID], frame: Frame) -> Mapping[UUID, Place]:  # noqa: D102
        known = {group.keys[0] for group in state["words"]}
        return {subject: place for subject, place in super().assess(state, subjects, frame).items() if subject in known}


class Mute(Talkers):
    """Explains nothing."""

    def assess(self, state: State, subjects: Sequence[UUID], frame: Frame) -> Mapping[UUID, Place]:  # noqa: D102
        return {
            subject: evolve(place, explanation={**place.explanation, "much": 99})
            for subject, place in super().assess(state, subjects, frame).items()
        }


class Objects(Talkers):
    """Explains by what JSON does not know."""

    def assess(self, state: State, subjects: Sequence[UUID], frame: Frame) -> Mapping[UUID, Place]:  # noqa: D102
        return {
            subject: evolve(place, explanation={**place.explanation, "of": (1, 2)})
            for subject, place in super().assess(state, subjects, frame).items()
        }


class Inventive(Talkers):
    """Tells of a stage that it has not declared."""

    def stage_of(self, explanation: Mapping[str, Json]) -> str | None:  # noqa: D102
        return "shouts" if explanation["words"] > 1 else super().stage_of(explanation)


class First(Talkers):
    """Looks at whoever comes first."""

    def assess(self, state: State, subjects: Sequence[UUID], frame: Frame) -> Mapping[UUID, Place]:  # noqa: D102
        places = dict(super().assess(state, subjects, frame))
        places[subjects[0]] = Place(stage="talks", explanation={"words": 1, "much": 3})
        return places


class Elsewhere(Talkers):
    """Counts the days of another zone than that of the frame."""

    def plans(self, frame: Frame) -> Mapping[str, Plan]:  # noqa: D102
        spans = (Key("customer"), Key("occurred_at", Bucket.DAY, "UTC"))
        return {"words": evolve(WORDS, keys=spans, fold=Fold(keys=1, aggregates=(Folded(How.COUNT),)))}


class Timeless(Talkers):
    """Names no time."""

    def plans(self, frame: Frame) -> Mapping[str, Plan]:  # noqa: D102
        return {"words": evolve(WORDS, at=None)}


class Mistimed(Talkers):
    """Names the time at which rows were written down."""

    def plans(self, frame: Frame) -> Mapping[str, Plan]:  # noqa: D102
        return {"words": evolve(WORDS, at="recorded_at")}


class Anonymous(Talkers):
    """Counts by channels."""

    def plans(self, frame: Frame) -> Mapping[str, Plan]:  # noqa: D102
        return {"words": evolve(WORDS, keys=(Key("channel"), Key("customer")))}


class Squaring(Talkers):
    """Asks for what cannot be added up."""

    def plans(self, frame: Frame) -> Mapping[str, Plan]:  # noqa: D102
        return {"words": evolve(WORDS, aggregates=(Aggregate(How.SQUARES, "amount"),))}


class Dizzy(Talkers):
    """Goes up both ways."""

    def direction(self, before: str | None, now: str | None) -> Direction:  # noqa: D102
        return Direction.SAME if before == now or None in {before, now} else Direction.UP


class Lucky(Talkers):
    """Draws lots."""

    def assess(self, state: State, subjects: Sequence[UUID], frame: Frame) -> Mapping[UUID, Place]:  # noqa: D102
        why = {"words": random.randrange(10**9), "much": random.randrange(10**9)}
        return {subject: Place(stage=self.stage_of(why), explanation=why) for subject in subjects}


@frozen(kw_only=True)
class Hoarding(Talkers):
    """Keeps what it has seen."""

    seen: list[int] = field(factory=list, eq=False)

    def assess(self, state: State, subjects: Sequence[UUID], frame: Frame) -> Mapping[UUID, Place]:  # noqa: D102
        self.seen.append(1)
        why = {"words": len(self.seen), "much": 3}
        return {subject: Place(stage=self.stage_of(why), explanation=why) for subject in subjects}


class TestASoundModel(RelationshipSuite):
    """It passes."""

    model = Talkers(much=2)
    stories = (
        Story(
            name="both",
            records=[bought(KIM, 3), bought(KIM, 4), bought(EVA, 1)],
            stages=dict(zip((KIM, EVA), ("talks much", "talks"), strict=True)),
        ),
    )


DRAWING = (
    "test_everybody_has_a_place_that_explains_itself",
    "test_neither_order_nor_parts_matter",
    "test_equal_parameters_assess_equally",
    "test_nothing_later_counts",
)


@pytest.mark.parametrize(
    ("model", "test"),
    [
        (Forgetful(), DRAWING[0]),
        (Mute(), DRAWING[0]),
        (Objects(), DRAWING[0]),
        (Inventive(), DRAWING[0]),
        (First(), DRAWING[1]),
        (Lucky(), DRAWING[2]),
        (Hoarding(), DRAWING[2]),
        (Mistimed(), DRAWING[3]),
        (Timeless(), "test_plans_are_by_customer_and_of_a_time"),
        (Anonymous(), "test_plans_are_by_customer_and_of_a_time"),
        (Squaring(), "test_plans_are_by_customer_and_of_a_time"),
        (Elsewhere(), "test_plans_are_by_customer_and_of_a_time"),
        (Dizzy(), "test_stages_have_an_order"),
        (Talkers(much=1), "test_stories_end_as_they_should"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, RelationshipModel) else "",
)
def test_a_fault_is_caught(model: RelationshipModel, test: str) -> None:
    """Each by the test that speaks of it."""
    suite = type("TestFaulty", (RelationshipSuite,), {"model": model, "stories": TestASoundModel.stories})()
    run = getattr(suite, test)
    if test in DRAWING:
        drawing = histories(model, TestASoundModel.stories, {})
        run = partial(unshrunk, partial(run.hypothesis.inner_test, suite, drawing))
    with pytest.raises((AssertionError, ValueError)):
        run()


def unshrunk(test: Callable[[st.DataObject], None]) -> None:
    """Run a test on drawn cases until one fails, and leave it at that."""

    @settings(phases=(Phase.generate,), max_examples=100, database=None, deadline=None)
    @given(st.data())
    def drawn(data: st.DataObject) -> None:
        test(data)

    drawn()


def test_a_story_is_asked_for() -> None:
    """Without any, nobody has worked out what the model should tell."""
    suite = type("TestBare", (RelationshipSuite,), {"model": Talkers(), "stories": ()})()
    with pytest.raises(AssertionError, match="at least one story"):
        suite.test_stories_end_as_they_should()
