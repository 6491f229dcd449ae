"""The report on ABC: which customers and companies bring most, their classes, and where these went."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from attrs import frozen

from clientloop.model.codec import Json
from clientloop.model.relationships import Subject
from clientloop.reports.standings import Stand, Stands, names
from clientloop.reports.tables import Table
from clientloop.rules.measures.rates import Share
from clientloop.services.context import Context
from clientloop.services.relationships.assessing import each_assessed, frame_of

#: The model that the report is about.
MODEL = "abc"


@frozen(kw_only=True)
class AbcRow:
    """One customer, or one company in place of the persons who belong to it."""

    #: The place, from 1; None of whoever bought nothing and has a class by hand.
    rank: int | None
    #: The customer or the company.
    subject: UUID
    #: Which of both.
    sort: Subject
    #: What it is called.
    name: str
    #: Its class.
    customer_class: Stand
    #: What it brings, in minor units or in purchases.
    value: int
    #: The currency of that; None where purchases are counted.
    currency: str | None
    #: Which share of the whole that is.
    share: Share
    #: Which share all to this place bring together.
    cumulative: Share
    #: How many purchases there were in the window.
    purchases: int
    #: Whether all that it ever bought is recent: it cannot have brought much yet.
    newcomer: bool


def abc_report(context: Context, *, as_of: datetime | None) -> Table[AbcRow]:
    """Make the report; the argument is that of `Reports.abc`."""
    [assessed] = each_assessed(context, [MODEL], frame_of(context, as_of))
    stands = Stands(context, assessed, past=as_of is not None)
    stand = {subject: stands.of(subject) for subject in assessed.places}
    shown = [subject for subject, where in stand.items() if where.stands is not None]
    called = names(context, assessed, shown)
    rows = [
        _row(
            assessed.places[one].explanation,
            stand[one],
            subject=one,
            sort=assessed.subjects.sort(one),
            name=called[one],
        )
        for one in shown
    ]
    return Table("abc", AbcRow, sorted(rows, key=_order), remarks=assessed.remarks)


def _row(told: Mapping[str, Json], stand: Stand, *, subject: UUID, sort: Subject, name: str) -> AbcRow:
    value, total = told.get("value", 0), told.get("total", 0)
    return AbcRow(
        rank=told.get("rank"),
        subject=subject,
        sort=sort,
        name=name,
        customer_class=stand,
        value=value,
        currency=told["currency"],
        share=Share(value, total),
        cumulative=Share(told.get("before", 0) + value, total),
        purchases=told["purchases"],
        newcomer=told["newcomer"],
    )


def _order(row: AbcRow) -> tuple[bool, int, str]:
    return row.rank is None, row.rank or 0, row.name
