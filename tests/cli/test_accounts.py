"""The commands on accounts."""

import pytest


@pytest.fixture
def mill(shop):
    """A company."""
    return shop.accounts.add("Mill & Sons", large=True)


@pytest.fixture
def eva(shop):
    """A customer."""
    return shop.customers.add(name="Eva Mlinar", email="eva@example.com")


def test_accounts_are_added_and_listed_by_name(run, shop):
    """An account that was added stands in the list, in its place; a part of the name narrows the list."""
    run("accounts", "add", "Mill & Sons", "--class", "A", "--large")
    lumber = run("accounts", "add", "Lumber", "--json").json
    rows = run("accounts", "list").out.splitlines()
    assert [row[38:].split()[0] for row in rows] == ["name", "Lumber", "Mill"]
    assert rows[2].split()[-3:-1] == ["A", "yes"]
    found = run("accounts", "list", "--name", "lum", "--json").json
    assert [each["id"] for each in found["accounts"]] == [lumber["id"]]


def test_accounts_come_page_by_page(run, shop, mill):
    """A page names the one that follows."""
    shop.accounts.add("Lumber")
    first = run("accounts", "list", "-n", "1", "--json").json
    rest = run("accounts", "list", "-n", "1", "--json", "--after", first["next"]).json
    assert [page["accounts"][0]["name"] for page in (first, rest)] == ["Lumber", "Mill & Sons"]
    assert f"--after {first['next']}" in run("accounts", "list", "-n", "1").out


def test_no_account_is_told(run, shop):
    """An empty list is no empty output."""
    assert run("accounts", "list").out == "There is no account.\n"


def test_an_account_is_shown_with_all_that_is_known(run, shop, mill, eva):
    """Persons, what was learnt by topic, and what is remarkable stand on one card."""
    assert run("accounts", "link", "mill & sons", "eva@example.com", "--post", "buyer").out == (
        "Eva Mlinar belongs to Mill & Sons, buyer\n"
    )
    given = ("a second mill", "--source", "talk", "--by", "maja", "--at", "2026-02-27T10:00")
    assert run("accounts", "learn", "Mill & Sons", "aim", *given).out == "aim: a second mill (talk; maja)\n"
    out = run("accounts", "show", "Mill & Sons").out
    assert out.startswith(f"Mill & Sons\n  id        {mill.id}\n  remark    few contacts: 1 of 5\n")
    assert "Persons\nname        post   since" in out
    assert "Aim\n  2026-02-27 10:00  a second mill (talk; maja)\n" in out
    data = run("accounts", "show", str(mill.id), "--json").json
    assert data["known"]["aim"][0]["text"] == "a second mill"
    assert data["persons"][0]["customer"]["name"] == "Eva Mlinar"


def test_accounts_that_nobody_knows_are_refused(run, shop, mill):
    """A name that no account has, or that several have, is refused."""
    assert "no account 'Mill'" in run("accounts", "show", "Mill").err
    shop.accounts.add("Mill & Sons")
    assert "several accounts are called 'Mill & Sons'" in run("accounts", "show", "Mill & Sons").err


def test_programs_get_the_records(run, shop, mill, eva):
    """For a program linking and learning answer with what was kept."""
    linked = run("accounts", "link", "Mill & Sons", "eva@example.com", "--json").json
    assert (linked["account"], linked["customer"]) == (str(mill.id), str(eva.id))
    given = ("Mill & Sons", "trend", "it grows", "--source", "site", "--by", "maja")
    assert run("accounts", "learn", *given, "--json").json["topic"] == "trend"
