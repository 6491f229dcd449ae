"""What an improvement has done: ratings on its topic before and after, added up by the store."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import cast

from clientloop.errors import InvalidValue
from clientloop.model.feedback import Feedback
from clientloop.model.improvements import Improvement
from clientloop.model.plan import Key, Plan
from clientloop.model.where import Every, Where, eq, ge, lt, ne
from clientloop.rules.measures.comparison import Comparison, compare
from clientloop.services.context import Context

#: How many days a comparison spans at most: a hundred years.
_MOST_DAYS = 36_500

#: How many there are of each rating, by scale.
_Counts = dict[str, dict[int, int]]


def about(improvement: Improvement) -> Where:
    """The items that are about the topic of an improvement.

    Raises:
        InvalidValue: It has no topic.
    """
    if not improvement.topic:
        raise InvalidValue(
            f"the improvement {improvement.id} has no topic", hint="give one: improvements.change(topic=)"
        )
    return Every(tuple(eq(name, value) for name, value in improvement.topic.items()))


def before_and_after(context: Context, improvement: Improvement, *, days: int) -> tuple[Comparison, ...]:
    """Compare the ratings before and after an improvement was done; the arguments are those of `Improvements.effect`.

    A rating belongs to the time at which the customer gave it; of those whose time is not known, nobody can tell.

    Raises:
        InvalidValue: The improvement has no topic, or there are no days.
    """
    if not 1 <= days <= _MOST_DAYS:
        raise InvalidValue(f"nobody waits for {days} days", hint=f"give 1 to {_MOST_DAYS}")
    done, span = cast(datetime, improvement.done_at), timedelta(days=days)  # whatever is done has its time
    rated = about(improvement) & ne("rating", None)
    before = _count(context, rated & ge("received_at", done - span) & lt("received_at", done))
    after = _count(context, rated & ge("received_at", done) & lt("received_at", done + span))
    scales = sorted(before.keys() | after.keys())
    return tuple(compare(scale, before.get(scale, {}), after.get(scale, {})) for scale in scales)


def _count(context: Context, where: Where) -> _Counts:
    counts: _Counts = defaultdict(dict)
    for group in context.store.aggregate(
        context.space.space, Plan(cls=Feedback, where=where, keys=(Key("scale"), Key("rating")))
    ):
        scale, rating = cast(tuple[str, int], group.keys)  # a rating has a scale
        counts[scale][rating] = group.values[0] or 0
    return counts
