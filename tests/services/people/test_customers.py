"""Customers as applications add and find them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest

from clientloop import ClientLoop, ManualClock
from clientloop.errors import Conflict, InvalidValue, NotFound, UnknownName
from clientloop.model.customers import Customer, CustomerClass, IdentityKind, Trust
from clientloop.model.facts import Fact, FactName
from clientloop.services.ids import id_of

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def loop() -> Iterator[ClientLoop]:
    """A Slovene firm without customers."""
    with ClientLoop.open("memory:", clock=ManualClock(NINE), region="SI", entry_points=False) as opened:
        yield opened


def test_the_same_person_with_a_proved_address_is_added_once(loop: ClientLoop) -> None:
    """A second form of the same customer finds the first, however the name and the address are written."""
    first = loop.customers.add(name="Ana Novak", email="ana@example.com")
    again = loop.customers.add(name=" ANA  novak", email="Ana@Example.com ")
    assert again == first
    assert len(loop.customers.list()) == 1
    assert len(loop.customers.suggestions()) == 0


def test_a_known_customer_keeps_the_addresses_that_are_new(loop: ClientLoop) -> None:
    """What a customer gives besides the known address is learnt, once."""
    first = loop.customers.add(name="Ana", email="ana@example.com")
    for _ in range(2):
        loop.customers.add(name="Ana", email="ana@example.com", phone="040 123 456", handle="@ana")
    kept = [(each.kind, each.value, each.given) for each in loop.customers.identities(first)]
    assert kept == [
        (IdentityKind.EMAIL, "ana@example.com", "ana@example.com"),
        (IdentityKind.HANDLE, "@ana", "@ana"),
        (IdentityKind.PHONE, "+38640123456", "040 123 456"),
    ]


@pytest.mark.parametrize(("name", "trust"), [("Bor", Trust.VERIFIED), ("Ana", Trust.ASSERTED), ("Ana", Trust.CLAIMED)])
def test_anybody_else_with_the_address_is_for_a_person_to_decide(loop: ClientLoop, name: str, trust: Trust) -> None:
    """Another name, or an address that nobody proved, makes a customer of its own and a suggestion."""
    heard: list[Fact] = []
    first = loop.customers.add(name="Ana", email="ana@example.com")
    loop.context._tell = heard.extend
    other = loop.customers.add(name=name, email="ana@example.com", trust=trust)
    assert other.id != first.id
    (suggestion,) = loop.customers.suggestions()
    assert (suggestion.first, suggestion.second) == (first.id, other.id)
    assert {fact.name for fact in heard} == {FactName.CUSTOMER_ADDED, FactName.CUSTOMER_SUGGESTED}
    assert {each.id for each in loop.customers.find(email="ANA@example.com")} == {first.id, other.id}


def test_the_id_in_the_shop_finds_a_customer_who_married(loop: ClientLoop) -> None:
    """A person with the same id in another system is the same, under a new name and a new address."""
    first = loop.customers.add(name="Ana Novak", external="shop:42", email="novak@example.com")
    again = loop.customers.add(name="Ana Kovač", external="shop:42", email="kovac@example.com")
    assert again.id == first.id
    assert loop.customers.find(email="kovac@example.com") == (first,)
    assert loop.customers.find(external="shop:42", email="novak@example.com") == (first,)


def test_a_number_is_read_where_the_customer_is(loop: ClientLoop) -> None:
    """The region of the call goes before that of the space."""
    customer = loop.customers.add(name="Max", phone="030 901820", region="DE")
    assert loop.customers.find(phone="+49 30 901820") == (customer,)
    assert loop.customers.find(phone="030 901820", region="DE") == (customer,)
    assert loop.customers.find(phone="040 123 456") == ()


def test_a_bad_address_adds_nobody(loop: ClientLoop) -> None:
    """One wrong address refuses the whole customer."""
    with pytest.raises(InvalidValue, match="no phone number"):
        loop.customers.add(name="Ana", email="ana@example.com", phone="tomorrow")
    assert len(loop.customers.list()) == 0


def test_customers_without_an_address_are_never_matched(loop: ClientLoop) -> None:
    """Two people of one name are two people."""
    first, second = loop.customers.add(name="Ana"), loop.customers.add(name="Ana")
    assert first.id != second.id
    assert len(loop.customers.suggestions()) == 0


def test_the_list_is_by_name_page_by_page(loop: ClientLoop) -> None:
    """Pages follow one another by name and end."""
    for name in ("Cene", "Ana", "Bor"):
        loop.customers.add(name=name)
    first = loop.customers.list(limit=2)
    assert [each.name for each in first] == ["Ana", "Bor"]
    rest = loop.customers.list(limit=2, after=first.next)
    assert ([each.name for each in rest], rest.next) == (["Cene"], None)


def test_a_stale_customer_is_not_changed(loop: ClientLoop) -> None:
    """Whoever sets the class of a customer that somebody else has changed since is told so."""
    customer = loop.customers.add(name="Ana")
    assert loop.customers.set_class(customer, CustomerClass.A).customer_class is CustomerClass.A
    with pytest.raises(Conflict):
        loop.customers.set_class(customer, CustomerClass.B)
    assert loop.customers.set_class(customer.id, None).customer_class is None


def test_what_a_person_is_called_and_where_she_lives_is_changed(loop: ClientLoop) -> None:
    """What is given is changed, of the person as she is shown, and the rest stays; what cannot be meant is refused."""
    kept, other = (loop.customers.add(name=name, locale="sl") for name in ("Ana Bizjak", "Ana B."))
    loop.customers.merge(kept, other, by="mia", reason="she said so")
    changed = loop.customers.change(other.id, name=" Ana Novak ", zone="America/New_York")
    assert (changed.id, changed.name, changed.locale, changed.zone) == (kept.id, "Ana Novak", "sl", "America/New_York")
    assert loop.customers.get(kept) == changed
    mistyped = (
        ({"name": " "}, InvalidValue),
        ({"zone": "Mars/Crater"}, UnknownName),
        ({"locale": "sl_SI"}, InvalidValue),
    )
    for wrong, error in mistyped:
        with pytest.raises(error):
            loop.customers.change(kept.id, **wrong)
    with pytest.raises(UnknownName, match="no time zone"):
        loop.customers.add(name="Bo", zone="Mars/Crater")
    with pytest.raises(InvalidValue, match="did you mean 'xx-YY'"):
        loop.customers.add(name="Bo", locale="xx_YY")
    with pytest.raises(Conflict):
        loop.customers.change(kept, locale="de")


def test_a_customer_of_another_space_is_not_found(loop: ClientLoop) -> None:
    """Each firm knows its own customers only."""
    customer = loop.in_space("other").customers.add(name="Ana", email="ana@example.com")
    with pytest.raises(NotFound, match=str(customer.id)):
        loop.customers.get(customer)
    assert loop.customers.find(email="ana@example.com") == ()


def test_verbs_take_a_record_an_id_or_its_text() -> None:
    """An id is found in whatever names it; what is none is refused."""
    number = UUID(int=7)
    customer = Customer(space="main", id=number, created_at=NINE)
    assert [id_of(each) for each in (customer, number, str(number))] == [number] * 3
    with pytest.raises(InvalidValue, match="'Ana' is no id"):
        id_of("Ana")
