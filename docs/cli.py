"""Writes the page of the command line, `reference/cli.md`, from the commands and their docstrings.

Run `python docs/cli.py` after a change of `src/clientloop/cli/`; a test compares the page with them.
"""

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from attrs import fields
from cyclopts import App, Argument

from clientloop.cli import members, teams
from clientloop.cli.app import program
from clientloop.cli.commands import COMMANDS
from clientloop.cli.importing import Layout
from clientloop.cli.inbox import Which
from clientloop.cli.options import Place
from clientloop.cli.tabling import Shape
from clientloop.exchange.mapping import AnswersMapping, CustomersMapping, FeedbackMapping, FileMapping, PurchasesMapping

PAGE = Path(__file__).parent / "reference" / "cli.md"

_INTRODUCTION = """\
# The command line

What `clientloop --help` and `clientloop COMMAND --help` say, on one page. The commands come with the extra `cli`:
`pip install "clientloop[cli]"`.

On a terminal, what is late is red, what is due today yellow, what is far off dim. Long words are cut at its edge, and
on a narrow one the columns that matter least are left out. Elsewhere a row is one line, columns are aligned by blanks,
and nothing is coloured, cut or wrapped; nor is anything coloured where the environment has the variable `NO_COLOR`. A
program had better read `--json`: names and ids as text, times in UTC by ISO 8601, spans of time in seconds. Errors go
to standard error.

Who does something is said by `--by`, or once for all commands by the variable `CLIENTLOOP_MEMBER`. A customer is named
by an id, an e-mail address, a phone number, an id in another system, or the whole name; an account or an improvement by
its id, or by its whole name or title.

| exit code | means |
|---|---|
| 0 | all went well |
| 1 | something was refused or has failed, rows of an import were rejected, or the doctor has found something wrong |
| 2 | the command was not understood |
| 130 | it was interrupted |
"""

#: Options that many commands share, each sort described once: what has them, and a command that takes them.
_SHARED: Mapping[str, tuple[type, str]] = {
    "Where": (Place, "inbox"),
    "Which items": (Which, "inbox"),
    "The member": (members.Traits, "members add"),
    "The team": (teams.Traits, "teams add"),
    "The file": (Layout, "import feedback"),
    "The table": (Shape, "report abc"),
}

_NOTES = {
    "Where": "Options of every command that has to do with a store.",
    "Which items": "Options of commands on several items. Several values of one option mean any of them, several tags\n"
    'all. A condition in JSON is written like `{"product": "tent", "rating": {"at most": 2}}`.',
    "The member": "What the staff list says of a member. An empty text takes a value away.",
    "The team": "What is known of a team. An empty text takes a value away.",
    "The file": "Options of every import. A mapping is a TOML file with the keys `source`, `delimiter`, `encoding`, "
    "`header`,\n`dates`, `zone`, `region`, `trust` and `keep`, and the tables `columns`, `default` and `values`.",
    "The table": "Options of reports that are tables. The [reference](reports.md) names the columns of each: the "
    "fields of its\nrows, those of a part after a dot. The beginning of a name stands for all parts.",
}


#: What the files of each import can say.
_MAPPINGS: Mapping[str, type[FileMapping]] = {
    "import customers": CustomersMapping,
    "import purchases": PurchasesMapping,
    "import feedback": FeedbackMapping,
    "import answers": AnswersMapping,
}


class Option(NamedTuple):
    """An option or an argument."""

    #: How it is written.
    name: str
    #: What it is.
    words: str


def page() -> str:
    """The whole page."""
    app = program()
    commands = (line for path in COMMANDS for line in _command(app, path))
    shared = (line for heading in _SHARED for line in _section(app, heading))
    return "\n".join([_INTRODUCTION, *commands, *shared])


def _named(app: App, path: str) -> App:
    for name in path.split():
        app = app[name]
    return app


def _command(app: App, path: str) -> Iterator[str]:
    app = _named(app, path)
    text = inspect.getdoc(COMMANDS[path]) or ""
    words, _, described = text.partition("\nArgs:\n")
    told = dict(re.findall(r"^ {4}(\w+): (.*)$", described, re.MULTILINE))
    yield f"## clientloop {path}\n"
    yield f"{words.strip()}\n"
    arguments = _arguments(app)
    if own := [_option(each, told) for each in arguments if _shared_by(each) is None]:
        yield from _table(own)
    if headings := sorted({heading for each in arguments if (heading := _shared_by(each))}):
        links = (f"[{heading}](#{heading.lower().replace(' ', '-')})" for heading in headings)
        yield f"And the options of {' and '.join(links)}.\n"
    if path in _MAPPINGS:
        yield "The fields that a column, a default or a value can be named for:\n"
        yield from _table([Option(f"`{name}`", what) for name, what in _MAPPINGS[path].FIELDS.items()], "field")


def _section(app: App, heading: str) -> Iterator[str]:
    _, path = _SHARED[heading]
    arguments = _arguments(_named(app, path))
    yield f"## {heading}\n"
    yield f"{_NOTES[heading]}\n"
    yield from _table([_option(each, {}) for each in arguments if _shared_by(each) == heading])


def _arguments(app: App) -> list[Argument]:
    """What can be typed."""
    return [each for each in app.assemble_argument_collection() if each.show and each.parameter.parse is not False]


def _shared_by(argument: Argument) -> str | None:
    """The heading under which an argument is described, if it is one of those that many commands share."""
    groups = {group.name for group in argument.parameter.group}
    for heading, (cls, _) in _SHARED.items():
        if heading in groups and argument.field_info.name in {each.name for each in fields(cls)}:
            return heading
    return None


def _option(argument: Argument, told: dict[str, str]) -> Option:
    name = " or ".join(f"`{name}`" for name in argument.names if not name.startswith(("--no-", "--empty-")))
    words = argument.parameter.help or told[argument.field_info.name]
    if argument.parameter.env_var:
        words += f" The variable `{argument.parameter.env_var[0]}` of the environment may say it."
    if choices := argument.get_choices():
        words += f" One of {', '.join(f'`{choice}`' for choice in choices)}."
    return Option(name, words)


def _table(options: Sequence[Option], heading: str = "option") -> Iterator[str]:
    yield f"| {heading} | what it says |"
    yield "|---|---|"
    yield from (f"| {option.name} | {option.words} |" for option in options)
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
