"""Entries of another system are written once, in chunks, and their persons are matched by the rules of identities."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from attrs import evolve, frozen

from clientloop.app import ClientLoop
from clientloop.errors import Conflict, Duplicate, MissingReference
from clientloop.model.customers import Customer, Identity, IdentityKind, Suggestion, Trust
from clientloop.model.facts import Fact, FactName
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.units import Delete, Insert, Unit
from clientloop.services.bulk.entries import Address, Chunk, Count, Entry, Key, Person
from clientloop.services.bulk.persons import SHARERS
from clientloop.services.bulk.writing import TRIES, Bulk
from clientloop.services.context import Context


@pytest.fixture(params=["memory:", "sqlite:///{}/shop.db"])
def loop(request: pytest.FixtureRequest, tmp_path: object) -> Iterator[ClientLoop]:
    """A space on each of the built-in stores."""
    with ClientLoop.open(request.param.format(tmp_path), entry_points=False) as loop:
        yield loop


@frozen(kw_only=True)
class Visit(Entry):
    """An entry that is nothing but an interaction."""

    context: Context

    def write(self, chunk: Chunk, customer: Customer | None, origin: str) -> None:
        """Write the interaction."""
        assert self.key is not None
        now, number = self.context.now(), self.context.new_id()
        interaction = Interaction(
            space="main", id=number, kind=InteractionKind.VISIT, channel=self.key.channel, origin=origin,
            customer=customer.id if customer else None, recorded_at=now, source=self.key.source,
        )  # fmt: skip
        chunk.changes.append(Insert(interaction))
        chunk.facts.append(Fact(FactName.INTERACTION_RECORDED, "main", number, now, {"kind": "visit"}))


def email(text: str, trust: Trust = Trust.VOUCHED) -> Address:
    """An e-mail address as a person comes with it."""
    return Address(IdentityKind.EMAIL, text, text, trust)


def external(text: str) -> Address:
    """An id in another system."""
    return Address(IdentityKind.EXTERNAL, text, text, Trust.VOUCHED)


def visit(loop: ClientLoop, stem: str, person: Person | None = None, **key: Any) -> Visit:  # Any: fields of the key
    """A visit with this key."""
    return Visit(person=person, key=Key(channel="door", stem=stem, **key), context=loop.context)


def somebody(name: str, *addresses: Address) -> Entry:
    """An entry that is nothing but a person."""
    return Entry(person=Person(name=name, addresses=addresses), key=None)


def write(loop: ClientLoop, *entries: Entry, dry_run: bool = False) -> dict[str, int]:
    """Write one chunk, with nothing remembered; what was counted, zeros left out."""
    with Bulk(loop.context, dry_run=dry_run) as bulk:
        return {count.value: number for count, number in bulk.write(entries).items() if number}


def all_of(loop: ClientLoop, cls: type) -> list[Any]:  # Any: records of the class
    """All records of a class."""
    return list(loop.store.pages(cls, "main"))


def before(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch, *acts: Callable[[ClientLoop], object]) -> list[Unit]:
    """Have somebody else act before each of the next commits, once each; the units that were to be committed."""
    commit, others, left, units = loop.context.commit, loop.in_space(loop.space.space), iter(acts), list[Unit]()

    def late(unit: Unit) -> None:
        units.append(unit)
        next(left, lambda _: None)(others)
        commit(unit)

    monkeypatch.setattr(loop.context, "commit", late)
    return units


def test_the_same_key_is_written_once(loop: ClientLoop) -> None:
    """Within a chunk, and from one run to the next, an entry that is there already is a duplicate."""
    entries = [visit(loop, "a"), visit(loop, "b"), visit(loop, "a")]
    assert write(loop, *entries) == {"added": 2, "duplicates": 1}
    assert write(loop, *entries, visit(loop, "c")) == {"added": 1, "duplicates": 3}
    assert sorted(found.origin for found in all_of(loop, Interaction)) == ["a", "b", "c"]


def test_entries_that_are_alike_are_told_apart_by_their_number(loop: ClientLoop) -> None:
    """The second of two entries with the same content is another one."""
    entries = [visit(loop, "a", number=number) for number in (1, 2)]
    assert write(loop, *entries) == {"added": 2}
    assert write(loop, *entries) == {"duplicates": 2}


def test_a_mended_entry_takes_the_first_free_number(loop: ClientLoop) -> None:
    """One that has become like others is not taken for them, and is found again by the line that it came from."""
    write(loop, visit(loop, "a", number=1), visit(loop, "a", number=2))
    mended = [visit(loop, "a", number=number, mended_line=line) for number, line in ((1, 7), (2, 9))]
    assert write(loop, *mended) == {"added": 2}
    assert write(loop, *mended) == {"duplicates": 2}
    assert write(loop, *[visit(loop, "a", number=number) for number in (1, 2, 3, 4, 5)]) == {
        "added": 1, "duplicates": 4,
    }  # fmt: skip


def test_what_others_write_meanwhile_is_a_duplicate(loop: ClientLoop) -> None:
    """Two imports of the same file at the same time add every entry once, and every person once."""
    ana = Person(name="Ana", addresses=(email("ana@example.com"),))
    chunks = [[visit(loop, f"{chunk}-{number}", ana) for number in range(3)] for chunk in range(4)]
    with Bulk(loop.context) as first, Bulk(loop.context) as second:
        totals = [bulk.write(chunk) for chunk in chunks for bulk in (first, second)]
    assert sum(total[Count.ADDED] for total in totals) == 12
    assert sum(total[Count.DUPLICATES] for total in totals) == 12
    assert [customer.name for customer in all_of(loop, Customer)] == ["Ana"]


def test_a_customer_who_goes_meanwhile_is_added_again(loop: ClientLoop) -> None:
    """What is remembered of a person who is no longer a customer is forgotten, not written."""
    ana = Person(name="Ana", addresses=(email("ana@example.com"),))
    with Bulk(loop.context) as bulk:
        bulk.write([somebody("Ana", email("ana@example.com"))])
        [identity] = all_of(loop, Identity)
        key = ("main", identity.kind, identity.value, identity.customer)
        loop.store.commit(Unit((Delete(Identity, key), Delete(Customer, ("main", identity.customer)))))
        assert bulk.write([visit(loop, "a", ana)])[Count.CUSTOMERS_ADDED] == 1
    [found] = all_of(loop, Interaction)
    assert [found.customer] == [customer.id for customer in all_of(loop, Customer)]


def test_what_is_remembered_of_an_address_lasts_until_others_add_persons(loop: ClientLoop) -> None:
    """Who had an address in an earlier chunk is looked up again once others may have added somebody with it."""
    eva, ana = (somebody(name, email("us@example.com")) for name in ("Eva", "Ana"))
    with Bulk(loop.context) as bulk:
        bulk.write([eva])
        write(loop, ana)
        assert bulk.write([ana])[Count.CUSTOMERS_MATCHED] == 1
    assert sorted(customer.name for customer in all_of(loop, Customer)) == ["Ana", "Eva"]


def test_who_gets_an_address_meanwhile_is_not_added_as_another(
    loop: ClientLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also a known person's new address is what others who add somebody with it must have seen."""
    write(loop, somebody("Ana", external("shop:7")))
    before(loop, monkeypatch, lambda others: write(others, somebody("Ana", external("shop:7"), email("a@example.com"))))
    assert write(loop, somebody("Ana", email("a@example.com"))) == {"duplicates": 1, "customers_matched": 1}


def test_who_adds_nobody_is_in_nobodys_way(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What others write of persons who are known, or of none, has no chunk worked out anew that adds some."""
    ana = Person(name="Ana", addresses=(email("ana@example.com"),))
    write(loop, visit(loop, "a", ana))
    units = before(loop, monkeypatch, lambda others: write(others, visit(loop, "b", ana), visit(loop, "c")))
    write(loop, somebody("Eva", email("eva@example.com")))
    assert len(units) == 1


def test_whoever_is_slower_than_others_is_done_when_they_are(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often others add persons first, a chunk is tried anew: they get on, and so it is no fault."""

    def add(number: int, others: ClientLoop) -> None:
        write(others, somebody(f"Eva {number}", email(f"eva{number}@example.com")))

    times = 2 * TRIES
    units = before(loop, monkeypatch, *(partial(add, number) for number in range(times)))
    write(loop, somebody("Ana", email("ana@example.com")))
    assert len(units) == len(all_of(loop, Customer)) == times + 1


def test_a_number_for_people_that_is_taken_is_no_duplicate(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal that no key explains is tried again with all that is made by chance made anew."""
    refused = iter([Duplicate("another one has its ref")] * (TRIES - 1))
    commit = loop.context.commit

    def commit_later(unit: Unit) -> None:
        for error in refused:
            raise error
        commit(unit)

    monkeypatch.setattr(loop.context, "commit", commit_later)
    assert write(loop, visit(loop, "a")) == {"added": 1}


def test_a_refusal_that_stays_is_handed_on(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some tries, the error of the store is the caller's, and nothing is written."""

    def refuse(_: Unit) -> None:
        raise MissingReference("nobody is there")

    monkeypatch.setattr(loop.context, "commit", refuse)
    with pytest.raises(Conflict, match="nobody is there"):
        write(loop, visit(loop, "a"))
    assert all_of(loop, Interaction) == []


def test_observers_hear_of_a_chunk_once_it_is_there(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The facts of a chunk come together, after its commit: customers added and suggested, what was recorded."""
    heard: list[tuple[str, ...]] = []
    monkeypatch.setattr(loop.context, "_tell", lambda facts: heard.append(tuple(fact.name.value for fact in facts)))
    ana, eva = (Person(name=name, addresses=(email("us@example.com"),)) for name in ("Ana", "Eva"))
    write(loop, visit(loop, "a", ana), visit(loop, "b", eva))
    write(loop, visit(loop, "a", ana))
    assert heard == [
        ("customer.added", "interaction.recorded", "customer.added", "customer.suggested", "interaction.recorded")
    ]


def test_the_same_name_and_address_are_one_customer(loop: ClientLoop) -> None:
    """Case and blanks of a name aside, within a chunk and from chunk to chunk."""
    same = [somebody(name, email("ana@example.com")) for name in ("Ana Novak", "ana  NOVAK")]
    assert write(loop, *same) == {"added": 1, "duplicates": 1, "customers_added": 1, "customers_matched": 1}
    assert write(loop, *same) == {"duplicates": 2, "customers_matched": 2}


def test_another_name_at_the_address_is_another_customer_and_a_suggestion(loop: ClientLoop) -> None:
    """Nobody is merged on an address alone; the suggestion names both and the address."""
    write(loop, somebody("Ana", email("us@example.com")))
    assert write(loop, somebody("Eva", email("us@example.com"))) == {
        "added": 1, "customers_added": 1, "suggestions": 1,
    }  # fmt: skip
    ana, eva = sorted(all_of(loop, Customer), key=lambda customer: customer.name)
    [suggestion] = all_of(loop, Suggestion)
    assert (suggestion.first, suggestion.second) == (ana.id, eva.id)
    assert [(sign["first"], sign["second"]) for sign in suggestion.evidence["signs"]] == [
        ("us@example.com", "us@example.com"), ("Ana", "Eva"),
    ]  # fmt: skip


@pytest.mark.parametrize("trust", [Trust.ASSERTED, Trust.CLAIMED])
def test_a_weak_address_matches_nobody(loop: ClientLoop, trust: Trust) -> None:
    """The same name at an address that nobody has proved is a suggestion, not a match."""
    ana = somebody("Ana", email("ana@example.com", trust))
    assert write(loop, ana, ana) == {"added": 2, "customers_added": 2, "suggestions": 1}


def test_an_id_in_another_system_names_the_person_itself(loop: ClientLoop) -> None:
    """The id matches whatever the name has become, and brings an address that is new."""
    write(loop, somebody("Ana Novak", external("shop:7")))
    married = somebody("Ana Kos", external("shop:7"), email("kos@example.com"))
    assert write(loop, married) == {"duplicates": 1, "customers_matched": 1}
    assert write(loop, married) == {"duplicates": 1, "customers_matched": 1}
    [customer] = all_of(loop, Customer)
    assert [(one.kind.value, one.value) for one in loop.customers.identities(customer)] == [
        ("email", "kos@example.com"), ("external", "shop:7"),
    ]  # fmt: skip


def test_an_address_of_very_many_costs_no_more_for_each(loop: ClientLoop) -> None:
    """Of the many who share a placeholder, only the first are suggested, so that the time does not grow with them."""
    crowd = [somebody(f"Customer {number}", email("none@example.com")) for number in range(3 * SHARERS)]
    counts = write(loop, *crowd[: 2 * SHARERS])
    assert counts["suggestions"] == SHARERS * (SHARERS - 1) // 2 + SHARERS * SHARERS
    assert write(loop, *crowd[2 * SHARERS :]) == {
        "added": SHARERS, "customers_added": SHARERS, "suggestions": SHARERS * SHARERS,
    }  # fmt: skip


def test_a_dry_run_counts_the_same_and_writes_nothing(loop: ClientLoop) -> None:
    """What a dry run counts, from chunk to chunk, is what the run then does."""
    write(loop, visit(loop, "there"), somebody("Ana", email("ana@example.com")))
    eva, ivo = (Person(name=name, addresses=(email("us@example.com"),)) for name in ("Eva", "Ivo"))
    ana = Person(name="Ana", addresses=(email("ana@example.com"), external("shop:1")))
    chunks = [
        [visit(loop, "there"), visit(loop, "a", ana), visit(loop, "b", eva), visit(loop, "m", number=1)],
        [visit(loop, "b", eva), visit(loop, "c", ivo), visit(loop, "m", number=1, mended_line=4)],
        [visit(loop, "d", evolve(ana, name="Anna")), visit(loop, "e", eva), visit(loop, "f")],
    ]
    before = {cls: all_of(loop, cls) for cls in (Interaction, Customer, Identity, Suggestion)}
    with Bulk(loop.context, dry_run=True) as bulk:
        for persons in (bulk._persons._people, bulk._persons._sharers):
            persons._size = 1  # so that nearly all must be found again in what was rehearsed
        rehearsed = [bulk.write(chunk) for chunk in chunks]
    assert {cls: all_of(loop, cls) for cls in before} == before
    with Bulk(loop.context) as bulk:
        assert [bulk.write(chunk) for chunk in chunks] == rehearsed
    assert rehearsed[1][Count.DUPLICATES] == 1


def test_an_empty_chunk_writes_nothing(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all rows were rejected, the store is not asked."""
    monkeypatch.setattr(loop.context, "commit", None)
    assert write(loop) == {}
