import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partialmethod
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop import ClientLoop, ManualClock
from clientloop.errors import Conflict
from clientloop.model.customers import Customer, Identity, IdentityKind, Merge, Opinion, Split, Suggestion, Trust
from clientloop.model.facts import Fact, FactName
from clientloop.model.units import Delete, Insert, Unit, Update
from clientloop.rules.people.likeness import Likeness
from clientloop.rules.people.portraits import Portrait
from clientloop.rules.people.signs import Sign, score
from clientloop.services.people import lookalikes
from clientloop.services.people.lookalikes import REACH, TRIES, Lookalikes
from clientloop.stores.sqlite.store import SqliteStore
from tests.growth import LIMIT, growth

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
SPACE = "main"


@pytest.fixture(params=["memory", "sqlite"])
def loop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ClientLoop]:
    """A Slovene firm without customers, on each store."""
    url = {"memory": "memory:", "sqlite": f"sqlite:///{tmp_path}/shop.db"}[request.param]
    with ClientLoop.open(url, clock=ManualClock(NINE), region="SI", entry_points=False) as opened:
        yield opened


def claimed(loop: ClientLoop, name: str = "", **addresses: Any) -> Customer:  # Any: whatever `add` takes
    """A customer with addresses that nobody has proved."""
    return loop.customers.add(name=name, trust=Trust.CLAIMED, **addresses)


def suggested(loop: ClientLoop) -> dict[tuple[UUID, UUID], Suggestion]:
    """All suggestions, whatever became of them."""
    return {(each.first, each.second): each for each in loop.store.pages(Suggestion, SPACE)}


def merged(loop: ClientLoop, kept: Customer, *absorbed: Customer) -> None:
    """Show customers as another."""
    ids = tuple(one.id for one in absorbed)
    changes = [Update(Customer, (SPACE, kept.id), {"absorbed": ids})]
    changes += [Update(Customer, (SPACE, one), {"merged_into": kept.id}) for one in ids]
    loop.store.commit(Unit(tuple(changes)))


def test_who_is_alike_is_suggested_with_the_evidence(loop: ClientLoop) -> None:
    """The pair, the first of them first, with signs that add up to the score; nobody else, and nobody is merged."""
    ana = claimed(loop, "Ana Novak", email="ana@example.com")
    other = claimed(loop, "NOVAK Ana", email="ana+shop@example.com")
    claimed(loop, "Bor Kos", email="bor@example.com")
    report = loop.customers.suggest()
    assert report == Lookalikes(customers=3, compared=1, suggested=1)
    [suggestion] = loop.customers.suggestions()
    assert (suggestion.first, suggestion.second, suggestion.created_at) == (ana.id, other.id, NINE)
    signs = suggestion.evidence["signs"]
    assert [sign["sign"] for sign in signs] == [Sign.EMAIL_VARIANT, Sign.NAME_ORDER]
    assert suggestion.evidence["score"] == score(sign["weight"] for sign in signs)
    assert len(loop.customers.list()) == 3


def test_the_first_is_who_was_there_first(loop: ClientLoop) -> None:
    """The time decides, and not the order of the ids, which another system may have given."""
    customers = [
        Customer(space=SPACE, id=UUID(int=number), name="Ana Novak", created_at=NINE - timedelta(days=number))
        for number in (1, 2)
    ]
    phones = [
        Identity(
            space=SPACE,
            kind=IdentityKind.PHONE,
            value="+38640123456",
            customer=customer.id,
            trust=Trust.ASSERTED,
            created_at=NINE,
        )
        for customer in customers
    ]
    loop.store.commit(Unit(tuple(map(Insert, (*customers, *phones)))))
    assert loop.customers.suggest().suggested == 1
    assert list(suggested(loop)) == [(UUID(int=2), UUID(int=1))]


def test_what_was_suggested_once_is_not_suggested_again(loop: ClientLoop) -> None:
    """Neither a second look nor one after a person has decided writes anything."""
    for email in ("ana@example.com", "ana+shop@example.com"):
        claimed(loop, "Ana Novak", email=email)
    claimed(loop, "Ana Novak", email="ana@example.com")
    assert len(suggested(loop)) == 1
    assert loop.customers.suggest() == Lookalikes(customers=3, compared=3, suggested=2, settled=1)
    before = suggested(loop)
    for first, second in before:
        loop.store.commit(Unit((Update(Suggestion, (SPACE, first, second), {"opinion": Opinion.DISMISSED}),)))
    assert loop.customers.suggest() == Lookalikes(customers=3, compared=3, settled=3)
    assert {pair: each.created_at for pair, each in suggested(loop).items()} == dict.fromkeys(before, NINE)


def test_a_suggestion_in_the_other_order_is_known(loop: ClientLoop) -> None:
    """Whoever was written first, two customers are one pair."""
    ana, other = (claimed(loop, "Ana Novak", email=email) for email in ("ana@example.com", "ana+x@example.com"))
    suggestion = Suggestion(space=SPACE, first=other.id, second=ana.id, evidence={}, created_at=NINE)
    loop.store.commit(Unit((Insert(suggestion),)))
    assert loop.customers.suggest() == Lookalikes(customers=2, compared=1, settled=1)


def test_customers_merged_into_one_are_looked_at_as_one(loop: ClientLoop) -> None:
    """They are not suggested among themselves; what is alike to one of them is suggested for the one shown."""
    ana = claimed(loop, "Ana Novak", email="ana@example.com")
    married = claimed(loop, "Ana Kos", email="kos@example.com", phone="040 123 456")
    double = claimed(loop, "Ana Novak", email="ana+shop@example.com")
    merged(loop, ana, married, double)
    assert loop.customers.suggest() == Lookalikes(customers=1)
    third = claimed(loop, "Kos Ana", phone="+386 40 123 456", email="other@example.com")
    loop.store.commit(Unit(tuple(Delete(Suggestion, (SPACE, *pair)) for pair in suggested(loop))))
    assert loop.customers.suggest() == Lookalikes(customers=2, compared=1, suggested=1)
    assert list(suggested(loop)) == [(ana.id, third.id)]


def test_what_a_person_said_of_one_holds_for_those_merged_with_it(loop: ClientLoop) -> None:
    """Who was dismissed as somebody's double is not suggested again under the customer that this one became."""
    ana, double = (claimed(loop, "Ana Novak", email=email) for email in ("ana@example.com", "ana+shop@example.com"))
    assert loop.customers.suggest().suggested == 1
    kept = claimed(loop, "Ana Novak", handle="@ana")
    merged(loop, kept, ana)
    assert loop.customers.suggest() == Lookalikes(customers=2, compared=1, settled=1)
    assert list(suggested(loop)) == [(ana.id, double.id)]


def test_whom_a_person_took_apart_is_not_suggested(loop: ClientLoop) -> None:
    """A merge that was undone, or a split, says that two customers are two persons."""
    ana, *others = (claimed(loop, "Ana Novak", email=f"ana{tag}@example.com") for tag in ("", "+x", "+y"))
    undone = Merge(
        space=SPACE, id=UUID(int=1), kept=others[0].id, absorbed=ana.id, by="eva", reason="", at=NINE, undone_at=NINE,
        undone_by="eva",
    )  # fmt: skip
    split = Split(space=SPACE, id=UUID(int=2), source=ana.id, target=others[1].id, by="eva", reason="", at=NINE)
    loop.store.commit(Unit((Insert(undone), Insert(split))))
    assert loop.customers.suggest() == Lookalikes(customers=3, compared=3, suggested=1, settled=2)
    assert list(suggested(loop)) == [(others[0].id, others[1].id)]


def test_observers_hear_of_each_customer_once(loop: ClientLoop) -> None:
    """One fact for each customer who may be another, however many others."""
    heard: list[Fact] = []
    customers = [claimed(loop, "Ana Novak", email=f"ana{tag}@example.com") for tag in ("", "+x", "+y")]
    loop.context._tell = heard.extend
    assert loop.customers.suggest().suggested == 3
    assert [(fact.name, fact.subject, fact.at) for fact in heard] == [
        (FactName.CUSTOMER_SUGGESTED, customer.id, NINE) for customer in customers[1:]
    ]


def test_what_others_suggest_meanwhile_is_known(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two looks at the same time suggest each pair once, and neither fails."""
    for tag in ("", "+x", "+y"):
        claimed(loop, "Ana Novak", email=f"ana{tag}@example.com")
    commit = loop.context.commit

    def faster(unit: Unit) -> None:
        loop.store.commit(Unit(unit.changes[:1]))
        monkeypatch.setattr(loop.context, "commit", commit)
        commit(unit)

    monkeypatch.setattr(loop.context, "commit", faster)
    assert loop.customers.suggest() == Lookalikes(customers=3, compared=3, suggested=2, settled=1)
    assert len(suggested(loop)) == 3


def test_who_always_comes_late_is_told(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some tries the conflict is the caller's."""
    for tag in ("", "+x"):
        claimed(loop, "Ana Novak", email=f"ana{tag}@example.com")
    tries = []

    def conflict(unit: Unit) -> None:
        tries.append(unit)
        raise Conflict("somebody was faster")

    monkeypatch.setattr(loop.context, "commit", conflict)
    with pytest.raises(Conflict):
        loop.customers.suggest()
    assert len(tries) == TRIES


@pytest.mark.parametrize("erased", [False, True])
def test_who_has_gone_meanwhile_is_not_suggested(
    loop: ClientLoop, monkeypatch: pytest.MonkeyPatch, erased: bool
) -> None:
    """Who was merged or erased after the look had begun is in no suggestion, and nothing known of them is stored."""
    ana, double = (claimed(loop, "Ana Novak", email=email) for email in ("ana@example.com", "ana+x@example.com"))
    compare = lookalikes.compare

    def slowly(first: Portrait, second: Portrait) -> Likeness:
        if erased:
            gone = [
                Delete(Identity, (SPACE, one.kind, one.value, double.id)) for one in loop.customers.identities(double)
            ]
            loop.store.commit(Unit((*gone, Delete(Customer, (SPACE, double.id)))))
        else:
            merged(loop, ana, double)
        return compare(first, second)

    monkeypatch.setattr(lookalikes, "compare", slowly)
    assert loop.customers.suggest() == Lookalikes(customers=2, compared=1, settled=1)
    assert suggested(loop) == {}


def test_many_suggestions_are_written_in_chunks(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """No commit grows with their number; each pair is counted where it belongs."""
    monkeypatch.setattr(lookalikes, "CHUNK", 4)
    for number in range(5):
        claimed(loop, "Ana Novak", email=f"ana+{number}@example.com")
    sizes = []
    commit = loop.context.commit

    def noted(unit: Unit) -> None:
        sizes.append(len(unit.changes))
        commit(unit)

    monkeypatch.setattr(loop.context, "commit", noted)
    assert loop.customers.suggest() == Lookalikes(customers=5, compared=10, suggested=10)
    assert sizes == [4, 4, 2]


def test_another_space_is_left_alone(loop: ClientLoop) -> None:
    """Each firm has its own customers."""
    claimed(loop, "Ana Novak", email="ana@example.com")
    claimed(loop.in_space("other"), "Ana Novak", email="ana+x@example.com")
    assert loop.customers.suggest() == Lookalikes(customers=1)
    assert loop.in_space("other").customers.suggest() == Lookalikes(customers=1)


def test_nobody_is_alike_where_nobody_is(loop: ClientLoop) -> None:
    """An empty space has nothing to suggest."""
    assert loop.customers.suggest() == Lookalikes()


IDS = st.frozensets(st.integers(1, 6))


@given(customers=IDS, owners=st.lists(st.integers(1, 6)))
def test_identities_find_their_customers(customers: frozenset[int], owners: list[int]) -> None:
    """Each customer has its own identities; those of customers who came or went while pages were read are left out."""
    people = [Customer(space=SPACE, id=UUID(int=number), created_at=NINE) for number in sorted(customers)]
    identities = [
        Identity(
            space=SPACE,
            kind=IdentityKind.HANDLE,
            value=str(place),
            customer=UUID(int=owner),
            trust=Trust.CLAIMED,
            created_at=NINE,
        )
        for place, owner in enumerate(sorted(owners))
    ]
    found = {customer.id.int: list(own) for customer, own in lookalikes._joined(people, identities)}
    assert found == {
        number: [identity for identity in identities if identity.customer.int == number] for number in customers
    }


def crowd(count: int, *, name: str = "John Smith", email: str = "{0:04}.{0:04}@example.com") -> Sequence[object]:
    """So many customers, with a name and an e-mail address that may hold their number."""
    people = [
        Customer(space=SPACE, id=UUID(int=number), name=name.format(number), created_at=NINE)
        for number in range(1, count + 1)
    ]
    emails = [
        Identity(
            space=SPACE,
            kind=IdentityKind.EMAIL,
            value=email.format(person.id.int),
            customer=person.id,
            trust=Trust.CLAIMED,
            created_at=NINE,
        )
        for person in people
    ]
    return (*people, *emails)


def near(count: int, reach: int) -> int:
    """How many pairs are compared among so many customers of one key, each with those nearest to it."""
    return reach * count - reach * (reach + 1) // 2


def test_a_common_name_is_compared_in_part_and_says_so() -> None:
    """Each is compared with those nearest to it; the report counts what is left out under each key."""
    count = REACH + 6
    compared = near(count, REACH)
    with ClientLoop.open("memory:", clock=ManualClock(NINE), entry_points=False) as loop:
        loop.store.commit(Unit(tuple(map(Insert, crowd(count)))))
        assert loop.customers.suggest() == Lookalikes(
            customers=count, compared=compared, crowded=1, left_out=count * (count - 1) // 2 - compared
        )


@pytest.mark.parametrize(
    "email", ["{:04}@example.com", "john{:04}smith@example.com", "same@example.com", "x+{}@gmail.com"]
)
def test_one_name_everywhere_costs_no_more_than_its_number(email: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four times as many customers of one name take less than eight times as long, whatever their addresses share."""
    reach = 5  # the work is in proportion from some times as many customers on
    monkeypatch.setattr(lookalikes, "REACH", reach)

    with ExitStack() as stack:

        def looking(count: int) -> Callable[[], None]:
            loop = stack.enter_context(ClientLoop.open("memory:", clock=ManualClock(NINE), entry_points=False))
            loop.store.commit(Unit(tuple(map(Insert, crowd(count, email=email)))))

            def work() -> None:
                assert loop.customers.suggest().compared == near(count, reach)

            return work

        assert growth(looking, 6 * reach) < LIMIT


def test_memory_does_not_grow_with_the_customers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four times as many customers take no more than twice the memory."""
    monkeypatch.setattr(SqliteStore, "pages", partialmethod(SqliteStore.pages, size=100))  # the few are two pages
    long = "John{} " + "Smith" * 40  # so that customers who are kept weigh more than what Python keeps for itself
    peaks: list[int] = []
    for count in (800, 200, 800):  # the first fills what is kept for long, whoever asks
        with ClientLoop.open(f"sqlite:///{tmp_path}/{len(peaks)}.db", entry_points=False) as loop:
            loop.store.commit(Unit(tuple(map(Insert, crowd(count, name=long)))))
            tracemalloc.start()
            assert loop.customers.suggest().customers == count
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    _, few, many = peaks
    assert many / few < 2
