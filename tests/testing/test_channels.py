"""The suite for channels: it finds faults that a good adapter would not have, and says what it wants of an author."""

import logging
import re
import time
import uuid
from collections.abc import Callable, Generator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen

from clientloop.channels.webhook.channel import Webhook
from clientloop.errors import ClientLoopError
from clientloop.model.messages import DeliveryStep, Failure, OutboundMessage, Receipt
from clientloop.ports.channel import Capabilities, Channel, Route, Spec
from clientloop.ports.effects import AskTime, Effect, HttpCall, HttpResult, NoAnswer, Result, ask
from clientloop.ports.events import Batch, DeliveryEvent, MessageIn, Parsed, Raw, Verdict
from clientloop.testing import ChannelSuite, Sample
from clientloop.testing.channels import Sending
from clientloop.testing.channels.kit import secrets_of
from clientloop.testing.channels.misshapen import misshapen
from clientloop.testing.channels.watching import compares_digests, impure, in_zone, watched
from tests.channels.webhook import test_conformance as good
from tests.channels.webhook.samples import CONFIG

FIRST = good.TestWebhook.samples[0]
SENDING = good.TestWebhook.sendings[0]


class Reading(Webhook):
    """Reads as it should, but for one thing."""

    def parse(self, raw: Raw) -> Parsed:
        """Change what was read."""
        parsed = super().parse(raw)
        return evolve(parsed, events=tuple(map(self.change, parsed.events)))

    def change(self, event: Any) -> Any:  # Any: an event of any class
        """The fault."""
        raise NotImplementedError


class OwnKeys(Reading):
    """Makes up keys."""

    def change(self, event: Any) -> Any:
        """Draw one."""
        return evolve(event, key=str(uuid.uuid4()))


class OneKey(Reading):
    """Has one key for all events."""

    def change(self, event: Any) -> Any:
        """One is as good as the other."""
        return evolve(event, key="1")


class HalfLetters(Reading):
    """Makes texts that no database takes."""

    def change(self, event: Any) -> Any:
        """Cut a letter in two."""
        return evolve(event, key=event.key + "\ud800")


class LooksAround(Reading):
    """Reads a file on the way."""

    def change(self, event: Any) -> Any:
        """Keep the event."""
        Path(__file__).read_bytes()
        return event


class DrawsLots(Reading):
    """Asks for random bytes through an alias."""

    lots = staticmethod(uuid.uuid4)

    def change(self, event: Any) -> Any:
        """Keep the event."""
        self.lots()
        return event


class Spreads(Reading):
    """Takes a thousand times the memory of a message."""

    def parse(self, raw: Raw) -> Parsed:
        """Hold every byte many times."""
        _ = [bytes([byte]) * 1_000 for byte in raw.body]
        return Parsed()


class Slow(Reading):
    """Compares each byte with all others."""

    def parse(self, raw: Raw) -> Parsed:
        """Find the end of the blanks, from each blank on."""
        re.sub(rb"\s+$", b"", raw.body)
        return super(Reading, self).parse(raw)


class Talkative(Webhook):
    """Logs its settings."""

    def verify(self, raw: Raw, now: datetime) -> Verdict:
        """As it should."""
        logging.getLogger("talkative").debug("secrets are %s", self.config.secrets)
        return super().verify(raw, now)


class Careless(Webhook):
    """Takes what has no signature at all."""

    def verify(self, raw: Raw, now: datetime) -> Verdict:
        """Look at the signature if there is one."""
        if "webhook-signature" not in raw.headers:
            return Verdict(trust=super().verify(good.TestWebhook().made(FIRST), now).trust)
        return super().verify(raw, now)


class Raises(Webhook):
    """Raises while it sends, where an answer is odd."""

    def send(self, out: OutboundMessage) -> Generator[Effect, Result, Receipt]:
        """Count on an answer without a word."""
        receipt = yield from super().send(out)
        assert receipt.failure is not Failure.THROTTLED
        return receipt


class Impatient(Webhook):
    """Takes what may have been sent for what was not."""

    def send(self, out: OutboundMessage) -> Generator[Effect, Result, Receipt]:
        """Ask for another try."""
        receipt = yield from super().send(out)
        return Receipt(failure=Failure.RETRY) if receipt.failure is Failure.UNKNOWN else receipt


class Sleeps(Webhook):
    """Waits by itself."""

    def send(self, out: OutboundMessage) -> Generator[Effect, Result, Receipt]:
        """Between two calls."""
        time.sleep(0)
        return (yield from super().send(out))


class Adds(Webhook):
    """Puts the subject into a header field."""

    def send(self, out: OutboundMessage) -> Generator[Effect, Result, Receipt]:
        """As it is."""
        told = yield from ask(AskTime())
        assert not isinstance(told, NoAnswer)
        answer = yield from ask(HttpCall(method="POST", url="https://x.example/", headers={"X-Subject": out.subject}))
        return answer.receipt if isinstance(answer, NoAnswer) else Receipt()


class Mutable(Channel):
    """Has settings that anybody may change, and shows a secret among them."""

    @frozen(kw_only=True)
    class Config:
        """One secret, shown."""

        #: It.
        api_key: str = "s3cret-key"

    spec = Spec(name="Mutable Channel", config=Config, routes=(Route(name="in", methods=("post",)),))

    def parse(self, raw: Raw) -> Parsed:
        """Nothing."""
        return Parsed()

    def capabilities(self) -> Capabilities:
        """A guess."""
        return Capabilities(receipts=True, max_length=0)


Test = Callable[[Any], None]  # Any: a suite with a channel of any class
FAULTS: list[tuple[type[Channel], Test]] = [
    (OwnKeys, lambda suite: suite.test_reading_gives_the_same_each_time()),
    (OwnKeys, lambda suite: suite.test_keys_are_the_same_under_redelivery(FIRST)),
    (OwnKeys, lambda suite: suite.test_a_sample_says_what_it_should(FIRST)),
    (HalfLetters, lambda suite: suite.test_what_is_read_can_be_stored(FIRST)),
    (OneKey, lambda suite: suite.test_no_two_events_share_a_key()),
    (LooksAround, lambda suite: suite.test_reading_touches_nothing(FIRST)),
    (DrawsLots, lambda suite: suite.test_reading_touches_nothing(FIRST)),
    (Spreads, lambda suite: suite.test_memory_is_bounded(b"a")),
    (Slow, lambda suite: suite.test_time_grows_no_faster_than_the_message(b" ")),
    (Talkative, lambda suite: suite.test_no_secret_is_told_by_what_fails()),
    (Careless, lambda suite: suite.test_a_changed_body_is_refused_whatever_is_stripped()),
    (Raises, lambda suite: suite.test_whatever_is_answered_nothing_is_raised(SENDING, 9)),
    (Impatient, lambda suite: suite.test_a_failure_is_told_as_what_it_is(SENDING, "cut")),
    (Sleeps, lambda suite: suite.test_sending_touches_nothing(SENDING)),
    (Adds, lambda suite: suite.test_any_words_are_sent(SENDING)),
    (Adds, lambda suite: suite.test_a_message_is_known_by_a_key_of_its_own(SENDING)),
]


@pytest.mark.parametrize(("faulty", "test"), FAULTS)
def test_the_suite_finds_the_fault(faulty: type[Channel], test: Test) -> None:
    """A channel with one plausible fault fails the test that is there for it, and the good one passes that."""
    test(good.TestWebhook())
    suite = type("Suite", (good.TestWebhook,), {"channel": faulty(CONFIG)})
    with pytest.raises((AssertionError, ClientLoopError)):
        test(suite())


@pytest.mark.parametrize(
    "test",
    [
        "test_the_name_is_words_in_lower_case",
        "test_settings_that_look_like_secrets_are_hidden",
        "test_routes_can_be_told_apart",
        "test_what_it_can_carry_is_said_at_once",
        "test_there_is_something_to_judge_it_by",
    ],
)
def test_a_careless_declaration_is_found(test: str) -> None:
    """A name with capitals, a secret that is shown, a method in small letters, no room for a letter, no samples."""
    suite = type("Suite", (ChannelSuite,), {"channel": Mutable()})
    with pytest.raises(AssertionError):
        getattr(suite(), test)()


def test_receipts_that_are_not_declared_are_found() -> None:
    """Who reports on messages says so."""
    reports = Sample(events=(DeliveryEvent(key="1", provider_id="1", step=DeliveryStep.SENT),))
    suite = type("Suite", (good.TestWebhook,), {"samples": (FIRST, reports)})
    with pytest.raises(AssertionError, match=r"receipts=True in capabilities\(\)"):
        suite().test_there_is_something_to_judge_it_by()


class Fetching(Channel):
    """Fetches all that it has not seen, by number."""

    spec = Spec(name="fetching")

    def verify(self, raw: Raw, now: datetime) -> Verdict:
        """Anybody."""
        return good.TestWebhook().channel.verify(raw, now)

    def parse(self, raw: Raw) -> Parsed:
        """Its number."""
        return Parsed()

    def poll(self, cursor: str | None) -> Generator[Effect, Result, Batch]:
        """Two at a time."""
        after = int(cursor or 0)
        answer = yield from ask(HttpCall(method="GET", url=f"https://x.example/?after={after}"))
        if isinstance(answer, NoAnswer):
            return Batch(cursor=self.lost(cursor))
        found = answer.body.split()[:2]
        raws = tuple(Raw(body=body) for body in found)
        return Batch(raws=raws, cursor=self.next(after, len(found)), more=len(found) == 2)

    def lost(self, cursor: str | None) -> str | None:
        """Where to go on after no answer."""
        return cursor

    def next(self, after: int, found: int) -> str | None:
        """Where to go on."""
        return str(after + found)


class Forgetful(Fetching):
    """Begins anew after a poll without an answer."""

    def lost(self, cursor: str | None) -> str | None:
        """From the front."""
        return None


class Hasty(Fetching):
    """Goes on one too far."""

    def next(self, after: int, found: int) -> str | None:
        """As if one more had come."""
        return str(after + found + 1)


class Restless(Fetching):
    """Loses its place when nothing has come."""

    def next(self, after: int, found: int) -> str | None:
        """From the front."""
        return super().next(after, found) if found else None


class PollSuite(ChannelSuite):
    """A service over HTTP that holds five messages."""

    channel = Fetching()
    samples = tuple(Sample(raw=Raw(body=b"m%d" % number)) for number in range(5))

    def serve(self, effect: Effect, held: Any) -> Result:
        """All after a number."""
        assert isinstance(effect, HttpCall)
        after = int(effect.url.rpartition("=")[2])
        return HttpResult(status=200, body=b" ".join(held[after:]))


POLLS = [
    "test_everything_is_fetched_in_its_order",
    "test_what_comes_between_two_polls_is_fetched",
    "test_a_poll_that_finds_nothing_keeps_its_place",
    "test_a_service_that_does_not_answer_loses_nothing",
]


@pytest.mark.parametrize(
    ("faulty", "test"), [(Hasty, POLLS[0]), (Hasty, POLLS[1]), (Restless, POLLS[2]), (Forgetful, POLLS[3])]
)
def test_the_suite_finds_what_is_lost_between_polls(faulty: type[Channel], test: str) -> None:
    """And the channel without a fault passes, over a service that is no mailbox."""
    getattr(PollSuite(), test)()
    suite = type("Suite", (PollSuite,), {"channel": faulty()})
    with pytest.raises(AssertionError):
        getattr(suite(), test)()


def test_only_what_the_channel_does_is_tested() -> None:
    """Tests of anything else are not even collected; what the author gives decides about the rest."""
    assert PollSuite.test_a_message_is_taken is None
    assert PollSuite.test_a_changed_body_is_refused is None
    assert good.TestWebhook.test_a_message_without_a_time_stays_good is None
    assert good.TestWebhook.test_an_old_message_is_refused is not None
    assert good.TestWebhook.test_everything_is_fetched_in_its_order is None
    assert ChannelSuite.test_a_message_is_taken is not None


def test_what_is_called_is_seen_under_any_name() -> None:
    """Clock, files, lots and comparisons, also through aliases, and nothing that is harmless."""
    now, read = time.time, Path(__file__).read_bytes
    with watched(impure) as calls:
        now()
        read()
        datetime.now().astimezone()  # what is looked for
        uuid.uuid4()
        str(uuid.uuid5(uuid.NAMESPACE_DNS, "a.example"))
    names = {each.partition(" ")[0].rpartition(".")[2] for each in calls}  # modules differ between versions of Python
    assert names == {"time", "open", "now", "urandom"}
    with watched(compares_digests) as calls:
        assert good.TestWebhook().channel.verify(good.TestWebhook().made(FIRST), good.TestWebhook.now).accepted
    assert calls


def test_the_zone_of_the_machine_comes_back() -> None:
    """As it was before."""
    before = time.localtime(0).tm_hour
    with in_zone("Asia/Tokyo"):
        assert time.localtime(0).tm_hour == 9
    assert time.localtime(0).tm_hour == before


def test_secrets_are_what_repr_leaves_out() -> None:
    """However deep they are; short texts, which would be found by chance, are none."""
    found = secrets_of(CONFIG)
    assert {"https://crm.example.com/hook?key=s3cret", *CONFIG.secrets} <= found
    assert "crm" not in found


def test_bodies_are_bent_one_field_at_a_time() -> None:
    """Of JSON at any depth, of forms, and of nothing else."""
    bent = set(misshapen(b'{"a": {"b": 1}}'))
    assert {b"{}", b'{"a": {}}', b'{"a": null}', b'{"a": {"b": null}}', b"null"} <= bent
    assert {b"b=2", b"a=&b=2", b"a=1&b=%00"} <= set(misshapen(b"a=1&b=2"))
    assert not list(misshapen(b"\xff"))


def test_a_sending_and_a_sample_are_what_an_author_writes() -> None:
    """Lists are taken as well as tuples."""
    sending = Sending(message=SENDING.message, answers=[HttpResult(status=204)], receipt=Receipt())
    assert sending.answers == (HttpResult(status=204),)
    assert Sample(events=[MessageIn(key="1", sender=FIRST.events[0].sender, text="x")]).events[0].key == "1"
