"""What a channel finds when it tries whether it is set up well."""

from collections.abc import Mapping, Sequence
from functools import partial

import pytest

from clientloop.ports.channel import Direction, Health
from clientloop.ports.effects import (
    Effect,
    HttpCall,
    HttpResult,
    NoAnswer,
    Result,
    SmtpResult,
    SmtpSend,
    SmtpStep,
    drive,
)
from clientloop.testing.channels.kit import Suite, secrets_of
from clientloop.testing.channels.telling import told_by
from clientloop.testing.channels.watching import impure, watched
from clientloop.testing.service import Service

#: What the host answers where nobody does.
AWAY = NoAnswer(detail="no route", reached=False)

#: What the other side answers, by how it is, to whatever it is asked.
REFUSALS: Mapping[str, Sequence[Result]] = {
    "away": [AWAY],
    "cut": [NoAnswer(detail="timed out", reached=True)],
    "refusing": [HttpResult(status=401), SmtpResult(code=535, step=SmtpStep.AUTH)],
    "broken": [HttpResult(status=500, body=b"<html>"), SmtpResult(code=421, step=SmtpStep.CONNECT)],
}

#: Which result answers which effect.
_ANSWERS: Mapping[type, type[Result]] = {HttpCall: HttpResult, SmtpSend: SmtpResult}


class Probes(Suite):
    """Tests of `probe`."""

    @staticmethod
    def judges(suite: type[Suite]) -> bool:
        """Whether the channel can be probed."""
        return suite.does(Direction.PROBE)

    @pytest.mark.parametrize("how", REFUSALS)
    def test_a_fault_is_found_and_said(self, how: str) -> None:
        """A server that is away, refuses or is broken makes the channel unhealthy, in words for a person."""
        health = self._probe(how)
        assert isinstance(health, Health)
        assert not health.ok
        assert health.detail.strip()

    def test_no_message_is_sent_by_it(self) -> None:
        """Nobody hears of a probe: no call hands anything over."""
        service = Service([HttpResult(status=200, body=b"{}")], self.now)
        asked: list[Effect] = []

        def perform(effect: Effect) -> Result:
            asked.append(effect)
            return service(effect) if isinstance(effect, HttpCall) else AWAY

        drive(self.channel.probe(), perform)
        assert asked, "a probe asks the other side"
        assert not [call for call in asked if isinstance(call, SmtpSend) and call.recipients]

    def test_probing_tells_no_secret(self) -> None:
        """Whatever the other side answers."""
        secrets = secrets_of(self.channel.config)
        told = "".join(told_by(self.channel, partial(self._probe, how)) for how in REFUSALS)
        assert not [secret for secret in secrets if secret in told], "a secret of the settings is told"

    def test_probing_touches_nothing(self) -> None:
        """It asks the host for all that it needs."""
        self._probe("away")
        with watched(impure) as calls:
            self._probe("away")
        assert not calls, f"yield an effect instead of calling {calls}"

    def _probe(self, how: str) -> Health:
        def perform(effect: Effect) -> Result:
            fitting = [
                answer
                for answer in REFUSALS[how]
                if isinstance(answer, (NoAnswer, _ANSWERS.get(type(effect), NoAnswer)))
            ]
            return Service([*fitting, AWAY][:1], self.now)(effect)

        return drive(self.channel.probe(), perform)
