"""Who is there, who stands in, and whom an alert reaches."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.record import record_of
from clientloop.model.staff import Absence, Member, Team
from clientloop.model.where import compile_test
from clientloop.rules.staff.presence import Presence, covering, superiors, whole_team

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def member(name: str, **more: object) -> Member:
    """A member with an address."""
    known = {"channel": "email", "address": f"{name}@firm.example.com", **more}
    return Member(space="main", name=name, **known)  # type: ignore[arg-type]  # fields of several types


def superior(name: str, **more: object) -> Member:
    """A member who decides."""
    return member(name, roles=("owner", "superior"), **more)


def away(name: str, deputy: str | None = None) -> Absence:
    """An absence that covers now."""
    return Absence(space="main", member=name, since=NOW - HOUR, deputy=deputy)


def names(members: object) -> list[str]:
    """The names of members and teams."""
    return [one.name for one in members]  # type: ignore[attr-defined]  # members or teams


@pytest.mark.parametrize(
    ("since", "until", "covers"),
    [(-1, None, True), (0, None, True), (1, None, False), (-2, -1, False), (-2, 0, False), (-2, 1, True)],
)
def test_an_absence_covers_its_beginning_and_not_its_end(since: int, until: int | None, covers: bool) -> None:
    """Who comes back at nine is there at nine; an absence without an end goes on."""
    absence = Absence(
        space="main", member="mia", since=NOW + since * HOUR, until=None if until is None else NOW + until * HOUR
    )
    record = record_of(Absence)
    assert compile_test(covering(NOW), record)(record.encode(absence)) is covers


def test_deputies_stand_in_one_after_another() -> None:
    """The absence names the deputy before the member does, and a deputy who is away has one in turn."""
    staff = [member("mia", deputy="tim"), member("tim", deputy="eva"), member("eva"), member("bor")]
    assert Presence.of(staff).stand_in("mia") == staff[0]
    assert Presence.of(staff, [away("mia")]).stand_in("mia") == staff[1]
    assert Presence.of(staff, [away("mia"), away("tim")]).stand_in("mia") == staff[2]
    assert Presence.of(staff, [away("mia", deputy="bor"), away("tim")]).stand_in("mia") == staff[3]


def test_somebody_who_left_is_replaced_like_one_who_is_away() -> None:
    """A member who is no longer active has a deputy still, and stands in for nobody."""
    staff = [member("mia", deputy="tim"), member("tim", active=False, deputy="eva"), member("eva")]
    firm = Presence.of(staff, [away("mia")])
    assert firm.stand_in("mia") == firm.stand_in("tim") == staff[2]
    assert not firm.is_present("tim")


@given(
    deputies=st.lists(st.sampled_from([None, "a", "b", "c", "x"]), min_size=3, max_size=3),
    missing=st.sets(st.sampled_from("abc")),
)
def test_a_stand_in_is_present_or_there_is_none(deputies: list[str | None], missing: set[str]) -> None:
    """Deputies in a circle, to somebody unknown or to nobody end; whoever is found is there."""
    staff = [member(name, deputy=deputy) for name, deputy in zip("abc", deputies, strict=True)]
    firm = Presence.of(staff, [away(name) for name in missing])
    for name in (*"abcx", None):
        found = firm.stand_in(name)
        assert found is None or firm.is_present(found.name)
        assert name is None or not firm.is_present(name) or found == firm.members[name]


STAFF = [
    member("lea", deputy="lev"),
    member("lev"),
    superior("tea", teams=("post",)),
    superior("ted", teams=("post",)),
    superior("head", deputy="vice"),
    member("vice"),
]


@pytest.mark.parametrize(
    ("team", "lead", "absent", "heard"),
    [
        ("post", "lea", "", "lea"),
        ("post", "lea", "lea", "lev"),
        ("post", "lea", "lea lev", "tea ted"),
        ("post", None, "", "tea ted"),
        ("post", "nobody", "ted", "tea"),
        ("post", None, "tea ted", "head"),
        ("shop", None, "", "tea ted head"),
        (None, None, "head tea ted", "vice"),
        (None, None, "tea ted head vice", "tea ted head"),
        ("post", "lea", "lea lev tea ted head vice", "lea"),
    ],
)
def test_an_alert_goes_to_the_nearest_who_is_there(team: str | None, lead: str | None, absent: str, heard: str) -> None:
    """The lead, else the team's superiors, else all; deputies stand in, and if all are away, the nearest hears it."""
    firm = Presence.of(STAFF, [away(name) for name in absent.split()])
    assert names(superiors(firm, team=team, lead=lead)) == heard.split()


def test_who_has_no_address_or_has_left_hears_nothing() -> None:
    """A lead without an address leaves the alert to the next; members who left get no mail of the firm's."""
    staff = [member("lea", address=None), superior("head", active=False), superior("ina")]
    assert names(superiors(Presence.of(staff), team="post", lead="lea")) == ["ina"]
    assert superiors(Presence.of(staff[:2]), team="post", lead="lea") == ()


def test_one_stand_in_for_two_hears_once() -> None:
    """Two superiors with one deputy make one alert."""
    staff = [superior("a", deputy="c"), superior("b", deputy="c"), member("c")]
    assert names(superiors(Presence.of(staff, [away("a"), away("b")]), team=None, lead=None)) == ["c"]


def test_a_team_hears_at_its_own_address_or_each_of_its_members() -> None:
    """Who is away or in another team is left out; if all are away, all who work hear it."""
    staff = [
        member("a", teams=("post",)),
        member("b", teams=("post",)),
        member("c"),
        member("d", teams=("post",), active=False),
    ]
    team = Team(space="main", name="post")
    shared = Team(space="main", name="post", channel="email", address="post@firm.example.com")
    assert names(whole_team(Presence.of(staff), shared)) == ["post"]
    assert names(whole_team(Presence.of(staff, [away("a")]), team)) == ["b"]
    assert names(whole_team(Presence.of(staff, [away("a"), away("b")]), team)) == ["a", "b"]
