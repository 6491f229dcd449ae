"""Routing: what rules say of a matter, and who gets it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue
from clientloop.model.calendar import Calendar
from clientloop.model.feedback import Priority
from clientloop.model.routing import Matter, Route
from clientloop.model.staff import Absence, Member, Team
from clientloop.model.where import contains, eq
from clientloop.rules.loop.settings import Settings
from clientloop.rules.staff.roster import Roster
from clientloop.rules.staff.routing import UNPLACED, Ruling, choose, place, ruling_on, speaks

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday; the firm works 9 to 17, UTC
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SETTINGS = Settings(
    calendar=Calendar.standard("UTC"),
    calendars={"late": Calendar.standard("America/New_York"), "always": Calendar.around_the_clock("UTC")},
)


def member(name: str, **more: object) -> Member:
    """A member."""
    return Member(space="main", name=name, **more)  # type: ignore[arg-type]  # fields of several types


def away(name: str, since: datetime = NINE, until: datetime | None = None, deputy: str | None = None) -> Absence:
    """An absence."""
    return Absence(space="main", member=name, since=since, until=until, deputy=deputy)


def roster(*members: Member, at: datetime = NINE, loads: dict[str, int] | None = None, **more: object) -> Roster:
    """The staff at a time."""
    found = Roster.of(at, SETTINGS, members=members, **more)  # type: ignore[arg-type]  # teams and absences
    found.loads.update(loads or {})
    return found


def team(name: str, **more: object) -> Team:
    """A team."""
    return Team(space="main", name=name, **more)  # type: ignore[arg-type]  # fields of several types


def matter(**more: object) -> Matter:
    """A matter."""
    return Matter(**{"space": "main", "kind": "complaint", "channel": "form", **more})  # type: ignore[arg-type]


# What the rules say


def test_the_first_rule_that_names_somebody_decides_who() -> None:
    """Rules that only mark or hasten do not stop the search; later ones that name somebody come too late."""
    routes = (
        Route(name="mark", tags=["x"]),
        Route(name="no", where=eq("kind", "idea"), team="a"),
        Route(name="skilled", skills=["tax"]),
        Route(name="late", team="b", tags=["y", "x"]),
    )
    ruling = ruling_on(matter(), routes)
    assert (ruling.by, ruling.team, ruling.skills) == ("skilled", None, {"tax"})
    assert (ruling.routes, ruling.tags) == (("mark", "skilled", "late"), ("x", "y"))


@pytest.mark.parametrize(
    ("before", "named", "after"),
    [
        (Priority.NORMAL, [], Priority.NORMAL),
        (Priority.NORMAL, [Priority.LOW], Priority.LOW),
        (Priority.NORMAL, [Priority.LOW, Priority.HIGH], Priority.HIGH),
        (Priority.HIGH, [Priority.LOW], Priority.HIGH),
        (Priority.LOW, [Priority.NORMAL], Priority.NORMAL),
        (Priority.LOW, [], Priority.LOW),
        (Priority.HIGH, [Priority.CRITICAL], Priority.CRITICAL),
    ],
)
def test_the_highest_priority_wins(before: Priority, named: list[Priority], after: Priority) -> None:
    """A rule's priority replaces a normal one; any other that is higher stays."""
    routes = [Route(name=str(number), priority=priority) for number, priority in enumerate(named)]
    assert ruling_on(matter(priority=before), routes).priority is after


def test_a_matter_is_grave_if_one_rule_says_so() -> None:
    """Whichever rule it is."""
    rude = Route(name="rude", where=contains("words", "RUDE"), grave=True)
    assert ruling_on(matter(words="so rude!"), [Route(name="rest"), rude]).grave
    assert not ruling_on(matter(words="so kind!"), [Route(name="rest"), rude]).grave


def test_a_route_speaks_of_matters_alone() -> None:
    """A field that a matter does not have, and a word in place of a list, are refused where the rule is made."""
    with pytest.raises(InvalidValue, match="no field of matter 'owner'"):
        Route(name="x", where=eq("owner", "mia"))
    with pytest.raises(InvalidValue, match="'tax' is one word"):
        Route(name="x", skills="tax")


# Who gets it


@pytest.mark.parametrize(
    ("loads", "chosen"),
    [
        ({"ana": 1}, "bor"),
        ({"ana": 2, "bor": 2}, "bor"),  # of ten, ana has a fifth of four
        ({"ana": 1, "bor": 3}, "ana"),  # a fourth, and three tenths
        ({"ana": 4, "bor": 9}, "bor"),
        ({"ana": 4, "bor": 10}, "ana"),
        ({"ana": 5, "bor": 11}, "bor"),
        ({}, "ana"),
    ],
)
def test_the_least_loaded_gets_it(loads: dict[str, int], chosen: str) -> None:
    """Loads are measured by the capacity; above it all are, the least overloaded is taken."""
    staff = roster(member("ana", capacity=4), member("bor", capacity=10), loads=loads)
    assert choose(staff, Ruling()) == chosen


def test_who_has_no_limit_counts_as_the_one_with_the_highest() -> None:
    """Somebody without a limit does not get everything, and is never over it."""
    members = member("ana", capacity=4), member("cene")
    assert choose(roster(*members, loads={"ana": 1, "cene": 2}), Ruling()) == "ana"
    assert choose(roster(*members, loads={"ana": 4, "cene": 90}), Ruling()) == "cene"
    assert choose(roster(member("ana", capacity=0), member("bor", capacity=9)), Ruling()) == "bor"


def test_team_and_skills_are_asked_for() -> None:
    """Somebody of the team with all skills; where nobody has them, the lead; else anybody of the team."""
    ana, bor = member("ana", teams=("tax",)), member("bor", teams=("tax",), skills=("vat", "duty"))
    tina, ivo = member("tina"), member("ivo", skills=("vat", "duty"))
    asked = Ruling(team="tax", skills=frozenset({"vat"}))
    lone, led = {"tax": team("tax")}.values(), {"tax": team("tax", lead="tina")}.values()
    assert choose(roster(ana, bor, tina, ivo, teams=lone, loads={"bor": 9}), asked) == "bor"
    assert choose(roster(ana, bor, tina, ivo, teams=led, absences=[away("bor")]), asked) == "tina"
    assert choose(roster(ana, bor, tina, ivo, teams=lone, absences=[away("bor")]), asked) == "ana"


def test_where_a_team_is_away_a_superior_gets_it() -> None:
    """A matter does not wait for a team that is not there."""
    ana, head = member("ana", teams=("tax",)), member("head", roles=("owner", "superior"))
    asked = Ruling(team="tax")
    assert choose(roster(ana, head, member("x"), absences=[away("ana")]), asked) == "head"


def test_the_last_resort_is_whoever_is_there() -> None:
    """Where neither team nor lead nor superior is there, somebody who may own gets it; nobody, if none is."""
    ana, bor, clerk = member("ana", teams=("tax",)), member("bor"), member("clerk", roles=("expert",))
    asked = Ruling(team="tax")
    assert choose(roster(ana, bor, clerk, absences=[away("ana")]), asked) == "bor"
    assert choose(roster(bor, clerk, teams=[team("tax")]), asked) == "bor"
    assert choose(roster(ana, clerk, absences=[away("ana")]), asked) is None


def test_deputies_count_for_who_is_away() -> None:
    """The deputy of an absence, or the member's own, and theirs in turn; in a circle nobody is found there."""
    ana, bor, cene = member("ana", deputy="bor"), member("bor", deputy="cene"), member("cene", deputy="ana")
    named = Ruling(member="ana")
    assert choose(roster(ana, bor, cene, absences=[away("ana")]), named) == "bor"
    assert choose(roster(ana, bor, cene, absences=[away("ana", deputy="cene")]), named) == "cene"
    assert choose(roster(ana, bor, cene, absences=[away("ana"), away("bor")]), named) == "cene"
    everybody = [away(name) for name in ("ana", "bor", "cene")]
    assert choose(roster(ana, bor, cene, absences=everybody), named) is None
    assert choose(roster(ana, bor, cene, member("dora"), absences=everybody), named) == "dora"


def test_who_has_left_or_owns_nothing_gets_nothing() -> None:
    """Nobody is chosen who does not work here any more, or has not the role of an owner."""
    staff = roster(member("ana", active=False), member("bor", roles=("superior",)), member("cene"), loads={"cene": 99})
    assert choose(staff, Ruling()) == "cene"


def test_who_speaks_the_language_is_preferred() -> None:
    """Regions do not matter; whoever names no language speaks all; where nobody does, somebody else answers."""
    staff = roster(member("ana", languages=("sl",)), member("bor", languages=("de-AT",)), loads={"bor": 5})
    assert choose(staff, Ruling(), language="de") == "bor"
    assert choose(staff, Ruling(), language="fr") == "ana"
    assert speaks(member("any"), "fr")


def test_who_is_there_now_goes_before_who_has_less_to_do() -> None:
    """At nine in London, New York sleeps; at night, whoever comes first gets it, and speakers only among these."""
    here = member("ana", languages=("sl",))
    there = member("noah", calendar="late")
    assert choose(roster(here, there, loads={"ana": 50}), Ruling(), language="en") == "ana"
    assert choose(roster(here, there, at=NINE + 10 * HOUR, loads={"noah": 50}), Ruling()) == "noah"
    assert choose(roster(here, there, at=NINE + 14 * HOUR), Ruling()) == "ana"


def test_at_night_the_one_who_is_there_first_is_not_one_who_will_be_away() -> None:
    """An absence that begins in the morning counts in the evening before."""
    night = NINE + 12 * HOUR
    absences = [away("ana", NINE + 20 * HOUR, NINE + 3 * DAY), away("bor", NINE + 5 * DAY)]
    staff = roster(member("ana"), member("bor"), at=night, absences=absences, loads={"bor": 9})
    assert choose(staff, Ruling()) == "bor"
    assert [staff.there_from(each) for each in staff.presence.members.values()] == [NINE + 3 * DAY, NINE + DAY]
    endless = roster(member("ana"), at=night, absences=[away("ana", NINE + 20 * HOUR)])
    assert endless.there_from(member("ana")) is None
    assert choose(endless, Ruling()) == "ana"  # nobody else is there at all


def test_the_employee_it_is_about_gets_it_only_as_the_last() -> None:
    """Nobody judges words about themselves while somebody else is there."""
    assert choose(roster(member("ana"), member("bor"), loads={"bor": 9}), Ruling(), avoid=frozenset({"ana"})) == "bor"
    assert choose(roster(member("ana")), Ruling(), avoid=frozenset({"ana"})) == "ana"


def test_presence_follows_the_member_s_calendar_or_the_team_s() -> None:
    """The member's own hours go first, then those of the first team that has any, then the firm's."""
    teams = [team("day"), team("us", calendar="late")]
    own = member("own", calendar="always", teams=("us",))
    by_team, plain = member("by_team", teams=("day", "gone", "us")), member("plain", teams=("day",))
    staff = roster(own, by_team, plain, at=NINE + 9 * HOUR, teams=teams, absences=[away("own")])
    assert [staff.calendar_of(each).zone for each in (own, by_team, plain)] == ["UTC", "America/New_York", "UTC"]
    assert [each.name for each in staff.present()] == ["by_team"]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.none() | st.integers(0, 4), st.booleans()), min_size=1, max_size=6),
    st.integers(0, 7 * 24),
)
def test_never_one_who_is_away(drawn: list[tuple[int, int | None, bool]], hour: int) -> None:
    """Whatever deputies, absences and hours there are, the chosen one works and is not away."""
    members = [
        member(f"m{number}", deputy=None if deputy is None else f"m{deputy}", capacity=capacity)
        for number, (capacity, deputy, _) in enumerate(drawn)
    ]
    absences = [away(f"m{number}") for number, (_, _, gone) in enumerate(drawn) if gone]
    staff = roster(*members, at=NINE + hour * HOUR, absences=absences)
    chosen = choose(staff, Ruling())
    present = {each.name for each in members} - {absence.member for absence in absences}
    assert chosen in present if present else chosen is None


# Where it goes


def test_a_placement_is_what_the_item_holds_and_the_journal_says() -> None:
    """The team brings its calendar; the journal names the owner, the team and the rules."""
    staff = roster(member("ana", teams=("us",)), teams=[team("us", calendar="late")])
    ruling = ruling_on(matter(), [Route(name="us", team="us", tags=["x"], priority=Priority.HIGH)])
    placed = place(matter(), ruling, staff)
    assert (placed.owner, placed.team, placed.calendar) == ("ana", "us", "late")
    assert (placed.priority, placed.tags, placed.alerted) == (Priority.HIGH, ("x",), ())
    assert placed.record == {"to": "ana", "team": "us", "routes": ["us"]}
    assert UNPLACED.record == {}


def test_of_the_grave_the_lead_and_all_superiors_hear() -> None:
    """Or who stands in for them; not the employee whom it is about, unless nobody else would hear."""
    head, tina = member("head", roles=("superior",), deputy="tim"), member("tina", teams=("us",))
    teams, grave = [team("us", lead="tina")], Ruling(routes=("x",), team="us", grave=True, by="x")
    staff = roster(head, tina, member("tim"), teams=teams)
    assert [each.name for each in place(matter(), grave, staff).alerted] == ["tina", "head"]
    assert [each.name for each in place(matter(employee="tina"), grave, staff).alerted] == ["head"]
    gone = roster(head, tina, member("tim"), teams=teams, absences=[away("head")])
    assert [each.name for each in place(matter(), grave, gone).alerted] == ["tina", "tim"]
    alone = roster(head)
    assert [each.name for each in place(matter(employee="head"), grave, alone).alerted] == ["head"]
