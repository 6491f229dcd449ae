"""Words that have ended: that the model's stage stands again is written down as of the end, by night and by day."""

from datetime import UTC, datetime

from clientloop.errors import Conflict
from clientloop.model.relationships import Standing
from clientloop.model.where import eq, ge, le
from clientloop.services.context import Context
from clientloop.services.leases import Beat, unheard
from clientloop.services.relationships.manual import Named, end
from clientloop.services.relationships.models import model_names

#: A bound, for of words without an end there are as many as standings, and a store need not read these.
_WITH_END = ge("manual_until", datetime.min.replace(tzinfo=UTC))


def end_words(context: Context, beat: Beat = unheard) -> None:
    """Write down which words have ended, in all models; classes follow in the same unit.

    Args:
        context: The space.
        beat: Called before each.
    """
    for model in model_names(context):
        ended = eq("model", model) & le("manual_until", context.now())
        for standing in tuple(context.store.pages(Standing, context.space.space, where=ended, order="by_expiry")):
            beat()
            try:
                end(context, Named(standing.subject, standing.sort), model)
            except Conflict:
                continue  # somebody has just changed it: it is left to the next time


def next_end(context: Context) -> datetime | None:
    """When the next word ends that is not written down as ended; None if none has an end.

    Args:
        context: The space.
    """
    store, space = context.store, context.space.space
    firsts = (
        store.page(Standing, space, where=eq("model", model) & _WITH_END, order="by_expiry", limit=1)
        for model in model_names(context)
    )
    return min((first.manual_until for page in firsts for first in page if first.manual_until), default=None)
