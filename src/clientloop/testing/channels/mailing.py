"""What a channel makes of the answers of a mail server, at every step and of every kind."""

import pytest

from clientloop.model.messages import Failure
from clientloop.ports.effects import NoAnswer, SmtpResult, SmtpSend, SmtpStep
from clientloop.testing.channels.kit import Sending, Suite
from clientloop.testing.service import sent

_AGAIN = frozenset({Failure.RETRY, Failure.THROTTLED})

#: Codes of a server that wants another try later.
LATER = (421, 450, 451, 452)

#: Codes of a server that refuses for good.
FOR_GOOD = (500, 530, 535, 550, 552, 554)

#: From here on an answer may be about the recipient; before, the server refuses us and knows of nobody.
ABOUT_RECIPIENT = frozenset({SmtpStep.RCPT, SmtpStep.DATA, SmtpStep.CONTENT})


class Mails(Suite):
    """Tests of `send` of a channel that hands mails to a server."""

    @staticmethod
    def judges(suite: type[Suite]) -> bool:
        """Whether the channel sends over SMTP."""
        return suite.hands_over(SmtpResult)

    def test_a_mail_is_handed_over_to_one_recipient(self, sending: Sending) -> None:
        """Alone, so that nobody sees another's address and one refusal is of one message."""
        _, calls = sent(self.channel, sending.message, sending.answers, self.now)
        [mail] = [call for call in calls if isinstance(call, SmtpSend)]
        assert len(mail.recipients) == 1

    @pytest.mark.parametrize("step", SmtpStep)
    @pytest.mark.parametrize("code", LATER)
    def test_a_mail_that_is_put_off_is_tried_again(self, sending: Sending, step: SmtpStep, code: int) -> None:
        """Whatever the server was asked when it said so."""
        assert self._failure(sending, SmtpResult(code=code, step=step, text="later")) in _AGAIN

    @pytest.mark.parametrize("step", SmtpStep)
    @pytest.mark.parametrize("code", FOR_GOOD)
    def test_a_refusal_for_good_is_of_the_address_or_of_us(self, sending: Sending, step: SmtpStep, code: int) -> None:
        """No address is given up because the server does not like us: not for a login, a name or a sender."""
        failure = self._failure(sending, SmtpResult(code=code, step=step, text="refused"))
        allowed = {Failure.CONFIG, Failure.PERMANENT} if step in ABOUT_RECIPIENT else {Failure.CONFIG} | _AGAIN
        assert failure in allowed

    def test_an_address_that_does_not_exist_is_given_up(self, sending: Sending) -> None:
        """The code 550 to its recipient, with the status 5.1.1, says so."""
        refused = SmtpResult(code=550, step=SmtpStep.RCPT, text="5.1.1 no such user here")
        assert self._failure(sending, refused) is Failure.PERMANENT

    def test_a_mail_after_which_the_line_was_cut_may_have_been_sent(self, sending: Sending) -> None:
        """Whether the server took it nobody knows; without a connection nobody has it."""
        assert self._failure(sending, NoAnswer(detail="cut", reached=True)) is Failure.UNKNOWN
        assert self._failure(sending, NoAnswer(detail="refused", reached=False)) is Failure.RETRY

    def test_odd_answers_are_read(self, sending: Sending) -> None:
        """Codes and texts that no server should send raise nothing."""
        for code in (0, 200, 299, 354, 399, 599, 999):
            for text in ("", "\0\ud800", "5." * 5_000, "é"):
                receipt, _ = sent(self.channel, sending.message, [SmtpResult(code=code, text=text)], self.now)
                assert receipt.accepted is (200 <= code < 300)

    def _failure(self, sending: Sending, answer: SmtpResult | NoAnswer) -> Failure | None:
        return sent(self.channel, sending.message, [*sending.answers[:-1], answer], self.now)[0].failure
