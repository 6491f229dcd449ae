"""The class of persons of companies, where somebody's word and the night's writing meet."""

from datetime import timedelta

import pytest

from clientloop import ClientLoop, ManualClock
from clientloop.model.accounts import Account
from clientloop.model.customers import Customer, CustomerClass
from clientloop.model.units import Unit, Update
from clientloop.services.relationships import reassessing
from tests.services.relationships.models import buy, firm_with

DAY = timedelta(days=1)


@pytest.fixture
def firm(loop: ClientLoop, clock: ManualClock) -> tuple[Account, Customer]:
    """A company of class A that is about to become C, and its one person."""
    ana, bob = (loop.customers.add(name=name) for name in ("Ana", "Bob"))
    mill = firm_with(loop, ana)
    buy(loop, ana, 100_00, days_ago=1)
    loop.relationships.reassess(["abc"])
    assert loop.customers.get(ana).customer_class is CustomerClass.A
    buy(loop, bob, 9_000_00)
    clock.advance(DAY)
    return mill, ana


def _classes(loop: ClientLoop, mill: Account, ana: Customer) -> tuple[CustomerClass | None, CustomerClass | None]:
    return loop.accounts.get(mill).customer_class, loop.customers.get(ana).customer_class


def _insist(loop: ClientLoop, ana: Customer) -> None:
    """Say of a person the class that it has, so that nothing of the customer itself changes."""
    loop.relationships.set(ana, "abc", "A", by="mia", reason="decides")


def test_a_word_said_while_the_night_writes_stands(
    loop: ClientLoop, firm: tuple[Account, Customer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The class of the company, which changes in a step of that night, does not go over it."""
    monkeypatch.setattr(reassessing, "batches", lambda subjects: ([one] for one in subjects))
    mill, ana = firm

    def beat() -> None:
        if loop.relationships.of(ana)["abc"].subject == mill.id:
            _insist(loop, ana)

    reassessing.reassess(loop.context, ["abc"], beat)
    assert _classes(loop, mill, ana) == (CustomerClass.C, CustomerClass.A)


def test_a_word_said_while_a_step_is_written_stands(
    loop: ClientLoop, firm: tuple[Account, Customer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step that has looked before the word was said is refused, and looks again."""
    mill, ana = firm
    commit, words = loop.store.commit, [_insist]

    def disturbed(unit: Unit) -> None:
        if words and any(isinstance(each, Update) and each.key[1] == mill.id for each in unit.changes):
            words.pop()(loop, ana)
        commit(unit)

    monkeypatch.setattr(loop.store, "commit", disturbed)
    [told] = loop.relationships.reassess(["abc"]).values()
    assert (words, told.skipped) == ([], 0)
    assert _classes(loop, mill, ana) == (CustomerClass.C, CustomerClass.A)


def test_a_class_that_differs_from_the_word_is_mended_by_night(
    loop: ClientLoop, firm: tuple[Account, Customer]
) -> None:
    """Of a person of a company as of everybody else; whoever has no word has the class of the company again."""
    mill, ana = firm
    _insist(loop, ana)
    tom = loop.customers.add(name="Tom")
    loop.accounts.link(mill, tom)
    loop.relationships.reassess(["abc"])
    for person in (ana, tom):
        loop.store.commit(Unit((Update(Customer, ("main", person.id), {"customer_class": CustomerClass.B}),)))
    loop.relationships.reassess(["abc"])
    assert [loop.customers.get(each).customer_class for each in (ana, tom)] == [CustomerClass.A, CustomerClass.C]


def test_a_person_of_two_companies_has_the_class_of_the_first(
    loop: ClientLoop, clock: ManualClock, firm: tuple[Account, Customer]
) -> None:
    """What is said of the second changes nothing, by day as by night, under whichever id the person is linked."""
    mill, ana = firm
    second, double = loop.accounts.add("Second"), loop.customers.add(name="A.")
    loop.accounts.link(second, ana)
    loop.accounts.link(second, double)
    loop.customers.merge(ana.id, double.id, by="mia", reason="she said so")
    loop.relationships.set(second, "abc", "B", by="mia", reason="small")
    assert _classes(loop, mill, ana) == (CustomerClass.A, CustomerClass.A)
    loop.accounts.unlink(mill, ana)
    loop.relationships.set(second, "abc", "C", by="mia", reason="smaller")
    assert loop.customers.get(ana).customer_class is CustomerClass.C
