"""The outer loop: what many feedback items point to, what the firm makes of it, and what it has declared about that."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import attrs
from attrs import field, frozen

from clientloop.errors import InvalidValue
from clientloop.model.calendar import Clock, Span
from clientloop.model.codec import Json, Maybe
from clientloop.model.customers import CustomerClass
from clientloop.model.feedback import Feedback
from clientloop.model.record import Index, Personal, record, record_of
from clientloop.model.where import ALL, Where, compile_test

#: The fields of feedback that improvements are about; not the employee, who is no cause.
TOPICS = ("kind", "channel", "product", "category", "cause", "team")


class ImprovementSort(StrEnum):
    """What many items have in common."""

    #: Why something happens again and again.
    CAUSE = "cause"
    #: What customers wish for.
    IDEA = "idea"
    #: Something that hit many customers at once.
    INCIDENT = "incident"


class ImprovementState(StrEnum):
    """Where an improvement stands."""

    #: A burst of items proposed it; a person decides.
    PROPOSED = "proposed"
    #: To be done.
    OPEN = "open"
    #: Done, with what was done and what was learnt.
    DONE = "done"
    #: Decided against.
    DISMISSED = "dismissed"


@record(
    "improvement",
    key=("id",),
    indexes=(Index("by_state", ("state", "created_at")), Index("by_origin", ("origin",), unique=True)),
)
@frozen(kw_only=True)
class Improvement:
    """One cause, idea or incident that many items point to."""

    #: The space it belongs to.
    space: str
    #: Its id.
    id: UUID
    #: What the items have in common.
    sort: ImprovementSort = ImprovementSort.CAUSE
    #: What is to become better.
    title: str
    #: Where it stands.
    state: ImprovementState = ImprovementState.OPEN
    #: What its items and the ratings around it are about: fields of feedback and their values.
    topic: Mapping[str, Json] = field(factory=dict)
    #: Who sees to it.
    owner: Maybe = None
    #: What was done, or why it was decided against.
    done: Personal[str | None] = None
    #: What the firm learnt.
    lesson: Personal[str | None] = None
    #: When it was opened or proposed, UTC.
    created_at: datetime
    #: When it was done or dismissed, UTC.
    done_at: datetime | None = None
    #: Who did or dismissed it.
    done_by: Personal[str | None] = None
    #: The burst that proposed it, with its value and a number; None if a person opened it.
    origin: str | None = None
    #: Whatever else is known.
    extra: Mapping[str, Json] = field(factory=dict)
    #: Counts changes; guards updates.
    version: int = 1

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done, or to be decided on."""
        return self.state in {ImprovementState.PROPOSED, ImprovementState.OPEN}


class BurstField(StrEnum):
    """What the items of a burst have in common."""

    CAUSE = "cause"
    CATEGORY = "category"
    PRODUCT = "product"
    CHANNEL = "channel"


def _check_within(_: object, __: object, within: Span) -> None:
    if within.clock is not Clock.ELAPSED or not within.amount:
        raise InvalidValue(f"a burst within {within}", hint='give minutes, hours or days, as in "2 hours"')


def _at_least(least: int) -> Callable[[object, Any, int], None]:  # Any: an attribute, of any type
    def check(_: object, declared: Any, number: int) -> None:  # Any: as above
        if number < least:
            raise InvalidValue(f"{declared.name} is {number}", hint=f"give {least} or more")

    return check


def _check_where(_: object, __: object, where: Where) -> None:
    """Refuse a condition over fields that feedback does not have, or values that they cannot hold."""
    compile_test(where, record_of(Feedback))


@frozen(kw_only=True)
class Burst:
    """When items come so close together that an incident is proposed.

    >>> from clientloop.model.calendar import hours
    >>> burst = Burst(name="outage", field=BurstField.PRODUCT, count=10, within=hours(2))
    """

    #: Its name.
    name: str
    #: The field in which the items have the same value.
    field: BurstField
    #: How many items make a burst.
    count: int = attrs.field(validator=_at_least(1))
    #: How close together they were recorded, in elapsed time.
    within: Span = attrs.field(validator=_check_within)
    #: Which items count at all.
    where: Annotated[Where, Feedback] = attrs.field(default=ALL, validator=_check_where)


def _check_percent(_: object, __: object, of_class: Mapping[CustomerClass, int]) -> None:
    for name, percent in of_class.items():
        if not 0 <= percent <= 100:
            raise InvalidValue(f"{percent} percent for class {name}", hint="give 0 to 100")


@frozen(kw_only=True)
class Urgency:
    """What makes an improvement urgent: how many points each part can give, and what gives half of them.

    `clientloop.rules.measures.urgency` has the formula.
    """

    #: Points for the number of customers touched.
    customers: int = field(default=30, validator=_at_least(0))
    #: How many customers give half of these points.
    half_customers: int = field(default=20, validator=_at_least(1))
    #: Points for their classes.
    classes: int = field(default=15, validator=_at_least(0))
    #: How many percent of these points a customer of a class gives; one without a class gives as much as the lowest.
    class_percent: Mapping[CustomerClass, int] = field(
        factory=lambda: {CustomerClass.A: 100, CustomerClass.B: 50, CustomerClass.C: 20}, validator=_check_percent
    )
    #: Points for what these customers bought in the last 365 days.
    revenue: int = field(default=25, validator=_at_least(0))
    #: How many minor units of the space's currency give half of these points.
    half_revenue: int = field(default=1_000_000, validator=_at_least(1))
    #: Points for the age of the oldest open item.
    age: int = field(default=15, validator=_at_least(0))
    #: How many days give half of these points.
    half_days: int = field(default=30, validator=_at_least(1))
    #: Points for how far ratings fall short of the best.
    ratings: int = field(default=15, validator=_at_least(0))
    #: How many ratings of the worst give half of these points.
    half_ratings: int = field(default=5, validator=_at_least(1))
