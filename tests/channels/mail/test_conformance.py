"""The channel, judged by the suite for all channels."""

from datetime import UTC, datetime

from attrs import evolve

from clientloop.channels.mail.links import Link, Ticket
from clientloop.model.customers import IdentityKind, Purpose
from clientloop.model.messages import DeliveryStep, Failure, Receipt
from clientloop.model.permission import SuppressionReason
from clientloop.ports.effects import SmtpResult
from clientloop.ports.events import Address, ConsentEvent, DeliveryEvent, MessageIn, Raw, Visit
from clientloop.testing import ChannelSuite, Sample, Sending
from tests.channels.mail.letters import letter, report
from tests.channels.mail.samples import KEY, MESSAGE, URL, channel, message, visit

EMAIL = channel(tracked_hosts=["www.firm.example"], track_opens=True, batch=2)
ANA = Address(kind=IdentityKind.EMAIL, value="ana@example.com")
TICKET = Ticket(message=MESSAGE, address="ana@example.com", purpose=Purpose.SURVEY)
HELP = "https://www.firm.example/help"
WRITTEN = datetime(2014, 3, 3, 11, tzinfo=UTC)
ID = f"{MESSAGE}@firm.example"


def reported(action: str, status: str, key: str) -> Raw:
    """A report of another server on our mail."""
    recipient = f"Final-Recipient: rfc822; {ANA.value}\nAction: {action}\nStatus: {status}\n"
    said = f"Reporting-MTA: dns; mx.example.net\n\n{recipient}"
    headers = {"Message-ID": f"<{key}@mx.example.net>"}
    return Raw(body=report(said, f"Message-ID: <{ID}>\nSubject: Your order\n", headers=headers))


def delivery(action: str, status: str, key: str, step: DeliveryStep, failure: Failure | None = None) -> Sample:
    """A report, and what it says."""
    raw = reported(action, status, key)
    [read] = EMAIL.parse(raw).events
    event = DeliveryEvent(
        key=read.key, provider_id=ID, message=MESSAGE, step=step, failure=failure, recipient=ANA,
        detail=f"{status} {status}", at=WRITTEN,
    )  # fmt: skip
    return Sample(name=action, raw=raw, events=[event])


def pressed(body: bytes) -> Raw:
    """The button to unsubscribe, as the mail program of a reader presses it."""
    return visit(TICKET.url(URL, (KEY,), Link.UNSUBSCRIBE), "POST", body=body)


ONE_CLICK = b"List-Unsubscribe=One-Click"
LETTER = Raw(body=letter("It is broken.\n", {"Subject": "My order"}))
CLICK = visit(evolve(TICKET, target=HELP).url(URL, (KEY,), Link.CLICK))
OPEN = visit(TICKET.url(URL, (KEY,), Link.OPEN))


class TestEmail(ChannelSuite):
    """The conformance suite."""

    channel = EMAIL
    window = None  # a link is good for as long as somebody may read the mail
    signs_body = False  # the link is signed, and says all that counts
    samples = (
        Sample(
            name="a letter",
            raw=LETTER,
            events=[
                MessageIn(
                    key=EMAIL.parse(LETTER).events[0].key,
                    sender=evolve(ANA, name="Ana Novak"),
                    text="It is broken.",
                    subject="My order",
                    at=WRITTEN,
                    extra={"message_id": "1@example.com", "style": "plain", "signs": []},
                )
            ],
        ),
        delivery("relayed", "2.0.0", "r1", DeliveryStep.SENT),
        delivery("delivered", "2.0.0", "r2", DeliveryStep.DELIVERED),
        delivery("failed", "5.1.1", "r3", DeliveryStep.FAILED, Failure.PERMANENT),
        Sample(
            name="a link",
            raw=CLICK,
            events=[
                Visit(key=EMAIL.parse(CLICK).events[0].key, visitor=ANA, page=HELP, source={"message": str(MESSAGE)})
            ],
        ),
        Sample(
            name="a picture",
            raw=OPEN,
            events=[
                DeliveryEvent(
                    key=EMAIL.parse(OPEN).events[0].key,
                    message=MESSAGE,
                    step=DeliveryStep.READ,
                    recipient=ANA,
                    detail="its picture was fetched",
                )
            ],
        ),
        Sample(
            name="the button to unsubscribe",
            body=ONE_CLICK,
            always_news=True,  # who has agreed since may refuse once more
            events=[
                ConsentEvent(
                    key=EMAIL.parse(pressed(ONE_CLICK)).events[0].key,
                    sender=ANA,
                    allowed=False,
                    purpose=Purpose.SURVEY,
                    reason=SuppressionReason.UNSUBSCRIBE,
                    proof=f"the link to unsubscribe in message {MESSAGE}",
                )
            ],
        ),
    )
    sendings = (
        Sending(
            message=message(),
            answers=[SmtpResult(code=250, text="queued")],
            receipt=Receipt(provider_id=ID, detail="queued"),
        ),
        Sending(
            name="a survey",
            message=message(purpose=Purpose.SURVEY, body=f"How was it? {HELP}"),
            answers=[SmtpResult(code=250)],
            receipt=Receipt(provider_id=ID),
        ),
    )

    def sign(self, body: bytes, at: datetime) -> Raw:
        """A post by our link to unsubscribe."""
        return pressed(body)
