"""Five stages of a relationship: awareness, exploration, expansion, commitment, dissolution.

The stages are those of F. R. Dwyer, P. H. Schurr and S. Oh, Journal of Marketing 51 (1987) 11, as F. Buttle's textbook
"Customer Relationship Management" has them. They speak of trust, interdependence and satisfaction, which nobody can
count; what is counted here in their place are proxies, and the rows of `PROXIES` say which:

>>> for stage, proxy in PROXIES.items():
...     print(f"{stage.value}: {proxy}")
awareness: the firm has written, or the person has looked; nothing was said or bought
exploration: something was asked, said or tried: at most one purchase counts
expansion: bought more than once, and over more than one kind of contact
commitment: bought in nearly every period, gave praise or brought somebody, and has no complaint open
dissolution: one side has ended it, or the person was a customer and has long been silent
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum

from attrs import field, frozen
from attrs.validators import ge

from clientloop.model.plan import Bucket
from clientloop.rules.relationship.windows import Window


class Stage(StrEnum):
    """How far a relationship has come."""

    AWARENESS = "awareness"
    EXPLORATION = "exploration"
    EXPANSION = "expansion"
    COMMITMENT = "commitment"
    DISSOLUTION = "dissolution"


class Side(StrEnum):
    """Who ended a relationship."""

    CUSTOMER = "customer"
    FIRM = "firm"
    BOTH = "both"


class Reason(StrEnum):
    """Why a relationship ended."""

    NEEDS_CHANGED = "needs_changed"
    BETTER_ALTERNATIVE = "better_alternative"
    DISSATISFIED = "dissatisfied"
    UNKNOWN = "unknown"


#: What is counted in the place of what the stages mean.
PROXIES: Mapping[Stage, str] = {
    Stage.AWARENESS: "the firm has written, or the person has looked; nothing was said or bought",
    Stage.EXPLORATION: "something was asked, said or tried: at most one purchase counts",
    Stage.EXPANSION: "bought more than once, and over more than one kind of contact",
    Stage.COMMITMENT: "bought in nearly every period, gave praise or brought somebody, and has no complaint open",
    Stage.DISSOLUTION: "one side has ended it, or the person was a customer and has long been silent",
}


@frozen(kw_only=True)
class ButtleRule:
    """How the proxies are measured."""

    #: How long one period is.
    period: Window = field(default=Window(amount=30, unit=Bucket.DAY))
    #: How many periods are looked at.
    periods: int = field(default=12, validator=ge(1))
    #: In how many of these a committed customer buys.
    committed_from: int = field(default=10, validator=ge(1))
    #: How many kinds of contact an expanding relationship has: purchases, calls, messages, meetings, visits.
    kinds_from: int = field(default=2, validator=ge(1))
    #: After how long a silence a customer is gone.
    silence: Window = field(default=Window(amount=360, unit=Bucket.DAY))


@frozen(kw_only=True)
class Ended:
    """That a relationship was ended by somebody's word."""

    #: Who ended it.
    side: Side
    #: Why.
    reason: Reason = Reason.UNKNOWN


@frozen(kw_only=True)
class Dealings:
    """What has passed between a person and the firm: all that the stage follows from."""

    #: The time that the stage is of, in the zone by whose calendar spans are counted.
    as_of: datetime
    #: When the person last did anything, aware: bought, asked, looked; None if never.
    last_active: datetime | None = None
    #: How many purchases there ever were.
    bought: int = 0
    #: How many of them within the periods that are looked at.
    bought_lately: int = 0
    #: In how many of these periods something was bought.
    buying_periods: int = 0
    #: How many kinds of contact there were within them.
    kinds: int = 0
    #: How many things the person ever said or asked.
    said: int = 0
    #: How often the person gave praise or brought somebody within the periods.
    favours: int = 0
    #: How many complaints of the person are open.
    open_complaints: int = 0
    #: Whether the last complaint ended without the person's being content.
    left_dissatisfied: bool = False
    #: Whether, and how, it was ended by a word.
    ended: Ended | None = None
    #: As of `ButtleRule`.
    rule: ButtleRule = field(factory=ButtleRule)

    @property
    def stage(self) -> Stage:
        """The stage: the first of the tests that holds.

        >>> from datetime import UTC
        >>> now = datetime(2026, 3, 2, tzinfo=UTC)
        >>> Dealings(as_of=now, last_active=now, said=1).stage, Dealings(as_of=now).stage
        (<Stage.EXPLORATION: 'exploration'>, <Stage.AWARENESS: 'awareness'>)
        """
        return next((stage for stage, test in _TESTS.items() if test(self)), Stage.AWARENESS)

    @property
    def dissolution(self) -> Ended | None:
        """Who ended it and why, in `Stage.DISSOLUTION`; None in any other.

        Whoever falls silent has ended it; after a complaint that did not end well, that is the reason.
        """
        if self.stage is not Stage.DISSOLUTION:
            return None
        if self.ended is not None:
            return self.ended
        return Ended(side=Side.CUSTOMER, reason=Reason.DISSATISFIED if self.left_dissatisfied else Reason.UNKNOWN)


def _is_over(dealings: Dealings) -> bool:
    if dealings.ended is not None:
        return True
    last = dealings.last_active
    return dealings.bought > 0 and (last is None or last < dealings.rule.silence.before(dealings.as_of))


def _is_committed(dealings: Dealings) -> bool:
    rule = dealings.rule
    return (
        dealings.buying_periods >= rule.committed_from
        and dealings.kinds >= rule.kinds_from
        and dealings.favours > 0
        and not dealings.open_complaints
    )


def _is_expanding(dealings: Dealings) -> bool:
    return dealings.bought_lately > 1 and dealings.kinds >= dealings.rule.kinds_from


def _is_exploring(dealings: Dealings) -> bool:
    return dealings.bought > 0 or dealings.said > 0


#: The tests of the stages, the first that holds decides; who fulfils none is aware of the firm.
_TESTS: Mapping[Stage, Callable[[Dealings], bool]] = {
    Stage.DISSOLUTION: _is_over,
    Stage.COMMITMENT: _is_committed,
    Stage.EXPANSION: _is_expanding,
    Stage.EXPLORATION: _is_exploring,
}
