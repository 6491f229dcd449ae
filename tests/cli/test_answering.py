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
    assert again.out == "0 items answered\n  2 told before\n  1 without an address to write to\n"
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
    assert out.startswith("2 items would be answered\n  1 without an address to write to\n")
    assert items[0].ref in out
    assert items[2].ref not in out
    assert [each["ref"] for each in run("answer", *given, "--json").json["items"]] == [item.ref for item in items[:2]]
    assert _bodies(shop, items) == [[], [], []]


def test_a_customer_with_several_items_is_told_with_one_of_them(run, shop, items):
    """Both the plan and the report say how many items go with another, and the plan leaves out who was told."""
    more = [
        shop.feedback.receive(kind="complaint", channel="email", text="Again", customer=items[0].customer)
        for _ in range(2)
    ]
    command = ("answer", "--kind", "complaint", "--text", "We are back.", "--by", "maja")
    counts = "  2 told with another item of the same address\n"
    planned = run(*command, "--dry-run").out
    assert planned.startswith("2 items would be answered\n" + counts)
    assert all(each.ref not in planned for each in more)
    assert run(*command).out == "2 items answered\n" + counts + "  1 without an address to write to\n"
    assert [len(each) for each in _bodies(shop, [*items, *more])] == [1, 1, 0, 0, 0]
    late = shop.feedback.receive(kind="complaint", channel="email", text="And again", customer=items[0].customer)
    planned = run(*command, "--dry-run", "--json").json
    assert planned == {"items": [], "with_another": 1, "before": 4, "closed": 0, "unreachable": 1}
    assert len(run(*command, "--json").json["with_another"]) == 1
    assert _bodies(shop, [late]) == [[]]


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
