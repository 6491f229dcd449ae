"""The commands that say who is one person."""

import pytest

from clientloop.model.customers import Opinion, Suggestion


@pytest.fixture
def pair(shop):
    """Two customers who look alike."""
    return (
        shop.customers.add(name="Ana Bizjak", email="ana@example.com"),
        shop.customers.add(name="Bizjak Ana", email="ANA+shop@example.com", phone="040 123 456"),
    )


def test_customers_are_merged_and_unmerged(run, shop, pair):
    """Two customers become one by their names or addresses, and two again by the command that the answer gives."""
    ana, double = pair
    done = run("customers", "merge", "Ana Bizjak", "040 123 456", "--by", "maja", "--reason", "she said so")
    [told, undo] = done.out.splitlines()
    assert told == "Bizjak Ana is shown as Ana Bizjak from now on"
    assert shop.customers.get(double).id == ana.id
    assert run(*undo.partition("    (")[0].split()[1:]).out == "Ana Bizjak and Bizjak Ana are two persons again\n"
    assert shop.customers.get(double).id == double.id


def test_programs_get_the_merge(run, pair):
    """For a program a merge answers with its record."""
    ana, double = pair
    merged = run("customers", "merge", str(ana.id), str(double.id), "--by", "maja", "--reason", "alike", "--json").json
    assert (merged["kept"], merged["absorbed"], merged["by"]) == (str(ana.id), str(double.id), "maja")


@pytest.mark.parametrize("name", ["absorbed", "kept", "address"])
def test_a_merge_is_undone_by_whoever_was_merged_but_once(run, shop, pair, name):
    """The customer who was absorbed, the one who was kept, or an address of either names the merge."""
    ana, double = pair
    merge = shop.customers.merge(ana, double, by="maja", reason="she said so")
    named = {"absorbed": str(double.id), "kept": str(ana.id), "address": "040 123 456"}[name]
    assert run("customers", "unmerge", named, "--by", "maja", "--json").json["id"] == str(merge.id)


def test_which_merge_is_meant_must_be_clear(run, shop, pair):
    """Of a customer without merges, or with several, the command says so; of several it lists them."""
    ana, double = pair
    assert "was not merged" in run("customers", "unmerge", "Ana Bizjak", "--by", "maja").err
    third = shop.customers.add(name="A. Bizjak", email="third@example.com")
    merges = [shop.customers.merge(ana, each, by="maja", reason="she said so") for each in (double, third)]
    done = run("customers", "unmerge", "Ana Bizjak", "--by", "maja")
    assert all(str(merge.id) in done.err for merge in merges)


def test_one_customer_is_split_in_two(run, shop, pair):
    """Items by their numbers and addresses go over to a new customer."""
    _, double = pair
    item = shop.feedback.receive(kind="idea", channel="form", customer=double, text="Deliver on Saturdays")
    given = ("--interaction", item.ref, "--address", "040 123 456", "--name", "Bo Kos", "--reason", "two persons")
    other = run("customers", "split", str(double.id), *given, "--by", "maja", "--json").json
    assert shop.feedback.get(item).customer == shop.customers.get(other["id"]).id
    assert [each.value for each in shop.customers.identities(other["id"])] == ["+38640123456"]
    given = ("--address", "fax", "--reason", "two persons", "--by", "maja")
    assert "the addresses are ana+shop@example.com" in run("customers", "split", str(double.id), *given).err


def test_lookalikes_are_suggested_and_decided_on(run, shop, pair):
    """Who may be one person is listed with the signs, and the commands below each pair decide."""
    assert run("customers", "suggestions").out == "Nobody seems to be there twice.\n"
    assert run("customers", "suggest").out.startswith("2 customers, 1 pair compared: 1 suggested, 0 settled before\n")
    shown = run("customers", "suggestions").out
    assert "Ana Bizjak  and  Bizjak Ana\n" in shown
    assert "  name order" in shown
    [_, dismiss] = [line for line in shown.splitlines() if line.startswith("clientloop")]
    assert run(*dismiss.replace("YOU", "maja").split()[1:]).out == "Ana Bizjak and Bizjak Ana are two persons\n"
    assert run("customers", "suggestions", "--json").json == {"suggestions": [], "next": None}
    assert run("customers", "suggest", "--json").json["settled"] == 1


def test_a_suggestion_is_named_by_its_two_customers_in_any_order(run, shop, pair):
    """It does not matter who of the two is named first; a pair that nobody suggested is refused."""
    done = run("customers", "dismiss", "Ana Bizjak", "Bizjak Ana", "--by", "maja")
    assert "nobody suggested that Ana Bizjak and Bizjak Ana are one person" in done.err
    shop.customers.suggest()
    assert run("customers", "dismiss", "Bizjak Ana", "Ana Bizjak", "--by", "maja").code == 0


def test_merging_a_suggested_pair_accepts_it(run, shop, pair):
    """The other command below a pair merges it, and the suggestion is settled."""
    shop.customers.suggest()
    [merge, _] = [line for line in run("customers", "suggestions").out.splitlines() if line.startswith("clientloop")]
    run(*merge.replace("YOU", "maja").replace("WHY", "alike").split()[1:])
    [suggestion] = shop.store.pages(Suggestion, shop.space.space)
    assert suggestion.opinion is Opinion.ACCEPTED
