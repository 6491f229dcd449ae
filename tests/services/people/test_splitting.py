"""Customers who are two persons: some of what was kept of one goes over to the other."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest

from clientloop import Actor, ClientLoop, Role
from clientloop.errors import Conflict, InvalidValue, NotAllowed, NotFound
from clientloop.model.customers import Customer, Purpose, Split
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.messages import MessageState, OutboundMessage
from clientloop.model.units import Insert, Unit, Update
from clientloop.rules.staff.rights import Right, Scope
from clientloop.testing.fakes import FakeChannels
from clientloop.testing.invariants import broken_invariants
from tests.services.persons import STORES, two_customers


@pytest.fixture(params=STORES)
def loop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ClientLoop]:
    """A firm with one channel, in memory and in a file."""
    url = request.param.format(tmp_path)
    with ClientLoop.open(url, region="SI", plugins=[FakeChannels("email")], entry_points=False) as opened:
        yield opened


@pytest.fixture
def customer(loop: ClientLoop) -> Customer:
    """A couple that writes from one address and was taken for one person."""
    return loop.customers.add(name="Ana and Bor", email="both@example.com", phone="040 123 456")


@pytest.fixture
def item(loop: ClientLoop, customer: Customer) -> Feedback:
    """What one of them said, with one answer sent and another one waiting."""
    item = loop.feedback.receive(kind="question", channel="email", text="When?", customer=customer)
    item = loop.feedback.move(item, "assign", to="mia", by="desk")
    loop.feedback.move(item, "answer", text="Tomorrow", by="mia")
    loop.run_due()
    item = loop.feedback.get(item.id)
    waits = OutboundMessage(
        space="main", id=UUID(int=7), item=item.id, customer=customer.id, channel="email", to="both@example.com",
        purpose=Purpose.SERVICE, template="answer", wake_at=item.recorded_at, created_at=item.recorded_at,
    )  # fmt: skip
    loop.store.commit(Unit((Insert(waits),)))
    return item


def split(loop: ClientLoop, customer: Customer, **what: object) -> Customer:
    """Split a customer for some reason."""
    return loop.customers.split(customer, by="mia", reason="they are a couple", **what)  # type: ignore[arg-type]


def test_an_item_goes_over_with_all_that_was_said(loop: ClientLoop, customer: Customer, item: Feedback) -> None:
    """The interaction, the item, the answer that was sent and the one that waits are the new customer's."""
    stays = loop.interactions.record(kind=InteractionKind.VISIT, channel="shop", customer=customer)
    phone = next(each for each in loop.customers.identities(customer) if each.kind == "phone")
    new = split(loop, customer, interactions=[item], identities=[phone], name=" Bor ")
    assert (new.name, loop.customers.get(new.id)) == ("Bor", new)
    assert loop.feedback.get(item.id).customer == new.id
    assert {each.customer for each in loop.feedback.outbox(item)} == {new.id}
    told = [each.record for each in loop.customers.timeline(new) if isinstance(each.record, Interaction)]
    assert {each.kind for each in told} == {InteractionKind.FEEDBACK, InteractionKind.MESSAGE_OUT}
    assert [each.value for each in loop.customers.identities(new)] == ["+38640123456"]
    assert [each.value for each in loop.customers.identities(customer)] == ["both@example.com"]
    happened = [each.record for each in loop.customers.timeline(customer) if isinstance(each.record, Interaction)]
    assert happened == [stays]
    (noted,) = loop.store.pages(Split, "main")
    assert (noted.source, noted.target, set(noted.interactions)) == (customer.id, new.id, {each.id for each in told})
    assert (noted.identities, noted.by, noted.reason) == ((["phone", "+38640123456"],), "mia", "they are a couple")
    assert broken_invariants(loop) == ()


def test_the_journal_says_that_an_item_went_over(loop: ClientLoop, customer: Customer, item: Feedback) -> None:
    """Its state and deadlines stay, and whoever moves the item as it was before is refused."""
    new = split(loop, customer, interactions=[item.id])
    after, last = loop.feedback.get(item.id), loop.feedback.history(item.id)[-1]
    assert (last.move, last.by, last.number) == ("went_over", "mia", after.version)
    assert last.data == {"from": str(customer.id), "customer": str(new.id)}
    assert (after.state, after.deadlines, after.reply_to) == (item.state, item.deadlines, item.reply_to)
    with pytest.raises(Conflict):
        loop.feedback.move(item, "confirm", by=Actor.customer())


def test_what_goes_over_leaves_whichever_customer_it_was_kept_under(loop: ClientLoop) -> None:
    """Of a person who was merged, each customer gives up its own rows; undoing the merge brings none back."""
    kept, absorbed = two_customers(loop)
    visits = [
        loop.interactions.record(kind=InteractionKind.VISIT, channel="shop", customer=each)
        for each in (kept, absorbed, kept, absorbed)
    ]
    loop.customers.merge(kept, absorbed, by="mia", reason="same")
    new = split(loop, absorbed, interactions=visits[:2])
    assert {each.source for each in loop.store.pages(Split, "main")} == {kept.id, absorbed.id}
    loop.customers.unmerge(absorbed, by="mia")
    owned = [loop.store.get(Interaction, ("main", each.id)) for each in visits]
    assert [each and each.customer for each in owned] == [new.id, new.id, kept.id, absorbed.id]


def test_merging_the_two_again_makes_them_whole(loop: ClientLoop, customer: Customer, item: Feedback) -> None:
    """A split that was wrong is undone by a merge: the person has every row and address again."""
    before = {each.record.id for each in loop.customers.timeline(customer)}
    new = split(loop, customer, interactions=[item])
    loop.customers.merge(customer, new, by="mia", reason="one after all")
    assert {each.record.id for each in loop.customers.timeline(new)} >= before
    assert loop.customers.find(email="both@example.com")[0].ids == (customer.id, new.id)


def test_what_cannot_be_split_is_refused(loop: ClientLoop, customer: Customer, item: Feedback) -> None:
    """Nothing, all of it, what is not there or somebody else's; nobody but the firm, and not without a reason."""
    stranger = loop.customers.add(name="Cene", handle="@cene")
    theirs = loop.interactions.record(kind=InteractionKind.VISIT, channel="shop", customer=stranger)
    both = loop.customers.identities(customer)
    refuse = partial(split, loop, customer)
    with pytest.raises(InvalidValue, match="nothing to split off: name"):
        refuse()
    with pytest.raises(InvalidValue, match="would be left"):
        refuse(interactions=[item], identities=both)
    with pytest.raises(InvalidValue, match=f"interaction {theirs.id} is not of customer"):
        refuse(interactions=[theirs])
    with pytest.raises(InvalidValue, match="this handle address is not of customer"):
        refuse(identities=loop.customers.identities(stranger))
    with pytest.raises(NotFound, match="no interaction"):
        refuse(interactions=[UUID(int=9)])
    with pytest.raises(NotFound, match="no customer"):
        split(loop, UUID(int=9), interactions=[item])  # type: ignore[arg-type]
    with pytest.raises(NotAllowed, match="may not split"):
        loop.customers.split(customer, interactions=[item], by=Actor.customer(), reason="mine")
    with pytest.raises(InvalidValue, match="say why"):
        loop.customers.split(customer, interactions=[item], by="mia", reason="")
    assert list(loop.store.pages(Split, "main")) == []
    assert len(loop.customers.list()) == 2


def test_who_may_not_move_an_item_may_not_give_it_away(loop: ClientLoop, customer: Customer, item: Feedback) -> None:
    """Where the firm lets people move their own items alone, so it is with splitting."""
    loop.settings.set("rights", {Role.OWNER: {Right.MOVE: Scope.OWN}})
    with pytest.raises(NotAllowed, match="tim may not move"):
        loop.customers.split(customer, interactions=[item], by="tim", reason="two")
    assert split(loop, customer, interactions=[item, item.id]).id == loop.feedback.get(item.id).customer


def test_a_message_that_is_being_sent_stays_where_its_worker_finds_it(
    loop: ClientLoop, customer: Customer, item: Feedback
) -> None:
    """While a channel has the message, the split is refused: else the message might be sent twice."""
    (waiting,) = loop.feedback.outbox(item)
    sending = Update(OutboundMessage, ("main", waiting.id), {"state": MessageState.SENDING})
    loop.store.commit(Unit((sending,)))
    with pytest.raises(Conflict, match="being sent: try again"):
        split(loop, customer, interactions=[item])


def test_splits_at_one_time_conflict(loop: ClientLoop, customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two who give away the same visit, one does: no visit is two persons'."""
    visit = loop.interactions.record(kind=InteractionKind.VISIT, channel="shop", customer=customer)
    commit = loop.context.commit

    def slow(unit: Unit) -> None:
        monkeypatch.setattr(loop.context, "commit", commit)
        split(loop, customer, interactions=[visit], name="first")
        commit(unit)

    monkeypatch.setattr(loop.context, "commit", slow)
    with pytest.raises(Conflict):
        split(loop, customer, interactions=[visit], name="second")
    assert {each.name for each in loop.customers.list()} == {"Ana and Bor", "first"}
