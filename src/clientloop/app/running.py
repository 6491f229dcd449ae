"""What is due, by kinds of work: all of them by turns for `loop.run_due`, each in a lane of its own for a worker."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from attrs import asdict, frozen

if TYPE_CHECKING:
    from clientloop.services.context import Context
    from clientloop.services.leases import Stop


@frozen(kw_only=True)
class Ran:
    """What `run_due` has done."""

    #: Absences that had begun: the open work was handed over.
    absences: int = 0
    #: Messages whose reader was lost, read again.
    reread: int = 0
    #: Polls of channels.
    polls: int = 0
    #: Messages that these polls brought.
    fetched: int = 0
    #: Items whose deadlines had come.
    timers: int = 0
    #: Messages that a channel took.
    accepted: int = 0
    #: Messages that none took: they are tried again, or wait for a person in `loop.outbox`.
    failed: int = 0
    #: What the library does again and again, and was due.
    routines: int = 0

    def __add__(self, other: Ran) -> Ran:
        """Both together."""
        mine, theirs = asdict(self), asdict(other)
        return Ran(**{name: mine[name] + theirs[name] for name in mine})


@frozen(kw_only=True)
class Step:
    """One batch of one kind of work in one space."""

    #: Whether anything was due: there may be more.
    found: bool
    #: What was done.
    ran: Ran


#: Does one batch in a space, and gives back what it has not begun when it is to stop.
Work: TypeAlias = "Callable[[Context, Stop], Step]"


def absences(context: Context, _: Stop) -> Step:
    """Hand over the work of those whose absence has begun."""
    from clientloop.services.staff.absences import begin_due

    looked_at = begin_due(context)
    return Step(found=looked_at > 0, ran=Ran(absences=looked_at))


def reading(context: Context, _: Stop) -> Step:
    """Read again what was left half-read."""
    from clientloop.services.intake.raws import read_due

    reread = read_due(context)
    return Step(found=reread > 0, ran=Ran(reread=reread))


def timers(context: Context, _: Stop) -> Step:
    """Take the steps of deadlines that have come."""
    from clientloop.services.loop.timers import fire_due

    looked_at = fire_due(context)
    return Step(found=looked_at > 0, ran=Ran(timers=looked_at))


def routines(context: Context, stop: Stop) -> Step:
    """Do what the library does again and again."""
    from clientloop.services.routines import run_routine

    run = run_routine(context, stop=stop)
    return Step(found=run.claimed > 0, ran=Ran(routines=run.done))


def polling(*, channel: str | None = None, besides: tuple[str, ...] = ()) -> Work:
    """Work that polls channels.

    Args:
        channel: This one alone; all if not given.
        besides: Not these.
    """

    def work(context: Context, _: Stop) -> Step:
        from clientloop.model.where import eq, one_of
        from clientloop.services.intake.polling import poll_due

        which = ~one_of("channel", besides) if channel is None else eq("channel", channel)
        polled = poll_due(context, where=which)
        return Step(found=polled.polls > 0, ran=Ran(polls=polled.polls, fetched=polled.messages))

    return work


def sending(channel: str | None = None) -> Work:
    """Work that hands messages to channels.

    Args:
        channel: To this one alone; to all by turns if not given.
    """

    def work(context: Context, stop: Stop) -> Step:
        from clientloop.services.outgoing.batch import send_batch

        sent = send_batch(context, channel=channel, stop=stop)
        return Step(found=sent.claimed > 0, ran=Ran(accepted=sent.accepted, failed=sent.failed))

    return work


def sending_besides(channels: tuple[str, ...]) -> Work:
    """Work that looks after messages to channels that cannot be used here: they are left to a person.

    Args:
        channels: Those that can be used.
    """

    def work(context: Context, stop: Stop) -> Step:
        from clientloop.services.outgoing.batch import waiting_channels

        others = [name for name in waiting_channels(context) if name not in channels]
        return together([sending(name)(context, stop) for name in others])

    return work


def together(steps: list[Step]) -> Step:
    """Several steps as one."""
    return Step(found=any(step.found for step in steps), ran=sum((step.ran for step in steps), Ran()))


#: All kinds; absences come first, so that whoever hears of a deadline is there.
BY_TURNS: tuple[Work, ...] = (absences, reading, polling(), timers, routines, sending())


def run_space(context: Context) -> Ran:
    """Do what is due in one space, until nothing is.

    Args:
        context: The space.
    """
    from clientloop.services.leases import never

    total = Ran()
    while True:
        step = together([work(context, never) for work in BY_TURNS])
        total += step.ran
        if not step.found:
            return total
