"""The commands on members."""

import pytest

from clientloop.model.work import Role

NOON = ("--now", "2026-03-02T12:00")


@pytest.fixture
def staff(shop):
    """A small staff; everything of Tim's goes to Maja."""
    shop.staff.add_team("returns")
    for name, more in {"maja": {}, "tim": {"deputy": "maja", "teams": ["returns"], "capacity": 20}}.items():
        shop.staff.add(name, **more)
    return shop.staff


@pytest.fixture
def item(shop, staff):
    """An item of Tim's."""
    item = shop.feedback.receive(kind="complaint", channel="form", text="The parcel came broken")
    return shop.feedback.move(item, "assign", to="tim", by="maja")


def test_members_are_added_and_listed(run, shop):
    """A member is added with what is known of her, and the list shows it; without members it says what that means."""
    assert run("members", "list").out == "Nobody is on the staff list: any name can own items.\n"
    run("teams", "add", "returns", "--title", "Returns and repairs")
    given = ("--role", "owner", "--role", "superior", "--team", "returns", "--skill", "oak", "--language", "sl")
    assert run("members", "add", "maja", *given, "--capacity", "20").out.splitlines() == [
        "maja",
        "  roles      owner, superior",
        "  teams      returns",
        "  skills     oak",
        "  languages  sl",
        "  capacity   20",
    ]
    assert run("members", "list").out.splitlines() == [
        "name  roles            open     teams    skills  languages",
        "maja  owner, superior  0 of 20  returns  oak     sl",
    ]
    [member] = run("members", "list", "--json").json["members"]
    assert (member["name"], member["capacity"]) == ("maja", 20)


def test_members_are_changed(run, shop, staff):
    """What is given is changed, an empty text takes a value away, and the rest stays."""
    run("members", "change", "tim", "--deputy", "", "--team", "", "--role", "superior")
    tim = shop.staff.get("tim")
    assert (tim.deputy, tim.teams, tim.roles, tim.capacity) == (None, (), (Role.SUPERIOR,), 20)
    assert run("members", "change", "tim", "--capacity", "5", "--json").json["capacity"] == 5


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("change", "tom"), "did you mean 'tim'?"),
        (("away", "tom", "--by", "maja"), "did you mean 'tim'?"),
        (("back", "maja"), "maja is not away"),
        (("reassign", "tim", "--to", "maya", "--by", "maja"), "did you mean 'maja'?"),
        (("change", "tim", "--team", "retuns"), "did you mean 'returns'?"),
        (("add", "tim"), "tim"),
    ],
)
def test_names_that_cannot_be_are_refused(run, staff, arguments, hint):
    """A misspelt name is refused with the one that comes near; so is what cannot be."""
    done = run("members", *arguments)
    assert done.code == 1
    assert hint in done.err


def test_whoever_is_ill_gives_the_work_away_at_once(run, shop, item):
    """An absence that begins now hands the work over now, and the list says until when the member is away."""
    done = run("members", "away", "tim", "--until", "2026-03-09", "--reason", "ill", "--by", "maja", *NOON)
    assert (
        done.out == "tim is away until 2026-03-09 00:00\n  maja stands in\n  1 item and 0 tasks have gone to others\n"
    )
    assert shop.feedback.get(item).owner == "maja"
    assert shop.feedback.history(item)[-1].by == "maja"
    out = run("members", "list", *NOON).out
    assert "tim   owner  0 of 20  until 2026-03-09 00:00  returns  maja\n" in out
    assert run("members", "back", "tim", *NOON).out == "tim works again\n"
    assert "until" not in run("members", "list", *NOON).out


def test_an_absence_to_come_changes_nothing_yet(run, shop, item):
    """The work goes over only when the absence begins, by whatever runs what is due."""
    given = ("--since", "2026-03-04", "--until", "2026-03-06", "--deputy", "maja", "--by", "maja")
    done = run("members", "away", "tim", *given, *NOON)
    assert done.out == "tim is down as away from 2026-03-04 00:00, until 2026-03-06 00:00\n  maja stands in\n"
    assert shop.feedback.get(item).owner == "tim"
    assert "from 2026-03-04 00:00" in run("members", "list", *NOON).out
    assert "1 absence looked at, " in run("run", "--now", "2026-03-04T09:00").out
    assert shop.feedback.get(item).owner == "maja"


def test_an_absence_that_is_over_moves_nothing(run, shop, item):
    """An absence that is written down after its end is kept, and no work goes to anybody."""
    given = ("--since", "2026-02-23", "--until", "2026-02-27", "--by", "maja", "--json")
    assert run("members", "away", "tim", *given, *NOON).json["handed_over"] is None
    assert shop.feedback.get(item).owner == "tim"


def test_what_nobody_can_take_is_named(run, shop, item):
    """Where nobody is there, the work stays where it is, and each item of it is named."""
    run("members", "away", "maja", "--by", "maja", *NOON)
    done = run("members", "away", "tim", "--by", "maja", *NOON)
    assert "tim is away until further notice\n  maja stands in\n  0 items and 0 tasks have gone to others\n" in done.out
    assert f"  {item.ref} stays: nobody is there: add a deputy, or name a lead of the team\n" in done.out
    data = run("members", "reassign", "tim", "--by", "maja", "--json", *NOON).json
    assert list(data["left"]) == [str(item.id)]


def test_work_is_reassigned(run, shop, item):
    """All open work of a member goes to another, with the reason in the journal."""
    done = run("members", "reassign", "tim", "--to", "maja", "--by", "maja", "--reason", "other duties")
    assert done.out == "the work of tim\n  1 item and 0 tasks have gone to others\n"
    assert shop.feedback.history(item)[-1].data["reason"] == "other duties"


def test_whoever_leaves_gives_the_work_away(run, shop, item):
    """A member who has left is still on the list, owns nothing, and can come back."""
    assert run("members", "leave", "tim", "--by", "maja").out.startswith("tim has left\n  1 item")
    assert "has left" in run("members", "list").out
    assert shop.feedback.get(item).owner == "maja"
    assert run("members", "back", "tim", "--json").json["active"] is True


def test_programs_get_what_became_of_the_work(run, shop, item):
    """For a program every command that moves work answers with the counts."""
    assert run("members", "leave", "tim", "--by", "maja", "--json").json["handed_over"]["items"] == 1
    assert run("members", "reassign", "maja", "--by", "maja", "--json").json["items"] == 0


def test_absences_are_listed_and_taken_back(run, shop, staff):
    """A planned absence is listed and can be taken back; of several, the one that begins when it is said."""
    assert run("members", "absences", *NOON).out == "Nobody is, or will be, away.\n"
    for day in ("04", "11"):
        given = ("--since", f"2026-03-{day}", "--until", f"2026-03-{day}T12:00", "--by", "maja")
        run("members", "away", "tim", *given, *NOON)
    assert run("members", "absences", *NOON).out.splitlines() == [
        "member  since             until",
        "tim     2026-03-04 00:00  2026-03-04 12:00",
        "tim     2026-03-11 00:00  2026-03-11 12:00",
    ]
    assert "--since 2026-03-04T00:00 or --since 2026-03-11T00:00" in run("members", "cancel", "tim", *NOON).err
    taken_back = run("members", "cancel", "tim", "--since", "2026-03-11", *NOON)
    assert taken_back.out == "the absence of tim from 2026-03-11 00:00 is taken back\n"
    assert run("members", "cancel", "tim", "--json", *NOON).json["cancelled"]["since"] == "2026-03-03T23:00:00+00:00"
    assert "no such absence of tim" in run("members", "cancel", "tim", *NOON).err
    assert run("members", "absences", "--json", *NOON).json == {"absences": []}
