"""What strangers send: whatever comes is read or refused, in bounded time and memory, and tells nobody a secret."""

import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import ClassVar

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import BadPayload
from clientloop.ports.channel import Direction
from clientloop.ports.events import MessageIn, Parsed, Raw, Verdict
from clientloop.testing.channels.kit import Sample, Suite, only_if, secrets_of
from clientloop.testing.channels.misshapen import misshapen
from clientloop.testing.channels.reading import assert_fit
from clientloop.testing.channels.telling import told_by
from clientloop.testing.examples import drawn, thorough

#: What is put together to make messages that nobody meant.
PIECES = (
    *(b"", b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"%00", b"%ff", b"%", b"&", b"=", b"\r\n", b"\r\n\r\n"),
    *(b'"', b"\\", b"\\u0000", b"\\ud800", b"{", b"}", b"[", b"]", b"--", b"<", b"@"),
    *(b"null", b"true", b"-1", b"1e999", b"NaN", b"9" * 400, b"[" * 2_000),
)

#: What is repeated to see how the time grows.
RUNS = (b" ", b"(", b"a", b"1", b"%20", b">\n", b"a=1&", b'"', b"[", b'{"a":', b"--\r\n", b"=?utf-8?q?", b"a@", b",")

#: How long bodies are, in bytes: the shortest, and the longest of a plain run and of a thorough one.
SHORTEST, LONG, LONGEST = 1_024, 65_536, 1_048_576

#: What takes less, in seconds of the processor's time, is not measured: the clock is too coarse.
FLOOR = 0.02

#: How much memory reading may take: so many times the body, and so much besides.
TIMES, BESIDES = 64, 4 * 1024 * 1024


class Endures(Suite):
    """Tests of `verify` and `parse` on what nobody should send."""

    #: The fields that hostile messages have in common headers.
    hostile_headers: ClassVar[tuple[str, ...]] = ("content-type", "content-length", "content-encoding", "host")

    @staticmethod
    def judges(suite: type[Suite]) -> bool:
        """Whether the channel receives, and there are samples to be changed."""
        return suite.does(Direction.RECEIVE) and bool(suite.samples)

    @drawn()
    @given(data=st.data())
    def test_whatever_comes_is_read_or_refused(self, data: st.DataObject) -> None:
        """`verify` gives a verdict, and `parse` raises `BadPayload` and nothing else; what is read can be stored."""
        raw = data.draw(st.sampled_from(self.raws()))
        body = data.draw(st.one_of(st.binary(max_size=200), mutations(raw.body)))
        headers = data.draw(st.one_of(st.just(raw.headers), self._headers(raw)))
        self._assert_endured(evolve(raw, body=body, headers=headers))
        if self.signs():
            self._assert_endured(self.sign(body, self.now))

    def test_whatever_stands_in_a_field_is_read_or_refused(self, sample: Sample) -> None:
        """In a body of JSON or of a form: each field is left out, and holds something of every other sort."""
        raw = self.made(sample)
        for body in misshapen(sample.body or raw.body):
            self._assert_endured(self._signed(raw, body))

    def test_whatever_stands_in_a_header_or_a_url(self) -> None:
        """Names and values that are empty, long, no ASCII, or halves of characters."""
        hostile = (
            "",
            "\ud800",
            "é" * 50,
            "\0",
            "a" * 10_000,
            "=" * 1_000,
            ";;;,,,",
            "application/json; charset=utf-99",
        )
        for raw in self.raws():
            for value in hostile:
                for name in {*raw.headers, *self.hostile_headers}:
                    self._assert_endured(evolve(raw, headers={**raw.headers, name: value}))
                self._assert_endured(evolve(raw, url=value))
                self._assert_endured(evolve(raw, url=f"https://[::1{value}?{value}"))
                self._assert_endured(evolve(raw, method=value))

    @pytest.mark.parametrize("run", RUNS, ids=lambda run: run.decode().strip() or "blank")
    def test_time_grows_no_faster_than_the_message(self, run: bytes) -> None:
        """Of a message that is four times as long, reading takes less than eight times as long."""
        for grow in self._growing(run):
            size, before = SHORTEST, seconds(self._reads(grow(SHORTEST)))
            while (size := size * 4) <= (LONGEST if thorough() else LONG):
                raw = grow(size)
                took = seconds(self._reads(raw))
                if took > FLOOR and took >= 8 * before:  # perhaps the machine was busy
                    took, before = best(self._reads(raw)), best(self._reads(grow(size // 4)))
                assert took <= FLOOR or took < 8 * before, f"{size} bytes took {took:.3f} s, a quarter {before:.3f} s"
                before = took

    @pytest.mark.parametrize("run", RUNS, ids=lambda run: run.decode().strip() or "blank")
    def test_memory_is_bounded(self, run: bytes) -> None:
        """A message takes so many times its own length to read, and no more."""
        for grow in self._growing(run):
            raw = grow(LONG)
            read = self._reads(raw)
            read()
            tracemalloc.start()
            try:
                read()
                peak = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
            assert peak < TIMES * len(raw.body) + BESIDES, f"{len(raw.body)} bytes took {peak} bytes to read"

    @only_if(lambda suite: bool(suite.channel.spec.routes))
    def test_the_longest_message_is_read_or_refused(self) -> None:
        """As long as a route takes: the application has read no byte more."""
        for route in self.channel.spec.routes:
            for run in (b"a", b"[", b"a=1&"):
                body = run * (route.max_body // len(run))
                raw = self.sign(body, self.now) if self.signs() else Raw(body=body)
                self._assert_endured(evolve(raw, route=route.name, body=body))

    def test_no_secret_is_told_by_what_fails(self) -> None:
        """Neither by the error, nor by its traceback with the values in it, nor by what is logged on the way."""
        secrets = secrets_of(self.channel.config)
        for raw in self.raws():
            for body in (b"", b"{", raw.body[: len(raw.body) // 2], raw.body + b"\xff"):
                broken = evolve(raw, body=body)
                told = told_by(self.channel, partial(self.channel.parse, broken))
                told += told_by(self.channel, partial(self.channel.verify, broken, self.now))
                assert not [secret for secret in secrets if secret in told], "a secret of the settings is told"

    def _assert_endured(self, raw: Raw) -> None:
        assert isinstance(self.channel.verify(raw, self.now), Verdict)
        try:
            parsed = self.channel.parse(raw)
        except BadPayload:
            return
        assert isinstance(parsed, Parsed)
        for event in parsed.events:
            assert_fit(event)

    def _headers(self, raw: Raw) -> st.SearchStrategy[dict[str, str]]:
        """Some of the fields, with values of any text."""
        names = st.sampled_from(sorted({*raw.headers, *self.hostile_headers}))
        anything = st.text(st.characters(), max_size=30)  # halves of characters too
        return st.dictionaries(names, anything, max_size=3).map(lambda changed: {**raw.headers, **changed})

    def _growing(self, run: bytes) -> Iterator[Callable[[int], Raw]]:
        """Messages of any length: the run alone, and within the words and the middle of each sort of sample."""
        first = self.raws()[0]
        yield lambda size: self._signed(first, filled(run, size))
        sorts = {type(event): sample for sample in self.samples for event in sample.events}
        for sample in sorts.values():
            raw = self.made(sample)
            words = {raw.body.find(each.text.encode()) for each in sample.events if isinstance(each, MessageIn)}
            for at in sorted({len(raw.body) // 2} | words - {-1}):
                yield partial(self._within, raw, at, run)

    def _within(self, raw: Raw, at: int, run: bytes, size: int) -> Raw:
        return self._signed(raw, raw.body[:at] + filled(run, size) + raw.body[at:])

    def _signed(self, raw: Raw, body: bytes) -> Raw:
        """A message like this one with another body, signed where that can be done."""
        return self.sign(body, self.now) if self.signs() and raw.body else evolve(raw, body=body)

    def _reads(self, raw: Raw) -> Callable[[], None]:
        def read() -> None:
            self.channel.verify(raw, self.now)
            with suppress(BadPayload):
                self.channel.parse(raw)

        return read


def filled(run: bytes, size: int) -> bytes:
    """A run, repeated up to a size."""
    return run * (size // len(run))


def seconds(work: Callable[[], None]) -> float:
    """The processor's time that some work takes."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def best(work: Callable[[], None]) -> float:
    """The least of several times."""
    return min(seconds(work) for _ in range(3))


def mutations(body: bytes) -> st.SearchStrategy[bytes]:
    """A body with pieces cut out, put in and doubled."""
    place = st.integers(0, len(body))
    cut = st.tuples(place, place, st.sampled_from(PIECES)).map(lambda c: body[: min(c[:2])] + c[2] + body[max(c[:2]) :])
    doubled = place.map(lambda at: body[:at] + body)
    return st.one_of(cut, cut, doubled)
