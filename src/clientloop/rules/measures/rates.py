"""The rates of the loop as data: which items are counted, and which counts are divided by which.

What each of them means for a firm is told in `docs/explanation/loop-rates.md`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from attrs import asdict, frozen

from clientloop.model.calendar import Calendar, working_days
from clientloop.model.codec import microseconds
from clientloop.model.feedback import Deadline, Outcome
from clientloop.model.process import DeadlineRule
from clientloop.model.where import AnyOf, Where, contains, eq, gt, le, ne, one_of
from clientloop.rules.loop.clocks import is_late
from clientloop.rules.time.worktime import passed_since

#: The deadlines that "on time" is about, by their names in every process.
PROMISES = ("first_answer", "solution")

#: How long after it was due nobody touches an item that was dropped half-way.
HALF_WAY = working_days(5)

#: Outcomes of items that were no loop of the firm's: outside all rates and times.
OUTSIDE = (Outcome.DUPLICATE, Outcome.NOT_FEEDBACK, Outcome.IMPORTED)

IN_LOOP = ~one_of("outcome", OUTSIDE)
OPEN = IN_LOOP & eq("is_open", True)
CLOSED = IN_LOOP & eq("is_open", False)
SOLVED = IN_LOOP & ne("solved_at", None)
REOPENED = IN_LOOP & gt("reopened", 0)
#: Solved or closed, now or once.
DECIDED = CLOSED | SOLVED | REOPENED

_MISSED = AnyOf(tuple(contains("late", f'"{name}"') for name in PROMISES))
#: A promise still runs, or stands still while the firm waits for the customer.
_PROMISED = AnyOf(tuple(contains("deadlines", f'"{name}"') for name in PROMISES))


@frozen(kw_only=True)
class Counts:
    """How many items there are of each sort; `conditions` says which these are."""

    #: All items but those outside: duplicates, what was no feedback, and what came closed from another system.
    items: int = 0
    #: Items whose loop is open.
    open: int = 0
    #: Items whose loop has ended.
    closed: int = 0
    #: Closed: the customer said it is good.
    confirmed: int = 0
    #: Closed: done, the customer was told and stayed silent.
    silent: int = 0
    #: Closed: done, but nobody could tell the customer.
    unreachable: int = 0
    #: Closed: done and told, where no confirmation is asked for.
    done: int = 0
    #: Closed: decided against, and told.
    declined: int = 0
    #: Closed: the customer did not answer a question that was needed.
    no_reply: int = 0
    #: Solved or closed without having missed a promise.
    kept: int = 0
    #: Has missed a promise.
    missed: int = 0
    #: Open, and untouched five working days past due.
    dropped: int = 0
    #: Solved or closed, now or once.
    decided: int = 0
    #: Reopened by the customer, or its answer denied, at least once.
    reopened: int = 0
    #: Nobody knows when they were received: left out of all times.
    undated: int = 0
    #: Outside: joined to another item.
    duplicate: int = 0
    #: Outside: was no feedback.
    not_feedback: int = 0
    #: Outside: came already closed from another system.
    imported: int = 0


#: Which items each field of `Counts` counts, but for `dropped`, which depends on the present. `missed` counts what the
#: items themselves have noted; those of `overdue` that have not noted it yet come on top.
CONDITIONS: Mapping[str, Where] = {
    "items": IN_LOOP,
    "open": OPEN,
    "closed": CLOSED,
    **{outcome.value: eq("outcome", outcome) for outcome in Outcome if outcome is not Outcome.OPEN},
    "kept": ~_MISSED & (CLOSED | SOLVED & ~_PROMISED),
    "missed": IN_LOOP & _MISSED,
    "decided": DECIDED,
    "reopened": REOPENED,
    "undated": IN_LOOP & eq("received_at", None),
}


def conditions(*, untouched_since: datetime) -> Mapping[str, Where]:
    """Which items each field of `Counts` counts.

    Args:
        untouched_since: As the function of this name says.
    """
    return {**CONDITIONS, "dropped": dropped(untouched_since)}


def dropped(untouched_since: datetime) -> Where:
    """Open items that nobody has touched for long after they were due.

    Args:
        untouched_since: As the function of this name says.
    """
    return OPEN & le("due", untouched_since) & le("touched_at", untouched_since)


def past_due(now: datetime) -> Where:
    """Open items that are overdue: one of their deadlines has come and is not met."""
    return OPEN & le("due", now)


def overdue(now: datetime) -> Where:
    """Open items that may have missed a promise without having noted it: the step of its deadline is yet to be taken.

    Which promise, and whether it is missed, stands in their deadlines: `missed` tells.
    """
    return past_due(now) & ~_MISSED & _PROMISED


def unnoted(now: datetime) -> Where:
    """Items that are overdue and may have missed a promise more than they have noted."""
    running = (contains("deadlines", f'"{name}"') & ~contains("late", f'"{name}"') for name in PROMISES)
    return past_due(now) & AnyOf(tuple(running))


def missed(rules: Mapping[str, DeadlineRule], deadlines: Iterable[Deadline], now: datetime) -> frozenset[str]:
    """Names of the promises that are missed: as the steps of their deadlines would note it, were they taken now.

    Args:
        rules: How the deadlines of the item's process are declared.
        deadlines: The deadlines that run on the item.
        now: The present, aware.
    """
    after = microseconds(now) + 1
    return frozenset(
        clock.name for clock in deadlines if clock.name in PROMISES and is_late(rules[clock.name], clock, after)
    )


def untouched_since(calendar: Calendar, now: datetime) -> datetime:
    """The latest time from which `HALF_WAY` has passed by now.

    Args:
        calendar: Says what is a working day.
        now: The present, aware.

    Raises:
        InvalidValue: `now` names no zone, or the calendar stays closed for ten years.
    """
    return passed_since(calendar, now, HALF_WAY)


@frozen
class Rate:
    """One count divided by others."""

    #: The field of `Counts` that is divided.
    part: str
    #: The fields of `Counts` that it is divided by: no item is in two of them.
    whole: tuple[str, ...]
    #: Both in words.
    words: str


#: Every rate by its name.
RATES: Mapping[str, Rate] = {
    "closed": Rate("closed", ("items",), "closed, of all items"),
    "confirmed": Rate("confirmed", ("closed",), "confirmed by the customer, of the closed items"),
    "silent": Rate("silent", ("closed",), "ended by the customer's silence, of the closed items"),
    "unreachable": Rate("unreachable", ("closed",), "ended as nobody could tell the customer, of the closed items"),
    "done": Rate("done", ("closed",), "done where no confirmation is asked for, of the closed items"),
    "declined": Rate("declined", ("closed",), "decided against, of the closed items"),
    "no_reply": Rate("no_reply", ("closed",), "ended as a question was not answered, of the closed items"),
    "on_time": Rate("kept", ("kept", "missed"), "no promise missed, of the items that have kept or missed theirs"),
    "dropped": Rate("dropped", ("items",), "open, untouched five working days past due, of all items"),
    "reopened": Rate("reopened", ("decided",), "reopened or denied, of the items that were ever solved or closed"),
}


@frozen
class Share:
    """A part of a whole, exactly."""

    #: How many are counted.
    part: int
    #: Of how many.
    whole: int

    @property
    def ratio(self) -> float | None:
        """The part divided by the whole; None where the whole is 0: of no items there is no rate.

        >>> Share(1, 4).ratio, Share(0, 0).ratio
        (0.25, None)
        """
        return self.part / self.whole if self.whole else None


@frozen(kw_only=True)
class Rates:
    """The rates of the loop; `RATES` says what each is a share of."""

    #: Closed, of all items.
    closed: Share
    #: Confirmed by the customer, of the closed items.
    confirmed: Share
    #: Ended by the customer's silence, of the closed items.
    silent: Share
    #: Ended as nobody could tell the customer, of the closed items.
    unreachable: Share
    #: Done where no confirmation is asked for, of the closed items.
    done: Share
    #: Decided against, of the closed items.
    declined: Share
    #: Ended as a question was not answered, of the closed items.
    no_reply: Share
    #: Without a missed promise, of the items that have kept or missed theirs; what is not due yet is in neither.
    on_time: Share
    #: Open, and untouched five working days past due, of all items.
    dropped: Share
    #: Reopened or denied, of the items that were ever solved or closed.
    reopened: Share


def rates(counts: Counts) -> Rates:
    """Divide, as `RATES` says.

    >>> rates(Counts(items=8, closed=6, confirmed=3)).confirmed
    Share(part=3, whole=6)
    """
    numbers = asdict(counts)
    return Rates(
        **{name: Share(numbers[rate.part], sum(numbers[of] for of in rate.whole)) for name, rate in RATES.items()}
    )
