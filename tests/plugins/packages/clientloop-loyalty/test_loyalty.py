"""What every metric and every relationship model for clientloop must do, tried on those of loyalty."""

from datetime import timedelta
from uuid import UUID

from clientloop_loyalty import Regulars, Repurchase

from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.testing import (
    SAMPLE_TIME,
    Example,
    MetricSuite,
    RelationshipSuite,
    Story,
    sample,
    sample_id,
)

ANA, BO, CY, DI = map(sample_id, range(4))
START, DAY = SAMPLE_TIME - timedelta(days=30), timedelta(days=1)


def bought(*what: tuple[UUID | None, float]) -> list[Interaction]:
    """Purchases: who, and how many days after the start."""
    kind = InteractionKind.PURCHASE
    return [
        sample(Interaction, number, kind=kind, customer=customer, occurred_at=START + days * DAY)
        for number, (customer, days) in enumerate(what)
    ]


# The start is 10:00 in Ljubljana: Bo comes again at 22:00 of that day, Cy at 00:24 of the next; in UTC that is one day.
BOUGHT = bought((ANA, 0), (ANA, 1), (ANA, 1), (ANA, 2), (BO, 0), (BO, 0.5), (CY, 0), (CY, 0.6), (None, 3))


class TestRepurchase(MetricSuite):
    metric = Repurchase(zone="Europe/Ljubljana")
    examples = (Example(name="two of three", records=BOUGHT, scores={(): (2 / 3, 3)}),)


class TestRegulars(RelationshipSuite):
    model = Regulars()
    stories = (
        Story(name="four customers", records=BOUGHT, stages={ANA: "regular", BO: "once", CY: "again", DI: None}),
    )
