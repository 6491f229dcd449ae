"""Who wrote: matched by what is proved, one person for each address that nobody has proved, and nobody for a device."""

import threading

import pytest

from clientloop.model.customers import IdentityKind, Trust
from clientloop.ports.events import Address
from tests.services.intake.mailing import ANA, Firm, email

WEAK = [Trust.ASSERTED, Trust.CLAIMED]
PROVED = [Trust.VERIFIED, Trust.VOUCHED]


@pytest.mark.parametrize("trust", PROVED)
def test_a_proved_address_is_its_customer_s(mailing: Firm, trust: Trust) -> None:
    """Who writes from an address that is proved is the customer who has it, and hears from us there."""
    ana = mailing.loop.customers.add(name="Ana", email=ANA)
    item = mailing.item(mailing.take("1", sender=email("Ana@Example.com", "Ana"), trust=trust))
    assert (item.customer, item.reply_to, mailing.customers()) == (ana.id, ANA, 1)


@pytest.mark.parametrize("trust", WEAK)
def test_a_claimed_address_is_nobody_s_until_somebody_decides(mailing: Firm, trust: Trust) -> None:
    """Who only claims an address is a customer of its own, suggested to be the one who has it, and always the same."""
    ana = mailing.loop.customers.add(name="Ana", email=ANA)
    first, second, third = (
        mailing.item(mailing.take(str(number), sender=email(ANA, name), trust=trust))
        for number, name in enumerate(("Ana", "", "Somebody else"))
    )
    assert first.customer not in {None, ana.id}
    assert {second.customer, third.customer} == {first.customer}
    assert mailing.customers() == 2
    assert mailing.suggested() == [(ana.id, first.customer)]


def test_the_address_counts_for_no_more_than_it_is_worth_itself(mailing: Firm) -> None:
    """In a message that is proved, an address that was only typed is only claimed; and the other way round."""
    ana = mailing.loop.customers.add(name="Ana", email=ANA)
    typed = mailing.take("1", sender=email(ANA, trust=Trust.CLAIMED), trust=Trust.VERIFIED)
    forged = mailing.take("2", sender=email(ANA, trust=Trust.VERIFIED), trust=Trust.CLAIMED)
    assert mailing.item(typed).customer == mailing.item(forged).customer != ana.id


def test_a_claim_on_what_a_customer_merely_said_of_itself_is_no_match(mailing: Firm) -> None:
    """An address that a known customer has given and not proved makes nobody else that customer."""
    known = mailing.take("1", extra={"contacts": {"phone": "+38640123456"}})
    by_phone = Address(kind=IdentityKind.PHONE, value="+38640123456")
    other = mailing.take("2", sender=by_phone, trust=Trust.CLAIMED)
    assert mailing.item(other).customer != mailing.item(known).customer
    assert mailing.suggested() == [(mailing.item(known).customer, mailing.item(other).customer)]


def test_once_somebody_has_decided_it_stays_decided(mailing: Firm) -> None:
    """After a merge, whoever claims the address is shown as the customer that it was merged into."""
    ana = mailing.loop.customers.add(name="Ana", email=ANA)
    claimed = mailing.item(mailing.take("1", trust=Trust.CLAIMED))
    mailing.loop.customers.merge(ana, claimed.customer, by="mia", reason="she called")
    again = mailing.item(mailing.take("2", trust=Trust.CLAIMED))
    assert again.customer == claimed.customer
    assert mailing.loop.customers.get(again.customer).id == ana.id
    assert mailing.customers() == 1


def test_whoever_claims_an_address_that_was_split_off_is_the_other_one(mailing: Firm) -> None:
    """After a split, words that claim the address are put down to the person whom it went to."""
    first, second = (mailing.item(mailing.take(key, trust=Trust.CLAIMED)) for key in ("1", "2"))
    assert first.customer is not None
    identities = mailing.loop.customers.identities(first.customer)
    other = mailing.loop.customers.split(
        first.customer, interactions=[second.id], identities=identities, by="mia", reason="her sister"
    )
    assert mailing.item(mailing.take("3", trust=Trust.CLAIMED)).customer == other.id


def test_another_name_at_a_proved_address_is_another_customer(mailing: Firm) -> None:
    """Two names at one proved address are two customers who may be one; an unknown name is taken for the known one."""
    ana = mailing.take("1", sender=email(ANA, "Ana"))
    bor = mailing.take("2", sender=email(ANA, "Bor"))
    nameless = mailing.take("3", sender=email(ANA))
    customers = [mailing.item(each).customer for each in (ana, bor, nameless)]
    assert customers[0] != customers[1]
    assert customers[2] == customers[0]
    assert mailing.suggested() == [(customers[0], customers[1])]


def test_a_name_is_learnt(mailing: Firm) -> None:
    """Whoever wrote without a name and then with one is called so from then on."""
    first = mailing.take("1")
    mailing.take("2", sender=email(ANA, "Ana"))
    assert mailing.loop.customers.get(mailing.item(first).customer).name == "Ana"


@pytest.mark.parametrize(
    "sender",
    [
        Address(kind=IdentityKind.COOKIE, value="c-1"),
        Address(kind=IdentityKind.EXTERNAL, value="c-1", trust=Trust.DEVICE),
        email("MAILER-DAEMON"),
        email(" "),
        Address(kind=IdentityKind.HANDLE, value="x" * 501),
    ],
    ids=repr,
)
def test_nobody_is_made_of_a_device_or_of_no_address(mailing: Firm, sender: Address) -> None:
    """Words from a device, or from what is no address, open a loop without a customer and without an address."""
    item = mailing.item(mailing.take("1", sender=sender))
    assert (item.customer, item.reply_to, mailing.customers()) == (None, None, 0)
    assert mailing.interaction(item.id).extra["sender"]["value"] == sender.value


def test_further_addresses_are_kept_as_claimed(mailing: Firm) -> None:
    """What else a sender gives to be reached is kept for the new customer, normalised, and proves nothing."""
    contacts = {"phone": "+386 40 123 456", "handle": "@ana", "email": "no address"}
    item = mailing.item(mailing.take("1", extra={"contacts": contacts}))
    found = {each.kind.value: (each.value, each.trust) for each in mailing.loop.customers.identities(item.customer)}
    assert found == {
        "email": (ANA, Trust.VOUCHED),
        "phone": ("+38640123456", Trust.CLAIMED),
        "handle": ("@ana", Trust.CLAIMED),
    }


def test_two_who_claim_an_address_at_once_are_one(mailing: Firm) -> None:
    """Of messages that come at the same instant from an address that nobody knows, one makes the customer."""
    start, taken = threading.Barrier(4), []

    def send(number: int) -> None:
        start.wait(timeout=30)
        taken.append(mailing.take(str(number), trust=Trust.CLAIMED))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len({mailing.item(each).customer for each in taken}) == 1
    assert (len(taken), mailing.customers()) == (4, 1)
