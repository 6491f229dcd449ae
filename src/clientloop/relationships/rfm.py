"""RFM: how lately, how often and for how much somebody bought, each as a score from 1 to 5.

`Rfm` is marketing's. `btyd_plan` and `btyd_of` give analysts what models of repeat buying take ("buy till you
die"), whose recency is another thing and has another name: `rules.relationship.rfm` says which.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import product
from typing import cast
from uuid import UUID

from attrs import field, frozen

from clientloop.model.codec import Json, instant
from clientloop.model.interactions import Interaction
from clientloop.model.plan import Aggregate, Bucket, Group, How, Key, Plan
from clientloop.model.relationships import Direction
from clientloop.model.where import ne
from clientloop.model.zones import zone_named
from clientloop.ports.metric import State
from clientloop.ports.relationship import Frame, Places, RelationshipModel
from clientloop.relationships.buying import BOUGHT, by_customer, here, of_each, since, written
from clientloop.rules.relationship.rfm import Btyd, btyd, fifth, no_greater
from clientloop.rules.relationship.windows import Window

#: The three scores, in the order in which a stage names them.
_SCORES: Sequence[str] = ("recency", "frequency", "monetary")


def _height(stage: str) -> int:
    return sum(map(int, stage))


@frozen(kw_only=True)
class Rfm(RelationshipModel):
    """Scores customers by recency, frequency and money, in fifths of those who bought in the window.

    A stage is the three scores one after the other: "555" are the best, "111" the others' end. It is higher if the sum
    of its scores is. Money is net of returns; whoever bought nothing in the window has no scores.

    >>> from clientloop.model.codec import microseconds
    >>> from datetime import UTC, datetime
    >>> kim, eva, tom = UUID(int=1), UUID(int=2), UUID(int=3)
    >>> frame = Frame(as_of=datetime(2026, 7, 1, tzinfo=UTC), currency="EUR")
    >>> may, june = (microseconds(datetime(2026, month, 1, tzinfo=UTC)) for month in (5, 6))
    >>> state = {"bought": [Group((kim,), (9, june, 80_00)), Group((eva,), (1, may, 99_00))]}
    >>> places = Rfm().assess(state, [kim, eva, tom], frame)
    >>> [place.stage for place in places.values()], places[kim].explanation["days_since"]
    (['553', '335', None], 29)
    """

    stages = tuple(sorted(("".join(scores) for scores in product("12345", repeat=3)), key=_height))

    #: How far back.
    window: Window = field(default=Window(amount=12, unit=Bucket.MONTH))

    def plans(self, frame: Frame) -> Mapping[str, Plan]:
        """How often each customer bought in the window, when last, and for how much."""
        within = since(self.window.before(here(frame)))
        return {
            "bought": by_customer(
                Aggregate(How.COUNT, where=within & BOUGHT),
                Aggregate(How.MAX, "occurred_at", where=BOUGHT),  # in the window, if any purchase is
                Aggregate(How.SUM, "amount", where=within),
            )
        }

    def assess(self, state: State, subjects: Sequence[UUID], frame: Frame) -> Places:
        """Score those who bought in the window against each other; the others have no scores."""
        sums = of_each(state["bought"], subjects, (0, None, None))
        today, zone = _last_day(frame).toordinal(), zone_named(frame.zone)
        known = {
            number: (instant(last).astimezone(zone).toordinal(), purchases, spent or 0)
            for number, (purchases, last, spent) in enumerate(sums)
            if purchases and last is not None
        }
        recency, frequency, monetary = (
            no_greater([values[place] for values in known.values()]) for place in range(len(_SCORES))
        )
        of = len(known)
        of_all = {
            "currency": frame.currency,
            "since": written(self.window.before(here(frame))),
            "as_of": written(frame.as_of),
            "zone": frame.zone,
        }

        def why(number: int) -> Mapping[str, Json]:
            if number not in known:
                return {**of_all, "purchases": 0}
            day, purchases, spent = known[number]
            no_better = dict(zip(_SCORES, (recency[day], frequency[purchases], monetary[spent]), strict=True))
            told = {"days_since": today - day, "purchases": purchases, "spent": spent, "no_better": no_better, "of": of}
            return {**of_all, **told}

        stages = {
            number: f"{fifth(recency[day], of)}{fifth(frequency[purchases], of)}{fifth(monetary[spent], of)}"
            for number, (day, purchases, spent) in known.items()
        }
        return Places(subjects, list(map(stages.get, range(len(subjects)))), why)

    def stage_of(self, explanation: Mapping[str, Json]) -> str | None:
        """The three scores of what is told; none of whoever bought nothing."""
        if not explanation["purchases"]:
            return None
        of = explanation["of"]
        return "".join(str(fifth(explanation["no_better"][score], of)) for score in _SCORES)

    def direction(self, before: str | None, now: str | None) -> Direction:
        """Up if the sum of the scores rises, and down if it falls."""
        known = before in self.stages and now in self.stages
        if known and _height(str(before)) == _height(str(now)):
            return Direction.SAME
        return super().direction(before, now)


def btyd_plan(frame: Frame) -> Plan:
    """What each customer bought on each day, in the zone of the frame: what `btyd_of` takes."""
    return Plan(
        cls=Interaction,
        where=BOUGHT & ne("occurred_at", None),
        keys=(Key("customer"), Key("occurred_at", Bucket.DAY, frame.zone)),
        aggregates=(Aggregate(How.SUM, "amount"),),
        at="occurred_at",
    )


def btyd_of(groups: Iterable[Group], frame: Frame) -> Mapping[UUID, Btyd]:
    """What models of repeat buying take, of each customer who bought.

    Args:
        groups: The groups of `btyd_plan`, in any order.
        frame: What the plan saw.

    >>> from datetime import UTC, datetime
    >>> kim, frame = UUID(int=1), Frame(as_of=datetime(2026, 4, 12, tzinfo=UTC), currency="EUR")
    >>> groups = [Group((kim, date(2026, 3, 1)), (700,)), Group((kim, date(2026, 4, 1)), (300,))]
    >>> btyd_of(groups, frame)[kim]
    Btyd(repeats=1, active_days=31, age_days=41, repeat_value=300)
    """
    days: dict[UUID, list[tuple[date, int]]] = {}
    for group in groups:
        customer, day = cast("tuple[UUID, date]", group.keys)  # as the plan says
        days.setdefault(customer, []).append((day, group.values[0] or 0))
    return {customer: btyd(bought, as_of=_last_day(frame)) for customer, bought in days.items()}


def _last_day(frame: Frame) -> date:
    """The last day of which something counts: at midnight, the day that is over."""
    return (here(frame) - timedelta(microseconds=1)).date()
