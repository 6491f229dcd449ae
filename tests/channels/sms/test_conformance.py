"""The channel, judged by the suite for all channels."""

from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from attrs import evolve

from clientloop.channels.sms.signature import sign
from clientloop.model.customers import IdentityKind
from clientloop.model.messages import DeliveryStep, Failure, OutboundMessage, Receipt
from clientloop.model.permission import SuppressionReason
from clientloop.ports.effects import HttpResult
from clientloop.ports.events import Address, ConsentEvent, DeliveryEvent, Ignored, MessageIn, Raw
from clientloop.testing import ChannelSuite, Sample, Sending, sample
from tests.channels.sms.samples import FORM, MESSAGE, RECEIPT, SMS, TOKEN, URL, got

CUSTOMER = Address(kind=IdentityKind.PHONE, value="+38640123456")
SAID = MessageIn(
    key=MESSAGE["MessageSid"], sender=CUSTOMER, text="It is broken", extra={"to": "+15005550006", "segments": 1}
)


def receipt(status: str, **more: str) -> bytes:
    """The body of a receipt."""
    return urlencode({**RECEIPT, "MessageStatus": status, "SmsStatus": status, **more}).encode()


def delivery(
    step: DeliveryStep, status: str, *, failure: Failure | None = None, detail: str | None = None
) -> DeliveryEvent:
    """What a receipt says."""
    return DeliveryEvent(
        key=f"SM1:{status}", provider_id="SM1", step=step, recipient=CUSTOMER, failure=failure, detail=detail
    )


class TestSms(ChannelSuite):
    """The conformance suite."""

    channel = SMS
    window = None  # the provider signs no time
    samples = (
        Sample(name="a message", body=urlencode(MESSAGE).encode(), events=[SAID]),
        Sample(
            name="a message by GET",
            raw=evolve(got({**MESSAGE, "MessageSid": "SM2"}), route="in"),
            events=[MessageIn(key="SM2", sender=CUSTOMER, text="It is broken", extra=SAID.extra)],
        ),
        Sample(
            name="STOP",
            body=urlencode({**MESSAGE, "MessageSid": "SM3", "Body": "Stop."}).encode(),
            events=[
                ConsentEvent(key="SM3", sender=CUSTOMER, allowed=False, reason=SuppressionReason.STOP, proof="Stop.")
            ],
        ),
        Sample(name="queued", body=receipt("queued"), events=[Ignored(key="SM1:queued", reason="status queued")]),
        Sample(name="sent", body=receipt("sent"), events=[delivery(DeliveryStep.SENT, "sent")]),
        Sample(name="delivered", body=receipt("delivered"), events=[delivery(DeliveryStep.DELIVERED, "delivered")]),
        Sample(
            name="undelivered",
            body=receipt("undelivered", ErrorCode="30005"),
            events=[
                delivery(
                    DeliveryStep.FAILED, "undelivered", failure=Failure.PERMANENT, detail="undelivered, code 30005"
                )
            ],
        ),
    )
    sendings = (
        Sending(
            message=sample(OutboundMessage, channel="sms", to="+38640123456", body="It is fixed."),
            answers=[HttpResult(status=201, body=b'{"sid": "SM1"}')],
            receipt=Receipt(provider_id="SM1"),
        ),
    )

    def sign(self, body: bytes, at: datetime) -> Raw:
        """A form as the provider posts it; whatever cannot be read as one is signed as if it were empty."""
        try:
            pairs = parse_qsl(body.decode(), keep_blank_values=True)
        except UnicodeDecodeError:
            pairs = []
        fields: dict[str, list[str]] = {}
        for name, value in pairs:
            fields.setdefault(name, []).append(value)
        headers = {
            "Content-Type": FORM,
            "X-Twilio-Signature": sign(TOKEN, URL, {name: tuple(values) for name, values in fields.items()}),
        }
        return Raw(body=body, route="in", url=URL, headers=headers)
