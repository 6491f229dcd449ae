"""How customers can be reached."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from clientloop import ClientLoop, InteractionKind, ManualClock
from clientloop.model.customers import Customer, Purpose, Trust
from clientloop.stores.memory.store import MemoryStore

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def loop() -> Iterator[ClientLoop]:
    """A shop in memory."""
    with ClientLoop.open("memory:", region="SI", clock=ManualClock(NOW), entry_points=False) as loop:
        yield loop


def test_a_customer_has_one_row_with_the_address_that_is_proved_best(loop: ClientLoop) -> None:
    """Of two e-mail addresses the better proved one is shown, and the other is not lost."""
    ana = loop.customers.add(name="Ana", phone="040 123 456", trust=Trust.ASSERTED)
    for address, trust in (("old@example.com", Trust.CLAIMED), ("new@example.com", Trust.VERIFIED)):
        loop.customers.add_identities(ana, email=address, trust=trust)
    firm = loop.accounts.add(name="Novak Ltd")
    loop.accounts.link(firm, ana, post="buyer")
    [row] = loop.reports.contacts()
    assert (row.name, row.email, row.email_trust) == ("Ana", "new@example.com", Trust.VERIFIED)
    assert (row.phone, row.phone_trust, row.handle) == ("+38640123456", Trust.ASSERTED, None)
    assert row.further == ("email old@example.com (claimed)",)
    assert (row.accounts, row.posts) == (("Novak Ltd",), ("buyer",))


def test_a_person_of_two_records_is_one_row(loop: ClientLoop) -> None:
    """With the addresses, the words and the contacts of both; whom two records are, is one person."""
    ana, anna = (
        loop.customers.add(name="Ana", email="ana@example.com"),
        loop.customers.add(name="Anna", phone="040123456"),
    )
    loop.consent.allow(anna, Purpose.MARKETING, proof="form")
    loop.interactions.record(
        kind=InteractionKind.CALL, channel="phone", customer=anna, occurred_at=NOW - timedelta(days=3)
    )
    loop.interactions.record(
        kind=InteractionKind.PURCHASE, channel="shop", customer=ana, occurred_at=NOW - timedelta(days=1)
    )
    loop.customers.merge(ana, anna, by="mia", reason="the same voice")
    [row] = loop.reports.contacts()
    assert (row.name, row.email, row.phone) == ("Ana", "ana@example.com", "+38640123456")
    assert (row.allows, row.forbids) == (("marketing",), ())
    assert row.last_contact == NOW - timedelta(days=3), "a purchase is no talk"


def test_a_person_of_two_records_belongs_to_a_company_once(loop: ClientLoop) -> None:
    """With what the person does there as it was said first; what is the same elsewhere is said of each company."""
    ana, anna, anne = (loop.customers.add(name=name) for name in ("Ana", "Anna", "Anne"))
    firm, shop = (loop.accounts.add(name=name) for name in ("Novak Ltd", "Novak Shops"))
    loop.accounts.link(firm, ana)
    for customer, account, post in ((anna, firm, "buyer"), (anne, firm, "cook"), (anna, shop, "buyer")):
        loop.accounts.link(account, customer, post=post)
    for other in (anna, anne):
        loop.customers.merge(ana, other, by="mia", reason="the same voice")
    [row] = loop.reports.contacts()
    assert (row.accounts, row.posts) == (("Novak Ltd", "Novak Shops"), ("buyer", "buyer"))
    assert [person.post for person in loop.accounts.contacts(firm)] == ["buyer"]


def test_what_is_forbidden_is_said_by_channel(loop: ClientLoop) -> None:
    """Nobody writes to the address for what its owner has forbidden there."""
    ana = loop.customers.add(name="Ana", email="ana@example.com")
    loop.consent.forbid(ana, Purpose.SURVEY, channel="email", proof="a letter")
    [row] = loop.reports.contacts()
    assert (row.allows, row.forbids) == ((), ("survey by email",))


def test_a_listing_is_read_as_one_goes_through_it(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first rows come when one page of customers has been read, and who came meanwhile is in the next reading."""
    for number in range(450):
        loop.customers.add(name=f"Customer {number:03}")
    asked = []
    page = MemoryStore.page

    def counted(self, cls, *args, **options):  # type: ignore[no-untyped-def]  # as the method
        asked.append(cls)
        return page(self, cls, *args, **options)

    monkeypatch.setattr(MemoryStore, "page", counted)
    contacts = loop.reports.contacts()
    assert not asked
    assert next(iter(contacts)).name == "Customer 000"
    assert asked.count(Customer) == 1
    loop.customers.add(name="Zora")
    assert [row.name for row in contacts][-2:] == ["Customer 449", "Zora"]


def test_identities_of_no_column_are_further_addresses(loop: ClientLoop) -> None:
    """An id in another system is one."""
    loop.customers.add(name="Ana", external="shop:7")
    [row] = loop.reports.contacts()
    assert row.further == ("external shop:7 (vouched)",)
