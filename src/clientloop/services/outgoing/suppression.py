"""Addresses that are left alone: kept as keyed hashes, which name nobody and so survive the erasure of holders."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from clientloop.errors import Duplicate, InvalidValue
from clientloop.model.customers import Identity, IdentityKind, Purpose, Trust
from clientloop.model.messages import Delivery, Failure, OutboundMessage
from clientloop.model.permission import STOPPED, ContactBudget, Suppression, SuppressionReason
from clientloop.model.spaces import PluginState
from clientloop.model.units import Add, Change, Insert, Unit, Update
from clientloop.model.where import eq
from clientloop.rules.intake.arrival import clean
from clientloop.rules.outgoing.deliveries import suppresses
from clientloop.rules.people.contacts import normal
from clientloop.services.context import Context

#: Where a key is kept that the application did not give: plugin and name of the state.
_KEPT = ("clientloop", "suppression_key")

_KEY_BYTES = 32

#: How short a key may be that the application gives.
_SHORTEST = 16

#: An address in the form that addresses compare by.
Place = tuple[IdentityKind, str]


def checked_key(given: str | bytes | None) -> bytes | None:
    """The key that an application gives, as bytes.

    Raises:
        InvalidValue: It is so short that it could be guessed.
    """
    key = given.encode() if isinstance(given, str) else given
    if key is not None and len(key) < _SHORTEST:
        hint = "make one by `python -c 'import secrets; print(secrets.token_hex(32))'`"
        raise InvalidValue(f"a suppression key of {len(key)} bytes", hint=hint)
    return key


def place(context: Context, kind: IdentityKind, address: str) -> Place:
    """An address as it compares; one that can be none compares as it is written, so that even it can be left alone."""
    text = clean(address)
    try:
        return kind, normal(kind, text, context.settings.region)
    except InvalidValue:
        return kind, text.strip()


def places(context: Context, channel: str, address: str) -> tuple[Place, ...]:
    """What an address on a channel may be; several where nobody knows what sort of addresses the channel has."""
    kind = context.plugins.address_kind(channel)
    kinds = _guessed(address) if kind is None else (kind,)
    return tuple(place(context, each, address) for each in kinds)


def _guessed(address: str) -> Iterator[IdentityKind]:
    if "@" in address:
        yield IdentityKind.EMAIL
    if address.startswith("+"):
        yield IdentityKind.PHONE
    yield IdentityKind.HANDLE


def digest_of(context: Context, of: Place, *parts: str) -> bytes:
    """The keyed hash of an address: HMAC-SHA256 of the space, the sort of address and its normal form.

    Args:
        context: The space, whose key is made at random when it is first needed, unless the application gave one.
        of: The address.
        parts: What else tells it from others, such as a channel.
    """
    return _digest(_key(context) or _new_key(context), context, of, *parts)


def suppressions_of(context: Context, of: Iterable[Place]) -> tuple[Suppression, ...]:
    """What was ever said of an address, taken back or not."""
    key = _key(context)
    if key is None:  # nobody has ever been put on the list
        return ()
    digests = [_digest(key, context, each) for each in of]
    store, space = context.store, context.space.space
    return tuple(row for digest in digests for row in store.pages(Suppression, space, where=eq("digest", digest)))


def suppress_for(
    context: Context,
    of: Place,
    reason: SuppressionReason,
    *,
    at: datetime,
    stands: bool = True,
    purposes: Iterable[Purpose] | None = None,
) -> Unit:
    """Leave an address alone, or no longer: what to write together with what it follows from.

    What was said earlier than what is known changes nothing, and of two things said at the same time the one that
    forbids counts; so their order does not matter. No message to whoever has the address, however far that is proved,
    goes out on what was known before.

    Args:
        context: The space.
        of: The address.
        reason: Why; only what was said for this reason is taken back.
        at: When it was said, UTC.
        stands: Whether it is to be left alone; False takes that back.
        purposes: Messages of which purposes; what the reason stops if not given.

    Returns:
        The changes, guarded: whoever commits them begins anew on `Conflict`.
    """
    kind, _ = of
    digest = digest_of(context, of)
    wanted = sorted(STOPPED[reason] if purposes is None else purposes)
    rows = [
        Suppression(
            space=context.space.space, digest=digest, purpose=purpose, reason=reason, kind=kind, stands=stands, at=at
        )
        for purpose in wanted
    ]
    written = [change for row in rows for change in _said(context, row)]
    return Unit((*written, *touched(context, holders(context, of)))) if written else Unit()


def if_refused(context: Context, message: OutboundMessage | Delivery, failure: Failure | None, *, at: datetime) -> Unit:
    """What it means for the address of a message that it failed: it is left alone, where that was for good.

    Args:
        context: The space.
        message: The message.
        failure: Why it failed, as its channel says; None if it did not.
        at: When the channel said so, UTC.
    """
    reason = suppresses(message.purpose, failure)
    if reason is None:
        return Unit()
    written_to = places(context, message.channel, message.to)
    return sum((suppress_for(context, each, reason, at=at) for each in written_to), Unit())


def _said(context: Context, new: Suppression) -> Iterator[Change]:
    key = (new.space, new.digest, new.purpose, new.reason)
    known = context.store.get(Suppression, key)
    if known is None:
        yield Insert(new)
    elif (new.at, new.stands) > (known.at, known.stands):
        yield Update(Suppression, key, {"stands": new.stands, "at": new.at}, known.version)


def holders(context: Context, of: Place, trusts: frozenset[Trust] = frozenset(Trust)) -> tuple[UUID, ...]:
    """The customers who have an address, as far proved as asked for, each under the id that it is kept under."""
    kind, value = of
    where = eq("kind", kind) & eq("value", value)
    found = context.store.pages(Identity, context.space.space, where=where)
    return tuple(identity.customer for identity in found if identity.trust in trusts)


def touched(context: Context, customers: Iterable[UUID]) -> Iterator[Add]:
    """Have no message go out to customers on what was known of them before; never in anybody's way."""
    for customer in dict.fromkeys(customers):
        yield Add(ContactBudget(space=context.space.space, customer=customer), {})


def _digest(key: bytes, context: Context, of: Place, *parts: str) -> bytes:
    kind, value = of
    said = "\0".join((context.space.space, kind.value, value, *parts))
    return hmac.new(key, said.encode(errors="surrogatepass"), hashlib.sha256).digest()


def _key(context: Context) -> bytes | None:
    known = context.parts.suppression_key or context.address_key
    if known is not None:
        return known
    kept = context.store.get(PluginState, (context.space.space, *_KEPT))
    key = None if kept is None else bytes.fromhex(kept.value["key"])
    if not context.joins:
        context.address_key = key
    return key


def _new_key(context: Context) -> bytes:
    key, (plugin, name) = secrets.token_bytes(_KEY_BYTES), _KEPT
    state = PluginState(space=context.space.space, plugin=plugin, name=name, value={"key": key.hex()})
    try:
        context.commit(Unit((Insert(state),)))
    except Duplicate:  # somebody else was faster
        return _key(context) or key
    return key
