"""A Hypothesis state machine: whatever anybody does to a loop, every store gives the same answer."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from clientloop.app import ClientLoop
from clientloop.model.customers import Customer, CustomerClass, Purpose, Trust
from clientloop.model.feedback import Feedback, Priority, Transition
from clientloop.model.improvements import Improvement
from clientloop.model.messages import Failure, Receipt
from clientloop.model.staff import Member
from clientloop.model.work import Actor, Role, Task
from clientloop.rules.loop.clocks import ESCALATE
from clientloop.rules.time.worktime import is_open
from clientloop.testing.twins import START, TwinMachine

ACTORS = (
    Actor.of("mia"),
    Actor.of("tim"),
    Actor.superior("head"),
    Actor.superior("chief"),
    Actor.customer(),
    Actor(name="system", roles=frozenset({Role.SYSTEM})),
)

KINDS = ("complaint", "idea", "question", "praise", "referral")

#: What may be given with a move: some of it right, some wrong.
GIVEN: dict[str, st.SearchStrategy[Any]] = {  # Any: each field has a type of its own
    "to": st.sampled_from(["mia", "tim"]),
    "reason": st.sampled_from(["", "because"]),
    "text": st.just("Some words"),
    "cause": st.just("carrier"),
    "action": st.just("sent another"),
    "redress": st.sampled_from([100, 100_000]),
    "value": st.just("much"),
    "effort": st.just("little"),
    "date": st.just(START + timedelta(days=40)),
    "expert": st.just("tim"),
    "friend": st.just("Eva"),
    "friend_address": st.sampled_from(["eva@example.com", "nobody"]),
    "friend_agrees": st.booleans(),
    "purchase": st.just("a chair"),
    "kind": st.sampled_from(["complaint", "idea", "question", "praise", "referral", "complant"]),
    "parts": st.just([{"kind": "idea", "text": "Thicker boxes"}]),
    "told": st.just("called at noon"),
    "note": st.sampled_from(["Called at noon", "@tim please call", "ask @nobody"]),
    "tags": st.sampled_from(["vip", ["Late", "VIP"]]),
    "watchers": st.sampled_from(["mia", "mia, head"]),
    "reson": st.just("a typo"),
}


class LoopMachine(TwinMachine):
    """Does the same to several stores at once and compares every answer, and at the end every record.

    Subclass it with `stores`, fresh and migrated, and give its `TestCase` a name that pytest finds:

    >>> from clientloop.stores.memory import MemoryStore
    >>> class Machine(LoopMachine):
    ...     @classmethod
    ...     def open_stores(cls):
    ...         return [ClientLoop.open("memory:"), ClientLoop.open("memory:")]
    >>> TestMyStore = Machine.TestCase
    """

    def __init__(self) -> None:
        """Begin with nothing known."""
        super().__init__()
        self.improvement: Improvement
        self.customers: list[Customer] = []
        self.items: list[Feedback] = []
        self.old: list[Feedback] = []

    def _keep(self, item: Any) -> None:  # Any: what `both` returned
        if isinstance(item, Feedback):
            known = {kept.id: kept for kept in self.items}
            if item.id in known:
                self.old.append(known[item.id])
            self.items = [kept for kept in self.items if kept.id != item.id] + [item]

    @initialize()
    def firm(self) -> None:
        """A firm with members, an offer and a limit, and a customer who has said something of each kind."""
        for name, roles in (("mia", [Role.OWNER]), ("tim", [Role.OWNER]), ("head", [Role.OWNER, Role.SUPERIOR])):
            address = f"{name}@firm.example.com"
            self.both(partial(_add_member, name=name, roles=roles, address=address))
        self.both(lambda loop: loop.settings.set("offers", {"chair": "cushion"}))
        self.both(lambda loop: loop.settings.set("redress_limit", 5_000))
        self.improvement = self.both(lambda loop: loop.improvements.add("Better parcels"))
        ana = self.both(lambda loop: loop.customers.add(name="Ana", email="ana@example.com"))
        self.customers.append(ana)
        self.both(lambda loop: loop.consent.allow(ana, Purpose.MARKETING, proof="form"))
        for kind in KINDS:
            self._keep(self.both(partial(_receive, kind=kind, customer=ana)))

    @rule(
        name=st.sampled_from(["Ana", "ANA ", "Bor", ""]),
        email=st.sampled_from([None, "ana@example.com", "Ana@Example.com", "bor@example.com", "broken@"]),
        trust=st.sampled_from(Trust),
        customer_class=st.sampled_from([None, *CustomerClass]),
    )
    def add_customer(self, name: str, email: str | None, trust: Trust, customer_class: CustomerClass | None) -> None:
        """Add a customer, perhaps one that is there already."""
        found = self.both(
            lambda loop: loop.customers.add(name=name, email=email, trust=trust, customer_class=customer_class)
        )
        if isinstance(found, Customer) and found not in self.customers:
            self.customers.append(found)

    @rule(
        kind=st.sampled_from([*KINDS, "request"]),
        channel=st.sampled_from(["email", "phone"]),
        origin=st.sampled_from([None, "a", "b"]),
        priority=st.sampled_from([None, Priority.CRITICAL]),
        data=st.data(),
    )
    def receive(
        self, kind: str, channel: str, origin: str | None, priority: Priority | None, data: st.DataObject
    ) -> None:
        """Receive feedback, perhaps of an unknown kind, perhaps redelivered."""
        customer = data.draw(st.sampled_from([None, *self.customers]))
        self._keep(
            self.both(
                partial(_receive, kind=kind, channel=channel, customer=customer, origin=origin, priority=priority)
            )
        )

    @precondition(lambda self: self.items)
    @rule(data=st.data(), moves=st.integers(1, 6))
    def work(self, data: st.DataObject, moves: int) -> None:
        """Move one item a few times, mostly as its process wants it."""
        item = data.draw(st.sampled_from(self.items))
        for _ in range(moves):
            self._move(data, item, data.draw(st.sampled_from(self._moves_of(item))))
            item = next(kept for kept in self.items if kept.id == item.id)

    @precondition(lambda self: self.old)
    @rule(data=st.data())
    def stale_move(self, data: st.DataObject) -> None:
        """Move an item that has been moved since."""
        item = data.draw(st.sampled_from(self.old))
        self._move(data, item, data.draw(st.sampled_from(self._moves_of(item))))

    @precondition(lambda self: self.items)
    @rule(
        data=st.data(), name=st.sampled_from(["resolve", "confirm", "reopen", "resolv"]), actor=st.sampled_from(ACTORS)
    )
    def wrong_move(self, data: st.DataObject, name: str, actor: Actor) -> None:
        """Make a move that the state may not have, with anything given."""
        item = data.draw(st.sampled_from(self.items))
        given = {key: data.draw(GIVEN[key]) for key in data.draw(st.sets(st.sampled_from(sorted(GIVEN)), max_size=4))}
        self._keep(self.both(lambda loop: loop.feedback.move(item, name, by=actor, **given)))

    def _moves_of(self, item: Feedback) -> list[str]:
        """The moves that the item's state has, those of its own kind three times as likely as the common ones."""
        loop = self.loops[0].context.loop_of(item.kind, item.process)
        own, names = {row.name for row in loop.process.moves}, loop.moves_from(item.state)
        return [name for name in names for _ in range(3 if name in own else 1)] or ["reopen"]

    def _move(self, data: st.DataObject, item: Feedback, name: str) -> None:
        """Make a move by somebody who mostly may, with most of what it needs."""
        row = self.loops[0].context.loop_of(item.kind, item.process).rows.get((item.state, name))
        may = [actor for actor in ACTORS if row and actor.may(row.who)]
        as_usual = data.draw(st.integers(0, 5)) > 0
        usual = may if may and as_usual else list(ACTORS)
        actor = data.draw(st.sampled_from(usual))
        needed = {field for need in row.needs for field in need.fields} if row else set()
        forgotten = data.draw(st.integers(0, 5)) == 0
        given = {key: data.draw(GIVEN[key]) for key in sorted(needed & GIVEN.keys())}
        if forgotten and given:
            del given[data.draw(st.sampled_from(sorted(given)))]
        if "original" in needed:
            given["original"] = data.draw(st.sampled_from(self.items)).id
        if "improvement" in needed:
            given["improvement"] = self.improvement.id
        self._keep(self.both(lambda loop: loop.feedback.move(item, name, by=actor, **given)))

    @precondition(lambda self: self.items)
    @rule(data=st.data())
    def finish_tasks(self, data: st.DataObject) -> None:
        """Finish the open tasks of an item."""
        item = data.draw(st.sampled_from(self.items))
        for task in self.both(lambda loop: loop.tasks.of(item)):
            if isinstance(task, Task) and task.is_open:
                self.both(partial(_finish, task=task))

    @rule(hours=st.sampled_from([1, 8, 24, 24 * 3, 24 * 8, 24 * 31]))
    def time_passes(self, hours: int) -> None:
        """Let time pass without any worker."""
        self.clock.advance(timedelta(hours=hours))

    @rule(failure=st.sampled_from([None, None, *Failure]))
    def run(self, failure: Failure | None) -> None:
        """Let a worker do what is due, with the channel in some mood; then look at every item again."""
        self.answer = Receipt(failure=failure, detail="no")
        self.both(lambda loop: loop.run_space())
        for item in tuple(self.items):
            self._keep(self.both(partial(_get, item=item)))

    @precondition(lambda self: self.customers)
    @rule(
        data=st.data(), purpose=st.sampled_from(Purpose), channel=st.sampled_from([None, "email"]), allow=st.booleans()
    )
    def consent(self, data: st.DataObject, purpose: Purpose, channel: str | None, allow: bool) -> None:
        """A customer allows or forbids something."""
        customer = data.draw(st.sampled_from(self.customers))
        self.both(
            lambda loop: (loop.consent.allow if allow else loop.consent.forbid)(
                customer, purpose, proof="call", channel=channel
            )
        )

    @precondition(lambda self: len(self.customers) > 1)
    @rule(data=st.data(), actor=st.sampled_from(ACTORS))
    def merge(self, data: st.DataObject, actor: Actor) -> None:
        """Say that two customers are one person, perhaps once more."""
        kept, absorbed = (data.draw(st.sampled_from(self.customers)) for _ in range(2))
        self.both(lambda loop: loop.customers.merge(kept, absorbed, by=actor, reason="called"))

    @precondition(lambda self: self.customers)
    @rule(data=st.data())
    def unmerge(self, data: st.DataObject) -> None:
        """Undo the merge of a customer, if it was merged."""
        customer = data.draw(st.sampled_from(self.customers))
        self.both(lambda loop: loop.customers.unmerge(customer, by="mia"))

    @precondition(lambda self: self.customers and self.items)
    @rule(data=st.data())
    def split(self, data: st.DataObject) -> None:
        """Give some items to another person, perhaps items of somebody else."""
        customer = data.draw(st.sampled_from(self.customers))
        items = data.draw(st.lists(st.sampled_from(self.items), max_size=3))
        self.both(lambda loop: loop.customers.split(customer, interactions=items, by="mia", reason="called"))
        for item in items:
            self._keep(self.both(partial(_get, item=item)))

    @rule(owner=st.sampled_from([None, "mia"]), limit=st.integers(1, 3))
    def read_inbox(self, owner: str | None, limit: int) -> None:
        """Read the inbox page by page."""
        after = None
        while True:
            page = self.both(partial(ClientLoop.inbox, owner=owner, limit=limit, after=after))
            after = page.next
            if after is None:
                break

    def teardown(self) -> None:
        """As in the base; and nobody's night was broken."""
        super().teardown()
        assert not list(_at_night(self.loops[0]))


def _finish(loop: ClientLoop, *, task: Task) -> Task:
    return loop.tasks.done(task, result="done")


def _get(loop: ClientLoop, *, item: Feedback) -> Feedback:
    return loop.feedback.get(item.id)


def _at_night(loop: ClientLoop) -> Iterator[str]:
    """Escalations of deadlines outside working hours, critical items apart: here nobody changes hours or urgency."""
    calendar = loop.settings.get().calendar
    items = {item.id: item for item in loop.store.pages(Feedback, loop.space.space)}
    for row in loop.store.pages(Transition, loop.space.space):
        is_step = row.move == ESCALATE and "deadline" in row.data
        if is_step and items[row.item].priority is not Priority.CRITICAL and not is_open(calendar, row.at):
            yield f"{items[row.item].ref} escalated at {row.at}"


def _add_member(loop: ClientLoop, *, name: str, roles: list[Role], address: str) -> Member:
    return loop.staff.add(name, roles=roles, channel="email", address=address)


def _receive(
    loop: ClientLoop,
    *,
    kind: str,
    customer: Customer | None,
    channel: str = "email",
    origin: str | None = None,
    priority: Priority | None = None,
) -> Feedback:
    return loop.feedback.receive(
        kind=kind, channel=channel, text="Words", customer=customer, origin=origin, priority=priority,
        product="chair", employee="tim",
    )  # fmt: skip
