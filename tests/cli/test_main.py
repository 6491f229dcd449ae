"""The program as a whole: its commands, its exit codes, and what it says when something is wrong."""

import os
import re
import subprocess
import sys

import pytest

from clientloop.cli.app import FAILED, MISUSED
from clientloop.cli.commands import COMMANDS, PANELS

RUN = "import sys; sys.argv[0] = 'clientloop'; from clientloop.cli import main; main()"


def _process(code: str, *arguments: str, **more):
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, encoding="utf-8", check=False, **more
    )


@pytest.mark.parametrize("library", ["cyclopts", "rich"])
def test_without_the_extra_it_says_what_to_install(library):
    """Where a library of the extra is missing, the command names the extra and fails without a traceback."""
    done = _process(f"import sys; sys.modules[{library!r}] = None; {RUN}", "inbox")
    assert done.returncode == 1
    assert done.stderr == (f"clientloop: this needs the library '{library}': pip install 'clientloop[cli]'\n")


def test_a_missing_module_of_ours_is_not_taken_for_the_extra():
    """Whatever else cannot be imported is a fault, and is shown as one."""
    done = _process(f"import sys; sys.modules['clientloop.app'] = None; {RUN}", "inbox")
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "pip install" not in done.stderr


def test_the_process_ends_with_the_code_of_the_command(tmp_path):
    """The shell sees 0 when all went well, and 1 with the message on standard error when not."""
    assert _process(RUN, "processes", cwd=tmp_path).returncode == 0
    done = _process(RUN, "inbox", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (FAILED, "")
    assert done.stderr.startswith("clientloop: there is no store sqlite:///clientloop.db\n")


def test_output_is_utf_8_wherever_it_goes(tmp_path):
    """The words of customers come out as they are, also where the machine's own encoding does not have them."""
    code = f"from clientloop import ClientLoop\nClientLoop.open('sqlite:///a.db', space='čevlji').close()\n{RUN}"
    done = _process(
        code,
        "init",
        "sqlite:///a.db",
        "--space",
        "čevlji",
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert "space čevlji" in done.stdout


def test_a_reader_that_stops_early_is_no_fault():
    """Whoever reads along and has seen enough, as `head` does, gets no traceback."""
    command = [sys.executable, "-c", RUN, "processes", "show", "complaint"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        assert process.stderr.read() == ""


def test_help_lists_every_command(run, size):
    """Help names each command once, in the order of the table, and the help of each (of some) can be shown."""
    listed = re.findall(r"^│ (\w[\w-]*) ", run("--help").out, re.MULTILINE)
    assert listed == list(dict.fromkeys(path.partition(" ")[0] for path in COMMANDS))
    for path in tuple(COMMANDS)[:: size.pick(small=5, ci=1, night=1)]:
        shown = run(*path.split(), "--help")
        assert shown.code == 0
        assert f"Usage: clientloop {path}" in shown.out


def test_help_lists_commands_under_headings(run):
    """Commands stand under headings that say what they are for; defaults that say nothing are left out."""
    out = run("--help").out
    assert re.findall(r"^╭─ (.*?) ─+╮$", out, re.MULTILINE) == [*PANELS, "Help"]
    shown = run("inbox", "--help").out
    assert "[default: 20]" in shown
    assert shown.count("[default:") == 1


def test_reports_are_found_under_the_name_that_they_have_in_python(run, shop):
    """`loop.reports` is `clientloop report`, and `clientloop reports` as well."""
    assert run("reports", "loop").out == run("report", "loop").out != ""


def test_the_version_is_told(run):
    """`--version` prints a number of a version, and nothing else."""
    assert run("--version").out.strip().replace(".", "").isalnum()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("inbx",), 'Did you mean "inbox"?'),
        (("inbox", "--ownr", "mia"), "--ownr"),
        (("inbox", "--limit", "many"), "many"),
        (("show",), "requires an argument"),
        (("move", "7K3M9QXA", "assign"), "--by"),
        (("report", "loop", "--by", "colour"), "colour"),
    ],
)
def test_wrong_usage_is_told_with_a_code_of_its_own(run, arguments, message):
    """Whoever misspells a command or an option is told so on standard error; the exit code is 2."""
    done = run(*arguments)
    assert (done.code, done.out) == (MISUSED, "")
    assert message in done.err


def test_errors_are_told_with_their_hints(run, shop):
    """What the library refuses comes out as message and hint on standard error; the exit code is 1."""
    item = shop.feedback.receive(kind="complaint", channel="phone", text="Broken")
    done = run("move", item.ref, "asign", "--by", "desk")
    assert (done.code, done.out) == (FAILED, "")
    assert done.err == ("clientloop: no move 'asign' from state 'new' of complaint\n  did you mean 'assign'?\n")


def test_errors_are_red_on_a_terminal(run):
    """On a terminal an error is seen at once."""
    assert "\x1b[31mclientloop: there is no store" in run("inbox", terminal=True).err


def test_an_interrupt_ends_quietly(monkeypatch):
    """Control-C ends a command with the usual code, and without a traceback."""
    from clientloop.cli import app

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(app, "execute", interrupted)
    assert app.start(()) == 130
