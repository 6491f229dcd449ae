"""The commands on settings."""

import json

FIRM = """
redress_limit = 5000

[[routing]]
name = "praise"
team = "returns"
where = {kind = "praise"}
"""


def test_what_a_file_says_is_set_and_shown(run, shop, tmp_path):
    """Each table of a file is a setting, and what is shown can be read again."""
    shop.staff.add_team("returns")
    file = tmp_path / "firm.toml"
    file.write_text(FIRM)
    assert run("settings", "set", str(file)).out == "2 settings set: redress_limit, routing\n"
    assert run("settings", "show", "redress_limit").out == "\nredress_limit\n5000\n"
    shown = run("settings", "show", "--json").json
    assert (shown["redress_limit"], shown["routing"][0]["name"]) == (5000, "praise")
    again = tmp_path / "again.json"
    again.write_text(json.dumps({**shown, "redress_limit": None}))
    assert len(run("settings", "set", str(again), "--json").json["set"]) == len(shown)
    assert run("settings", "show", "--json").json == {**shown, "redress_limit": None}


def test_a_slip_in_a_file_sets_nothing(run, shop, tmp_path):
    """Misspelt names and files that cannot be read are told, and what stands before them is not set either."""
    file = tmp_path / "firm.toml"
    for text, says in {
        "redress_limit = 5000\nredres = 1\n": "did you mean 'redress_limit'?",
        "redress_limit = 5000\nrouting = 7\n": "routing",
        "redress_limit": "cannot be read",
    }.items():
        file.write_text(text)
        refused = run("settings", "set", str(file))
        assert (refused.code, says in refused.err) == (1, True)
    listed = tmp_path / "list.json"
    listed.write_text("[]")
    assert "no names at its top" in run("settings", "set", str(listed)).err
    assert "did you mean 'routing'" in run("settings", "show", "routin").err
    assert run("settings", "show", "redress_limit", "--json").json == {"redress_limit": None}
    file.write_text("")
    assert run("settings", "set", str(file)).out == "Nothing to set.\n"
