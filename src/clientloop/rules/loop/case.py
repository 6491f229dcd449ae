"""What a move is judged by: the item, who moves it, what was given and what was looked up."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from attrs import field, frozen

from clientloop.errors import Refused, near_matches
from clientloop.model.codec import Json
from clientloop.model.customers import Consent
from clientloop.model.feedback import Feedback, Outcome
from clientloop.model.improvements import Improvement
from clientloop.model.process import DeadlineRule, Move, Process
from clientloop.model.staff import Member, Team
from clientloop.model.work import Actor
from clientloop.rules.loop.settings import Settings
from clientloop.rules.staff.routing import Placement

#: What may be given with a move and is a field of every item; the rest goes into the item's `data`.
COLUMNS: Mapping[str, str] = {
    "to": "owner",
    "cause": "cause",
    "action": "action",
    "improvement": "improvement",
    "employee": "employee",
    "product": "product",
    "category": "category",
    "priority": "priority",
    "original": "original",
}

#: What may be given with any move.
ALWAYS_GIVEN = frozenset(
    {*COLUMNS, "reason", "note", "told", "text", "redress", "template", "answer", "told_with", "interaction"}
) - {"to", "original"}


@frozen(eq=False, kw_only=True)
class Loop:
    """A process with all that is common to every kind, ready to run."""

    #: The declaration.
    process: Process
    #: The row of each (state, move).
    rows: Mapping[tuple[str, str], Move]
    #: All states, in the order in which the tables name them.
    states: tuple[str, ...]
    #: How each end counts.
    ends: Mapping[str, Outcome]
    #: The deadlines by name.
    deadlines: Mapping[str, DeadlineRule]

    def row(self, state: str, name: str) -> Move:
        """The row of a move from a state.

        Raises:
            Refused: The state has no such move; the hint names those that it has.
        """
        try:
            return self.rows[state, name]
        except KeyError:
            message = f"no move {name!r} from state {state!r} of {self.process.kind}"
            raise Refused(message, hint=near_matches(name, self.moves_from(state))) from None

    def moves_from(self, state: str) -> tuple[str, ...]:
        """Names of the moves that a state has, in the order of the tables."""
        return tuple(move for source, move in self.rows if source == state)

    def is_open(self, state: str) -> bool:
        """Whether a loop in this state has not ended."""
        return state not in self.ends


@frozen(kw_only=True)
class Friend:
    """What is known of the person whom a referral names."""

    #: Whether this person is a customer already.
    is_customer: bool = False
    #: What this person has allowed or forbidden.
    consents: tuple[Consent, ...] = ()


@frozen(kw_only=True)
class Known:
    """What was looked up for the guards and effects of a row; each says what it needs."""

    #: Titles of the item's open tasks.
    open_tasks: tuple[str, ...] = ()
    #: How many complaints of the customer are open, this item aside.
    open_complaints: int = 0
    #: What the customer has allowed or forbidden.
    consents: tuple[Consent, ...] = ()
    #: The item that this one repeats.
    original: Feedback | None = None
    #: Whether the same person said both, under whatever id.
    same_person: bool = False
    #: The improvement that the item points to.
    improvement: Improvement | None = None
    #: The person whom a referral names.
    friend: Friend = Friend()
    #: Who hears as the owner: whoever works on the item, or stands in.
    owner: Member | None = None
    #: Who hears as a superior: those who decide above the owner, or stand in for them.
    superiors: tuple[Member, ...] = ()
    #: Who hears once the superiors have been alerted in vain: the team's own address, or its members.
    team: tuple[Member | Team, ...] = ()
    #: The member whom the feedback names.
    employee: Member | None = None
    #: The member who is asked for help.
    expert: Member | None = None
    #: The members who work, by name: whom a note may mention, and who may watch.
    staff: Mapping[str, Member] = field(factory=dict)
    #: The members who watch the item, and work.
    watchers: tuple[Member, ...] = ()
    #: Who takes the item over, as its owner is away or gone; None: it keeps its owner.
    relief: str | None = None
    #: Where routing puts the parts that the item is split into, in their order.
    parts: tuple[Placement, ...] = ()
    #: The processes of the kinds that the item is turned or split into.
    loops: Mapping[str, Loop] = field(factory=dict)


#: Renders a template: name, language, values; gives subject and body.
Render = Callable[[str, str | None, Mapping[str, str]], tuple[str, str]]


def _unknown(_template: str, _locale: str | None) -> str | None:
    return None


def _as_they_came(channel: str, _address: str) -> str:
    return channel


@frozen(kw_only=True, eq=False)
class Kit:
    """What the rules need from outside to write records: they make no ids and read no files themselves."""

    #: What the firm has set.
    settings: Settings
    #: Makes an id.
    new_id: Callable[[], UUID]
    #: Makes a number for people.
    new_ref: Callable[[], str]
    #: Renders a text.
    render: Render
    #: The language in which a template is rendered, of its name and the language that is wanted.
    language: Callable[[str, str | None], str | None] = _unknown
    #: The channel that carries an answer, of the one that the words came by and the address; a form carries none.
    answers_by: Callable[[str, str], str] = _as_they_came


@frozen(kw_only=True, eq=False)
class Case:
    """One move of one item, to be judged."""

    #: The item as it is.
    item: Feedback
    #: The process that it follows.
    loop: Loop
    #: The row of the move.
    row: Move
    #: Who moves it.
    actor: Actor
    #: When, UTC.
    now: datetime
    #: What was given with the move.
    given: Mapping[str, Json] = field(factory=dict)
    #: What the firm has set.
    settings: Settings
    #: What its guards and effects looked up.
    known: Known = Known()
    #: What a text of the firm's own may speak of besides, by name.
    words: Mapping[str, str] = field(factory=dict)
    #: Whether a channel has just accepted the message of this very move.
    accepted: bool = False

    def value(self, name: str) -> Json:
        """What was given under a name, or else what the item holds already."""
        if name in self.given:
            return self.given[name]
        column = COLUMNS.get(name)
        return getattr(self.item, column) if column else self.item.data.get(name)
