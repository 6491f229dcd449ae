"""The commands on deals."""

import pytest


@pytest.fixture
def eva(shop):
    """A customer."""
    return shop.customers.add(name="Eva Mlinar", email="eva@example.com")


def test_a_deal_is_opened_moved_and_won(run, shop, eva):
    """What was typed is kept, and the deal is named by its title while it is open."""
    added = run(
        "deals", "add", "A second mill", "--customer", "eva@example.com", "--amount", "9000", "--owner", "maja",
        "--next", "Call", "--when", "2026-03-03T10:00", "--by", "maja",
    )  # fmt: skip
    [deal] = shop.deals.agenda()
    assert added.out == f"{deal.id}  A second mill: lead\n"
    assert (deal.customer, str(deal.money), deal.next_step) == (eva.id, "9000.00 EUR", "Call")
    rows = run("deals", "list").out.splitlines()
    assert [row.split()[1:2] for row in rows] == [["title"], ["A"]]
    assert "Eva Mlinar" in rows[1]
    assert run("deals", "list", "--due", "2026-03-03T10:00").out == "No deal is open.\n"
    assert run("deals", "move", "a second mill", "offer", "--by", "maja").out.endswith(": offer\n")
    assert "did you mean 'offer'" in run("deals", "move", "A second mill", "ofer", "--by", "maja").err
    assert run("deals", "win", "A second mill", "--by", "maja", "--note", "Two of them").out.endswith(": won\n")
    assert run("deals", "move", str(deal.id), "offer", "--by", "maja").out.endswith(": offer\n")
    assert run("deals", "lose", "A second mill", "--reason", "Too dear", "--by", "maja").out.endswith(": lost\n")


def test_a_deal_is_shown_with_its_way(run, shop, eva):
    """Persons, what is missing of them, and every step stand below the deal."""
    mill = shop.accounts.add("Mill & Sons", large=True)
    deal = shop.deals.open("A mill", customer=eva, account=mill, by="maja")
    shop.deals.add_person(deal, eva, part="pays")
    shop.deals.lose(deal, reason="Too dear", by="maja")
    assert run("deals", "show", str(deal.id)).out.splitlines()[1:] == [
        "  4 more persons are wanted: a large deal needs several",
        "  Eva Mlinar, pays",
        "  2026-03-02 09:00  lead (maja)",
        "  2026-03-02 09:00  lost (maja): Too dear",
    ]
    data = run("deals", "show", str(deal.id), "--json").json
    assert (data["deal"]["reason"], len(data["journal"])) == ("Too dear", 2)


def test_persons_come_to_a_deal_and_leave_it(run, shop, eva):
    """Who takes part in it, and as what, is noted from the command line as well."""
    deal = shop.deals.open("A mill", customer=eva, by="maja")
    shop.customers.add(name="Bo Mlinar")
    assert run("deals", "link", "A mill", "Bo Mlinar", "--part", "pays").out == "A mill: Bo Mlinar, pays\n"
    assert run("deals", "link", "A mill", "Bo Mlinar", "--json").json["part"] == ""
    assert "Bo Mlinar" in [person.customer.name for person in shop.deals.persons(deal)]
    assert run("deals", "unlink", "A mill", "Bo Mlinar").out == "A mill: no longer with Bo Mlinar\n"
    assert "Bo Mlinar" not in [person.customer.name for person in shop.deals.persons(deal)]
    assert "is no person of this deal" in run("deals", "unlink", "A mill", "Bo Mlinar", "--json").err


def test_deals_that_nobody_knows_are_refused(run, shop, eva):
    """A title that no open deal has, or several have, is refused; an account stands where there is no customer."""
    assert "no open deal 'A mill'" in run("deals", "show", "A mill").err
    mill = shop.accounts.add("Mill & Sons")
    for _ in range(2):
        run("deals", "add", "A mill", "--account", "Mill & Sons", "--by", "maja")
    assert "several deals are called 'A mill'" in run("deals", "show", "A mill").err
    assert mill.name in run("deals", "list").out
    page = run("deals", "list", "-n", "1", "--json").json
    assert f"--after {page['next']}" in run("deals", "list", "-n", "1").out
