"""What a channel sends: one message is one message through all tries, and every failure is told as what it is."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import attrs
import pytest
from attrs import evolve, frozen

from clientloop.model.messages import Failure, Receipt
from clientloop.ports.channel import Direction
from clientloop.ports.effects import Effect, HttpCall, HttpResult, NoAnswer, Result, SmtpSend, drive
from clientloop.testing.channels.kit import Sending, Suite, another, secrets_of, texts
from clientloop.testing.channels.telling import told_by
from clientloop.testing.channels.watching import impure, watched
from clientloop.testing.service import Service, sent

#: When a message is tried again.
LATER = timedelta(minutes=17)

_DATES = {"date": "Mon, 02 Mar 2026 09:00:00 GMT", "retry-after": "Mon, 02 Mar 2026 09:01:30 GMT"}

_AGAIN = frozenset({Failure.RETRY, Failure.THROTTLED})


@frozen(kw_only=True)
class Fault:
    """What may go wrong, and what a channel may make of it."""

    #: What the service answers to the call that hands the message over.
    answer: Result
    #: What it may be told as.
    failures: frozenset[Failure]
    #: What it may be told as besides, where a repeat is recognised and so does no harm.
    if_idempotent: frozenset[Failure] = frozenset()
    #: After how many seconds to try again, as the service says; None where it does not.
    retry_after: float | None = None


#: What HTTP services do, by what it is.
HTTP_FAULTS: Mapping[str, Fault] = {
    "refused": Fault(
        answer=NoAnswer(detail="refused the connection", reached=False), failures=frozenset({Failure.RETRY})
    ),
    "timeout": Fault(answer=NoAnswer(detail="timed out", reached=True), failures=frozenset({Failure.UNKNOWN})),
    "cut": Fault(answer=NoAnswer(detail="broke the connection", reached=True), failures=frozenset({Failure.UNKNOWN})),
    "429": Fault(answer=HttpResult(status=429), failures=frozenset({Failure.THROTTLED})),
    "429 for two minutes": Fault(
        answer=HttpResult(status=429, headers={"retry-after": "120"}),
        failures=frozenset({Failure.THROTTLED}),
        retry_after=120,
    ),
    "429 until a date": Fault(
        answer=HttpResult(status=429, headers=_DATES), failures=frozenset({Failure.THROTTLED}), retry_after=90
    ),
    "503": Fault(answer=HttpResult(status=503), failures=_AGAIN),
    "503 for half a minute": Fault(
        answer=HttpResult(status=503, headers={"retry-after": "30"}), failures=_AGAIN, retry_after=30
    ),
    "502": Fault(answer=HttpResult(status=502), failures=frozenset({Failure.UNKNOWN}), if_idempotent=_AGAIN),
    "504": Fault(answer=HttpResult(status=504), failures=frozenset({Failure.UNKNOWN}), if_idempotent=_AGAIN),
    "500": Fault(answer=HttpResult(status=500), failures=_AGAIN | {Failure.UNKNOWN}),
    "401": Fault(answer=HttpResult(status=401), failures=frozenset({Failure.CONFIG}), if_idempotent=_AGAIN),
    "403": Fault(answer=HttpResult(status=403), failures=frozenset({Failure.CONFIG}), if_idempotent=_AGAIN),
    "404": Fault(answer=HttpResult(status=404), failures=frozenset({Failure.CONFIG}), if_idempotent=_AGAIN),
    "moved": Fault(
        answer=HttpResult(status=302, headers={"location": "https://elsewhere.example/"}),
        failures=frozenset({Failure.CONFIG}),
        if_idempotent=_AGAIN,
    ),
}

#: Answers that no service should give.
ODD = (
    HttpResult(status=200, body=b""),
    HttpResult(status=200, body=b"<html>welcome</html>"),
    HttpResult(status=201, body=b"[" * 20_000),
    HttpResult(status=200, body=b"[1, 2]"),
    HttpResult(status=200, body=b'{"id": null, "sid": 7, "messages": 1}'),
    HttpResult(status=200, body=b'"\\ud800"'),
    HttpResult(status=204, body=b"\xff\xfe\0"),
    HttpResult(status=400, body=b""),
    HttpResult(status=400, body=b'{"code": "x", "error": [], "message": {"a": "\\u0000"}}'),
    HttpResult(status=429, headers={"retry-after": "soon"}),
    HttpResult(status=429, headers={"retry-after": "9" * 30}),
    HttpResult(status=503, headers={"retry-after": "-1"}),
    HttpResult(status=503, headers={"retry-after": "Thu, 99 Foo 10000 00:00:00 GMT", "date": "\ud800"}),
    HttpResult(status=599, body=b"a" * 1_000_000),
    HttpResult(status=100),
)


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

    def test_a_message_is_known_by_a_key_of_its_own(self, sending: Sending) -> None:
        """Where repeats are recognised: something in the call is the same in each try and in no other message."""
        if self.channel.capabilities().idempotent_send:
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

    @pytest.mark.parametrize("fault", HTTP_FAULTS)
    def test_a_failure_is_told_as_what_it_is(self, sending: Sending, fault: str) -> None:
        """What cannot have arrived is tried again, what may have arrived is `UNKNOWN`, and a pause is kept."""
        expected = HTTP_FAULTS[fault]
        if isinstance(sending.answers[-1], HttpResult):
            receipt, calls = sent(self.channel, sending.message, [*sending.answers[:-1], expected.answer], self.now)
            repeats = self.channel.capabilities().idempotent_send
            assert receipt.failure in expected.failures | (expected.if_idempotent if repeats else frozenset())
            assert receipt.retry_after == expected.retry_after
            assert len(calls) == len(sending.answers), "try once: the outbox tries again"

    @pytest.mark.parametrize("odd", range(len(ODD)))
    def test_whatever_is_answered_nothing_is_raised(self, sending: Sending, odd: int) -> None:
        """And what a service has taken is never tried again, however odd its answer."""
        if isinstance(sending.answers[-1], HttpResult):
            receipt, _ = sent(self.channel, sending.message, [*sending.answers[:-1], ODD[odd]], self.now)
            assert isinstance(receipt, Receipt)
            if 200 <= ODD[odd].status < 300:
                assert receipt.failure in {None, Failure.UNKNOWN}
            else:
                assert receipt.failure is not None

    def test_a_service_that_never_answers_is_tried_again(self, sending: Sending) -> None:
        """No connection to the first call, whichever that is, is no fault of the address and no news of the message."""
        receipt, _ = sent(self.channel, sending.message, [NoAnswer(detail="no route", reached=False)], self.now)
        assert receipt.failure is Failure.RETRY

    def test_a_message_that_it_cannot_carry_is_refused(self, sending: Sending) -> None:
        """One that is too long waits for a person, and the service hears nothing of it."""
        longest = self.channel.capabilities().max_length
        if longest is not None:
            long = evolve(sending.message, body="x" * (longest + 1))
            receipt, calls = sent(self.channel, long, sending.answers, self.now)
            assert receipt.failure in {Failure.CONFIG, Failure.PERMANENT}
            assert receipt.detail, "say why, for the person who looks at it"
            assert not calls

    def test_any_words_are_sent(self, sending: Sending) -> None:
        """Words of any script, line breaks and quotes, and none at all, raise nothing and add no field to a header."""
        for body in ("", "Готово — ✓ 🦊", "a\r\nX-Added: yes", "'\"<>&\\%s{0}", "\ud800", " "):
            out = evolve(sending.message, body=body, subject=body)
            receipt, calls = sent(self.channel, out, sending.answers, self.now)
            assert isinstance(receipt, Receipt)
            for call in calls:
                assert not [each for each in _fields(call) if set(each) & {"\r", "\n", "\0"}], (
                    "a line break in a header"
                )

    def test_no_secret_is_told_while_sending(self, sending: Sending) -> None:
        """Neither by what is asked of the host, by receipts, by what a report shows of `send`, nor by the log."""
        secrets, told = secrets_of(self.channel.config), ""
        for answer in (*sending.answers[-1:], *ODD, *(fault.answer for fault in HTTP_FAULTS.values())):
            told += told_by(self.channel, partial(self._send, sending, answer))
        told += told_by(self.channel, lambda: self._cancel(sending))
        assert not [secret for secret in secrets if secret in told], "a secret of the settings is told"

    def _send(self, sending: Sending, answer: Result) -> object:
        if isinstance(sending.answers[-1], HttpResult) or not isinstance(answer, HttpResult):
            return sent(self.channel, sending.message, [*sending.answers[:-1], answer], self.now)
        return None

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
