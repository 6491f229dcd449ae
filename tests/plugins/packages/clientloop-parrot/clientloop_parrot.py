"""The messenger Parrot: signed webhooks come in, and one HTTP call a message goes out."""

import hashlib
import hmac
import json
from collections.abc import Generator, Mapping
from datetime import datetime
from typing import Any

from attrs import field, frozen
from attrs.validators import min_len

from clientloop import hookimpl
from clientloop.errors import BadPayload
from clientloop.model.codec import text
from clientloop.model.customers import IdentityKind, Trust
from clientloop.model.messages import DeliveryStep, Failure, OutboundMessage, Receipt
from clientloop.model.permission import SuppressionReason
from clientloop.ports.answers import failure_of, retry_after
from clientloop.ports.channel import Capabilities, Channel, Route, Spec
from clientloop.ports.effects import Effect, HttpCall, NoAnswer, Result, ask
from clientloop.ports.events import Address, ConsentEvent, DeliveryEvent, Event, MessageIn, Parsed, Raw, Verdict


@hookimpl
def clientloop_register_channels() -> Mapping[str, str]:
    return {"parrot": "clientloop_parrot:Parrot"}


@frozen(kw_only=True)
class ParrotConfig:
    #: Opens the door for what goes out, and signs what comes in.
    token: str = field(validator=min_len(16), repr=False)


class Parrot(Channel):
    spec = Spec(name="parrot", config=ParrotConfig, routes=(Route(name="in", max_body=65_536),))
    config: ParrotConfig

    def capabilities(self) -> Capabilities:
        return Capabilities(max_length=1_000, receipts=True, idempotent_send=True)

    def verify(self, raw: Raw, now: datetime) -> Verdict:
        time = raw.headers.get("parrot-time", "")
        given = raw.headers.get("parrot-signature", "").encode(errors="replace")
        if not hmac.compare_digest(given, signature(self.config.token, time, raw.body).encode()):
            return Verdict.failed("the signature does not match")
        if abs(now.timestamp() - int(time)) > 300:
            return Verdict.failed("it was signed more than five minutes ago")
        return Verdict(trust=Trust.VOUCHED)

    def parse(self, raw: Raw) -> Parsed:
        try:
            return Parsed(events=(read(json.loads(raw.body)),))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise BadPayload("this is nothing that Parrot says") from error

    def send(self, out: OutboundMessage) -> Generator[Effect, Result, Receipt]:
        if len(out.body) > 1_000:
            return Receipt(failure=Failure.CONFIG, detail="Parrot says no more than 1,000 characters")
        answer = yield from ask(self._call(out))
        if isinstance(answer, NoAnswer):
            return answer.receipt
        if failure := failure_of(answer.status):
            return Receipt(failure=failure, detail=f"status {answer.status}", retry_after=retry_after(answer))
        return Receipt(provider_id=answer.headers.get("parrot-id"))

    def _call(self, out: OutboundMessage) -> HttpCall:
        headers = {"Authorization": f"Bearer {self.config.token}", "Idempotency-Key": str(out.id)}
        body = json.dumps({"to": out.to, "text": out.body}).encode()
        return HttpCall(method="POST", url="https://api.parrot.example/messages", headers=headers, body=body)


def signature(token: str, time: str, body: bytes) -> str:
    return hmac.new(token.encode(), time.encode(errors="replace") + b"." + body, hashlib.sha256).hexdigest()


def read(said: Mapping[str, Any]) -> Event:
    key, at = text(said["id"]), datetime.fromisoformat(said["at"])
    if said["type"] == "receipt":
        step = DeliveryStep(said["step"])
        failure = Failure.PERMANENT if step is DeliveryStep.FAILED else None
        return DeliveryEvent(key=f"{key}:{step}", provider_id=key, step=step, failure=failure, at=at)
    sender, words = Address(kind=IdentityKind.HANDLE, value=text(said["from"])), text(said["text"])
    if words.strip().lower() == "stop":
        return ConsentEvent(key=key, sender=sender, allowed=False, reason=SuppressionReason.STOP, proof=words, at=at)
    return MessageIn(key=key, sender=sender, text=words, at=at)
