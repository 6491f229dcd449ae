"""Whatever is added, merged, undone, split and moved, no row is lost or doubled, and each is whose it should be."""

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from clientloop import ClientLoop
from clientloop.model.customers import Customer, Identity, IdentityKind, Merge, Trust
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.messages import Delivery, Failure, OutboundMessage, Receipt
from clientloop.testing.twins import TwinMachine
from tests.conftest import Size

#: An address as the model knows it.
Address = tuple[IdentityKind, str]

EMAILS = ("ana@example.com", "bor@example.com", "cene@example.com")
PHONES = ("+38640111111", "+38640222222")

#: The moves that are made, and what is given with them.
GIVEN: Mapping[str, Mapping[str, str]] = {
    "assign": {"to": "mia"},
    "start": {},
    "escalate": {},
    "answer": {"text": "Yes"},
    "resolve": {"cause": "wear", "action": "sent another"},
    "inform": {},
}

#: What must have been done so and so often.
VERBS = ("merge", "unmerge", "split", "move")


class Snapshot:
    """Whose the rows of a store are."""

    def __init__(self, loop: ClientLoop) -> None:
        space, pages = loop.space.space, loop.store.pages
        self.interactions = {row.id: row.customer for row in pages(Interaction, space)}
        self.items = {row.id: row.customer for row in pages(Feedback, space)}
        self.messages = {row.id: (row.customer, row.item) for row in pages(OutboundMessage, space)}
        self.taken = {row.message: row.item for row in pages(Delivery, space)}
        self.addresses = {(row.kind, row.value, row.customer) for row in pages(Identity, space)}
        self.merged_into = {row.id: row.merged_into for row in pages(Customer, space)}

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]  # compared, never kept in a set


class MergingMachine(TwinMachine):
    """Two stores, and a model of them: a dictionary from row to owner, and one from customer to whom it is shown as."""

    #: How often each verb did something.
    done: ClassVar[dict[str, int]] = {}

    def __init__(self) -> None:
        super().__init__()
        #: What each customer was when it was added.
        self.originals: dict[UUID, Customer] = {}
        #: The customer that one was merged into.
        self.into: dict[UUID, UUID] = {}
        #: Interactions, items of feedback among them.
        self.owner: dict[UUID, UUID] = {}
        self.addresses: set[tuple[IdentityKind, str, UUID]] = set()
        #: Messages that wait, and the items that they and those sent are about.
        self.waiting: dict[UUID, UUID] = {}
        self.about: dict[UUID, UUID] = {}
        self.items: dict[UUID, UUID] = {}

    # The model

    def shown(self, customer: UUID) -> UUID:
        """Whom a customer is shown as."""
        while customer in self.into:
            customer = self.into[customer]
        return customer

    def person(self, customer: UUID) -> set[UUID]:
        """All ids of a person."""
        return {each for each in self.originals if self.shown(each) == self.shown(customer)}

    def rows_of(self, ids: set[UUID]) -> list[UUID]:
        """What happened with a person."""
        return sorted(row for row, owner in self.owner.items() if owner in ids)

    def addresses_of(self, ids: set[UUID]) -> list[tuple[IdentityKind, str, UUID]]:
        """Where a person is reached, and under which id."""
        return sorted(each for each in self.addresses if each[2] in ids)

    def some_customer(self, data: st.DataObject) -> UUID:
        """Any id."""
        return data.draw(st.sampled_from(sorted(self.originals)))

    def did(self, verb: str, answer: Any) -> bool:  # Any: whatever the verb returned
        """Whether a verb did something; an error is a tuple."""
        worked = not isinstance(answer, tuple)
        if worked:
            type(self).done[verb] = type(self).done.get(verb, 0) + 1
        return worked

    # What is done

    @initialize()
    def some(self) -> None:
        """Three persons: one without a name, one without anything else."""
        for name, email, extra in (("", EMAILS[0], {"a": 1}), ("Bor", EMAILS[1], {}), ("Cene", None, {"a": 2, "b": 3})):
            self.add(name, email, None, Trust.VOUCHED, extra)

    @rule(
        name=st.sampled_from(["", "Ana", "Bor"]),
        email=st.sampled_from([None, *EMAILS]),
        phone=st.sampled_from([None, *PHONES]),
        trust=st.sampled_from([Trust.VOUCHED, Trust.CLAIMED]),
        extra=st.sampled_from([{}, {"a": 1}, {"b": 2}]),
    )
    def add(self, name: str, email: str | None, phone: str | None, trust: Trust, extra: dict[str, int]) -> None:
        """Add a customer, or find the person and learn the new addresses."""
        found = self.both(
            lambda loop: loop.customers.add(name=name, email=email, phone=phone, trust=trust, extra=extra)
        )
        known = {(kind, value) for kind, value, _ in self.addresses_of(self.person(found.id))}
        assert found.id == self.shown(found.id), "an absorbed customer was found"
        self.originals.setdefault(found.id, found)
        given = ((IdentityKind.EMAIL, email), (IdentityKind.PHONE, phone))
        self.addresses |= {(kind, value, found.id) for kind, value in given if value and (kind, value) not in known}

    @rule(data=st.data())
    def buy(self, data: st.DataObject) -> None:
        """Something happens under any id."""
        customer = self.some_customer(data)
        made = self.both(
            lambda loop: loop.interactions.record(kind=InteractionKind.PURCHASE, channel="shop", customer=customer)
        )
        self.owner[made.id] = customer

    @rule(data=st.data(), kind=st.sampled_from(["complaint", "question"]))
    def say(self, data: st.DataObject, kind: str) -> None:
        """Somebody says something under any id."""
        customer = self.some_customer(data)
        item = self.both(
            lambda loop: loop.feedback.receive(
                kind=kind, channel="email", text="Words", customer=customer, reply_to="who@example.com"
            )
        )
        self.owner[item.id] = self.items[item.id] = customer
        self.look_at_messages()

    @precondition(lambda self: self.items)
    @rule(data=st.data(), moves=st.integers(1, 4))
    def work(self, data: st.DataObject, moves: int) -> None:
        """Move an item a few times, which may queue messages."""
        item = data.draw(st.sampled_from(sorted(self.items)))
        for _ in range(moves):
            names = sorted(GIVEN.keys() & set(self.loops[0].feedback.next_moves(item, by="mia")))
            name = data.draw(st.sampled_from(names or ["assign"]))
            moved = self.both(partial(_move, item=item, name=name))
            self.did("move", moved)
            self.look_at_messages()

    @rule(failure=st.sampled_from([None, None, Failure.RETRY, Failure.PERMANENT]))
    def run_due(self, failure: Failure | None) -> None:
        """A worker sends what waits."""
        self.answer = Receipt(failure=failure)
        self.both(ClientLoop.run_space)
        self.look_at_messages()

    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        """Two customers are one person, under whatever ids they are named."""
        kept = self.some_customer(data)
        others = sorted(self.originals.keys() - self.person(kept)) if data.draw(st.integers(0, 5)) else []
        absorbed = data.draw(st.sampled_from(others or sorted(self.originals)))
        into, other = self.shown(kept), self.shown(absorbed)
        answer = self.both(lambda loop: loop.customers.merge(kept, absorbed, by="mia", reason="called"))
        assert self.did("merge", answer) is (into != other), answer
        if into != other:
            self.into[other] = into

    @rule(data=st.data())
    def unmerge(self, data: st.DataObject) -> None:
        """A merge was wrong."""
        customer = data.draw(st.sampled_from(sorted(self.into) or sorted(self.originals)))
        answer = self.both(lambda loop: loop.customers.unmerge(customer, by="mia"))
        assert self.did("unmerge", answer) is (customer in self.into), answer
        self.into.pop(customer, None)

    @rule(data=st.data(), strange=st.integers(0, 5))
    def split(self, data: st.DataObject, strange: int) -> None:
        """Some rows and addresses are another person's; now and then one is named that is not this person's."""
        ids = self.person(self.some_customer(data))
        theirs = self.rows_of(ids) if strange else sorted(self.owner)
        named = data.draw(st.lists(st.sampled_from(theirs), unique=True, max_size=3)) if theirs else []
        has = self.addresses_of(ids)
        gone = data.draw(st.lists(st.sampled_from(has), unique=True, max_size=1)) if has else []
        sent = [row for row, item in self.about.items() if item in named and row in self.owner]
        moved = {*named, *(row for row in sent if self.owner[row] in ids)}
        left = len(self.rows_of(ids)) - len(moved) + len(has) - len(gone)
        may = bool(moved or gone) and all(self.owner[row] in ids for row in named) and left > 0
        answer = self.both(partial(_split, customer=min(ids), named=named, gone=gone))
        assert self.did("split", answer) is may, (answer, moved, gone, left)
        if may:
            self.give(answer, ids, moved, gone)

    def give(
        self, target: Customer, ids: set[UUID], moved: set[UUID], gone: Sequence[tuple[IdentityKind, str, UUID]]
    ) -> None:
        """The model of a split."""
        self.originals[target.id] = target
        for row in moved:
            self.owner[row] = target.id
            if row in self.items:
                self.items[row] = target.id
        for message, item in self.about.items():
            if message in self.waiting and item in moved and self.waiting[message] in ids:
                self.waiting[message] = target.id
        self.addresses -= set(gone)
        self.addresses |= {(kind, value, target.id) for kind, value, _ in gone}

    def look_at_messages(self) -> None:
        """What is queued or sent about an item is whose the item is; what was waiting stays whose it was."""
        seen = Snapshot(self.loops[0])
        for message, (customer, item) in seen.messages.items():
            if message not in self.about and customer is not None and item is not None:
                assert customer == self.items[item], "a new message is somebody else's"
                self.about[message], self.waiting[message] = item, customer
        for message in self.waiting.keys() - seen.messages.keys():
            assert message in seen.taken, "a message is gone"
            owner = self.waiting.pop(message)
            if message in seen.interactions:
                self.owner[message] = owner

    # What must hold after every step

    @invariant()
    def every_row_is_whose_it_should_be(self) -> None:
        """Both stores hold what the model does: every row once, under its owner."""
        seen = self.both(Snapshot)
        assert seen.interactions == self.owner
        assert seen.items == self.items
        assert {row: owner for row, (owner, _) in seen.messages.items() if owner} == self.waiting
        assert seen.addresses == self.addresses
        assert {one: into for one, into in seen.merged_into.items() if into} == self.into

    @invariant()
    def every_person_is_shown_once(self) -> None:
        """Every id leads to the person, who has all ids of it, and is listed once."""
        for customer in self.originals:
            found = self.loops[0].customers.get(customer)
            assert found.id == self.shown(customer)
            assert (set(found.ids), len(found.ids)) == (self.person(customer), len(self.person(customer)))
        listed = [each.id for each in self.loops[0].customers.list(limit=1_000)]
        assert sorted(listed) == sorted({self.shown(each) for each in self.originals})

    def teardown(self) -> None:
        """At the end timelines and exports hold every row once; with all merges undone, everybody is as added."""
        if not self.originals:
            return
        for customer in {self.shown(each) for each in self.originals}:
            told = self.both(partial(_timeline, customer=customer))
            assert sorted(told) == self.rows_of(self.person(customer))
        exports = [json.loads(self.both(partial(_export, customer=each))) for each in sorted(self.originals)]
        exported = [row["id"] for export in exports for row in export.get("interaction", ())]
        assert sorted(exported) == sorted(map(str, self.owner))
        for customer in sorted(self.into, key=lambda each: each.int % 7):
            self.both(partial(_unmerge, customer=customer))
        for customer, original in self.originals.items():
            found = self.loops[0].customers.get(customer)
            assert (found.id, found.name, found.extra) == (customer, original.name, original.extra)
        super().teardown()


def _split(
    loop: ClientLoop, *, customer: UUID, named: Sequence[UUID], gone: Sequence[tuple[IdentityKind, str, UUID]]
) -> Customer:
    identities = [loop.store.get(Identity, (loop.space.space, *key)) for key in gone]
    return loop.customers.split(
        customer, interactions=named, identities=[each for each in identities if each], by="mia", reason="called"
    )


def _move(loop: ClientLoop, *, item: UUID, name: str) -> Feedback:
    return loop.feedback.move(item, name, by="mia", **GIVEN[name])


def _unmerge(loop: ClientLoop, *, customer: UUID) -> Merge:
    return loop.customers.unmerge(customer, by="mia")


def _export(loop: ClientLoop, *, customer: UUID) -> str:
    return loop.customers.export_of_id(customer)


def _timeline(loop: ClientLoop, *, customer: UUID) -> list[UUID]:
    """What happened, read in short pages."""
    found, page = [], loop.customers.timeline(customer, limit=3)
    while True:
        found += [event.record.id for event in page if isinstance(event.record, Interaction)]
        if page.next is None:
            return found
        page = loop.customers.timeline(customer, limit=3, after=page.next)


def test_no_row_is_lost_or_doubled(tmp_path: Path, size: Size) -> None:
    """In memory and on SQLite, after every step of many runs, each row is there once and under its owner."""
    with ExitStack() as stack:
        urls = ("memory:", f"sqlite:///{tmp_path / 'a.db'}")
        loops = [stack.enter_context(ClientLoop.open(url, entry_points=False)) for url in urls]

        class Machine(MergingMachine):
            @classmethod
            def open_stores(cls) -> Sequence[ClientLoop]:
                return loops

        sized = settings(
            max_examples=size.pick(small=20, ci=100, night=2_000),
            stateful_step_count=50,
            deadline=None,
            derandomize=size is not Size.NIGHT,  # how much is done in a few runs is then the same each time
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            phases=[Phase.explicit, Phase.generate],  # shrinking takes minutes: do it by hand
        )
        run_state_machine_as_test(Machine, settings=sized)
    least = size.pick(small=10, ci=50, night=1_000)
    assert all(Machine.done.get(verb, 0) >= least for verb in VERBS), Machine.done
