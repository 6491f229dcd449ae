"""Which answers of a person to a question are superseded: all but the latest, each by the one that follows it.

Ratings follow ratings, and words alone follow words alone: who only writes something after a rating takes nothing of
that rating back, and it still counts.

Answers follow one another by the time at which they were given, and not by that at which they came in: one that comes
late may follow an earlier one and be followed by a later one. Of an answer whose time nobody knows it is known only
that it is no later than its record, so that it never supersedes one with a time. As each says when the next one was
given, the latest answers as of a day are those given by then and not superseded by then.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from attrs import frozen

from clientloop.model.asking import Answer
from clientloop.model.codec import EPOCH
from clientloop.model.units import Update
from clientloop.model.where import Where, eq, ge, gt, le, lt, ne

#: Sorts the answers of one person in one row.
Order = tuple[bool, datetime, UUID]

#: In what answers of one person follow one another: the question, and whether they have ratings.
Row = tuple[str, bool]


def row_of(answer: Answer) -> Row:
    """The row that an answer stands in."""
    return answer.question, answer.rating is not None


def in_row(row: Row) -> Where:
    """Where the answers of a row lie."""
    question, rated = row
    return eq("question", question) & (ne("rating", None) if rated else eq("rating", None))


def place_of(answer: Answer) -> Order:
    """Where an answer stands in its row: those of unknown time first, equal times by their ids."""
    return answer.answered_at is not None, answer.answered_at or EPOCH, answer.id


def time_of(answer: Answer) -> datetime:
    """When an answer was given, as far as that is known."""
    return answer.answered_at or answer.recorded_at


def before(answer: Answer) -> tuple[Where, ...]:
    """Where in its row the answer lies that comes right before: the last one, by time, of the first that finds any."""
    undated = eq("answered_at", None)
    if answer.answered_at is None:
        return (undated & lt("id", answer.id),)
    at = answer.answered_at
    return (le("answered_at", at) & (lt("answered_at", at) | lt("id", answer.id)), undated)


def after(answer: Answer) -> tuple[Where, ...]:
    """Where in its row the answer lies that comes right after: the first one, by time, of the first that finds any."""
    if answer.answered_at is None:
        return (eq("answered_at", None) & gt("id", answer.id), ne("answered_at", None))
    at = answer.answered_at
    return (ge("answered_at", at) & (gt("answered_at", at) | gt("id", answer.id)),)


def latest_until(end: datetime | None) -> Where:
    """Where the latest answers of a time lie: of those given before its end, those that none before it superseded.

    Args:
        end: The end, aware; None for the present.

    >>> latest_until(None) == eq("superseded_at", None)
    True
    """
    unanswered = eq("superseded_at", None)
    return unanswered if end is None else unanswered | ge("superseded_at", end)


@frozen
class Joined:
    """What is written when answers take their places among those that are there."""

    #: When each of the new answers is superseded; those that are not are left out.
    superseded: Mapping[UUID, datetime]
    #: What becomes of those that were there, guarded by their versions.
    updates: tuple[Update, ...]


def joined(new: Iterable[Answer], near: Iterable[Answer]) -> Joined:
    """Answers of one person in one row take their places among those that are there.

    Of those that are there, only one that is followed by a new one changes: the others know what follows them.

    Args:
        new: The answers that come in.
        near: Of those that are there, at least the one right before and the one right after each of the new.
    """
    coming = {answer.id for answer in new}
    ordered = sorted({answer.id: answer for answer in (*near, *new)}.values(), key=place_of)
    superseded, updates = {}, []
    for answer, following in pairwise(ordered):
        if answer.id in coming:
            superseded[answer.id] = time_of(following)
        elif following.id in coming:
            updates.append(_update(answer, {"superseded_at": time_of(following)}))
    return Joined(superseded, tuple(updates))


def regrouped(answers: Iterable[Answer], *, customer: UUID | None = None) -> Iterator[Update]:
    """All answers of a person, who has become another by a merge, its undoing or a split: what changes of them.

    Args:
        answers: All of them, to whatever questions.
        customer: Under whose id they are kept from now on; None leaves each where it is.
    """
    rows: dict[Row, list[Answer]] = defaultdict(list)
    for answer in answers:
        rows[row_of(answer)].append(answer)
    for row in rows.values():
        ordered = sorted(row, key=place_of)
        times: list[datetime | None] = [*map(time_of, ordered[1:]), None]
        for answer, until in zip(ordered, times, strict=True):
            changes: dict[str, object] = {} if until == answer.superseded_at else {"superseded_at": until}
            if customer not in {None, answer.customer}:
                changes["customer"] = customer
            if changes:
                yield _update(answer, changes)


def _update(answer: Answer, changes: Mapping[str, object]) -> Update:
    return Update(Answer, (answer.space, answer.id), changes, answer.version)
