"""What a channel sends: one message is one message through all tries, and every failure is told as what it is."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import attrs
from attrs import evolve

from clientloop.model.messages import Failure, Receipt
from clientloop.ports.channel import Direction
from clientloop.ports.effects import Effect, HttpCall, NoAnswer, Result, SmtpSend, drive
from clientloop.testing.channels.kit import Sending, Suite, another, only_if, secrets_of, texts
from clientloop.testing.channels.telling import told_by
from clientloop.testing.channels.watching import impure, watched
from clientloop.testing.service import Service, sent

#: When a message is tried again.
LATER = timedelta(minutes=17)

#: Words that somebody may want to send.
WORDS = ("", "Готово — ✓ 🦊", "a\r\nX-Added: yes", "'\"<>&\\%s{0}", "\ud800", " ")


class Sends(Suite):
    """Tests of `send`."""

    @staticmethod
    def judges(suite: type[Suite]) -> bool:
        """Whether the channel sends, and there is something to send."""
        return suite.does(Direction.SEND) and bool(suite.sendings)

    def test_a_message_is_taken(self, sending: Sending) -> None:
        """The service takes it, and its own id of it is kept: receipts name the message by that."""
        receipt, calls = sent(self.channel, sending.message, sending.answers, self.now)
        assert receipt == sending.receipt
        assert len(calls) == len(sending.answers), "give one answer for each call"
        assert receipt.accepted

    def test_every_try_is_the_same(self, sending: Sending) -> None:
        """Byte for byte, under one key: whoever knows the message by its key knows it again."""
        first, again = (sent(self.channel, sending.message, sending.answers, self.now)[1] for _ in range(2))
        assert again == first

    def test_a_later_try_says_the_same(self, sending: Sending) -> None:
        """Only a signature may be another one, in the fields of the header, because the time is."""
        first = sent(self.channel, sending.message, sending.answers, self.now)[1]
        later = sent(self.channel, sending.message, sending.answers, self.now + LATER)[1]
        assert [_lasting(call) for call in later] == [_lasting(call) for call in first]

    @only_if(lambda suite: suite.channel.capabilities().idempotent_send)
    def test_a_message_is_known_by_a_key_of_its_own(self, sending: Sending) -> None:
        """Where repeats are recognised: something in the call is the same in each try and in no other message."""
        first = sent(self.channel, sending.message, sending.answers, self.now)[1][-1]
        later = sent(self.channel, sending.message, sending.answers, self.now + LATER)[1][-1]
        other = sent(self.channel, another(sending.message), sending.answers, self.now)[1][-1]
        own = set(_parts(first)) & set(_parts(later))
        assert own - set(_parts(other)), "give the service out.id as the key of the message"

    def test_sending_touches_nothing(self, sending: Sending) -> None:
        """Between its calls `send` opens no file or socket, draws no lots, looks at no clock: it asks the host."""
        sent(self.channel, sending.message, sending.answers, self.now)
        service = Service(sending.answers, self.now)
        with watched(impure) as calls:
            drive(self.channel.send(sending.message), service)
        assert not calls, f"yield an effect instead of calling {calls}"

    def test_a_service_that_never_answers_is_tried_again(self, sending: Sending) -> None:
        """No connection to the first call, whichever that is, is no fault of the address and no news of the message."""
        receipt, _ = sent(self.channel, sending.message, [NoAnswer(detail="no route", reached=False)], self.now)
        assert receipt.failure is Failure.RETRY

    @only_if(lambda suite: suite.channel.capabilities().max_length is not None)
    def test_a_message_that_it_cannot_carry_is_refused(self, sending: Sending) -> None:
        """One that is too long waits for a person, and the service hears nothing of it."""
        long = evolve(sending.message, body="x" * ((self.channel.capabilities().max_length or 0) + 1))
        receipt, calls = sent(self.channel, long, sending.answers, self.now)
        assert receipt.failure is Failure.CONFIG, "nothing is wrong with the address"
        assert receipt.detail, "say why, for the person who looks at it"
        assert not calls

    def test_any_words_are_sent(self, sending: Sending) -> None:
        """Words of any script, line breaks and quotes, and none at all, raise nothing and add no field to a header."""
        for body in WORDS:
            out = evolve(sending.message, body=body, subject=body)
            receipt, calls = sent(self.channel, out, sending.answers, self.now)
            assert isinstance(receipt, Receipt)
            for call in calls:
                assert not [each for each in _fields(call) if set(each) & {"\r", "\n", "\0"}], (
                    "a line break in a header"
                )

    def test_no_secret_is_told_while_sending(self, sending: Sending) -> None:
        """Neither by what is asked of the host, by receipts, by what a report shows of `send`, nor by the log."""
        secrets = secrets_of(self.channel.config)
        lost: Sequence[Result] = [NoAnswer(detail="timed out", reached=True)]
        told = told_by(self.channel, partial(self._cancel, sending))
        for answers in (sending.answers, lost):
            told += told_by(self.channel, partial(sent, self.channel, sending.message, answers, self.now))
        assert not [secret for secret in secrets if secret in told], "a secret of the settings is told"

    def _cancel(self, sending: Sending) -> None:
        """End the call that hands the message over, as a host does that is shut down."""
        service, calls = Service(sending.answers, self.now), len(sending.answers)

        def broken(effect: Effect) -> Result:
            answer = service(effect)
            if len(service.calls) == calls:
                raise RuntimeError("cancelled")
            return answer

        steps = self.channel.send(sending.message)
        try:
            drive(steps, broken)
        except RuntimeError as error:
            steps.throw(error)  # shows the variables of `send` at its call


def _lasting(call: Effect) -> object:
    """What of a call must not depend on the time."""
    if isinstance(call, HttpCall):
        return call.method, call.url, call.body, sorted(call.headers), call.timeout, call.reach
    return call


def _parts(call: Effect) -> Iterator[object]:
    """The parts of a call, each of which may hold the key of its message."""
    if isinstance(call, HttpCall):
        yield from (call.url, call.body, *call.headers.items())
    elif isinstance(call, SmtpSend):
        yield call.message


def _fields(call: Any) -> Iterator[str]:  # Any: an effect of any class
    """The texts of a call that must be one line each."""
    for each in attrs.fields(type(call)):
        if each.name not in {"body", "message"}:
            yield from texts(getattr(call, each.name))
