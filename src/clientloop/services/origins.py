"""The key of an interaction on its channel: the same thing brought again is known by it, another one is refused."""

from clientloop.errors import Duplicate
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.where import eq
from clientloop.services.context import Context


def with_origin(context: Context, channel: str, origin: str | None, *kinds: InteractionKind) -> Interaction | None:
    """The interaction that came under a key before, if one did.

    Args:
        context: The space.
        channel: Name of the channel.
        origin: The key; None for what has none, and so is never the same.
        kinds: What counts as the same thing.

    Raises:
        Duplicate: Something of another kind has the key, so that one of both would be lost.
    """
    if origin is None:
        return None
    where = eq("channel", channel) & eq("origin", origin)
    page = context.store.page(Interaction, context.space.space, where=where, order="by_origin", limit=1)
    if not page.items:
        return None
    [found] = page.items
    if found.kind not in kinds:
        raise Duplicate(
            f"channel {channel!r} has {origin!r:.80} already, as {found.kind.value!r}",
            hint=f"give each its own key, say {f'{origin:.60}/{kinds[0].value}'!r}",
        )
    return found
