"""A channel to a paging service that is not there: signed JSON comes in, one HTTP call goes out."""

import hashlib
import hmac
import json
from collections.abc import Generator
from datetime import datetime

from attrs import field, frozen

from clientloop.errors import BadPayload
from clientloop.model.customers import IdentityKind, Trust
from clientloop.model.messages import Failure, OutboundMessage, Receipt
from clientloop.ports.channel import Capabilities, Channel, Route, Spec
from clientloop.ports.effects import Effect, HttpCall, NoAnswer, Result, ask
from clientloop.ports.events import Address, MessageIn, Parsed, Raw, Verdict

#: What the service's status codes mean for a message; any other is a refusal for good.
FAILURES = {401: Failure.CONFIG, 410: Failure.OPTED_OUT, 429: Failure.THROTTLED, 503: Failure.RETRY}


@frozen(kw_only=True)
class PagerConfig:
    """Settings of the channel: the table `[channels.pager]`."""

    #: Where the service is.
    url: str = "https://pager.example"
    #: Signs what comes in, and opens the door for what goes out.
    token: str = field(default="", repr=False)


class Pager(Channel):
    """Pages people by phone number."""

    spec = Spec(name="pager", config=PagerConfig, routes=(Route(name="page"),))
    config: PagerConfig

    def capabilities(self) -> Capabilities:
        """Short messages, each delivered once however often it is sent."""
        return Capabilities(max_length=160, idempotent_send=True)

    def verify(self, raw: Raw, now: datetime) -> Verdict:
        """By the keyed hash of the body that the service puts into a header."""
        expected = hmac.new(self.config.token.encode(), raw.body, hashlib.sha256).hexdigest()
        if hmac.compare_digest(raw.headers.get("x-pager-signature", ""), expected):
            return Verdict(trust=Trust.VOUCHED)
        return Verdict.failed("the signature does not match")

    def parse(self, raw: Raw) -> Parsed:
        """One page."""
        try:
            page = json.loads(raw.body)
            sender = Address(kind=IdentityKind.PHONE, value=page["from"])
            return Parsed(events=(MessageIn(key=page["id"], sender=sender, text=page["text"]),))
        except (ValueError, KeyError, TypeError) as error:
            raise BadPayload("this is no page") from error

    def send(self, out: OutboundMessage) -> Generator[Effect, Result, Receipt]:
        """One call, with the message's own key."""
        call = HttpCall(
            method="POST",
            url=f"{self.config.url}/pages",
            headers={"Authorization": f"Bearer {self.config.token}", "Idempotency-Key": str(out.id)},
            body=json.dumps({"to": out.to, "text": out.body}).encode(),
        )
        answer = yield from ask(call)
        if isinstance(answer, NoAnswer):
            return answer.receipt
        if answer.status < 300:
            return Receipt(provider_id=json.loads(answer.body)["id"])
        failure = FAILURES.get(answer.status, Failure.PERMANENT)
        return Receipt(failure=failure, detail=f"status {answer.status}")
