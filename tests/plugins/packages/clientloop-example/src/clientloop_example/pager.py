"""A channel to a paging service that is not there: signed JSON comes in, one HTTP call goes out."""

import hashlib
import hmac
import json
from collections.abc import Generator
from datetime import datetime

from attrs import field, frozen

from clientloop.errors import BadPayload
from clientloop.model.codec import text
from clientloop.model.customers import IdentityKind, Trust
from clientloop.model.messages import Failure, OutboundMessage, Receipt
from clientloop.ports.answers import failure_of, retry_after
from clientloop.ports.channel import Capabilities, Channel, Route, Spec
from clientloop.ports.effects import Effect, HttpCall, NoAnswer, Result, ask
from clientloop.ports.events import Address, MessageIn, Parsed, Raw, Verdict


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
        """Messages of up to 1,000 characters, each delivered once however often it is sent."""
        return Capabilities(max_length=1_000, idempotent_send=True)

    def verify(self, raw: Raw, now: datetime) -> Verdict:
        """By the keyed hash of the body that the service puts into a header."""
        expected = hmac.new(self.config.token.encode(), raw.body, hashlib.sha256).hexdigest()
        given = raw.headers.get("x-pager-signature", "").encode(errors="replace")
        if hmac.compare_digest(given, expected.encode()):
            return Verdict(trust=Trust.VOUCHED)
        return Verdict.failed("the signature does not match")

    def parse(self, raw: Raw) -> Parsed:
        """One page."""
        try:
            page = json.loads(raw.body)
            sender = Address(kind=IdentityKind.PHONE, value=text(page["from"]))
            key, words = text(page["id"]), text(page["text"])
            return Parsed(events=(MessageIn(key=key, sender=sender, text=words),))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise BadPayload("this is no page") from error

    def send(self, out: OutboundMessage) -> Generator[Effect, Result, Receipt]:
        """One call, with the message's own key."""
        if len(out.body) > 1_000:
            return Receipt(failure=Failure.CONFIG, detail="a page has at most 1,000 characters")
        call = HttpCall(
            method="POST",
            url=f"{self.config.url}/pages",
            headers={"Authorization": f"Bearer {self.config.token}", "Idempotency-Key": str(out.id)},
            body=json.dumps({"to": out.to, "text": out.body}).encode(),
        )
        answer = yield from ask(call)
        if isinstance(answer, NoAnswer):
            return answer.receipt
        if failure := failure_of(answer.status):
            return Receipt(failure=failure, detail=f"status {answer.status}", retry_after=retry_after(answer))
        return Receipt(provider_id=answer.headers.get("x-pager-id"))
