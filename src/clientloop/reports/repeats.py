"""The report on what was not done with the first answer: items reopened, and persons who had to come again."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import merge
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from attrs import frozen

from clientloop.model.calendar import Span, days
from clientloop.model.customers import Customer
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Interaction
from clientloop.model.where import ALL, Where, eq, ge, le, ne, one_of
from clientloop.reports.keys import LoopKey, RowKey, key_of, none_last, received, row_of
from clientloop.reports.sums import Sums
from clientloop.rules.measures.rates import DECIDED, OUTSIDE, REOPENED, Share
from clientloop.rules.measures.repeats import SAID, UNTOLD, WRITTEN, is_followed
from clientloop.rules.time.worktime import deadline, passed_since
from clientloop.services.context import Context

#: How soon after an item another contact counts as a repeat, if nothing else is said.
REPEAT_WITHIN = days(7)


@frozen(kw_only=True)
class RepeatsRow:
    """One row of the report."""

    #: A name, or the first day of a month; None where the items have none.
    key: RowKey
    #: Items that the same person followed by another contact within the span, of those that are old enough to tell.
    repeated: Share
    #: Items that were reopened or denied, of those that were ever solved or closed: as in the report on the loop.
    reopened: Share
    #: Items that are younger than the span: they are in no share of `repeated`, also if they were followed already.
    young: int
    #: Items whose person or time of receipt nobody knows: in no share of `repeated` either.
    unknown: int


@frozen(kw_only=True)
class RepeatsReport:
    """How often the first answer was not the last word."""

    #: How soon another contact counts as a repeat.
    within: Span
    #: What the rows are split by.
    by: LoopKey | None
    #: Items received at this time or later; None: from the first on.
    since: datetime | None
    #: Items received before this time; None: to the last.
    until: datetime | None
    #: When the report was made, UTC.
    at: datetime
    #: All items.
    total: RepeatsRow
    #: By key, those without one last; empty if the report is not split.
    rows: tuple[RepeatsRow, ...]


def repeats_report(
    context: Context, *, within: Span, by: LoopKey | None, since: datetime | None, until: datetime | None
) -> RepeatsReport:
    """Make the report; the arguments are those of `Reports.repeats`."""
    now, total, rows = context.now(), Counter[str](), defaultdict[RowKey, Counter[str]](Counter)
    followed = _followed(context, within, by, since=since, until=until, now=now)
    for counted in (_counted(context, by, since=since, until=until), followed):
        for row, name, count in counted:
            total[name] += count
            rows[row][name] += count
    return RepeatsReport(
        within=within,
        by=by,
        since=since,
        until=until,
        at=now,
        total=_row(None, total),
        rows=() if by is None else tuple(_row(key, rows[key]) for key in sorted(rows, key=none_last)),
    )


def _row(key: RowKey, numbers: Counter[str]) -> RepeatsRow:
    return RepeatsRow(
        key=key,
        repeated=Share(numbers["repeated"], numbers["repeated"] + numbers["single"]),
        reopened=Share(numbers["reopened"], numbers["decided"]),
        young=numbers["young"],
        unknown=numbers["unknown"],
    )


def _counted(
    context: Context, by: LoopKey | None, *, since: datetime | None, until: datetime | None
) -> Iterator[tuple[RowKey, str, int]]:
    """What the items tell by themselves: the row, a number's name, how many more."""
    key = None if by is None else key_of(by, context.space.zone)
    sums = Sums(context.store, context.space.space, key=key, where=received(since, until))
    yield from sums.counts({"decided": DECIDED, "reopened": REOPENED, "unknown": UNTOLD})


def _followed(
    context: Context, within: Span, by: LoopKey | None, *, since: datetime | None, until: datetime | None, now: datetime
) -> Iterator[tuple[RowKey, str, int]]:
    """Whether the item of a known person was followed: the row, what became of it, one more."""
    calendar, row = context.settings.calendar, _no_row if by is None else row_of(by, context.space.zone)
    old = passed_since(calendar, now, within)
    last = None if until is None else deadline(calendar, until, within)
    for contacts in _persons(context, since=since, last=last):
        times = sorted([contact.at for contact in contacts])
        for at, item in _asked_about(contacts, until):
            if at > old:
                yield row(item), "young", 1
            else:
                followed = is_followed(times, at, deadline(calendar, at, within))
                yield row(item), "repeated" if followed else "single", 1


def _no_row(_: Feedback) -> RowKey:
    return None


class _Contact(NamedTuple):
    """That a person said something."""

    #: Under which id.
    customer: UUID
    #: When.
    at: datetime
    #: The feedback, if it is one.
    item: Feedback | None


def _asked_about(contacts: Iterable[_Contact], until: datetime | None) -> Iterator[tuple[datetime, Feedback]]:
    """The items among the contacts that the report is about; the others may follow these."""
    for _, at, item in contacts:
        if item is not None and item.outcome not in OUTSIDE and (until is None or at < until):
            yield at, item


def _persons(context: Context, *, since: datetime | None, last: datetime | None) -> Iterator[list[_Contact]]:
    """The contacts of one person after the other, those of persons with several ids at the end."""
    merged = eq("merged_into", None) & ne("absorbed", ())
    several = [person.ids for person in context.store.pages(Customer, context.space.space, where=merged)]
    apart = {one for ids in several for one in ids}
    said, written = (
        SAID & _between("received_at", since=since, last=last),
        WRITTEN & _between("occurred_at", since=since, last=last),
    )
    for customer, contacts in groupby(_contacts(context, said, written), key=attrgetter("customer")):
        if customer not in apart:
            yield [*contacts]
    for ids in several:
        theirs = one_of("customer", ids)
        yield [*_contacts(context, theirs & said, theirs & written)]


def _between(field: str, *, since: datetime | None, last: datetime | None) -> Where:
    from_then = ALL if since is None else ge(field, since)
    return from_then if last is None else from_then & le(field, last)


def _contacts(context: Context, said: Where, written: Where) -> Iterator[_Contact]:
    """Feedback and messages, ordered by customer: both are read along an index that begins with it."""
    store, space = context.store, context.space.space
    items = store.pages(Feedback, space, where=said, order="of_customer")
    messages = store.pages(Interaction, space, where=written, order="timeline")
    return merge(
        (_Contact(item.customer, item.received_at, item) for item in items if item.customer and item.received_at),
        (_Contact(each.customer, each.occurred_at, None) for each in messages if each.customer and each.occurred_at),
        key=attrgetter("customer"),
    )
