"""Channels that are throttled, slow, broken or paced: they cost the others neither time nor tries."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from clientloop import ClientLoop, ManualClock
from clientloop.errors import InvalidValue
from clientloop.model.channels import ChannelPace
from clientloop.model.customers import Purpose
from clientloop.model.messages import Failure, MessageState, OutboundMessage, Receipt
from clientloop.model.units import Insert, Unit
from clientloop.ports.channel import Capabilities
from clientloop.rules.outgoing.pacing import GRACE
from clientloop.services.outgoing.batch import BATCH
from clientloop.services.outgoing.handover import LEASE
from clientloop.testing.fakes import FakeChannels
from tests.test_processes import NINE

SECOND = timedelta(seconds=1)


class Post:
    """Two channels with fates of their own, a clock, and any number of messages to members."""

    def __init__(self, url: str = "memory:") -> None:
        self.clock = ManualClock(NINE)
        self.mail, self.sms = FakeChannels("email"), FakeChannels("sms")
        self.loop = ClientLoop.open(url, clock=self.clock, plugins=[self.mail, self.sms], entry_points=False)

    def queue(self, channel: str, count: int, *, since: int = 0, purpose: Purpose = Purpose.INTERNAL) -> None:
        """Queue messages, numbered from `since`."""
        self.loop.store.commit(
            Unit(
                tuple(
                    Insert(
                        OutboundMessage(
                            space="main", id=UUID(int=number), channel=channel, to=f"a{number % 3}", purpose=purpose,
                            template="alert", body="Look.", wake_at=self.clock.now(), created_at=self.clock.now(),
                        )
                    )
                    for number in range(since, since + count)
                )
            )
        )  # fmt: skip

    def left(self, channel: str) -> Sequence[OutboundMessage]:
        """What a channel has not taken."""
        return [message for message in self.loop.outbox.list(limit=500) if message.channel == channel]

    def taking(self, seconds: float, receipt: Receipt) -> Callable[[OutboundMessage], Receipt]:
        """An answer that takes its time."""

        def answer(message: OutboundMessage) -> Receipt:
            self.clock.advance(timedelta(seconds=seconds))
            return receipt

        return answer


@pytest.fixture
def post() -> Post:
    """The two channels."""
    return Post()


def throttled(seconds: float | None = None) -> Receipt:
    """The answer of a channel that wants a pause."""
    return Receipt(failure=Failure.THROTTLED, detail="slow down", retry_after=seconds)


def test_a_throttled_answer_pauses_the_whole_channel(post: Post) -> None:
    """One try tells all: no other message of the channel is tried before it opens, and other channels go on."""
    post.queue("sms", 120)
    post.queue("email", 60, since=500)
    post.sms.answer = lambda message: throttled(90)
    post.loop.run_due()
    assert (len(post.sms.sent), len(post.mail.sent)) == (1, 60)
    assert {message.wake_at for message in post.left("sms")} == {NINE + timedelta(seconds=90)}
    assert Counter(message.attempts for message in post.left("sms")) == {0: 119, 1: 1}
    post.clock.advance(timedelta(seconds=89))
    post.loop.run_due()
    assert len(post.sms.sent) == 1
    post.sms.answer = lambda message: Receipt()
    post.clock.advance(SECOND)
    post.loop.run_due()
    assert post.left("sms") == []


def test_a_message_that_comes_while_its_channel_is_paused_waits_too(post: Post) -> None:
    """What is written during the pause is not tried before its end."""
    post.queue("sms", 1)
    post.sms.answer = lambda message: throttled(60)
    post.loop.run_due()
    post.clock.advance(30 * SECOND)
    post.queue("sms", 1, since=7)
    assert post.loop.outbox.send_due().put_off == 1
    assert len(post.sms.sent) == 1


def test_another_worker_keeps_to_the_pause(tmp_path: Path) -> None:
    """A pause that one process has found holds for all."""
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    first, second = Post(url), Post(url)
    first.queue("sms", 3)
    first.sms.answer = lambda message: throttled(60)
    first.loop.run_due()
    second.queue("sms", 3, since=10)
    second.loop.run_due()
    assert (len(first.sms.sent), len(second.sms.sent)) == (1, 0)
    first.loop.close()
    second.loop.close()


def test_a_channel_that_is_throttled_for_long_parks_what_it_refused(post: Post) -> None:
    """The pauses of a message grow; after twelve tries it waits for a person, who reads why."""
    post.queue("sms", 1)
    post.sms.answer = lambda message: throttled()
    waits = []
    while (message := post.left("sms")[0]).wake_at is not None:
        waits.append(message.wake_at - post.clock.now())
        post.clock.set(message.wake_at)
        post.loop.run_due()
    assert waits == sorted(waits)
    assert (message.state, message.error) == (MessageState.PARKED, "throttled: slow down (after 12 tries)")


def test_a_slow_channel_gets_no_more_than_half_of_the_time(post: Post) -> None:
    """While one channel times out, the messages of the other go out after its first try."""
    post.queue("sms", 40)
    post.queue("email", 40, since=100)
    slow = Receipt(failure=Failure.RETRY, detail="timed out")
    post.sms.answer = post.taking(30, slow)
    post.loop.run_due()
    assert post.left("email") == []
    assert max(message.attempts for message in post.left("sms")) <= 2
    assert len(post.sms.sent) < 5


def test_a_broken_channel_costs_the_others_nothing(post: Post) -> None:
    """A channel that refuses every message, or raises, has its own messages wait, and no other."""
    post.queue("sms", 70)
    post.queue("email", 70, since=100)

    def broken(message: OutboundMessage) -> Receipt:
        raise OSError("no route")

    post.sms.answer = broken
    post.loop.run_due()
    assert post.left("email") == []
    assert {message.state for message in post.left("sms")} == {MessageState.UNKNOWN}


@pytest.mark.parametrize("rate", [0.5, 7.0])
def test_a_channel_takes_so_many_a_second_from_all_workers(tmp_path: Path, rate: float) -> None:
    """Two workers that look in as often as they like never hand over more than the channel takes."""
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    workers = [Post(url), Post(url)]
    times: list[datetime] = []
    for worker in workers:
        worker.sms.capabilities = Capabilities(per_second=rate)
        worker.sms.answer = lambda message, worker=worker: times.append(worker.clock.now()) or Receipt()
    workers[0].queue("sms", 30)
    step = timedelta(seconds=0.25)
    while workers[0].left("sms"):
        for worker in workers:
            worker.loop.outbox.send_due()
            worker.clock.advance(step)
    assert len(times) == 30
    for number, time in enumerate(times):
        within = sum(time <= other < time + 4 * SECOND for other in times[number:])
        assert within <= 4 * rate + 1 + rate * step.total_seconds()
    assert times[-1] - times[0] <= timedelta(seconds=30 / rate) + 2 * step
    for worker in workers:
        worker.loop.close()


def test_a_message_is_put_off_once(post: Post) -> None:
    """With its time kept for it, it is neither slept for nor put off again; nothing counts as a try."""
    post.sms.capabilities = Capabilities(per_second=1)
    post.queue("sms", 20)
    sent = post.loop.outbox.send_due()
    assert (sent.claimed, sent.accepted, sent.failed, sent.put_off) == (20, 1, 0, 19)
    assert sorted((message.slot or NINE) - NINE for message in post.left("sms")) == [n * SECOND for n in range(1, 20)]
    put_off = 0
    for _ in range(19):
        post.clock.advance(SECOND)
        put_off += post.loop.outbox.send_due().put_off
    assert (put_off, post.left("sms")) == (0, [])
    assert {message.attempts for message in post.sms.sent} == {1}


def test_an_answer_does_not_wait_behind_a_thousand_surveys(post: Post) -> None:
    """What is written now goes out within about a minute, however long the queue of a paced channel is."""
    post.sms.capabilities = Capabilities(per_second=1)
    post.queue("sms", 500)
    post.loop.run_due()
    post.clock.advance(5 * SECOND)
    post.queue("sms", 1, since=900)
    while all(message.id != UUID(int=900) for message in post.sms.sent):
        post.clock.advance(SECOND)
        post.loop.run_due()
    assert post.clock.now() - NINE < timedelta(seconds=75)


def test_an_unpaced_channel_that_was_never_throttled_leaves_no_trace(post: Post) -> None:
    """The pace costs nothing where there is none: no row is written."""
    post.queue("sms", 60)
    post.loop.run_due()
    assert list(post.loop.store.pages(ChannelPace, "main")) == []


def test_addresses_that_are_systems_of_their_own_do_not_hold_each_other_up(post: Post) -> None:
    """One endpoint that is throttled pauses neither the others nor their messages."""
    post.sms.capabilities = Capabilities(per_address=True)
    post.queue("sms", 30)
    post.sms.answer = lambda message: throttled(60) if message.to == "a1" else Receipt()
    post.loop.run_due()
    assert Counter(message.to for message in post.sms.sent) == {"a0": 10, "a1": 1, "a2": 10}


def test_the_pace_of_an_address_is_forgotten_once_it_is_over(post: Post) -> None:
    """No list grows of everybody who was ever written to; a pause that lasts is kept."""
    post.sms.capabilities = Capabilities(per_address=True, per_second=1)
    post.queue("sms", 3)
    post.sms.answer = lambda message: throttled(600) if message.to == "a1" else Receipt()
    post.loop.run_due()
    assert paced(post) == {"sms a0", "sms a1", "sms a2"}
    post.clock.advance(GRACE + 2 * SECOND)
    post.queue("sms", 1, since=3)
    post.loop.run_due()
    assert paced(post) == {"sms a0", "sms a1"}


def paced(post: Post) -> set[str]:
    """Whose paces are kept."""
    return {pace.channel for pace in post.loop.store.pages(ChannelPace, "main")}


def test_a_batch_ends_with_its_lease(post: Post) -> None:
    """What a slow worker has not begun by then is left to the others, who send each message once."""
    post.queue("sms", BATCH)
    post.sms.answer = post.taking(4, Receipt())
    sent = post.loop.outbox.send_due()
    assert sent.accepted == LEASE / (4 * SECOND)
    assert {message.attempts for message in post.left("sms")} == {0}
    post.loop.run_due()
    assert Counter(message.id for message in post.sms.sent) == {UUID(int=number): 1 for number in range(BATCH)}


def test_what_another_worker_has_claimed_meanwhile_is_not_sent(post: Post) -> None:
    """A worker whose channel hangs for longer than its lease sends nothing more of its batch."""
    post.queue("sms", 10)
    theirs: list[OutboundMessage] = []

    def hangs(message: OutboundMessage) -> Receipt:
        if len(post.sms.sent) == 3:
            post.clock.advance(LEASE - SECOND)
            theirs.extend(
                post.loop.store.claim(
                    OutboundMessage, "main", now=post.clock.now() + 2 * SECOND, lease=LEASE, limit=BATCH
                )
            )
        return Receipt()

    post.sms.answer = hangs
    post.loop.outbox.send_due()
    claimed = {message.id for message in theirs if message.state is MessageState.QUEUED}
    assert len(claimed) == 7
    assert not claimed & {message.id for message in post.sms.sent}


@pytest.mark.parametrize("rate", [0, -1.0, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    """A plugin cannot say that it takes nothing, or no number of messages."""
    with pytest.raises(InvalidValue, match="per_second"):
        Capabilities(per_second=rate)
