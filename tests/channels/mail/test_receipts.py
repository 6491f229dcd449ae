import pytest

from clientloop.channels.mail.receipts import receipt_of
from clientloop.model.messages import Failure
from clientloop.ports.effects import SmtpResult, SmtpStep

S = SmtpStep


@pytest.mark.parametrize(
    ("step", "code", "text", "failure"),
    [
        (S.CONTENT, 250, "2.0.0 queued", None),
        (S.CONNECT, 421, "4.3.2 too busy", Failure.RETRY),
        (S.CONNECT, 421, "4.7.0 too many connections from your address", Failure.THROTTLED),
        (S.CONNECT, 554, "no SMTP service here", Failure.CONFIG),
        (S.EHLO, 550, "no", Failure.CONFIG),
        (S.STARTTLS, 502, "5.7.4 the server offers no STARTTLS", Failure.CONFIG),
        (S.STARTTLS, 454, "4.7.0 TLS not available", Failure.RETRY),
        (S.AUTH, 535, "5.7.8", Failure.CONFIG),
        (S.AUTH, 504, "5.7.4 the server offers neither AUTH PLAIN nor AUTH LOGIN", Failure.CONFIG),
        (S.AUTH, 454, "4.7.0", Failure.RETRY),
        (S.MAIL, 550, "5.1.1 user unknown", Failure.CONFIG),
        (S.MAIL, 553, "5.6.7 the mail has addresses beyond ASCII, which the server does not take", Failure.CONFIG),
        (S.MAIL, 452, "4.3.1 insufficient system storage", Failure.RETRY),
        (S.RCPT, 550, "5.1.1 no such user", Failure.PERMANENT),
        (S.RCPT, 550, "no", Failure.PERMANENT),
        (S.RCPT, 553, "5.1.3 the recipient's address is none", Failure.PERMANENT),
        (S.RCPT, 550, "5.7.1 relaying denied", Failure.CONFIG),
        (S.RCPT, 554, "5.7.1 not from you", Failure.CONFIG),
        (S.RCPT, 552, "5.2.2 mailbox full", Failure.RETRY),
        (S.RCPT, 450, "4.2.0 greylisted", Failure.THROTTLED),
        (S.RCPT, 451, "4.7.28 unusual rate of mail", Failure.THROTTLED),
        (S.RCPT, 450, "4.1.1 no such user, perhaps", Failure.RETRY),
        (S.RCPT, 452, "4.5.3 too many recipients", Failure.THROTTLED),
        (S.DATA, 554, "no", Failure.CONFIG),
        (S.CONTENT, 554, "5.7.1 looks like spam", Failure.CONFIG),
        (S.CONTENT, 554, "no", Failure.CONFIG),
        (S.CONTENT, 550, "5.1.1 no such user", Failure.PERMANENT),
        (S.CONTENT, 552, "5.3.4 the mail is too large", Failure.CONFIG),
        (S.CONTENT, 451, "4.3.0 try later", Failure.RETRY),
    ],
)  # fmt: skip
def test_a_refusal_is_about_whom_it_is_about(step: SmtpStep, code: int, text: str, failure: Failure | None) -> None:
    """What is against the firm or the mail never stops the address, and what can pass is tried again."""
    receipt = receipt_of(SmtpResult(code=code, step=step, text=text), "7@firm.example")
    assert receipt.failure is failure
    assert receipt.provider_id == "7@firm.example"


@pytest.mark.parametrize("step", SmtpStep)
@pytest.mark.parametrize("code", [421, 450, 451, 452, 454, 500, 502, 530, 535, 550, 552, 553, 554, 571])
def test_no_refusal_is_taken_for_unknown(step: SmtpStep, code: int) -> None:
    """A server that has said no has not taken the mail; only the recipients' command can stop an address."""
    receipt = receipt_of(SmtpResult(code=code, step=step), "7@firm.example")
    assert receipt.failure in {Failure.RETRY, Failure.CONFIG, Failure.PERMANENT}
    assert (receipt.failure is Failure.RETRY) == (code < 500)
    assert (receipt.failure is Failure.PERMANENT) == (code >= 500 and step is SmtpStep.RCPT)
