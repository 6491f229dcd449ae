"""Bursts: items that come so close together that an incident is proposed, and its superiors told, once.

The check runs after the item was written, on its own: what it runs into harms no receipt and no move. What a crash
leaves undone, the next item of the burst makes good. Items that come from files of another system are not looked at.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from clientloop.errors import ClientLoopError, Duplicate
from clientloop.model.calendar import Span
from clientloop.model.calendar import Unit as Length
from clientloop.model.codec import write_json
from clientloop.model.customers import Purpose
from clientloop.model.facts import Fact, FactName
from clientloop.model.feedback import Feedback
from clientloop.model.improvements import Burst, Improvement, ImprovementSort, ImprovementState
from clientloop.model.messages import OutboundMessage
from clientloop.model.units import Insert, Unit
from clientloop.model.where import ALL, Where, compile_test, eq, ge, gt, le, lt
from clientloop.rules.loop.draft import FEEDBACK
from clientloop.rules.staff.presence import superiors
from clientloop.services.context import Context
from clientloop.services.loop.lookups import presence
from clientloop.services.outer.measuring import about

logger = logging.getLogger(__name__)

#: The template of the alert.
INCIDENT = "incident"

_LENGTHS = {
    Length.MINUTES: timedelta(minutes=1),
    Length.HOURS: timedelta(hours=1),
    Length.DAYS: timedelta(days=1),
}


def watch(context: Context, item: Feedback, before: Feedback | None = None) -> None:
    """Look whether an item makes a burst full, and propose the incident if it does.

    Args:
        context: The space.
        item: The item, as it was just written.
        before: As it was before; None if it is new.
    """
    for burst in context.settings.bursts:
        value: str | None = getattr(item, burst.field)
        if value is None or (before is not None and getattr(before, burst.field) == value):
            continue
        if compile_test(burst.where, FEEDBACK)(FEEDBACK.encode(item)):
            try:
                _look(context, item, burst, value)
            except ClientLoopError as error:  # the item is written: whoever wrote it must not hear that it is not
                logger.error("the burst %s was not looked at, %s", burst.name, type(error).__name__)


def burst_items(context: Context, proposed: Improvement) -> Where:
    """The items of a burst: all since its first that are about the same.

    Args:
        context: The space.
        proposed: The incident that was proposed.

    Raises:
        InvalidValue: Somebody has taken its topic away.
    """
    declared = {burst.name: burst.where for burst in context.settings.bursts}
    since = datetime.fromisoformat(proposed.extra["since"])
    return about(proposed) & ge("recorded_at", since) & declared.get(proposed.extra["burst"], ALL)


def _look(context: Context, item: Feedback, burst: Burst, value: str) -> None:
    same, window = eq(burst.field, value) & burst.where, _length(burst.within)
    full = _full_window(context, item, burst.count, window, same)
    number = None if full is None else _next_number(context, burst, value, window)
    if full is not None and number is not None:
        where = same & ge("recorded_at", full[-1].recorded_at - window)
        (first,) = context.store.page(Feedback, item.space, where=where, order="by_time", limit=1)
        _propose(context, burst, value, number=number, since=first.recorded_at)


def _length(span: Span) -> timedelta:
    return span.amount * _LENGTHS[span.unit]


def _full_window(
    context: Context, item: Feedback, count: int, window: timedelta, same: Where
) -> Sequence[Feedback] | None:
    """So many items that were recorded close together, the item among them; None if there are not so many.

    A new item is the last one. A cause is set later, in any order: then those that were recorded after it count too.
    """
    store, at = context.store, item.recorded_at
    earlier = same & ge("recorded_at", at - window) & le("recorded_at", at)
    later = same & gt("recorded_at", at) & le("recorded_at", at + window)
    read = store.page(Feedback, item.space, where=earlier, order="by_time", limit=count, descending=True)
    rows = [*reversed(read.items)]
    if len(rows) < count and at < context.now():
        rows += store.page(Feedback, item.space, where=later, order="by_time", limit=count).items
    windows = (rows[start : start + count] for start in range(len(rows) - count + 1))
    return next((found for found in windows if found[-1].recorded_at - found[0].recorded_at <= window), None)


def _next_number(context: Context, burst: Burst, value: str, window: timedelta) -> int | None:
    """The number of the next incident of the same; None while one is open, or ended so lately that it is still that."""
    begin = _origin(burst, value)
    where = ge("origin", begin) & lt("origin", begin[:-1] + chr(ord(begin[-1]) + 1))
    known = tuple(context.store.pages(Improvement, context.space.space, where=where, order="by_origin"))
    lasts = any(one.done_at is None or one.done_at > context.now() - window for one in known)
    return None if lasts else len(known) + 1


def _origin(burst: Burst, value: str, number: int | str = "") -> str:
    """What no two incidents share: of workers that propose the same at once, all but one are refused."""
    return f"{write_json([burst.name, value])}#{number}"


def _propose(context: Context, burst: Burst, value: str, *, number: int, since: datetime) -> None:
    now = context.now()
    incident = Improvement(
        space=context.space.space, id=context.new_id(), sort=ImprovementSort.INCIDENT,
        title=f"{burst.name}: {value}", state=ImprovementState.PROPOSED, topic={burst.field.value: value},
        created_at=now, origin=_origin(burst, value, number),
        extra={"burst": burst.name, "since": since.isoformat()},
    )  # fmt: skip
    alerts = tuple(_alerts(context, incident, burst, value, since))
    fact = Fact(FactName.IMPROVEMENT_PROPOSED, incident.space, incident.id, now, {"burst": burst.name})
    queued = (
        Fact(
            FactName.MESSAGE_QUEUED, alert.space, alert.id, now,
            {"item": None, "template": alert.template, "channel": alert.channel},
        )
        for alert in alerts
    )  # fmt: skip
    try:
        context.commit(Unit((Insert(incident), *map(Insert, alerts)), (fact, *queued)))
    except Duplicate:
        return  # another worker was faster


def _alerts(
    context: Context, incident: Improvement, burst: Burst, value: str, since: datetime
) -> Iterator[OutboundMessage]:
    values = {
        "burst": burst.name,
        "field": burst.field.value,
        "value": value,
        "count": str(burst.count),
        "within": str(burst.within),
        "since": f"{since:%Y-%m-%d %H:%M} UTC",
    }
    subject, body = context.kit.render(INCIDENT, None, values)
    for member in superiors(presence(context), team=None, lead=None):
        if member.channel and member.address:
            yield OutboundMessage(
                space=incident.space, id=context.new_id(), channel=member.channel, to=member.address,
                purpose=Purpose.INTERNAL, template=INCIDENT, automatic=True, subject=subject, body=body,
                wake_at=incident.created_at, created_at=incident.created_at,
            )  # fmt: skip
