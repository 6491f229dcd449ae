"""Staff: the members of the firm, and their teams."""

from collections.abc import Mapping

import pytest

from clientloop import ClientLoop
from clientloop.channels.desk.channel import Desk
from clientloop.errors import Conflict, Duplicate, InvalidValue, NotSupported, UnknownName
from clientloop.model.calendar import Calendar
from clientloop.model.staff import Member, Team
from clientloop.model.units import Unit, Update
from clientloop.model.work import SYSTEM, Role
from clientloop.testing.fakes import FakeChannels
from tests.test_processes import Firm


def test_members_are_listed_by_name_once(firm: Firm) -> None:
    """A name is one member, with the roles that it was given."""
    assert [(each.name, each.roles) for each in firm.loop.staff.list()] == [
        ("head", (Role.OWNER, Role.SUPERIOR)),
        ("mia", (Role.OWNER,)),
        ("tim", (Role.OWNER,)),
    ]
    with pytest.raises(Duplicate):
        firm.loop.staff.add("mia")


@pytest.mark.parametrize(("name", "error"), [("MIA", Duplicate), ("", InvalidValue), (" mia", InvalidValue)])
def test_names_of_members_are_told_apart_at_sight(firm: Firm, name: str, error: type[Exception]) -> None:
    """A name that differs from another's in its case alone, or has blanks around it, is refused."""
    with pytest.raises(error):
        firm.loop.staff.add(name)
    assert len(firm.loop.staff.list()) == 3
    firm.loop.staff.add_team("mia")
    with pytest.raises(error):
        firm.loop.staff.add_team(name)


def test_nobody_is_added_as_the_own_deputy(firm: Firm) -> None:
    """Somebody new who is to stand in for oneself is told so, not that there is no such member."""
    with pytest.raises(InvalidValue, match="eva cannot stand in for eva"):
        firm.loop.staff.add("eva", deputy="eva")


def test_all_that_is_known_of_a_member_is_kept_and_changed(firm: Firm) -> None:
    """What was added or changed is what is read afterwards."""
    staff = firm.loop.staff
    firm.loop.settings.set("calendars", {"late": Calendar.standard("America/New_York")})
    staff.add_team("us", title="House in America", calendar="late", outside=True, channel="email", address="us@x.com")
    added = staff.add(
        "noah", teams=["us"], skills=["tax"], languages=["en"], capacity=5, calendar="late", deputy="mia",
        channel="email", address="noah@x.com",
    )  # fmt: skip
    assert staff.get("noah") == added
    changed = staff.change("noah", capacity=None, roles=["superior"], skills=("tax", "law"))
    assert staff.get("noah") == changed
    assert (changed.capacity, changed.roles, changed.skills, changed.deputy) == (
        None,
        ("superior",),
        ("tax", "law"),
        "mia",
    )
    led = staff.change_team("us", lead="noah", calendar=None)
    assert staff.teams() == (led,)
    assert (led.lead, led.calendar, led.outside) == ("noah", None, True)


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"teams": ["servise"]}, UnknownName, "no team 'servise': did you mean 'service'"),
        ({"skils": ["tax"]}, UnknownName, "no field of a member 'skils': did you mean 'skills'"),
        ({"active": False}, UnknownName, "no field of a member 'active'"),
        ({"roles": ["superor"]}, UnknownName, "no role 'superor': did you mean 'superior'"),
        ({"calendar": "late"}, UnknownName, "no calendar 'late'"),
        ({"deputy": "tmi"}, UnknownName, "no member 'tmi': did you mean 'tim'"),
        ({"deputy": "mia"}, InvalidValue, "mia cannot stand in for mia"),
        ({"skills": "tax"}, InvalidValue, "'tax' is one name"),
        ({"capacity": -1}, InvalidValue, "-1 is no capacity"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    firm: Firm, changes: Mapping[str, object], error: type[InvalidValue], says: str
) -> None:
    """A member has known teams, roles, calendars and deputies, with near matches for a slip."""
    firm.loop.staff.add_team("service")
    before = firm.loop.staff.get("mia")
    with pytest.raises(error, match=says):
        firm.loop.staff.change("mia", **changes)
    assert firm.loop.staff.get("mia") == before


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"lead": "hed"}, "no member 'hed': did you mean 'head'"),
        ({"calendar": "late"}, "no calendar 'late'"),
        ({"leed": "head"}, "no field of a team 'leed': did you mean 'lead'"),
    ],
)
def test_a_team_has_a_known_lead_and_calendar(firm: Firm, changes: Mapping[str, object], says: str) -> None:
    """The same for teams; one that is not there is named with those that are."""
    firm.loop.staff.add_team("service")
    with pytest.raises(UnknownName, match=says):
        firm.loop.staff.change_team("service", **changes)
    with pytest.raises(UnknownName, match="no team 'servise': did you mean 'service'"):
        firm.loop.staff.change_team("servise", title="x")


def test_two_who_change_a_member_at_once_do_not_overwrite_each_other(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes second is told so."""
    commit = firm.loop.store.commit

    def late(unit: Unit) -> None:
        commit(Unit((Update(Member, ("main", "mia"), {"capacity": 3}),)))
        commit(unit)

    monkeypatch.setattr(firm.loop.store, "commit", late)
    with pytest.raises(Conflict):
        firm.loop.staff.change("mia", capacity=9)


def test_a_calendar_that_is_used_stays(firm: Firm) -> None:
    """Calendars that a team, a member or an open item goes by cannot be taken away."""
    calendars = {"late": Calendar.standard("America/New_York")}
    firm.loop.settings.set("calendars", calendars)
    firm.loop.staff.add_team("us", calendar="late")
    with pytest.raises(InvalidValue, match="the team us goes by the calendar 'late'") as refused:
        firm.loop.settings.set("calendars", {"early": calendars["late"]})
    assert str(refused.value.hint).startswith("keep it, or give them another one first")
    firm.loop.context.commit(Unit((Update(Team, ("main", "us"), {"calendar": None}),)))
    firm.loop.settings.set("calendars", {})


def test_an_item_outlives_its_calendar(firm: Firm) -> None:
    """A closed item whose calendar was taken away can still be moved, by the firm's calendar."""
    firm.loop.settings.set("calendars", {"late": Calendar.standard("America/New_York")})
    item = firm.bring("praise", "thanked")
    firm.loop.context.commit(Unit((Update(type(item), ("main", item.id), {"calendar": "late"}, item.version),)))
    item = firm.loop.feedback.get(item.id)
    with pytest.raises(InvalidValue, match="an open item goes by the calendar 'late'"):
        firm.loop.settings.set("calendars", {})
    firm.loop.settings.set("offers", {})
    closed = firm.loop.feedback.move(item, "close", by=SYSTEM)
    firm.loop.settings.set("calendars", {})
    assert firm.loop.feedback.move(closed, "note", note="nice", by="mia").state == "closed"


def test_alerts_go_by_a_channel_that_sends() -> None:
    """A misspelt channel, and one that only listens, is refused when it is named, not when the first alert is lost."""
    given = {"plugins": [FakeChannels("email")], "channels": {"book": Desk()}, "entry_points": False}
    with ClientLoop.open("memory:", **given) as loop:
        mia = loop.staff.add("mia", channel="email", address="mia@firm.example")
        loop.staff.add_team("us", channel="email", address="us@firm.example")
        for refuse in (
            lambda name: loop.staff.add("tim", channel=name),
            lambda name: loop.staff.change("mia", channel=name),
            lambda name: loop.staff.add_team("they", channel=name),
            lambda name: loop.staff.change_team("us", channel=name),
        ):
            with pytest.raises(UnknownName, match="did you mean 'email'"):
                refuse("emial")
            with pytest.raises(NotSupported, match="'book' cannot send: these can: email"):
                refuse("book")
        assert loop.staff.get("mia") == mia
        loop.staff.change("mia", channel=None)
    with ClientLoop.open("memory:", entry_points=False) as loop:
        loop.staff.add("mia", channel="pigeon")
