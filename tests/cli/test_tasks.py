"""The commands on tasks."""

import pytest

EARLY = ("--now", "2026-03-02T09:00")


@pytest.fixture
def item(shop):
    """A complaint that somebody works on."""
    item = shop.feedback.receive(kind="complaint", channel="form", text="The parcel came broken")
    return shop.feedback.move(shop.feedback.move(item, "assign", to="maja", by="desk"), "start", by="maja")


def test_tasks_are_opened_ticked_and_done(run, shop, item):
    """A task is named by its item and its number; its steps are ticked off before it is done."""
    given = ("--owner", "tim", "--due", "2026-03-03T12:00", "--step", "weigh", "--step", "pack", *EARLY)
    assert run("tasks", "add", item.ref, "Send a new one", *given).out.splitlines() == [
        item.ref,
        "  [ ] 2 Send a new one  executor  tim  due in 27 h",
        "        [ ] weigh",
        "        [ ] pack",
    ]
    assert "step 1: weigh" in run("tasks", "done", item.ref, "2", "--result", "sent").err
    run("tasks", "tick", item.ref, "2", "1")
    run("tasks", "tick", item.ref, "2", "2")
    assert "[ ] pack" in run("tasks", "tick", item.ref, "2", "2", "--undo").out
    run("tasks", "tick", item.ref, "2", "2")
    assert run("tasks", "done", item.ref, "2", "--result", "sent", *EARLY).out.splitlines() == [
        item.ref,
        "  [x] 2 Send a new one  executor  tim",
        "        [x] weigh",
        "        [x] pack",
        "      2026-03-02 09:00  sent",
    ]
    shown = run("show", item.ref).out
    assert "Tasks\n  [ ] 1 Remove the fault  executor  maja\n  [x] 2 Send a new one" in shown


def test_open_tasks_are_listed(run, shop, item):
    """The list has the open tasks with their numbers, those of one member, or those that are overdue."""
    run("tasks", "add", item.ref, "Send a new one", "--owner", "tim", "--due", "2026-03-03T12:00", "--step", "pack")
    assert run("tasks", "list", *EARLY).out.splitlines() == [
        "item      no  due        owner  kind      steps   task",
        f"{item.ref}   1             maja   executor          Remove the fault",
        f"{item.ref}   2  Tue 12:00  tim    executor  0 of 1  Send a new one",
    ]
    for options in (("--owner", "tim"), ("--mine", "--by", "tim"), ("--overdue", "--now", "2026-03-04")):
        assert [task["title"] for task in run("tasks", "list", *options, "--json").json["tasks"]] == ["Send a new one"]
    assert run("tasks", "list", "--overdue", *EARLY).out == "Nothing is to be done.\n"
    first = run("tasks", "list", "-n", "1", "--json").json
    assert f"--after {first['next']}" in run("tasks", "list", "-n", "1").out


def test_tasks_wait_for_others(run, shop, item):
    """A task that comes after another is not done before it; numbers that there are not are refused."""
    run("tasks", "add", item.ref, "Call her", "--after", "1")
    assert "the task before it: Remove the fault" in run("tasks", "done", item.ref, "2", "--result", "called").err
    assert run("tasks", "done", item.ref, "1", "--result", "mended", "--json").json["result"] == "mended"
    assert run("tasks", "done", item.ref, "2", "--result", "called").code == 0
    assert "no task 3" in run("tasks", "done", item.ref, "3", "--result", "called").err
    assert "no task 0" in run("tasks", "tick", item.ref, "0", "1").err


def test_tasks_are_done_in_a_sitting(run, shop, item):
    """A key closes the only open task with what was done; of several it asks which."""
    run("show", item.ref, "-i", "--by", "maja", typed="t\nmended\nq\n")
    assert [task.result for task in shop.tasks.of(item)] == ["mended"]
    assert "[t]ask done" not in run("show", item.ref, "-i", typed="q\n").out
    for title in ("Call her", "Send a new one"):
        run("tasks", "add", item.ref, title)
    run("show", item.ref, "-i", "--by", "maja", typed="t\n7\nt\n2\n\nt\n3\nsent\nq\n")
    assert {task.title: task.result for task in shop.tasks.of(item)} == {
        "Remove the fault": "mended", "Call her": None, "Send a new one": "sent",
    }  # fmt: skip
