"""What takes long as it is held: how a worker says that it is still at it, and hears that it is not any more."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeAlias

from clientloop.errors import Conflict
from clientloop.model.channels import ChannelState
from clientloop.model.planning import Routine
from clientloop.model.record import record_of
from clientloop.model.units import Unit, Update
from clientloop.services.context import Context

#: How long a worker has for one routine from the last time on that it was heard of.
LEASE = timedelta(hours=1)

#: What part of a lease may pass before a worker is heard of again; sooner, nothing is written.
_SILENCE = 1 / 4

#: Name of the routine that writes down which of somebody's words have ended.
ENDS = "ends"

#: Tells that the work goes on; called between any two parts of it.
Beat: TypeAlias = Callable[[], None]

#: Asks whether a worker is to stop: it then gives back what it has claimed and not begun.
Stop: TypeAlias = Callable[[], bool]


def never() -> bool:
    """Whether to stop, for whoever goes on until nothing is due."""
    return False


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
    """Another worker has it by now; as a cancellation, it is for no handler of errors on the way."""


class Stopped(BaseException):
    """The worker is to stop; as a cancellation likewise."""


class Hold:
    """A claimed row, which is kept for as long as it is worked on."""

    def __init__(
        self, context: Context, row: Routine | ChannelState, *, lease: timedelta = LEASE, stop: Stop = never
    ) -> None:
        """Hold what was claimed just now.

        Args:
            context: The space.
            row: The row as the claim gave it.
            lease: How long the claim holds.
            stop: Whether the worker is to stop.
        """
        self._context, self._lease, self._stop = context, lease, stop
        self._cls = type(row)
        self._key = tuple([getattr(row, name) for name in record_of(self._cls).key])
        self._heard = context.now()
        self._version = row.version  # the fencing token: whoever else claims the row makes it another

    def beat(self) -> None:
        """Have a whole lease again from now on.

        Raises:
            Overtaken: The lease had ended, and another worker has taken the row.
            Stopped: The worker is to stop.
        """
        if self._stop():
            raise Stopped
        now = self._context.now()
        if now >= self._heard + self._lease * _SILENCE:  # before that, nobody can have taken it
            self.write({"wake_at": now + self._lease})
            self._heard = now

    def give_back(self) -> None:
        """Leave the row, due as it was, to whoever comes next."""
        with suppress(Overtaken):
            self.write({"wake_at": self._context.now()})

    def write(self, changes: Mapping[str, object], *, anyway: bool = False) -> None:
        """Change the row.

        Args:
            changes: New values by field.
            anyway: Also where another worker has taken it, who then stops at the next beat.

        Raises:
            Overtaken: Another worker has taken it.
        """
        try:
            self._context.commit(Unit((Update(self._cls, self._key, changes, None if anyway else self._version),)))
        except Conflict:
            raise Overtaken from None
        self._version += 1
