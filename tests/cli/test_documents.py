"""What the documentation says of the command line."""

import re
import runpy
import shlex
from pathlib import Path

import pytest

from clientloop.cli.app import program
from clientloop.cli.options import MEMBER_VARIABLE

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"])


def test_the_page_of_the_command_line_is_up_to_date() -> None:
    """`docs/reference/cli.md` says what the commands say; run `python docs/cli.py` to write it anew."""
    script = runpy.run_path(str(ROOT / "docs" / "cli.py"))
    assert script["PAGE"].read_text(encoding="utf-8") == script["page"]()


def _commands() -> list[str]:
    """Every command of the program in a block of shell lines, and those in running text that are whole."""
    found = []
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        for block in re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
            found += re.findall(r"(?:^|&& )clientloop (.*?)(?: \||$)", block, re.MULTILINE)
    return found


@pytest.mark.parametrize("command", _commands())
def test_commands_of_the_documentation_are_understood(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command that the documentation shows is one that the program understands, with its options."""
    monkeypatch.setenv(MEMBER_VARIABLE, "maja")
    program().parse_args(shlex.split(command), exit_on_error=False, print_error=False)


def test_commands_are_found() -> None:
    """The search for commands in the documentation finds some."""
    assert len(_commands()) > 10
