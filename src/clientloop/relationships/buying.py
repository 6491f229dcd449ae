"""What models that look at purchases have in common: which rows count, and where somebody stands by them.

A purchase of which nobody knows the time was made some time: its buyer is no stranger. But it lies in no window, and so
in no sum.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from itertools import chain
from uuid import UUID

from clientloop.model.codec import Json, instant
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.plan import Aggregate, Group, Groups, How, Key, Plan
from clientloop.model.where import Where, eq, ge, one_of
from clientloop.model.zones import zone_named
from clientloop.ports.relationship import Frame
from clientloop.rules.relationship.purchases import Bought, PurchaseStage, StageRule, stage_of
from clientloop.rules.relationship.windows import Window

#: What somebody bought.
BOUGHT = eq("kind", InteractionKind.PURCHASE)
#: What somebody gave back.
RETURNED = eq("kind", InteractionKind.RETURN)
#: Both.
TRADED = one_of("kind", (InteractionKind.PURCHASE, InteractionKind.RETURN))


class Measure(StrEnum):
    """What of purchases is measured; each net of returns."""

    #: What was paid, in minor units.
    REVENUE = "revenue"
    #: What was paid less what it had cost the firm; what names no cost had none.
    GROSS_PROFIT = "gross_profit"
    #: How many purchases there were.
    COUNT = "count"


def by_customer(*aggregates: Aggregate) -> Plan:
    """A plan over what each customer bought and gave back: those of several models are one and the same scan.

    Conditions of numbers that name the time first are told sooner, as most purchases are older than what is looked at.
    """
    return Plan(cls=Interaction, where=TRADED, keys=(Key("customer"),), aggregates=aggregates, at="occurred_at")


def of_each(
    groups: Sequence[Group], subjects: Sequence[UUID], nothing: tuple[int | None, ...]
) -> Sequence[tuple[int | None, ...]]:
    """The numbers of each subject, in their order, of groups that have no other key.

    Args:
        groups: The groups, in any order.
        subjects: The subjects.
        nothing: The numbers of a subject of which there is no group.
    """
    found = Groups.of(groups)
    numbers = dict(zip(chain.from_iterable(found.keys), found.values, strict=True))
    return [numbers.get(subject, nothing) for subject in subjects]


def here(frame: Frame) -> datetime:
    """The time that a frame is of, in the zone by whose calendar spans are counted."""
    return frame.as_of.astimezone(zone_named(frame.zone))


def since(begin: datetime) -> Where:
    """What happened at a time or later; what is of no known time did not."""
    return ge("occurred_at", begin)


def written(at: datetime) -> str:
    """A time as explanations hold it.

    >>> from datetime import timedelta, timezone
    >>> written(datetime(2026, 3, 1, 1, tzinfo=timezone(timedelta(hours=1))))
    '2026-03-01T00:00:00+00:00'
    """
    return at.astimezone(UTC).isoformat()


def stage_sums(rule: StageRule, frame: Frame) -> tuple[Aggregate, ...]:
    """The sums that the stage of buying follows from."""
    return (
        Aggregate(How.COUNT, where=BOUGHT),
        Aggregate(How.COUNT, where=eq("occurred_at", None) & BOUGHT),
        Aggregate(How.MAX, "occurred_at", where=BOUGHT),
        Aggregate(How.COUNT, where=since(rule.window.before(here(frame))) & BOUGHT),
    )


#: The stage sums of somebody who never bought.
_NOTHING = (0, 0, None, 0)


class Buyers:
    """Where customers stand by the stages of buying, and why.

    Args:
        groups: Of a plan of `stage_sums`.
        subjects: The customers.
        rule: How stages are told apart.
        frame: What the sums are of.
    """

    def __init__(self, groups: Sequence[Group], subjects: Sequence[UUID], rule: StageRule, frame: Frame) -> None:
        """Work out once what is the same for all."""
        self._sums = of_each(groups, subjects, _NOTHING)
        self._rule = rule
        self._of_all = {
            "as_of": written(frame.as_of),
            "since": written(rule.window.before(here(frame))),
            "period": str(rule.period),
            "periods": rule.periods,
            "regular_from": rule.regular_from,
        }

    def stages(self) -> Sequence[PurchaseStage]:
        """The stage of each, in their order."""
        return [stage_of(bool(bought), within or 0, self._rule) for bought, _, _, within in self._sums]

    def why(self, number: int) -> dict[str, Json]:
        """All that the stage of one follows from, by its number among them, as plain data."""
        _, undated, last, within = self._sums[number]
        at = None if last is None else instant(last).isoformat()
        return {"last": at, "within": within, "undated": undated, **self._of_all}


def bought_of(explanation: Mapping[str, Json]) -> Bought:
    """What an explanation of `Buyers` tells."""
    last = explanation["last"]
    return Bought(
        as_of=datetime.fromisoformat(explanation["as_of"]),
        last=None if last is None else datetime.fromisoformat(last),
        within=explanation["within"],
        undated=explanation["undated"],
        rule=StageRule(
            period=Window.parse(explanation["period"]),
            periods=explanation["periods"],
            regular_from=explanation["regular_from"],
        ),
    )
