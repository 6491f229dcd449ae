"""The times of the loop as data: how long the first answer and the solution took, or have been waited for so far.

What has not happened yet is followed to the present, or to the end of its loop, and counts as censored: to leave it out
would flatter, as the slowest items are the last to come. Items of unknown receipt have no times.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from attrs import frozen

from clientloop.model.where import Where, contains, eq, ne
from clientloop.rules.measures.rates import IN_LOOP

#: How long the times of a reading took; None where nobody can tell.
Took = tuple[timedelta | None, ...]


@frozen(kw_only=True)
class Reading:
    """Items of one sort, and what they tell of some times."""

    #: Names of the times.
    times: tuple[str, ...]
    #: Which items.
    where: Where
    #: Whether it has happened; else it is censored.
    happened: bool = True
    #: The fields that the times are worked out from.
    fields: tuple[str, ...] = ()
    #: Works them out, from the present and the values of the fields.
    took: Callable[..., Took]


def _answered(_: datetime, received: datetime, answered: datetime) -> Took:
    return (answered - received,)


def _unanswered(now: datetime, received: datetime, closed: datetime | None) -> Took:
    return ((closed or now) - received,)


def _solved(_: datetime, gross: timedelta | None, net: timedelta | None) -> Took:
    return gross, net


def _unsolved(
    now: datetime, received: datetime, closed: datetime | None, waited: timedelta, waiting_since: datetime | None
) -> Took:
    end = closed or now
    gross = end - received
    return gross, gross - waited - (end - (waiting_since or end))


def _doubted(name: str) -> Where:
    """The source gave a time that cannot be: it was put aside into the item's `data`, and the field is None."""
    return contains("data", '"doubtful":{') & contains("data", f'"{name}":"')


_ANSWER, _SOLUTION = ("first_answer",), ("gross", "net")
_DATED = IN_LOOP & ne("received_at", None)
_IS_ANSWERED, _IS_UNANSWERED = _DATED & ne("first_answer_at", None), _DATED & eq("first_answer_at", None)
_IS_SOLVED, _IS_UNSOLVED = _DATED & ne("solved_at", None), _DATED & eq("solved_at", None)
_ANSWER_DOUBTED, _SOLUTION_DOUBTED = _doubted("first_answer_at"), _doubted("solved_at")

#: Each item of known receipt is in one reading of each time.
READINGS = (
    Reading(times=_ANSWER, where=_IS_ANSWERED, fields=("received_at", "first_answer_at"), took=_answered),
    Reading(
        times=_ANSWER,
        where=_IS_UNANSWERED & ~_ANSWER_DOUBTED,
        happened=False,
        fields=("received_at", "closed_at"),
        took=_unanswered,
    ),
    Reading(times=_ANSWER, where=_IS_UNANSWERED & _ANSWER_DOUBTED, took=lambda _: (None,)),
    Reading(times=_SOLUTION, where=_IS_SOLVED, fields=("gross", "net"), took=_solved),
    Reading(
        times=_SOLUTION,
        where=_IS_UNSOLVED & ~_SOLUTION_DOUBTED,
        happened=False,
        fields=("received_at", "closed_at", "waited", "waiting_since"),
        took=_unsolved,
    ),
    Reading(times=_SOLUTION, where=_IS_UNSOLVED & _SOLUTION_DOUBTED, took=lambda _: (None, None)),
)
