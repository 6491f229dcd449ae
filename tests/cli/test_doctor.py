"""The command that looks for what is wrong."""

from datetime import timedelta

import pytest

from clientloop import ClientLoop
from clientloop.cli.demo.post import Post
from clientloop.model.feedback import Feedback
from clientloop.model.spaces import Space
from clientloop.model.units import Unit, Update

URL = "sqlite:///shop.db"
NOW = ("--now", "2026-03-02T09:00")


def test_a_good_installation_passes(run, shop):
    """Where nothing is wrong the doctor says what was looked at, and the exit code is 0."""
    done = run("doctor", *NOW)
    assert done.code == 0
    assert done.out.splitlines() == [
        "ok     the store sqlite:///shop.db can be opened, and its schema is up to date",
        "ok     5 plugins in use",
        "ok     0 open items, none overdue",
    ]


def test_a_store_that_cannot_be_opened_is_found(run, empty_folder):
    """A store that is not there, or no store at all, is a finding with what to do, and no crash."""
    done = run("doctor")
    assert (done.code, done.err) == (1, "")
    assert "make it by `clientloop init" in done.out
    (empty_folder / "shop.db").write_text("no database", encoding="utf-8")
    done = run("doctor", "--store", "sqlite:///shop.db")
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith("wrong ")


def test_a_firm_in_a_region_that_is_none_is_found(run, shop):
    """What was kept before it was looked at is told, with the command that mends it."""
    shop.store.commit(Unit((Update(Space, ("main",), {"region": "si", "currency": "eur"}),)))
    done = run("doctor", *NOW)
    assert done.code == 1
    assert "wrong  the region of the firm is none: no region 'si': did you mean 'SI'?" in done.out
    assert "the currency of the firm is none" in done.out
    assert run("init", "--change", "--store", URL, "--region", "SI", "--currency", "EUR").code == 0
    assert run("doctor", *NOW).code == 0


def test_channels_that_nobody_can_answer_on_are_found(run, shop):
    """Open items with an address on a channel that no plugin adds are counted by channel; others are not."""
    for text in ("Broken", "Torn"):
        shop.feedback.receive(kind="complaint", channel="email", text=text, reply_to="ana@example.com")
    shop.feedback.receive(kind="complaint", channel="shop", text="Without an address")
    done = run("doctor", *NOW)
    assert done.code == 1
    assert "2 open items came by 'email', and no channel that is set up can answer there" in done.out
    assert "'shop'" not in done.out


def test_channels_are_looked_at(run, shop, empty_folder, clock, monkeypatch):
    """What is set up is listed, what came by a form can be answered by mail, and silence is noted."""
    monkeypatch.setenv("MAIL_PASSWORD", "s3cret")
    mail = "smtps://desk@firm.example@mail.firm.example?password=env:MAIL_PASSWORD"
    (empty_folder / "clientloop.toml").write_text(f'store = "{URL}"\n[channels]\nemail = "{mail}"\n')
    for _ in range(12):
        shop.feedback.receive(kind="idea", channel="form", text="Saturdays", reply_to="ana@example.com")
        clock.advance(timedelta(minutes=50))
    assert "ok     1 channel set up: email" in run("doctor", *NOW).out
    done = run("doctor", "--now", "2026-03-04T09:00").out
    assert "note   channel 'form': silent for longer than usual" in done
    assert "can answer there" not in done


def test_parked_messages_are_found(run, shop):
    """Messages that wait for a person are counted, and what is advised can be typed so."""
    item = shop.feedback.receive(kind="question", channel="fax", text="Open today?", reply_to="01 234 56 78")
    shop.feedback.move(item, "answer", by="maja", text="Until six.")
    shop.run_due()
    done = run("doctor", *NOW).out
    assert "1 message parked until a person looks, as no channel took them" in done
    assert "then `clientloop outbox again --every`" in done
    assert run("outbox", "again", "--every", *NOW).code == 0


def test_work_that_nobody_runs_is_found(run, shop):
    """Deadlines and messages that came over an hour ago show that nobody runs what is due."""
    item = shop.feedback.receive(kind="question", channel="email", text="Open today?", reply_to="ana@example.com")
    shop.feedback.move(item, "answer", by="maja", text="Until six.")
    shop.feedback.receive(kind="complaint", channel="form", text="Broken")
    assert "not seen to" not in run("doctor", "--now", "2026-03-02T09:59").out
    assert "0 deadlines and 1 message due for over an hour" in run("doctor", "--now", "2026-03-02T10:01").out
    assert "2 deadlines and 1 message due" in run("doctor", "--now", "2026-03-03T10:01").out


def test_items_without_a_deadline_are_found(run, shop):
    """An open item that nothing will ever remind of is an error in its process."""
    item = shop.feedback.receive(kind="complaint", channel="form", text="Broken")
    shop.store.commit(Unit((Update(Feedback, (item.space, item.id), {"due": None}),)))
    assert "1 open item without a deadline" in run("doctor", *NOW).out


def test_overdue_items_are_noted(run, shop, clock):
    """Overdue items are told, and are no fault of the installation."""
    shop.feedback.receive(kind="complaint", channel="form", text="Broken")
    shop.feedback.receive(kind="idea", channel="form", text="Saturdays")
    clock.advance(timedelta(days=1, minutes=1))
    shop.run_due()
    done = run("doctor", "--now", "2026-03-03T09:30")
    assert "note   1 of 2 open items overdue" in done.out
    assert done.code == 0


def test_findings_are_given_to_a_program(run, shop):
    """For a program each finding has its level, what it is, and what to do."""
    assert {finding["level"] for finding in run("doctor", *NOW, "--json").json} == {"ok"}


@pytest.mark.parametrize("level", ["ok", "wrong"])
def test_levels_are_coloured_on_a_terminal(run, shop, level):
    """On a terminal what is wrong is red, and what is well green."""
    shop.feedback.receive(kind="complaint", channel="email", text="Broken", reply_to="ana@example.com")
    colour = {"ok": 32, "wrong": 31}[level]
    assert f"\x1b[{colour}m{level}" in run("doctor", *NOW, terminal=True).out


def test_installed_channels_are_answers(clock):
    """A channel that a plugin of the application adds is known to that application."""
    from clientloop.cli.doctor import CHECKS, Level

    with ClientLoop.open("memory:", clock=clock, plugins=[Post(["email"], ())]) as loop:
        loop.feedback.receive(kind="complaint", channel="email", text="Broken", reply_to="ana@example.com")
        assert not [finding for check in CHECKS for finding in check(loop) if finding.level is Level.WRONG]


def test_rules_that_name_who_has_left_are_found(run, shop):
    """A rule of routing whose member has left is worth a look: the work goes to others."""
    shop.staff.add("maja")
    shop.settings.set("routing", shop.settings.read("routing", [{"name": "all", "member": "maja"}]))
    assert "route" not in run("doctor", *NOW).out
    shop.staff.deactivate("maja")
    done = run("doctor", *NOW)
    assert (done.code, "note   route 'all': no member 'maja' by now" in done.out) == (0, True)


def test_rules_for_a_team_in_which_nobody_works_are_found(run, shop):
    """A rule of routing for a team without members and lead is worth a look; a member or a lead is enough."""
    shop.staff.add_team("tables")
    shop.staff.add("maja")
    shop.settings.set("routing", shop.settings.read("routing", [{"name": "all", "team": "tables"}]))
    note = "note   route 'all': nobody works in the team 'tables'; others get the work"
    assert note in run("doctor", *NOW).out
    shop.staff.change_team("tables", lead="maja")
    assert "route" not in run("doctor", *NOW).out
    shop.staff.change_team("tables", lead=None)
    assert note in run("doctor", *NOW).out
    shop.staff.change("maja", teams=("tables",))
    assert "route" not in run("doctor", *NOW).out
