"""Whether one of two wordings or looks does better than the other, or chance alone."""

from collections.abc import Mapping, Sequence

from attrs import frozen

from clientloop.errors import InvalidValue
from clientloop.model.asking import Answer, Instrument, Invitation, Occasion
from clientloop.model.plan import Aggregate, How, Key, Plan
from clientloop.model.scales import Scale as RatingScale
from clientloop.model.where import Where, eq, ge, le, ne, one_of
from clientloop.ports.metric import Metric, Scale, Score, State
from clientloop.rules.measures.intervals import difference
from clientloop.rules.measures.rates import Share

DIFFERENCE = Scale(unit="difference of shares", low=-1, high=1)


@frozen(kw_only=True)
class _Variants(Metric):
    """What the comparisons of variants have in common."""

    #: Name of the question.
    question: str
    #: What it is about.
    occasion: Occasion
    #: The variant that the share is taken of first.
    variant: str
    #: The variant whose share is taken away from it.
    base: str

    def __attrs_post_init__(self) -> None:
        """Refuse to compare a variant with itself."""
        if self.variant == self.base:
            raise InvalidValue(f"{self.variant!r} is compared with itself", hint="give two variants")

    def _plan(self, cls: type, which: Where, part: Where, at: str) -> Plan:
        asked = eq("question", self.question) & eq("occasion", self.occasion)
        return Plan(
            cls=cls,
            where=asked & one_of("variant", (self.variant, self.base)) & which,
            keys=(Key("variant"),),
            aggregates=(Aggregate(How.COUNT), Aggregate(How.COUNT, where=part)),
            at=at,
        )

    def finalise(self, state: State) -> Sequence[Score]:
        """The share of the one variant less that of the other; none unless there are rows of both."""
        shares = {
            group.keys[0]: Share(part or 0, whole)
            for group in state["variants"]
            for whole, part in [group.values]
            if whole
        }
        if len(shares) < 2:
            return []
        one, other = shares[self.variant], shares[self.base]
        return [
            Score(
                value=one.part / one.whole - other.part / other.whole,
                count=one.whole + other.whole,
                interval=difference(one, other),
                scale=DIFFERENCE,
            )
        ]


@frozen(kw_only=True)
class ResponseDifference(_Variants):
    """How much better one variant of an invitation is answered than another, with Newcombe's interval.

    As for the response rate, invitations that are not known to have arrived are in neither number, answered or not.

    >>> from clientloop.model.plan import Group
    >>> metric = ResponseDifference(question="q", occasion=Occasion.RELATIONAL, variant="b", base="a")
    >>> [score] = metric.finalise({"variants": [Group(("a",), (80, 48)), Group(("b",), (70, 56))]})
    >>> print(f"{score.value:.2f}, {score.interval.low:.4f} to {score.interval.high:.4f}")
    0.20, 0.0524 to 0.3339
    """

    def plans(self) -> Mapping[str, Plan]:
        """How many invitations of each variant arrived, and how many of these were answered."""
        arrived, answered = ne("delivered_at", None), ne("answered_at", None)
        return {"variants": self._plan(Invitation, arrived, answered, "asked_at")}


@frozen(kw_only=True)
class RatingDifference(_Variants):
    """How many more good ratings one variant of a question gets than another, with Newcombe's interval.

    >>> RatingDifference(
    ...     question="q", occasion=Occasion.TRANSACTIONAL, variant="b", base="a", scale="1-5", good_from=4
    ... ).plans()["variants"].at
    'answered_at'
    """

    #: What the question measures.
    instrument: Instrument = Instrument.CSAT
    #: The scale of the ratings.
    scale: str
    #: The rating from which an answer counts as good, or up to which where the least is best.
    good_from: int
    #: Whether the least rating of the scale is the best one.
    least_is_best: bool = False

    def __attrs_post_init__(self) -> None:
        """Refuse what is no scale, and what is good outside of it."""
        super().__attrs_post_init__()
        RatingScale.parse(self.scale).check(self.good_from)

    def plans(self) -> Mapping[str, Plan]:
        """How many ratings each variant got, and how many of these are good."""
        rated = eq("instrument", self.instrument) & eq("scale", self.scale) & ne("rating", None)
        good = le("rating", self.good_from) if self.least_is_best else ge("rating", self.good_from)
        return {"variants": self._plan(Answer, rated, good, "answered_at")}
