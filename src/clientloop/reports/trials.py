"""Trials of deadlines: which promises other calendars, lengths or processes would have kept; nothing is written."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime

from attrs import frozen

from clientloop.model.feedback import Feedback
from clientloop.model.process import Process
from clientloop.reports.keys import received
from clientloop.rules.loop.process import prepare
from clientloop.rules.loop.promises import PROMISES, Kept, was_kept, would_be_kept
from clientloop.rules.loop.settings import Settings
from clientloop.services.context import Context


@frozen(kw_only=True)
class PromiseTrial:
    """How often one promise was kept, and would have been."""

    #: How many items were judged.
    items: int
    #: How many of them would have kept it.
    kept: int
    #: How many would have missed it.
    missed: int
    #: How many would still have time.
    running: int
    #: How many have missed it, as it was.
    was_missed: int
    #: How many have missed it, and would not have.
    better: int
    #: How many would have missed it, and have not.
    worse: int
    #: How many are left out: nothing would have been promised, or nobody can tell.
    left_out: int


@frozen(kw_only=True)
class DeadlineTrial:
    """What came of a trial: by kind, and by promise."""

    #: Kind, then name of the promise: "first_answer" or "solution".
    kinds: Mapping[str, Mapping[str, PromiseTrial]]

    @property
    def total(self) -> Mapping[str, PromiseTrial]:
        """All kinds together, by promise."""
        return {name: _sum([promises[name] for promises in self.kinds.values()]) for name in PROMISES}


def try_deadlines(
    context: Context,
    *,
    settings: Settings | None,
    process: Process | None,
    since: datetime | None,
    until: datetime | None,
) -> DeadlineTrial:
    """Make the trial; the arguments are those of `Reports.try_deadlines`."""
    now, tried = context.now(), settings or context.settings
    loops = {} if process is None else {process.kind: prepare(process, context.parts.processes.common)}
    counts: defaultdict[str, dict[str, Counter[str]]] = defaultdict(lambda: {name: Counter() for name in PROMISES})
    items = context.store.pages(Feedback, context.space.space, where=received(since, until), order="by_time")
    for item in items:
        if loops and item.kind not in loops:
            continue
        loop = loops.get(item.kind) or context.loop_of(item.kind)
        for name, count in counts[item.kind].items():
            then, before = would_be_kept(item, name, loop, tried, now), was_kept(item, name, now)
            count.update(_counted(then, before))
    return DeadlineTrial(
        kinds={
            kind: {
                name: PromiseTrial(**{each: count[each] for each in _FIELDS}) for name, count in counts[kind].items()
            }
            for kind in sorted(counts)
        }
    )


def _counted(then: Kept | None, before: Kept) -> Mapping[str, int]:
    if then is None:
        return {"left_out": 1}
    missed, was = int(then is Kept.MISSED), int(before is Kept.MISSED)
    return {"items": 1, then.value: 1, "was_missed": was, "better": int(was > missed), "worse": int(missed > was)}


def _sum(trials: list[PromiseTrial]) -> PromiseTrial:
    return PromiseTrial(**{name: sum(getattr(trial, name) for trial in trials) for name in _FIELDS})


_FIELDS = ("items", "kept", "missed", "running", "was_missed", "better", "worse", "left_out")
