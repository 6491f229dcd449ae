"""What the library does again and again in a space: each by one worker at a time, and once.

A routine has a row in its space, which a worker claims when its time has come, and keeps while it works. A worker that
dies leaves it to the next at the end of the lease, and one whose routine was taken meanwhile stops. Every row wakes at
least once a night, so that a changed setting counts from then on.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from attrs import frozen

from clientloop.errors import Conflict, StoreError
from clientloop.model.calendar import Span, days
from clientloop.model.planning import Routine
from clientloop.model.units import Change, Insert, Unit, Update
from clientloop.plugins.loading import harmless
from clientloop.rules.loop.settings import Settings
from clientloop.rules.time.rounds import next_night, next_time
from clientloop.services.context import Context
from clientloop.services.leases import ENDS, LEASE, Beat, Hold, Overtaken, Stop, Stopped, never

logger = logging.getLogger(__name__)

#: When a routine that failed is tried again.
AGAIN = timedelta(hours=1)


@frozen(kw_only=True)
class Chore:
    """What a routine does, and how often."""

    #: Does it, and calls the beat between any two parts of it.
    do: Callable[[Context, Beat], object]
    #: When it is next to be done, of when it was last done; None as long as there is nothing to do.
    due: Callable[[Context, datetime | None], datetime | None]


def every(span: Callable[[Settings], Span | None]) -> Callable[[Context, datetime | None], datetime | None]:
    """When a chore is due that is done again and again.

    Args:
        span: How often the firm wants it; None for never.
    """

    def due(context: Context, done_at: datetime | None) -> datetime | None:
        wanted = span(context.settings)
        if wanted is None:
            return None
        return context.now() if done_at is None else next_time(done_at, wanted, context.space.zone)

    return due


def _reassess(context: Context, beat: Beat) -> None:
    from clientloop.services.relationships.reassessing import reassess_all

    reassess_all(context, beat)


def _check_targets(context: Context, beat: Beat) -> None:
    from clientloop.services.measures.targets import check_targets

    check_targets(context, beat)


def _end_words(context: Context, beat: Beat) -> None:
    from clientloop.services.relationships.ends import end_words

    end_words(context, beat)


def _next_end(context: Context, done_at: datetime | None) -> datetime | None:
    from clientloop.services.relationships.ends import next_end

    end = next_end(context)
    if end is None or done_at is None or end > done_at:
        return end
    return done_at + AGAIN  # somebody changed what has ended at the same time


#: The routines by name.
CHORES: Mapping[str, Chore] = {
    ENDS: Chore(do=_end_words, due=_next_end),
    "relationships": Chore(do=_reassess, due=every(lambda settings: settings.reassess)),
    "targets": Chore(do=_check_targets, due=every(lambda settings: days(1) if settings.targets else None)),
}


@frozen(kw_only=True)
class Run:
    """What became of the routines whose time had come."""

    #: How many were claimed.
    claimed: int = 0
    #: How many were done.
    done: int = 0


def keep_routines(context: Context) -> None:
    """See to it that every routine has its row in a space, and that none sleeps for long as some clock was ahead.

    Args:
        context: The space.
    """
    store, space = context.store, context.space
    known = {routine.name: routine for routine in store.pages(Routine, space.space)}
    wake = next_night(context.now(), space.zone)
    changes: list[Change] = [
        Insert(Routine(space=space.space, name=name, wake_at=wake)) for name in CHORES if name not in known
    ]
    changes += [
        Update(Routine, (space.space, name), {"wake_at": wake}, each.version)
        for name, each in known.items()
        if each.wake_at > wake + LEASE
    ]
    if changes:
        try:
            context.commit(Unit(tuple(changes)))
        except Conflict:
            keep_routines(context)  # another process was faster


def run_routine(context: Context, *, stop: Stop = never) -> Run:
    """Do the routine that has been due for longest.

    Args:
        context: The space.
        stop: Whether to stop: what is begun is then left, between two parts of it, to whoever comes next.
    """
    # one at a time, so that a lease begins when its work does
    claimed = context.store.claim(Routine, context.space.space, now=context.now(), lease=LEASE, limit=1)
    return Run(claimed=len(claimed), done=sum(_run(context, routine, stop) for routine in claimed))


def _run(context: Context, routine: Routine, stop: Stop) -> bool:
    """Do what is claimed, if it is to be done now; whether it was done."""
    hold = Hold(context, routine, stop=stop)
    try:
        return _do(context, routine, hold)
    except Stopped:
        hold.give_back()
        return False
    except Overtaken:
        logger.warning("routine %s was taken by another worker, who goes on with it", routine.name)
        return False


def _do(context: Context, routine: Routine, hold: Hold) -> bool:
    """As `_run`, by whoever holds it."""
    now = context.now()
    chore = CHORES.get(routine.name)  # a later version may know more routines
    ahead = routine.done_at is not None and routine.done_at > now + LEASE  # by a clock that was put back since
    due = None if chore is None else chore.due(context, None if ahead else routine.done_at)
    if chore is None or due is None or due > now:
        hold.write({"wake_at": _wake(context, due, now)})
        return False
    try:
        chore.do(context, hold.beat)
    except StoreError:  # nothing can be written, no more than this: it comes again at the end of the lease
        raise
    except harmless() as error:
        logger.error("routine %s raised %s: it is tried again", routine.name, type(error).__name__)
        hold.write({"wake_at": context.now() + AGAIN})
        return False
    try:
        hold.write({"done_at": now, "wake_at": _wake(context, chore.due(context, now), now)})
    except Overtaken:  # what is done is done, and by then there may be more to wake for
        hold.write({"done_at": now, "wake_at": _wake(context, chore.due(context, now), now)}, anyway=True)
    return True


def _wake(context: Context, due: datetime | None, now: datetime) -> datetime:
    """When a routine is next looked at."""
    night = next_night(now, context.space.zone)
    return night if due is None else min(due, night)
