"""What a channel reads: the right thing, always the same, and without touching anything."""

import copy
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import attrs
from attrs import evolve

from clientloop.errors import BadPayload, InvalidValue
from clientloop.model.codec import text, write_json
from clientloop.model.messages import DeliveryStep
from clientloop.ports.channel import Channel, Direction
from clientloop.ports.events import DeliveryEvent, Event, Parsed, Raw, Reply, Verdict
from clientloop.testing.channels.kit import Sample, Suite, events_of, keys_of, texts
from clientloop.testing.channels.misshapen import misshapen
from clientloop.testing.channels.watching import impure, in_zone, watched

THREADS = 4

#: What carries a message adds these, and they are others each time.
TRANSPORT = {
    "date": "Mon, 02 Mar 2026 09:00:07 GMT",
    "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "user-agent": "Service/2.0 (second try)",
    "x-forwarded-for": "203.0.113.7",
    "x-request-id": "9b2f0c1e-6a52-4f5b-9a37-2f6f1a1f9d11",
}


class Reads(Suite):
    """Tests of `verify` and `parse` on what the service really sends."""

    @staticmethod
    def judges(suite: type[Suite]) -> bool:
        """Whether the channel receives, and there are samples."""
        return suite.does(Direction.RECEIVE) and bool(suite.samples)

    def test_a_sample_is_accepted(self, sample: Sample) -> None:
        """`verify` takes what the service has sent."""
        verdict = self.channel.verify(self.made(sample), self.now)
        assert isinstance(verdict, Verdict)
        assert verdict.accepted, f"refused: {verdict.reason}"

    def test_a_sample_says_what_it_should(self, sample: Sample) -> None:
        """`parse` gives exactly the events that its author expects, in their order, and an acknowledgement."""
        parsed = self.channel.parse(self.made(sample))
        assert isinstance(parsed, Parsed)
        assert parsed.events == sample.events
        assert isinstance(parsed.reply, Reply)
        assert 200 <= parsed.reply.status < 400, "a service sends again what is not acknowledged"

    def test_reading_gives_the_same_each_time(self) -> None:
        """In any order, again and again: a stored message can be read anew after a mistake was mended."""
        raws = self.raws()
        first = [self.read(raw) for raw in raws]
        order = list(range(len(raws))) * 3
        random.Random(7).shuffle(order)  # noqa: S311  # the same lots each time, for nothing secret
        for number in order:
            assert self.read(raws[number]) == first[number]

    def test_reading_leaves_the_channel_as_it_is(self) -> None:
        """It holds its settings and nothing else: no attribute is set, counted up or added to."""
        raws = self.raws()
        for raw in raws:
            self.read(raw)
        before = state_of(self.channel)
        for raw in raws:
            self.read(raw)
        assert state_of(self.channel) == before

    def test_reading_is_the_same_on_many_threads(self) -> None:
        """One object serves them all at once."""
        raws = self.raws()
        first = [self.read(raw) for raw in raws]
        with ThreadPoolExecutor(THREADS) as pool:
            for found in pool.map(lambda _: [self.read(raw) for raw in raws], range(4 * THREADS)):
                assert found == first

    def test_reading_touches_nothing(self, sample: Sample) -> None:
        """`verify` and `parse` open no file or socket, draw no lots, look at no clock: `verify` is told the time."""
        raw = self.made(sample)
        self.read(raw)  # what is imported on the way is imported once
        with watched(impure) as calls:
            self.read(raw)
        assert not calls, f"verify and parse are pure, but called {calls}"

    def test_reading_is_the_same_in_every_zone(self, sample: Sample) -> None:
        """A time without a zone is none: where the machine stands that reads a message, its author did not know."""
        raw = self.made(sample)
        for changed in (evolve(raw, body=body) for body in (raw.body, *misshapen(raw.body))):
            assert self._read_in("America/New_York", changed) == self._read_in("Asia/Tokyo", changed)

    def test_what_is_read_can_be_stored(self, sample: Sample) -> None:
        """Times name their zone, texts are such that every database takes them, and no key is too long for an index."""
        for event in events_of(self.channel, self.made(sample)):
            assert_fit(event)

    def test_no_two_events_share_a_key(self) -> None:
        """A second event with a key changes nothing: two messages, and two steps of one, have a key each."""
        keys = [key for raw in self.raws() for key in keys_of(self.channel, raw)]
        twice = {key for key in keys if keys.count(key) > 1}
        assert not twice, f"several samples have the key {', '.join(sorted(twice))}: the first would hide the others"

    def test_keys_are_the_same_under_redelivery(self, sample: Sample) -> None:
        """When it arrives again, some minutes later and by another way, it is known to be the same."""
        expected = [event.key for event in sample.events]
        for again, at in self._redelivered(sample) if not sample.always_news else ():
            assert self.channel.verify(again, at).accepted
            assert keys_of(self.channel, again) == expected

    def test_only_what_failed_has_a_failure(self) -> None:
        """A receipt of the step `FAILED` says why, and no other does."""
        for event in (each for raw in self.raws() for each in events_of(self.channel, raw)):
            if isinstance(event, DeliveryEvent):
                assert (event.failure is not None) is (event.step is DeliveryStep.FAILED), event.key

    def _read_in(self, zone: str, raw: Raw) -> tuple[Event, ...] | None:
        with in_zone(zone):
            try:
                return events_of(self.channel, raw)
            except BadPayload:
                return None

    def _redelivered(self, sample: Sample) -> list[tuple[Raw, datetime]]:
        """The same message as it comes again, and when."""
        later = self.now + min(getattr(self, "window", None) or _LATER, _LATER) / 2
        tries = [(self.made(sample), later), (self.made(sample, later), later)]
        carried = [(evolve(raw, headers={**TRANSPORT, **raw.headers}), at) for raw, at in tries]
        return [*carried, *((raw, later) for raw in sample.again)]


_LATER = timedelta(minutes=4)


def state_of(channel: Channel) -> object:
    """All that a channel holds, to be compared with later."""
    held = vars(channel)
    try:
        return copy.deepcopy(held)
    except TypeError:  # a lock, say, which is the same or another one
        return dict(held)


def assert_fit(event: Event) -> None:
    """Assert that the store can take an event."""
    for each in attrs.fields(type(event)):
        value = getattr(event, each.name)
        assert not isinstance(value, datetime) or value.tzinfo is not None, f"{each.name}: {value!r} names no zone"
        for found in [write_json(value)] if isinstance(value, dict) else texts(value):
            try:
                text(found)
            except InvalidValue as error:
                raise AssertionError(f"{type(event).__name__}.{each.name}: {error}") from None
