"""Raw messages: verified, stored once, read, and read again where that was cut short.

The order is what keeps every word: a message is stored before anybody reads it, and it is read from what was stored, so
that it can be read again after the plugin was mended. Whatever goes wrong after that leaves it in quarantine, whole.
"""

from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus

from attrs import evolve

from clientloop.errors import Duplicate, NotSupported, PluginError, StoreCorrupt
from clientloop.model.channels import Happening, RawBody, RawState, StoredRaw
from clientloop.model.customers import Trust
from clientloop.model.plan import Key, Plan
from clientloop.model.units import Insert, Unit
from clientloop.model.where import Where, eq, le, lt, one_of
from clientloop.plugins.loading import cause_of, harmless
from clientloop.plugins.spec import Sort
from clientloop.ports.channel import Channel, Direction, Route
from clientloop.ports.events import Raw, Reply, Verdict
from clientloop.rules.intake.arrival import clean
from clientloop.services.context import Context
from clientloop.services.intake.counts import counted
from clientloop.services.intake.reading import Received, is_of_the_store, quarantine, read

#: How long whoever began with a message has for it.
LEASE = timedelta(minutes=2)

#: How many messages are one batch.
BATCH = 20

#: For how long a message is left to processes in which its channel can be used; then a person hears of it.
PATIENCE = timedelta(days=1)

#: The header fields that prove a sender by a secret: `verify` has seen them, and no store needs to keep them.
SECRET_FIELDS = frozenset({"authorization", "proxy-authorization"})

#: The header field of cookies: those of the application, whose session they may be, are none of the channel's business.
COOKIES = "cookie"

#: The header field that tells a post from others like it, on a route where each is news.
ARRIVAL = "clientloop-arrival"

#: How often a message may be begun with and left: one that ends its readers must not end all of them.
MOST_CLAIMS = 5


def receive(context: Context, channel: str, raw: Raw) -> Received:
    """Take a message that came in.

    Args:
        context: The space.
        channel: Name of the channel.
        raw: The message.

    Returns:
        What became of it, as `read` says.

    Raises:
        UnknownName: There is no such channel.
        NotSupported: The channel does not receive, or cannot verify.
        StoreError: The message, or what it says, could not be written: it should be sent again.
    """
    plugin = context.plugins.channel(channel)
    if Direction.RECEIVE not in plugin.able():
        reads = Direction.RECEIVE in plugin.directions
        hint = "set up what it would receive by" if reads else f"{type(plugin).__name__} has no `parse`"
        raise NotSupported(f"channel {channel!r} receives nothing", hint=hint)
    if _is_too_long(plugin, raw):
        return _refused(context, channel, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        verdict: object = plugin.verify(raw, context.now())
        if not isinstance(verdict, Verdict):
            raise PluginError(f"verify gave a {type(verdict).__name__}", hint="return a Verdict")
    except NotSupported:
        raise
    except harmless() as error:  # nobody is proved by that; the fault is ours, and the sender shall try again
        context.parts.registry.raised(Sort.CHANNEL, plugin.spec.name, error)
        return _refused(context, channel, HTTPStatus.INTERNAL_SERVER_ERROR)
    if verdict.trust is None:
        return _refused(context, channel, HTTPStatus.FORBIDDEN)
    stored = _store(context, channel, _as_kept(context, plugin, raw), verdict.trust)
    return read(context, plugin, stored, raw.body)


def _is_too_long(plugin: Channel, raw: Raw) -> bool:
    return any(route.name == raw.route and len(raw.body) > route.max_body for route in plugin.spec.routes)


def _as_kept(context: Context, plugin: Channel, raw: Raw) -> Raw:
    """A message without secrets; one that is news although another was like it is marked as itself."""
    route = next((route for route in plugin.spec.routes if route.name == raw.route), Route(name=raw.route))
    headers = {name: value for name, value in raw.headers.items() if name not in SECRET_FIELDS}
    if COOKIES in headers:
        pairs = (pair.strip() for pair in headers.pop(COOKIES).split(";"))
        cookies = "; ".join(pair for pair in pairs if pair.partition("=")[0] in route.cookies)
        headers |= {COOKIES: cookies} if cookies else {}
    if raw.method == "POST" and route.always_news:
        headers[ARRIVAL] = str(context.new_id())
    return evolve(raw, headers=headers)


def _refused(context: Context, channel: str, status: HTTPStatus) -> Received:
    context.commit(Unit((counted(context, channel, Happening.REFUSED),)))
    return Received(reply=Reply(status=status))


def _store(context: Context, channel: str, raw: Raw, trust: Trust) -> StoredRaw:
    """Store a message, or find it where it was stored before."""
    now = context.now()
    stored = StoredRaw(
        space=context.space.space, id=context.new_id(), channel=channel, digest=raw.digest, route=clean(raw.route),
        method=clean(raw.method), url=clean(raw.url),
        headers={clean(name): clean(value) for name, value in raw.headers.items()},
        size=len(raw.body), trust=trust, received_at=now, wake_at=now + LEASE,
    )  # fmt: skip
    body = RawBody(space=stored.space, id=stored.id, content=raw.body)
    try:
        context.commit(Unit((Insert(stored), Insert(body))))
    except Duplicate:
        where = eq("channel", channel) & eq("digest", stored.digest)
        known = context.store.page(StoredRaw, stored.space, where=where, order="by_digest", limit=1)
        # gone, if it said nothing new and was let go of just now
        return known.items[0] if known.items else _store(context, channel, raw, trust)
    return stored


def read_due(context: Context) -> int:
    """Read the messages again whose readers were lost, one batch.

    Args:
        context: The space.

    Returns:
        How many were looked at; fewer than `BATCH` when there are no more.
    """
    due = _channels_due(context)
    if not due:
        return 0
    usable = [name for name in due if context.plugins.can(name, Direction.RECEIVE)]
    where = one_of("channel", usable) | lt("received_at", context.now() - PATIENCE)
    looked_at = 0
    while looked_at < BATCH and _read_next(context, where):
        looked_at += 1
    return looked_at


def _channels_due(context: Context) -> Sequence[str]:
    """By which channels the messages came that are due."""
    due = Plan(cls=StoredRaw, where=le("wake_at", context.now()), keys=(Key("channel"),))
    try:
        return [str(group.keys[0]) for group in context.store.aggregate(context.space.space, due)]
    except StoreCorrupt:  # one of the names cannot be read: the others are read all the same
        return context.plugins.configured


def _read_next(context: Context, where: Where) -> bool:
    """Read the message that has waited for longest; whether there was one.

    They are claimed one at a time, so that a claim is a reading that was begun.
    """
    space, now = context.space.space, context.now()
    claimed = context.store.claim(StoredRaw, space, now=now, lease=LEASE, limit=1, where=where)
    for stored in claimed:
        if stored.version > MOST_CLAIMS:
            quarantine(context, stored, "nobody who began to read it came to its end")
        else:
            read_again(context, stored)
    return bool(claimed)


def read_again(context: Context, stored: StoredRaw) -> Received | None:
    """Read a stored message once more, wherever it stands; events of it that were taken are not taken again.

    Args:
        context: The space.
        stored: The message.

    Returns:
        What became of it; None if it is gone.

    Raises:
        StoreError: What it says could not be written.
    """
    try:
        body = context.store.get(RawBody, (stored.space, stored.id))
        if body is None:
            return None
        plugin = context.plugins.channel(stored.channel)
    except harmless() as error:
        if is_of_the_store(error):
            raise
        return quarantine(context, stored, cause_of(error))
    return read(context, plugin, evolve(stored, state=RawState.RECEIVED), body.content)
