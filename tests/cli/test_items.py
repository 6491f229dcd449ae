"""The commands on one item."""

from datetime import timedelta

import pytest

from clientloop import Actor, CustomerClass, Role
from clientloop.cli.demo.cast import at
from clientloop.cli.items import read_fields
from clientloop.errors import InvalidValue
from clientloop.model.messages import DeliveryStep, Receipt
from clientloop.ports.events import DeliveryEvent
from clientloop.services.outgoing.deliveries import take_delivery
from clientloop.services.outgoing.handover import note

EARLY = ("--now", "2026-03-02T09:00")


@pytest.fixture
def ana(shop):
    """A customer."""
    return shop.customers.add(name="Ana Bizjak", email="ana@example.com", customer_class=CustomerClass.A)


@pytest.fixture
def item(shop, ana):
    """A complaint of hers."""
    return shop.feedback.receive(kind="complaint", channel="email", customer=ana, text="The parcel came broken")


def test_words_of_customers_do_not_steer_the_terminal(run, shop):
    """Escape sequences and markup in what customers write are shown as text, or not at all."""
    item = shop.feedback.receive(kind="idea", channel="form", text="[red]Free\x1b[2J beer\x07[/red] :tada:")
    for command in (("inbox",), ("show", item.ref)):
        for terminal in (False, True):
            out = run(*command, terminal=terminal).out
            assert "[red]Free[2J beer[/red] :tada:" in " ".join(out.split())
            assert "\x1b[2J" not in out
            assert "\x07" not in out


def test_show_tells_the_whole_story(run, shop, clock, item):
    """The story has the words, the journal in the zone of the firm, what each move was given, and what can follow."""
    item = shop.feedback.move(item, "assign", to="maja", by="desk")
    clock.advance(timedelta(hours=1))
    item = shop.feedback.move(item, "start", by="maja")
    item = shop.feedback.move(item, "update", by="maja", text="Looking", told="called her")
    shown = run("show", item.ref.lower(), "--now", "2026-03-02T11:00").out
    assert shown.splitlines()[:8] == [
        f"{item.ref}  complaint  working  due in 2 days",
        "  customer  Ana Bizjak, class A",
        "  by        email",
        "  owner     maja",
        "  due       2026-03-05 10:00, in 2 days",
        "  runs      next_update (in 2 days), solution (in 13 days)",
        "",
        "What the customer said",
    ]
    assert "    | The parcel came broken\n" in shown
    assert "  2026-03-02 09:00  assign        -> assigned          desk (owner)\n      to: maja\n" in shown
    assert "  2026-03-02 10:00  update                             maja (owner)\n      told: called her\n" in shown
    assert "Messages that no channel has taken yet\n  received to ana@example.com by email: queued\n" in shown
    assert "Tasks\n  [ ] 1 Remove the fault  executor  maja\n" in shown
    assert "resolve       resolved " in shown
    assert "tasks done; cause, action" in shown


@pytest.mark.parametrize("command", [("show",), ("note", "x", "--by", "maja"), ("move", "start", "--by", "maja")])
def test_items_that_are_not_there_are_told_alike(run, item, command):
    """A number that no item has, or that is none, is refused in the same words by every command."""
    name, *rest = command
    for number in ("ABC", "12345678"):
        done = run(name, number, *rest)
        assert done.err.startswith(f"clientloop: no item '{number}'\n  a number has eight signs")


def test_show_tells_what_became_of_messages(run, shop, item):
    """What arrived says so beside its words; what came back says why, and that the customer was not told."""
    ends = {"Looking into it": DeliveryEvent(key="1", provider_id="1", step=DeliveryStep.DELIVERED)}
    ends["It is on its way"] = DeliveryEvent(key="2", provider_id="2", step=DeliveryStep.FAILED, detail="5.1.1 gone")
    for text, event in ends.items():
        shop.feedback.move(item.id, "update", by="maja", text=text)
        for message in shop.feedback.outbox(item):
            note(shop.context, message, Receipt(provider_id=event.provider_id if text in message.body else None))
    for event in ends.values():
        take_delivery(shop.context, "email", event)
    shown = run("show", item.ref, *EARLY).out
    assert shown.count("      delivered\n") == shown.count("      failed 5.1.1 gone\n") == 1
    assert "      why: 5.1.1 gone\n" in shown
    assert "message out  by email  failed 5.1.1 gone" in run("customers", "timeline", "ana@example.com").out


def test_show_tells_how_it_ended(run, shop, item):
    """Of a closed item the story says when and how, not when it is due."""
    shop.feedback.move(item, "not_feedback", by="desk", reason="an advertisement")
    shown = run("show", item.ref).out
    assert "  closed    2026-03-02 09:00, not_feedback\n" in shown
    assert "  due " not in shown


def test_show_gives_everything_to_a_program(run, shop, item):
    """For a program the story is one object, with times in UTC."""
    data = run("show", item.ref, "--json").json
    assert data["item"]["ref"] == item.ref
    assert data["item"]["received_at"] == "2026-03-02T08:00:00+00:00"
    assert [row["move"] for row in data["journal"]] == ["receive"]
    assert data["customer"]["name"] == "Ana Bizjak"


def test_move_makes_a_move(run, shop, item):
    """A move is made with what it was given, and the answer says what became of the item and what can follow."""
    done = run("move", item.ref, "assign", "--set", "to=maja", "--by", "desk", *EARLY)
    assert done.out.splitlines() == [
        f"{item.ref}  new -> assigned",
        "  owner maja, due in 24 h",
        "  next: start, reject, wait, write, duplicate, not_feedback, rekind, split, escalate, update, hand_over",
    ]
    [_, row] = shop.feedback.history(item)
    assert (row.move, row.by, row.role) == ("assign", "desk", Role.OWNER)


def test_move_takes_data_and_dates(run, shop):
    """What is no text is given as JSON; a date without an offset is in the zone of the firm."""
    idea = shop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
    improvement = shop.improvements.add("Saturdays")
    given = ("--set", "value=high", "--set", "effort=low", "--set", f"improvement={improvement.id}")
    run("move", idea.ref, "assess", "--by", "maja", *given)
    run("move", idea.ref, "accept", "--by", "marko", "--as", "superior", "--set", "date=2026-05-29")
    [clock] = [clock for clock in shop.feedback.get(idea).deadlines if clock.name == "promise"]
    assert clock.due == at("2026-05-29 00:00").timestamp() * 1_000_000
    parts = '[{"kind": "question", "text": "And when?"}]'
    done = run("move", idea.ref, "split", "--by", "maja", "--set", "reason=two matters", "--set", f"parts:={parts}")
    assert done.code == 0
    assert [each.kind for each in shop.inbox()] == ["question", "idea"]


def test_move_acts_in_the_roles_of_the_staff_list(run, shop, item):
    """A member acts in the roles that the firm has given; others as owners; --as says otherwise."""
    shop.staff.add("marko", roles=(Role.OWNER, Role.SUPERIOR))
    shop.staff.add("maja")
    refused = run("move", item.ref, "reject", "--by", "maja", "--set", "reason=misuse")
    assert "maja may not reject this complaint" in refused.err
    assert run("move", item.ref, "reject", "--by", "marko", "--set", "reason=misuse").code == 0
    assert run("move", item.ref, "appeal", "--by", "Ana", "--as", "customer").code == 0
    assert [row.role for row in shop.feedback.history(item)][1:] == [Role.SUPERIOR, Role.CUSTOMER]


def test_move_says_when_it_waits_for_a_channel(run, shop, item):
    """A move that is complete only when the customer has been told says so."""
    for name, given in (("assign", {"to": "maja"}), ("start", {})):
        item = shop.feedback.move(item, name, by="maja", **given)
    for task in shop.tasks.of(item):
        shop.tasks.done(task, result="mended")
    item = shop.feedback.move(item, "resolve", by="maja", cause="bad packing", action="sent anew")
    done = run("move", item.ref, "inform", "--by", "maja")
    assert "inform is complete once a channel has taken the message: `clientloop run` sends it" in done.out


def test_move_gives_the_item_to_a_program(run, shop, item):
    """For a program a move answers with the item after it."""
    assert run("move", item.ref, "assign", "--set", "to=maja", "--by", "desk", "--json").json["state"] == "assigned"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("cause", "gives no field"),
        ("=bad", "gives no field"),
        (":=5", "gives no field"),
        ("redress:=five", "is no JSON"),
        ("date=tomorrow", "is no date"),
    ],
)
def test_fields_that_cannot_be_read_are_refused(typed, message):
    """What was typed is refused with the way to write it."""
    with pytest.raises(InvalidValue, match=message):
        read_fields([typed], "UTC")


def test_fields_keep_what_was_typed():
    """A value may hold signs of equality; an offset that was named stays."""
    fields = read_fields(["note=a=b", "date=2026-05-29T10:00+00:00"], "Europe/Ljubljana")
    assert fields["note"] == "a=b"
    assert fields["date"].isoformat() == "2026-05-29T10:00:00+00:00"


def test_customers_may_be_unknown(run, shop):
    """The story of an item of nobody known says so."""
    item = shop.feedback.receive(kind="question", channel="form", text="Open today?")
    assert "  customer  not known\n" in run("show", item.ref).out


def test_the_story_says_what_did_not_arrive(run, shop, clock):
    """A message that no channel will ever take stands in the story with the reason."""
    from clientloop import ClientLoop
    from clientloop.cli.demo.post import Post

    item = shop.feedback.receive(kind="question", channel="email", text="Open today?", reply_to="gone@example.com")
    shop.feedback.move(item, "answer", by="maja", text="Until six.")
    with ClientLoop.open("sqlite:///shop.db", clock=clock, plugins=[Post(["email"], {"gone@example.com"})]) as loop:
        loop.run_due()
    shown = run("show", item.ref).out
    assert "answer: failed 550 no such mailbox" in shown
    assert "why: 550 no such mailbox" in shown


def test_messages_show_the_words_that_the_customer_read(run, shop, clock, item):
    """The words of a message stand where the customer was told them, with its subject."""
    from clientloop import ClientLoop
    from clientloop.cli.demo.post import Post

    shop.feedback.move(item, "update", by="maja", text="We have ordered a new one.")
    with ClientLoop.open("sqlite:///shop.db", clock=clock, plugins=[Post(["email"], ())]) as loop:
        loop.run_due()
    shown = run("show", item.ref).out
    assert f"    | Where your matter stands ({item.ref})\n" in shown
    assert "    | We have ordered a new one.\n" in shown
    assert "update" in shown
    assert Actor.of("maja").name in shown


def test_a_move_that_ends_the_loop_names_no_deadline(run, shop, item):
    """After a move that closes an item there is no due time, and what can follow is told."""
    done = run("move", item.ref, "not_feedback", "--by", "desk", "--set", "reason=an advertisement")
    assert done.out.splitlines() == [f"{item.ref}  new -> closed_not_feedback", "  next: restore"]


def test_the_end_of_a_way_has_no_moves(run, shop, ana, item):
    """The story of an item that nothing can follow ends without a table of moves."""
    again = shop.feedback.receive(kind="complaint", channel="email", customer=ana, text="As I said, it is broken")
    shop.feedback.move(again, "duplicate", by="desk", original=str(item.id))
    shown = run("show", again.ref)
    assert "What can be done now" not in shown.out
    assert run("show", item.ref).out.count("What can be done now") == 1


def test_what_the_system_could_not_do_is_told_with_its_reasons(run, shop, clock):
    """A step of a deadline that nothing was allowed for stands in the story, with what each move lacked."""
    item = shop.feedback.receive(kind="question", channel="email", text="Open today?")
    item = shop.feedback.move(item, "answer", by="maja", text="Until six.", told="called")
    shop.feedback.move(item, "confirm", by=Actor.customer())
    shop.run_due()
    shown = run("show", item.ref).out
    assert "refused: " in shown
    assert "no word on marketing: not allowed by default" in shown
