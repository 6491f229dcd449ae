"""What machines write begins nothing and is answered by nothing; and nobody is answered automatically twice."""

import threading
from datetime import timedelta

import pytest

from clientloop.errors import InvalidValue
from clientloop.model.calendar import hours, working_hours
from clientloop.model.customers import Trust
from clientloop.model.interactions import InteractionKind
from clientloop.model.permission import AutomaticReply
from clientloop.model.units import Unit
from tests.services.intake.mailing import ANA, Firm

DAY = timedelta(days=1)


@pytest.fixture
def answering(mailing: Firm) -> Firm:
    """A firm that acknowledges mails at once."""
    mailing.loop.settings.set("acknowledge", frozenset({"email"}))
    return mailing


def received(firm: Firm) -> list[str]:
    """To whom acknowledgements went."""
    firm.loop.run_due()
    return [message.to for message in firm.post.sent if message.template == "received"]


@pytest.mark.parametrize(
    "extra", [{}, {"report": [{"recipient": ANA, "action": "failed"}]}, {"complaint": {"kind": "abuse"}}]
)
def test_a_machine_s_message_is_kept_and_nothing_more(answering: Firm, extra: dict[str, object]) -> None:
    """It is an interaction without an item, makes no customer, and is not answered."""
    number = answering.take("1", "I am away", sender="bor@example.com", automatic=True, extra=extra)
    found = answering.interaction(number)
    assert (found.kind, found.customer, found.extra["automatic"]) == (InteractionKind.MESSAGE_IN, None, True)
    assert (answering.items(), answering.customers(), received(answering)) == ([], 0, [])


@pytest.mark.parametrize("trust", [Trust.VOUCHED, Trust.CLAIMED])
def test_it_is_put_down_to_whom_it_is_from(answering: Firm, trust: Trust) -> None:
    """A customer who is known by the address, or stands for it, has it on the timeline."""
    item = answering.take("1", trust=trust)
    number = answering.take("2", "I am away", automatic=True, trust=trust)
    assert answering.interaction(number).customer == answering.item(item).customer


def test_in_its_thread_it_moves_nothing(answering: Firm) -> None:
    """An absence notice in answer to our question belongs to the item, which goes on waiting."""
    item = answering.take("1")
    question = answering.asked(item)
    before = answering.item(item)
    number = answering.take("2", "I am away", automatic=True, in_reply_to=str(question.id))
    assert answering.interaction(number).extra["item"] == str(item)
    assert answering.item(item) == before
    assert received(answering) == [ANA]


def test_one_automatic_reply_in_a_window(answering: Firm) -> None:
    """Whoever writes again and again is acknowledged once a day, on each channel and at each address apart."""
    for number in range(4):
        answering.take(str(number))
        assert received(answering) == [ANA]
        answering.clock.advance(DAY / 4)
    answering.take("later", sender="Ana@Example.com")
    answering.take("other", sender="bor@example.com")
    assert received(answering) == [ANA, ANA, "bor@example.com"]


def test_what_waited_for_longer_than_the_window_is_not_sent(answering: Firm) -> None:
    """No worker runs for a day, so that two replies to one address wait: the first of them is too late."""
    first = answering.take("1")
    answering.clock.advance(DAY)
    answering.take("2")
    assert received(answering) == [ANA]
    (late,) = (each for each in answering.loop.feedback.deliveries(first) if each.template == "received")
    assert late.detail == "an acknowledgement that is later than 24 hours is not sent"
    assert answering.loop.consent.suppressed(ANA) == ()


def test_a_machine_that_is_answered_elsewhere_each_time_is_answered_once(answering: Firm) -> None:
    """Desks of other firms name a new address for answers in every mail: their sender stays the same."""
    answering.take("1", extra={"reply_to": "desk+1@example.com"})
    assert received(answering) == ["desk+1@example.com"]
    number = answering.take("2", extra={"reply_to": "desk+2@example.com"})
    assert received(answering) == ["desk+1@example.com"]
    assert answering.item(number).data["quiet"] is True


def test_a_form_and_a_mail_of_one_sender_count_together(answering: Firm) -> None:
    """What counts is the channel that the reply goes by: whoever fills in a form and then writes gets one mail."""
    answering.loop.settings.set("acknowledge", frozenset({"form", "email"}))
    answering.take("1", channel="form", trust=Trust.CLAIMED)
    answering.take("2")
    assert received(answering) == [ANA]


def test_the_firm_sets_the_window(answering: Firm) -> None:
    """The window counts elapsed time, and is not nothing."""
    answering.loop.settings.set("automatic_reply_window", hours(1))
    answering.take("1")
    assert received(answering) == [ANA]
    answering.clock.advance(timedelta(hours=1))
    answering.take("2")
    assert received(answering) == [ANA, ANA]
    for wrong in (hours(0), working_hours(1)):
        with pytest.raises(InvalidValue, match="one automatic reply in"):
            answering.loop.settings.set("automatic_reply_window", wrong)


def test_applications_that_record_feedback_themselves_are_held_to_it_too(answering: Firm) -> None:
    """What comes by `feedback.receive` is acknowledged by the same count."""
    answering.take("1")
    answering.loop.feedback.receive(kind="idea", channel="email", text="Paint it", reply_to=ANA)
    assert received(answering) == [ANA]


def test_the_address_is_kept_as_a_keyed_hash(answering: Firm) -> None:
    """The note of a reply does not say to whom it was."""
    answering.take("1")
    (note,) = answering.loop.store.pages(AutomaticReply, "main")
    assert len(note.digest) == 32
    assert b"ana" not in note.digest


def test_of_messages_at_the_same_instant_one_is_acknowledged(answering: Firm) -> None:
    """Four workers take four mails of one sender: each begins an item, and one reply goes out."""
    start = threading.Barrier(4)

    def send(number: int) -> None:
        start.wait(timeout=30)
        answering.take(str(number))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert (len(answering.items()), received(answering)) == (4, [ANA])


def test_of_messages_at_the_same_instant_a_second_one_finds_the_note(
    answering: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has worked out a receipt while another was acknowledged begins anew, and acknowledges nothing."""
    answering.take("1")
    assert received(answering) == [ANA]
    answering.clock.advance(DAY)
    commit = answering.loop.store.commit

    def beaten(unit: Unit) -> None:
        monkeypatch.setattr(answering.loop.store, "commit", commit)
        answering.take("2")
        commit(unit)

    monkeypatch.setattr(answering.loop.store, "commit", beaten)
    answering.take("3")
    assert (len(answering.items()), received(answering)) == (3, [ANA, ANA])


def test_what_follows_an_automatic_message_is_not_told_new_dates_by_one(answering: Firm) -> None:
    """Where a mail may be a machine's answer, the delay of its item is told superiors; the customer hears people."""
    first = answering.take("1")
    answering.loop.run_due()
    second = answering.take("2")
    answering.clock.advance(4 * DAY)
    answering.loop.run_due()
    told = {message.item for message in answering.post.sent if message.template == "new_date"}
    alerted = {message.item for message in answering.post.sent if message.template == "alert"}
    assert (told, alerted) == ({first}, {first, second})
    assert answering.move(second, "update", text="We look into it").first_answer_at is not None
    assert answering.sent("progress").item == second
