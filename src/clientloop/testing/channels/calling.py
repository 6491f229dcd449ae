"""What a channel makes of the answers of a service over HTTP, whatever they are."""

from collections.abc import Mapping
from functools import partial

import pytest
from attrs import frozen

from clientloop.model.messages import Failure, Receipt
from clientloop.ports.effects import HttpResult, NoAnswer, Result
from clientloop.testing.channels.kit import Sending, Suite, secrets_of
from clientloop.testing.channels.telling import told_by
from clientloop.testing.service import sent

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


class Calls(Suite):
    """Tests of `send` of a channel that hands messages over by HTTP."""

    @staticmethod
    def judges(suite: type[Suite]) -> bool:
        """Whether the channel sends over HTTP."""
        return suite.hands_over(HttpResult)

    @pytest.mark.parametrize("fault", HTTP_FAULTS)
    def test_a_failure_is_told_as_what_it_is(self, sending: Sending, fault: str) -> None:
        """What cannot have arrived is tried again, what may have arrived is `UNKNOWN`, and a pause is kept."""
        expected = HTTP_FAULTS[fault]
        receipt, calls = sent(self.channel, sending.message, [*sending.answers[:-1], expected.answer], self.now)
        repeats = self.channel.capabilities().idempotent_send
        assert receipt.failure in expected.failures | (expected.if_idempotent if repeats else frozenset())
        assert receipt.retry_after == expected.retry_after
        assert len(calls) == len(sending.answers), "try once: the outbox tries again"

    @pytest.mark.parametrize("odd", range(len(ODD)))
    def test_whatever_is_answered_nothing_is_raised(self, sending: Sending, odd: int) -> None:
        """And what a service has taken is never tried again, however odd its answer."""
        receipt, _ = sent(self.channel, sending.message, [*sending.answers[:-1], ODD[odd]], self.now)
        assert isinstance(receipt, Receipt)
        if 200 <= ODD[odd].status < 300:
            assert receipt.failure in {None, Failure.UNKNOWN}
        else:
            assert receipt.failure is not None

    def test_no_secret_is_told_by_a_failure(self, sending: Sending) -> None:
        """Neither by the receipt, nor by the log."""
        secrets, told = secrets_of(self.channel.config), ""
        for answer in (*ODD, *(fault.answer for fault in HTTP_FAULTS.values())):
            answers = [*sending.answers[:-1], answer]
            told += told_by(self.channel, partial(sent, self.channel, sending.message, answers, self.now))
        assert not [secret for secret in secrets if secret in told], "a secret of the settings is told"
