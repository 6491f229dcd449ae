"""ABC, XYZ, stages of buying, RFM and NPS over many interactions, by the models and by SQL written by hand.

All sides read one file and give the same: for each customer the four stages, and the score. Ours can also tell what
each stage follows from. One rival gives the numbers for that too, so that it knows as much; the other adds up the least
that tells the stages.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias, cast
from uuid import UUID

from attrs import evolve

from clientloop.metrics.nps import Nps
from clientloop.model.asking import Occasion
from clientloop.model.codec import FAR, microseconds
from clientloop.model.customers import Customer
from clientloop.model.plan import Groups, Key, Plan
from clientloop.ports.engine import Engine
from clientloop.ports.relationship import Frame, Places
from clientloop.presets.relationships import ABC, PURCHASES, RFM, XYZ
from clientloop.relationships.abc import Abc
from clientloop.relationships.purchases import Purchases
from clientloop.relationships.rfm import Rfm
from clientloop.relationships.xyz import Xyz
from clientloop.rules.relationship.xyz import XyzRule
from clientloop.services.collecting import uncollected
from clientloop.stores.sqlite import SqliteStore
from tests.benchmarks.timing import Run
from tests.benchmarks.trade import AS_OF, SPACE

#: With borders that part persons; by the usual ones all are Z.
_XYZ = evolve(XYZ, rule=XyzRule(borders=(60, 110)))

#: The models, in the order of the rival's columns.
MODELS: Mapping[str, Abc | Xyz | Purchases | Rfm] = {"abc": ABC, "xyz": _XYZ, "purchases": PURCHASES, "rfm": RFM}

#: The stages of each customer, and the score with its count.
Answer: TypeAlias = tuple[list[tuple[UUID, str | None, str | None, str | None, str | None]], float, int]

_FRAME = Frame(as_of=AS_OF, currency="EUR")
_NPS = Nps(occasion=Occasion.RELATIONAL)


class Models:
    """The built-in models and the metric, over what the store adds up in as few scans as it can."""

    def __init__(self, path: Path, interactions: int) -> None:
        """Open the file, which has so many interactions."""
        self._store = SqliteStore(path)

    def assess(self, count: int, /) -> Run:
        """Prepare to assess everybody so many times."""

        def run() -> None:
            for _ in range(count):
                self.answer()

        return run

    def answer(self) -> Answer:
        """What all models and the metric say; the collector is kept out, as `services.relationships` does."""
        with uncollected():
            return self._answer()

    def _answer(self) -> Answer:
        found = self.places()
        abc, xyz, purchases, rfm = found.values()
        stages = list(zip(abc.subjects, abc.stages, xyz.stages, purchases.stages, rfm.stages, strict=True))
        [score] = Engine().run(self._store, SPACE, _NPS)
        return stages, score.value, score.count

    def places(self) -> Mapping[str, Places]:
        """Where each model puts everybody, by its name."""
        plans = {(name, part): plan for name, model in MODELS.items() for part, plan in model.plans(_FRAME).items()}
        asked = {f"{name}.{part}": _FRAME.sees(plan) for (name, part), plan in plans.items()}
        asked["customers"] = Plan(cls=Customer, keys=(Key("id"),), aggregates=())
        states = Engine().states(self._store, SPACE, asked)
        subjects = [cast(UUID, one) for (one,) in Groups.of(states["customers"]).keys]
        return {
            name: model.assess({part: states[f"{name}.{part}"] for part in model.plans(_FRAME)}, subjects, _FRAME)
            for name, model in MODELS.items()
        }

    def close(self) -> None:
        """Close the file."""
        self._store.close()


def _us(year: int, month: int = 1, day: int = 1) -> int:
    return microseconds(datetime(year, month, day, tzinfo=UTC))


#: Months of the last year by two rounds of comparing; SQLite's own functions for dates take longer.
_MONTH = " ".join(
    (
        "CASE",
        *(f"WHEN occurred_at < {_us(2025, quarter + 3)} THEN CASE"
          f" WHEN occurred_at < {_us(2025, quarter + 1)} THEN {quarter}"
          f" WHEN occurred_at < {_us(2025, quarter + 2)} THEN {quarter + 1} ELSE {quarter + 2} END"
          for quarter in (1, 4, 7)),
        f"WHEN occurred_at < {_us(2025, 11)} THEN 10 WHEN occurred_at < {_us(2025, 12)} THEN 11 ELSE 12 END",
    )
)  # fmt: skip

_YEAR, _END = _us(2025), microseconds(AS_OF)
_REGULAR_SINCE = _END - 360 * 86_400_000_000

_TRADED = f"FROM clientloop_interaction WHERE space = '{SPACE}' AND kind IN ('purchase', 'return')"

_SUMS = f"""
INSERT INTO temp.sums
SELECT customer,
    max(occurred_at) FILTER (WHERE kind = 'purchase'),
    count(*) FILTER (WHERE kind = 'purchase' AND occurred_at >= {_REGULAR_SINCE}),
    count(*) FILTER (WHERE kind = 'purchase' AND occurred_at >= {_YEAR}),
    sum(amount) FILTER (WHERE occurred_at >= {_YEAR})
{_TRADED} AND occurred_at < {_END}
GROUP BY customer
"""

_SPANS = f"""
INSERT INTO temp.spans
SELECT customer, sum(net), sum(net * net)
FROM (
    SELECT customer, {_MONTH} AS month, sum(amount) AS net
    {_TRADED} AND occurred_at >= {_YEAR} AND occurred_at < {_END}
    GROUP BY customer, month
)
GROUP BY customer
"""

_PLACES = """
INSERT INTO temp.places
SELECT customer,
    CASE WHEN value > 0 AND 100 * before < 80 * total THEN 'A'
        WHEN value > 0 AND 100 * before < 95 * total THEN 'B' ELSE 'C' END,
    ((5 * recency + buyers - 1) / buyers) || ((5 * frequency + buyers - 1) / buyers)
        || ((5 * monetary + buyers - 1) / buyers)
FROM (
    SELECT customer, max(net, 0) AS value, count(*) OVER () AS buyers, sum(max(net, 0)) OVER () AS total,
        sum(max(net, 0)) OVER (ORDER BY max(net, 0) DESC, customer ROWS UNBOUNDED PRECEDING) - max(net, 0) AS before,
        count(*) OVER (ORDER BY last / 86400000000) AS recency,
        count(*) OVER (ORDER BY bought) AS frequency,
        count(*) OVER (ORDER BY net) AS monetary
    FROM temp.sums WHERE bought > 0
)
"""

_STAGES = f"""
SELECT customer.id, abc,
    CASE WHEN lately < 2 OR total <= 0 THEN NULL
        WHEN 25 * (12 * squares - total * total) <= 9 * total * total THEN 'X'
        WHEN 100 * (12 * squares - total * total) <= 121 * total * total THEN 'Y'
        WHEN total > 0 THEN 'Z' END,
    CASE WHEN last IS NULL THEN 'potential' WHEN lately = 0 THEN 'lost' WHEN lately = 1 THEN 'one-time'
        ELSE 'regular' END,
    rfm
FROM clientloop_customer AS customer
LEFT JOIN temp.sums ON sums.customer = customer.id
LEFT JOIN temp.places ON places.customer = customer.id
LEFT JOIN temp.spans ON spans.customer = customer.id
WHERE customer.space = '{SPACE}'
ORDER BY customer.id
"""

#: A join without keys would be nested scans: minutes in place of seconds.
_TABLES = {
    "sums": "customer BLOB PRIMARY KEY, last INT, lately INT, bought INT, net INT",
    "spans": "customer BLOB PRIMARY KEY, total INT, squares INT",
    "places": "customer BLOB PRIMARY KEY, abc TEXT, rfm TEXT",
}

_SCORE = f"""
SELECT sum(rating >= 9), sum(rating <= 6), count(*) FROM clientloop_answer
WHERE space = '{SPACE}' AND instrument = 'nps' AND occasion = 'relational' AND scale = '0-10' AND rating IS NOT NULL
"""


class ByHand:
    """SQL that was tuned for this question alone: two scans along the index, tables with keys, one join of these."""

    tables: Mapping[str, str] = _TABLES
    statements: Sequence[str] = (_SUMS, _SPANS, _PLACES)
    stages: str = _STAGES

    def __init__(self, path: Path, interactions: int) -> None:
        """Open the file as the store does, and see to it that both sides say the same."""
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA cache_size = -16384")
        ours = Models(path, interactions)
        assert self.answer() == ours.answer(), "both sides say the same"
        ours.close()

    def assess(self, count: int, /) -> Run:
        """Prepare to assess everybody so many times."""

        def run() -> None:
            for _ in range(count):
                self._rows()

        return run

    def answer(self) -> Answer:
        """What the rows say, in the words of the models."""
        rows, (promoters, detractors, count) = self._rows()
        stages = [(UUID(bytes=id_), abc, xyz, stage, rfm) for id_, abc, xyz, stage, rfm, *_ in rows]
        return stages, 100 * (promoters - detractors) / count, count

    def _rows(self) -> tuple[list[tuple[Any, ...]], tuple[int, int, int]]:  # Any: what SQLite says
        execute = self._connection.execute
        for name, columns in self.tables.items():
            execute(f"CREATE TEMP TABLE {name} ({columns}) WITHOUT ROWID")
        for statement in self.statements:
            execute(statement)
        rows, score = execute(self.stages).fetchall(), execute(_SCORE).fetchone()
        for name in self.tables:
            execute(f"DROP TABLE temp.{name}")
        return rows, score

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


_SUMS_TOLD = f"""
INSERT INTO temp.sums
SELECT customer,
    max(occurred_at) FILTER (WHERE kind = 'purchase' AND occurred_at < {FAR}),
    count(*) FILTER (WHERE kind = 'purchase' AND occurred_at >= {_REGULAR_SINCE} AND occurred_at < {FAR}),
    count(*) FILTER (WHERE kind = 'purchase' AND occurred_at >= {_YEAR} AND occurred_at < {FAR}),
    sum(amount) FILTER (WHERE occurred_at >= {_YEAR} AND occurred_at < {FAR}),
    count(*) FILTER (WHERE kind = 'purchase'),
    count(*) FILTER (WHERE kind = 'purchase' AND occurred_at >= {_us(2025, 10)} AND occurred_at < {FAR}),
    count(*) FILTER (WHERE kind = 'purchase' AND occurred_at = {FAR})
{_TRADED} AND (occurred_at < {_END} OR occurred_at = {FAR})
GROUP BY customer
"""

_SPANS_TOLD = f"""
INSERT INTO temp.spans
SELECT customer, sum(net), sum(net * net), count(*)
FROM (
    SELECT customer, {_MONTH} AS month, sum(amount) AS net
    {_TRADED} AND occurred_at >= {_YEAR} AND occurred_at < {_END}
    GROUP BY customer, month
)
GROUP BY customer
"""

_PLACES_TOLD = """
INSERT INTO temp.places
SELECT customer,
    CASE WHEN value > 0 AND 100 * before < 80 * total THEN 'A'
        WHEN value > 0 AND 100 * before < 95 * total THEN 'B' ELSE 'C' END,
    ((5 * recency + buyers - 1) / buyers) || ((5 * frequency + buyers - 1) / buyers)
        || ((5 * monetary + buyers - 1) / buyers),
    value, before, total, rank, buyers, recency, frequency, monetary
FROM (
    SELECT customer, max(net, 0) AS value, count(*) OVER () AS buyers, sum(max(net, 0)) OVER () AS total,
        sum(max(net, 0)) OVER ranked - max(net, 0) AS before, row_number() OVER ranked AS rank,
        count(*) OVER (ORDER BY last / 86400000000) AS recency,
        count(*) OVER (ORDER BY bought) AS frequency,
        count(*) OVER (ORDER BY net) AS monetary
    FROM temp.sums WHERE bought > 0
    WINDOW ranked AS (ORDER BY max(net, 0) DESC, customer ROWS UNBOUNDED PRECEDING)
)
"""

_TOLD = _STAGES.replace(
    "FROM clientloop_customer",
    """, last, lately, bought, net, ever, recent, undated, total, squares, active, value, before, whole, rank, buyers,
    recency, frequency, monetary
FROM clientloop_customer""",
)


class ByHandTold(ByHand):
    """The same, with the numbers that each stage follows from."""

    tables: Mapping[str, str] = {
        "sums": f"{_TABLES['sums']}, ever INT, recent INT, undated INT",
        "spans": f"{_TABLES['spans']}, active INT",
        "places": f"{_TABLES['places']}, value INT, before INT, whole INT, rank INT, buyers INT, recency INT,"
        " frequency INT, monetary INT",
    }
    statements: Sequence[str] = (_SUMS_TOLD, _SPANS_TOLD, _PLACES_TOLD)
    stages: str = _TOLD
