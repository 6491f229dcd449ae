"""A move of an item, judged and worked out: the one way in which the state of a loop changes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeGuard

from attrs import frozen

from clientloop.errors import Incomplete, NotAllowed, Refused
from clientloop.model.codec import instant
from clientloop.model.facts import FactName
from clientloop.model.messages import OutboundMessage
from clientloop.model.process import ANYBODY, EXPERT, Cause, Do, Move, Open, Party, Place, Start, Tell
from clientloop.model.units import Insert
from clientloop.model.work import Task
from clientloop.rules.loop import clocks
from clientloop.rules.loop.case import COLUMNS, Case, Kit
from clientloop.rules.loop.draft import Draft, Moved, enter, finish, plain, plain_given
from clientloop.rules.loop.effects import EFFECTS
from clientloop.rules.loop.guards import GUARDS, missing, offer, tells_customer
from clientloop.rules.loop.telling import WATCHED, alert, carried, talked, tell
from clientloop.rules.time.worktime import deadline_us

#: How the journal calls that a channel took a message.
TOLD = Move(sources=(), name="told", target=Place.SAME, who=ANYBODY)

#: How the journal calls that a channel will never take a message.
NOT_TOLD = Move(sources=(), name="not_told", target=Place.SAME, who=ANYBODY)


#: How the journal calls that the step of a deadline came and none of its moves was allowed.
PASSED = Move(sources=(), name="passed", target=Place.SAME, who=ANYBODY)


#: What has to be looked up to tell some parties.
_LOOKED_UP = {Party.OWNER: "owner", Party.SUPERIOR: "superiors", Party.TEAM: "team", Party.EMPLOYEE: "employee"}


@frozen
class Decision:
    """What becomes of a move that is allowed."""

    #: Whether it waits until a channel has taken its message: the customer is then told for sure.
    waits: bool


def looked_up_by(row: Move) -> tuple[str, ...]:
    """Names of what has to be looked up before a row can be judged and worked out."""
    names = [name for need in row.needs for name in GUARDS[need.guard].looks_up]
    for cause in row.causes:
        if isinstance(cause, Do):
            names += EFFECTS[cause.effect].looks_up
        elif isinstance(cause, Tell) and cause.party in _LOOKED_UP:
            names.append(_LOOKED_UP[cause.party])
        elif isinstance(cause, Open) and cause.kind == EXPERT:
            names.append("expert")
    return tuple(dict.fromkeys(names))


def decide(case: Case) -> Decision:
    """Judge a move.

    Args:
        case: The item, the row, who moves it, and what was given and looked up.

    Raises:
        NotAllowed: The actor lacks the role that the row asks for.
        Incomplete: Something that the row requires is missing; all of it is named.
        Refused: The move waits already for its message to be taken.
    """
    row, actor = case.row, case.actor
    if not actor.may(row.who):
        roles = " or ".join(sorted(role.value for role in row.who))
        raise NotAllowed(f"{actor.name} may not {row.name} this {case.item.kind}", hint=f"it takes the role {roles}")
    lacks = missing(case)
    if lacks:
        raise Incomplete(f"cannot {row.name} this {case.item.kind} in state {case.item.state}", missing=lacks)
    waits = _waits_for_acceptance(case)
    if waits and case.item.pending == row.name:
        hint = "its message is in the outbox; if somebody told the customer, give told='how'"
        raise Refused(f"{row.name} waits already until a channel has told the customer", hint=hint)
    return Decision(waits=waits)


def _waits_for_acceptance(case: Case) -> bool:
    needs_telling = any(need.guard == "told" for need in case.row.needs)
    return needs_telling and tells_customer(case) and not case.accepted and not case.given.get("told")


def move(case: Case, kit: Kit, *, step_of: str | None = None, said: frozenset[tuple[str, str]] = frozenset()) -> Moved:
    """Judge a move and work it out.

    A row that requires the customer to be told, and tells them itself, first only queues its message; the move is made,
    by `told`, when a channel has taken it.

    Args:
        case: As of `decide`.
        kit: What the rules need from outside.
        step_of: Name of the deadline whose step makes the move.
        said: Templates, each with an address, that are not told again, as they just were.

    Raises:
        NotAllowed: The actor lacks the role that the row asks for.
        Incomplete: Something that the row requires is missing; all of it is named.
        Refused: The move waits already for its message to be taken.
    """
    decision = decide(case)
    draft = Draft(case, kit, said=said)
    if step_of is not None:
        draft.record["deadline"] = step_of
        take_step(draft, step_of)
    draft.record |= plain_given(case.given)
    _keep_given(draft)
    if decision.waits:
        return _ask(draft)
    _carry_out(draft, case.row.causes)
    return finish(draft)


def _ask(draft: Draft) -> Moved:
    """Queue the message that the move waits for; the item stays where it is."""
    draft.target = draft.case.item.state
    draft.changes["pending"] = draft.case.row.name
    for cause in draft.case.row.causes:
        if _is_to_customer(cause):
            tell(draft, cause)
    draft.record["waits_for"] = "acceptance"
    return finish(draft)


def told(case: Case, kit: Kit, message: OutboundMessage) -> Moved:
    """A channel has taken a message about an item: note it, and make the move that waited for it.

    Args:
        case: The item; the row is the waiting move's, or `TOLD`.
        kit: What the rules need from outside.
        message: The message.
    """
    draft = Draft(case, kit)
    draft.record["message"] = str(message.id)
    carried(message, draft)
    if case.row is TOLD:
        return finish(draft)
    draft.record |= case.given
    _keep_given(draft)
    _carry_out(draft, [cause for cause in case.row.causes if not _is_to_customer(cause)])
    return finish(draft)


def not_told(case: Case, kit: Kit, message: OutboundMessage, why: str) -> Moved:
    """A channel will never take a message about an item: the move that waited for this one is off.

    Args:
        case: The item, with the row `NOT_TOLD`.
        kit: What the rules need from outside.
        message: The message.
        why: What the channel said.
    """
    draft = Draft(case, kit)
    draft.record |= {"message": str(message.id), "template": message.template, "why": why}
    if case.item.pending == message.completes.get("move"):
        draft.changes["pending"] = None
    return finish(draft)


def refused_step(case: Case, kit: Kit, clock: str, why: tuple[str, ...]) -> Moved:
    """The step of a deadline has come and none of its moves is allowed: note why, and go on to the next step.

    Args:
        case: The item, with the row `PASSED`.
        kit: What the rules need from outside.
        clock: Name of the deadline.
        why: What each move was refused for.
    """
    draft = Draft(case, kit)
    draft.record |= {"deadline": clock, "refused": list(why)}
    take_step(draft, clock)
    return finish(draft)


def take_step(draft: Draft, name: str) -> None:
    """The step of a deadline is taken; it will not come again."""
    clock = draft.clocks.get(name)
    if clock is None:
        return
    rule = draft.loop.deadlines[name]
    if clocks.is_late(rule, clock, draft.now_us + 1):
        draft.note_late(name)
    draft.clocks[name] = clocks.passed(rule, clock, draft.case.settings.calendar)


def _is_to_customer(cause: Cause) -> TypeGuard[Tell]:
    return isinstance(cause, Tell) and cause.party is Party.CUSTOMER


def _keep_given(draft: Draft) -> None:
    """What was given goes where it belongs: a field of every item, or the item's `data`."""
    for name, value in draft.case.given.items():
        if name in COLUMNS:
            draft.changes[COLUMNS[name]] = value
        elif name in draft.loop.process.fields or name == "redress":
            draft.data[name] = plain(value)


def _open(draft: Draft, cause: Open) -> None:
    item = draft.case.item
    follows = offer(draft.case) if cause.kind == "sale" else None
    task = Task(
        space=item.space,
        id=draft.kit.new_id(),
        item=item.id,
        kind=cause.kind,
        title=f"{cause.title}: {follows}" if follows else cause.title,
        owner=draft.case.value(EXPERT) if cause.kind == EXPERT else draft.get("owner"),
        due=_due(draft, cause),
        created_at=draft.case.now,
    )
    draft.written.append(Insert(task))
    draft.add_fact(FactName.TASK_OPENED, kind=cause.kind, task=str(task.id))
    if cause.kind == EXPERT:
        alert(draft, task, draft.case.known.expert)


def _due(draft: Draft, cause: Open) -> datetime | None:
    """By when a task is to be done: as declared; else an expert has half of the time that the item has left."""
    now, item_due = draft.case.now, draft.case.item.due
    if cause.within is not None:
        return instant(deadline_us(draft.case.settings.calendar, draft.now_us, cause.within))
    if cause.kind != EXPERT:
        return None
    return now if item_due is None else now + max(item_due - now, timedelta()) / 2


def _carry_out(draft: Draft, causes: Sequence[Cause]) -> None:
    """Effects first, as they may change what is entered; then the state; then clocks, tasks and messages."""
    for cause in causes:
        if isinstance(cause, Do):
            EFFECTS[cause.effect].apply(draft)
    enter(draft)
    for cause in causes:
        match cause:
            case Start(name):
                draft.start(name)
            case Open():
                _open(draft, cause)
            case Tell():
                tell(draft, cause)
            case Do():
                pass  # applied above
    if draft.case.given.get("told"):
        talked(draft)
    if draft.target != draft.case.item.state:
        tell(draft, WATCHED)
