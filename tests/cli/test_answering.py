"""The command that answers many at once."""

import pytest

TEXTS = {"en.outage": {"subject": "$ref", "body": "We are back, $name. Your $gift comes."}}


@pytest.fixture
def items(shop):
    """Three customers with one complaint, one of whom cannot be reached."""
    shop.settings.set("texts", TEXTS)
    found = []
    for name in ("Ana", "Bo", ""):
        customer = shop.customers.add(name=name, email=f"{name.lower()}@example.com") if name else None
        found.append(shop.feedback.receive(kind="complaint", channel="email", text="It is down", customer=customer))
    return found


@pytest.fixture
def outage(shop, items):
    """The incident that they point to."""
    outage = shop.improvements.add("Shop down")
    shop.improvements.link(outage, items, by="maja")
    return outage


def _bodies(shop, items):
    return [
        [message.body for message in shop.feedback.outbox(item) if message.template != "received"] for item in items
    ]


def test_all_of_an_incident_are_told_personally_and_once(run, shop, items, outage):
    """Everybody who can be reached hears it with the name, and the same command again tells nobody twice."""
    command = (
        "answer",
        "--improvement",
        "Shop down",
        "--template",
        "outage",
        "--value",
        "gift=voucher",
        "--by",
        "maja",
    )
    assert run(*command).out == "2 items answered\n  1 without an address to write to\n"
    bodies = _bodies(shop, items)
    assert [len(each) for each in bodies] == [1, 1, 0]
    assert "We are back, Ana. Your voucher comes." in bodies[0][0]
    again = run(*command)
    assert (
        again.out
        == "0 items answered\n  2 as they were: nothing was to be changed\n  1 without an address to write to\n"
    )
    assert len(run(*command, "--name", "second", "--json").json["moved"]) == 2


def test_items_are_named_or_chosen(run, shop, items):
    """Words go to items by number, or to the open items that options choose."""
    assert run("answer", items[0].ref, "--text", "We look into it.", "--by", "maja").out == "1 item answered\n"
    assert "We look into it." in _bodies(shop, items)[0][0]
    done = run("answer", "--kind", "complaint", "--text", "We look into it.", "--by", "maja", "--json").json
    assert (len(done["moved"]), len(done["before"]), len(done["unreachable"])) == (1, 1, 1)


def test_a_dry_run_tells_nobody(run, shop, items, outage):
    """A dry run says who would be told, and how many cannot be."""
    given = ("--improvement", str(outage.id), "--text", "We are back.", "--by", "maja", "--dry-run")
    out = run("answer", *given).out
    assert out.startswith("2 items would be answered\n  1 are closed already, or have no address to write to\n")
    assert items[0].ref in out
    assert items[2].ref not in out
    assert [each["ref"] for each in run("answer", *given, "--json").json["items"]] == [item.ref for item in items[:2]]
    assert _bodies(shop, items) == [[], [], []]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("--improvement", "Shop down"), "nobody said what to tell"),
        (("--improvement", "Shop down", "--text", "a", "--template", "outage"), "nobody said what to tell"),
        (("--text", "We are back."), "nobody said which items"),
        (("--improvement", "Shop down", "--kind", "idea", "--text", "a"), "other items besides"),
        (("--improvement", "Shop down", "--template", "outtage"), "outtage"),
        (("--improvement", "Shop down", "--text", "a", "--move", "hand_over"), "hand_over"),
        (("--improvement", "Shop down", "--template", "outage", "--value", "gift"), "sign of equality"),
    ],
)
@pytest.mark.usefixtures("outage")
def test_what_is_not_clear_is_not_sent(run, shop, items, given, message):
    """Without words, without items, or with two of either, nobody is told anything."""
    done = run("answer", *given, "--by", "maja")
    assert done.code == 1
    assert message in done.out + done.err
    assert _bodies(shop, items) == [[], [], []]
