"""The commands on teams and on routing."""

import pytest

from clientloop.model.routing import Route
from clientloop.model.where import eq

RULES = """
[[routing]]
name = "praise"
team = "returns"
where = {kind = "praise"}
"""


@pytest.fixture
def staff(shop):
    """A team of one."""
    shop.staff.add_team("returns", title="Returns and repairs")
    shop.staff.add("maja", teams=["returns"])
    return shop.staff


@pytest.fixture
def items(shop, staff):
    """Two items that came before there was a rule, and the rule."""
    items = [shop.feedback.receive(kind=kind, channel="form", text="Well") for kind in ("complaint", "praise")]
    shop.settings.set("routing", (Route(name="broken", where=eq("kind", "complaint"), team="returns"),))
    return items


def test_teams_are_added_changed_and_listed(run, shop, staff):
    """A team is listed with those who work in it; what is given anew is changed."""
    assert run("teams", "add", "calls", "--outside", "--lead", "maja").out.splitlines() == [
        "calls",
        "  lead       maja",
        "  outside    yes",
    ]
    run("teams", "change", "returns", "--title", "", "--lead", "maja")
    assert run("teams", "list").out.splitlines() == [
        "name     lead  members  outside",
        "calls    maja           yes",
        "returns  maja  maja",
    ]
    assert [team["title"] for team in run("teams", "list", "--json").json["teams"]] == ["", ""]


def test_no_team_is_told(run, shop):
    """Without teams the list says so, and a misspelt name is refused with the one that comes near."""
    assert run("teams", "list").out == "There is no team.\n"
    shop.staff.add_team("returns")
    assert "did you mean 'returns'?" in run("teams", "change", "retuns", "--title", "R").err


def test_what_nobody_owns_is_routed(run, shop, items):
    """Open items without an owner go where the rules say; the others stay as they are."""
    done = run("route", "--by", "maja")
    assert done.out == "1 item routed\n  1 as they were: nothing was to be changed\n"
    assert [shop.feedback.get(item).owner for item in items] == ["maja", None]
    assert run("route", "--json").json["moved"] == []


def test_a_dry_run_writes_nothing(run, shop, items, empty_folder):
    """A dry run counts what each rule would decide, for the firm's own rules or for others in a file."""
    done = run("route", "--dry-run")
    assert done.out.startswith("2 items tried\n  1 would be given to nobody, 0 would be grave\n")
    assert "rule    applies to  decides\nbroken           1        1\n" in done.out
    assert "team     items\nreturns      1\n" in done.out
    (empty_folder / "rules.toml").write_text(RULES)
    trial = run("route", "--dry-run", "--rules", "rules.toml", "--json").json
    assert trial["decided"] == {"praise": 1}
    assert run("route", "--dry-run", "--until", "2026-03-01", "--json").json["items"] == 0
    assert [shop.feedback.get(item).owner for item in items] == [None, None]


def test_rules_that_cannot_be_are_refused(run, shop, items, empty_folder):
    """A file that is not there, or that speaks of what there is not, is refused; so is a period without a dry run."""
    assert "rules.toml cannot be read" in run("route", "--dry-run", "--rules", "rules.toml").err
    (empty_folder / "rules.toml").write_text(RULES.replace("returns", "retuns"))
    assert "did you mean 'returns'?" in run("route", "--dry-run", "--rules", "rules.toml").err
    assert "are for a dry run" in run("route", "--since", "2026-03-01").err
