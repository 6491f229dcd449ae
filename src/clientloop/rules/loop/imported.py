"""Feedback that comes from another system: in the state that it had there, with the clocks that this state has.

The journal of such an item begins with its receipt, and a second row brings it into its state. Nobody is told
anything: whoever was told was told elsewhere. A time that cannot be is kept in the item's `data`, and the field stays
None, so that nothing is measured by it.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import combinations
from typing import Any
from uuid import UUID

from attrs import frozen

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.codec import instant, microseconds
from clientloop.model.customers import CustomerClass
from clientloop.model.facts import Fact, FactName
from clientloop.model.feedback import Feedback, Priority, Timer, Transition
from clientloop.model.interactions import Precision
from clientloop.model.process import NEW, WAITING, Cause, Move, Party, Start, Tell, Until
from clientloop.model.units import Change, Insert, Unit
from clientloop.model.work import SYSTEM, Role
from clientloop.rules.loop import clocks
from clientloop.rules.loop.case import Case, Kit, Loop
from clientloop.rules.loop.draft import Draft, Moved, enter
from clientloop.rules.loop.receipt import RECEIVE, Words, first_deadlines

#: The state of items that were closed in the other system: outside all rates.
CLOSED_BEFORE_IMPORT = "closed_before_import"

#: How the journal calls the row that brings an item into its state.
IMPORT = "import"

#: The fields of an item's times that a source may give, in the order in which they happen.
TIMES = ("received_at", "first_answer_at", "solved_at", "closed_at")

_DAY = timedelta(days=1)
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)


@frozen
class Stated:
    """A time as another system gave it."""

    #: When, aware.
    at: datetime
    #: How exactly that is known; of a day, `at` is its midnight.
    precision: Precision = Precision.EXACT

    @property
    def latest(self) -> datetime:
        """The latest time that it may mean."""
        return self.at + _DAY if self.precision is Precision.DAY else self.at


def arrival_state(loop: Loop, state: str) -> str:
    """A state in which items can come from another system: any open one, or `closed_before_import`.

    Args:
        loop: The process of the kind.
        state: Name of the state.

    Raises:
        UnknownName: The kind has no such state; the nearest names are in the hint.
        InvalidValue: It is another end: how a loop ended that was run elsewhere is not ours to count.
    """
    if state == CLOSED_BEFORE_IMPORT or (state in loop.states and loop.is_open(state)):
        return state
    if state in loop.states:
        raise InvalidValue(
            f"{loop.process.kind} cannot be imported as {state!r}",
            hint=f"items closed elsewhere become {CLOSED_BEFORE_IMPORT!r}, outside all rates",
        )
    known = [CLOSED_BEFORE_IMPORT, *filter(loop.is_open, loop.states)]
    raise UnknownName.among(state, known, what=f"state of {loop.process.kind}")


def doubtful(times: Mapping[str, Stated], *, loop: Loop, state: str, now: datetime) -> frozenset[str]:
    """Which of an item's times cannot be.

    That is a time in the future or before 1900 (what systems write for none: 0001-01-01, 1899-12-30), the end of what
    is not ended, and both of two times in the wrong order: nobody knows which of them is wrong. A day counts as its
    whole, so nothing is doubted that may be true.

    Args:
        times: What the other system says, by the names of `TIMES`.
        loop: The process of the item.
        state: The state in which it comes.
        now: The present, UTC.
    """
    wrong = {name for name, stated in times.items() if not stated.latest >= _EARLIEST or stated.at > now}
    for earlier, later in combinations([name for name in TIMES if name in times], 2):
        if times[later].latest < times[earlier].at:
            wrong |= {earlier, later}
    if loop.is_open(state):
        wrong |= times.keys() & {"closed_at"}
        if state in {NEW, WAITING, loop.process.working}:
            wrong |= times.keys() & {"solved_at"}
    return frozenset(wrong)


@frozen(kw_only=True)
class _Standing:
    """How all items of one kind stand that come in the same state, as urgent, received at the same time."""

    #: The fields of the item that follow from it. Any: each field has a type of its own.
    fields: Mapping[str, Any]
    #: When the item wants to be looked at.
    wake: datetime | None
    #: The deadlines that an answer meets or has met, by name: when they were due, in microseconds since 1970.
    answer_due: Mapping[str, int]


class Arrivals:
    """Writes down items that come from another system; what is the same for many is worked out once.

    Args:
        kit: What the rules need from outside.
        now: The time of the import, UTC: when its items were recorded.
    """

    def __init__(self, kit: Kit, now: datetime) -> None:
        """Nothing has come yet."""
        self._kit = kit
        self._now = now
        self._standing = lru_cache(maxsize=4096)(self._work_out)

    def arrive(
        self,
        loop: Loop,
        item: Mapping[str, Any],  # Any: each field has a type of its own
        words: Words,
        *,
        state: str = NEW,
        times: Mapping[str, Stated],
        doubts: frozenset[str] = frozenset(),
    ) -> Moved:
        """Write down an item as it comes.

        Args:
            loop: The process of its kind.
            item: Its fields by name, `priority` and `customer_class` among them; not its state, times and deadlines.
            words: What came in.
            state: The state in which it comes, one that `arrival_state` allows.
            times: What the other system says of its times, by the names of `TIMES`.
            doubts: Which of them are doubtful.
        """
        sure = {name: stated.at for name, stated in times.items() if name not in doubts}
        standing = self._standing(
            loop,
            state,
            priority=item["priority"],
            customer_class=item["customer_class"],
            received=sure.get("received_at"),
            answered="first_answer_at" in sure,
        )
        # Any: each field has a type of its own
        fields: dict[str, Any] = {**standing.fields, **item, **sure}
        fields["late"] = tuple(_late(standing, sure))
        if doubts:
            given = {name: times[name].at.isoformat() for name in TIMES if name in doubts}
            fields["data"] = {**item.get("data", {}), "doubtful": given}
        if not loop.is_open(state) and "closed_at" not in times:
            fields["closed_at"] = sure.get("solved_at")
        if "received_at" in sure and "solved_at" in sure:
            fields["gross"] = sure["solved_at"] - sure["received_at"]
        arrived = Feedback(**fields)
        return Moved(arrived, self._unit(arrived, words, standing.wake))

    def _unit(self, item: Feedback, words: Words, wake: datetime | None) -> Unit:
        changes: list[Change] = [Insert(words.interaction), Insert(words.text)]
        changes += [Insert(attachment) for attachment in words.attachments]
        changes.append(Insert(item))
        changes.append(Insert(self._row(item, 1, "", RECEIVE.name, NEW)))
        if item.version > 1:
            changes.append(Insert(self._row(item, item.version, NEW, IMPORT, item.state)))
        if wake is not None:
            changes.append(Insert(Timer(space=item.space, item=item.id, wake_at=wake)))
        told = {"kind": item.kind, "channel": item.channel}
        return Unit(tuple(changes), (Fact(FactName.FEEDBACK_RECEIVED, item.space, item.id, self._now, told),))

    def _row(self, item: Feedback, number: int, source: str, move: str, target: str) -> Transition:
        return Transition(
            space=item.space, item=item.id, number=number, source=source, move=move, target=target,
            by=SYSTEM.name, role=Role.SYSTEM, at=self._now,
        )  # fmt: skip

    def _work_out(
        self,
        loop: Loop,
        state: str,
        *,
        priority: Priority,
        customer_class: CustomerClass | None,
        received: datetime | None,
        answered: bool,
    ) -> _Standing:
        """Let a new item enter the state, and see what became of it."""
        running = first_deadlines(
            loop, priority=priority, customer_class=customer_class, received=received or self._now, now=self._now,
            settings=self._kit.settings,
        )  # fmt: skip
        fresh = Feedback(
            space="", id=UUID(int=0), ref="", channel="", kind=loop.process.kind, process=loop.process.version,
            state=NEW, priority=priority, customer_class=customer_class, received_at=received, recorded_at=self._now,
            state_since=self._now, touched_at=self._now,
        )  # fmt: skip
        row = Move(sources=(NEW,), name=IMPORT, target=state, who=SYSTEM.roles)
        case = Case(item=fresh, loop=loop, row=row, actor=SYSTEM, now=self._now, settings=self._kit.settings)
        draft = Draft(case, self._kit)
        for clock in running:
            if _runs_in(loop, clock.name, state):
                draft.clocks[clock.name] = clock
        answer_due = {name: draft.clocks[name].due for name in draft.clocks if _met_by_answer(loop, name)}
        if answered or _tells(loop, state):
            for name in answer_due:
                del draft.clocks[name]
        enter(draft)
        for name in _started_in(loop, state):
            if name not in draft.clocks:
                draft.start(name)
        due, wake = clocks.due_of(draft.clocks), clocks.wake_of(draft.clocks.values())
        kept = ("kind", "process", "recorded_at", "state", "state_since", "touched_at")
        fields = {name: getattr(fresh, name) for name in kept} | draft.changes
        fields["deadlines"] = tuple(draft.clocks.values())
        fields["due"] = None if due is None else instant(due)
        fields["version"] = 1 if state == NEW else draft.number
        # when it was solved and closed is for the other system to say
        fields |= dict.fromkeys(("solved_at", "closed_at", "gross", "net"))
        return _Standing(
            fields=fields,
            wake=None if wake is None else instant(wake),
            answer_due=answer_due if answered and received is not None else {},
        )


def _late(standing: _Standing, sure: Mapping[str, datetime]) -> Iterator[str]:
    """The deadlines that the first answer came too late for; where the receipt is unknown, nobody can tell."""
    if standing.answer_due:
        answered = microseconds(sure["first_answer_at"])
        yield from (name for name, due in standing.answer_due.items() if answered > due)


def _runs_in(loop: Loop, deadline: str, state: str) -> bool:
    """Whether a deadline that began with the receipt still runs, or stands still, in a state."""
    during = loop.deadlines[deadline].during
    states = {NEW, WAITING} if state == WAITING else {state}
    return loop.is_open(state) and (not during or not states.isdisjoint(during))


def _met_by_answer(loop: Loop, deadline: str) -> bool:
    return loop.deadlines[deadline].until is Until.ANSWERED


def _tells(loop: Loop, state: str) -> bool:
    """Whether an item comes into a state by a person's word to the customer, and so has had its first answer."""
    return any(
        isinstance(cause, Tell) and cause.party is Party.CUSTOMER and not cause.automatic
        for cause in _causes_into(loop, state)
    )


def _started_in(loop: Loop, state: str) -> Iterator[str]:
    """The deadlines of a state that the moves into it start; those that would need a date are left out."""
    for cause in _causes_into(loop, state):
        if isinstance(cause, Start):
            rule = loop.deadlines[cause.deadline]
            if state in rule.during and rule.within is not None:
                yield cause.deadline


def _causes_into(loop: Loop, state: str) -> Iterator[Cause]:
    """What the moves into a state cause."""
    return (cause for row in loop.rows.values() if row.target == state for cause in row.causes)
