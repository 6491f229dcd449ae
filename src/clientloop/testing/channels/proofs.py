"""How a channel proves who sends: what was changed, forged, stripped or kept for too long is refused."""

from collections.abc import Iterator
from datetime import timedelta

from attrs import evolve

from clientloop.errors import BadPayload, ClientLoopError
from clientloop.ports.channel import Direction
from clientloop.ports.events import Ignored, Raw
from clientloop.testing.channels.kit import Suite, only_if
from clientloop.testing.channels.watching import compares_digests, watched

#: How many bytes of each message are changed, one at a time.
PLACES = 40

#: What is put in the place of a header field.
FORGED = ("", "0", "x", "=", "é", "\ud800", "a" * 4_000)

#: A moment, to go beyond the window by.
MOMENT = timedelta(seconds=2)


class Proves(Suite):
    """Tests of `verify` on messages that the service has not sent so."""

    @staticmethod
    def judges(suite: type[Suite]) -> bool:
        """Whether the channel receives, and its author has said how messages are signed."""
        return suite.does(Direction.RECEIVE) and suite.signs() and bool(suite.samples)

    def test_a_changed_body_is_refused(self) -> None:
        """Whichever byte is another one, and whatever is cut off or put behind."""
        for raw in self.proved():
            for body in _changed(raw.body):
                tampered = evolve(raw, body=body)
                if self.signs_body:
                    assert not self._accepts(tampered), f"accepted: {body[:200]!r}"
                else:
                    self._assert_no_news(raw, tampered)

    @only_if(lambda suite: suite.signs_body)
    def test_a_changed_body_is_refused_whatever_is_stripped(self) -> None:
        """Who leaves out the signature, or its time, or its kind, has signed nothing."""
        for raw in self.proved():
            for name in raw.headers:
                stripped = {each: value for each, value in raw.headers.items() if each != name}
                assert not self._accepts(evolve(raw, body=raw.body + b" ", headers=stripped)), f"without {name}"

    def test_a_changed_header_is_refused_or_says_nothing_else(self) -> None:
        """Each field is dropped, changed at its ends and in the middle, and replaced; and all are dropped at once."""
        for raw in self.proved():
            self._assert_no_news(raw, evolve(raw, headers={}), what="the headers")
            for name in raw.headers:
                for headers in _without(raw, name):
                    self._assert_no_news(raw, evolve(raw, headers=headers), what=f"header {name}")

    def test_another_address_is_refused_or_says_nothing_else(self) -> None:
        """A message that was sent to one URL, by one method, is no other message at another."""
        for raw in self.proved():
            joint = "&" if "?" in raw.url else "?"
            for changed in (
                evolve(raw, url=f"{raw.url}{joint}id=1"),
                evolve(raw, url=raw.url.partition("?")[0]),
                evolve(raw, url=""),
                *(evolve(raw, method=method) for method in ("GET", "POST", "PUT")),
            ):
                self._assert_no_news(raw, changed, what="the URL or the method")

    @only_if(lambda suite: getattr(suite, "window", None) is not None)
    def test_an_old_message_is_refused(self) -> None:
        """And one that claims to come from the future: within the window it is taken, and beyond it is not."""
        window = self.window or timedelta()
        for raw in [self.made(sample) for sample in self.samples if sample.raw is None]:
            assert self.channel.verify(raw, self.now + window / 2).accepted
            for away in (window + MOMENT, -window - MOMENT, 50 * window):
                verdict = self.channel.verify(raw, self.now + away)
                assert not verdict.accepted, f"accepted at {away} from when it was made"

    @only_if(lambda suite: getattr(suite, "window", MOMENT) is None)
    def test_a_message_without_a_time_stays_good(self) -> None:
        """Where no age is signed, a stored message proves tomorrow what it proves today; its key tells a repeat."""
        for raw in self.proved():
            verdict = self.channel.verify(raw, self.now + timedelta(days=3650))
            assert verdict == self.channel.verify(raw, self.now), "the age is signed: give `window`"

    @only_if(lambda suite: not suite.public_key)
    def test_secrets_are_compared_in_constant_time(self) -> None:
        """By `hmac.compare_digest`: else the time of a refusal tells how much of a forged signature was right."""
        for raw in self.proved():
            with watched(compares_digests) as calls:
                self.channel.verify(raw, self.now)
            assert calls, "compare signatures by hmac.compare_digest, never by =="

    def test_a_channel_without_secrets_takes_nothing(self) -> None:
        """As it is made without settings, if it can be: somebody forgot to set it up."""
        try:
            bare = type(self.channel)()
        except (ClientLoopError, TypeError, ValueError):
            return  # that it cannot be set up so is the better answer
        for raw in self.proved():
            assert not bare.verify(raw, self.now).accepted

    def test_a_refusal_says_why(self) -> None:
        """In words for a person who sets the channel up."""
        for raw in self.proved():
            verdict = self.channel.verify(Raw(body=raw.body + b" ", route=raw.route), self.now)
            assert verdict.accepted or verdict.reason.strip()

    def _accepts(self, raw: Raw) -> bool:
        return self.channel.verify(raw, self.now).accepted

    def _assert_no_news(self, raw: Raw, changed: Raw, *, what: str = "the body") -> None:
        """Assert that a changed message is refused, unreadable, or one that is known by its keys to be no news."""
        if changed == raw or not self._accepts(changed):
            return
        try:
            said = self.channel.parse(changed).events
        except BadPayload:
            return
        known = self.channel.parse(raw).events
        if self.signs_body:
            assert said == known, f"{what} is not proved, and changes what is read"
        else:
            news = {event.key for event in said if not isinstance(event, Ignored)}
            assert news <= {event.key for event in known}, f"{what} changes the key"


def _changed(body: bytes) -> Iterator[bytes]:
    step = max(1, len(body) // PLACES)
    for place in range(0, len(body), step):
        yield body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
    yield from (body[:-1], body[1:], body + b"&a=b", b" " + body, b"") if body else (b"a",)


def _without(raw: Raw, name: str) -> Iterator[dict[str, str]]:
    value = raw.headers[name]
    yield {each: found for each, found in raw.headers.items() if each != name}
    changed = {
        value[:place] + ("B" if value[place] == "A" else "A") + value[place + 1 :]
        for place in (0, len(value) // 2, len(value) - 1)
        if value
    }
    for forged in (*sorted(changed), *FORGED, value + value, value.upper()):
        if forged != value:
            yield {**raw.headers, name: forged}
