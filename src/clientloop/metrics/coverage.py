"""How many of the customers who deal with the firm it hears at all."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, cast
from uuid import UUID

from attrs import frozen

from clientloop.errors import InvalidValue
from clientloop.model.asking import Answer
from clientloop.model.codec import Json, microseconds
from clientloop.model.customers import Customer
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.plan import Aggregate, Group, How, Key, Plan
from clientloop.model.relationships import Standing
from clientloop.model.where import eq, ne, one_of
from clientloop.ports.metric import Metric, Score, State
from clientloop.ports.scoring import MERGED, in_order, share_score, shown_as
from clientloop.rules.measures.rates import Share
from clientloop.rules.relationship.standing import has_expired, whose_stage

#: What a score is of: the channel, the stage or the class; nothing, for the whole.
Part = tuple[object, ...]

#: What is heard: all that customers say of themselves, besides answers to questions.
HEARD = (InteractionKind.FEEDBACK, InteractionKind.MESSAGE_IN)

#: By what else a customer is active.
ACTIVE = (
    InteractionKind.PURCHASE,
    InteractionKind.RETURN,
    InteractionKind.VISIT,
    InteractionKind.CALL,
    InteractionKind.MEETING,
)


class Split(StrEnum):
    """What the coverage is split by."""

    #: The channel that customers were heard by; the whole are all active ones.
    CHANNEL = "channel"
    #: The customer's stage in a relationship model, now, or that of the company that the customer counts for: a word
    #: that has ended by then no longer stands.
    STAGE = "stage"
    #: The customer's class, now.
    CLASS = "class"


@frozen(kw_only=True)
class Coverage(Metric):
    """Customers who were heard over those who were active; the others are silent.

    Each person counts once, under whichever ids. Who was heard was active.

    >>> from clientloop.model.plan import Group
    >>> ana, bo = UUID(int=1), UUID(int=2)
    >>> state = {"seen": [Group((ana,), (3,)), Group((bo,), (0,))], "answered": [], "merged": []}
    >>> [(score.value, score.count) for score in Coverage().finalise(state)]
    [(0.5, 2)]
    """

    models: ClassVar[frozenset[str]] = frozenset({"model"})

    #: By what a customer is active, besides being heard.
    active: tuple[InteractionKind, ...] = ACTIVE
    #: What it is split by; None: not at all.
    split: Split | None = None
    #: The relationship model whose stages split it.
    model: str | None = None
    #: The present, aware, by which somebody's word on a stage has ended or not; only stages need it.
    as_of: datetime | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse stages of no model or of no present, and a present that names no zone."""
        if (self.split is Split.STAGE) != (self.model is not None):
            raise InvalidValue("stages are those of a relationship model", hint="give `split` and `model` together")
        if self.split is Split.STAGE and self.as_of is None:
            raise InvalidValue("somebody's word on a stage may end", hint="give `as_of`, the present")
        if self.as_of is not None:
            microseconds(self.as_of)

    def plans(self) -> Mapping[str, Plan]:
        """Who was there and how often heard, who answered, and what else is known of them."""
        keys = (Key("customer"), *((Key("channel"),) if self.split is Split.CHANNEL else ()))
        known, heard = ne("customer", None), one_of("kind", HEARD)
        plans = {
            "seen": Plan(
                cls=Interaction,
                where=known & one_of("kind", dict.fromkeys((*HEARD, *self.active))),
                keys=keys,
                aggregates=(Aggregate(How.COUNT, where=heard),),
                at="occurred_at",
            ),
            "answered": Plan(cls=Answer, where=known, keys=keys, at="answered_at"),
            "merged": MERGED,
        }
        if self.split is Split.STAGE:
            stages, of_model = ("subject", "stage", "automatic", "manual_until"), eq("model", self.model)
            plans["places"] = Plan(cls=Standing, where=of_model, keys=tuple(map(Key, stages)))
            # of whoever counts for a company, the model itself says nothing
            whom, silent = ("subject", "explanation", "manual", "manual_until"), of_model & eq("automatic", None)
            plans["persons"] = Plan(cls=Standing, where=silent, keys=tuple(map(Key, whom)))
        elif self.split is Split.CLASS:
            plans["places"] = Plan(cls=Customer, keys=(Key("id"), Key("customer_class")))
        return plans

    def finalise(self, state: State) -> Sequence[Score]:
        """One score for each channel, stage or class, or for the whole; none where nobody was active."""
        shown = shown_as(state["merged"])
        places = {group.keys[0]: self._place(*group.keys[1:]) for group in state.get("places", ())}
        companies = dict(self._companies(state.get("persons", ())))
        heard, active = defaultdict[Part, set[UUID]](set), defaultdict[Part, set[UUID]](set)
        for customer, channel, was_heard in _contacts(state):
            person = shown.get(customer, customer)
            part = places.get(companies.get(person, person), (None,)) if "places" in state else channel
            active[part].add(person)
            if was_heard:
                heard[part].add(person)
        wholes = dict.fromkeys(active, set[UUID]().union(*active.values())) if self.split is Split.CHANNEL else active
        return [
            score
            for part in in_order(active)
            for score in share_score(Share(len(heard[part]), len(wholes[part])), part)
        ]

    def _place(self, here: object, automatic: object = None, until: object = None) -> Part:
        """The class; or the stage that stands, which is the model's where somebody's word has ended."""
        return (automatic if self._has_ended(until) else here,)

    def _companies(self, groups: Iterable[Group]) -> Iterator[tuple[UUID, UUID]]:
        """Each person who stands where a company stands, and the company."""
        for group in groups:
            person, explanation, manual, until = group.keys
            worded = manual is not None and not self._has_ended(until)
            company = whose_stage(cast("Mapping[str, Json]", explanation), worded=worded)
            if company is not None:
                yield cast(UUID, person), company

    def _has_ended(self, until: object) -> bool:
        # as the plans of stages declare, for which there is a present
        return self.as_of is not None and has_expired(cast("datetime | None", until), self.as_of)


def _contacts(state: State) -> Iterator[tuple[UUID, Part, bool]]:
    """Each customer who was there, the channel if that is asked for, and whether the customer was heard there."""
    for name in ("seen", "answered"):
        for group in state[name]:
            # ids, as the plans declare
            yield cast(UUID, group.keys[0]), group.keys[1:], name == "answered" or bool(group.values[0])
