"""One move of one item while it is being worked out: what changes, what is written besides, what is said."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from attrs import define, field, frozen

from clientloop.errors import InvalidValue
from clientloop.model.codec import Json, instant, microseconds
from clientloop.model.facts import Fact, FactName
from clientloop.model.feedback import Deadline, Feedback, Outcome, Timer, Transition
from clientloop.model.process import NEW, WAITING, Move, Place, Until
from clientloop.model.record import record_of
from clientloop.model.units import Change, Delete, Insert, Unit, Update
from clientloop.model.work import Actor, Role
from clientloop.rules.loop import clocks
from clientloop.rules.loop.case import Case, Kit, Loop

FEEDBACK = record_of(Feedback)


@frozen
class Moved:
    """What a move comes to."""

    #: The item after it.
    item: Feedback
    #: Everything to commit.
    unit: Unit
    #: What has been said by it and at once before it: templates, each with an address.
    said: frozenset[tuple[str, str]] = frozenset()


@define(eq=False)
class Draft:
    """A move being worked out; effects and messages write into it, `finish` makes the unit."""

    #: What the move was judged by.
    case: Case
    #: What the rules need from outside.
    kit: Kit
    #: New values of the item's fields.
    changes: dict[str, Any] = field(factory=dict)  # Any: each field has a type of its own
    #: What is recorded in the item's `data`.
    data: dict[str, Json] = field(factory=dict)
    #: What is recorded in the journal.
    record: dict[str, Json] = field(factory=dict)
    #: What the customer was told: templates, or the note of a talk.
    told: list[str] = field(factory=list)
    #: What is written besides the item and its journal.
    written: list[Change] = field(factory=list)
    #: What has happened besides the move.
    facts: list[Fact] = field(factory=list)
    #: What is not said twice at once: templates, each with an address.
    said: frozenset[tuple[str, str]] = frozenset()
    #: The number of its row in the journal: the version that the item has after it.
    number: int = field(init=False)
    #: Whether somebody works on the item by it.
    touches: bool = True
    #: Whether all deadlines count from the original receipt.
    from_receipt: bool = False
    #: The process that the item follows by now.
    loop: Loop = field(init=False)
    #: The deadlines that run or stand still.
    clocks: dict[str, Deadline] = field(init=False)
    #: Names of missed deadlines.
    late: tuple[str, ...] = field(init=False)
    #: The state that the item comes into.
    target: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Start from the item as it is."""
        item = self.case.item
        self.loop = self.case.loop
        self.number = item.version + 1
        self.clocks = {clock.name: clock for clock in item.deadlines}
        self.late = item.late
        places: Mapping[str, str] = {Place.SAME: item.state, Place.BACK: item.resume_to or NEW}
        self.target = places.get(self.case.row.target, self.case.row.target)

    @property
    def now_us(self) -> int:
        """The time of the move in microseconds since 1970 in UTC."""
        return microseconds(self.case.now)

    def get(self, name: str) -> Any:  # Any: each field has a type of its own
        """A field of the item as it is by now."""
        return self.changes[name] if name in self.changes else getattr(self.case.item, name)

    def add_fact(self, name: FactName, **data: Json) -> None:
        """Note that something has happened to the item."""
        self.facts.append(Fact(name, self.case.item.space, self.case.item.id, self.case.now, data))

    def start(self, name: str) -> None:
        """Start a deadline of the process; one that runs already starts anew."""
        item, received = self.case.item, microseconds(self.case.item.received_at or self.case.item.recorded_at)
        self.clocks[name] = clocks.begin(
            self.loop.deadlines[name],
            kind=self.loop.process.kind,
            priority=self.get("priority"),
            customer_class=item.customer_class,
            received=received,
            now=received if self.from_receipt else self.now_us,
            date=read_date(self.case.given.get("date")),
            settings=self.case.settings,
        )

    def end(self, name: str) -> None:
        """Take a deadline away, noting whether it was missed."""
        clock = self.clocks.pop(name)
        rule = self.loop.deadlines.get(name)
        if rule is not None and clocks.is_late(rule, clock, self.now_us):
            self.note_late(name)

    def note_late(self, name: str) -> None:
        """Note that a deadline was missed; once each."""
        if name not in self.late:
            self.late = (*self.late, name)

    def heard(self, *, human: bool, at: datetime) -> None:
        """The customer has been told something: the clocks that wait for that are met or start anew."""
        self.changes["told_at"] = at
        if human and self.get("first_answer_at") is None:
            self.changes["first_answer_at"] = at
        for name in tuple(self.clocks):
            until = self.loop.deadlines[name].until
            if until is Until.ANSWERED and human:
                self.end(name)
            elif until is Until.TOLD:
                self._begin_anew(name)

    def _begin_anew(self, name: str) -> None:
        """Start a met deadline again; one that stands still keeps standing, with its whole length left."""
        stands = self.clocks[name].left is not None
        self.end(name)
        self.start(name)
        if stands:
            self.clocks[name] = clocks.pause(self.clocks[name], now=self.now_us, calendar=self.case.settings.calendar)


def enter(draft: Draft) -> None:
    """Bring the item into the state that it comes to: stop, resume and end what the state demands."""
    item, loop = draft.case.item, draft.loop
    moves_on = draft.target != item.state
    if moves_on:
        draft.changes |= {"state": draft.target, "state_since": draft.case.now, "pending": None}
        if _is_aside(loop, item.state):
            _come_back(draft)
        if _is_aside(loop, draft.target):
            draft.changes["resume_to"] = item.resume_to if _is_aside(loop, item.state) else item.state
    _end_or_open(draft)
    _leave_deadlines(draft)
    if moves_on and _is_aside(loop, draft.target):
        _stand_still(draft)
    if draft.target in loop.process.solved and draft.get("solved_at") is None:
        _solve(draft)


def _is_aside(loop: Loop, state: str) -> bool:
    """Whether an item in this state comes back to the one that it was in before."""
    return state == WAITING or loop.ends.get(state) is Outcome.NOT_FEEDBACK


def _stand_still(draft: Draft) -> None:
    """Stop the clocks: those that wait for the customer, or all while the item is no feedback."""
    if draft.target == WAITING:
        draft.changes["waiting_since"] = draft.case.now
    for name, clock in draft.clocks.items():
        if clock.left is None and (draft.target != WAITING or draft.loop.deadlines[name].waits):
            draft.clocks[name] = clocks.pause(clock, now=draft.now_us, calendar=draft.case.settings.calendar)


def _come_back(draft: Draft) -> None:
    """Let the clocks go on that stood still."""
    item = draft.case.item
    since = item.waiting_since or item.state_since
    if item.state == WAITING:
        draft.changes |= {"waiting_since": None, "waited": item.waited + (draft.case.now - since)}
    for name, clock in draft.clocks.items():
        if clock.left is not None:
            draft.clocks[name] = clocks.resume(
                draft.loop.deadlines[name],
                clock,
                paused=microseconds(since),
                now=draft.now_us,
                calendar=draft.case.settings.calendar,
            )


def _end_or_open(draft: Draft) -> None:
    item, loop = draft.case.item, draft.loop
    if loop.is_open(draft.target) == item.is_open:
        return
    if item.is_open:
        draft.changes |= {"is_open": False, "outcome": loop.ends[draft.target], "closed_at": draft.case.now}
        draft.add_fact(FactName.FEEDBACK_CLOSED, outcome=loop.ends[draft.target].value)
    else:
        draft.changes |= {"is_open": True, "outcome": Outcome.OPEN, "closed_at": None}


def _leave_deadlines(draft: Draft) -> None:
    """End the deadlines that do not run in the new state; while it is set aside, the state before counts as well."""
    aside = _is_aside(draft.loop, draft.target)
    states = {draft.target, draft.get("resume_to")} if aside else {draft.target}
    for name in tuple(draft.clocks):
        during = draft.loop.deadlines[name].during
        runs = states & set(during) if during else aside or draft.loop.is_open(draft.target)
        if not runs:
            draft.end(name)


def _solve(draft: Draft) -> None:
    item = draft.case.item
    draft.changes["solved_at"] = draft.case.now
    if item.received_at is not None and draft.case.now >= item.received_at:
        gross = draft.case.now - item.received_at
        draft.changes |= {"gross": gross, "net": gross - draft.get("waited")}


def finish(draft: Draft, *, move: str | None = None) -> Moved:
    """Make the unit of a move: the item guarded by its version, its journal, its timer, and all that was written.

    Args:
        draft: The move, worked out.
        move: What the journal calls it, if not by the name of its row.
    """
    case = draft.case
    item = case.item
    kept = tuple(draft.clocks.values())
    due = clocks.due_of(draft.clocks)
    changes = draft.changes
    changes["due"] = None if due is None else instant(due)
    if kept != item.deadlines:
        changes["deadlines"] = kept
    if draft.late != item.late:
        changes["late"] = draft.late
    if draft.data:
        changes["data"] = {**item.data, **draft.data}
    if draft.touches and Role.SYSTEM not in case.actor.roles:
        changes["touched_at"] = case.now
    after: Feedback = FEEDBACK.replace(item, {**changes, "version": draft.number})
    journal = Transition(
        space=item.space,
        item=item.id,
        number=draft.number,
        source=item.state,
        move=move or case.row.name,
        target=after.state,
        by=case.actor.name,
        role=role_of(case.actor, case.row),
        at=case.now,
        data=draft.record,
        told=tuple(draft.told),
    )
    key = (item.space, item.id)
    draft.add_fact(FactName.FEEDBACK_MOVED, kind=after.kind, move=journal.move, source=item.state, target=after.state)
    unit = Unit(
        (
            Update(Feedback, key, changes, item.version),
            Insert(journal),
            *_timer(draft, after),
            *draft.written,
        ),
        tuple(draft.facts),
    )
    return Moved(after, unit, draft.said)


def role_of(actor: Actor, row: Move) -> Role:
    """The role that a move is made in: the least that its row asks for and the actor has."""
    return next((role for role in Role if role in row.who and role in actor.roles), min(actor.roles))


def _timer(draft: Draft, after: Feedback) -> tuple[Change, ...]:
    """The timer follows the item's next step; one that waits for working hours is looked at anew if it may come now."""
    before = draft.case.item
    key, wake, was = (after.space, after.id), wake_of(after), wake_of(before)
    if wake == was and (wake is None or wake > draft.now_us or _on_timer(after) == _on_timer(before)):
        return ()
    if wake is None:
        return (Delete(Timer, key),)
    if was is None:
        return (Insert(Timer(space=after.space, item=after.id, wake_at=instant(wake))),)
    return (Update(Timer, key, {"wake_at": instant(wake)}),)


def _on_timer(item: Feedback) -> tuple[object, ...]:
    """What says when the steps of an item are taken."""
    return item.deadlines, item.priority, item.calendar


def wake_of(item: Feedback) -> int | None:
    """When the next step of any of an item's deadlines comes, in microseconds since 1970 in UTC."""
    return clocks.wake_of(item.deadlines)


def plain(value: object) -> Json:
    """A value as the journal keeps it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, UUID) else value


def plain_given(given: Mapping[str, Json]) -> dict[str, Json]:
    """What was given with a move, as the journal keeps it: all but the text, which stands in the message."""
    return {name: plain(value) for name, value in given.items() if name != "text"}


def read_date(value: Json) -> datetime | None:
    """A date given with a move: an aware datetime, or its ISO 8601 text as the journal keeps it.

    Raises:
        InvalidValue: It is neither.
    """
    if value is None or isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise InvalidValue(f"{value!r:.40} is no time", hint="give an aware datetime or ISO 8601 text") from None
