"""What an author of a channel gives to be judged, and what the tests of the suite share."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar

import attrs
import pytest
from attrs import evolve, field, frozen

from clientloop.model.messages import OutboundMessage, Receipt
from clientloop.ports.channel import Channel, Direction
from clientloop.ports.effects import Effect, HttpResult, ImapResult, ImapScan, Result, ScannedMail, SmtpResult
from clientloop.ports.events import Event, Parsed, Raw, Verdict
from clientloop.testing.samples import SAMPLE_TIME

T = TypeVar("T", bound=Callable[..., None])


# `tuple` alone would tell type checkers of authors nothing
def _events(given: Iterable[Event]) -> tuple[Event, ...]:
    return tuple(given)


def _raws(given: Iterable[Raw]) -> tuple[Raw, ...]:
    return tuple(given)


def _answers(given: Iterable[HttpResult | SmtpResult]) -> tuple[HttpResult | SmtpResult, ...]:
    return tuple(given)


@frozen(kw_only=True)
class Sample:
    """A message as the service sends it, and what it says.

    >>> sample = Sample(name="a typing notice", body=b'{"typing": true}')
    """

    #: What it is called in the report of the tests; its number if not given.
    name: str = ""
    #: The body, for `ChannelSuite.sign` to make a message of.
    body: bytes = field(default=b"", repr=False)
    #: The whole message, where `sign` does not make one like it: fetched by a poll, or called by GET.
    raw: Raw | None = None
    #: What it says.
    events: tuple[Event, ...] = field(default=(), converter=_events)
    #: The same message as the service sends it again, where more is different then than its time.
    again: tuple[Raw, ...] = field(default=(), converter=_raws)
    #: Whether it is news whenever it comes, as of a button that a person may press once more.
    always_news: bool = False


@frozen(kw_only=True)
class Sending:
    """A message to be sent, what the service answers when it takes it, and what the channel is to make of that.

    >>> from clientloop.testing import sample
    >>> sending = Sending(
    ...     message=sample(OutboundMessage, to="+38640123456", body="It is fixed."),
    ...     answers=[HttpResult(status=201, body=b'{"id": "p1"}')],
    ...     receipt=Receipt(provider_id="p1"),
    ... )
    """

    #: What it is called in the report of the tests; its number if not given.
    name: str = ""
    #: The message.
    message: OutboundMessage
    #: The answers to its calls, in their order; the last of them takes the message.
    answers: tuple[HttpResult | SmtpResult, ...] = field(converter=_answers)
    #: What is made of it.
    receipt: Receipt


#: UIDVALIDITY of the folder that is played (RFC 9051, 2.3.1.1).
VALIDITY = 1_700_000_000


class Suite:
    """What every part of the suite asks for: the class attributes that an author gives."""

    #: The channel, set up with settings that are good for tests, secrets included.
    channel: ClassVar[Channel]
    #: What the service sends: at least one message of each sort, and several receipts of one message.
    samples: ClassVar[Sequence[Sample]] = ()
    #: What is sent, where the channel sends.
    sendings: ClassVar[Sequence[Sending]] = ()
    #: When the samples are made, aware.
    now: ClassVar[datetime] = SAMPLE_TIME
    #: How old a signed message may be; None where the signature covers no time. To be given with `sign`.
    window: ClassVar[timedelta | None]
    #: Whether the signature covers the body; a form, for one, signs its page and not what is typed into it.
    signs_body: ClassVar[bool] = True
    #: Whether the proof is a public-key signature: then no secret is compared.
    public_key: ClassVar[bool] = False

    def sign(self, body: bytes, at: datetime) -> Raw:
        """A message with this body as the service makes it at a time; to be overridden where the channel has routes.

        Equal bodies give one and the same message, so an id that the service puts into a header follows from the body.

        Args:
            body: The body of a sample.
            at: When, aware.
        """
        raise NotImplementedError("override `sign`, so that the suite can make messages that `verify` accepts")

    def serve(self, effect: Effect, held: Sequence[bytes]) -> Result:
        """What the service answers to an effect of `poll`; to be overridden where the channel does not scan a folder.

        Args:
            effect: What the channel asks for.
            held: The bodies of all messages that the service holds, the oldest first.
        """
        if not isinstance(effect, ImapScan):
            raise NotImplementedError("override `serve`: what does the service answer while it is polled?")
        after = effect.after if effect.validity in {None, VALIDITY} else 0
        mails = [ScannedMail(uid=uid, content=body) for uid, body in enumerate(held, 1) if uid > after]
        return ImapResult(validity=VALIDITY, mails=tuple(mails[: effect.limit]))

    @staticmethod
    def judges(suite: "type[Suite]") -> bool:
        """Whether this part of the suite has something to judge, by what an author gave."""
        return hasattr(suite, "channel")

    @classmethod
    def does(cls, direction: Direction) -> bool:
        """Whether the channel can do this."""
        return direction in cls.channel.able()

    @classmethod
    def hands_over(cls, answer: type[HttpResult | SmtpResult]) -> bool:
        """Whether the channel hands a message over by a call with this sort of answer."""
        return cls.does(Direction.SEND) and any(isinstance(sending.answers[-1], answer) for sending in cls.sendings)

    @classmethod
    def signs(cls) -> bool:
        """Whether the author has said how messages are signed."""
        return cls.sign is not Suite.sign

    def made(self, sample: Sample, at: datetime | None = None) -> Raw:
        """The message of a sample.

        Args:
            sample: The sample.
            at: When the service makes it, aware; `now` if not given.
        """
        return sample.raw if sample.raw is not None else self.sign(sample.body, at or self.now)

    def raws(self) -> list[Raw]:
        """The messages of all samples."""
        return [self.made(sample) for sample in self.samples]

    def proved(self) -> list[Raw]:
        """Those that came by a route, and so must prove where they come from; but none that is always news."""
        known = [sample for sample in self.samples if not sample.always_news]
        return [self.made(sample) for sample in known if sample.raw is None or sample.raw.route]

    def read(self, raw: Raw) -> tuple[Verdict, Parsed]:
        """All that the channel says of a message."""
        return self.channel.verify(raw, self.now), self.channel.parse(raw)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run each test that takes a `sample` or a `sending` for each that was given."""
        given: dict[str, Sequence[Sample | Sending]] = {"sample": self.samples, "sending": self.sendings}
        for argument, values in given.items():
            if argument in metafunc.fixturenames:
                names = [each.name or f"{number}" for number, each in enumerate(values)]
                metafunc.parametrize(argument, values, ids=names)


def only_if(condition: Callable[[type[Suite]], bool]) -> Callable[[T], T]:
    """Marks a test that has something to judge only if the channel, or what its author gave, is of some sort.

    Args:
        condition: Says so of an author's class.
    """

    def mark(test: T) -> T:
        _CONDITIONS[test] = condition
        return test

    return mark


_CONDITIONS: dict[object, Callable[[type[Suite]], bool]] = {}


def left_out(part: type, suite: type[Suite]) -> list[str]:
    """The tests of a part that have nothing to judge.

    Args:
        part: A part of the suite.
        suite: An author's class.
    """
    tests = {name: test for name, test in vars(part).items() if name.startswith("test_")}
    if not issubclass(part, Suite) or not part.judges(suite):
        return list(tests)
    return [name for name, test in tests.items() if test in _CONDITIONS and not _CONDITIONS[test](suite)]


def events_of(channel: Channel, raw: Raw) -> tuple[Event, ...]:
    """What a message says."""
    return channel.parse(raw).events


def keys_of(channel: Channel, raw: Raw) -> list[str]:
    """The keys of what a message says."""
    return [event.key for event in events_of(channel, raw)]


def another(message: OutboundMessage) -> OutboundMessage:
    """A message that says the same under an id of its own."""
    own = hashlib.sha256(message.id.bytes).digest()[:16]
    return evolve(message, id=type(message.id)(bytes=own, version=4))


def texts(value: Any) -> Iterator[str]:  # Any: a value of any class
    """Every text in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for pair in value.items():
            yield from texts(pair)
    elif isinstance(value, (tuple, list, set, frozenset)):
        yield from (text for each in value for text in texts(each))
    elif attrs.has(type(value)):
        yield from (text for each in attrs.fields(type(value)) for text in texts(getattr(value, each.name)))


def secrets_of(config: object) -> frozenset[str]:
    """Every text in the settings that is not to be shown: of fields that are left out of `repr`.

    Args:
        config: The settings, an attrs instance.
    """
    found = {text for value in _hidden(config) for text in texts(value)}
    return frozenset(text for text in found if len(text) >= _SHORTEST)


#: Shorter texts would be found by chance.
_SHORTEST = 6


def _hidden(value: Any) -> Iterator[object]:  # Any: as above
    if attrs.has(type(value)):
        for each in attrs.fields(type(value)):
            found = getattr(value, each.name)
            yield from (() if not each.init else _hidden(found) if each.repr else (found,))
    elif isinstance(value, Mapping):
        yield from (hidden for each in value.values() for hidden in _hidden(each))
    elif isinstance(value, (tuple, list)):
        yield from (hidden for each in value for hidden in _hidden(each))
