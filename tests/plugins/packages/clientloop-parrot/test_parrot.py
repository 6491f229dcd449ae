"""What every channel for clientloop must do, tried on Parrot."""

import json
from datetime import UTC, datetime, timedelta

from clientloop_parrot import Parrot, ParrotConfig, signature

from clientloop.model.customers import IdentityKind
from clientloop.model.messages import DeliveryStep, OutboundMessage, Receipt
from clientloop.model.permission import SuppressionReason
from clientloop.ports.effects import HttpResult
from clientloop.ports.events import Address, ConsentEvent, DeliveryEvent, Event, MessageIn, Raw
from clientloop.testing import ChannelSuite, Sample, Sending, sample

TOKEN, AT = "t0ken-of-parrot!", datetime(2026, 3, 2, 9, tzinfo=UTC)
ANA = Address(kind=IdentityKind.HANDLE, value="ana")
SENT = DeliveryEvent(key="p1:sent", provider_id="p1", step=DeliveryStep.SENT, at=AT)
READ = DeliveryEvent(key="p1:read", provider_id="p1", step=DeliveryStep.READ, at=AT)
STOP = ConsentEvent(key="m2", sender=ANA, allowed=False, reason=SuppressionReason.STOP, proof="STOP", at=AT)


def said(event: Event, **fields: str) -> Sample:
    body = {"type": "message", "at": "2026-03-02T09:00:00Z", "from": "ana", **fields}
    return Sample(name=event.key, body=json.dumps(body).encode(), events=[event])


class TestParrot(ChannelSuite):
    channel = Parrot(ParrotConfig(token=TOKEN))
    window = timedelta(minutes=5)
    samples = (
        said(MessageIn(key="m1", sender=ANA, text="It is broken", at=AT), id="m1", text="It is broken"),
        said(STOP, id="m2", text="STOP"),
        said(SENT, type="receipt", id="p1", step="sent"),
        said(READ, type="receipt", id="p1", step="read"),
    )
    message = sample(OutboundMessage, channel="parrot", to="ana", body="It is fixed.")
    taken = HttpResult(status=201, headers={"parrot-id": "p1"})
    sendings = (Sending(message=message, answers=[taken], receipt=Receipt(provider_id="p1")),)

    def sign(self, body: bytes, at: datetime) -> Raw:
        time = str(int(at.timestamp()))
        headers = {"Parrot-Time": time, "Parrot-Signature": signature(TOKEN, time, body)}
        return Raw(body=body, route="in", headers=headers)
