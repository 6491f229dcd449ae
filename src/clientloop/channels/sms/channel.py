"""The channel: settings, signed requests in, one HTTP call out, TwiML in between."""

import base64
import re
from collections.abc import Generator, Iterable, Sequence
from datetime import datetime
from html import escape
from urllib.parse import urlencode

import attrs
from attrs import field, frozen
from attrs.validators import deep_iterable, gt, matches_re, min_len, optional

from clientloop.channels.sms import forms, signature
from clientloop.channels.sms.failures import receipt_of
from clientloop.channels.sms.inbound import read_event
from clientloop.channels.sms.segments import segments
from clientloop.errors import InvalidValue
from clientloop.model.customers import IdentityKind, Trust
from clientloop.model.messages import Failure, OutboundMessage, Receipt
from clientloop.ports.channel import Capabilities, Channel, Health, Route, Spec
from clientloop.ports.effects import Effect, HttpCall, NoAnswer, Result, ask
from clientloop.ports.events import DeliveryEvent, Ignored, Parsed, Raw, Reply, Verdict
from clientloop.ports.reach import read_url
from clientloop.ports.schemes import Scheme

#: How many characters the provider takes.
LONGEST = 1_600


def _is_url(_: object, attribute: "attrs.Attribute[str]", url: str) -> None:
    try:
        read_url(url)
    except InvalidValue as error:
        raise InvalidValue(f"{attribute.name}: {error.message}", hint=error.hint) from None


def _tokens(given: Iterable[str]) -> tuple[str, ...]:
    if isinstance(given, str):  # would become one token a letter
        raise InvalidValue("other_tokens is one text", hint="give a list, even of one")
    return tuple(given)


@frozen(kw_only=True)
class SmsConfig:
    """How the channel is set up."""

    #: The id of the account, `AC…` at Twilio.
    account: str = field(validator=matches_re(r"[\w-]+"))
    #: Its token: proves us to the provider, and the provider to us.
    auth_token: str = field(validator=min_len(1), repr=False)
    #: Further secrets that may sign what comes in: a token that is being changed, or a shared key.
    other_tokens: tuple[str, ...] = field(
        default=(), converter=_tokens, validator=deep_iterable(min_len(1)), repr=False
    )
    #: From which number, or the id of a messaging service (`MG…`).
    sender: str = field(validator=min_len(1))
    #: The public URL of the channel's route, where the provider shall say what became of a message; None for nowhere.
    status_url: str | None = field(default=None, validator=optional(_is_url), repr=False)
    #: Where the API is; others than Twilio offer it too.
    base_url: str = field(default="https://api.twilio.com", validator=_is_url)
    #: The header field by which the provider recognises a message sent twice; Twilio has none.
    idempotency_header: str | None = field(default=None, validator=optional(matches_re(r"[A-Za-z0-9-]+")))
    #: Into how many parts a message may be cut, each of which is billed; a longer one waits for a person.
    max_segments: int = field(default=10, validator=gt(0))
    #: How many messages a second the sender may send; None for no limit known. One a second for an American number.
    per_second: float | None = field(default=None, validator=optional(gt(0)))


class Sms(Channel):
    """Text messages over Twilio's API, or one that is compatible with it.

    The API recognises no message sent twice, so that `idempotent_send` is false unless the settings name the header
    field of a provider that does: after a cut line a message is `Failure.UNKNOWN`, and a person decides.

    Files that came along are in `MessageIn.extra["media"]` with URL and type, for the host to fetch.
    """

    spec = Spec(
        name="sms",
        config=SmsConfig,
        address=IdentityKind.PHONE,
        schemes={
            "twilio": Scheme(user="account", after_user="auth_token", host="sender", query={"token": "auth_token"})
        },
        routes=(Route(name="in", methods=("GET", "POST"), max_body=forms.MAX_BYTES),),
        extras=("clientloop[http]",),
    )
    config: SmsConfig

    def capabilities(self) -> Capabilities:
        """Words of up to 1,600 characters; receipts if there is an address for them."""
        return Capabilities(
            max_length=LONGEST,
            per_second=self.config.per_second,
            receipts=self.config.status_url is not None,
            idempotent_send=self.config.idempotency_header is not None,
        )

    def verify(self, raw: Raw, now: datetime) -> Verdict:
        """By the provider's signature; the provider vouches for the number."""
        fault = signature.fault(raw, (self.config.auth_token, *self.config.other_tokens))
        return Verdict.failed(fault) if fault else Verdict(trust=Trust.VOUCHED)

    def parse(self, raw: Raw) -> Parsed:
        """One message, command or receipt; the answer says nothing to the customer."""
        event = read_event(forms.read(raw), message=forms.named(raw.url))
        is_receipt = isinstance(event, (DeliveryEvent, Ignored))
        return Parsed(events=(event,), reply=Reply(status=204) if is_receipt else _twiml(()))

    def respond(self, raw: Raw, out: Sequence[OutboundMessage]) -> Reply:
        """Answer in TwiML, a message each."""
        return _twiml([message.body for message in out])

    def send(self, out: OutboundMessage) -> Generator[Effect, Result, Receipt]:
        """One call; the subject is left out, as a text message has none."""
        parts = segments(out.body).count
        if parts > self.config.max_segments:
            detail = f"the message has {parts} parts, more than max_segments allows"
            return Receipt(failure=Failure.CONFIG, detail=detail)
        answer = yield from ask(self._call(out))
        return answer.receipt if isinstance(answer, NoAnswer) else receipt_of(answer)

    def probe(self) -> Generator[Effect, Result, Health]:
        """Ask for the account."""
        call = HttpCall(method="GET", url=self._url(".json"), headers=self._authorization())
        answer = yield from ask(call)
        if isinstance(answer, NoAnswer):
            return Health(ok=False, detail=answer.detail)
        receipt = receipt_of(answer)
        return Health(ok=receipt.accepted, detail=receipt.detail or "the account answers")

    def _call(self, out: OutboundMessage) -> HttpCall:
        service = _SERVICE.fullmatch(self.config.sender)
        form = {
            "To": out.to,
            "MessagingServiceSid" if service else "From": self.config.sender,
            "Body": out.body,
            **({"StatusCallback": forms.naming(self.config.status_url, out.id)} if self.config.status_url else {}),
        }
        headers = {
            **self._authorization(),
            "Content-Type": "application/x-www-form-urlencoded",
            **({self.config.idempotency_header: str(out.id)} if self.config.idempotency_header else {}),
        }
        body = urlencode(form, errors="replace").encode()
        return HttpCall(method="POST", url=self._url("/Messages.json"), headers=headers, body=body)

    def _url(self, path: str) -> str:
        return f"{self.config.base_url.rstrip('/')}/2010-04-01/Accounts/{self.config.account}{path}"

    def _authorization(self) -> dict[str, str]:
        credentials = f"{self.config.account}:{self.config.auth_token}".encode()
        return {"Authorization": f"Basic {base64.b64encode(credentials).decode()}"}


_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")


def _twiml(texts: Sequence[str]) -> Reply:
    messages = "".join(f"<Message>{escape(_ILLEGAL.sub('', text), quote=False)}</Message>" for text in texts)
    document = f'<?xml version="1.0" encoding="UTF-8"?><Response>{messages}</Response>'
    return Reply(headers={"content-type": "text/xml; charset=utf-8"}, body=document.encode())


#: What XML 1.0 cannot hold, not even escaped.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
