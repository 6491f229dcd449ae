"""Addresses that are left alone."""

import sqlite3
from contextlib import closing, nullcontext, suppress
from pathlib import Path
from unittest.mock import Mock

import pytest

from clientloop import ClientLoop
from clientloop.errors import Conflict, InvalidValue
from clientloop.model.customers import Consent, IdentityKind, Purpose
from clientloop.model.permission import Suppression, SuppressionReason
from clientloop.model.record import record_of
from clientloop.model.spaces import PluginState
from clientloop.model.units import Unit
from clientloop.services.outgoing.suppression import digest_of
from tests.services.outgoing.mailing import KEY, MAIL, PHONE, Mailing


def test_an_address_is_known_however_it_is_written(mailing: Mailing) -> None:
    """The normal form counts: case and spaces in a mail address, the country code in a number."""
    mailing.loop.consent.suppress(" ANA@Example.com")
    mailing.loop.consent.suppress("040 123 456", purposes=[Purpose.SURVEY])
    assert {row.purpose for row in mailing.loop.consent.suppressed(MAIL)} == {
        Purpose.SERVICE, Purpose.SURVEY, Purpose.MARKETING,
    }  # fmt: skip
    (row,) = mailing.loop.consent.suppressed(PHONE)
    assert (row.purpose, row.reason, row.kind) == (Purpose.SURVEY, SuppressionReason.MANUAL, IdentityKind.PHONE)
    assert not mailing.loop.consent.suppressed("eva@example.com")


def test_a_handle_needs_its_kind(mailing: Mailing) -> None:
    """What is neither mail nor a number is refused, unless it is said what it is."""
    with pytest.raises(InvalidValue):
        mailing.loop.consent.suppress("ana_the_first")
    mailing.loop.consent.suppress("ana_the_first", kind=IdentityKind.HANDLE)
    assert mailing.loop.consent.suppressed("ana_the_first", kind=IdentityKind.HANDLE)
    assert "no service to this address" in str(mailing.send(None, Purpose.SERVICE, channel="chat", to="ana_the_first"))


def test_taking_back_takes_back_what_is_named(mailing: Mailing) -> None:
    """One reason, one purpose, or all of it; at the very moment at which it was said, too."""
    consent = mailing.loop.consent
    for reason in (SuppressionReason.BOUNCE, SuppressionReason.MANUAL):
        consent.suppress(MAIL, reason=reason)
    consent.unsuppress(MAIL, purposes=[Purpose.SERVICE])
    consent.unsuppress(MAIL, reason=SuppressionReason.BOUNCE)
    left = {(row.purpose, row.reason) for row in consent.suppressed(MAIL)}
    assert left == {(purpose, SuppressionReason.MANUAL) for purpose in (Purpose.SURVEY, Purpose.MARKETING)}
    consent.unsuppress(MAIL)
    assert not consent.suppressed(MAIL)
    consent.suppress(MAIL)
    assert len(consent.suppressed(MAIL)) == 3


def test_the_list_names_nobody(mailing: Mailing) -> None:
    """Nothing on it is personal data but for a hash, which nobody undoes without the key; firms share no hashes."""
    mailing.loop.consent.suppress(MAIL)
    (row, *_) = mailing.loop.store.pages(Suppression, "main")
    columns = record_of(Suppression).columns.values()
    assert not any(column.personal for column in columns)
    assert MAIL.encode() not in repr(row).encode()
    place, other = (IdentityKind.EMAIL, MAIL), mailing.loop.in_space("other")
    digests = {
        digest_of(mailing.context, place),
        digest_of(mailing.context, place, "email"),
        digest_of(mailing.context, (IdentityKind.HANDLE, MAIL)),
        digest_of(other.context, place),
    }
    assert (len(digests), {len(digest) for digest in digests}) == (4, {32})
    assert not other.consent.suppressed(MAIL)


def test_a_key_of_the_firms_own_is_kept(url: str) -> None:
    """Without a key from the application a random one is made once and kept; two firms have two."""
    with ClientLoop.open(url, entry_points=False) as loop:
        loop.consent.suppress(MAIL)
        digest = digest_of(loop.context, (IdentityKind.EMAIL, MAIL))
        assert digest_of(loop.in_space("other").context, (IdentityKind.EMAIL, MAIL)) != digest
        assert loop.in_space("main").consent.suppressed(MAIL)
    with ClientLoop.open("memory:", entry_points=False) as other:
        assert digest_of(other.context, (IdentityKind.EMAIL, MAIL)) != digest


def test_the_key_is_read_once(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every message to an address asks for it, and on a server each question is a trip."""
    with ClientLoop.open(url, entry_points=False) as loop:
        loop.consent.suppress(MAIL)
        loop.consent.suppressed(MAIL)
        asked = Mock(wraps=loop.store.get)
        monkeypatch.setattr(loop.store, "get", asked)
        assert loop.consent.suppressed(MAIL)
        assert PluginState not in {call.args[0] for call in asked.call_args_list}


def test_a_key_that_was_never_committed_is_forgotten(tmp_path: Path) -> None:
    """An application that takes back a part of its transaction takes back the key that was made in it."""
    with ClientLoop.open(f"sqlite:///{tmp_path}/shop.db", entry_points=False) as loop:
        with closing(sqlite3.connect(tmp_path / "shop.db", isolation_level=None)) as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("BEGIN IMMEDIATE")
            with loop.joined(connection) as joined:
                connection.execute("SAVEPOINT before")
                joined.consent.suppress(MAIL)
                assert joined.consent.suppressed(MAIL)
                connection.execute("ROLLBACK TO before")
                joined.consent.suppress(MAIL)
            connection.execute("COMMIT")
        assert loop.consent.suppressed(MAIL)


def test_a_key_that_could_be_guessed_is_refused() -> None:
    """The hint says how to make one; the key itself is not repeated anywhere."""
    with pytest.raises(InvalidValue, match=r"a suppression key of 5 bytes: .*token_hex") as error:
        ClientLoop.open("memory:", suppression_key="hello")
    assert "hello" not in str(error.value)
    with ClientLoop.open("memory:", suppression_key=KEY.encode()) as loop:
        assert KEY not in repr(loop.context.parts)


def test_what_can_be_no_address_is_left_alone_too(mailing: Mailing) -> None:
    """A channel may have sent to what is no address by our rules, and its holder may say stop all the same."""
    mailing.hear(address="12", channel="sms", reason=SuppressionReason.STOP)
    assert "(stop)" in str(mailing.send(None, Purpose.SERVICE, channel="sms", to="12"))


@pytest.mark.parametrize("times", [1, 5])
def test_who_was_slower_says_it_again(mailing: Mailing, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """A word and an entry on the list are written anew where somebody else wrote on the same matter; not for ever."""
    ana, store = mailing.ana(), mailing.loop.store
    commit, left = store.commit, [times, times]

    def slower(unit: Unit) -> None:
        mine = Consent if unit.changes[0].cls is Consent else Suppression
        if left[mine is Suppression]:
            left[mine is Suppression] -= 1
            raise Conflict("somebody else was faster")
        commit(unit)

    mailing.loop.consent.suppress(MAIL, purposes=[Purpose.SURVEY])
    monkeypatch.setattr(store, "commit", slower)
    for say in (
        lambda: mailing.loop.consent.forbid(ana, Purpose.MARKETING, proof="call"),
        lambda: mailing.loop.consent.unsuppress(MAIL),
    ):
        with suppress(Conflict) if times == 5 else nullcontext():
            say()
    assert mailing.loop.consent.may_send(ana, Purpose.MARKETING, "email").allowed is (times == 5)
    assert mailing.loop.consent.may_send(ana, Purpose.SURVEY, "email").allowed is (times == 1)
