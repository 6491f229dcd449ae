"""A process as a firm reads its own standard: a table of moves, a table of deadlines, and a drawing in Mermaid."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from clientloop.model.calendar import Span
from clientloop.model.process import (
    ANYBODY,
    EXPERT,
    NEW,
    Cause,
    DeadlineRule,
    Do,
    Move,
    Need,
    Open,
    Party,
    Place,
    Since,
    Start,
    Tell,
    Until,
)
from clientloop.model.work import Role
from clientloop.rules.loop.case import Loop

Deadlines = Mapping[str, DeadlineRule]


class MoveRow(NamedTuple):
    """One move, in words."""

    #: The states it starts from; nothing for the receipt.
    source: str
    #: Its name.
    move: str
    #: The state it leads to.
    target: str
    #: Who may make it: o owner, s superior, y the system (at which deadline), c the customer.
    who: str
    #: What it requires.
    requires: str
    #: What it causes; T: the customer is told.
    causes: str


class DeadlineRow(NamedTuple):
    """One deadline, in words."""

    #: Its name.
    deadline: str
    #: How long it runs.
    length: str
    #: From when it counts.
    since: str
    #: The states it runs in.
    during: str
    #: What meets it.
    met_by: str
    #: Whether it stops while the firm waits for the customer.
    waits: str
    #: What the system does, and when.
    then: str


#: What heads the columns of a `MoveRow`.
MOVE_HEADINGS = ("from", "move", "to", "who", "requires", "causes")

#: What heads the columns of a `DeadlineRow`.
DEADLINE_HEADINGS = ("deadline", "length", "counts from", "runs in", "met by", "waits", "then")

_ROLES = {Role.OWNER: "o", Role.SUPERIOR: "s", Role.SYSTEM: "y", Role.CUSTOMER: "c"}

_GUARDS: Mapping[str, Callable[[Need], str]] = {
    "given": lambda need: ", ".join(need.fields),
    "told": lambda _: "told",
    "silent": lambda _: "silence",
    "within": lambda need: f"within {need.span}",
    "attempts": lambda need: f"{need.count} attempts on {need.count} days",
    "allowed": lambda need: f"consent to {need.purpose}",
    "tasks_done": lambda _: "tasks done",
    "redress_within_limit": lambda _: "redress above the limit needs s",
    "another_superior": lambda _: "another superior than who decided before",
    "same_customer": lambda _: "same customer",
    "improvement_exists": lambda _: "improvement exists",
    "improvement_done": lambda _: "improvement done",
    "offer_exists": lambda _: "an offer that follows the product",
    "no_open_complaint": lambda _: "no open complaint",
    "nothing_to_offer": lambda _: "no offer due",
    "permission": lambda _: "the friend's permission",
    "no_permission": lambda _: "the friend's permission is not known",
    "friend_is_free": lambda _: "friend not suppressed, not yet a customer",
    "channel_allowed": lambda _: "an allowed channel",
}

_EFFECTS: Mapping[str, str] = {
    "reopen": "counted as reopened",
    "relieve": "with an owner who is there",
    "resume_work": "its time runs again",
    "escalate": "a new date",
    "decide": "who decided is kept",
    "permit": "may be quoted",
    "attempt": "the day is kept",
    "join": "joins the original, which takes the earlier deadlines",
    "rekind": "begins again as that kind, deadlines count from the original receipt",
    "split": "begins again with the first part, each further part is a new item",
    "lead": "the friend becomes a potential customer",
    "hear": "the customer is not silent",
    "mention": "who is mentioned watches it",
    "tag": "marked with these",
    "untag": "marked with these no more",
    "watch": "these members hear of its moves",
    "unwatch": "these members hear of its moves no more",
}

_PARTIES: Mapping[Party, str] = {
    Party.TEAM: "from the second time on the team",
    Party.MENTIONED: "who is mentioned",
}

#: A name that has no meaning for Mermaid.
_PLAIN = re.compile(r"(?!(?:end|state|note|direction|as|class|classDef|style|hide|scale)\Z)[A-Za-z]\w*", re.ASCII)

_SINCE = {Since.MOVE: "the move that starts it", Since.RECEIPT: "the receipt"}

_UNTIL = {
    Until.LEFT: "leaving these states",
    Until.ANSWERED: "the first answer of a person",
    Until.TOLD: "telling the customer, then anew",
}


def table(loop: Loop) -> tuple[MoveRow, ...]:
    """The moves of a process: the receipt, those of the kind, then those common to all kinds.

    Args:
        loop: A prepared process.

    Returns:
        One row for each declared row that is in force.
    """
    receipt = MoveRow("", "receive", NEW, _ROLES[Role.CUSTOMER], "", _causes(loop.process.receipt, loop.deadlines))
    return (receipt, *rows(_declared(loop), loop.deadlines))


def rows(moves: Iterable[Move], deadlines: Deadlines) -> tuple[MoveRow, ...]:
    """Declared moves in words.

    Args:
        moves: The declared rows.
        deadlines: The deadlines that they start; one that is not among them is named only.

    >>> from clientloop.model.process import OWNER, move, tell, told
    >>> rows([move("resolved", "inform", "informed", OWNER, told, tell("done"))], {})[0].causes
    'T done'
    """
    return tuple(
        MoveRow(
            ", ".join(_PLACES.get(source, source) for source in row.sources),
            row.name,
            _PLACES.get(row.target, row.target),
            _who(row, deadlines),
            "; ".join(_GUARDS[need.guard](need) for need in row.needs),
            _causes(row.causes, deadlines),
        )
        for row in moves
    )


#: What the tables call the places that stand for states.
_PLACES: Mapping[str, str] = {Place.OPEN: "open", Place.CLOSED: "closed", Place.BACK: "where it was"}


def deadline_table(deadlines: Deadlines) -> tuple[DeadlineRow, ...]:
    """Declared deadlines in words.

    Args:
        deadlines: By name; those of a prepared process hold what is common to all kinds, too.
    """
    return tuple(
        DeadlineRow(
            rule.name,
            _length(rule),
            _SINCE[rule.since],
            ", ".join(rule.during) or "all open states",
            _UNTIL[rule.until],
            "stops" if rule.waits else "",
            "; ".join(_steps(rule)),
        )
        for rule in deadlines.values()
    )


def mermaid(loop: Loop) -> str:
    """The process as a state diagram of Mermaid, with the moves that are common to all kinds in a note.

    Args:
        loop: A prepared process.
    """
    return "\n".join(["stateDiagram-v2", *(f"    {line}" for line in _diagram(loop)), ""])


def _diagram(loop: Loop) -> Iterator[str]:
    names = _names(loop)
    yield from (f'state "{_label(state)}" as {name}' for state, name in names.items() if state != name)
    yield f"[*] --> {names[NEW]}"
    own = set(_own(loop))
    for (source, name), row in loop.rows.items():
        if row in own:
            target = source if row.target in {Place.SAME, Place.BACK} else row.target
            yield f"{names[source]} --> {names[target]}: {_label(f'{name} ({_roles(row)})')}"
    for end in loop.process.ends:
        yield f"{names[end]} --> [*]"
    yield f"note right of {names[NEW]}"
    for source, moves in _common_by_source(loop).items():
        yield f"    {_label(f'from {source}')}: {_label(', '.join(moves))}"
    yield "end note"


def _names(loop: Loop) -> Mapping[str, str]:
    """What the states are called in a drawing: by their names, where Mermaid takes these."""
    return {state: state if _PLAIN.fullmatch(state) else f"state_{number}" for number, state in enumerate(loop.states)}


def _label(text: str) -> str:
    """Text in which nothing has a meaning for Mermaid."""
    return re.sub(r"[^\w ,()'-]", lambda found: f"#{ord(found[0])};", text)


def _declared(loop: Loop) -> tuple[Move, ...]:
    """The rows in force, each once: those of the kind come first."""
    return tuple(dict.fromkeys(loop.rows.values()))


def _own(loop: Loop) -> Iterator[Move]:
    declared = {(row.sources, row.name) for row in loop.process.moves}
    return (row for row in _declared(loop) if (row.sources, row.name) in declared)


def _common_by_source(loop: Loop) -> Mapping[str, list[str]]:
    own, found = set(_own(loop)), dict[str, list[str]]()
    for row in _declared(loop):
        for source in () if row in own else row.sources:
            found.setdefault(_PLACES.get(source, source), []).append(row.name)
    return found


def _roles(row: Move) -> str:
    return "anyone" if row.who == ANYBODY else ", ".join(letter for role, letter in _ROLES.items() if role in row.who)


def _who(row: Move, deadlines: Deadlines) -> str:
    """The roles; the system comes at its deadlines."""
    calling = [rule.name for rule in deadlines.values() if _calls(rule, row)]
    if not calling or row.who == ANYBODY or Role.SYSTEM not in row.who:
        return _roles(row)
    return _roles(row).replace("y", f"y ({', '.join(calling)})")


def _calls(rule: DeadlineRule, row: Move) -> bool:
    """Whether the system makes this move at some step of a deadline."""
    steps = (*rule.then, *(("remind",) if rule.remind else ()))
    sources = set(row.sources)
    anywhere = not rule.during or Place.OPEN in sources
    return row.name in steps and (anywhere or not sources.isdisjoint(rule.during))


def _causes(causes: Iterable[Cause], deadlines: Deadlines) -> str:
    return "; ".join(_cause(cause, deadlines) for cause in causes)


def _cause(cause: Cause, deadlines: Deadlines) -> str:
    match cause:
        case Tell(template, Party.CUSTOMER):
            return f"T {template}"
        case Tell(template, party):
            return f"{_PARTIES.get(party, party)} told: {template}"
        case Start(name):
            return _started(name, deadlines.get(name))
        case Open(kind, title, within):
            when = within or (kind == EXPERT and "half of the time that is left")
            return f"task ({kind}): {title}{f', {when}' if when else ''}"
        case Do(effect):
            return _EFFECTS[effect]


def _started(name: str, rule: DeadlineRule | None) -> str:
    """A deadline as briefly as a standard says it: "reply: 5 working days, reminder after 3, then lapse"."""
    if rule is None:
        return name
    reminder = f", {_reminders(rule)}" if rule.remind else ""
    then = "" if rule.then == ("escalate",) else f", then {' or '.join(rule.then)}"
    return f"{name}: {_length(rule)}{reminder}{then}"


def _length(rule: DeadlineRule) -> str:
    critical = f", critical {rule.critical}" if rule.critical else ""
    return f"{rule.within or 'to the date given'}{critical}"


def _reminders(rule: DeadlineRule) -> str:
    word = "reminder" if len(rule.remind) == 1 else "reminders"
    return f"{word} after {' and '.join(_briefly(span, rule.within) for span in rule.remind)}"


def _briefly(span: Span, said: Span | None) -> str:
    """A length without its unit, where the unit has just been said."""
    return str(span.amount) if said and span.unit is said.unit else str(span)


def _steps(rule: DeadlineRule) -> Iterator[str]:
    if rule.remind:
        yield _reminders(rule)
    yield " or ".join(rule.then)
    if rule.again:
        yield f"escalate again after {' and '.join(map(str, rule.again))}"
