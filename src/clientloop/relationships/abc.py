"""ABC: which customers bring most of revenue, gross profit or purchases within a window."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from attrs import evolve, field, frozen

from clientloop.model.codec import Json
from clientloop.model.customers import CustomerClass
from clientloop.model.plan import Aggregate, Bucket, How, Plan
from clientloop.ports.metric import State
from clientloop.ports.relationship import Frame, Places, RelationshipModel
from clientloop.relationships.buying import BOUGHT, RETURNED, Measure, by_customer, here, of_each, since, written
from clientloop.rules.relationship.abc import AbcPlace, AbcRule, abc
from clientloop.rules.relationship.windows import Window

#: What each measure adds up, and what it takes off.
_SUMS: Mapping[Measure, Mapping[Aggregate, int]] = {
    Measure.REVENUE: {Aggregate(How.SUM, "amount"): 1},
    Measure.GROSS_PROFIT: {
        Aggregate(How.SUM, "amount"): 1,
        Aggregate(How.SUM, "cost"): -1,
    },
    Measure.COUNT: {Aggregate(How.COUNT, where=BOUGHT): 1, Aggregate(How.COUNT, where=RETURNED): -1},
}


@frozen(kw_only=True)
class Abc(RelationshipModel):
    """Parts customers and companies into classes by what they bring; `rules.relationship.abc` says how.

    Whoever bought nothing in the window has no class. A newcomer, whose purchases are all recent, cannot have brought
    much yet: the explanation says who is one.

    >>> from clientloop.model.plan import Group
    >>> from datetime import UTC, datetime
    >>> kim, eva, tom = UUID(int=1), UUID(int=2), UUID(int=3)
    >>> frame = Frame(as_of=datetime(2026, 7, 1, tzinfo=UTC), currency="EUR")
    >>> state = {"bought": [Group((kim,), (9, 0, 9, 95_00)), Group((eva,), (1, 1, 1, 5_00))]}
    >>> places = Abc().assess(state, [kim, eva, tom], frame)
    >>> [place.stage for place in places.values()]
    ['A', 'C', None]
    >>> places[eva].explanation["before"], places[eva].explanation["total"], places[eva].explanation["newcomer"]
    (9500, 10000, True)
    """

    stages = ("C", "B", "A")
    of_accounts = True

    #: What is measured.
    measure: Measure = Measure.REVENUE
    #: How far back.
    window: Window = field(default=Window(amount=12, unit=Bucket.MONTH))
    #: How customers are parted.
    rule: AbcRule = field(factory=AbcRule)
    #: How long after the first purchase somebody is a newcomer.
    newcomer: Window = field(default=Window(amount=3, unit=Bucket.MONTH))

    def plans(self, frame: Frame) -> Mapping[str, Plan]:
        """What each customer ever bought, bought lately, bought in the window, and brought in it."""
        within = since(self.window.before(here(frame)))
        return {
            "bought": by_customer(
                Aggregate(How.COUNT, where=BOUGHT),
                Aggregate(How.COUNT, where=since(self.newcomer.before(here(frame))) & BOUGHT),
                Aggregate(How.COUNT, where=within & BOUGHT),
                *(evolve(part, where=within & part.where) for part in _SUMS[self.measure]),
            )
        }

    def assess(self, state: State, subjects: Sequence[UUID], frame: Frame) -> Places:
        """Part those who bought in the window; the others are in no class."""
        sums = of_each(state["bought"], subjects, (0, 0, 0))
        signs = tuple(_SUMS[self.measure].values())
        net = {
            subject: sum([sign * (part or 0) for sign, part in zip(signs, parts, strict=True)])
            for subject, (_, _, within, *parts) in zip(subjects, sums, strict=True)
            if within
        }
        places = abc(net, self.rule)
        shares = {customer_class.value: share for customer_class, share in self.rule.shares.items()}
        of_all = {
            "measure": self.measure.value,
            "currency": None if self.measure is Measure.COUNT else frame.currency,
            "since": written(self.window.before(here(frame))),
            "as_of": written(frame.as_of),
        }

        def why(number: int) -> Mapping[str, Json]:
            subject, (ever, lately, within, *_) = subjects[number], sums[number]
            told: dict[str, Json] = {**of_all, "purchases": within, "newcomer": bool(ever) and ever == lately}
            place = places.get(subject)
            if place is not None:
                told |= {"net": net[subject], **{name: getattr(place, name) for name in _NUMBERS}, "shares": shares}
            return told

        stages: dict[UUID, str] = {}
        for customer_class, customers in places.classes().items():
            stages |= dict.fromkeys(customers, customer_class.value)
        return Places(subjects, list(map(stages.get, subjects)), why)

    def stage_of(self, explanation: Mapping[str, Json]) -> str | None:
        """The class of the place that is told; none of whoever bought nothing."""
        if not explanation["purchases"]:
            return None
        shares = {customer_class: explanation["shares"][customer_class.value] for customer_class in CustomerClass}
        numbers = {name: explanation[name] for name in _NUMBERS}
        return AbcPlace(**numbers, rule=AbcRule(shares=shares)).customer_class.value


#: The fields of a place that are numbers.
_NUMBERS = ("value", "before", "total", "rank", "of")
