"""Routines as they are held and woken: how a worker says that it is still at one, and hears that it is not any more."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TypeAlias

from clientloop.errors import Conflict
from clientloop.model.planning import Routine
from clientloop.model.units import Unit, Update
from clientloop.services.context import Context

#: How long a worker has for one routine from the last time on that it was heard of.
LEASE = timedelta(hours=1)

#: How much of that may pass before it is heard of again; sooner, nothing is written.
_SILENCE = LEASE / 4

#: Name of the routine that writes down which of somebody's words have ended.
ENDS = "ends"

#: Tells that the work goes on; called between any two parts of it.
Beat: TypeAlias = Callable[[], None]


def unheard() -> None:
    """The beat of whoever holds no routine, and so has nobody to tell."""


def waking(context: Context, name: str, at: datetime) -> Iterator[Update]:
    """What wakes a routine at a time, unless it wakes before.

    Args:
        context: The space.
        name: Its name.
        at: The time, aware.
    """
    key = (context.space.space, name)
    routine = context.store.get(Routine, key)
    if routine is not None and at < routine.wake_at:
        yield Update(Routine, key, {"wake_at": at})


class Overtaken(BaseException):
    """Another worker has the routine by now; as a cancellation, it is for no handler of errors on the way."""


class Hold:
    """A claimed routine, which is kept for as long as it is worked on."""

    def __init__(self, context: Context, routine: Routine) -> None:
        """Hold what was claimed just now.

        Args:
            context: The space.
            routine: The row as the claim gave it.
        """
        self._context = context
        self._key = (routine.space, routine.name)
        self._heard = context.now()
        self._version = routine.version  # the fencing token: whoever else claims the routine makes it another

    def beat(self) -> None:
        """Have a whole lease again from now on.

        Raises:
            Overtaken: The lease had ended, and another worker has taken the routine.
        """
        now = self._context.now()
        if now >= self._heard + _SILENCE:  # before that, nobody can have taken it
            self.write(wake_at=now + LEASE)
            self._heard = now

    def write(self, *, anyway: bool = False, **changes: object) -> None:
        """Change the routine's row.

        Args:
            anyway: Also where another worker has taken the routine, who then stops at the next beat.
            changes: New values by field.

        Raises:
            Overtaken: Another worker has taken the routine.
        """
        try:
            self._context.commit(Unit((Update(Routine, self._key, changes, None if anyway else self._version),)))
        except Conflict:
            raise Overtaken from None
        self._version += 1
