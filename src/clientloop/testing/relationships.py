"""The conformance suite of relationship models: what all of them promise to whoever asks them, and to each other."""

import copy
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, cast
from uuid import UUID

import pytest
from attrs import evolve, field, frozen
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from clientloop.model.asking import Answer
from clientloop.model.deals import Deal, DealStep
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Interaction
from clientloop.model.plan import Group, Plan
from clientloop.model.record import record_of
from clientloop.model.relationships import Direction
from clientloop.model.units import Insert
from clientloop.ports.engine import Engine
from clientloop.ports.relationship import Frame, Place, RelationshipModel
from clientloop.ports.store import Store
from clientloop.rules.measures.aggregation import aggregate, check_plan
from clientloop.rules.measures.folding import fold, merged
from clientloop.testing.backends import Backends
from clientloop.testing.examples import drawn
from clientloop.testing.metrics.drawing import drawn_records
from clientloop.testing.samples import SAMPLE_TIME, inserts, sample_id
from clientloop.testing.stores.kit import fresh_space

#: What the suite sees models by; a zone other than UTC, and a time that is no midnight.
FRAME = Frame(as_of=SAMPLE_TIME, zone="Europe/Ljubljana", currency="EUR")

#: Who is assessed: of the last there are no records.
SUBJECTS = tuple(map(sample_id, range(4)))

#: By which field things happened; what happened at `FRAME.as_of` or later must not count.
HAPPENED: Mapping[type, str] = {
    Answer: "answered_at",
    Deal: "opened_at",
    DealStep: "at",
    Feedback: "received_at",
    Interaction: "occurred_at",
}

#: How long before the time of the frame, in days, things happen that are drawn; those of less than none, after it.
_DAYS = (-400, -1, 0, 1, 2, 5, 20, 33, 40, 64, 95, 130, 200, 300, 359, 370, 500, 900)


def _records(given: Iterable[object]) -> tuple[object, ...]:
    return tuple(given)


@frozen(kw_only=True)
class Story:
    """Records, and the stages that follow from them as a person has worked them out.

    >>> story = Story(name="nothing happened", records=[], stages={sample_id(0): "quiet"})
    """

    #: What it is called in the report of the tests.
    name: str
    #: The records, of whichever classes; of things that happened before `SAMPLE_TIME`, the time that is looked from.
    records: tuple[object, ...] = field(converter=_records)
    #: The stage of each customer.
    stages: Mapping[UUID, str | None]


def places_of(
    model: RelationshipModel, records: Iterable[object], subjects: Sequence[UUID], frame: Frame
) -> Mapping[UUID, Place]:
    """Where a model puts customers, with the sums of the oracle.

    Args:
        model: The model.
        records: All records; each of its plans takes those of its class.
        subjects: Who is assessed.
        frame: What is seen.
    """
    known = list(records)
    state = {name: aggregate(_rows(plan, known), frame.sees(plan)) for name, plan in model.plans(frame).items()}
    return model.assess(state, subjects, frame)


def histories(
    model: RelationshipModel, stories: Sequence[Story], values: Mapping[str, Sequence[object]]
) -> SearchStrategy[list[object]]:
    """Draws records: a few of each class that a model looks at, or a story.

    Args:
        model: The model.
        stories: The stories.
        values: What fields hold, by their names; of fields not named, something.
    """
    plans = list(model.plans(FRAME).values())
    plans += [Plan(cls=plan.cls, keys=plan.keys[:1], at=HAPPENED[plan.cls]) for plan in plans if plan.cls in HAPPENED]
    known = {name: found for plan in plans for name, found in _usual(plan).items()} | dict(values)
    return st.one_of(drawn_records(plans, known), *(st.just(list(story.records)) for story in stories))


class RelationshipSuite(Backends):
    """Judges a relationship model; subclass it, and give the model and stories of customers as class attributes.

    >>> from clientloop.presets.relationships import PURCHASES
    >>> class TestMyModel(RelationshipSuite):
    ...     model = PURCHASES
    ...     stories = [Story(name="nothing happened", records=[], stages={sample_id(0): "potential"})]
    """

    #: The model.
    model: ClassVar[RelationshipModel]
    #: Records and the stages that follow from them.
    stories: ClassVar[Sequence[Story]]
    #: What the fields of drawn records hold, by their names; of fields not named, the suite finds something.
    values: ClassVar[Mapping[str, Sequence[object]]] = {}

    @pytest.fixture
    def drawing(self) -> SearchStrategy[list[object]]:
        """Draws records."""
        return histories(self.model, self.stories, self.values)

    def test_plans_are_by_customer_and_of_a_time(self) -> None:
        """The first key of each is whose rows they are, folds keep it, and spans are those of the zone of the frame."""
        for name, plan in self.model.plans(FRAME).items():
            check_plan(plan)
            record = record_of(plan.cls)
            assert plan.keys, f"{name} has no keys: the first is the customer"
            first = record.column(plan.keys[0].field)
            assert first.codec.value_type is UUID, f"{name} is by {plan.keys[0].field} first, which is no customer"
            assert plan.fold is None or plan.fold.keys >= 1, f"the fold of {name} forgets the customer"
            for key in plan.keys:
                assert key.bucket is None or key.zone == FRAME.zone, f"{name} counts spans by {key.zone}"
            assert plan.at is not None or plan.cls not in HAPPENED, f"{name} names no time, so what is later counts"

    def test_stories_end_as_they_should(self) -> None:
        """The stages that the author has worked out by hand are those that the model tells."""
        assert self.stories, "give at least one story, so that somebody has worked out what the model should tell"
        for story in self.stories:
            places = places_of(self.model, story.records, list(story.stages), FRAME)
            found = {subject: place.stage for subject, place in places.items()}
            assert found == dict(story.stages), f"{story.name}: {places}"

    @drawn(0.5)
    @given(st.data())
    def test_everybody_has_a_place_that_explains_itself(
        self, drawing: SearchStrategy[list[object]], data: st.DataObject
    ) -> None:
        """Each subject is in a known stage or in none, and its explanation tells the stage again, read from JSON."""
        places = places_of(self.model, data.draw(drawing), SUBJECTS, FRAME)
        assert set(places) == set(SUBJECTS)
        for place in places.values():
            assert place.stage is None or place.stage in self.model.stages, f"{place.stage!r} is no stage of the model"
            stored = json.dumps(place.explanation, allow_nan=False)
            assert json.loads(stored) == place.explanation, "an explanation is plain data: as JSON gives it back"
            assert self.model.stage_of(json.loads(stored)) == place.stage, "the explanation tells another stage"
        assert all(type(remark) is str for remark in self.model.remarks(places.values())), "remarks are sentences"

    @drawn(0.25)
    @given(st.data())
    def test_neither_order_nor_parts_matter(self, drawing: SearchStrategy[list[object]], data: st.DataObject) -> None:
        """Rows that were added up in two parts, groups and subjects in whatever order: the places are the same."""
        records = data.draw(drawing)
        marks = data.draw(st.lists(st.booleans(), min_size=len(records), max_size=len(records)))
        parts = [[one for one, mark in zip(records, marks, strict=True) if mark is side] for side in (True, False)]
        state = {
            name: data.draw(st.permutations(_merged(FRAME.sees(plan), parts)))
            for name, plan in self.model.plans(FRAME).items()
        }
        subjects = data.draw(st.permutations(SUBJECTS))
        assert self.model.assess(state, subjects, FRAME) == places_of(self.model, records, SUBJECTS, FRAME)

    @drawn(0.25)
    @given(st.data())
    def test_equal_parameters_assess_equally(self, drawing: SearchStrategy[list[object]], data: st.DataObject) -> None:
        """A copy of the model, asked after another question, says the same: a model keeps nothing of what it saw."""
        one, other = data.draw(drawing), data.draw(drawing)
        twin = copy.deepcopy(self.model)
        assert twin == self.model, "models with equal parameters are equal"
        expected = places_of(twin, one, SUBJECTS, FRAME)
        places_of(self.model, other, SUBJECTS, evolve(FRAME, as_of=FRAME.as_of - timedelta(days=77)))
        assert places_of(self.model, one, SUBJECTS, FRAME) == expected

    @drawn(0.25)
    @given(st.data())
    def test_nothing_later_counts(self, drawing: SearchStrategy[list[object]], data: st.DataObject) -> None:
        """As of a time is what was known at it: the places are those without what happened since."""
        records = data.draw(drawing)
        before = [record for record in records if not _is_later(record)]
        assert places_of(self.model, records, SUBJECTS, FRAME) == places_of(self.model, before, SUBJECTS, FRAME)

    @drawn(0.25)
    @given(st.data())
    def test_engines_and_stores_agree(
        self,
        drawing: SearchStrategy[list[object]],
        stores: Sequence[Store],
        engines: Sequence[Engine],
        data: st.DataObject,
    ) -> None:
        """The sums of each engine over each store lead to the places of the oracle."""
        space = fresh_space()
        # Any: records of any class, each of which has a space
        unit = inserts(*(evolve(cast(Any, record), space=space) for record in data.draw(drawing)))
        records = [change.record for change in unit.changes if isinstance(change, Insert)]
        expected = places_of(self.model, records, SUBJECTS, FRAME)
        plans = {name: FRAME.sees(plan) for name, plan in self.model.plans(FRAME).items()}
        for store in stores:
            store.commit(unit)
            for engine in engines:
                assert self.model.assess(engine.states(store, space, plans), SUBJECTS, FRAME) == expected

    def test_stages_have_an_order(self) -> None:
        """No two have one name; who goes up one way goes down the other; from nowhere and to nowhere is no way."""
        stages, direction = list(self.model.stages), self.model.direction
        assert stages
        assert len(set(stages)) == len(stages)
        back = {Direction.UP: Direction.DOWN, Direction.DOWN: Direction.UP, Direction.SAME: Direction.SAME}
        for before in stages:
            assert direction(before, before) is Direction.SAME
            assert direction(None, before) is direction(before, None) is Direction.SAME
            assert all(direction(now, before) is back[direction(before, now)] for now in stages)


def _usual(plan: Plan) -> Mapping[str, Sequence[object]]:
    """What the fields hold that every plan has: whose rows they are, and when they happened."""
    values: dict[str, Sequence[object]] = {plan.keys[0].field: SUBJECTS[:-1]}
    if plan.at is not None:
        unknown = [None] if record_of(plan.cls).column(plan.at).codec.holds_none else []
        values[plan.at] = [*(SAMPLE_TIME - timedelta(days=days) for days in _DAYS), *unknown]
    return values


def _is_later(record: object) -> bool:
    at: datetime | None = getattr(record, HAPPENED[type(record)]) if type(record) in HAPPENED else None
    return at is not None and at >= FRAME.as_of


def _merged(plan: Plan, parts: Sequence[Sequence[object]]) -> list[Group]:
    plain = evolve(plan, fold=None)
    return fold(merged([group for part in parts for group in aggregate(_rows(plan, part), plain)], plain), plan)


def _rows(plan: Plan, records: Iterable[object]) -> list[tuple[object, ...]]:
    record = record_of(plan.cls)
    return [record.encode(each) for each in records if type(each) is plan.cls]
