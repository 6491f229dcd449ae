"""A declared process made ready to run: rows found by state and move, every name checked.

A process that cannot reach an end, has a state that nothing leads to, says something twice, or names a role, clock,
guard, effect, move or deadline that nobody declared, is refused here, when it is registered, with all that is wrong in
one error.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Set
from functools import lru_cache

from attrs import evolve, frozen

from clientloop.errors import InvalidValue, near_matches
from clientloop.model.calendar import Span
from clientloop.model.feedback import Outcome
from clientloop.model.process import (
    NEW,
    WAITING,
    Common,
    DeadlineRule,
    Do,
    Move,
    Place,
    Process,
    Since,
    Start,
    Tell,
    Until,
)
from clientloop.model.work import Role
from clientloop.rules.loop.case import Loop
from clientloop.rules.loop.effects import EFFECTS
from clientloop.rules.loop.guards import GUARDS


@frozen(eq=False)
class _Same:
    """A pair of declarations, known by what they are and not by what they say, as that takes long to compare."""

    process: Process
    common: Common

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.process is other.process and self.common is other.common

    def __hash__(self) -> int:
        return hash((id(self.process), id(self.common)))


def prepare(process: Process, common: Common) -> Loop:
    """Check a declared process and make it ready to run: once in a program, however often it is asked for.

    Args:
        process: The declaration.
        common: What is common to all kinds.

    Raises:
        InvalidValue: The declaration is wrong; the message names all that is.
    """
    return _prepared(_Same(process, common))


@lru_cache(maxsize=100)  # far more than a program declares
def _prepared(declared: _Same) -> Loop:
    process, common = declared.process, declared.common
    ends = {**common.ends, **process.ends}
    states = _states(process, common, ends)
    rows: dict[tuple[str, str], Move] = {}
    for row in (*process.moves, *common.moves):
        for source in _sources(row, states, ends, common):
            rows.setdefault((source, row.name), _resolved(row, process))
    deadlines = {rule.name: rule for rule in (*common.deadlines, *process.deadlines)}
    loop = Loop(process=process, rows=rows, states=states, ends=ends, deadlines=deadlines)
    wrong = list(_faults(loop))
    if wrong:
        raise InvalidValue(f"the process of {process.kind!r} is wrong: {'; '.join(wrong)}")
    return loop


def _states(process: Process, common: Common, ends: Mapping[str, Outcome]) -> tuple[str, ...]:
    named = [NEW]
    for row in (*process.moves, *common.moves):
        named += [*row.sources, row.target]
    places = {place.value for place in Place}
    return tuple(dict.fromkeys([*(name for name in named if name not in places), *ends]))


def _sources(row: Move, states: tuple[str, ...], ends: Mapping[str, Outcome], common: Common) -> Iterator[str]:
    for source in row.sources:
        if source == Place.OPEN:
            yield from (state for state in states if state not in ends and state != WAITING)
        elif source == Place.CLOSED:
            yield from (state for state in ends if state not in common.final)
        elif source == Place.ANY:
            yield from states
        else:
            yield source


def _resolved(row: Move, process: Process) -> Move:
    if row.target == Place.WORKING:
        return evolve(row, target=process.working)
    return row


def _faults(loop: Loop) -> Iterator[str]:
    yield from _unreachable(loop)
    yield from _endless(loop)
    yield from _said_twice(loop.process)
    yield from _bad_rows(loop)
    yield from _bad_deadlines(loop)
    for state in (loop.process.working, *loop.process.solved):
        if state not in loop.states:
            yield _unknown("state", state, loop.states)


def _steps(loop: Loop, rows: Set[Move] | None = None) -> Mapping[str, set[str]]:
    """Which states one move leads to, of these rows or of all; a way back out of waiting is no new way."""
    steps: dict[str, set[str]] = {state: set() for state in loop.states}
    for (source, _), row in loop.rows.items():
        if (rows is None or row in rows) and row.target not in {Place.SAME, Place.BACK}:
            steps[source].add(row.target)
    return steps


def _reachable(start: str, steps: Mapping[str, set[str]]) -> set[str]:
    seen, todo = {start}, [start]
    while todo:
        found = steps.get(todo.pop(), set()) - seen
        seen |= found
        todo += found
    return seen


def _unreachable(loop: Loop) -> Iterator[str]:
    reached = _reachable(NEW, _steps(loop))
    reached |= {state for state, outcome in loop.ends.items() if outcome is Outcome.IMPORTED}
    yield from (f"nothing leads to state {state!r}" for state in loop.states if state not in reached)


def _endless(loop: Loop) -> Iterator[str]:
    """An end of the kind's own must be within reach of its own moves: to set an item aside closes no loop."""
    own = _steps(loop, {_resolved(row, loop.process) for row in loop.process.moves})
    for state in loop.states:
        if state != WAITING and loop.is_open(state) and not _reachable(state, own) & loop.process.ends.keys():
            yield f"state {state!r} cannot reach an end"


def _said_twice(process: Process) -> Iterator[str]:
    rows = Counter((source, row.name) for row in process.moves for source in row.sources)
    deadlines = Counter(rule.name for rule in process.deadlines)
    yield from (f"state {source!r} has the move {name!r} twice" for (source, name), times in rows.items() if times > 1)
    yield from (f"deadline {name!r} is declared twice" for name, times in deadlines.items() if times > 1)


def _bad_rows(loop: Loop) -> Iterator[str]:
    for row in dict.fromkeys((*loop.process.moves, *loop.rows.values())):
        if not row.who or not row.who <= frozenset(Role):
            yield f"move {row.name!r} names an unknown role: {', '.join(sorted(map(str, row.who))) or 'none'}"
        for need in row.needs:
            if need.guard not in GUARDS:
                yield _unknown("guard", need.guard, GUARDS)
        asks_for_date = any("date" in need.fields for need in row.needs)
        yield from _bad_causes(f"move {row.name!r}", row.causes, loop, has_date=asks_for_date)
    yield from _bad_causes("the receipt", loop.process.receipt, loop, has_date=False)


def _bad_causes(what: str, causes: tuple[object, ...], loop: Loop, *, has_date: bool) -> Iterator[str]:
    for cause in causes:
        if isinstance(cause, Start):
            rule = loop.deadlines.get(cause.deadline)
            if rule is None:
                yield _unknown("deadline", cause.deadline, loop.deadlines)
            elif rule.within is None and not has_date:
                yield f"{what} starts the deadline {rule.name!r}, which has no length, and asks for no date"
        if isinstance(cause, Do) and cause.effect not in EFFECTS:
            yield _unknown("effect", cause.effect, EFFECTS)
        if isinstance(cause, Tell) and not cause.template:
            yield "a message without a template"


def _bad_deadlines(loop: Loop) -> Iterator[str]:
    for rule in loop.deadlines.values():
        spans = (rule.within, rule.critical, *rule.remind, *rule.again)
        if any(not isinstance(span, Span) for span in spans if span is not None):
            yield f"deadline {rule.name!r} names no known clock: give working_days(n), hours(n) and the like"
        elif rule.until is Until.TOLD and (rule.since is Since.RECEIPT or not (rule.within and rule.within.amount)):
            yield f"deadline {rule.name!r} starts anew when the customer is told: give it a length from then on"
        for state in rule.during or _open_states(rule, loop):
            yield from _bad_steps(rule, state, loop)


def _open_states(rule: DeadlineRule, loop: Loop) -> Iterator[str]:
    """Where a deadline runs that names no states."""
    return (state for state in loop.states if loop.is_open(state) and not (rule.waits and state == WAITING))


def _bad_steps(rule: DeadlineRule, state: str, loop: Loop) -> Iterator[str]:
    """The moves that the system is to make when the deadline comes in a state."""
    if state not in loop.states:
        yield _unknown("state", state, loop.states)
        return
    for name in (*rule.then, *(("remind",) if rule.remind else ())):
        row = loop.rows.get((state, name))
        if row is None:
            yield f"deadline {rule.name!r} wants {name!r}, which state {state!r} does not have"
        elif Role.SYSTEM not in row.who:
            yield f"deadline {rule.name!r} wants {name!r}, which the system may not do"


def _unknown(what: str, name: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    return f"no {what} {name!r} ({near_matches(name, known)})"
