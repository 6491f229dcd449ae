from collections import Counter
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest

from clientloop import Actor, ClientLoop, InvalidValue, Refused, UnknownName
from clientloop.errors import Conflict, StoreBusy
from clientloop.model.customers import Customer
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.messages import OutboundMessage
from clientloop.model.units import Unit, Update
from clientloop.model.where import eq
from clientloop.services.loop import many
from clientloop.testing.invariants import broken_invariants
from tests.test_processes import Firm

TEXTS = {
    "en.outage": {"subject": "Back again ($ref)", "body": "Dear $name, your $product works again since $since."},
    "sl.outage": {"subject": "Spet deluje ($ref)", "body": "Pozdravljeni, $name, od $since spet deluje: $product."},
}


def complaints(firm: Firm, count: int) -> list[Feedback]:
    """Complaints of so many customers, every second of whom reads Slovenian."""
    firm.loop.settings.set("texts", TEXTS)
    items = []
    for number in range(count):
        locale = "sl" if number % 2 else "en"
        person = firm.loop.customers.add(name=f"No. {number}", email=f"n{number}@example.com", locale=locale)
        items.append(
            firm.loop.feedback.receive(
                kind="complaint", channel="email", text="It is down", product="line", customer=person
            )
        )
    return items


def outage(firm: Firm, items: object, **given: object) -> many.Many:
    """The answer to an outage."""
    wanted = {"template": "outage", "values": {"since": "noon"}, "by": "mia", **given}
    return firm.loop.feedback.answer(items, answer="outage-1", **wanted)


def sent(firm: Firm) -> dict[str, list[str]]:
    """What the channel was given, by address."""
    firm.loop.run_due()
    told: dict[str, list[str]] = {}
    for message in firm.post.sent:
        told.setdefault(message.to, []).append(message.body)
    return told


def test_everybody_is_told_once_by_name_and_in_the_own_language(firm: Firm) -> None:
    """Four hundred customers get four hundred letters, and the same call again writes to nobody."""
    items = complaints(firm, 400)
    report = outage(firm, eq("product", "line"))
    assert sorted(report.moved) == sorted(item.id for item in items)
    letters = sent(firm)
    assert len(letters) == 400
    for number in range(400):
        name = f"No. {number}"
        expected = (
            f"Pozdravljeni, {name}, od noon spet deluje: line."
            if number % 2
            else f"Dear {name}, your line works again since noon."
        )
        assert letters[f"n{number}@example.com"] == [expected]
    again = outage(firm, items)
    assert (again.moved, len(again.before)) == ((), 400)
    assert sum(map(len, sent(firm).values())) == 400
    assert broken_invariants(firm.loop) == ()


def test_many_items_cost_few_commits(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """The units of a hundred items are one; the questions asked do not grow with every item either."""
    items = complaints(firm, 200)
    asked = []
    for name in ("commit", "page", "get", "pages"):
        original = getattr(firm.loop.store, name)
        monkeypatch.setattr(
            firm.loop.store,
            name,
            lambda *args, _name=name, _do=original, **more: asked.append(_name) or _do(*args, **more),
        )
    assert len(outage(firm, items).moved) == 200
    assert asked.count("commit") == 2
    assert len(asked) <= 20


def test_many_items_of_one_customer_cost_few_questions(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once it is known that an address has had the answer, its other items are not looked up batch by batch."""
    (first,) = complaints(firm, 1)
    items = [first, *more(firm, first, 399)]
    asked = []
    page = firm.loop.store.page
    monkeypatch.setattr(firm.loop.store, "page", lambda *args, **more: asked.append(args) or page(*args, **more))
    assert len(outage(firm, items).with_another) == 399
    assert len(asked) <= 24


def test_the_journal_says_which_answer_it_was(firm: Firm) -> None:
    """The name of the answer, its template and who gave it are kept; the words are in the message."""
    (item,) = complaints(firm, 1)
    outage(firm, [item])
    last = firm.loop.feedback.history(item)[-1]
    assert (last.move, last.by, last.told) == ("update", "mia", ("outage",))
    assert last.data == {"answer": "outage-1", "template": "outage"}
    (message,) = firm.loop.feedback.outbox(item)
    assert (message.subject, message.template) == (f"Back again ({item.ref})", "outage")


def test_a_crash_half_way_loses_nothing(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever was told before the store failed is not told again, and the others are told by the same call."""
    items = complaints(firm, 250)
    commit, calls = firm.loop.store.commit, []

    def fail_second(unit: Unit) -> None:
        calls.append(unit)
        if len(calls) == 2:
            raise StoreBusy
        commit(unit)

    monkeypatch.setattr(firm.loop.store, "commit", fail_second)
    with pytest.raises(StoreBusy):
        outage(firm, items)
    report = outage(firm, items)
    assert (len(report.before), len(report.moved)) == (100, 150)
    assert {address: len(letters) for address, letters in sent(firm).items()} == {
        f"n{number}@example.com": 1 for number in range(250)
    }


def test_an_item_moved_meanwhile_is_tried_again(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """A conflict costs nobody the answer: the items of the batch go one by one, each as it is by then."""
    items = complaints(firm, 5)
    commit, meddled = firm.loop.store.commit, []

    def meddle(unit: Unit) -> None:
        if not meddled:
            meddled.append(items[3])
            firm.loop.feedback.move(items[3], "assign", to="mia", by="mia")
        commit(unit)

    monkeypatch.setattr(firm.loop.store, "commit", meddle)
    assert len(outage(firm, items).moved) == 5
    assert firm.loop.feedback.get(items[3]).state == "assigned"
    assert broken_invariants(firm.loop) == ()


def test_an_item_that_is_moved_all_the_time_is_refused_in_the_end(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """After two tries the item is left, with the reason, and the others have their answer."""
    items = complaints(firm, 3)
    commit = firm.loop.store.commit

    def conflict(unit: Unit) -> None:
        if any(isinstance(change, Update) and items[1].id in change.key for change in unit.changes):
            raise Conflict("somebody was faster")
        commit(unit)

    monkeypatch.setattr(firm.loop.store, "commit", conflict)
    report = outage(firm, items)
    assert report.moved == (items[0].id, items[2].id)
    assert report.refused == {items[1].id: "somebody was faster"}


def test_what_cannot_be_answered_is_named(firm: Firm) -> None:
    """Closed items, customers without an address, and moves that a state lacks are told apart; none of them moves."""
    fine, closed, waiting = complaints(firm, 3)
    firm.loop.feedback.move(closed, "not_feedback", reason="an advert", by="mia")
    firm.loop.feedback.move(waiting, "wait", text="Which line?", by="mia")
    nowhere = firm.receive("complaint", reachable=False)
    firm.loop.feedback.move(fine, "assign", to="mia", by="mia")
    unknown = firm.loop.context.new_id()
    before = {item.id: firm.loop.feedback.get(item).version for item in (closed, nowhere, waiting)}
    report = outage(firm, [fine, closed, waiting, nowhere, unknown], move="start")
    assert (report.closed, report.unreachable) == ((closed.id,), ())
    assert report.refused.keys() == {fine.id, waiting.id, nowhere.id, unknown}
    assert report.refused[fine.id] == "the move 'start' tells the customer nothing"
    assert "no move 'start'" in report.refused[waiting.id]
    assert report.refused[unknown] == "no such item"
    assert outage(firm, [nowhere]).unreachable == (nowhere.id,)
    assert {item: firm.loop.feedback.get(item).version for item in before} == before
    assert outage(firm, [nowhere], told="called her").moved == (nowhere.id,)


def test_an_answer_without_a_template_has_its_words_in_the_usual_text(firm: Firm) -> None:
    """Plain words stand where the move's own text has them."""
    (item,) = complaints(firm, 1)
    firm.loop.feedback.answer([item], answer="news", text="It works again.", by="mia")
    (message,) = firm.loop.feedback.outbox(item)
    assert message.template == "progress"
    assert "It works again." in message.body


def test_a_condition_means_the_open_items(firm: Firm) -> None:
    """What is closed is not even looked at."""
    one, other = complaints(firm, 2)
    firm.loop.feedback.move(other, "not_feedback", reason="an advert", by="mia")
    report = outage(firm, eq("product", "line"))
    assert (report.moved, report.closed) == ((one.id,), ())


def test_a_misspelt_template_is_refused_before_anybody_is_told(firm: Firm) -> None:
    """The near match is named."""
    with pytest.raises(UnknownName, match="did you mean 'outage'"):
        outage(firm, complaints(firm, 1), template="outtage")


@pytest.mark.parametrize("given", [{"answer": "", "text": "words"}, {"answer": "news"}])
def test_an_answer_has_a_name_and_words(firm: Firm, given: dict[str, str]) -> None:
    """Without a name it could be told twice; without words it says nothing."""
    with pytest.raises(InvalidValue, match="an answer without"):
        firm.loop.feedback.answer([], by="mia", **given)


def test_one_question_is_answered_by_a_template(firm: Firm) -> None:
    """A single move takes a template as well, and needs no text then."""
    firm.loop.settings.set("texts", {"en.hours": {"subject": "Hours", "body": "$name, we open at nine. $text"}})
    item = firm.receive("question")
    item = firm.loop.feedback.move(item, "answer", template="hours", by="mia")
    (message,) = firm.loop.feedback.outbox(item)
    assert (item.state, message.subject, message.body) == ("answered", "Hours", "Ana, we open at nine. ")
    other = firm.loop.feedback.move(
        firm.receive("question"), "answer", template="hours", text="On Sundays too.", by="mia"
    )
    assert firm.loop.feedback.outbox(other)[0].body == "Ana, we open at nine. On Sundays too."


def test_a_template_also_goes_with_a_move_that_waits_for_its_message(firm: Firm) -> None:
    """The move is made when the channel has taken the firm's own text."""
    firm.loop.settings.set("texts", {"en.fixed": {"subject": "Fixed", "body": "$action: is it fixed, $name?"}})
    item = firm.bring("complaint", "resolved")
    item = firm.loop.feedback.move(item, "inform", template="fixed", by="mia")
    assert (item.state, item.pending) == ("resolved", "inform")
    assert sent(firm)["ana@example.com"][-1].endswith("is it fixed, Ana?")
    assert firm.loop.feedback.get(item).state == "informed"
    assert [row.told for row in firm.loop.feedback.history(item)][-1] == ("fixed",)


def test_a_merged_customer_is_called_by_the_name_that_was_kept(firm: Firm) -> None:
    """An item under the old id is answered to the person that the customer is shown as."""
    item = firm.receive("question")
    kept = firm.loop.customers.add(name="Ana Novak", email="novak@example.com")
    key = (firm.loop.space.space, firm.customer.id)
    firm.loop.store.commit(Unit((Update(Customer, key, {"merged_into": kept.id}),)))
    firm.loop.settings.set("texts", {"en.hello": {"subject": "Hello", "body": "Dear $name"}})
    firm.loop.feedback.move(item, "answer", template="hello", by="mia")
    assert firm.loop.feedback.outbox(item)[0].body == "Dear Ana Novak"


def test_a_template_on_a_silent_move_is_refused(firm: Firm) -> None:
    """A text that nobody would get is not taken."""
    with pytest.raises(Refused, match="tells the customer nothing"):
        firm.loop.feedback.move(firm.receive("complaint"), "escalate", template="progress", by=Actor.of("mia"))


def test_two_at_once_tell_everybody_once(tmp_path: Path) -> None:
    """Whoever gives the same answer at the same time, each customer has one message of it."""
    with ClientLoop.open(f"sqlite:///{tmp_path / 'shop.db'}", entry_points=False) as loop:
        items = [
            loop.feedback.receive(kind="complaint", channel="email", text="Down", reply_to=f"n{number}@example.com")
            for number in range(120)
        ]
        start = Barrier(3)

        def give(reports: list[many.Many]) -> None:
            start.wait()
            reports.append(loop.feedback.answer(items, answer="news", text="It works.", by="mia"))

        reports: list[many.Many] = []
        threads = [Thread(target=give, args=[reports]) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        told = Counter(message.to for message in loop.store.pages(OutboundMessage, loop.space.space))
        assert told == Counter({f"n{number}@example.com": 1 for number in range(120)})
        assert sum(len(report.moved) for report in reports) == 120
        assert broken_invariants(loop) == ()


def test_time_does_not_matter_for_who_was_told(firm: Firm) -> None:
    """A day later the same name still means the same answer, another name another one."""
    items = complaints(firm, 2)
    outage(firm, items)
    firm.clock.advance(timedelta(days=1))
    assert len(outage(firm, items).before) == 2
    report = firm.loop.feedback.answer(items, answer="outage-2", template="outage", by="mia")
    assert len(report.moved) == 2


def more(firm: Firm, item: Feedback, count: int) -> list[Feedback]:
    """So many more complaints of the customer of an item."""
    return [
        firm.loop.feedback.receive(kind="complaint", channel="email", text="Still", customer=item.customer)
        for _ in range(count)
    ]


def test_a_customer_with_several_items_has_one_message(firm: Firm) -> None:
    """The oldest item carries it, whatever the order they are given in; the others note which one that is."""
    first, other = complaints(firm, 2)
    rest = more(firm, first, 2)
    report = outage(firm, [*reversed(rest), other, first])
    assert report.moved == (first.id, other.id)
    assert set(report.with_another) == {item.id for item in rest}
    assert {address: len(letters) for address, letters in sent(firm).items()} == {
        "n0@example.com": 1,
        "n1@example.com": 1,
    }
    for item in rest:
        last = firm.loop.feedback.history(item)[-1]
        assert (last.move, last.told) == ("update", (f"answer outage-1 with {first.ref}",))
        assert last.data["answer"] == "outage-1"
        assert firm.loop.feedback.outbox(item) == ()
    assert len(outage(firm, [*rest, other, first]).before) == 4
    assert broken_invariants(firm.loop) == ()
    kinds = {found.kind for found in firm.loop.store.pages(Interaction, "main")}
    assert InteractionKind.CALL not in kinds, "nobody has called"


def test_what_came_by_several_channels_and_is_answered_by_one_is_answered_once(firm: Firm) -> None:
    """A form cannot answer, so its customer reads mail: one letter, also for what the same person wrote by mail."""
    [by_mail] = complaints(firm, 1)
    by_form = firm.loop.feedback.receive(
        kind="complaint", channel="form", text="It is down", product="line", customer=by_mail.customer
    )
    report = outage(firm, [by_mail, by_form])
    assert (report.moved, report.with_another) == ((by_mail.id,), (by_form.id,))
    assert {address: len(letters) for address, letters in sent(firm).items()} == {"n0@example.com": 1}


@pytest.mark.parametrize("known", [True, False])
def test_who_was_told_is_not_told_again_for_a_new_item(firm: Firm, known: bool) -> None:
    """A later call moves the new item alone without a message, also of people whom nobody knows but by the address."""
    firm.loop.settings.set("texts", TEXTS)
    customer = firm.loop.customers.add(name="Bo", email="bo@example.com") if known else None

    def complaint() -> Feedback:
        return firm.loop.feedback.receive(
            kind="complaint", channel="email", text="Down", customer=customer, reply_to="bo@example.com"
        )

    first = complaint()
    outage(firm, [first])
    new = complaint()
    report = outage(firm, [new])
    assert (report.moved, report.with_another) == ((), (new.id,))
    assert [len(letters) for letters in sent(firm).values()] == [1]
    assert firm.loop.feedback.history(new)[-1].told == (f"answer outage-1 with {first.ref}",)


def test_another_address_is_another_message(firm: Firm) -> None:
    """A customer who wrote from two addresses is told at both, as each item is answered where it came from."""
    (first,) = complaints(firm, 1)
    other = firm.loop.feedback.receive(
        kind="complaint", channel="email", text="Down", customer=first.customer, reply_to="work@example.com"
    )
    assert outage(firm, [first, other]).moved == (first.id, other.id)
    assert sent(firm).keys() == {"n0@example.com", "work@example.com"}


def test_the_message_goes_with_an_item_that_can_be_moved(firm: Firm) -> None:
    """An older item that is closed, or has no such move, costs the customer nothing."""
    (closed,) = complaints(firm, 1)
    refused, fine = more(firm, closed, 2)
    firm.loop.feedback.move(closed, "not_feedback", reason="an advert", by="mia")
    firm.loop.feedback.move(refused, "wait", text="Which line?", by="mia")
    report = outage(firm, [closed, refused, fine], move="wait")
    assert (report.closed, report.moved, report.refused.keys()) == ((closed.id,), (fine.id,), {refused.id})


def test_one_address_has_one_message_over_many_batches(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Items of several customers with the same address are one, also where a batch fails and its items go singly."""
    firm.loop.settings.set("texts", TEXTS)
    items = [
        firm.loop.feedback.receive(
            kind="complaint",
            channel="email",
            text="Down",
            customer=firm.loop.customers.add(name=f"No. {number}"),
            reply_to=f"family{number % 10}@example.com",
        )
        for number in range(120)
    ]
    commit, meddled = firm.loop.store.commit, []

    def meddle(unit: Unit) -> None:
        if not meddled:
            meddled.append(items[3])
            firm.loop.feedback.move(items[3], "assign", to="mia", by="mia")
        commit(unit)

    monkeypatch.setattr(firm.loop.store, "commit", meddle)
    report = outage(firm, items)
    assert report.moved == tuple(item.id for item in items[:10])
    assert len(report.with_another) == 110
    messages = firm.loop.store.pages(OutboundMessage, firm.loop.space.space, where=eq("template", "outage"))
    assert Counter(message.to for message in messages) == {f"family{number}@example.com": 1 for number in range(10)}
