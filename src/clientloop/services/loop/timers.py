"""Deadlines that come due: the steps that the system takes, each once."""

import logging
from collections.abc import Set
from datetime import timedelta

from clientloop.errors import Conflict, InvalidValue, Refused, StoreCorrupt
from clientloop.model.codec import instant, microseconds
from clientloop.model.feedback import Deadline, Feedback, Timer
from clientloop.model.units import Delete, Unit, Update
from clientloop.model.work import SYSTEM
from clientloop.rules.loop.case import Case
from clientloop.rules.loop.clocks import ESCALATE, moves_of_step, when_to_escalate
from clientloop.rules.loop.draft import Moved
from clientloop.rules.loop.moves import PASSED, looked_up_by, move, refused_step
from clientloop.rules.loop.settings import Settings
from clientloop.services.context import Context
from clientloop.services.loop.lookups import look_up

logger = logging.getLogger(__name__)

#: How long a worker has for the timers that it claimed.
LEASE = timedelta(seconds=60)

#: How many timers a worker claims at once.
BATCH = 100

#: More steps than any process can have due on one item at one time.
_MANY = 100


def fire_due(context: Context) -> int:
    """Take the steps of all deadlines that have come, one batch of items.

    Args:
        context: The space.

    Returns:
        How many items were looked at; fewer than `BATCH` when nothing more is due.
    """
    timers = context.store.claim(Timer, context.space.space, now=context.now(), lease=LEASE, limit=BATCH)
    for timer in timers:
        try:
            context.commit(due_steps(context, timer))
        except Conflict:
            continue  # somebody moved the item meanwhile; its timer comes again at the end of the lease at the latest
        except (InvalidValue, StoreCorrupt) as error:  # say, a template that nobody wrote: it must not stop all others
            logger.error("item %s cannot take its step, %s: it is tried again", timer.item, type(error).__name__)
    return len(timers)


def due_steps(context: Context, timer: Timer) -> Unit:
    """All steps of an item that have come, as one unit; after a pause of the workers nobody is told anything twice.

    Escalations wait for the working hours of the item's calendar; the timer then sleeps till these begin.

    Args:
        context: The space.
        timer: The claimed timer of the item.
    """
    item = context.store.get(Feedback, (timer.space, timer.item))
    if item is None:
        return Unit((Delete(Timer, (timer.space, timer.item), timer.version),))
    settings, now = context.settings.by_calendar(item.calendar), microseconds(context.now())
    opening = when_to_escalate(settings.calendar, now, priority=item.priority)
    unit, said, waiting = Unit(), frozenset[tuple[str, str]](), set[str]()
    for _ in range(_MANY):
        clock = _next_due(item, now, waiting)
        if clock is None:
            break
        moved = _take(context, item, clock, settings, said, may_escalate=opening <= now)
        if moved is None:
            waiting.add(clock.name)
        else:
            unit, item, said = unit + moved.unit, moved.item, moved.said
    if not unit.changes:
        return _sleep(item, timer.version, now=now, opening=opening)
    if _next_due(item, now) is None:
        return unit
    return unit + _sleep(item, None, now=now, opening=opening)  # the unit is guarded by the version of the item


def _next_due(item: Feedback, now: int, waiting: Set[str] = frozenset()) -> Deadline | None:
    due = [clock for clock in item.deadlines if clock.wake is not None and clock.wake <= now]
    return min((clock for clock in due if clock.name not in waiting), key=lambda clock: clock.wake or 0, default=None)


def _take(
    context: Context,
    item: Feedback,
    clock: Deadline,
    settings: Settings,
    said: frozenset[tuple[str, str]],
    *,
    may_escalate: bool,
) -> Moved | None:
    """Make the first move of a step that is allowed; if none is, note why. None: it has to wait for working hours."""
    loop = context.loop_of(item.kind, item.process)
    wanted = moves_of_step(loop.deadlines[clock.name], clock.step)
    refused: list[str] = []
    for name in dict.fromkeys((*wanted, ESCALATE)):
        try:
            row = loop.row(item.state, name)
            if name == ESCALATE and not may_escalate:
                return None
            known = look_up(context, item, {}, looked_up_by(row))
            case = Case(item=item, loop=loop, row=row, actor=SYSTEM, now=context.now(), settings=settings, known=known)
            return move(case, context.kit, step_of=clock.name, said=said)
        except Refused as error:
            refused.append(str(error))
    case = Case(item=item, loop=loop, row=PASSED, actor=SYSTEM, now=context.now(), settings=settings)
    return refused_step(case, context.kit, clock.name, tuple(refused))


def _sleep(item: Feedback, version: int | None, *, now: int, opening: int) -> Unit:
    """Let the timer sleep till the next step; one that has come and waits for working hours comes when they begin."""
    key = (item.space, item.id)
    wakes = [clock.wake if clock.wake > now else opening for clock in item.deadlines if clock.wake is not None]
    if not wakes:
        return Unit((Delete(Timer, key, version),))
    return Unit((Update(Timer, key, {"wake_at": instant(min(wakes))}, version),))
