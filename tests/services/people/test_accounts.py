"""Companies, the persons who belong to them, and what is known of them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from clientloop import ClientLoop
from clientloop.errors import InvalidValue, NotFound
from clientloop.model.accounts import Account, Topic
from clientloop.model.customers import CustomerClass
from clientloop.rules.measures.remarks import Remark, RemarkKind
from tests.services.persons import NINE, STORES, open_firm, two_customers


@pytest.fixture(params=STORES)
def loop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ClientLoop]:
    """A firm without customers, in memory and in a file."""
    with open_firm(request.param.format(tmp_path)) as opened:
        yield opened


def test_accounts_are_listed_by_name_and_found_by_a_part_of_it(loop: ClientLoop) -> None:
    """Pages are by name; case does not matter, and two companies may have one name."""
    for name in ("Mill & Sons", " Old mill ", "Bakery", "Bakery"):
        loop.accounts.add(name, customer_class=CustomerClass.A, extra={"vat": 7})
    assert [each.name for each in loop.accounts.list()] == ["Bakery", "Bakery", "Mill & Sons", "Old mill"]
    first = loop.accounts.find("MILL", limit=1)
    rest = loop.accounts.find("MILL", after=first.next)
    assert [each.name for each in (*first, *rest)] == ["Mill & Sons", "Old mill"]
    assert loop.accounts.get(str(first.items[0].id)) == first.items[0]
    with pytest.raises(InvalidValue, match="name the company"):
        loop.accounts.add(" ")
    with pytest.raises(NotFound, match="no account"):
        loop.accounts.get(UUID(int=7))


def test_a_person_belongs_to_a_company_once(loop: ClientLoop) -> None:
    """Linking again sets the post; whoever was merged is one person there, and leaves under either id."""
    mill = loop.accounts.add("Mill")
    kept, absorbed = two_customers(loop)
    loop.accounts.link(mill, kept)
    loop.accounts.link(mill.id, absorbed, post="buyer")
    assert loop.accounts.link(mill, absorbed, post="head buyer").version == 2
    assert [each.post for each in loop.accounts.contacts(mill)] == ["", "head buyer"]
    loop.customers.merge(kept, absorbed, by="mia", reason="same")
    (person,) = loop.accounts.contacts(mill)
    assert (person.customer, person.post, person.since) == (loop.customers.get(kept), "head buyer", NINE)
    assert loop.accounts.of(absorbed) == (mill,)
    loop.accounts.unlink(mill, absorbed)
    assert (loop.accounts.contacts(mill), loop.accounts.of(kept)) == ((), ())
    with pytest.raises(NotFound, match="does not belong"):
        loop.accounts.unlink(mill, kept)
    with pytest.raises(NotFound, match="no customer"):
        loop.accounts.link(mill, UUID(int=7))


def test_insights_are_kept_with_source_and_date(loop: ClientLoop) -> None:
    """What is learnt later stands before what was known; nothing is overwritten; a topic can be asked for."""
    mill, (ana, same) = loop.accounts.add("Mill"), two_customers(loop)
    for number, topic in enumerate((Topic.AIM, Topic.TREND, Topic.AIM)):
        at = NINE - timedelta(days=3 - number)
        loop.accounts.learn(mill, topic, f" {number} ", source="annual report", at=at, by="mia")
    loop.customers.learn(ana, Topic.QUESTION, "Does it fold?", source="fair", by="mia")
    assert [(each.text, each.source, each.by) for each in loop.accounts.insights(mill, Topic.AIM)] == [
        ("2", "annual report", "mia"), ("0", "annual report", "mia"),
    ]  # fmt: skip
    first = loop.accounts.insights(mill, limit=2)
    rest = loop.accounts.insights(mill, after=first.next)
    assert [each.text for each in (*first, *rest)] == ["2", "1", "0"]
    loop.customers.merge(same, ana, by="mia", reason="same")
    (asked,) = loop.customers.insights(same, Topic.QUESTION)
    assert (asked.text, asked.subject, asked.at) == ("Does it fold?", ana.id, NINE)
    assert len(loop.customers.insights(same, Topic.AIM)) == 0
    for wrong in ({"text": " ", "source": "talk"}, {"text": "chess", "source": ""}):
        with pytest.raises(InvalidValue, match="an insight without"):
            loop.customers.learn(ana, Topic.PERSON, by="mia", **wrong)
    with pytest.raises(NotFound):
        loop.customers.learn(UUID(int=7), Topic.PERSON, "chess", source="talk", by="mia")
    with pytest.raises(NotFound):
        loop.accounts.learn(UUID(int=7), Topic.AIM, "more", source="talk", by="mia")


def test_the_card_shows_what_is_known_by_topic(loop: ClientLoop) -> None:
    """Before a talk: the latest aim first, each with its source, the persons, and nothing on topics nobody knows of."""
    mill, (ana, _) = loop.accounts.add("Mill"), two_customers(loop)
    loop.accounts.link(mill, ana, post="buyer")
    for number in range(3):
        loop.accounts.learn(
            mill, Topic.AIM, f"{number} mills", source="talk", at=NINE - timedelta(days=9 - number), by="mia"
        )
    loop.accounts.learn(mill, Topic.RESULT, "a third less waste", source="visit", by="tim")
    card = loop.accounts.card(mill)
    assert (card.account, card.known.keys()) == (mill, {Topic.AIM, Topic.RESULT})
    assert [each.text for each in card.known[Topic.AIM]] == ["2 mills", "1 mills", "0 mills"]
    assert [(each.customer.name, each.post) for each in card.persons] == [("Ana Novak", "buyer")]
    assert card.remarks == ()


@pytest.mark.parametrize(("large", "known", "wanted", "remarked"), [
    (True, 4, None, True), (True, 5, None, False), (False, 0, None, False), (True, 2, 3, True), (True, 3, 3, False),
])  # fmt: skip
def test_a_large_deal_wants_persons(
    loop: ClientLoop, large: bool, known: int, wanted: int | None, remarked: bool
) -> None:
    """A large deal with fewer known persons than are wanted, five unless set, is remarked with both numbers."""
    if wanted is not None:
        loop.settings.set("contacts_wanted", wanted)
    mill: Account = loop.accounts.add("Mill", large=large)
    for number in range(known):
        loop.accounts.link(mill, loop.customers.add(name=f"{number}"))
    few = Remark(kind=RemarkKind.FEW_CONTACTS, found=known, wanted=wanted or 5)
    assert loop.accounts.card(mill).remarks == ((few,) if remarked else ())
