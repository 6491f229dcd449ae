"""A declared process made ready to run: rows found by state and move, every name checked.

A process that cannot reach an end, has a state that nothing leads to, or names a role, clock, guard, effect, move or
deadline that nobody declared, is refused here, when it is registered, with all that is wrong in one error.
"""

from collections.abc import Iterator, Mapping

from attrs import evolve

from clientloop.errors import InvalidValue, near_matches
from clientloop.model.calendar import Span
from clientloop.model.feedback import Outcome
from clientloop.model.process import NEW, WAITING, Common, Do, Move, Place, Process, Start, Tell
from clientloop.model.work import Role
from clientloop.rules.case import Loop
from clientloop.rules.effects import EFFECTS
from clientloop.rules.guards import GUARDS


def prepare(process: Process, common: Common) -> Loop:
    """Check a declared process and make it ready to run.

    Args:
        process: The declaration.
        common: What is common to all kinds.

    Raises:
        InvalidValue: The declaration is wrong; the message names all that is.
    """
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


def _sources(
    row: Move, states: tuple[str, ...], ends: Mapping[str, Outcome], common: Common
) -> Iterator[str]:
    for source in row.sources:
        if source == Place.OPEN:
            yield from (state for state in states if state not in ends and state != WAITING)
        elif source == Place.CLOSED:
            yield from (state for state in ends if state not in common.final)
        else:
            yield source


def _resolved(row: Move, process: Process) -> Move:
    if row.target == Place.WORKING:
        return evolve(row, target=process.working)
    return row


def _faults(loop: Loop) -> Iterator[str]:
    yield from _unreachable(loop)
    yield from _endless(loop)
    yield from _bad_rows(loop)
    yield from _bad_deadlines(loop)
    for state in (loop.process.working, *loop.process.solved):
        if state not in loop.states:
            yield _unknown("state", state, loop.states)


def _steps(loop: Loop) -> Mapping[str, set[str]]:
    """Which states one move leads to; a way back out of waiting is no new way."""
    steps: dict[str, set[str]] = {state: set() for state in loop.states}
    for (source, _), row in loop.rows.items():
        if row.target not in {Place.SAME, Place.BACK}:
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
    reached = _reachable(NEW, _steps(loop)) | {
        state for state, outcome in loop.ends.items() if outcome is Outcome.IMPORTED
    }
    yield from (f"nothing leads to state {state!r}" for state in loop.states if state not in reached)


def _endless(loop: Loop) -> Iterator[str]:
    """An end of the kind's own must be within reach: that anything may be set aside as a duplicate is no loop closed."""
    own = {
        source: {row.target for row in loop.process.moves if source in row.sources} for source in loop.states
    }
    for state in own:
        own[state].discard(Place.SAME)
    for state in loop.states:
        if state != WAITING and loop.is_open(state) and not _reachable(state, own) & set(loop.process.ends):
            yield f"state {state!r} cannot reach an end"


def _bad_rows(loop: Loop) -> Iterator[str]:
    for row in dict.fromkeys((*loop.process.moves, *loop.rows.values())):
        if not row.who or not row.who <= frozenset(Role):
            yield f"move {row.name!r} names an unknown role: {', '.join(sorted(map(str, row.who))) or 'none'}"
        for need in row.needs:
            if need.guard not in GUARDS:
                yield _unknown("guard", need.guard, GUARDS)
        yield from _bad_causes(row.causes, loop)
    yield from _bad_causes(loop.process.receipt, loop)


def _bad_causes(causes: tuple[object, ...], loop: Loop) -> Iterator[str]:
    for cause in causes:
        if isinstance(cause, Start) and cause.deadline not in loop.deadlines:
            yield _unknown("deadline", cause.deadline, loop.deadlines)
        if isinstance(cause, Do) and cause.effect not in EFFECTS:
            yield _unknown("effect", cause.effect, EFFECTS)
        if isinstance(cause, Tell) and not cause.template:
            yield "a message without a template"


def _bad_deadlines(loop: Loop) -> Iterator[str]:
    for rule in loop.deadlines.values():
        spans = (rule.within, rule.critical, *rule.remind, *rule.again)
        if any(not isinstance(span, Span) for span in spans if span is not None):
            yield f"deadline {rule.name!r} names no known clock: give working_days(n), hours(n) and the like"
        for state in rule.during:
            if state not in loop.states:
                yield _unknown("state", state, loop.states)
                continue
            for name in (*rule.then, *(("remind",) if rule.remind else ())):
                row = loop.rows.get((state, name))
                if row is None:
                    yield f"deadline {rule.name!r} wants {name!r}, which state {state!r} does not have"
                elif Role.SYSTEM not in row.who:
                    yield f"deadline {rule.name!r} wants {name!r}, which the system may not do"


def _unknown(what: str, name: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    return f"no {what} {name!r} ({near_matches(name, known)})"
