"""Batches of one channel, and batches that are cut short."""

from datetime import timedelta

from clientloop.model.messages import MessageState
from clientloop.services.outgoing.batch import BATCH, send_batch, waiting_channels
from tests.services.outgoing.test_pacing import Post, post

__all__ = ["post"]


def test_a_batch_of_one_channel(post: Post) -> None:
    """The messages of the others are not claimed, however long they have been due."""
    post.queue("sms", BATCH + 1)
    post.clock.advance(timedelta(seconds=1))
    post.queue("email", 2, since=BATCH + 1)
    sent = send_batch(post.loop.context, channel="email")
    assert (sent.claimed, sent.accepted, len(post.sms.sent)) == (2, 2, 0)
    assert {message.version for message in post.left("sms")} == {1}


def test_the_channels_with_messages_are_found_one_by_one(post: Post) -> None:
    """Each is named once, in the order of their names, also one that no plugin brings."""
    post.queue("sms", 3)
    post.queue("fax", 1, since=3)
    post.queue("email", 2, since=4)
    assert list(waiting_channels(post.loop.context)) == ["email", "fax", "sms"]
    assert list(waiting_channels(post.loop.in_space("other").context)) == []


def test_a_worker_that_stops_gives_back_what_it_has_not_begun(post: Post) -> None:
    """The message in hand is finished; the others are due as before, for whoever comes next, as if never claimed."""
    post.queue("email", 5)
    sent = send_batch(post.loop.context, stop=lambda: len(post.mail.sent) == 2)
    assert (sent.claimed, sent.accepted, sent.put_off) == (5, 2, 3)
    left = post.left("email")
    assert {(each.state, each.attempts, each.wake_at) for each in left} == {(MessageState.QUEUED, 0, post.clock.now())}
    assert send_batch(post.loop.context).accepted == 3
