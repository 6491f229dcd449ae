"""Going through the inbox by single keys."""

import os
import re
import select
import subprocess
import sys
import time

import pytest

from clientloop import Role
from clientloop.cli.keys import Keyboard

MAIN = "import sys; sys.argv[0] = 'clientloop'; from clientloop.cli import main; main()"

#: Ten times what the slowest answer of the program took when it was measured.
PATIENCE = 30.0


@pytest.fixture
def item(shop):
    """A complaint."""
    return shop.feedback.receive(kind="complaint", channel="form", text="The parcel came broken")


def test_items_are_opened_moved_and_left_by_keys(run, shop, item):
    """A key opens an item, another makes a move, which asks for what it requires; then the inbox is shown again."""
    done = run("inbox", "-i", "--now", "2026-03-02T09:00", typed="1\na\ndesk\nmaja\nb\nq\n")
    assert done.code == 0
    assert "[1] open  [r]eload  [q]uit" in done.out
    assert "    | The parcel came broken" in done.out
    assert "[a]ssign" in done.out
    assert f"{item.ref}  new -> assigned\n  owner maja, due in 24 h" in done.out
    assert done.out.count("item  ") == 2
    assert shop.feedback.get(item).owner == "maja"
    assert shop.feedback.history(item)[-1].by == "desk"


def test_whoever_is_known_is_not_asked(run, shop, item):
    """With `--by` nobody is asked for a name, and the roles are those of the staff list."""
    shop.staff.add("marko", roles=(Role.OWNER, Role.SUPERIOR))
    run("inbox", "-i", "--by", "marko", typed="1\nR\nmisuse\nq\n")
    [_, row] = shop.feedback.history(item)
    assert (row.move, row.by, row.role) == ("reject", "marko", Role.SUPERIOR)


def test_what_is_refused_is_told_and_nothing_is_lost(run, shop, item):
    """A move that lacks something says so, and the item is still there to be moved."""
    done = run("show", item.ref, "-i", "--by", "maja", typed="a\n\na\nmaja\nq\n")
    assert "missing to" in done.err
    assert shop.feedback.get(item).owner == "maja"


def test_nobody_moves_nothing(run, shop, item):
    """Whoever gives no name makes no move, as the journal would not know who it was."""
    done = run("show", item.ref, "-i", typed="a\n\nq\n")
    assert "nobody said who moves it" in done.err
    assert len(shop.feedback.history(item)) == 1


def test_keys_of_moves_are_the_same_in_all_states(run, shop, item):
    """What a key does depends on the kind alone: `U` is the update of a complaint, wherever its loop stands."""
    before = run("show", item.ref, "-i", typed="q\n").out
    shop.feedback.move(item, "assign", to="maja", by="desk")
    after = run("show", item.ref, "-i", typed="q\n").out
    keys = [set(re.findall(r"\S*\[\w\]\S*", out)) for out in (before, after)]
    assert {"[U]pdate", "[h]and_over", "[D]uplicate"} <= keys[0] & keys[1]


def test_pages_are_turned(run, shop):
    """Nine items stand on a page; `n` shows the next ones, `f` the first, and other keys do nothing."""
    for number in range(11):
        shop.feedback.receive(kind="idea", channel="form", text=f"Idea {number:02}")
    out = run("inbox", "-i", typed="n\nx\nf\nq\n").out
    assert [out.count(f"Idea {number:02}") for number in (0, 8, 9, 10)] == [2, 2, 1, 1]
    assert out.count("[n]ext page") == 2


def test_what_was_found_by_words_is_not_summed_up(run, shop, item):
    """Items that were looked for by their words are listed without the sum of all that is open."""
    shop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
    out = run("inbox", "-i", "--text", "parcel", typed="q\n").out
    assert item.ref in out
    assert " open," not in out
    assert "2 open, 2 overdue" in run("inbox", "-i", typed="q\n").out


def test_the_end_of_the_input_ends_it(run, shop, item):
    """Where nothing more is typed, the program ends, wherever it is."""
    for typed in ("", "1\n", "1\na\n"):
        assert run("inbox", "-i", typed=typed).code == 0
    assert shop.feedback.get(item).state == "new"


def test_an_empty_inbox_can_be_sat_at(run, shop):
    """With nothing in the inbox there is nothing to open."""
    out = run("inbox", "-i", typed="q\n").out
    assert "Nothing waits.\n\n[r]eload  [q]uit" in out


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such terminal")
def test_single_keys_are_enough_on_a_terminal(shop, item):
    """On a real terminal a key acts at once, arrows do nothing, and the terminal is left as it was found."""
    import pty
    import termios

    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    command = [sys.executable, "-c", MAIN, "inbox", "-i", "--by", "maja"]
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave)
    try:
        for wanted, keys in (("uit", "\x1b[A1"), ("and_over", "a"), ("to: ", "maja\n"), ("assigned", "q")):
            _until(master, wanted)
            os.write(master, keys.encode())
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait()
    assert termios.tcgetattr(slave) == before
    for end in (master, slave):
        os.close(end)
    assert shop.feedback.get(item).owner == "maja"


def _until(terminal, wanted):
    """Read what is written until something is."""
    end, seen = time.monotonic() + PATIENCE, ""
    while wanted not in seen:
        ready, _, _ = select.select([terminal], [], [], max(0, end - time.monotonic()))
        assert ready, f"{wanted!r} was never written, but {seen!r}"
        seen += os.read(terminal, 4096).decode(errors="replace")


def test_keys_typed_ahead_are_kept(tmp_path):
    """Keys that were pressed in one go come one by one."""
    file = tmp_path / "typed"
    file.write_text("ab\n\nc")
    with file.open() as stream:
        keyboard = Keyboard(stream)
        assert [keyboard.key() for _ in range(4)] == ["a", "", "c", None]
