"""The relationship port: a named set of stages, and what in the records of a space puts a customer into one of them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property, partial
from typing import ClassVar
from uuid import UUID

from attrs import evolve, field, frozen

from clientloop.model.codec import Json
from clientloop.model.plan import Plan
from clientloop.model.relationships import Direction
from clientloop.model.where import ge
from clientloop.ports.metric import State


@frozen(kw_only=True)
class Frame:
    """What an assessment is seen by."""

    #: The time that it is of, aware; nothing that happened at this time or later counts.
    as_of: datetime
    #: IANA name of the zone by whose calendar spans are counted.
    zone: str = "UTC"
    #: ISO 4217 code of the currency that amounts are in.
    currency: str

    def sees(self, plan: Plan) -> Plan:
        """A plan, over those rows alone that are of an earlier time, or of none that anybody knows.

        Args:
            plan: A plan of a model.
        """
        return plan if plan.at is None else evolve(plan, where=plan.where & ~ge(plan.at, self.as_of))


@frozen(kw_only=True, eq=False)
class Place:
    """Where a model puts a subject, and why.

    The data of the explanation may be given, or what makes them when somebody asks: of very many customers most are
    never asked for.

    >>> Place(stage="talks", explanation=lambda: {"words": 3}).explanation
    {'words': 3}
    """

    #: The stage; None where there is none, as without any purchase.
    stage: str | None
    _why: Mapping[str, Json] | Callable[[], Mapping[str, Json]] = field(factory=dict, alias="explanation", repr=False)

    @property
    def explanation(self) -> Mapping[str, Json]:
        """All that the stage follows from, as plain data, from which `RelationshipModel.stage_of` tells it again."""
        return self._why() if callable(self._why) else self._why

    def __eq__(self, other: object) -> bool:
        """Whether both are in the same stage for the same reasons."""
        if not isinstance(other, Place):
            return NotImplemented
        return self.stage == other.stage and self.explanation == other.explanation

    __hash__ = None  # type: ignore[assignment]  # as of all that holds mappings


class Places(Mapping[UUID, Place]):
    """The places of very many subjects, each made when somebody looks: what `RelationshipModel.assess` may return.

    >>> kim = UUID(int=1)
    >>> places = Places([kim], ["talks"], lambda number: {"words": 3 + number})
    >>> places[kim], places[kim].explanation
    (Place(stage='talks'), {'words': 3})
    """

    def __init__(
        self, subjects: Sequence[UUID], stages: Sequence[str | None], why: Callable[[int], Mapping[str, Json]]
    ) -> None:
        """Tell places.

        Args:
            subjects: The subjects.
            stages: The stage of each.
            why: What the stage of one follows from, by its number among them, from 0.
        """
        #: The subjects.
        self.subjects = subjects
        #: The stage of each.
        self.stages = stages
        self._why = why

    def __getitem__(self, subject: UUID) -> Place:
        """The place of a subject."""
        number = self._numbers[subject]
        return Place(stage=self.stages[number], explanation=partial(self._why, number))

    def __iter__(self) -> Iterator[UUID]:
        """The subjects."""
        return iter(self.subjects)

    def __len__(self) -> int:
        """How many subjects there are."""
        return len(self.subjects)

    @cached_property
    def _numbers(self) -> Mapping[UUID, int]:
        return {subject: number for number, subject in enumerate(self.subjects)}


class RelationshipModel(ABC):
    """A named set of stages over the records of a space; several stand side by side.

    An instance is data: its fields are the parameters of the model, and equal ones assess equally. It asks for sums and
    says what follows from them, so that one definition runs on every engine. It sees the subjects that are assessed,
    and these alone: merged customers count as the one they are shown as, and the persons of a company together where
    `of_accounts` says so; amounts come in the currency of the frame.

    >>> from clientloop.model.interactions import Interaction
    >>> from clientloop.model.plan import Key
    >>> class Talkers(RelationshipModel):
    ...     stages = ("quiet", "talks")
    ...
    ...     def plans(self, frame: Frame) -> Mapping[str, Plan]:
    ...         return {"words": Plan(cls=Interaction, keys=(Key("customer"),), at="occurred_at")}
    ...
    ...     def assess(self, state: State, subjects: Sequence[UUID], frame: Frame) -> Mapping[UUID, Place]:
    ...         said = {group.keys[0]: group.values[0] for group in state["words"]}
    ...         found = {subject: {"words": said.get(subject, 0)} for subject in subjects}
    ...         return {subject: Place(stage=self.stage_of(why), explanation=why) for subject, why in found.items()}
    ...
    ...     def stage_of(self, explanation: Mapping[str, Json]) -> str:
    ...         return "talks" if explanation["words"] else "quiet"
    """

    #: The stages, the lowest first: of the class, or of the instance where they are a parameter.
    stages: Sequence[str]
    #: Whether a company is assessed in place of the persons who belong to it.
    of_accounts: ClassVar[bool] = False

    @abstractmethod
    def plans(self, frame: Frame) -> Mapping[str, Plan]:
        """What is to be added up, by names of the model's own choice.

        The first key of each plan is the field with the customer's id; a plan with a fold keeps it. `Plan.at` names the
        time of the rows: those of `frame.as_of` or later are left out for it by `Frame.sees`, and rows of no known time
        are not.
        """

    @abstractmethod
    def assess(self, state: State, subjects: Sequence[UUID], frame: Frame) -> Mapping[UUID, Place]:
        """Put subjects in their places; pure, and the same for every order of the groups and the subjects.

        Args:
            state: The groups of each plan; the first key is the subject.
            subjects: All who are assessed, in order; those of whom there are no rows are among them.
            frame: What `plans` saw.

        Returns:
            The place of each subject.
        """

    @abstractmethod
    def stage_of(self, explanation: Mapping[str, Json]) -> str | None:
        """The stage that follows from an explanation alone."""

    def remarks(self, places: Iterable[Place]) -> Sequence[str]:
        """What is to be known of all places together, in sentences; nothing, unless a model has something to say.

        Args:
            places: The places of all who were assessed.
        """
        return ()

    def direction(self, before: str | None, now: str | None) -> Direction:
        """Where a subject has gone; nowhere where one of both is none, or no stage of this model.

        Args:
            before: The stage before.
            now: The stage now.
        """
        heights = {stage: height for height, stage in enumerate(self.stages)}
        if before not in heights or now not in heights or heights[before] == heights[now]:
            return Direction.SAME
        return Direction.UP if heights[before] < heights[now] else Direction.DOWN
