"""The report on XYZ: the stage of buying of each customer, how evenly the regular ones buy, and where both went."""

from collections.abc import Mapping
from datetime import datetime
from math import sqrt
from uuid import UUID

from attrs import frozen

from clientloop.model.codec import Json
from clientloop.reports.standings import Stand, Stands, names
from clientloop.reports.tables import Table
from clientloop.rules.relationship.xyz import Deviation, Variation, XyzRule
from clientloop.services.context import Context
from clientloop.services.relationships.assessing import each_assessed, frame_of

#: The models that the report is about: of stages, and of classes.
STAGES, CLASSES = "purchases", "xyz"


@frozen(kw_only=True)
class XyzRow:
    """One customer."""

    #: The customer.
    subject: UUID
    #: What the person is called.
    name: str
    #: The stage of buying.
    stage: Stand
    #: The class, X, Y or Z; regular customers alone have one.
    evenness: Stand
    #: The coefficient of variation that the class follows from, 1 for 100 percent; None where there is none.
    variation: float | None
    #: What was bought in all spans, in minor units or in purchases.
    total: int
    #: The currency of that; None where purchases are counted.
    currency: str | None
    #: How many spans were compared.
    spans: int
    #: How long each is: week, month, quarter.
    bucket: str


def xyz_report(context: Context, *, as_of: datetime | None) -> Table[XyzRow]:
    """Make the report; the argument is that of `Reports.xyz`."""
    stages, classes = each_assessed(context, [STAGES, CLASSES], frame_of(context, as_of))
    past = as_of is not None
    stage, evenness = Stands(context, stages, past=past), Stands(context, classes, past=past)
    called = names(context, classes, classes.places)
    rows = [
        _row(place.explanation, subject=one, name=called[one], stage=stage.of(one), evenness=evenness.of(one))
        for one, place in classes.places.items()
        if one in stages.places
    ]
    return Table("xyz", XyzRow, sorted(rows, key=_order), remarks=classes.remarks)


def _order(row: XyzRow) -> tuple[bool, str, float, bool, str]:
    """The most even first; those without a class after them, by their stage."""
    evenness, stage = row.evenness.stands, row.stage.stands
    return evenness is None, evenness or stage or "", row.variation or 0, stage is None, row.name


def _row(told: Mapping[str, Json], *, subject: UUID, name: str, stage: Stand, evenness: Stand) -> XyzRow:
    return XyzRow(
        subject=subject,
        name=name,
        stage=stage,
        evenness=evenness,
        variation=None if evenness.automatic is None else _variation(told),
        total=told["total"],
        currency=told["currency"],
        spans=told["spans"],
        bucket=told["bucket"],
    )


def _variation(told: Mapping[str, Json]) -> float | None:
    first, second = told["borders"]
    rule = XyzRule(borders=(first, second), deviation=Deviation(told["deviation"]))
    squared = Variation(spans=told["spans"], total=told["total"], squares=told["squares"], rule=rule).squared
    return None if squared is None else sqrt(squared)
