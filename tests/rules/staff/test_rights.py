"""Rights as data: how far they go for whom, as a condition over items."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue
from clientloop.model.calendar import Calendar
from clientloop.model.feedback import Feedback
from clientloop.model.process import ANYBODY, CUSTOMER, OWNER, SUPERIOR, SYSTEM, Move, Place
from clientloop.model.where import ALL
from clientloop.model.work import Actor, Role
from clientloop.rules.loop.settings import Settings
from clientloop.rules.staff.rights import Circle, Right, Rights, Scope, covers, refusal, right_to, scope_of, within

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MIA = Circle(name="mia", teams=("post", "shop"), colleagues=("mia", "tim"))


def item(**more: object) -> Feedback:
    """An item of somebody's, of some team."""
    fields: dict[str, object] = {
        "space": "main", "id": UUID(int=1), "ref": "7K3M9QXA", "kind": "complaint", "process": 1, "state": "new",
        "channel": "email", "recorded_at": NOW, "state_since": NOW, "touched_at": NOW, "title": "Secret", **more,
    }  # fmt: skip
    return Feedback(**fields)  # type: ignore[arg-type]  # fields of several types


@pytest.mark.parametrize(
    ("fields", "scopes"),
    [
        ({}, "all"),
        ({"owner": "mia"}, "own team all"),
        ({"owner": "eva"}, "all"),
        ({"owner": "tim"}, "team all"),
        ({"team": "shop"}, "team all"),
        ({"team": "law", "owner": "eva"}, "all"),
        ({"watchers": ("eva", "mia")}, "own team all"),
        ({"watchers": ("eva mia",)}, "all"),
    ],
)
def test_a_scope_holds_these_items(fields: Mapping[str, object], scopes: str) -> None:
    """One's own are those owned or watched; the team's those of one's teams and of their members."""
    seen = {scope for scope in Scope if covers(within(scope, MIA, Right.SEE), item(**fields))}
    assert seen == set(map(Scope, scopes.split()))


def test_watching_gives_no_right_to_move() -> None:
    """Who watches an item sees it; to move it takes more."""
    watched = item(watchers=("mia",))
    assert covers(within(Scope.OWN, MIA, Right.SEE), watched)
    assert not covers(within(Scope.OWN, MIA, Right.MOVE), watched)


def test_without_teams_a_team_is_oneself() -> None:
    """A member of no team, or a name that is no member's, reaches their own items."""
    reach = within(Scope.TEAM, Circle(name="mia"), Right.MOVE)
    assert covers(reach, item(owner="mia"))
    assert not covers(reach, item(owner="tim"))
    assert not covers(reach, item())


@pytest.mark.parametrize(
    ("who", "right"),
    [
        (OWNER, Right.MOVE),
        (SUPERIOR, Right.DECIDE),
        (OWNER | SUPERIOR, Right.MOVE),
        (SUPERIOR | SYSTEM, Right.DECIDE),
        (CUSTOMER, Right.MOVE),
        (ANYBODY, Right.MOVE),
    ],
)
def test_moves_that_need_a_superior_are_decisions(who: frozenset[Role], right: Right) -> None:
    """What an owner may do as well is no decision."""
    assert right_to(Move(sources=("new",), name="a", target=Place.SAME, who=who)) is right


RIGHTS = st.dictionaries(
    st.sampled_from([Role.OWNER, Role.SUPERIOR]), st.dictionaries(st.sampled_from(Right), st.sampled_from(Scope))
)


@given(rights=RIGHTS, right=st.sampled_from(Right))
def test_the_widest_role_counts(rights: Rights, right: Right) -> None:
    """Somebody with two roles has what either gives; what nobody has named is all."""
    order = list(Scope)
    owner, superior = (rights.get(role, {}).get(right, Scope.ALL) for role in (Role.OWNER, Role.SUPERIOR))
    assert scope_of(rights, Actor.of("mia").roles, right) is owner
    assert scope_of(rights, Actor.superior("head").roles, right) is max(owner, superior, key=order.index)
    for role in (Role.SYSTEM, Role.CUSTOMER):
        assert scope_of(rights, {role}, right) is Scope.ALL
    assert scope_of(rights, frozenset(), right) is Scope.NONE


def test_all_needs_no_condition() -> None:
    """Without limits lists are read as if there were no rights."""
    assert within(Scope.ALL, MIA, Right.SEE) == ALL


def test_a_refusal_says_nothing_of_the_item() -> None:
    """The error names who wanted what, and how far the right goes; not what the customer wrote."""
    error = refusal(Actor.of("mia"), Right.SEE, {Role.OWNER: {Right.SEE: Scope.OWN}}, item())
    assert str(error) == "mia may not see 7K3M9QXA: they may see their own items alone"


@pytest.mark.parametrize("role", [Role.SYSTEM, Role.CUSTOMER])
def test_rights_are_of_people_of_the_firm(role: Role) -> None:
    """A firm cannot take the rights of its customers, or stop its own deadlines."""
    with pytest.raises(InvalidValue, match=f"rights of the {role}"):
        Settings(calendar=Calendar.standard("UTC"), rights={role: {Right.MOVE: Scope.NONE}})
