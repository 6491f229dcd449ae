"""Whether a message repeats another, or only has its key: words under a key that was taken before are not thrown away.

Keys are made by others. Programs give two mails one id, and who knows the id of a mail that is about to come can send
another one ahead. The first is stored as it came, and reading is pure: so it is read once more and compared.
"""

from collections.abc import Iterator, Sequence

from clientloop.model.channels import RawBody, StoredRaw, TakenEvent
from clientloop.plugins.loading import harmless
from clientloop.ports.channel import Channel
from clientloop.ports.events import Event, MessageIn, Raw
from clientloop.services.context import Context


def as_raw(stored: StoredRaw, content: bytes) -> Raw:
    """A stored message as the channel reads it."""
    return Raw(body=content, route=stored.route, method=stored.method, url=stored.url, headers=stored.headers)


def says_other(context: Context, plugin: Channel, events: Sequence[Event], taken: Sequence[TakenEvent]) -> bool:
    """Whether a message all of whose events were taken before has other words than were taken.

    Args:
        context: The space.
        plugin: The channel.
        events: What the message says.
        taken: Its events as they were taken, out of other messages.
    """
    first = {each.key: each for raw in {mark.raw for mark in taken} if raw for each in _events(context, plugin, raw)}
    pairs = [(each, first[each.key]) for each in events if isinstance(each, MessageIn) and each.key in first]
    return any(_words(each) != _words(other) for each, other in pairs)


def _events(context: Context, plugin: Channel, raw: object) -> Iterator[MessageIn]:
    """The words of a stored message; none where it is gone or cannot be read any more."""
    key = (context.space.space, raw)
    stored, body = context.store.get(StoredRaw, key), context.store.get(RawBody, key)
    if stored is None or body is None:
        return
    try:
        events = plugin.parse(as_raw(stored, body.content)).events
    except harmless():
        return
    yield from (event for event in events if isinstance(event, MessageIn))


def _words(event: MessageIn) -> tuple[object, ...]:
    """What somebody said, however its lines are broken."""
    return (event.text.split(), (event.subject or "").split(), [media.content for media in event.media])
