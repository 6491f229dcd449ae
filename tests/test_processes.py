"""Every row of the tables of the five loops, written down here a second time and walked from receipt to end."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from attrs import field, frozen

from clientloop import Actor, ClientLoop, Incomplete, ManualClock, NotAllowed, Purpose, Refused, Role
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import InteractionKind
from clientloop.testing.fakes import FakeChannels

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday; the calendar is Monday to Friday, 9 to 17, UTC

OWNER, SUPERIOR, SYSTEM, CUSTOMER = "o", "s", "y", "c"
ACTORS = {
    OWNER: Actor.of("mia"),
    SUPERIOR: Actor.superior("head"),
    SYSTEM: Actor(name="system", roles=frozenset({Role.SYSTEM})),
    CUSTOMER: Actor.customer(),
}
DAY, WEEK = timedelta(days=1), timedelta(days=7)


@frozen(kw_only=True)
class Row:
    """One row of a table: what it needs, who may, what it tells and which deadline it sets."""

    kind: str
    source: str
    name: str
    target: str
    who: str
    given: Mapping[str, object] = field(factory=dict)
    #: What is withheld, and what the refusal then names.
    lacks: Mapping[str, str] = field(factory=dict)
    told: frozenset[str] = frozenset()
    alerts: frozenset[str] = frozenset()
    #: Deadline: from the move to its end.
    due: Mapping[str, timedelta] = field(factory=dict)
    tasks: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.kind}-{self.source}-{self.name}"


def row(kind, source, name, target, who, **more):
    """One row, as the tables write it."""
    told, alerts, tasks = (frozenset(more.pop(key, ())) for key in ("told", "alerts", "tasks"))
    return Row(
        kind=kind, source=source, name=name, target=target, who=who, told=told, alerts=alerts, tasks=tasks, **more
    )


CAUSE = {"cause": "carrier", "action": "sent another"}
DATE = datetime(2026, 6, 1, 9, tzinfo=UTC)
WHY = {"reason": "because"}
NEEDS_WHY = {"reason": "reason"}

ROWS = [
    # Complaint
    row("complaint", "new", "assign", "assigned", "o", given={"to": "mia"}, lacks={"to": "to"}, told=["received"]),
    row("complaint", "assigned", "start", "working", "o", tasks=["executor"], due={"next_update": 3 * DAY}),
    row("complaint", "working", "resolve", "resolved", "o", given=CAUSE, lacks={"cause": "cause", "action": "action", "tasks": "tasks done"}, due={"inform": DAY}),
    row("complaint", "resolved", "inform", "informed", "o", lacks={"address": "an address to tell the customer"}, told=["done"], due={"reply": WEEK}),
    row("complaint", "resolved", "unreachable", "closed_unreachable", "s", given=WHY, lacks=NEEDS_WHY),
    row("complaint", "informed", "confirm", "closed_confirmed", "c", due={"next_sale": WEEK}),
    row("complaint", "informed", "deny", "working", "c", alerts=["alert"], due={"solution": 14 * DAY, "next_update": 3 * DAY}),
    row("complaint", "informed", "lapse", "closed_silent", "y"),
    *(
        row("complaint", state, "reject", "rejected", "s", given=WHY, lacks=NEEDS_WHY, told=["rejected"])
        for state in ("new", "assigned", "working")
    ),
    row("complaint", "rejected", "appeal", "working", "c", lacks={"30 days": "less than 30 days ago"}),
    row("complaint", "rejected", "close", "closed_rejected", "y", lacks={"telling": "the customer told"}),
    # Idea
    row("idea", "new", "assess", "assessed", "o", given={"value": "much", "effort": "little", "improvement": ...}, lacks={"value": "value", "effort": "effort", "improvement": "improvement"}, told=["decision_date"]),
    row("idea", "assessed", "accept", "promised", "s", given={"date": DATE}, lacks={"date": "date"}, told=["promised"], due={"promise": DATE - NINE}),
    row("idea", "assessed", "park", "parked", "s", given={"date": DATE}, lacks={"date": "date"}, told=["parked"], due={"review": DATE - NINE}),
    row("idea", "parked", "review", "assessed", "y", due={"solution": 14 * DAY}),
    row("idea", "assessed", "decline", "closed_declined", "s", given=WHY, lacks={**NEEDS_WHY, "address": "an address to tell the customer"}, told=["declined"]),
    row("idea", "promised", "postpone", "promised", "s", given={"date": DATE, **WHY}, lacks={"date": "date", **NEEDS_WHY}, told=["postponed"], due={"promise": DATE - NINE}),
    row("idea", "promised", "implement", "closed_done", "o", lacks={"improvement": "the improvement done", "address": "an address to tell the customer"}, told=["implemented"]),
    # Question
    row("question", "new", "assign", "assigned", "o", given={"to": "mia"}, lacks={"to": "to"}, told=["received"], due={"solution": DAY}),
    row("question", "assigned", "consult", "assigned", "o", given={"expert": "tim"}, lacks={"expert": "expert"}, tasks=["expert"], alerts=["task"]),
    *(
        row("question", state, "answer", "answered", "o", given={"text": "Yes."}, lacks={"text": "text"}, told=["answer"], due={"reply": 3 * DAY})
        for state in ("new", "assigned")
    ),
    row("question", "answered", "confirm", "closed_confirmed", "c", tasks=["relationship"]),
    row("question", "answered", "deny", "assigned", "c", alerts=["alert"], due={"solution": DAY}),
    row("question", "answered", "lapse", "closed_silent", "y", lacks={"telling": "the customer told"}),
    # Praise
    row("praise", "new", "thank", "thanked", "o", told=["thanks"], alerts=["praise_heard"]),
    row("praise", "thanked", "permit", "thanked", "c"),
    row("praise", "thanked", "offer", "closed_offered", "oy", lacks={"offer": "an offer", "consent": "consent", "complaint": "no open complaint"}, tasks=["sale"]),
    row("praise", "thanked", "close", "closed", "y", lacks={"no offer": "the offer that is due", "telling": "the customer told"}),
    # Referral
    row("referral", "new", "invite", "invited", "o", lacks={"silence": "permission is not known"}, told=["invitation"], due={"invitation": 14 * DAY}),
    row("referral", "invited", "respond", "lead", "c", given={"friend": "Eva", "friend_address": "eva@example.com"}, lacks={"friend": "friend"}, due={"solution": DAY}),
    row("referral", "new", "accept", "lead", "o", given={"friend": "Eva", "friend_agrees": True}, lacks={"friend": "friend", "friend_agrees": "friend agreed", "stranger": "not a customer yet", "peace": "left alone"}, due={"solution": DAY}),
    row("referral", "lead", "contact", "contacted", "o", lacks={"friend_address": "friend_address", "channel": "a channel that the friend allows"}, alerts=["introduction"]),
    row("referral", "lead", "fail", "ended", "o", lacks={"attempts": "3 attempts on 3 days"}),
    row("referral", "contacted", "win", "ended", "o", given={"purchase": "a chair"}, lacks={"purchase": "purchase"}),
    row("referral", "contacted", "lose", "ended", "o", given=WHY, lacks=NEEDS_WHY),
    row("referral", "invited", "lapse", "ended", "y"),
    row("referral", "ended", "thank", "closed", "o", lacks={"address": "an address to tell the customer"}, told=["referral_thanks"]),
]  # fmt: skip

#: The way to each state: the rows to walk.
WAYS = {
    "complaint": {"assigned": "assign", "working": "assign start", "resolved": "assign start resolve", "informed": "assign start resolve inform", "rejected": "reject"},
    "idea": {"assessed": "assess", "promised": "assess accept", "parked": "assess park"},
    "question": {"assigned": "assign", "answered": "answer"},
    "praise": {"thanked": "thank"},
    "referral": {"invited": "invite", "lead": "accept", "contacted": "accept contact", "ended": "invite lapse"},
}  # fmt: skip

KINDS = tuple(WAYS)
OPEN_STATES = [(kind, state) for kind in KINDS for state in ("new", *WAYS[kind])]


class Firm:
    """A small firm with a clock, one channel, two members and one customer who allows everything."""

    def __init__(self) -> None:
        self.clock, self.post = ManualClock(NINE), FakeChannels("email")
        self.loop = ClientLoop.open("memory:", clock=self.clock, plugins=[self.post], entry_points=False)
        self.loop.staff.add("mia", channel="email", address="mia@firm.example.com")
        self.loop.staff.add("tim", channel="email", address="tim@firm.example.com")
        self.loop.staff.add("head", roles=[Role.OWNER, Role.SUPERIOR], channel="email", address="head@firm.example.com")
        self.loop.settings.set("offers", {"chair": "cushion"})
        self.customer = self.loop.customers.add(name="Ana", email="ana@example.com")
        self.loop.consent.allow(self.customer, Purpose.MARKETING, proof="form")
        self.improvement = self.loop.improvements.add("Better parcels")

    def receive(self, kind: str, *, reachable: bool = True, data: Mapping[str, object] | None = None) -> Feedback:
        """Words of a customer whom a message reaches, or does not."""
        if kind == "referral" and data is None:
            data = {"friend_address": "eva@example.com"}
        return self.loop.feedback.receive(
            kind=kind, channel="email", text="Words", product="chair", employee="tim", data=data,
            customer=self.customer if reachable else self.loop.customers.add(name="Nobody"),
        )  # fmt: skip

    def move(self, item: Feedback, name: str, by: str, **given: object) -> Feedback:
        """Make a move and let the channel take what it sends."""
        given = {key: self.improvement.id if value is ... else value for key, value in given.items()}
        self.loop.feedback.move(self.loop.feedback.get(item.id), name, by=ACTORS[by], **given)
        self.loop.run_due()
        return self.loop.feedback.get(item.id)

    def bring(self, kind: str, state: str, *, reachable: bool = True) -> Feedback:
        """An item that has come into a state by the rows of its table."""
        item = self.receive(kind, reachable=reachable)
        for name in WAYS[kind].get(state, "").split() if state != "new" else ():
            if name == "resolve":
                self.finish_tasks(item)
            found = next(each for each in ROWS if (each.kind, each.source, each.name) == (kind, item.state, name))
            extra = {} if reachable or name != "inform" else {"told": "by phone"}
            item = self.move(item, name, found.who[0], **found.given, **extra)
        if state == "working":
            self.finish_tasks(item)
        if (kind, state) == ("idea", "promised"):
            self.loop.improvements.done(self.improvement, done="thicker boxes", lesson="test them", by="mia")
        assert item.state == state
        return item

    def finish_tasks(self, item: Feedback) -> None:
        """All tasks of an item are done."""
        for task in self.loop.tasks.of(item):
            if task.is_open:
                self.loop.tasks.done(task, result="done")

    def told(self, item: Feedback) -> set[str]:
        """Templates that the customer got."""
        return {message.template for message in self.post.sent if message.to == "ana@example.com"}


@pytest.fixture
def firm():
    """A firm of its own for each test."""
    firm = Firm()
    yield firm
    firm.loop.close()


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_every_row_leads_where_its_table_says(firm, row):
    """A move leads to its state, tells the customer and the firm, opens tasks and sets deadlines as its row says."""
    item = firm.bring(row.kind, row.source)
    prepare(firm, item, row)
    firm.post.sent.clear()
    before = firm.clock.now()
    item = firm.move(item, row.name, row.who[0], **row.given)
    assert item.state == row.target
    assert firm.told(item) == row.told
    assert {message.template for message in firm.post.sent} - row.told == row.alerts
    opened = {task.kind for task in firm.loop.tasks.of(item) if task.is_open and task.created_at == before}
    assert opened == row.tasks
    due = {clock.name: datetime.fromtimestamp(clock.due / 1e6, UTC) - before for clock in item.deadlines}
    assert row.due.items() <= due.items()
    journal = [each for each in firm.loop.feedback.history(item) if each.move == row.name]
    assert journal[-1].target == row.target
    assert row.told <= set(journal[-1].told)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_every_row_is_refused_to_all_others(firm, row):
    """Whoever lacks the role that a row asks for is refused, with the role in the hint, and nothing changes."""
    item = firm.bring(row.kind, row.source)
    prepare(firm, item, row)
    item = firm.loop.feedback.get(item.id)
    allowed = {OWNER, SUPERIOR} if OWNER in row.who else set(row.who)
    for who in {OWNER, SUPERIOR, SYSTEM, CUSTOMER} - allowed - set(row.who):
        with pytest.raises(NotAllowed, match="it takes the role"):
            firm.loop.feedback.move(item, row.name, by=ACTORS[who], **given_of(firm, row))
    assert firm.loop.feedback.get(item.id) == item


@pytest.mark.parametrize(
    ("row", "lacking"), [pytest.param(row, lacking, id=f"{row}-{lacking}") for row in ROWS for lacking in row.lacks]
)
def test_every_requirement_is_named_when_it_is_missing(firm, row, lacking):
    """A move without something that its row requires is refused with the name of what is missing."""
    item = withhold(firm, row, lacking)
    given = {name: value for name, value in given_of(firm, row).items() if name != lacking}
    with pytest.raises(Incomplete) as refusal:
        firm.loop.feedback.move(item, row.name, by=ACTORS[row.who[0]], **given)
    assert row.lacks[lacking] in " ".join(refusal.value.missing)
    assert firm.loop.feedback.get(item.id) == item


@pytest.mark.parametrize(("kind", "state"), OPEN_STATES)
def test_moves_that_a_state_does_not_have_are_refused(firm, kind, state):
    """Any move that the tables do not give a state is refused, with the moves that it has in the hint."""
    item = firm.bring(kind, state)
    has = set(firm.loop.feedback.next_moves(item, by=Actor(name="all", roles=frozenset(Role))))
    named = {each.name for each in ROWS if each.kind == kind and each.source == state}
    assert named <= has
    for name in {each.name for each in ROWS} - has:
        with pytest.raises(Refused, match=f"no move '{name}' from state '{state}'"):
            firm.loop.feedback.move(item, name, by=Actor(name="all", roles=frozenset(Role)))


def given_of(firm: Firm, row: Row) -> dict[str, object]:
    """What is given with a row, with the firm's improvement in its place."""
    return {name: firm.improvement.id if value is ... else value for name, value in row.given.items()}


def prepare(firm: Firm, item: Feedback, row: Row) -> None:
    """What a row needs besides what is given with it."""
    if row.name == "fail":
        for _ in range(3):
            firm.move(item, "attempt", OWNER)
            firm.clock.advance(DAY)
    if (row.kind, row.name) == ("praise", "close"):
        firm.loop.consent.forbid(firm.customer, Purpose.MARKETING, proof="call")


def withhold(firm: Firm, row: Row, lacking: str) -> Feedback:
    """An item to which the row fails to apply, for lack of one thing."""
    if lacking == "address":
        return firm.bring(row.kind, row.source, reachable=False)
    if lacking == "silence":
        return firm.receive("referral", data={"friend_agrees": True})
    if lacking == "friend_address":
        item = firm.receive("referral", data={"friend_agrees": True})
        return firm.move(item, "accept", OWNER, friend="Eva")
    if lacking == "telling":
        firm.post.answer = lambda message: _refused()
    if lacking == "tasks":
        item = firm.move(firm.bring("complaint", "assigned"), "start", OWNER)
    elif (row.kind, row.name, lacking) == ("idea", "implement", "improvement"):
        item = firm.move(firm.bring("idea", "assessed"), "accept", SUPERIOR, date=DATE)
    else:
        item = firm.bring(row.kind, row.source)
    _UNDO.get(lacking, lambda firm: None)(firm)
    return firm.loop.feedback.get(item.id)


def _refused():
    from clientloop.model.messages import Failure, Receipt

    return Receipt(failure=Failure.PERMANENT, detail="no such mailbox")


def _friend_buys(firm: Firm) -> None:
    friend = firm.loop.customers.add(name="Eva", email="eva@example.com")
    firm.loop.interactions.record(kind=InteractionKind.PURCHASE, channel="shop", customer=friend)


def _friend_wants_peace(firm: Firm) -> None:
    friend = firm.loop.customers.find(email="eva@example.com") or [
        firm.loop.customers.add(name="Eva", email="eva@example.com")
    ]
    firm.loop.consent.forbid(friend[0], Purpose.SERVICE, proof="reply")


_UNDO = {
    "offer": lambda firm: firm.loop.settings.set("offers", {}),
    "consent": lambda firm: firm.loop.consent.forbid(firm.customer, Purpose.MARKETING, proof="call"),
    "complaint": lambda firm: firm.receive("complaint"),
    "30 days": lambda firm: firm.clock.advance(timedelta(days=31)),
    "stranger": _friend_buys,
    "peace": _friend_wants_peace,
    "channel": _friend_wants_peace,
}
