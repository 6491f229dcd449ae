"""Which answers rise and fall together: the ratings of the same persons to several questions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import combinations
from typing import cast
from uuid import UUID

from attrs import frozen

from clientloop.errors import InvalidValue
from clientloop.model.asking import Answer
from clientloop.model.plan import Aggregate, How, Key, Plan
from clientloop.model.where import ALL, Where, eq, ge, lt, ne
from clientloop.rules.asking.superseding import latest_until
from clientloop.rules.measures.discoveries import adjusted
from clientloop.rules.measures.ranks import METHOD, Correlation, spearman
from clientloop.rules.measures.signs import CORRECTION
from clientloop.services.context import Context
from clientloop.services.measures.making import newest
from clientloop.services.outer.spending import Persons

#: The latest rating of each person.
_Ratings = Mapping[UUID, float]


@frozen(kw_only=True)
class Pair:
    """How the ratings of two questions rise and fall together."""

    #: Name of the one question.
    one: str
    #: Name of the other.
    other: str
    #: From -1, against each other, to 1, together; None of fewer than three persons, or where one never changes.
    value: float | None
    #: How many persons answered both.
    count: int
    #: How often chance alone makes as much; None without a value.
    chance: float | None
    #: The smallest false discovery rate at which it counts, among all pairs.
    adjusted: float | None


@frozen(kw_only=True)
class Correlations:
    """How the ratings of several questions rise and fall together."""

    #: Names of the questions.
    questions: tuple[str, ...]
    #: Each two of them once, in their order.
    pairs: tuple[Pair, ...]
    #: How they were worked out.
    method: str = METHOD
    #: How so many comparisons were judged together.
    correction: str = CORRECTION

    def pair(self, one: str, other: str) -> Pair | None:
        """The pair of two questions, whichever is named first; None of a question with itself."""
        return next((pair for pair in self.pairs if {pair.one, pair.other} == {one, other}), None)


def correlations(
    context: Context,
    questions: Sequence[str],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    where: Where = ALL,
) -> Correlations:
    """Correlate; the arguments are those of `Metrics.correlations`.

    Raises:
        UnknownName: There is no such question, or no such field of answers.
        InvalidValue: There are fewer than two questions.
    """
    names = tuple(dict.fromkeys(questions))
    if len(names) < 2:
        raise InvalidValue("one question rises and falls with itself", hint="give two or more")
    persons = Persons(context)
    narrowed = where & _during(since, until)
    ratings = {name: _latest(context, persons, name, narrowed, until) for name in names}
    found = {pair: _correlation(ratings[pair[0]], ratings[pair[1]]) for pair in combinations(names, 2)}
    chances = {pair: one.chance for pair, one in found.items() if one.chance is not None}
    judged = dict(zip(chances, adjusted([*chances.values()]), strict=True))
    return Correlations(
        questions=names,
        pairs=tuple(
            Pair(
                one=pair[0],
                other=pair[1],
                value=one.value,
                count=one.count,
                chance=one.chance,
                adjusted=judged.get(pair),
            )
            for pair, one in found.items()
        ),
    )


def _during(since: datetime | None, until: datetime | None) -> Where:
    from_then = ALL if since is None else ge("answered_at", since)
    return from_then if until is None else from_then & lt("answered_at", until)


def _latest(context: Context, persons: Persons, question: str, where: Where, until: datetime | None) -> _Ratings:
    """The latest rating of each person to the newest form of a question; the mean of those given at the same time."""
    asked = newest(context, question)
    rated = eq("question", question) & eq("scale", asked.scale) & ne("rating", None) & ne("customer", None)
    plan = Plan(
        cls=Answer,
        where=rated & latest_until(until) & where,
        keys=(Key("customer"),),
        aggregates=(Aggregate(How.COUNT), Aggregate(How.SUM, "rating"), Aggregate(How.MAX, "answered_at")),
    )
    latest: dict[UUID, tuple[int, float]] = {}
    for group in context.store.aggregate(context.space.space, plan):
        person = persons.person(cast(UUID, group.keys[0]))  # as the plan declares
        count, total, at = group.values
        found = (at or 0, (total or 0) / (count or 1))
        latest[person] = max(latest.get(person, found), found)
    sign = -1 if asked.least_is_best else 1
    return {person: sign * rating for person, (_, rating) in latest.items()}


def _correlation(one: _Ratings, other: _Ratings) -> Correlation:
    both = sorted(one.keys() & other.keys())
    return spearman([one[person] for person in both], [other[person] for person in both])
