"""Metrics as applications measure them, over SQLite."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clientloop import ClientLoop, InteractionKind, ManualClock, Money
from clientloop.errors import UnknownName
from clientloop.metrics.csat import Csat
from clientloop.model.asking import Answer, Instrument, Occasion
from clientloop.model.plan import Bucket
from clientloop.ports.metric import Score
from clientloop.testing import SAMPLE_TIME, inserts, sample

#: Above what a float holds to the cent.
FORTUNE = 2**53 + 1
#: The most that a row holds.
MOST = 2**63 - 1


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[ClientLoop]:
    """An application over a SQLite file."""
    with ClientLoop.open(f"sqlite:///{tmp_path / 'a.db'}", clock=ManualClock(SAMPLE_TIME), entry_points=False) as loop:
        yield loop


def answer(loop: ClientLoop, *ratings: int, at: datetime = SAMPLE_TIME, first: int = 0) -> None:
    """Somebody answers."""
    asked: dict[str, Any] = {"instrument": Instrument.CSAT, "scale": "1-5", "occasion": Occasion.TRANSACTIONAL}
    answers = (sample(Answer, n, **asked, rating=rating, answered_at=at) for n, rating in enumerate(ratings, first))
    loop.store.commit(inserts(*answers))


def buy(loop: ClientLoop, *amounts: int, name: str, campaign: str, currency: str = "EUR") -> None:
    """Somebody comes by a campaign and buys, or returns what has an amount below zero."""
    customer = loop.customers.add(name=name)
    for amount in amounts:
        money = Money(amount, currency)
        source = {"campaign": campaign}
        kind = InteractionKind.PURCHASE if amount > 0 else InteractionKind.RETURN
        loop.interactions.record(kind=kind, channel="shop", customer=customer, money=money, source=source)


def test_74_of_107_is_69_percent(loop: ClientLoop) -> None:
    """The value itself is not rounded; who shows it rounds."""
    answer(loop, *[1] * 10, *[3] * 23, *[4] * 40, *[5] * 34)
    score = loop.metrics.score("csat", occasion="transactional", scale="1-5").score
    assert score is not None
    assert (score.value, score.count, f"{score.value:.0%}") == (74 / 107, 107, "69%")


def test_answers_are_of_the_month_in_which_they_were_given(loop: ClientLoop) -> None:
    """By the calendar of the zone, and those of a period alone where one is asked for."""
    new_year = datetime.fromisoformat("2025-12-31T23:30:00+00:00")
    answer(loop, 5, 5, at=new_year)
    answer(loop, 1, at=new_year - timedelta(hours=1), first=10)
    metric = Csat(occasion=Occasion.TRANSACTIONAL, scale="1-5")
    months = loop.metrics.score(metric, bucket=Bucket.MONTH, zone="Europe/Ljubljana")
    assert [(str(row.keys["period"]), row.score.value) for row in months.rows] == [("2025-12-01", 0), ("2026-01-01", 1)]
    since = loop.metrics.score(metric, since=new_year).score
    assert since is not None
    assert since.count == 2


def revenue(loop: ClientLoop) -> dict[object, Score]:
    """What campaigns have earned, by campaign and currency."""
    rows = loop.metrics.score("sources", touch="first").rows
    return {(row.own[0], *row.own[2:]): row.score for row in rows if row.own[1] == "revenue"}


def test_money_is_exact_to_the_cent_past_what_floats_and_64_bits_hold(loop: ClientLoop) -> None:
    """Sums of one row, of several, and of more than a column of the database holds; each currency by itself."""
    buy(loop, FORTUNE, name="Ana", campaign="spring")
    buy(loop, MOST, MOST, MOST, 1, name="Bo", campaign="summer")
    buy(loop, 7, name="Cy", campaign="summer", currency="JPY")
    buy(loop, MOST, -MOST, -1, name="Di", campaign="autumn")
    assert {keys: score.value for keys, score in revenue(loop).items()} == {
        ("spring", "EUR"): FORTUNE,
        ("summer", "EUR"): 3 * MOST + 1,
        ("summer", "JPY"): 7,
        ("autumn", "EUR"): -1,
    }


def test_whoever_was_merged_is_one_customer(loop: ClientLoop) -> None:
    """Who came as one and bought as another is credited, and counts once among the active ones."""
    ana = loop.customers.add(name="Ana")
    source = {"campaign": "spring"}
    loop.interactions.record(kind=InteractionKind.VISIT, channel="web", customer=ana, source=source)
    annie = loop.customers.add(name="Annie")
    money = Money(500, "EUR")
    loop.interactions.record(kind=InteractionKind.PURCHASE, channel="shop", customer=annie, money=money)
    assert [score.value for score in revenue(loop).values()] == [500]
    assert list(revenue(loop)) == [(None, "EUR")]
    loop.customers.merge(ana, annie, by="mia", reason="one person")
    assert list(revenue(loop)) == [("spring", "EUR")]
    covered = loop.metrics.score("coverage").score
    assert covered is not None
    assert (covered.value, covered.count) == (0, 1)


def test_persons_of_companies_are_covered_where_the_company_stands(loop: ClientLoop) -> None:
    """As whoever looks at their standings is told; a model that there is not has no stages."""
    ana = loop.customers.add(name="Ana")
    loop.accounts.link(loop.accounts.add("Mill"), ana)
    earlier = SAMPLE_TIME - timedelta(days=1)
    loop.interactions.record(
        kind=InteractionKind.PURCHASE, channel="shop", customer=ana, money=Money(500, "EUR"), occurred_at=earlier
    )
    loop.relationships.reassess(["abc"])
    stood = loop.relationships.standing(ana, "abc")
    assert stood is not None
    [row] = loop.metrics.score("coverage", split="stage", model="abc").rows
    assert (row.own, row.score.count) == ((stood.stage,), 1)
    with pytest.raises(UnknownName, match="did you mean 'abc'"):
        loop.metrics.score("coverage", split="stage", model="abd")
