"""The channel, judged by the suite for all channels."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

from clientloop.channels.webhook.signature import headers
from clientloop.model.customers import IdentityKind, Purpose, Trust
from clientloop.model.messages import OutboundMessage, Receipt
from clientloop.ports.effects import HttpResult
from clientloop.ports.events import Address, ConsentEvent, Event, MessageIn, Raw, Visit
from clientloop.testing import ChannelSuite, Sample, Sending, sample
from tests.channels.webhook.samples import CONSENT, MESSAGE, SECRET, VISIT, WEBHOOK

CUSTOMER = Address(kind=IdentityKind.PHONE, value="+38640123456")


def key(body: bytes) -> str:
    """The id of the webhook with this body."""
    return f"msg_{hashlib.sha256(body).hexdigest()[:20]}"


def said(content: object, event: type[Event], **fields: object) -> Sample:
    """A webhook, and its event under its id."""
    body = json.dumps(content).encode()
    return Sample(name=event.__name__, body=body, events=[event(key=key(body), **fields)])


class TestWebhook(ChannelSuite):
    """The conformance suite."""

    channel = WEBHOOK
    window = timedelta(minutes=5)
    samples = (
        said(
            MESSAGE,
            MessageIn,
            sender=CUSTOMER,
            text="It is broken",
            at=datetime(2026, 3, 2, 8, 59, 30, tzinfo=UTC),
        ),
        said(
            VISIT,
            Visit,
            visitor=Address(kind=IdentityKind.COOKIE, value="c1", trust=Trust.DEVICE),
            page="/prices",
            source={"ad": 7},
        ),
        said(
            CONSENT,
            ConsentEvent,
            sender=CUSTOMER,
            allowed=False,
            purpose=Purpose.MARKETING,
            proof="the link in a mail",
            at=datetime(2026, 3, 2, 9, tzinfo=UTC),
        ),
    )
    sendings = (
        Sending(
            message=sample(OutboundMessage, channel="webhook", to="crm", body='{"type": "feedback.moved"}'),
            answers=[HttpResult(status=204)],
            receipt=Receipt(),
        ),
    )

    def sign(self, body: bytes, at: datetime) -> Raw:
        """A webhook as another system sends it; its id follows from what it says."""
        return Raw(body=body, route="in", headers=headers((SECRET,), key(body), at, body))
