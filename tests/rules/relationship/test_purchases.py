"""Stages of buying."""

from datetime import UTC, datetime, timedelta

import pytest

from clientloop.errors import InvalidValue
from clientloop.rules.relationship.purchases import Bought, PurchaseStage, StageRule
from clientloop.rules.relationship.windows import Window

POTENTIAL, ONE_TIME, REGULAR, LOST = PurchaseStage
NOW = datetime(2026, 7, 1, tzinfo=UTC)
RULE = StageRule(period=Window.parse("30 days"), periods=3, regular_from=3)


@pytest.mark.parametrize(
    ("last", "within", "stage"),
    [(None, 0, POTENTIAL), (400, 0, LOST), (80, 1, ONE_TIME), (80, 2, ONE_TIME), (1, 3, REGULAR), (1, 99, REGULAR)],
)
def test_the_stage_follows_from_what_was_bought_within_the_window(
    last: int | None, within: int, stage: PurchaseStage
) -> None:
    """Whoever bought in none of its periods is lost, whoever never bought is potential."""
    at = None if last is None else NOW - timedelta(days=last)
    assert Bought(as_of=NOW, last=at, within=within, rule=RULE).stage is stage


def test_whoever_bought_at_a_time_that_nobody_knows_has_bought() -> None:
    """It is no purchase of the window, and so the person is lost."""
    assert Bought(as_of=NOW, last=None, within=0, undated=1, rule=RULE).stage is LOST
    assert Bought(as_of=NOW, last=NOW, within=1, undated=5, rule=RULE).stage is ONE_TIME


def test_purchases_without_a_last_one_are_refused() -> None:
    """Numbers that contradict each other are a mistake of whoever counted."""
    with pytest.raises(InvalidValue, match="2 purchases, and no last one"):
        _ = Bought(as_of=NOW, last=None, within=2, rule=RULE).stage
