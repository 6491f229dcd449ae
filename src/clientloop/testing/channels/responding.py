"""What a channel answers in the same breath."""

from collections.abc import Iterator, Sequence

from clientloop.model.messages import OutboundMessage
from clientloop.ports.channel import Direction
from clientloop.ports.events import Reply
from clientloop.testing.channels.kit import Sample, Suite, secrets_of
from clientloop.testing.channels.sending import WORDS
from clientloop.testing.channels.watching import impure, watched
from clientloop.testing.samples import sample as sample_of


class Responds(Suite):
    """Tests of `respond`."""

    @staticmethod
    def judges(suite: type[Suite]) -> bool:
        """Whether the channel answers in line, and there is something to answer."""
        return suite.does(Direction.RESPOND) and bool(suite.samples)

    def test_an_answer_in_line_is_one_reply(self, sample: Sample) -> None:
        """To whatever was read, with no message to tell, with one and with several, of any words."""
        raw = self.made(sample)
        for out in self._outs():
            reply = self.channel.respond(raw, out)
            assert isinstance(reply, Reply)
            assert 200 <= reply.status < 400
            assert not [line for pair in reply.headers.items() for line in pair if set(line) & {"\r", "\n", "\0"}]

    def test_answering_touches_nothing_and_tells_no_secret(self, sample: Sample) -> None:
        """It is a pure function of what came and what is to be told."""
        raw, secrets = self.made(sample), secrets_of(self.channel.config)
        for out in self._outs():
            first = self.channel.respond(raw, out)
            with watched(impure) as calls:
                assert self.channel.respond(raw, out) == first
            assert not calls, f"respond is pure, but called {calls}"
            told = f"{first!r} {dict(first.headers)} {first.body!r}"
            assert not [secret for secret in secrets if secret in told], "a secret of the settings is told"

    def _outs(self) -> Iterator[Sequence[OutboundMessage]]:
        channel = self.channel.spec.name
        messages = [
            sample_of(OutboundMessage, number, channel=channel, body=words, subject=words)
            for number, words in enumerate(WORDS)
        ]
        yield from ((), messages, *((message,) for message in messages))
