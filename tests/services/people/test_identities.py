"""Addresses of customers: learnt, proved, and taken away."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from clientloop import ClientLoop, ManualClock
from clientloop.errors import InvalidValue, NotAllowed, NotFound
from clientloop.model.customers import IdentityKind, Trust
from clientloop.model.work import SYSTEM


@pytest.fixture(params=["memory:", "sqlite"])
def loop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClientLoop]:
    """A Slovene firm without customers."""
    url = request.param if request.param == "memory:" else f"sqlite:///{tmp_path_factory.mktemp('store')}/x.db"
    clock = ManualClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
    with ClientLoop.open(url, clock=clock, region="SI", entry_points=False) as opened:
        yield opened


def test_an_address_is_learnt_in_its_normal_form(loop: ClientLoop) -> None:
    """With the trust that it was given, and found by any way of writing it."""
    ana = loop.customers.add(name="Ana")
    loop.customers.add_identities(ana, phone="040 123 456", handle="@ana", external="shop:7", email="ANA@example.com")
    kept = {one.kind: (one.value, one.trust) for one in loop.customers.identities(ana)}
    assert kept == {
        IdentityKind.PHONE: ("+38640123456", Trust.ASSERTED),
        IdentityKind.HANDLE: ("@ana", Trust.ASSERTED),
        IdentityKind.EXTERNAL: ("shop:7", Trust.ASSERTED),
        IdentityKind.EMAIL: ("ana@example.com", Trust.ASSERTED),
    }
    assert loop.customers.find(handle="@ana") == loop.customers.find(phone="+386 40 123 456") == (ana,)


def test_trust_only_rises(loop: ClientLoop) -> None:
    """Whoever has proved an address has proved it, whatever somebody types later."""
    ana = loop.customers.add(name="Ana", email="ana@example.com", trust=Trust.CLAIMED)
    for trust, held in [
        (Trust.ASSERTED, Trust.ASSERTED), (Trust.VERIFIED, Trust.VERIFIED), (Trust.CLAIMED, Trust.VERIFIED),
    ]:  # fmt: skip
        [identity] = loop.customers.add_identities(ana, email="ana@example.com", trust=trust)
        assert identity.trust is held


def test_a_proved_address_matches_from_then_on(loop: ClientLoop) -> None:
    """That is what proving is for."""
    ana = loop.customers.add(name="Ana", email="ana@example.com", trust=Trust.CLAIMED)
    loop.customers.add_identities(ana, email="ana@example.com", trust=Trust.VERIFIED)
    assert loop.customers.add(name="Ana", email="ana@example.com") == ana


def test_whoever_has_the_address_already_is_suggested_once(loop: ClientLoop) -> None:
    """Nobody is merged, and nobody is asked again about the same two."""
    bor = loop.customers.add(name="Bor", phone="040 123 456")
    ana = loop.customers.add(name="Ana", email="ana@example.com")
    loop.customers.add_identities(ana, phone="040 123 456")
    loop.customers.add_identities(bor, email="ana@example.com")
    [suggestion] = loop.customers.suggestions()
    assert {suggestion.first, suggestion.second} == {ana.id, bor.id}
    assert {one.id for one in loop.customers.find(phone="040 123 456")} == {ana.id, bor.id}


def test_an_address_of_one_of_two_that_are_one_is_the_persons(loop: ClientLoop) -> None:
    """Its trust rises where it is kept, and it is not written down twice."""
    old = loop.customers.add(name="Ana", email="ana@example.com", trust=Trust.CLAIMED)
    ana = loop.customers.add(name="Ana N.", phone="040 123 456")
    loop.customers.merge(ana, old, by="mia", reason="the same person")
    kept = loop.customers.add_identities(ana, email="ana@example.com", trust=Trust.VERIFIED)
    assert [(one.customer, one.trust) for one in kept if one.kind is IdentityKind.EMAIL] == [(old.id, Trust.VERIFIED)]


def test_a_wrong_address_is_taken_away(loop: ClientLoop) -> None:
    """By somebody of the firm; it then finds nobody."""
    ana = loop.customers.add(name="Ana", email="ana@example.com", phone="040 123 456")
    email = next(one for one in loop.customers.identities(ana) if one.kind is IdentityKind.EMAIL)
    with pytest.raises(NotAllowed):
        loop.customers.remove_identity(ana, email, by=SYSTEM)
    loop.customers.remove_identity(ana, email, by="mia")
    assert loop.customers.find(email="ana@example.com") == ()
    assert loop.customers.find(phone="040 123 456") == (ana,)
    with pytest.raises(NotFound, match="has no such email"):
        loop.customers.remove_identity(ana, email, by="mia")


def test_no_address_is_none(loop: ClientLoop) -> None:
    """And one that cannot be an address is none either; nothing is written then."""
    ana = loop.customers.add(name="Ana")
    with pytest.raises(InvalidValue, match="no address is given"):
        loop.customers.add_identities(ana)
    with pytest.raises(InvalidValue, match="is no e-mail address"):
        loop.customers.add_identities(ana, phone="040 123 456", email="ana at home")
    assert loop.customers.identities(ana) == ()
