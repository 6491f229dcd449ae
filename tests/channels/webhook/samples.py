"""Webhooks as other systems send them, for the tests beside."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from clientloop.channels.webhook.channel import Endpoint, Webhook, WebhookConfig
from clientloop.channels.webhook.signature import headers
from clientloop.ports.events import Raw

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
THEIRS = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
CRM = Endpoint(url="https://crm.example.com/hook?key=s3cret", secrets=[THEIRS])
CONFIG = WebhookConfig(secrets=[SECRET], endpoints={"crm": CRM})
WEBHOOK = Webhook(CONFIG)

SENDER = {"kind": "phone", "value": "+38640123456"}
MESSAGE: Mapping[str, Any] = {
    "type": "message.received",
    "timestamp": "2026-03-02T10:59:30+02:00",
    "data": {"sender": SENDER, "text": "It is broken"},
}
VISIT: Mapping[str, Any] = {
    "type": "page.visited",
    "data": {"visitor": {"kind": "cookie", "value": "c1", "trust": "device"}, "page": "/prices", "source": {"ad": 7}},
}
CONSENT: Mapping[str, Any] = {
    "type": "consent.changed",
    "timestamp": "2026-03-02T09:00:00Z",
    "data": {"sender": SENDER, "allowed": False, "purpose": "marketing", "proof": "the link in a mail"},
}


def signed(said: object, key: str = "msg_1", at: datetime = NOW, secrets: tuple[str, ...] = (SECRET,)) -> Raw:
    """A body, signed as sent at a time."""
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return Raw(body=body, route="in", headers=headers(secrets, key, at, body))
