"""How the loop of one kind of feedback is declared: a table of moves and a table of deadlines, as plain data.

The words in which `presets/` write these tables are here too, so that a row of code reads like the row of a standard:

>>> row = move("resolved", "inform", "informed", OWNER, told, tell("done"), start("reply"))
>>> row.name, row.target, [need.guard for need in row.needs], [type(cause).__name__ for cause in row.causes]
('inform', 'informed', ['told'], ['Tell', 'Start'])
"""

from collections.abc import Mapping
from enum import StrEnum

from attrs import field, frozen

from clientloop.model.calendar import Span
from clientloop.model.customers import Purpose
from clientloop.model.feedback import Outcome
from clientloop.model.work import Role


class Place(StrEnum):
    """Names that stand for states, in the tables of every kind."""

    #: As a source: every open state but `waiting`.
    OPEN = "any open"
    #: As a source: every end that can be reopened.
    CLOSED = "any closed"
    #: As a source: every state.
    ANY = "any"
    #: As a target: stay where it is.
    SAME = "same"
    #: As a target: where it was before it waited or was set aside.
    BACK = "back"
    #: As a target: the state in which the kind is worked on.
    WORKING = "the working state"


#: The state of every kind in which an item begins.
NEW = "new"

#: The state of every kind in which the firm waits for the customer.
WAITING = "waiting"

#: The kind of what came in and nobody has sorted yet: a person finds out what it is.
UNSORTED = "unsorted"

#: The sort of task that goes to the `expert` given with the move, not to the owner.
EXPERT = "expert"


class Party(StrEnum):
    """Whom a message goes to."""

    CUSTOMER = "customer"
    #: Who works on the item, or stands in for them.
    OWNER = "owner"
    #: The employee whom the feedback names.
    EMPLOYEE = "employee"
    #: Who decides above the owner: the lead of the item's team, or else the superiors.
    SUPERIOR = "superior"
    #: The whole team of the item, once its superiors have been alerted before.
    TEAM = "team"
    #: The members whom a note mentions.
    MENTIONED = "mentioned"
    #: The members who watch the item.
    WATCHER = "watcher"
    #: The person whom a referral names.
    FRIEND = "friend"


class Since(StrEnum):
    """From when a deadline counts."""

    #: The move that starts it.
    MOVE = "move"
    #: The original receipt of the item.
    RECEIPT = "receipt"


class Until(StrEnum):
    """What meets a deadline, besides leaving the states that it runs in."""

    #: Nothing else.
    LEFT = "left"
    #: The first answer that a person gave the customer.
    ANSWERED = "answered"
    #: Anything the customer was told; it then starts anew.
    TOLD = "told"


@frozen
class Need:
    """Something that a move requires; `rules/loop/guards.py` has the meaning of each guard."""

    #: Name of the guard.
    guard: str
    #: The fields it is about.
    fields: tuple[str, ...] = ()
    #: The time it is about.
    span: Span | None = None
    #: The number it is about.
    count: int = 0
    #: The purpose it is about.
    purpose: Purpose | None = None


@frozen
class Tell:
    """Queue a message in the same unit as the move."""

    #: Name of its template.
    template: str
    #: To whom.
    party: Party = Party.CUSTOMER
    #: Whether the library writes it by itself, so that it counts as no human answer.
    automatic: bool = False


@frozen
class Start:
    """Start a deadline of the process."""

    #: Its name.
    deadline: str


@frozen
class Open:
    """Open a task."""

    #: What sort of work.
    kind: str
    #: What is to be done.
    title: str
    #: By when; None for no date, and for an `EXPERT` for half of the time that the item has left.
    within: Span | None = None


@frozen
class Do:
    """Have an effect of its own; `rules/loop/effects.py` has the meaning of each."""

    #: Name of the effect.
    effect: str


Cause = Tell | Start | Open | Do


@frozen
class Move:
    """One row of a process."""

    #: The states it starts from, or `Place.OPEN`, `Place.CLOSED` or `Place.ANY`.
    sources: tuple[str, ...]
    #: Its name.
    name: str
    #: The state it leads to, or `Place.SAME`, `Place.BACK` or `Place.WORKING`.
    target: str
    #: Who may make it.
    who: frozenset[Role]
    #: What it requires.
    needs: tuple[Need, ...] = ()
    #: What it causes.
    causes: tuple[Cause, ...] = ()


def is_mark(row: Move) -> bool:
    """Whether every state has the move, so that it says nothing of the way of a loop: a note, a tag and the like."""
    return Place.ANY in row.sources


@frozen(kw_only=True)
class DeadlineRule:
    """One clock that a process declares."""

    #: Its name.
    name: str
    #: How long it runs; None: until the `date` given with the move that starts it.
    within: Span | None = None
    #: How long for a critical item.
    critical: Span | None = None
    #: The states that it runs in; none named: all open ones.
    during: tuple[str, ...] = ()
    #: From when it counts.
    since: Since = Since.MOVE
    #: What else meets it.
    until: Until = Until.LEFT
    #: Whether it stops while the firm waits for the customer.
    waits: bool = False
    #: When, after its start, the system makes the move `remind`.
    remind: tuple[Span, ...] = ()
    #: The moves that the system tries when it is due, until one is allowed.
    then: tuple[str, ...] = ("escalate",)
    #: When, after it was due, the system escalates again: each level once.
    again: tuple[Span, ...] = ()


@frozen(kw_only=True)
class Process:
    """The closed loop of one kind of feedback, versioned: running items keep the version they began with."""

    #: The kind of feedback.
    kind: str
    #: The kind in words.
    title: str
    #: Counts changes of the declaration.
    version: int = 1
    #: Where a reopened item goes.
    working: str
    #: The states in which the customer's matter is solved; entering one stops the measured time.
    solved: tuple[str, ...]
    #: The states that end the loop, and how each counts.
    ends: Mapping[str, Outcome]
    #: What the receipt of an item causes.
    receipt: tuple[Start | Tell, ...] = ()
    #: The moves of this kind; one of the same name and source goes before one that is common to all.
    moves: tuple[Move, ...]
    #: The deadlines of this kind; one of the same name goes before one that is common to all.
    deadlines: tuple[DeadlineRule, ...] = ()
    #: Fields that the kind records besides those of every item, and what each is.
    fields: Mapping[str, str] = field(factory=dict)
    #: Texts that the kind brings or says in its own words: "en.received" to {"subject": ..., "body": ...}.
    texts: Mapping[str, Mapping[str, str]] = field(factory=dict)


@frozen(kw_only=True)
class Common:
    """What the loops of all kinds share."""

    #: Moves of every kind.
    moves: tuple[Move, ...]
    #: Deadlines of every kind.
    deadlines: tuple[DeadlineRule, ...]
    #: States that end any loop.
    ends: Mapping[str, Outcome]
    #: The ends among them that a customer cannot reopen.
    final: tuple[str, ...]


OWNER = frozenset({Role.OWNER})
SUPERIOR = frozenset({Role.SUPERIOR})
SYSTEM = frozenset({Role.SYSTEM})
CUSTOMER = frozenset({Role.CUSTOMER})
ANYBODY = frozenset(Role)

Clause = Need | Tell | Start | Open | Do


def move(sources: str, name: str, target: str, who: frozenset[Role], *clauses: Clause) -> Move:
    """One row of a table of moves.

    Args:
        sources: The states it starts from, with commas between.
        name: Its name.
        target: The state it leads to.
        who: Who may make it.
        clauses: What it requires and what it causes, in any order.
    """
    return Move(
        sources=tuple(part.strip() for part in sources.split(",")),
        name=name,
        target=target,
        who=who,
        needs=tuple(clause for clause in clauses if isinstance(clause, Need)),
        causes=tuple(clause for clause in clauses if not isinstance(clause, Need)),
    )


def deadline(
    name: str,
    within: Span | None,
    *,
    critical: Span | None = None,
    during: str = "",
    since: Since = Since.MOVE,
    until: Until = Until.LEFT,
    waits: bool = False,
    remind: tuple[Span, ...] = (),
    then: str = "escalate",
    again: tuple[Span, ...] = (),
) -> DeadlineRule:
    """One row of a table of deadlines; `during` and `then` take several names with commas between."""
    return DeadlineRule(
        name=name,
        within=within,
        critical=critical,
        during=_names(during),
        since=since,
        until=until,
        waits=waits,
        remind=remind,
        then=_names(then),
        again=again,
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def given(*fields: str) -> Need:
    """These fields are given with the move, or stand in the item already."""
    return Need("given", fields)


def within(span: Span) -> Need:
    """No more than this has passed since the item came into its state."""
    return Need("within", span=span)


def attempts(count: int) -> Need:
    """So many attempts were made, each on a day of its own."""
    return Need("attempts", count=count)


def allowed(purpose: Purpose) -> Need:
    """The customer allows messages for this purpose."""
    return Need("allowed", purpose=purpose)


#: The customer has been told: a channel accepted the message, or a person noted the talk.
told = Need("told")
#: The customer has written nothing since the item came into its state: then silence says yes.
silent = Need("silent")
#: All tasks of the item are done.
tasks_done = Need("tasks_done")
#: Redress above the firm's limit is decided by a superior.
redress_within_limit = Need("redress_within_limit")
#: Another superior than the one who decided last.
another_superior = Need("another_superior")
#: The original item is of the same customer.
same_customer = Need("same_customer")
#: The improvement that the item points to exists.
improvement_exists = Need("improvement_exists")
#: The improvement that the item points to is done.
improvement_done = Need("improvement_done")
#: The product line has an offer to follow the product of the item.
offer_exists = Need("offer_exists")
#: Nothing could be offered: no offer exists, it is not allowed, or a complaint is open.
nothing_to_offer = Need("nothing_to_offer")
#: The customer has no open complaint.
no_open_complaint = Need("no_open_complaint")
#: Whether the friend agreed to be contacted is known, and the friend did.
permission = Need("permission")
#: Nobody has said that the friend agreed.
no_permission = Need("no_permission")
#: The friend is not a customer yet, and has not asked to be left alone.
friend_is_free = Need("friend_is_free")
#: The channel may be used for the friend.
channel_allowed = Need("channel_allowed")


def tell(template: str, party: Party = Party.CUSTOMER) -> Tell:
    """A message that a person's move sends."""
    return Tell(template, party)


def notify(template: str, party: Party = Party.CUSTOMER) -> Tell:
    """A message that the library sends by itself: it counts as no human answer."""
    return Tell(template, party, automatic=True)


def start(name: str) -> Start:
    """Start a deadline."""
    return Start(name)


def task(kind: str, title: str, within: Span | None = None) -> Open:
    """Open a task."""
    return Open(kind, title, within)


def do(effect: str) -> Do:
    """Have an effect of its own."""
    return Do(effect)
