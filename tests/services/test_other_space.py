"""What one firm has loaded is nothing to the view of another: no verb reads it, changes it, or writes of it."""

import inspect
import io
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from attrs import frozen

from clientloop import ClientLoop, ManualClock, Purpose, Trust
from clientloop.errors import MissingReference, NotFound
from clientloop.model.accounts import Account
from clientloop.model.asking import Answer, Invitation, Question
from clientloop.model.channels import StoredRaw
from clientloop.model.customers import Customer, Identity, Merge, Suggestion
from clientloop.model.deals import Deal
from clientloop.model.feedback import Feedback
from clientloop.model.improvements import Improvement
from clientloop.model.interactions import InteractionKind
from clientloop.model.messages import Delivery, DeliveryState, OutboundMessage
from clientloop.model.planning import Appointment
from clientloop.model.schema import CLASSES
from clientloop.model.staff import Absence
from clientloop.model.units import Add, Change, Delete, Insert, Unit, Update
from clientloop.model.work import Task
from clientloop.testing.fakes import FakeChannels

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


@frozen(kw_only=True)
class Had:
    """What the first firm has."""

    item: Feedback
    task: Task
    customer: Customer
    identity: Identity
    suggestion: Suggestion
    merge: Merge
    account: Account
    deal: Deal
    appointment: Appointment
    improvement: Improvement
    absence: Absence
    question: Question
    invitation: Invitation
    answer: Answer
    message: OutboundMessage
    delivery: Delivery
    raw: StoredRaw


def had_by(a: ClientLoop) -> Had:
    """Let a firm have one of everything."""
    ana = a.customers.add(name="Ana", email="ana@example.com")
    ann, anna = (a.customers.add(name=name, email=f"{name}@example.com") for name in ("ann", "anna"))
    item = a.feedback.receive(kind="complaint", channel="email", text="Secret", customer=ana)
    a.staff.add("kim")
    a.accounts.link(mill := a.accounts.add("Mill"), ana)
    item = a.feedback.move(item, "assign", to="kim", by="kim")
    question = a.questions.declare("again", instrument="nps", occasion="relational")
    return Had(
        item=item, task=a.tasks.add(item, "Look"), customer=ana, identity=a.customers.identities(ana)[0],
        suggestion=Suggestion(space="a", first=ana.id, second=anna.id, evidence={}, created_at=NINE),
        merge=a.customers.merge(ann, anna, by="kim", reason="one person"),
        account=mill, deal=a.deals.open("A mill", customer=ana, by="kim"),
        appointment=a.appointments.plan("Talk", starts_at=NINE + timedelta(days=1), customer=ana),
        improvement=a.improvements.add("Lids"), absence=a.staff.away("kim", since=NINE + timedelta(days=1)),
        question=question, invitation=a.questions.invite(question, channel="email", customer=ana),
        answer=a.questions.answer(question, 9, channel="email", customer=ana), message=a.feedback.outbox(item)[0],
        delivery=Delivery(
            space="a", message=UUID(int=1), channel="email", to="ana@example.com", purpose=Purpose.SERVICE,
            template="done", state=DeliveryState.ACCEPTED, attempts=1, at=NINE,
        ),
        raw=StoredRaw(
            space="a", id=UUID(int=2), channel="email", digest=b"2", size=0, trust=Trust.CLAIMED, received_at=NINE
        ),
    )  # fmt: skip


#: The verbs of the second firm that take a record, each with what is asked of it. What they return is their own.
Asked = Callable[[ClientLoop, Had], object]

#: Those that say that there is no such record.
REFUSED: Mapping[str, Asked] = {
    "accounts.card": lambda b, had: b.accounts.card(had.account),
    "accounts.contacts": lambda b, had: b.accounts.contacts(had.account),
    "accounts.get": lambda b, had: b.accounts.get(had.account),
    "accounts.insights": lambda b, had: b.accounts.insights(had.account),
    "accounts.learn": lambda b, had: b.accounts.learn(had.account, "wish", "a mill", source="me", by="eve"),
    "accounts.link": lambda b, had: b.accounts.link(had.account, had.customer),
    "accounts.of": lambda b, had: b.accounts.of(had.customer),
    "accounts.timeline": lambda b, had: b.accounts.timeline(had.account),
    "accounts.unlink": lambda b, had: b.accounts.unlink(had.account, had.customer),
    "appointments.call_off": lambda b, had: b.appointments.call_off(had.appointment),
    "appointments.change": lambda b, had: b.appointments.change(had.appointment, title="Mine"),
    "appointments.done": lambda b, had: b.appointments.done(had.appointment, at=NINE),
    "appointments.get": lambda b, had: b.appointments.get(had.appointment),
    "appointments.letter": lambda b, had: b.appointments.letter(had.appointment),
    "appointments.move": lambda b, had: b.appointments.move(had.appointment, starts_at=NINE),
    "appointments.of": lambda b, had: b.appointments.of(had.customer),
    "appointments.plan": lambda b, had: b.appointments.plan("Talk", starts_at=NINE, deal=had.deal),
    "channels.discard": lambda b, had: b.channels.discard(had.raw, by="eve", reason="why not"),
    "channels.raw": lambda b, had: b.channels.raw(had.raw),
    "channels.replay": lambda b, had: b.channels.replay(had.raw),
    "channels.stored": lambda b, had: b.channels.stored(had.raw),
    "consent.may_send": lambda b, had: b.consent.may_send(had.customer, Purpose.SERVICE),
    "consent.words": lambda b, had: b.consent.words(had.customer),
    "customers.add_identities": lambda b, had: b.customers.add_identities(had.customer, handle="@ana"),
    "customers.address": lambda b, had: b.customers.address(had.customer, "email"),
    "customers.change": lambda b, had: b.customers.change(had.customer, name="Mine"),
    "customers.dismiss": lambda b, had: b.customers.dismiss(had.suggestion, by="eve"),
    "customers.export": lambda b, had: b.customers.export(had.customer),
    "customers.export_of_id": lambda b, had: b.customers.export_of_id(had.customer),
    "customers.get": lambda b, had: b.customers.get(had.customer),
    "customers.identities": lambda b, had: b.customers.identities(had.customer),
    "customers.insights": lambda b, had: b.customers.insights(had.customer),
    "customers.learn": lambda b, had: b.customers.learn(had.customer, "wish", "a mill", source="me", by="eve"),
    "customers.merge": lambda b, had: b.customers.merge(UUID(int=3), had.customer, by="eve", reason="mine"),
    "customers.merges": lambda b, had: b.customers.merges(had.customer),
    "customers.remove_identity": lambda b, had: b.customers.remove_identity(had.customer, had.identity, by="eve"),
    "customers.set_class": lambda b, had: b.customers.set_class(had.customer, None),
    "customers.shown": lambda b, had: b.customers.shown(had.customer),
    "customers.split": lambda b, had: b.customers.split(had.customer, interactions=[had.item], by="eve", reason="mine"),
    "customers.timeline": lambda b, had: b.customers.timeline(had.customer),
    "customers.unmerge": lambda b, had: b.customers.unmerge(had.merge, by="eve"),
    "deals.add_person": lambda b, had: b.deals.add_person(had.deal, had.customer),
    "deals.change": lambda b, had: b.deals.change(had.deal, title="Mine"),
    "deals.get": lambda b, had: b.deals.get(had.deal),
    "deals.journal": lambda b, had: b.deals.journal(had.deal),
    "deals.lose": lambda b, had: b.deals.lose(had.deal, reason="mine", by="eve"),
    "deals.move": lambda b, had: b.deals.move(had.deal, "offer", by="eve"),
    "deals.of": lambda b, had: b.deals.of(customer=had.customer),
    "deals.open": lambda b, had: b.deals.open("A mill", account=had.account, by="eve"),
    "deals.persons": lambda b, had: b.deals.persons(had.deal),
    "deals.persons_missing": lambda b, had: b.deals.persons_missing(had.deal),
    "deals.remove_person": lambda b, had: b.deals.remove_person(had.deal, had.customer),
    "deals.reopen": lambda b, had: b.deals.reopen(had.deal, by="eve"),
    "deals.win": lambda b, had: b.deals.win(had.deal, by="eve"),
    "exports.icalendar": lambda b, had: b.exports.icalendar(io.StringIO(), [had.appointment]),
    "exports.vcard": lambda b, had: b.exports.vcard(io.StringIO(), [had.customer]),
    "feedback.deliveries": lambda b, had: b.feedback.deliveries(had.item),
    "feedback.files": lambda b, had: b.feedback.files(had.item),
    "feedback.get": lambda b, had: b.feedback.get(had.item),
    "feedback.history": lambda b, had: b.feedback.history(had.item),
    "feedback.move": lambda b, had: b.feedback.move(had.item, "start", by="eve"),
    "feedback.next_moves": lambda b, had: b.feedback.next_moves(had.item),
    "feedback.outbox": lambda b, had: b.feedback.outbox(had.item),
    "feedback.receive": lambda b, had: b.feedback.receive(
        kind="idea", channel="email", text="Mine", customer=had.customer
    ),
    "feedback.words": lambda b, had: b.feedback.words(had.item),
    "improvements.accept": lambda b, had: b.improvements.accept(had.improvement, by="eve"),
    "improvements.answer": lambda b, had: b.improvements.answer(had.improvement, answer="x", text="Hi", by="eve"),
    "improvements.change": lambda b, had: b.improvements.change(had.improvement, title="Mine"),
    "improvements.dismiss": lambda b, had: b.improvements.dismiss(had.improvement, reason="mine", by="eve"),
    "improvements.done": lambda b, had: b.improvements.done(had.improvement, done="so", lesson="no", by="eve"),
    "improvements.effect": lambda b, had: b.improvements.effect(had.improvement),
    "improvements.get": lambda b, had: b.improvements.get(had.improvement),
    "improvements.items": lambda b, had: b.improvements.items(had.improvement),
    "improvements.link": lambda b, had: b.improvements.link(had.improvement, [had.item], by="eve"),
    "outbox.delivery": lambda b, had: b.outbox.delivery(had.message),
    "outbox.get": lambda b, had: b.outbox.get(had.message),
    "outbox.give_up": lambda b, had: b.outbox.give_up(had.message, by="eve", reason="mine"),
    "outbox.send_again": lambda b, had: b.outbox.send_again(had.message),
    "questions.answer": lambda b, had: b.questions.answer(had.question, 0, channel="email"),
    "questions.answers": lambda b, had: b.questions.answers(had.question),
    "questions.delivered": lambda b, had: b.questions.delivered(had.invitation),
    "questions.disposition": lambda b, had: b.questions.disposition(had.invitation, "refusal"),
    "questions.given": lambda b, had: b.questions.given(had.answer),
    "questions.invitation": lambda b, had: b.questions.invitation(had.invitation),
    "questions.invite": lambda b, had: b.questions.invite(had.question, channel="email"),
    "relationships.as_of": lambda b, had: b.relationships.as_of(had.account, "abc", NINE),
    "relationships.explain": lambda b, had: b.relationships.explain(had.account, "abc"),
    "relationships.history": lambda b, had: b.relationships.history(had.account, "abc"),
    "relationships.of": lambda b, had: b.relationships.of(had.customer),
    "relationships.set": lambda b, had: b.relationships.set(had.account, "abc", "A", by="eve", reason="mine"),
    "relationships.standing": lambda b, had: b.relationships.standing(had.account, "abc"),
    "relationships.unset": lambda b, had: b.relationships.unset(had.customer, "abc", by="eve"),
    "staff.cancel": lambda b, had: b.staff.cancel(had.absence),
    "tasks.change": lambda b, had: b.tasks.change(had.task, title="Mine"),
    "tasks.done": lambda b, had: b.tasks.done(had.task, result="mine"),
    "tasks.tick": lambda b, had: b.tasks.tick(had.task, 1),
}

#: Those that write down something that points to the record.
DANGLING: Mapping[str, Asked] = {
    "consent.allow": lambda b, had: b.consent.allow(had.customer, Purpose.MARKETING, proof="mine"),
    "consent.forbid": lambda b, had: b.consent.forbid(had.customer, Purpose.MARKETING, proof="mine"),
    "interactions.record": lambda b, had: b.interactions.record(
        kind=InteractionKind.CALL, channel="phone", customer=had.customer
    ),
    "tasks.add": lambda b, had: b.tasks.add(had.item, "Mine"),
}

#: Those that tell what there is, and find nothing.
EMPTY: Mapping[str, Asked] = {
    "customers.match": lambda b, had: b.customers.match("Ana", [had.identity]).customer,
    "feedback.answer": lambda b, had: b.feedback.answer([had.item], answer="x", text="Hi", by="eve").moved,
    "outbox.reports": lambda b, had: b.outbox.reports(had.delivery),
    "questions.of": lambda b, had: b.questions.of(had.customer),
    "tasks.of": lambda b, had: b.tasks.of(had.item),
}

RECORDS = re.compile(rf"\b({'|'.join(cls.__name__ for cls in CLASSES)})\b")


@pytest.fixture(scope="module")
def firms() -> Iterator[tuple[ClientLoop, Had]]:
    """The view of a second firm, with what the first one has; both ask the same."""
    post = FakeChannels("email")
    with ClientLoop.open("memory:", space="a", plugins=[post], clock=ManualClock(NINE), entry_points=False) as a:
        b = a.in_space("b")
        b.questions.declare("again", instrument="nps", occasion="relational")
        yield b, had_by(a)


@pytest.fixture
def written(firms: tuple[ClientLoop, Had], monkeypatch: pytest.MonkeyPatch) -> list[Unit]:
    """Every unit that is written from now on, in whichever space."""
    units: list[Unit] = []
    store = firms[0].store
    commit = store.commit

    def noting(unit: Unit) -> None:
        commit(unit)
        units.append(unit)

    monkeypatch.setattr(store, "commit", noting)
    return units


@pytest.mark.parametrize("verb", REFUSED)
def test_there_is_no_such_record(firms: tuple[ClientLoop, Had], written: list[Unit], verb: str) -> None:
    """A record of another firm is refused as an unknown id is, whatever its version, and nothing is written."""
    b, had = firms
    with pytest.raises(NotFound):
        REFUSED[verb](b, had)
    assert not written


@pytest.mark.parametrize("verb", DANGLING)
def test_nothing_points_to_another_space(firms: tuple[ClientLoop, Had], written: list[Unit], verb: str) -> None:
    """What would point to a record of another firm is not written."""
    b, had = firms
    with pytest.raises(MissingReference):
        DANGLING[verb](b, had)
    assert not written


@pytest.mark.parametrize("verb", EMPTY)
def test_nothing_is_told_of_another_space(firms: tuple[ClientLoop, Had], written: list[Unit], verb: str) -> None:
    """Who asks what belongs to a record of another firm finds nothing."""
    b, had = firms
    assert not EMPTY[verb](b, had)
    assert not written


def test_every_verb_that_takes_a_record_is_tried(firms: tuple[ClientLoop, Had]) -> None:
    """A verb that takes a record stands in one of the tables above."""
    loop, _ = firms
    groups = [name for name in dir(type(loop)) if not name.startswith("_")]
    found = {
        f"{group}.{name}"
        for group in groups
        if type(getattr(loop, group)).__module__.startswith(("clientloop.services", "clientloop.exchange"))
        for name, verb in inspect.getmembers(getattr(loop, group), callable)
        if not name.startswith("_") and takes_a_record(verb)
    }
    assert found == REFUSED.keys() | DANGLING.keys() | EMPTY.keys()


def takes_a_record(verb: Callable[..., Any]) -> bool:
    """Whether one of the arguments is a record, as its annotation says."""
    return any(RECORDS.search(str(each.annotation)) for each in inspect.signature(verb).parameters.values())


#: A change of each sort that would be in the first firm's space.
CHANGES: Mapping[str, Callable[[Had], Change]] = {
    "insert": lambda had: Insert(had.raw),
    "add": lambda had: Add(had.raw, {"size": 1}),
    "update": lambda had: Update(Customer, ("a", had.customer.id), {"name": "Mine"}),
    "delete": lambda had: Delete(Absence, ("a", "kim", had.absence.since)),
}


@pytest.mark.parametrize("sort", CHANGES)
def test_a_unit_stays_in_its_space(firms: tuple[ClientLoop, Had], written: list[Unit], sort: str) -> None:
    """A unit that changes something of another firm is refused whole, and tells nobody."""
    b, had = firms
    with pytest.raises(NotFound, match="is not of space 'b'"):
        b.context.commit(Unit((CHANGES[sort](had),)))
    assert not written
