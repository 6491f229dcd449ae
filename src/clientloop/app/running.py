"""What is due, done once in one space: by `loop.run_due` and so by every worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from clientloop.services.context import Context


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
        return Ran(
            absences=self.absences + other.absences,
            reread=self.reread + other.reread,
            polls=self.polls + other.polls,
            fetched=self.fetched + other.fetched,
            timers=self.timers + other.timers,
            accepted=self.accepted + other.accepted,
            failed=self.failed + other.failed,
            routines=self.routines + other.routines,
        )


def run_space(context: Context) -> Ran:
    """Do what is due in one space, until nothing is; nothing in one that is on its way to another store.

    Args:
        context: The space.
    """
    from clientloop.services.intake.polling import poll_due
    from clientloop.services.intake.raws import read_due
    from clientloop.services.keeping.seals import passed_by
    from clientloop.services.loop.timers import fire_due
    from clientloop.services.outgoing.batch import send_batch
    from clientloop.services.routines import run_routine
    from clientloop.services.staff.absences import begin_due

    total = Ran()
    if passed_by(context.store, context.space.space):
        return total
    while True:
        absent = begin_due(context)  # first, so that whoever hears of a deadline is there
        reread, polled = read_due(context), poll_due(context)
        looked_at = fire_due(context)
        routine = run_routine(context)
        sent = send_batch(context)
        total += Ran(
            absences=absent,
            reread=reread,
            polls=polled.polls,
            fetched=polled.messages,
            timers=looked_at,
            accepted=sent.accepted,
            failed=sent.failed,
            routines=routine.done,
        )
        if not (absent or reread or polled.polls or looked_at or routine.claimed or sent.claimed):
            return total
