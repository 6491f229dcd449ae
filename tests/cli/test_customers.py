"""The commands on customers: find, show, add, timeline, export."""

import json
from datetime import timedelta

import pytest

from clientloop import CustomerClass
from clientloop.model.accounts import Topic
from clientloop.model.interactions import InteractionKind
from clientloop.model.money import Money


@pytest.fixture
def ana(shop):
    """A customer."""
    return shop.customers.add(
        name="Ana Bizjak", email="ana@example.com", phone="040 123 456", customer_class=CustomerClass.A
    )


@pytest.mark.parametrize(
    "asked",
    [
        ("--email", "ANA@example.com"),
        ("--phone", "+38640123456"),
        ("--phone", "040 123 456"),
        ("--name", "bizja"),
        ("--name", "Ana Bizjak", "--email", "ana@example.com"),
    ],
)
def test_customers_are_found_by_what_is_known(run, ana, asked):
    """An address in whatever form, or a part of the name, finds a customer once."""
    assert [each["id"] for each in run("customers", "find", *asked, "--json").json["customers"]] == [str(ana.id)]
    [head, row] = run("customers", "find", *asked).out.splitlines()
    assert head.split() == ["id", "name", "class", "addresses", "since"]
    assert row == f"{ana.id}  Ana Bizjak  A      ana@example.com, +38640123456  2026-03-02"


def test_nobody_is_found_quietly_and_nothing_is_looked_for_loudly(run, ana):
    """A search without a result says so; one without a question is refused."""
    assert run("customers", "find", "--email", "bo@example.com").out == "Nobody was found.\n"
    assert "the limit is -5" in run("customers", "find", "--email", "ana@example.com", "-n", "-5").err
    assert run("customers", "find", "--email", "bo@example.com", "--json").json == {"customers": []}
    assert "nothing to look for" in run("customers", "find").err


def test_a_customer_is_added_as_somebody_asserts(run, shop):
    """What is typed is asserted, no more: the same address again makes a suggestion, and no match."""
    first = run("customers", "add", "Bo Kos", "--email", "bo@example.com", "--class", "B", "--json").json
    second = run("customers", "add", "Bo Kos", "--email", "bo@example.com").out.split()[0]
    assert (first["name"], first["customer_class"]) == ("Bo Kos", "B")
    assert first["id"] != second
    assert [identity.trust for identity in shop.customers.identities(first["id"])] == ["asserted"]
    assert len(shop.customers.suggestions()) == 1


@pytest.mark.parametrize("name", ["Ana Bizjak", "ana@example.com", "040 123 456", "id"])
def test_a_customer_is_named_in_many_ways(run, ana, name):
    """Id, address, number or the whole name: each names the customer."""
    shown = run("customers", "show", str(ana.id) if name == "id" else name)
    assert shown.out.startswith(f"Ana Bizjak\n  id        {ana.id}\n  class     A\n")


def test_names_that_several_have_are_refused(run, shop, ana):
    """Of several customers of one name each is listed with its id; a name that nobody has is refused, too."""
    other = shop.customers.add(name="Ana Bizjak", email="bizjak@example.com")
    done = run("customers", "show", "Ana Bizjak")
    assert "several customers are called 'Ana Bizjak'" in done.err
    assert str(ana.id) in done.err
    assert str(other.id) in done.err
    assert "no customer 'Anna'" in run("customers", "show", "Anna").err


def test_a_customer_is_shown_at_a_glance(run, shop, ana):
    """Addresses with their trust, companies, what was learnt, and the open items stand on one page."""
    mill = shop.accounts.add("Mill & Sons")
    shop.accounts.link(mill, ana, post="buyer")
    shop.customers.learn(ana, Topic.INTEREST, "oak", source="talk", by="maja")
    item = shop.feedback.receive(kind="complaint", channel="email", customer=ana, text="It came broken")
    out = run("customers", "show", "Ana Bizjak", "--now", "2026-03-02T09:00").out
    assert "  company   Mill & Sons\n" in out
    assert "\nphone  +38640123456     vouched  040 123 456\n" in out
    assert "What the firm has learnt\n  2026-03-02 09:00  interest: oak (talk; maja)\n" in out
    assert f"Open items\nitem      due        kind       state  owner   words\n{item.ref}  Tue 09:00" in out
    data = run("customers", "show", "Ana Bizjak", "--json").json
    assert (data["customer"]["name"], data["items"][0]["ref"]) == ("Ana Bizjak", item.ref)


def test_the_timeline_has_all_that_happened(run, shop, clock, ana):
    """Words, purchases, what was learnt and merges come in one row, the latest first, page by page."""
    shop.interactions.record(
        kind=InteractionKind.PURCHASE, channel="shop", customer=ana, money=Money(64_900, "EUR"), occurred_at=clock.now()
    )
    clock.advance(timedelta(hours=1))
    item = shop.feedback.receive(kind="complaint", channel="email", customer=ana, text="It came broken")
    clock.advance(timedelta(hours=1))
    shop.customers.learn(ana, Topic.INTEREST, "oak", source="talk", by="maja")
    clock.advance(timedelta(hours=1))
    double = shop.customers.add(name="A. Bizjak", email="bizjak@example.com")
    merge = shop.customers.merge(ana, double, by="maja", reason="she said so")
    shop.customers.unmerge(merge, by="maja")
    assert run("customers", "timeline", "ana@example.com").out.splitlines() == [
        f"2026-03-02 12:00  merged  {double.id} into Ana Bizjak by maja: she said so; undone 2026-03-02 12:00 by maja",
        "2026-03-02 11:00  learnt  interest: oak (talk; maja)",
        f"2026-03-02 10:00  complaint  by email  {item.ref}  new",
        "    | It came broken",
        "2026-03-02 09:00  purchase  by shop  649.00 EUR",
    ]
    first = run("customers", "timeline", "Ana Bizjak", "-n", "3", "--json").json
    rest = run("customers", "timeline", "Ana Bizjak", "-n", "3", "--json", "--after", first["next"]).json
    assert [len(first["events"]), len(rest["events"]), rest["next"]] == [3, 1, None]
    assert f"--after {first['next']}" in run("customers", "timeline", "Ana Bizjak", "-n", "3").out
    assert run("customers", "timeline", "bizjak@example.com").out.startswith("2026-03-02 12:00  merged")


def test_the_timeline_tells_splits_and_days(run, shop, clock, ana):
    """A purchase of a day has no hour, and what went over to another customer is told."""
    shop.interactions.record(kind=InteractionKind.VISIT, channel="shop", customer=ana, occurred_at=clock.now())
    other = shop.customers.split(
        ana, identities=shop.customers.identities(ana)[:1], name="Bo", by="maja", reason="two persons"
    )
    line = run("customers", "timeline", str(ana.id)).out.splitlines()[0]
    assert line == f"2026-03-02 09:00  split   {other.id} from {ana.id} by maja: two persons"
    shop.customers.merge(ana, other, by="maja", reason="one after all")
    assert f"Merged into one\n  2026-03-02 09:00  {other.id} by maja: one after all\n" in (
        run("customers", "show", str(ana.id)).out
    )


def test_what_was_learnt_is_kept_with_source_and_date(run, shop, ana):
    """What the firm has learnt of a customer stands in the timeline, since when it is known."""
    given = ("Ana Bizjak", "interest", "oak", "--source", "talk", "--by", "maja", "--at", "2026-02-27T10:00")
    assert run("customers", "learn", *given).out == "interest: oak (talk; maja)\n"
    assert run("customers", "learn", *given, "--json").json["topic"] == "interest"
    assert run("customers", "timeline", "Ana Bizjak").out.startswith("2026-02-27 10:00  learnt  interest: oak")


def test_nothing_has_happened_yet(run, ana):
    """The timeline of a new customer says that it is empty."""
    assert run("customers", "timeline", "Ana Bizjak").out == "Nothing has happened yet.\n"


def test_an_export_has_the_whole_person(run, shop, ana):
    """All that is kept of a person is written as it is exported, with every customer that was merged into one."""
    double = shop.customers.add(name="A. Bizjak", email="bizjak@example.com")
    shop.customers.merge(ana, double, by="maja", reason="she said so")
    written = run("customers", "export", "bizjak@example.com").out
    assert written == f"{shop.customers.export(ana)}\n"
    assert [row["name"] for row in json.loads(written)["customer"]] == ["Ana Bizjak", "A. Bizjak"]


def test_what_is_known_of_a_customer_is_changed(run, shop):
    """What is given is changed, and the rest stays."""
    customer = shop.customers.add(name="Cilka Kos", email="cilka@example.com", locale="sl")
    given = ("--name", "Cilka Novak", "--class", "A", "--zone", "Europe/Vienna")
    assert run("customers", "change", "cilka@example.com", *given).out == f"{customer.id}  Cilka Novak\n"
    changed = run("customers", "change", "Cilka Novak", "--locale", "de", "--json").json
    assert [changed[name] for name in ("customer_class", "locale", "zone")] == ["A", "de", "Europe/Vienna"]
    assert "no time zone 'Europe/Wien'" in run("customers", "change", "Cilka Novak", "--zone", "Europe/Wien").err
