"""What the library does again and again in a space: each by one worker at a time, and once.

A routine has a row in its space, which a worker claims when its time has come. A worker that dies leaves it to the next
at the end of the lease. Every row wakes at least once a night, so that a changed setting counts from then on.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from attrs import frozen

from clientloop.errors import Conflict, Duplicate, StoreError
from clientloop.model.calendar import Span, days
from clientloop.model.planning import Routine
from clientloop.model.units import Insert, Unit, Update
from clientloop.plugins.loading import HARMLESS
from clientloop.rules.loop.settings import Settings
from clientloop.rules.time.rounds import next_night, next_time
from clientloop.services.context import Context

logger = logging.getLogger(__name__)

#: How long a worker has for one routine.
LEASE = timedelta(hours=1)

#: When a routine that failed is tried again.
AGAIN = timedelta(hours=1)


@frozen(kw_only=True)
class Chore:
    """What a routine does, and how often."""

    #: Does it.
    do: Callable[[Context], object]
    #: How often the firm wants it; None for never.
    every: Callable[[Settings], Span | None]


def _reassess(context: Context) -> None:
    from clientloop.services.relationships.reassessing import reassess_all

    reassess_all(context)


def _check_targets(context: Context) -> None:
    from clientloop.services.measures.targets import check_targets

    check_targets(context)


#: The routines by name.
CHORES: Mapping[str, Chore] = {
    "relationships": Chore(do=_reassess, every=lambda settings: settings.reassess),
    "targets": Chore(do=_check_targets, every=lambda settings: days(1) if settings.targets else None),
}


@frozen(kw_only=True)
class Run:
    """What became of the routines whose time had come."""

    #: How many were claimed.
    claimed: int = 0
    #: How many were done.
    done: int = 0


def keep_routines(context: Context) -> None:
    """See to it that every routine has its row in a space.

    Args:
        context: The space.
    """
    store, space = context.store, context.space
    known = {routine.name for routine in store.pages(Routine, space.space)}
    wake = next_night(context.now(), space.zone)
    missing = [Insert(Routine(space=space.space, name=name, wake_at=wake)) for name in CHORES if name not in known]
    if missing:
        try:
            context.commit(Unit(tuple(missing)))
        except Duplicate:
            keep_routines(context)  # another process was faster


def run_routine(context: Context) -> Run:
    """Do the routine that has been due for longest.

    Args:
        context: The space.
    """
    # one at a time, so that a lease begins when its work does
    claimed = context.store.claim(Routine, context.space.space, now=context.now(), lease=LEASE, limit=1)
    return Run(claimed=len(claimed), done=sum(_run(context, routine) for routine in claimed))


def _run(context: Context, routine: Routine) -> bool:
    """Do what is claimed, if it is to be done now; whether it was done."""
    now, night = context.now(), next_night(context.now(), context.space.zone)
    chore = CHORES.get(routine.name)  # a later version may know more routines
    every = None if chore is None else chore.every(context.settings)
    if chore is None or every is None:
        return _sleep(context, routine, until=night)
    due = now if routine.done_at is None else next_time(routine.done_at, every, context.space.zone)
    if due > now:
        return _sleep(context, routine, until=min(due, night))
    try:
        chore.do(context)
    except StoreError:  # nothing can be written, no more than this: it comes again at the end of the lease
        raise
    except HARMLESS as error:
        logger.error("routine %s raised %s: it is tried again", routine.name, type(error).__name__)
        return _sleep(context, routine, until=now + AGAIN)
    return _sleep(context, routine, until=min(next_time(now, every, context.space.zone), night), done_at=now)


def _sleep(context: Context, routine: Routine, *, until: datetime, done_at: datetime | None = None) -> bool:
    """Give a routine up until its next time; whether it was done."""
    changes = {"wake_at": until} | ({} if done_at is None else {"done_at": done_at})
    try:
        context.commit(Unit((Update(Routine, (routine.space, routine.name), changes, routine.version),)))
    except Conflict:
        logger.warning("routine %s took longer than its lease: it is done again", routine.name)
    return done_at is not None
