"""The channel: settings, signed webhooks in, signed webhooks out to declared endpoints."""

from collections.abc import Generator, Iterable, Mapping
from datetime import datetime
from fnmatch import fnmatchcase

from attrs import Factory, field, frozen

from clientloop.channels.webhook import signature
from clientloop.channels.webhook.shapes import read_event
from clientloop.errors import BadPayload, InvalidValue, UnknownName
from clientloop.model.customers import Trust
from clientloop.model.facts import FactName
from clientloop.model.messages import Failure, OutboundMessage, Receipt
from clientloop.ports.answers import retry_after
from clientloop.ports.channel import Capabilities, Channel, Direction, Route, Spec
from clientloop.ports.effects import AskTime, Effect, HttpCall, HttpResult, NoAnswer, Result, ask
from clientloop.ports.events import Parsed, Raw, Reply, Verdict
from clientloop.ports.reach import SCHEMES, Reach
from clientloop.ports.schemes import Scheme
from clientloop.rules.outgoing.webhooks import message_body

#: How long a body may be, in bytes.
MAX_BODY = 1_048_576
#: How long the id of a webhook may be.
LONGEST_ID = 200


def _secrets(given: Iterable[str]) -> tuple[str, ...]:
    if isinstance(given, str):  # would become one secret a letter
        raise InvalidValue("secrets is one text", hint="give a list, even of one")
    return tuple(given)


def _are_secrets(_instance: object, _attribute: object, given: tuple[str, ...]) -> None:
    if not all(map(signature.is_secret, given)):
        raise InvalidValue("one of secrets is no secret", hint="write 'whsec_' and 24 to 64 bytes in base64")


def _patterns(given: Iterable[str]) -> tuple[str, ...]:
    if isinstance(given, str):
        raise InvalidValue("facts is one text", hint='give a list: ["feedback.*"]')
    return tuple(given)


def _are_facts(_instance: object, _attribute: object, given: tuple[str, ...]) -> None:
    for pattern in given:
        if not any(fnmatchcase(name, pattern) for name in FactName):
            raise UnknownName.among(pattern, FactName, what="fact")


@frozen(kw_only=True)
class Endpoint:
    """Where webhooks are sent."""

    #: The URL; it may hold secrets.
    url: str = field(repr=False)
    #: Each signs what is sent: two while one is being changed. Every endpoint has secrets of its own.
    secrets: tuple[str, ...] = field(converter=_secrets, validator=_are_secrets, repr=False)
    #: Which facts it hears of: names such as "feedback.moved", or patterns such as "feedback.*"; none if not given.
    facts: tuple[str, ...] = field(default=(), converter=_patterns, validator=_are_facts)

    @property
    def wanted(self) -> frozenset[FactName]:
        """The facts that it hears of."""
        return frozenset(name for name in FactName for pattern in self.facts if fnmatchcase(name, pattern))


@frozen(kw_only=True)
class WebhookConfig:
    """How the channel is set up."""

    #: Any of these may have signed what comes in; without one, nothing is taken.
    secrets: tuple[str, ...] = field(default=(), converter=_secrets, validator=_are_secrets, repr=False)
    #: Where webhooks are sent, by the names that messages are addressed to.
    endpoints: Mapping[str, Endpoint] = field(factory=dict)
    #: Hosts that may be called although they are not of the public Internet: `Reach.hosts`.
    hosts: tuple[str, ...] = ()
    #: Networks that may be called likewise: `Reach.networks`.
    networks: tuple[str, ...] = ()
    #: The TCP ports that may be called.
    ports: tuple[int, ...] = tuple(SCHEMES.values())
    #: What the three above allow.
    reach: Reach = field(
        init=False,
        repr=False,
        default=Factory(
            lambda self: Reach(hosts=self.hosts, networks=self.networks, ports=self.ports), takes_self=True
        ),
    )

    def __attrs_post_init__(self) -> None:
        """Refuse an endpoint that could never be called."""
        for name, endpoint in self.endpoints.items():
            try:
                self.reach.target(endpoint.url)
            except InvalidValue as error:
                raise InvalidValue(f"endpoint {name!r}: {error.message}", hint=error.hint) from None
            if not endpoint.secrets:
                raise InvalidValue(f"endpoint {name!r} has no secret", hint="nobody could tell who sent the webhook")


#: One endpoint, called "default", whose address follows "webhook+"; or none, for what comes in alone.
_SCHEMES: Mapping[str, Scheme] = {
    "webhook": Scheme(),
    **{
        f"webhook+{scheme}": Scheme(link="endpoints.default.url", query={"secret": "endpoints.default.secrets"})
        for scheme in SCHEMES
    },
}


class Webhook(Channel):
    """Webhooks as Standard Webhooks 1.0.0 has them, signed by shared secrets (v1); v1a is refused by name.

    What comes in is of one of the types in `shapes.TYPES`. What goes out is addressed to an endpoint by its name, and
    has the message's id as its `webhook-id` through every try, by which receivers recognise a repeat.
    """

    spec = Spec(
        name="webhook",
        config=WebhookConfig,
        schemes=_SCHEMES,
        routes=(Route(name="in", max_body=MAX_BODY),),
        extras=("clientloop[http]",),
    )
    config: WebhookConfig

    def capabilities(self) -> Capabilities:
        """Anything; a repeat is known by its id, and one endpoint that fails holds up no other."""
        return Capabilities(idempotent_send=True, per_address=True)

    def listeners(self) -> Mapping[str, frozenset[FactName]]:
        """The endpoints that want to hear of facts."""
        return {name: endpoint.wanted for name, endpoint in self.config.endpoints.items() if endpoint.wanted}

    def able(self) -> frozenset[Direction]:
        """Without an endpoint nothing is sent, and without a secret nothing is taken."""
        has = {Direction.SEND: self.config.endpoints, Direction.RECEIVE: self.config.secrets}
        return self.directions - {direction for direction, needed in has.items() if not needed}

    def verify(self, raw: Raw, now: datetime) -> Verdict:
        """By the signature and the time; the system that signs vouches for the addresses, unless it says less."""
        if len(raw.body) > MAX_BODY:
            return Verdict.failed("it is too long")
        fault = signature.fault(raw, self.config.secrets, now)
        return Verdict.failed(fault) if fault else Verdict(trust=Trust.VOUCHED)

    def parse(self, raw: Raw) -> Parsed:
        """One event, under the id of the webhook."""
        if len(raw.body) > MAX_BODY:
            raise BadPayload("the body is too long", hint=f"at most {MAX_BODY} bytes are read")
        key = raw.headers.get(signature.ID, "")
        if not key.strip() or len(key) > LONGEST_ID or not key.isascii() or not key.isprintable():
            raise BadPayload(f"{signature.ID} is missing or no id")
        return Parsed(events=(read_event(raw.body, key),), reply=Reply(status=204))

    def send(self, out: OutboundMessage) -> Generator[Effect, Result, Receipt]:
        """One call to the endpoint that the message names, signed at this moment."""
        endpoint = self.config.endpoints.get(out.to)
        if endpoint is None:
            unknown = UnknownName.among(out.to, self.config.endpoints, what="endpoint")
            return Receipt(failure=Failure.CONFIG, detail=str(unknown))
        told = yield from ask(AskTime())
        if isinstance(told, NoAnswer):
            return told.receipt
        answer = yield from ask(self._call(endpoint, out, told.now))
        return answer.receipt if isinstance(answer, NoAnswer) else _receipt(answer)

    def _call(self, endpoint: Endpoint, out: OutboundMessage, now: datetime) -> HttpCall:
        body = message_body(out).encode(errors="replace")
        headers = {
            "Content-Type": "application/json",
            **signature.headers(endpoint.secrets, str(out.id), now, body),
        }
        return HttpCall(method="POST", url=endpoint.url, headers=headers, body=body, reach=self.config.reach)


#: What the standard says of an answer; all others outside 200 to 299 are worth another try.
_STATUSES: Mapping[int, Failure] = {
    410: Failure.OPTED_OUT,
    429: Failure.THROTTLED,
    502: Failure.THROTTLED,
    504: Failure.THROTTLED,
}


def _receipt(answer: HttpResult) -> Receipt:
    if 200 <= answer.status < 300:
        return Receipt()
    moved = 300 <= answer.status < 400
    failure = Failure.CONFIG if moved else _STATUSES.get(answer.status, Failure.RETRY)
    return Receipt(failure=failure, detail=f"status {answer.status}", retry_after=retry_after(answer))
