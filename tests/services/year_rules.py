"""What must be true of a year of work, stated a second time: plain dates and zones, and nothing of the library's rules.

The journal, the absences and the messages of a space are read and judged by the table of opening hours here.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from attrs import define, field

from clientloop import ClientLoop
from clientloop.model.feedback import Feedback, Priority, Transition
from clientloop.model.messages import OutboundMessage
from clientloop.model.staff import Absence

HOUR = timedelta(hours=1)
NEVER = datetime(2100, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)

#: Zone, opening hours by weekday, and holidays: of the firm, and of its house in America.
FIRM, AMERICA = None, "america"
ZONES: dict[str | None, str] = {FIRM: "Europe/Ljubljana", AMERICA: "America/New_York"}
HOURS: dict[str | None, dict[int, tuple[tuple[int, int], ...]]] = {
    FIRM: dict.fromkeys(range(5), ((8, 12), (13, 17))),
    AMERICA: {**dict.fromkeys(range(5), ((9, 17),)), 5: ((10, 14),)},
}
HOLIDAYS: dict[str | None, list[str]] = {
    FIRM: ["01-01", "01-02", "02-08", "04-06", "04-27", "05-01", "06-25", "10-31", "11-01", "12-25"],
    AMERICA: ["01-01", "01-19", "02-16", "05-25", "06-19", "07-03", "09-07", "11-26", "12-25"],
}

#: Open from, open until.
Stretch = tuple[datetime, datetime]


@cache
def opening(calendar: str | None, day: date) -> tuple[Stretch, ...]:
    """When a house is open on a date, in UTC."""
    if f"{day:%m-%d}" in HOLIDAYS[calendar]:
        return ()
    zone = ZoneInfo(ZONES[calendar])
    return tuple(
        (
            datetime.combine(day, time(begin), zone).astimezone(UTC),
            datetime.combine(day, time(end), zone).astimezone(UTC),
        )
        for begin, end in HOURS[calendar].get(day.weekday(), ())
    )


def is_open(calendar: str | None, at: datetime) -> bool:
    """Whether a house is open at an instant; at its closing time it is not."""
    return any(begin <= at < end for begin, end in opening(calendar, at.astimezone(ZoneInfo(ZONES[calendar])).date()))


def worked(calendar: str | None, since: datetime, until: datetime) -> timedelta:
    """How long a house is open between two instants."""
    total, day = timedelta(0), (since - DAY).date()
    while day <= (until + DAY).date():
        for begin, end in opening(calendar, day):
            total += max(min(end, until) - max(begin, since), timedelta(0))
        day += DAY
    return total


@define
class Verdict:
    """What was checked, how often, and what was found wrong."""

    checked: Counter[str] = field(factory=Counter)
    faults: list[str] = field(factory=list)
    longest: timedelta = timedelta(0)

    def expect(self, what: str, fault: str | None) -> None:
        """Count one check; a text is a fault."""
        self.checked[what] += 1
        if fault is not None:
            self.faults.append(f"{what}: {fault}")

    def __str__(self) -> str:
        lines = [f"{what}: {times:,}" for what, times in sorted(self.checked.items())]
        return "\n".join([*lines, f"longest without a present owner, in working time: {self.longest}"])


def judge(loop: ClientLoop, sent: Sequence[OutboundMessage], end: datetime) -> Verdict:
    """Judge the year of a space.

    Args:
        loop: The space.
        sent: All messages that a channel was given.
        end: When the year ends.
    """
    space, verdict = loop.space.space, Verdict()
    away: dict[str, list[Stretch]] = defaultdict(list)
    for absence in loop.store.pages(Absence, space):
        away[absence.member].append((absence.since, absence.until or NEVER))
    journals: dict[object, list[Transition]] = defaultdict(list)
    for row in loop.store.pages(Transition, space):
        journals[row.item].append(row)
    for item in loop.store.pages(Feedback, space):
        _judge_owners(verdict, item, journals[item.id], away, end)
        _judge_escalations(verdict, item, journals[item.id])
    _judge_messages(verdict, sent)
    return verdict


def _is_open_state(state: str) -> bool:
    return not state.startswith("closed")


def _reigns(journal: Sequence[Transition], end: datetime) -> Iterator[tuple[str | None, datetime, datetime]]:
    """Who owned an item, from when until when, while it was open."""
    owner = None
    ends = [*(row.at for row in journal[1:]), end]
    for row, until in zip(journal, ends, strict=True):
        owner = row.data.get("to", owner)
        if _is_open_state(row.target):
            yield owner, row.at, until


def _judge_owners(
    verdict: Verdict, item: Feedback, journal: Sequence[Transition], away: dict[str, list[Stretch]], end: datetime
) -> None:
    """Nobody gets an item while away, and none is without a present owner for more than a working hour."""
    for row in journal:
        owner = row.data.get("to")
        if owner is not None:
            gone = [since for since, until in away[owner] if since <= row.at < until]
            fault = f"{item.ref} to {owner} by {row.move} at {row.at}, away since {gone[0]}" if gone else None
            verdict.expect("given to somebody who is not away", fault)
    without: list[Stretch] = []
    for owner, since, until in _reigns(journal, end):
        gaps = [(since, until)] if owner is None else _overlaps(away[owner], since, until)
        for gap in gaps:
            if without and without[-1][1] == gap[0]:
                without[-1] = (without[-1][0], gap[1])
            else:
                without.append(gap)
        verdict.checked["stretches under one owner"] += 1
    for since, until in without:
        length = worked(item.calendar, since, until)
        verdict.longest = max(verdict.longest, length)
        fault = f"{item.ref} ({item.kind}, {item.team}) from {since} to {until}" if length > HOUR else None
        verdict.expect("without a present owner for at most a working hour", fault)


def _overlaps(stretches: Sequence[Stretch], since: datetime, until: datetime) -> list[Stretch]:
    cut = sorted((max(begin, since), min(end, until)) for begin, end in stretches)
    joined: list[Stretch] = []
    for begin, end in cut:
        if begin >= end:
            continue
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined


#: How often a deadline that runs is escalated: when it is due, and once again.
LEVELS = 2

#: The moves by which a deadline begins anew; others do when the item comes into another state.
RESTARTS = {
    "first_answer": {"split"},
    "solution": {"split", "assign", "deny", "reopen"},
    "next_update": {"split", "start", "told", "inform", "deny", "reopen"},
}


def _judge_escalations(verdict: Verdict, item: Feedback, journal: Sequence[Transition]) -> None:
    """The system escalates in working hours only, and each level of a deadline once."""
    times = Counter[str]()
    for row in journal:
        for name in list(times):
            if row.move in RESTARTS.get(name, ()) or (name not in RESTARTS and row.source != row.target):
                del times[name]
        if row.move != "escalate" or row.by != "system":
            continue
        name = row.data["deadline"]
        times[name] += 1
        fault = f"{item.ref} {name} at {row.at}, {times[name]} times" if times[name] > LEVELS else None
        verdict.expect("escalations of a level that had not come", fault)
        if item.priority is Priority.CRITICAL:
            verdict.checked["escalations of critical items, round the clock"] += 1
            verdict.checked["of these outside of working hours"] += not is_open(item.calendar, row.at)
        else:
            fault = None if is_open(item.calendar, row.at) else f"{item.ref} {name} at {row.at}"
            verdict.expect("escalations in working hours", fault)


def _judge_messages(verdict: Verdict, sent: Sequence[OutboundMessage]) -> None:
    """Nobody gets the same message about an item twice at a time, however many deadlines have come."""
    times = Counter((message.template, message.item, message.created_at, message.to) for message in sent)
    for key, number in times.items():
        fault = f"{key}, {number} times" if number > 1 else None
        verdict.expect(f"'{key[0]}' once at a time to each", fault)
