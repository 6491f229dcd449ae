"""What belongs together: answers find their item, make the move that fits, and strangers do not."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from clientloop import Actor
from clientloop.model.customers import IdentityKind, Trust
from clientloop.model.interactions import InteractionKind
from clientloop.model.messages import OutboundMessage, Receipt
from clientloop.ports.events import Address, Media
from tests.services.intake.mailing import ANA, Firm, email

PICTURE = Media(name="a.png", media_type="image/png", content=b"1")


def named(number: object) -> dict[str, Any]:
    """A mail with an id of its own, as another server made it."""
    return {"extra": {"message_id": f"<{number}@example.com>"}}


def test_an_answer_to_our_question_lets_the_item_go_on(mailing: Firm) -> None:
    """The customer's words and files belong to the item that waited, which goes on, and its owner is told them."""
    item = mailing.take("1")
    mailing.loop.feedback.move(item, "hand_over", by="head", to="mia")
    question = mailing.asked(item)
    assert mailing.item(item).state == "waiting"
    answer = mailing.take("2", "The blue one", in_reply_to=f"<{question.id}>", media=(PICTURE,))
    found = mailing.interaction(answer)
    assert (found.kind, found.extra["item"], found.customer) == (
        InteractionKind.MESSAGE_IN,
        str(item),
        mailing.item(item).customer,
    )
    assert (mailing.item(item).state, mailing.moves(item)[-1]) == ("new", "resume")
    assert mailing.loop.feedback.history(item)[-1].data == {"interaction": str(answer)}
    assert mailing.loop.feedback.words(answer).body == "The blue one"
    assert [each.content for each in mailing.loop.feedback.files(answer)] == [b"1"]
    assert mailing.heard("mia") == ["wrote"]
    assert "The blue one" in mailing.sent("wrote").body
    assert len(mailing.items()) == 1


@pytest.mark.parametrize("by", ["provider", "id"])
def test_ours_is_known_by_the_channel_s_id_and_by_our_own(mailing: Firm, by: str) -> None:
    """An answer names our message as the channel calls it, or by an id that holds ours."""
    item = mailing.take("1")
    if by == "provider":
        mailing.post.answer = lambda message: Receipt(provider_id="provider-7")
    question = mailing.asked(item)
    name = "provider-7" if by == "provider" else f"x.{question.id.hex}@firm.example.com"
    mailing.take("2", in_reply_to=name)
    assert mailing.moves(item)[-1] == "resume"


def test_an_answer_may_come_before_it_is_noted_that_the_channel_took_the_question(mailing: Firm) -> None:
    """A message of ours is known while it is still in the outbox."""
    item = mailing.take("1")
    mailing.loop.feedback.move(item, "wait", by="mia", text="Which one?")
    (question,) = mailing.loop.feedback.outbox(item)
    mailing.take("2", in_reply_to=str(question.id))
    assert mailing.moves(item)[-1] == "resume"


def test_a_second_mail_to_the_first_is_noted(mailing: Firm) -> None:
    """Words on an open item stand in its journal, and it stays where it is."""
    item = mailing.take("key", **named(1))
    mailing.take("other", in_reply_to="1@example.com", **named(2))
    mailing.take("third", in_reply_to="2@example.com")
    assert (mailing.moves(item), mailing.item(item).state) == (["receive", "write", "write"], "new")


def test_what_is_answered_may_come_later(mailing: Firm) -> None:
    """A mail that comes after the answer to it belongs to the answer's item."""
    item = mailing.take("2", in_reply_to="1@example.com", **named(2))
    first = mailing.take("1", "What it is about", **named(1))
    assert mailing.interaction(first).extra["item"] == str(item)
    mailing.take("3", in_reply_to="1@example.com")
    assert len(mailing.items()) == 1


def test_programs_that_give_all_mails_one_id_join_nothing(mailing: Firm) -> None:
    """Two mails with one id are two matters: the id is that of the first, which came."""
    mailing.take("a", **named(1))
    mailing.take("b", sender="bor@example.com", **named(1))
    assert len(mailing.items()) == 2


def test_a_closed_item_is_taken_up_again(mailing: Firm) -> None:
    """An answer to a closed item opens it again, and a superior hears of it."""
    item = mailing.take("1")
    mailing.asked(item)
    lapsed(mailing)
    assert mailing.item(item).state == "closed_no_reply"
    mailing.take("2", in_reply_to="1")
    assert (mailing.moves(item)[-1], mailing.item(item).is_open) == ("reopen", True)
    assert mailing.heard("head")[-1] == "alert"


def lapsed(firm: Firm) -> None:
    """The time for an answer passes."""
    for _ in range(20):
        firm.clock.advance(timedelta(days=1))
        firm.loop.run_due()


def test_after_that_time_it_is_a_new_item_that_follows(mailing: Firm) -> None:
    """Words on what cannot be reopened any more begin an item of the same kind that points to it."""
    item = mailing.take("1")
    mailing.asked(item)
    lapsed(mailing)
    mailing.clock.advance(timedelta(days=40))
    follower = mailing.item(mailing.take("2", in_reply_to="1"))
    assert (follower.original, follower.kind, follower.is_open) == (item, "complaint", True)
    assert not mailing.item(item).is_open


def test_words_on_a_duplicate_go_to_its_original(mailing: Firm) -> None:
    """What was joined goes on in the item that it was joined to."""
    original, repeated = mailing.take("1"), mailing.take("2")
    mailing.move(repeated, "duplicate", original=original)
    later = mailing.take("3", in_reply_to="2")
    assert mailing.interaction(later).extra["item"] == str(original)


@pytest.mark.parametrize(("sender", "belongs"), [(ANA, True), ("eve@example.com", False)])
def test_the_number_of_an_item_counts_from_its_customer(mailing: Firm, sender: str, belongs: bool) -> None:
    """Who gives the number in the subject writes about the item, if it is that one's; anybody else begins one."""
    item = mailing.take("1")
    ref = mailing.item(item).ref
    later = mailing.take("2", sender=sender, subject=f"Re: We have your message ({ref})")
    assert (mailing.interaction(later).extra.get("item") == str(item)) is belongs
    assert len(mailing.items()) == (1 if belongs else 2)


def test_where_there_is_no_subject_the_number_stands_in_the_words(mailing: Firm) -> None:
    """On a channel without subjects the first words are looked at."""
    ana = Address(kind=IdentityKind.PHONE, value="+38640123456")
    item = mailing.take("1", sender=ana, channel="sms")
    mailing.take("2", f"{mailing.item(item).ref}: still broken", sender=ana, channel="sms")
    assert mailing.moves(item) == ["receive", "write"]


BY_PHONE = Address(kind=IdentityKind.PHONE, value="+38640123456")


def test_a_text_message_answers_what_was_asked(mailing: Firm) -> None:
    """On a channel whose messages name nothing, words belong to the one item that waits for the customer."""
    asked, other = (mailing.take(key, sender=BY_PHONE, channel="sms") for key in ("1", "2"))
    mailing.asked(asked)
    mailing.take("3", "The blue one", sender=BY_PHONE, channel="sms")
    assert (mailing.moves(asked)[-1], mailing.moves(other)) == ("resume", ["receive"])
    mailing.take("4", "And another thing", sender=BY_PHONE, channel="sms")
    assert len(mailing.items()) == 3


@pytest.mark.parametrize("more", [{"trust": Trust.CLAIMED}, {"extra": {"kind": "idea"}}, {"channel": "email"}], ids=str)
def test_where_it_may_be_something_else_it_begins_an_item(mailing: Firm, more: dict[str, Any]) -> None:
    """Words of somebody who is not proved, of a chosen kind, or on another channel, are no answer by themselves."""
    mailing.asked(mailing.take("1", sender=BY_PHONE, channel="sms"))
    mailing.take("2", "Big", sender=BY_PHONE, **{"channel": "sms"} | more)
    assert len(mailing.items()) == 2


def test_where_two_items_wait_nobody_guesses(mailing: Firm) -> None:
    """Which of two questions a text message answers is for a person to say."""
    for key in ("1", "2"):
        mailing.asked(mailing.take(key, sender=BY_PHONE, channel="sms", extra={"kind": "idea"}))
    mailing.take("3", "Big", sender=BY_PHONE, channel="sms")
    assert len(mailing.items()) == 3


def test_a_stranger_with_the_id_speaks_for_itself(mailing: Firm) -> None:
    """Who has got our message may answer it from another address, and is not taken for the customer."""
    item = mailing.take("1")
    question = mailing.asked(item)
    answer = mailing.take("2", sender="office@example.com", in_reply_to=str(question.id))
    assert mailing.moves(item)[-1] == "resume"
    assert mailing.interaction(answer).customer not in {None, mailing.item(item).customer}


def test_a_claim_with_the_number_alone_is_not_put_down_to_the_customer(mailing: Firm) -> None:
    """Who claims the customer's address and gives the number is heard, under an id of its own."""
    item = mailing.take("1")
    subject = f"({mailing.item(item).ref})"
    later = mailing.take("2", sender=email(ANA), trust=Trust.CLAIMED, subject=subject)
    assert mailing.moves(item)[-1] == "write"
    assert mailing.interaction(later).customer not in {None, mailing.item(item).customer}


def informed(firm: Firm) -> tuple[UUID, OutboundMessage]:
    """A complaint whose customer was asked whether it is fixed; with the message."""
    item = firm.take("1")
    firm.sorted_as(item, "complaint")
    firm.move(item, "assign", to="mia")
    firm.move(item, "start")
    for task in firm.loop.tasks.of(item):
        firm.loop.tasks.done(task, result="done")
    firm.move(item, "resolve", cause="carrier", action="sent another")
    firm.move(item, "inform")
    assert firm.item(item).state == "informed"
    return item, firm.sent("done")


@pytest.mark.parametrize(("fixed", "state"), [(True, "closed_confirmed"), (False, "working")])
def test_a_chosen_answer_confirms_or_denies(mailing: Firm, fixed: bool, state: str) -> None:
    """Who answers "is it fixed?" by a choice closes the loop, or opens it again."""
    item, question = informed(mailing)
    mailing.take("2", in_reply_to=str(question.id), extra={"fixed": fixed})
    assert mailing.item(item).state == state


@pytest.mark.parametrize(
    "more",
    [{}, {"extra": {"fixed": True}, "sender": "eve@example.com"}, {"extra": {"fixed": True}, "trust": Trust.CLAIMED}],
    ids=["typed", "a stranger's", "claimed"],
)
def test_nothing_else_does(mailing: Firm, more: dict[str, Any]) -> None:
    """What is typed, what a stranger chooses, and what is only claimed, is told the owner and decides nothing."""
    item, question = informed(mailing)
    mailing.take("2", "Yes, it is fixed", in_reply_to=str(question.id), **more)
    assert (mailing.item(item).state, mailing.moves(item)[-1]) == ("informed", "write")
    assert "wrote" in mailing.heard("mia")


def test_who_has_typed_an_answer_was_not_silent(mailing: Firm) -> None:
    """An item whose customer wrote and whom nobody has heard yet does not end by silence: superiors hear of it."""
    item, question = informed(mailing)
    mailing.take("2", "No, it broke again", in_reply_to=str(question.id))
    mailing.clock.advance(timedelta(days=10))
    assert "alert" in mailing.heard("head")
    assert mailing.item(item).state == "informed"


def test_an_answer_to_a_refusal_is_an_appeal(mailing: Firm) -> None:
    """The text of a refusal promises that whoever answers it is looked at again."""
    item = mailing.take("1")
    mailing.sorted_as(item, "complaint")
    mailing.loop.feedback.move(item, "reject", by=Actor.superior("head"), reason="no purchase")
    mailing.loop.run_due()
    mailing.take("2", in_reply_to=str(mailing.sent("rejected").id))
    assert mailing.moves(item)[-1] == "appeal"


def test_answers_go_over_with_their_item(mailing: Firm) -> None:
    """Where a customer turns out to be two, the words on an item go to the one whose item it is."""
    kept, item = mailing.take("1"), mailing.take("2")
    answer = mailing.take("3", in_reply_to="2")
    customer = mailing.item(item).customer
    assert customer is not None
    other = mailing.loop.customers.split(customer, interactions=[item], by="mia", reason="her sister")
    assert mailing.interaction(answer).customer == other.id
    assert mailing.item(kept).customer == customer


def test_what_a_member_answers_is_a_note(mailing: Firm) -> None:
    """A person of the firm who answers a message of ours is no customer: the words are a note on the item."""
    item = mailing.take("1")
    mailing.loop.feedback.move(item, "note", by="head", note="@mia please look")
    mailing.loop.run_due()
    told = mailing.sent("mentioned")
    mailing.take("2", "I will", sender="mia@firm.example.com", in_reply_to=str(told.id))
    row = mailing.loop.feedback.history(item)[-1]
    assert (row.move, row.by, row.data["note"]) == ("note", "mia", "I will")
    assert (len(mailing.items()), mailing.customers()) == (1, 1)


def test_an_operator_says_which_item_a_call_is_about(mailing: Firm) -> None:
    """What an operator writes down about an item belongs to it, in the operator's name, whoever has called."""
    item = mailing.take("1")
    extra = {"item": mailing.item(item).ref.lower(), "operator": "kim", "centre": "Callers Ltd"}
    caller = Address(kind=IdentityKind.PHONE, value="+38640123456", trust=Trust.ASSERTED)
    call = mailing.take("2", "He waits", sender=caller, channel="phone", trust=Trust.ASSERTED, extra=extra)
    row = mailing.loop.feedback.history(item)[-1]
    assert (row.move, row.by, row.role.value) == ("write", "kim", "customer")
    kept = mailing.interaction(call).extra
    assert (kept["operator"], kept["centre"], kept["item"]) == ("kim", "Callers Ltd", str(item))


def test_anybody_else_does_not(mailing: Firm) -> None:
    """The number of a stranger's item in a form that anybody can fill in is not believed."""
    item = mailing.take("1")
    extra = {"item": mailing.item(item).ref}
    mailing.take("2", sender="eve@example.com", trust=Trust.CLAIMED, extra=extra)
    assert len(mailing.items()) == 2
