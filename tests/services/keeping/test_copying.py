"""A space goes to another store: all of it, once, whatever comes in between, and works on one side only."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from attrs import evolve

from clientloop import ClientLoop, ManualClock
from clientloop.app import Ran
from clientloop.errors import (
    Conflict,
    Duplicate,
    InvalidValue,
    NotFound,
    SchemaOutdated,
    Sealed,
    StoreError,
    UnknownName,
)
from clientloop.model.customers import Customer, IdentityKind
from clientloop.model.interactions import Text
from clientloop.model.record import record_of
from clientloop.model.schema import RECORDS
from clientloop.model.spaces import Setting, Space
from clientloop.model.units import Insert, Unit, Update
from clientloop.ports.store import Store
from clientloop.services.keeping import copying, streams
from clientloop.services.keeping.checking import check
from clientloop.services.keeping.copying import Copied, End, Phase, Progress, copy_space
from clientloop.services.keeping.seals import PLUGIN, seal_of, unseal
from clientloop.services.keeping.streams import COPIED
from clientloop.stores.memory import MemoryStore
from clientloop.stores.sqlite import SqliteStore
from clientloop.testing import FailingStore, inserts, sample
from clientloop.testing.failing import Call, Fault
from tests.conftest import Size

Rows = Mapping[str, list[object]]


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Callable[[str], Store]]:
    """Makes stores of a sort, with nothing in them."""
    made: list[Store] = []

    def make(sort: str) -> Store:
        store = MemoryStore() if sort == "memory" else SqliteStore(tmp_path / f"{len(made)}.db")
        made.append(store)
        store.migrate()
        return store

    yield make
    for store in made:
        store.close()


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five records a unit, so that few make many units."""
    monkeypatch.setattr(streams, "BATCH", 5)
    monkeypatch.setattr(copying, "BATCH", 5)


@pytest.fixture
def shop() -> Iterator[ClientLoop]:
    """A shop in memory, with a customer and some items, of which one has been answered."""
    with ClientLoop.open("memory:", region="SI", entry_points=False) as loop:
        ana = loop.customers.add(name="Ana", email="ana@example.com")
        for words in ("Broken", "Late", "Torn", "Lost"):
            loop.feedback.receive(kind="complaint", channel="form", text=words, customer=ana, origin=words)
        loop.feedback.move(loop.inbox().items[0], "assign", to="mia", by="mia")
        yield loop


def copied(source: Store, target: Store, told: Callable[[Progress], object] | None = None) -> Copied:
    """What a copy of the shop does."""
    return copy_space(End(store=source, name="one:"), End(store=target, name="other:"), "main", told=told)


def held(store: Store) -> Rows:
    """All that a store holds of the shop, but for seals."""
    return {
        record_of(cls).name: [row for row in store.pages(cls, "main") if getattr(row, "plugin", None) != PLUGIN]
        for cls in COPIED
    }


def entered(store: Store, shop: ClientLoop) -> ClientLoop:
    """The shop as it is in another store, as a process sees it that opens it now."""
    return ClientLoop(store, shop.space, shop.context.parts, registry=shop.registry).in_space("main")


def test_every_record_class_is_copied() -> None:
    """What the schema declares is copied; but when spaces are due, each store counts itself."""
    assert {record_of(cls).name for cls in COPIED} == RECORDS.keys() - {"space_due"}


@pytest.mark.parametrize(("here", "there"), [("memory", "sqlite"), ("sqlite", "memory")])
def test_every_record_arrives_as_it_was(stores: Callable[[str], Store], here: str, there: str) -> None:
    """Records of all classes, all their fields filled, are in the target as in the source, versions too."""
    source, target = stores(here), stores(there)
    source.commit(Unit((Insert(sample(Space)),)))
    for number in range(3):
        source.commit(inserts(*[sample(cls, number, full=True) for cls in COPIED if cls is not Space]))
    source.commit(inserts(sample(Customer, 5, version=7)))
    done = copied(source, target)
    assert held(target) == held(source)
    assert done.rows == sum(map(len, held(target).values())) > 3 * (len(COPIED) - 1)
    assert (done.resumed, done.mended) == (False, 0)


def test_the_space_works_where_it_has_come(shop: ClientLoop, stores: Callable[[str], Store]) -> None:
    """In the target the rules of a whole space hold, words and customers are found, deadlines come, loops go on."""
    target = stores("sqlite")
    copied(shop.store, target)
    moved = entered(target, shop)
    assert list(check(target, "main")) == []
    assert [item.title for item in moved.feedback.search("torn")] == ["Torn"]
    assert list(target.due_spaces(now=shop.clock.now() + timedelta(days=30))) == ["main"]
    item = moved.feedback.receive(kind="complaint", channel="form", text="More")
    assert moved.feedback.move(item, "assign", to="mia", by="mia").state == "assigned"
    assert [customer.name for customer in moved.customers.find(email="ana@example.com")] == ["Ana"]


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("fault", [Fault.BEFORE, Fault.AFTER])
def test_a_copy_that_fails_anywhere_goes_on_from_there(shop: ClientLoop, fault: Fault, size: Size) -> None:
    """Whichever commit fails, before or after it was done, the next copy ends it: nothing is twice, nothing missing."""
    for number in count(1, size.pick(small=4, ci=1, night=1)):
        target, plan = MemoryStore(), fails_at_commit(number, fault)
        try:
            copied(FailingStore(shop.store, plan), FailingStore(target, plan))
        except StoreError:
            if seal_of(target, "main") is None and seal_of(shop.store, "main") is not None:
                assert fault is Fault.AFTER, "the last commit was done, and then failed: all is well"
            else:
                assert copied(shop.store, target).mended == 0
        else:
            break
        assert held(target) == held(shop.store)
        unseal(shop.store, "main")
    assert number > 10, "that many units are committed at least"


@pytest.mark.usefixtures("small_batches")
def test_what_was_copied_is_not_read_again(shop: ClientLoop) -> None:
    """A copy that goes on asks for the records behind those that are there, and adds only them."""
    target = MemoryStore()
    with pytest.raises(StoreError):
        copied(shop.store, FailingStore(target, fails_at_commit(8)))
    there = sum(map(len, held(target).values()))
    assert there > 10
    heard: list[Progress] = []
    assert copied(shop.store, target, heard.append).resumed
    assert there < heard[0].rows <= there + 5


def test_nobody_works_in_a_space_that_is_copied_in_part(shop: ClientLoop, caplog: pytest.LogCaptureFixture) -> None:
    """Until the copy is complete the target cannot be entered, and its workers pass the space by; others they serve."""
    target = MemoryStore()
    with pytest.raises(StoreError):
        copied(shop.store, FailingStore(target, lambda call: Fault.BEFORE if is_the_last(call, target) else None))
    assert held(target) == held(shop.store), "all is there but the word that it is"
    with pytest.raises(Sealed, match="is being copied here from one:: wait for that"):
        entered(target, shop)
    before = held(target)
    clock = ManualClock(shop.clock.now() + timedelta(days=30))
    parts = evolve(shop.context.parts, clock=clock)
    target.commit(Unit((Insert(Space(space="other")),)))
    other = ClientLoop(target, Space(space="other"), parts, registry=shop.registry)
    other.feedback.receive(kind="complaint", channel="form", text="Broken")
    clock.advance(timedelta(days=30))
    assert other.run_due().timers > 0
    assert held(target) == before
    assert "space 'main' is being copied here from one:: nothing is done in it" in caplog.text
    copied(shop.store, target)
    assert ClientLoop(target, shop.space, parts, registry=shop.registry).run_due().timers > 0


def test_nobody_works_in_a_space_that_has_moved(shop: ClientLoop) -> None:
    """After the copy the source cannot be entered, and a process that had it open does nothing that is due."""
    copied(shop.store, MemoryStore())
    with pytest.raises(Sealed, match="has moved to other:: open it there"):
        shop.in_space("main")
    late = evolve(shop.context.parts, clock=ManualClock(shop.clock.now() + timedelta(days=30)))
    left = ClientLoop(shop.store, shop.space, late, registry=shop.registry)
    assert left.run_due() == left.run_space() == Ran()
    unseal(shop.store, "main")
    assert left.run_due().timers > 0
    with pytest.raises(NotFound, match="is not sealed"):
        unseal(shop.store, "main")


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("sort", ["memory", "sqlite"])
def test_what_changes_while_it_is_copied_is_copied_again(
    shop: ClientLoop, stores: Callable[[str], Store], phase: Phase, sort: str
) -> None:
    """What was added, changed, taken away behind the copy is mended before the target is let go, versions and all."""
    target, left = stores(sort), [1]

    def live(far: Progress) -> None:
        if far.phase is phase and (phase is Phase.VERIFYING or far.rows > far.total * 0.9) and left:
            left.pop()
            change(shop)

    done = copied(shop.store, target, live)
    assert done.mended > 5
    assert held(target) == held(shop.store)
    assert list(check(target, "main")) == []
    assert [item.title for item in entered(target, shop).feedback.search("scratched")] == ["Scratched"]


def test_a_source_that_does_not_rest_is_named(shop: ClientLoop) -> None:
    """If the source goes on changing, what differs is named with what to do; once it rests, the same call ends it."""
    target, numbers = MemoryStore(), count()

    def live(far: Progress) -> None:
        if far.phase is Phase.VERIFYING:
            shop.store.commit(Unit((Insert(sample(Setting, next(numbers))),)))

    with pytest.raises(Conflict, match=r"^changed while copying: setting: stop whatever works on one:"):
        copied(shop.store, target, live)
    done = copied(shop.store, target)
    assert done.resumed
    assert held(target) == held(shop.store)


def test_work_in_the_target_is_not_written_over(shop: ClientLoop) -> None:
    """A record that somebody has changed in the target all the same is named, not mended."""
    target = MemoryStore()

    def meddle(far: Progress) -> None:
        if far.phase is Phase.VERIFYING and not target.get(Customer, ana).extra:
            target.commit(Unit((Update(Customer, ana, {"extra": {"vip": True}}),)))

    ana = ("main", shop.customers.find(email="ana@example.com")[0].id)
    with pytest.raises(Conflict, match=r"customer .* was changed in the target"):
        copied(shop.store, target, meddle)


@pytest.mark.usefixtures("small_batches")
def test_two_copies_at_once_do_not_mix(shop: ClientLoop) -> None:
    """A second copy of the same space stops the first one at its next unit, and ends what was begun."""
    target = MemoryStore()
    with pytest.raises(Conflict, match="another copy of 'main' is at work"):
        copied(shop.store, target, lambda _: copied(shop.store, target) if seal_of(target, "main") else None)
    assert held(target) == held(shop.store)


def test_a_target_with_data_is_refused(shop: ClientLoop) -> None:
    """A space that was opened in the target is not written into, even if nothing happened in it."""
    with ClientLoop.open("memory:", entry_points=False) as other:
        with pytest.raises(Duplicate, match="other: holds data of a space 'main' already: give a store in which"):
            copied(shop.store, other.store)
        assert seal_of(other.store, "main") is None
    assert seal_of(shop.store, "main") is None


def test_a_space_moves_once(shop: ClientLoop) -> None:
    """What has moved is not copied again, to the same store or to another; the copy itself can be moved on."""
    target, third = MemoryStore(), MemoryStore()
    copied(shop.store, target)
    with pytest.raises(Sealed, match="has moved to other:"):
        copied(shop.store, target)
    with pytest.raises(Sealed, match="has moved to other:"):
        copy_space(End(store=shop.store, name="one:"), End(store=third, name="third:"), "main")
    copy_space(End(store=target, name="other:"), End(store=third, name="third:"), "main")
    assert held(third) == held(shop.store)


def test_of_two_copies_at_once_one_is_let_work(shop: ClientLoop) -> None:
    """The space goes to whichever store is complete first; the other stays sealed."""
    target, third, left = MemoryStore(), MemoryStore(), [1]

    def overtake(_: Progress) -> None:
        if left:
            left.pop()
            copy_space(End(store=shop.store, name="one:"), End(store=third, name="third:"), "main")

    with pytest.raises(Sealed, match="has moved to third:"):
        copied(shop.store, target, overtake)
    assert seal_of(third, "main") is None
    with pytest.raises(Sealed, match="is being copied here"):
        entered(target, shop)


def test_a_copy_in_part_is_gone_on_with_from_its_source_alone(shop: ClientLoop) -> None:
    """A target that holds a part of another source's space is refused; such a part is no source, and not let work."""
    target = MemoryStore()
    with pytest.raises(StoreError):
        copied(shop.store, FailingStore(target, fails_at_commit(5)))
    part, whole = End(store=target, name="other:"), End(store=shop.store, name="elsewhere:")
    with pytest.raises(Sealed, match="is being copied here from one:"):
        copy_space(whole, part, "main")
    with pytest.raises(Sealed, match="is being copied here from one:"):
        copy_space(part, End(store=MemoryStore(), name="third:"), "main")
    with pytest.raises(Sealed, match="is being copied here from one:"):
        unseal(target, "main")


def test_what_cannot_be_meant_is_refused(shop: ClientLoop) -> None:
    """A space that is not there is told with those that are, and a store is not copied into itself."""
    ends = End(store=shop.store, name="one:"), End(store=MemoryStore(), name="other:")
    with pytest.raises(UnknownName, match=r"no space 'mian' in one:: did you mean 'main'\?"):
        copy_space(*ends, "mian")
    with pytest.raises(InvalidValue, match="one: is both source and target"):
        copy_space(ends[0], ends[0], "main")


def test_a_source_of_another_version_is_not_copied(stores: Callable[[str], Store], tmp_path: Path) -> None:
    """Tables of an older version are to be brought up to date first, by whoever decides that; nothing is made."""
    source, target = stores("sqlite"), MemoryStore()
    source.commit(Unit((Insert(sample(Space)),)))
    with closing(sqlite3.connect(tmp_path / "0.db")) as connection:
        connection.execute("ALTER TABLE clientloop_routine DROP COLUMN done_at")
    with pytest.raises(SchemaOutdated, match=r"no such column: .*bring it up to date by `clientloop init one:`"):
        copied(source, target)
    assert seal_of(target, "main") is None


def fails_at_commit(number: int, fault: Fault = Fault.BEFORE) -> Callable[[Call], Fault | None]:
    """The plan by which a commit fails; of two stores that share it, whichever makes it."""
    commits = count(1)
    return lambda call: fault if call.method == "commit" and next(commits) == number else None


def is_the_last(call: Call, target: Store) -> bool:
    """Whether a call would break the seal of a complete copy: the only commit after all is copied."""
    seal = seal_of(target, "main")
    return call.method == "commit" and seal is not None and seal.record is None


def change(shop: ClientLoop) -> None:
    """What happens in a shop in some minutes: something of every sort is added, changed, taken away."""
    last = shop.inbox().items[-1]
    shop.feedback.receive(kind="complaint", channel="form", text="Scratched", reply_to="eva@example.com", origin="5")
    shop.feedback.move(last, "assign", to="tim", by="mia")
    ana = shop.customers.find(email="ana@example.com")[0]
    for name in ("Anna", "Ann", "Anne"):
        ana = shop.customers.change(ana, name=name)
    shop.customers.add_identities(ana, phone="+38640123456")
    address = next(each for each in shop.customers.identities(ana) if each.kind is IdentityKind.EMAIL)
    shop.customers.remove_identity(ana, address, by="mia")
    shop.store.commit(Unit((Update(Text, ("main", last.id), {"body": "In two"}),)))
