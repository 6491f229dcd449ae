"""XYZ: how evenly regular customers buy, over whole spans of the calendar."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time
from uuid import UUID

from attrs import field, frozen
from attrs.validators import ge, in_

from clientloop.model.codec import Json, microseconds
from clientloop.model.interactions import Interaction
from clientloop.model.plan import Aggregate, Bucket, Fold, Folded, How, Key, Plan
from clientloop.model.where import lt
from clientloop.model.zones import zone_named
from clientloop.ports.metric import State
from clientloop.ports.relationship import Frame, Place, Places, RelationshipModel
from clientloop.relationships.buying import (
    BOUGHT,
    TRADED,
    Buyers,
    Measure,
    bought_of,
    by_customer,
    of_each,
    since,
    stage_sums,
    written,
)
from clientloop.rules.measures.aggregation import first_day
from clientloop.rules.relationship.purchases import PurchaseStage, StageRule
from clientloop.rules.relationship.windows import Window
from clientloop.rules.relationship.xyz import Deviation, Evenness, Variation, XyzRule, evenness_of, one_sided

#: What is added up in each span. Of two sums the squares of the difference cannot be added up, so that gross profit is
#: none of these, and a return takes no purchase off the count.
_SUMS: Mapping[Measure, Aggregate] = {
    Measure.REVENUE: Aggregate(How.SUM, "amount"),
    Measure.COUNT: Aggregate(How.COUNT, where=BOUGHT),
}


@frozen(kw_only=True)
class Xyz(RelationshipModel):
    """Parts regular customers by how evenly they buy; `rules.relationship.xyz` says how, and why the span decides.

    Spans are whole ones, and end with the last that was over. Whoever is no regular customer has no class, nor has
    whoever gave back as much as was bought.

    >>> from clientloop.model.plan import Group
    >>> kim, tom = UUID(int=1), UUID(int=3)
    >>> frame = Frame(as_of=datetime(2026, 7, 1, tzinfo=UTC), currency="EUR")
    >>> bought = Group((kim,), (12, 0, microseconds(datetime(2026, 6, 1, tzinfo=UTC)), 12))
    >>> state = {"bought": [bought], "spans": [Group((kim,), (12, 12_00, 12_20_00))]}
    >>> places = Xyz().assess(state, [kim, tom], frame)
    >>> [place.stage for place in places.values()], places[kim].explanation["percent"]
    (['Y', None], 12)
    """

    stages = (Evenness.Z.value, Evenness.Y.value, Evenness.X.value)

    #: What is measured: revenue or the count of purchases.
    measure: Measure = field(default=Measure.REVENUE, validator=in_(list(_SUMS)))
    #: How long a span is.
    bucket: Bucket = Bucket.MONTH
    #: How many spans are looked at.
    buckets: int = field(default=12, validator=ge(1))
    #: Whether spans in which nothing was bought count as such; if not, only the others are compared.
    zeros: bool = True
    #: Borders, and which deviation.
    rule: XyzRule = field(factory=XyzRule)
    #: Who is a regular customer.
    regular: StageRule = field(factory=StageRule)

    def plans(self, frame: Frame) -> Mapping[str, Plan]:
        """The stage of buying of each customer, and the sums and squares of what was bought in each span."""
        begin, end = self._spans(frame)
        return {
            "bought": by_customer(*stage_sums(self.regular, frame)),
            "spans": Plan(
                cls=Interaction,
                where=TRADED & since(begin) & lt("occurred_at", end),
                keys=(Key("customer"), Key("occurred_at", self.bucket, frame.zone)),
                aggregates=(_SUMS[self.measure],),
                fold=Fold(keys=1, aggregates=(Folded(How.COUNT), Folded(How.SUM, 0), Folded(How.SQUARES, 0))),
                at="occurred_at",
            ),
        }

    def assess(self, state: State, subjects: Sequence[UUID], frame: Frame) -> Places:
        """Part the regular customers; the others are in no class."""
        buyers = Buyers(state["bought"], subjects, self.regular, frame)
        spans = of_each(state["spans"], subjects, (0, None, None))
        begin, end = self._spans(frame)
        of_all = {
            "measure": self.measure.value,
            "currency": frame.currency if self.measure is Measure.REVENUE else None,
            "bucket": self.bucket.value,
            "zone": frame.zone,
            "since": written(begin),
            "until": written(end),
            "zeros": self.zeros,
            "borders": list(self.rule.borders),
            "deviation": self.rule.deviation.value,
        }

        def varies(active: int | None, total: int | None, squares: int | None) -> tuple[int, int, int]:
            return self.buckets if self.zeros else active or 0, total or 0, squares or 0

        def stage(buying: PurchaseStage, sums: tuple[int | None, ...]) -> str | None:
            evenness = evenness_of(*varies(*sums), self.rule) if buying is PurchaseStage.REGULAR else None
            return None if evenness is None else evenness.value

        def why(number: int) -> Mapping[str, Json]:
            count, total, squares = varies(*spans[number])
            percent = Variation(spans=count, total=total, squares=squares, rule=self.rule).percent
            told = {"spans": count, "total": total, "squares": squares, "percent": percent}
            return {"buying": buyers.why(number), **of_all, **told}

        return Places(subjects, list(map(stage, buyers.stages(), spans)), why)

    def stage_of(self, explanation: Mapping[str, Json]) -> str | None:
        """The class of a regular customer."""
        if bought_of(explanation["buying"]).stage is not PurchaseStage.REGULAR:
            return None
        evenness = _variation(explanation).evenness
        return None if evenness is None else evenness.value

    def remarks(self, places: Iterable[Place]) -> Sequence[str]:
        """That a class holds nearly everybody, and which borders would tell more."""
        found = one_sided([_variation(place.explanation) for place in places if place.stage is not None])
        return () if found is None else (str(found),)

    def _spans(self, frame: Frame) -> tuple[datetime, datetime]:
        """Begin and end of the whole spans that are looked at, in UTC."""
        last = first_day(microseconds(frame.as_of), self.bucket, frame.zone)
        end = datetime.combine(last, time(), zone_named(frame.zone))
        return Window(amount=self.buckets, unit=self.bucket).before(end), end.astimezone(UTC)


def _variation(explanation: Mapping[str, Json]) -> Variation:
    """What an explanation tells of how evenly somebody buys."""
    first, second = explanation["borders"]
    rule = XyzRule(borders=(first, second), deviation=Deviation(explanation["deviation"]))
    return Variation(spans=explanation["spans"], total=explanation["total"], squares=explanation["squares"], rule=rule)
