"""Customers who are one person: merged, read as one, and taken apart again."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from attrs import evolve

from clientloop import Actor, ClientLoop, Role
from clientloop.errors import Conflict, Incomplete, InvalidValue, NotAllowed, NotFound
from clientloop.model.accounts import Topic
from clientloop.model.customers import Customer, CustomerClass, IdentityKind, Merge, Opinion, Purpose, Suggestion, Trust
from clientloop.model.interactions import InteractionKind
from clientloop.model.messages import OutboundMessage
from clientloop.model.units import Insert, Unit, Update
from clientloop.services.bulk.entries import Address, Count, Entry, Person
from clientloop.services.bulk.writing import Bulk
from clientloop.testing.fakes import FakeChannels
from tests.conftest import Size
from tests.services.persons import NINE, STORES, Ids, live, open_firm, rows, two_customers


@pytest.fixture(params=STORES)
def loop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ClientLoop]:
    """A firm without customers, in memory and in a file."""
    with open_firm(request.param.format(tmp_path)) as opened:
        yield opened


@pytest.fixture
def pair(loop: ClientLoop) -> tuple[Customer, Customer]:
    """Two customers who are one person, as yet unknown to the firm."""
    return two_customers(loop)


def merge(loop: ClientLoop, kept: Customer, absorbed: Customer) -> Merge:
    """Merge two customers for some reason."""
    return loop.customers.merge(kept, absorbed, by="mia", reason="they said so on the phone")


# What must be shown: nothing moves, and undoing is exact


def test_undoing_a_merge_gives_back_every_byte(loop: ClientLoop, size: Size) -> None:
    """Two customers with long histories, merged and taken apart, export the very bytes that they did before."""
    many, items = size.pick(small=300, ci=10_000, night=10_000), size.pick(small=6, ci=40, night=400)
    both = two_customers(loop)
    for customer in both:
        live(loop, customer, interactions=many, items=items)
    exports, before = [loop.customers.export_of_id(each) for each in both], rows(loop)
    customers = [loop.store.get(Customer, (each.space, each.id)) for each in both]
    kept = [len(json.loads(export)["interaction"]) for export in exports]
    assert kept == [many + items] * 2
    assert {"outbox", "timer", "task", "transition", "text", "consent", "insight"} <= json.loads(exports[0]).keys()

    merge(loop, *both)
    assert rows(loop) == before
    loop.customers.unmerge(both[1], by="mia")

    assert [loop.customers.export_of_id(each) for each in both] == exports
    assert rows(loop) == before
    after = [loop.customers.get(each) for each in both]
    assert [evolve(each, version=1) for each in after] == [evolve(each, version=1) for each in customers if each]


@pytest.mark.parametrize("store", STORES)
def test_what_is_changed_between_a_merge_and_its_undoing_stays(store: str, tmp_path: Path, size: Size) -> None:
    """A firm that merged two customers, went on working and undid it has what a firm has that never merged them."""
    exports = []
    for merges in (True, False):
        folder = tmp_path / str(merges)
        folder.mkdir()
        ids = Ids()
        with open_firm(store.format(folder), ids) as loop:
            loop.settings.set("reassess", None)  # what the two are to the firm depends on whether they are one
            both = two_customers(loop)
            for customer in both:
                live(loop, customer, interactions=size.pick(small=50, ci=2_000, night=10_000), items=4)
            if merges:
                ids.of = "besides"
                merge(loop, *both)
                ids.of = "main"
            _work(loop, *both)
            if merges:
                loop.customers.unmerge(both[1], by="mia")
            exports.append([loop.customers.export_of_id(each) for each in both])
    assert exports[0] == exports[1]


def _work(loop: ClientLoop, kept: Customer, absorbed: Customer) -> None:
    """Somebody calls and buys, under either id; items of both are moved, and their time comes."""
    for customer in (kept, absorbed):
        loop.interactions.record(kind=InteractionKind.CALL, channel="phone", customer=customer, text="called")
        loop.customers.learn(customer.id, Topic.AIM, "a bigger shop", source="call", by="mia")
        loop.consent.allow(customer, Purpose.SURVEY, proof="call")
    loop.feedback.receive(kind="idea", channel="email", text="Saturdays", customer=kept.id)
    for item in loop.feedback.list(limit=100):
        if item.kind == "complaint" and item.state == "assigned":
            loop.feedback.move(item, "start", by="mia")
    loop.customers.set_class(kept.id, None)
    clock = loop.clock
    clock.advance(timedelta(days=3))  # type: ignore[attr-defined]  # a manual clock
    loop.run_due()


def test_the_kept_customer_takes_over_what_it_has_nothing_in(loop: ClientLoop) -> None:
    """Name, class, language, zone and keys of `extra` are filled where they were empty, and nowhere else."""
    kept = loop.customers.add(name="", locale="sl", extra={"shoe": 39})
    absorbed = loop.customers.add(
        name="Ana", customer_class=CustomerClass.A, locale="de", zone="Europe/Rome", extra={"shoe": 38, "dog": "Rex"}
    )
    merge(loop, kept, absorbed)
    shown = loop.customers.get(kept)
    assert (shown.name, shown.customer_class, shown.locale) == ("Ana", CustomerClass.A, "sl")
    assert (shown.zone, shown.extra) == ("Europe/Rome", {"shoe": 39, "dog": "Rex"})
    (noted,) = loop.customers.merges(kept)
    assert noted.filled == {"name": "Ana", "customer_class": "A", "zone": "Europe/Rome", "extra.dog": "Rex"}


def test_undoing_takes_back_only_what_was_not_changed_since(loop: ClientLoop) -> None:
    """A name and a class that were set after the merge stay; the zone that nobody touched goes back."""
    kept = loop.customers.add()
    absorbed = loop.customers.add(name="Ana", customer_class=CustomerClass.A, zone="Europe/Rome", extra={"dog": "Rex"})
    noted = merge(loop, kept, absorbed)
    shown = loop.customers.set_class(kept.id, CustomerClass.C)
    loop.store.commit(Unit((Update(Customer, (kept.space, kept.id), {"extra": {"dog": "Fido", "cat": 1}}),)))
    loop.customers.unmerge(noted, by="mia")
    after = loop.customers.get(kept)
    assert (after.name, after.customer_class, after.zone) == ("", shown.customer_class, None)
    assert after.extra == {"dog": "Fido", "cat": 1}


# Chains


def test_a_link_of_a_chain_is_undone_while_the_rest_holds(loop: ClientLoop) -> None:
    """C into B and B into A: C is taken out of B, and A shows B and no longer C; then B is taken out too."""
    first, second, third = loop.customers.add(name="A"), loop.customers.add(name="B"), loop.customers.add(name="C")
    lower, upper = merge(loop, second, third), merge(loop, first, second)
    assert loop.customers.get(third).ids == (first.id, second.id, third.id)
    loop.customers.unmerge(lower, by="mia")
    assert loop.customers.get(third).ids == (third.id,)
    assert loop.customers.get(second).ids == (first.id, second.id)
    loop.customers.unmerge(upper, by="mia")
    assert [loop.customers.get(each).ids for each in (first, second, third)] == [
        (first.id,), (second.id,), (third.id,),
    ]  # fmt: skip


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_what_went_up_a_chain_comes_back_down(loop: ClientLoop, order: tuple[int, int]) -> None:
    """A name that A has from B, and B from C, leaves both with C, in whatever order the merges are undone."""
    first, second = loop.customers.add(), loop.customers.add()
    third = loop.customers.add(name="Cene", extra={"dog": "Rex"})
    exports = [loop.customers.export_of_id(each) for each in (first, second, third)]
    merges = merge(loop, second, third), merge(loop, first, second)
    assert (loop.customers.get(third).id, loop.customers.get(third).name) == (first.id, "Cene")
    loop.customers.unmerge(merges[order[0]], by="mia")
    assert loop.customers.get(first).name == ""
    loop.customers.unmerge(merges[order[1]], by="mia")
    assert [loop.customers.export_of_id(each) for each in (first, second, third)] == exports


def test_a_merge_with_a_merged_customer_is_one_with_the_person(loop: ClientLoop) -> None:
    """Whoever names an absorbed customer means the person that it is shown as."""
    first, second, third = (loop.customers.add(name=name) for name in "ABC")
    merge(loop, first, second)
    assert merge(loop, second, third).kept == first.id
    assert [each.absorbed for each in loop.customers.merges(third)] == [second.id, third.id]


def test_pointers_that_run_in_a_circle_are_followed_once(loop: ClientLoop, pair: tuple[Customer, Customer]) -> None:
    """A store that somebody has written such pointers to is read to an end."""
    for one, other in (pair, pair[::-1]):
        loop.store.commit(Unit((Update(Customer, (one.space, one.id), {"merged_into": other.id}),)))
    assert loop.customers.get(pair[0]).id in {each.id for each in pair}


# Refusals


def test_what_cannot_be_merged_is_refused(loop: ClientLoop, pair: tuple[Customer, Customer]) -> None:
    """Nobody is merged with itself, twice, without a reason, by the customer, or by the library itself."""
    kept, absorbed = pair
    mine = partial(loop.customers.merge, by="mia", reason="same")
    with pytest.raises(InvalidValue, match="merged with itself"):
        mine(kept, kept.id)
    with pytest.raises(NotFound, match="no customer"):
        mine(kept, UUID(int=7))
    with pytest.raises(InvalidValue, match="say why"):
        mine(kept, absorbed, reason=" ")
    for actor in (Actor.customer(), Actor(name="system", roles=frozenset({Role.SYSTEM}))):
        with pytest.raises(NotAllowed, match="owner or superior"):
            mine(kept, absorbed, by=actor)
    assert loop.customers.merges(kept) == ()
    mine(kept, absorbed)
    for one, other in (pair, pair[::-1]):
        with pytest.raises(Conflict, match="one person already"):
            mine(one, other)


def test_what_was_not_merged_is_not_undone(loop: ClientLoop, pair: tuple[Customer, Customer]) -> None:
    """A customer that was merged into nobody, a merge that was undone, and an id of nothing are refused."""
    kept, absorbed = pair
    with pytest.raises(NotFound, match=r"not merged into another: merges\(\)"):
        loop.customers.unmerge(absorbed, by="mia")
    noted = merge(loop, kept, absorbed)
    with pytest.raises(NotFound, match="not merged into another"):
        loop.customers.unmerge(kept, by="mia")
    with pytest.raises(NotAllowed):
        loop.customers.unmerge(noted, by=Actor.customer())
    undone = loop.customers.unmerge(noted, by="tim")
    assert (undone.undone_by, undone) == ("tim", loop.customers.merges(kept)[0])
    with pytest.raises(Conflict, match="undone already: by tim"):
        loop.customers.unmerge(noted, by="mia")
    with pytest.raises(NotFound, match="no customer"):
        loop.customers.unmerge(UUID(int=7), by="mia")


@pytest.mark.parametrize("meanwhile", ["merge the same", "merge away", "unmerge", "change"])
def test_merges_at_the_same_time_conflict(loop: ClientLoop, meanwhile: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever was slower is told so, and nothing of its merge is written."""
    first, second, third = (loop.customers.add(name=name) for name in "ABC")
    merge(loop, second, third)
    others: dict[str, Callable[[], object]] = {
        "merge the same": lambda: merge(loop, first, second),
        "merge away": lambda: merge(loop, third, loop.customers.add(name="D")),
        "unmerge": lambda: loop.customers.unmerge(third, by="tim"),
        "change": lambda: loop.customers.set_class(first.id, CustomerClass.A),
    }
    commit = loop.context.commit

    def slow(unit: Unit) -> None:
        monkeypatch.setattr(loop.context, "commit", commit)
        others[meanwhile]()
        commit(unit)

    monkeypatch.setattr(loop.context, "commit", slow)
    with pytest.raises(Conflict):
        merge(loop, first, second)
    live_merges = [each for each in loop.store.pages(Merge, "main") if each.undone_at is None]
    shown = {each.id: each for each in loop.customers.list()}
    for noted in live_merges:
        assert noted.absorbed not in shown
        assert any(noted.absorbed in each.absorbed for each in shown.values())
    assert sum(len(each.absorbed) for each in shown.values()) == len(live_merges)


# Suggestions


def test_merging_accepts_the_suggestion_and_undoing_dismisses_it(loop: ClientLoop) -> None:
    """What a person has decided is not asked again, whichever way the merge was named."""
    kept = loop.customers.add(name="Ana", email="ana@example.com")
    absorbed = loop.customers.add(name="Ana", email="ana@example.com", trust=Trust.CLAIMED)
    noted = merge(loop, absorbed, kept)
    assert len(loop.customers.suggestions()) == 0
    key = ("main", kept.id, absorbed.id)
    found = loop.store.get(Suggestion, key)
    assert found is not None
    assert found.opinion is Opinion.ACCEPTED
    loop.customers.unmerge(noted, by="mia")
    found = loop.store.get(Suggestion, key)
    assert found is not None
    assert found.opinion is Opinion.DISMISSED


def test_a_dismissed_suggestion_is_gone_for_good(loop: ClientLoop) -> None:
    """A person says that two customers are two; nobody else can decide on it again."""
    loop.customers.add(name="Ana", email="ana@example.com")
    loop.customers.add(name="Bor", email="ana@example.com")
    (suggestion,) = loop.customers.suggestions()
    with pytest.raises(NotAllowed):
        loop.customers.dismiss(suggestion, by=Actor.customer())
    loop.customers.dismiss(suggestion, by="mia")
    assert len(loop.customers.suggestions()) == 0
    with pytest.raises(Conflict):
        loop.customers.dismiss(suggestion, by="tim")
    with pytest.raises(Conflict, match="decided already"):
        loop.customers.dismiss(evolve(suggestion, opinion=Opinion.DISMISSED), by="tim")


@pytest.mark.parametrize("trust", [Trust.ASSERTED, Trust.CLAIMED, Trust.DEVICE])
def test_nothing_is_merged_by_itself(loop: ClientLoop, trust: Trust) -> None:
    """However alike two customers are, an address that nobody proved makes a suggestion and no merge."""
    first = loop.customers.add(name="Ana", email="ana@example.com", phone="040 123 456")
    again = loop.customers.add(name="Ana", email="ana@example.com", phone="040 123 456", trust=trust)
    loop.customers.suggest()
    assert (first.id != again.id, len(loop.customers.suggestions())) == (True, 1)
    assert list(loop.store.pages(Merge, "main")) == []


# The whole person is read as one


def test_a_person_is_found_by_every_address_and_shown_once(loop: ClientLoop, pair: tuple[Customer, Customer]) -> None:
    """Both addresses lead to the kept customer, which has both; no list shows the person twice."""
    kept, absorbed = pair
    merge(loop, kept, absorbed)
    shown = loop.customers.get(kept)
    assert loop.customers.find(phone="040 123 456") == (shown,)
    assert loop.customers.find(email="ana@example.com", phone="040 123 456") == (shown,)
    assert [each.value for each in loop.customers.identities(absorbed)] == ["ana@example.com", "+38640123456"]
    assert loop.customers.address(shown, "phone") == "+38640123456"
    own = loop.store.get(Customer, ("main", absorbed.id))
    assert own is not None
    assert loop.customers.address(own, "email") == "ana@example.com"
    assert loop.customers.list().items == (shown,)


@pytest.mark.parametrize("name", ["Ana Novak", "Ana Kovač", ""])
def test_who_is_added_under_either_name_is_the_person(
    loop: ClientLoop, pair: tuple[Customer, Customer], name: str
) -> None:
    """An application that still knows the absorbed customer's name and number adds nobody, and nothing twice."""
    merge(loop, *pair)
    again = loop.customers.add(name=name, phone="040 123 456")
    assert again == loop.customers.get(pair[0])
    assert len(loop.customers.identities(again)) == 2
    with Bulk(loop.context) as bulk:
        address = Address(IdentityKind.PHONE, "+38640123456", "040 123 456", Trust.VOUCHED)
        counts = bulk.write([Entry(person=Person(name=name, addresses=(address,)), key=None)])
    assert counts[Count.CUSTOMERS_MATCHED] == 1
    assert len(loop.customers.list()) == 1
    assert len(loop.customers.suggestions()) == 0


def test_a_stranger_with_the_address_is_still_a_stranger(loop: ClientLoop, pair: tuple[Customer, Customer]) -> None:
    """Another name at the absorbed customer's number is somebody else, suggested to be the person as shown."""
    merge(loop, *pair)
    stranger = loop.customers.add(name="Bor", phone="040 123 456")
    (suggestion,) = loop.customers.suggestions()
    assert (suggestion.first, suggestion.second) == (pair[0].id, stranger.id)


def test_what_is_said_under_an_id_stays_under_it(loop: ClientLoop, pair: tuple[Customer, Customer]) -> None:
    """An application may go on with the old id: class and address are the person's, the rows the old one's."""
    kept, absorbed = pair
    merge(loop, kept, absorbed)
    said = loop.feedback.receive(kind="praise", channel="email", text="Thanks", customer=absorbed.id)
    assert (said.customer, said.customer_class, said.reply_to) == (absorbed.id, CustomerClass.B, "ana@example.com")
    assert loop.customers.set_class(loop.store.get(Customer, ("main", absorbed.id)) or kept, None).id == kept.id
    loop.customers.unmerge(absorbed, by="mia")
    assert [each.record.id for each in loop.customers.timeline(absorbed) if each.words] == [said.id]
    assert loop.customers.get(absorbed).customer_class is CustomerClass.A


@pytest.mark.parametrize("forbids", [False, True])
def test_the_word_of_either_holds_for_the_person(forbids: bool) -> None:
    """A message to the kept customer is not sent once the absorbed one has forbidden it."""
    post = FakeChannels("email")
    with ClientLoop.open("memory:", region="SI", plugins=[post], entry_points=False) as loop:
        kept, absorbed = two_customers(loop)
        merge(loop, kept, absorbed)
        if forbids:
            loop.consent.forbid(absorbed, Purpose.SERVICE, proof="call")
        message = OutboundMessage(
            space="main", id=UUID(int=7), customer=kept.id, channel="email", to="ana@example.com",
            purpose=Purpose.SERVICE, template="answer", wake_at=NINE, created_at=NINE,
        )  # fmt: skip
        loop.store.commit(Unit((Insert(message),)))
        loop.run_due()
        assert len(post.sent) == (0 if forbids else 1)
        assert loop.consent.may_send(kept, Purpose.SERVICE).allowed is not forbids


def test_items_of_one_person_are_joined_and_weighed_together(loop: ClientLoop, pair: tuple[Customer, Customer]) -> None:
    """What the person said under the other id may be the original; the two are no one's before the merge."""
    kept, absorbed = pair
    items = [loop.feedback.receive(kind="complaint", channel="phone", text="Broken", customer=each) for each in pair]
    duplicate = partial(loop.feedback.move, items[0], "duplicate", by="mia", original=items[1].id)
    with pytest.raises(Incomplete, match="same customer"):
        duplicate()
    merge(loop, kept, absorbed)
    assert duplicate().original == items[1].id


def test_a_friend_who_bought_under_another_id_is_a_customer(loop: ClientLoop, pair: tuple[Customer, Customer]) -> None:
    """A referral is not accepted for a person who has bought, under whatever id."""
    kept, absorbed = pair
    merge(loop, kept, absorbed)
    loop.interactions.record(kind=InteractionKind.PURCHASE, channel="shop", customer=kept)
    data = {"friend": "Ana", "friend_address": "040 123 456", "friend_agrees": True}
    item = loop.feedback.receive(kind="referral", channel="email", text="Ask Ana", data=data)
    with pytest.raises(Incomplete, match="not a customer yet"):
        loop.feedback.move(item, "accept", by="mia")
