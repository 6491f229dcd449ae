"""Who a person is: only proved addresses match, and anything weaker is for a person to decide."""

from datetime import UTC, datetime
from itertools import product
from uuid import UUID

import pytest

from clientloop.model.customers import Customer, Identity, IdentityKind, Suggestion, Trust
from clientloop.model.units import Insert
from clientloop.rules.people.identity import Candidate, match, same_name, suggestions

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
PROVED = {Trust.VERIFIED, Trust.VOUCHED}


def identity(customer: int, trust: Trust, kind: IdentityKind = IdentityKind.EMAIL, value: str = "a@x.si") -> Identity:
    """An address of a customer."""
    return Identity(space="main", kind=kind, value=value, customer=UUID(int=customer), trust=trust, created_at=AT)


def candidate(
    customer: int, trust: Trust, *, name: str = "Ana", kind: IdentityKind = IdentityKind.EMAIL, value: str = "a@x.si"
) -> Candidate:
    """A customer who has an address already."""
    person = Customer(space="main", id=UUID(int=customer), name=name, created_at=AT)
    return Candidate(person, identity(customer, trust, kind, value))


@pytest.mark.parametrize(("ours", "theirs"), list(product(Trust, Trust)), ids=str)
def test_only_two_proved_addresses_match(ours: Trust, theirs: Trust) -> None:
    """The same address under the same name is the same person only if both are proved; else it is suggested."""
    there = candidate(1, ours)
    found = match("ana", [identity(2, theirs)], [there])
    if {ours, theirs} <= PROVED:
        assert (found.customer, found.maybe) == (there.customer, ())
    else:
        assert (found.customer, found.maybe) == (None, (there,))


def test_the_same_address_under_another_name_is_only_suggested() -> None:
    """A shared mailbox makes nobody one person."""
    there = candidate(1, Trust.VERIFIED, name="Bor")
    assert match("Ana", [identity(2, Trust.VERIFIED)], [there]).maybe == (there,)


def test_the_id_in_another_system_names_the_person() -> None:
    """A person who has changed the name is known by the id that the shop gave."""
    there = candidate(1, Trust.VOUCHED, name="Ana Novak", kind=IdentityKind.EXTERNAL, value="shop:42")
    claimed = identity(2, Trust.VOUCHED, IdentityKind.EXTERNAL, "shop:42")
    assert match("Ana Kovač", [claimed], [there]).customer == there.customer


def test_of_several_the_proved_one_matches_and_the_others_are_suggested() -> None:
    """Whoever else shares an address may be the same person as well."""
    weak, proved, other = (
        candidate(1, Trust.CLAIMED),
        candidate(2, Trust.VOUCHED),
        candidate(3, Trust.VOUCHED, name="B"),
    )
    found = match("Ana", [identity(9, Trust.VOUCHED)], [weak, proved, other])
    assert (found.customer, found.maybe) == (proved.customer, (weak, other))


def test_nobody_known_is_nobody() -> None:
    """A new address matches nobody and suggests nobody."""
    found = match("Ana", [identity(9, Trust.VERIFIED)], [])
    assert (found.customer, found.maybe) == (None, ())


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ana Novak", "ANA  novak ", True),
        ("Straße", "STRASSE", True),
        ("", "Ana", True),
        ("Ana", " ", True),
        ("Ana Novak", "Novak Ana", False),
        ("Ana", "Anna", False),
    ],
)
def test_names_are_compared_without_case_and_spaces(one: str, other: str, same: bool) -> None:
    """Two names are the same if they read the same; an unknown name agrees with any."""
    assert same_name(one, other) is same
    assert same_name(other, one) is same


def test_a_customer_is_suggested_once_however_many_addresses_are_shared() -> None:
    """Two shared addresses make one suggestion, with the evidence in it."""
    maybe = [candidate(1, Trust.CLAIMED), candidate(1, Trust.CLAIMED, value="b@x.si"), candidate(2, Trust.CLAIMED)]
    new = Customer(space="main", id=UUID(int=9), name="Ana", created_at=AT)
    claimed = [identity(9, Trust.VERIFIED, value=value) for value in ("a@x.si", "b@x.si")]
    changes = suggestions(new, claimed, maybe, now=AT)
    records = [change.record for change in changes if isinstance(change, Insert)]
    assert [(each.first.int, each.second.int) for each in records if isinstance(each, Suggestion)] == [(1, 9), (2, 9)]
    assert isinstance(records[0], Suggestion)
    assert records[0].evidence == {
        "score": 0.6667,
        "signs": [
            {"sign": "same_email", "weight": 8, "first": "a@x.si", "second": "a@x.si", "trust": "claimed"},
            {"sign": "one_word", "weight": 1, "first": "Ana", "second": "Ana"},
        ],
    }
    assert suggestions(new, claimed, (), now=AT) == ()
