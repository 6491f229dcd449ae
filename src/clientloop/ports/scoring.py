"""What metrics put scores together with, the built-in ones and others: shares, ratings of answers, persons merged."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar, TypeVar, cast
from uuid import UUID

from attrs import frozen

from clientloop.model.asking import Answer, Instrument, Occasion
from clientloop.model.customers import Customer
from clientloop.model.plan import Group, Key, Plan
from clientloop.model.where import ALL, Where, eq, ne
from clientloop.ports.metric import Metric, Scale, Score, State
from clientloop.rules.asking.superseding import latest_until
from clientloop.rules.measures.intervals import wilson
from clientloop.rules.measures.rates import Share

K = TypeVar("K")

#: A part of a whole.
SHARE = Scale(unit="share", low=0, high=1)

#: Which customers are shown as another: a plan for metrics of persons, whose groups `shown_as` reads.
MERGED = Plan(cls=Customer, where=ne("merged_into", None), keys=(Key("id"), Key("merged_into")))


def share_score(share: Share, keys: tuple[object, ...] = ()) -> Sequence[Score]:
    """The score of a share, with Wilson's interval; of nothing there is none.

    Args:
        share: How many, of how many.
        keys: What it is the score of, among those of its metric.

    >>> [(score.value, score.count) for score in share_score(Share(1, 4))], share_score(Share(0, 0))
    ([(0.25, 4)], [])
    """
    if not share.whole:
        return []
    return [Score(value=share.part / share.whole, count=share.whole, interval=wilson(share), scale=SHARE, keys=keys)]


def in_order(names: Iterable[K]) -> list[K]:
    """Names in the one order in which scores are told, None first: no order of groups is left in it.

    >>> in_order({"b", None, "a"})
    [None, 'a', 'b']
    """
    return sorted(names, key=lambda name: (name is not None, str(name)))


def shown_as(groups: Iterable[Group]) -> Mapping[UUID, UUID]:
    """The customer that each merged one is shown as, over all steps.

    Args:
        groups: Those of `MERGED`.

    >>> ana, anna, annie = UUID(int=1), UUID(int=2), UUID(int=3)
    >>> shown_as([Group((annie, anna), (1,)), Group((anna, ana), (1,))])[annie] == ana
    True
    """
    # ids, as `MERGED` declares them
    next_of = {cast(UUID, group.keys[0]): cast(UUID, group.keys[1]) for group in groups}
    return {one: _last(one, next_of) for one in next_of}


def _last(one: UUID, next_of: Mapping[UUID, UUID]) -> UUID:
    while one in next_of:
        one = next_of[one]
    return one


@frozen(kw_only=True)
class RatingMetric(Metric):
    """A metric of the ratings that answers to questions of one sort give, on one declared scale.

    Answers on other scales and of the other occasion are left out, as are words without a rating.
    """

    #: What the questions measure.
    instrument: ClassVar[Instrument]

    #: What they are about: answers of different occasions are never added up together.
    occasion: Occasion
    #: The scale of the ratings, such as "1-5", as the questions declare it.
    scale: str
    #: Name of the question; None for all that measure this.
    question: str | None = None
    #: Whether of several answers of a person to a question the latest alone counts: of a time that ends, the latest of
    #: those before its end.
    latest: bool = False

    def which(self, end: datetime | None = None) -> Where:
        """The answers that count.

        Args:
            end: The end of the time that is looked at, aware; None for the present.
        """
        rated = eq("instrument", self.instrument) & eq("occasion", self.occasion) & eq("scale", self.scale)
        of_question = ALL if self.question is None else eq("question", self.question)
        return rated & of_question & (latest_until(end) if self.latest else ALL) & ne("rating", None)

    def plans(self) -> Mapping[str, Plan]:
        """How many answers gave each rating."""
        return self.plans_until(None)

    def plans_until(self, end: datetime | None) -> Mapping[str, Plan]:
        """How many answers gave each rating; what somebody answered later supersedes none of them."""
        return {"ratings": Plan(cls=Answer, where=self.which(end), keys=(Key("rating"),), at="answered_at")}

    def finalise(self, state: State) -> Sequence[Score]:
        """The scores of the ratings; none of no answers."""
        ratings = {cast(int, group.keys[0]): group.values[0] or 0 for group in state["ratings"]}
        return self.scores(ratings) if any(ratings.values()) else []

    @abstractmethod
    def scores(self, ratings: Mapping[int, int]) -> Sequence[Score]:
        """The scores of ratings.

        Args:
            ratings: How many there were of each; at least one.
        """
