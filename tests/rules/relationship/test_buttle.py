"""Buttle's five stages by their proxies."""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import asdict, evolve
from hypothesis import given
from hypothesis import strategies as st

from clientloop.rules.relationship.buttle import PROXIES, ButtleRule, Dealings, Ended, Reason, Side, Stage

NOW = datetime(2026, 7, 1, tzinfo=UTC)
LATELY = NOW - timedelta(days=5)
AWARE = Dealings(as_of=NOW)
ASKED = Dealings(as_of=NOW, last_active=LATELY, said=3, kinds=1)
TRIED = Dealings(as_of=NOW, last_active=LATELY, bought=1, bought_lately=1, buying_periods=1, kinds=1)
GROWING = Dealings(as_of=NOW, last_active=LATELY, bought=4, bought_lately=4, buying_periods=3, kinds=2)
TRUE = evolve(GROWING, bought=30, bought_lately=12, buying_periods=11, favours=1)


@pytest.mark.parametrize(
    ("dealings", "stage"),
    [
        (AWARE, Stage.AWARENESS),
        (evolve(AWARE, last_active=NOW - timedelta(days=999)), Stage.AWARENESS),
        (ASKED, Stage.EXPLORATION),
        (TRIED, Stage.EXPLORATION),
        (evolve(GROWING, kinds=1), Stage.EXPLORATION),
        (GROWING, Stage.EXPANSION),
        (evolve(TRUE, favours=0), Stage.EXPANSION),
        (evolve(TRUE, open_complaints=1), Stage.EXPANSION),
        (evolve(TRUE, buying_periods=9), Stage.EXPANSION),
        (TRUE, Stage.COMMITMENT),
        (evolve(TRUE, last_active=NOW - timedelta(days=361)), Stage.DISSOLUTION),
        (evolve(ASKED, ended=Ended(side=Side.FIRM)), Stage.DISSOLUTION),
    ],
)
def test_the_stage_is_the_first_whose_proxy_holds(dealings: Dealings, stage: Stage) -> None:
    """Each with what would make it another."""
    assert dealings.stage is stage


def test_whoever_never_bought_cannot_be_lost_by_silence() -> None:
    """There was no relationship that could end; a word can end what was explored."""
    silent = evolve(ASKED, last_active=NOW - timedelta(days=999))
    assert silent.stage is Stage.EXPLORATION
    assert evolve(silent, ended=Ended(side=Side.CUSTOMER)).stage is Stage.DISSOLUTION


def test_an_end_says_who_ended_it_and_why() -> None:
    """By the word if there is one; whoever falls silent after a bad end of a complaint was dissatisfied."""
    silent = evolve(TRIED, last_active=NOW - timedelta(days=999))
    assert silent.dissolution == Ended(side=Side.CUSTOMER)
    assert evolve(silent, left_dissatisfied=True).dissolution == Ended(side=Side.CUSTOMER, reason=Reason.DISSATISFIED)
    said = Ended(side=Side.BOTH, reason=Reason.NEEDS_CHANGED)
    assert evolve(silent, left_dissatisfied=True, ended=said).dissolution == said
    assert TRUE.dissolution is None


@given(
    st.builds(
        Dealings,
        as_of=st.just(NOW),
        last_active=st.none() | st.integers(0, 800).map(lambda days: NOW - timedelta(days=days)),
        bought=st.integers(0, 20),
        bought_lately=st.integers(0, 20),
        buying_periods=st.integers(0, 12),
        kinds=st.integers(0, 5),
        said=st.integers(0, 5),
        favours=st.integers(0, 2),
        open_complaints=st.integers(0, 2),
        left_dissatisfied=st.booleans(),
        ended=st.none() | st.builds(Ended, side=st.sampled_from(Side)),
    )
)
def test_a_stage_follows_from_its_explanation_alone(dealings: Dealings) -> None:
    """And has a side and a reason exactly where it is the end."""
    again = Dealings(**asdict(dealings, recurse=False))
    assert again.stage is dealings.stage
    assert (dealings.dissolution is not None) == (dealings.stage is Stage.DISSOLUTION)


def test_every_stage_says_what_is_counted() -> None:
    """In the order of the stages."""
    assert tuple(PROXIES) == tuple(Stage)


@pytest.mark.parametrize("wrong", [{"periods": 0}, {"committed_from": 0}, {"kinds_from": 0}])
def test_a_rule_that_asks_for_nothing_is_refused(wrong: dict[str, object]) -> None:
    """Everybody would fulfil it."""
    with pytest.raises(ValueError, match="must be"):
        ButtleRule(**wrong)
