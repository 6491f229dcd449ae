"""The commands on the firm as a whole, and how commands find its store."""

from pathlib import Path

import pytest

from clientloop import ClientLoop


def test_init_makes_a_store_and_a_firm(run, empty_folder):
    """A store is made with what was said of the firm, and again does no harm."""
    for _ in range(2):
        done = run("init", "sqlite:///new.db", "--zone", "Europe/Ljubljana", "--region", "SI", "--currency", "USD")
        assert done.out.splitlines() == [
            "sqlite:///new.db is ready.",
            "  space main, region SI, zone Europe/Ljubljana, USD",
            "  kinds of feedback: complaint, idea, question, praise, referral, unsorted",
        ]
    assert Path("new.db").exists()


def test_init_tells_what_the_firm_has_otherwise(run, empty_folder):
    """What differs from what was kept is refused, and changed if that is asked for; both are said, nothing is lost."""
    run("init", "sqlite:///new.db", "--region", "AT", "--currency", "CHF")
    again = ("init", "sqlite:///new.db", "--region", "SI")
    refused = run(*again)
    assert refused.code == 1
    assert "space 'main' has the region 'AT', not 'SI'" in refused.err
    assert "clientloop init --change --region SI" in refused.err.replace("\n", " ")
    assert "space main, region SI, zone UTC, CHF" in run(*again, "--change").out
    assert run(*again).code == 0


def test_init_changes_a_firm_to_what_its_file_says(run, empty_folder):
    """A configuration file that was corrected later opens the firm once it was changed."""
    settings = 'store = "sqlite:///shop.db"\nspace.currency = "{}"\n'
    Path("clientloop.toml").write_text(settings.format("EUR"), encoding="utf-8")
    run("init")
    Path("clientloop.toml").write_text(settings.format("CHF"), encoding="utf-8")
    assert "the currency 'EUR', not 'CHF'" in run("inbox").err
    assert "CHF" in run("init", "--change").out
    assert run("inbox").code == 0


def test_init_keeps_nothing_that_is_mistyped(run, empty_folder):
    """A region that is none is refused before the firm is made."""
    refused = run("init", "sqlite:///new.db", "--region", "slovenia")
    assert (refused.code, "did you mean 'SI'?" in refused.err) == (1, True)
    assert run("init", "sqlite:///new.db", "--region", "SI").code == 0


def test_init_makes_the_default_store(run):
    """Without an address the store is a file in the folder, which the other commands find."""
    assert run("inbox").code == 1
    assert run("init").code == 0
    assert run("inbox").out == "Nothing waits.\n"


def test_a_misspelt_store_is_not_made(run):
    """Looking for a store that is not there makes none, and says how to make it."""
    done = run("inbox", "--store", "sqlite:///shpo.db")
    assert "make it by `clientloop init sqlite:///shpo.db`" in done.err
    assert not Path("shpo.db").exists()
    assert run("init", "sqlite:///shop.db?timeout=2").code == 0
    assert run("inbox", "--store", "sqlite:///shop.db?timeout=2").code == 0


def test_a_store_is_found_by_option_variable_and_file(run, monkeypatch):
    """The option goes before the variable of the environment, that before the configuration file."""
    for name in ("option", "variable", "file"):
        with ClientLoop.open(f"sqlite:///{name}.db", space="acme") as loop:
            loop.feedback.receive(kind="idea", channel="form", text=f"By {name}")
    Path("clientloop.toml").write_text('store = "sqlite:///file.db"\nspace.name = "acme"\n', encoding="utf-8")
    assert "By file" in run("inbox").out
    monkeypatch.setenv("CLIENTLOOP_STORE", "sqlite:///variable.db")
    assert "By variable" in run("inbox").out
    assert "By option" in run("inbox", "--store", "sqlite:///option.db").out
    with ClientLoop.open("sqlite:///variable.db", space="other", zone="Europe/Rome") as loop:
        loop.feedback.receive(kind="idea", channel="form", text="By another firm")
    assert "By another firm" in run("inbox", "--space", "other").out


def test_what_a_file_says_of_its_own_firm_is_not_asked_of_another(run):
    """With another space named, the zone and the like of the file are not held against it."""
    with ClientLoop.open("sqlite:///shop.db", space="other", zone="Europe/Rome", region="IT"):
        pass
    words = 'store = "sqlite:///shop.db"\n[space]\nname = "acme"\nzone = "Europe/Vienna"\nregion = "AT"\n'
    Path("clientloop.toml").write_text(words, encoding="utf-8")
    assert run("inbox", "--space", "other").code == 0


def test_a_misspelt_space_is_not_made(run, shop):
    """Looking for a firm that is not there makes none, and names those that come near; `init` makes one."""
    done = run("inbox", "--space", "mian")
    assert (done.code, "did you mean 'main'?" in done.err) == (1, True)
    assert list(shop.store.spaces()) == ["main"]
    assert run("init", "--space", "second").code == 0
    assert list(shop.store.spaces()) == ["main", "second"]


def test_a_named_space_alone_is_run(run, shop):
    """Without a name everything in the store is done that is due; with one, what is that firm's."""
    other = shop.in_space("other", zone="Europe/Ljubljana")
    items = [loop.feedback.receive(kind="complaint", channel="form", text="Broken") for loop in (shop, other)]
    run("run", "--space", "other", "--now", "2026-03-03T09:01")
    assert [len(shop.feedback.history(items[0])), len(other.feedback.history(items[1]))] == [1, 2]
    run("run", "--now", "2026-03-03T09:01")
    assert len(shop.feedback.history(items[0])) == 2


def test_the_application_and_the_command_line_know_the_same_suppressions(run):
    """Both hash addresses under the key of the configuration file."""
    key = "a secret of thirty-two characters"
    words = f'store = "sqlite:///shop.db"\nsuppression_key = "{key}"\n'
    Path("clientloop.toml").write_text(words, encoding="utf-8")
    with ClientLoop.open("sqlite:///shop.db", suppression_key=key, entry_points=False) as loop:
        loop.consent.suppress("ana@example.com")
    assert "no service" in run("consent", "suppressed", "ana@example.com").out
    run("consent", "suppress", "bo@example.com")
    with ClientLoop.open("sqlite:///shop.db", suppression_key=key, entry_points=False) as loop:
        assert loop.consent.suppressed("bo@example.com")


def test_a_configuration_file_can_be_named(run):
    """Another file than the usual one is named by an option; what is wrong in it is told."""
    Path("acme.toml").write_text('store = "sqlite:///acme.db"\nspace.zone = "Europe/Rome"\n', encoding="utf-8")
    assert "zone Europe/Rome" in run("init", "--config", "acme.toml").out
    Path("acme.toml").write_text('stroe = "sqlite:///acme.db"\n', encoding="utf-8")
    assert "did you mean 'store'?" in run("inbox", "--config", "acme.toml").err


def test_run_takes_the_steps_that_are_due(run, shop, clock):
    """What is due is done once, and the answer says how much it was."""
    item = shop.feedback.receive(kind="complaint", channel="form", text="Broken")
    assert run("run", "--now", "2026-03-02T10:00").out == "0 items looked at, 0 messages accepted, 0 failed\n"
    done = run("run", "--now", "2026-03-03T09:01")
    assert done.out.endswith("1 item looked at, 0 messages accepted, 0 failed\n")
    assert [row.move for row in shop.feedback.history(item)] == ["receive", "escalate"]
    assert run("run", "--now", "2026-03-03T09:01").out == "0 items looked at, 0 messages accepted, 0 failed\n"


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ("2026-03-02T09:00", "in 24 h"),
        ("2026-03-02T09:00+00:00", "in 23 h"),
        ("2026-03-03", "in 9 h"),
        ("2026-03-03T08:59:30", "in under a minute"),
        ("2026-03-05T09:00", "2 days late"),
    ],
)
def test_the_present_can_be_named(run, shop, clock, now, words):
    """A present that is named counts for all that a command says; without an offset it is in the zone of the firm."""
    item = shop.feedback.receive(kind="complaint", channel="form", text="Broken", received_at=clock.now())
    assert f", {words}\n" in run("show", item.ref, "--now", now).out
