"""The built-in relationship models with their usual parameters; a firm sets its own beside these."""

from clientloop.model.customers import CustomerClass
from clientloop.model.plan import Bucket
from clientloop.relationships.abc import Abc
from clientloop.relationships.buttle import Buttle
from clientloop.relationships.buying import Measure
from clientloop.relationships.funnel import Funnel
from clientloop.relationships.purchases import Purchases
from clientloop.relationships.rfm import Rfm
from clientloop.relationships.xyz import Xyz
from clientloop.rules.relationship.abc import AbcRule
from clientloop.rules.relationship.buttle import ButtleRule
from clientloop.rules.relationship.funnel import FunnelRule
from clientloop.rules.relationship.purchases import StageRule
from clientloop.rules.relationship.windows import Window
from clientloop.rules.relationship.xyz import Deviation, XyzRule

_MONTHLY = StageRule(period=Window.parse("30 days"), periods=12, regular_from=2)

#: Attractiveness: who brings the first 80 percent of the revenue of a year, the next 15, and the rest.
ABC = Abc(
    measure=Measure.REVENUE,
    window=Window.parse("12 months"),
    rule=AbcRule(shares={CustomerClass.A: 80, CustomerClass.B: 15, CustomerClass.C: 5}),
    newcomer=Window.parse("3 months"),
)

#: Potential, one-time, regular, lost.
PURCHASES = Purchases(rule=_MONTHLY)

#: How evenly regular customers buy from month to month.
XYZ = Xyz(
    measure=Measure.REVENUE,
    bucket=Bucket.MONTH,
    buckets=12,
    zeros=True,
    rule=XyzRule(borders=(10, 25), deviation=Deviation.POPULATION),
    regular=_MONTHLY,
)

#: Recency, frequency and money of a year.
RFM = Rfm(window=Window.parse("12 months"))

#: Awareness, exploration, expansion, commitment, dissolution.
BUTTLE = Buttle(
    rule=ButtleRule(
        period=Window.parse("30 days"),
        periods=12,
        committed_from=10,
        kinds_from=2,
        silence=Window.parse("360 days"),
    )
)

#: The stages of a sale.
FUNNEL = Funnel(name="funnel", rule=FunnelRule(stages=("lead", "qualified", "offer", "negotiation")))
