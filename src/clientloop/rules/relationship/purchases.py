"""The stages of somebody who buys: potential, one-time, regular, lost."""

from datetime import datetime
from enum import StrEnum

from attrs import field, frozen
from attrs.validators import ge

from clientloop.errors import InvalidValue
from clientloop.model.plan import Bucket
from clientloop.rules.relationship.windows import Window


class PurchaseStage(StrEnum):
    """What a person who may buy is to the firm."""

    #: Has never bought.
    POTENTIAL = "potential"
    #: Has bought too seldom to be called regular.
    ONE_TIME = "one-time"
    #: Buys again and again.
    REGULAR = "regular"
    #: Has bought, and not for long.
    LOST = "lost"


@frozen(kw_only=True)
class StageRule:
    """How stages are told apart."""

    #: How long one period is.
    period: Window = field(default=Window(amount=30, unit=Bucket.DAY))
    #: Over how many periods purchases are counted; who bought in none of them is lost.
    periods: int = field(default=12, validator=ge(1))
    #: How many purchases within them make a regular customer.
    regular_from: int = field(default=2, validator=ge(2))

    @property
    def window(self) -> Window:
        """How far back purchases count."""
        return self.period.times(self.periods)


@frozen(kw_only=True)
class Bought:
    """When and how often somebody bought: all that the stage follows from."""

    #: The day or time that the stage is of, aware.
    as_of: datetime
    #: The last purchase until then, aware; None if there was none.
    last: datetime | None
    #: How many purchases there were within the window that ends then.
    within: int
    #: How many purchases there were at times that nobody knows: these lie in no window.
    undated: int = 0
    #: As of `StageRule`.
    rule: StageRule

    @property
    def stage(self) -> PurchaseStage:
        """The stage.

        Raises:
            InvalidValue: There were purchases, but no last one.

        >>> from datetime import UTC
        >>> march, may = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
        >>> Bought(as_of=may, last=march, within=1, rule=StageRule()).stage
        <PurchaseStage.ONE_TIME: 'one-time'>
        """
        if self.within and self.last is None:
            raise InvalidValue(f"{self.within} purchases, and no last one")
        return stage_of(self.last is not None or bool(self.undated), self.within, self.rule)


def stage_of(bought: bool, within: int, rule: StageRule) -> PurchaseStage:
    """The stage of somebody.

    Args:
        bought: Whether there was ever a purchase.
        within: How many purchases there were within the window.
        rule: How stages are told apart.

    >>> stage_of(True, 0, StageRule())
    <PurchaseStage.LOST: 'lost'>
    """
    if not bought:
        return PurchaseStage.POTENTIAL
    if not within:
        return PurchaseStage.LOST
    return PurchaseStage.REGULAR if within >= rule.regular_from else PurchaseStage.ONE_TIME
