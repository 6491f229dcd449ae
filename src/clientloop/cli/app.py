"""The program: what reads the command line, and what becomes of errors."""

import os
import sys
from collections.abc import Sequence
from functools import cache
from io import TextIOWrapper

from cyclopts import App, CycloptsError, Group, Parameter

from clientloop.cli.commands import ALIASES, COMMANDS, GROUPS, PANELS
from clientloop.cli.screen import Screen
from clientloop.errors import ClientLoopError

#: Exit codes, besides 0: something went wrong; it was called wrongly; it was interrupted.
FAILED, MISUSED, INTERRUPTED = 1, 2, 130


@cache
def program() -> App:
    """What reads the command line: made once, as it looks at every argument of every command."""
    app = App(
        name="clientloop",
        help="Every word a customer says becomes one item with an owner, a deadline, an answer and a measured outcome.",
        default_parameter=Parameter(negative=(), show_default=_worth_telling),
    )
    panels = {
        name: panel
        for number, heading in enumerate(PANELS)
        for panel in [Group(heading, sort_key=number)]
        for name in PANELS[heading]
    }
    app["--help"].group = app["--version"].group = Group("Help", sort_key=len(PANELS))
    for name, words in GROUPS.items():
        app.command(App(name=name, alias=ALIASES.get(name, ()), help=words, sort_key=_place(name), group=panels[name]))
    for path in COMMANDS:
        group, _, name = path.rpartition(" ")
        if group:
            app[group].command(COMMANDS[path], name=name, sort_key=_place(path))
        else:
            app.command(COMMANDS[path], name=name, sort_key=_place(path), group=panels[name])
    return app


def _worth_telling(default: object) -> str | None:
    """A default as help tells it; None, if it says no more than that nothing was said."""
    return str(default) if default else None


def _place(path: str) -> int:
    """Where help lists a command: in the order of the table."""
    return next(number for number, each in enumerate(COMMANDS) if each.startswith(path))


def start(arguments: Sequence[str]) -> int:
    """Run the command of a process, which writes to the streams of this process.

    Args:
        arguments: What follows the name of the program.

    Returns:
        The exit code.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and not stream.isatty():
            stream.reconfigure(encoding="utf-8", newline="\n")  # the same bytes on every machine
    try:
        code = execute(arguments, Screen())
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read along has seen enough; what is left must not fail again at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def execute(arguments: Sequence[str], screen: Screen) -> int:
    """Run a command.

    Args:
        arguments: What follows the name of the program.
        screen: Where to write.

    Returns:
        The exit code.
    """
    try:
        command, bound, wanted = program().parse_args(
            arguments, console=screen.out, error_console=screen.err, exit_on_error=False
        )
        ours = {"screen": screen, "console": screen.out}
        return int(command(*bound.args, **bound.kwargs, **{name: ours[name] for name in wanted}) or 0)
    except CycloptsError:  # cyclopts has said what was wrong
        return MISUSED
    except ClientLoopError as error:
        screen.fail(error)
        return FAILED
