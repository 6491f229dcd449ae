"""Writes the page of the built-in processes, `reference/processes.md`, from their declarations.

Run `python docs/processes.py` after a change of `src/clientloop/presets/`; a test compares the page with them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from clientloop.model.feedback import Outcome
from clientloop.presets.common import COMMON
from clientloop.presets.processes import PROCESSES
from clientloop.rules.loop.case import Loop
from clientloop.rules.loop.drawing import DEADLINE_HEADINGS, MOVE_HEADINGS, deadline_table, mermaid, rows, table
from clientloop.rules.loop.process import prepare

PAGE = Path(__file__).parent / "reference" / "processes.md"

_INTRODUCTION = """\
# Processes

The loops of the five kinds of feedback, and of `unsorted`, which holds what nobody has sorted yet, as they are
declared in `clientloop.presets`. The program prints the same with `clientloop processes show KIND`, for the kinds of
plugins too.

Who may make a move: o the owner, s a superior, y the system (at the deadlines in brackets), c the customer. T: the
customer is told, by the template of that name. A deadline whose moves are all refused escalates. What the system
escalates waits for working hours, unless it is critical. Whoever watches an item hears when it comes into another
state.
"""


def page() -> str:
    """The whole page."""
    kinds = (line for process in PROCESSES for line in _kind(prepare(process, COMMON)))
    return "\n".join([_INTRODUCTION, *_common(), *kinds])


def _common() -> Iterator[str]:
    deadlines = {rule.name: rule for rule in COMMON.deadlines}
    yield "## Common to all\n"
    yield f"Ends: {_ends(COMMON.ends)}\n"
    yield from _table(MOVE_HEADINGS, rows(COMMON.moves, deadlines))
    yield from _table(DEADLINE_HEADINGS, deadline_table(deadlines))


def _kind(loop: Loop) -> Iterator[str]:
    process = loop.process
    receipt, *_ = table(loop)
    yield f"## {process.title}\n"
    yield f"Solved in {_code(process.solved)}; reopened into `{process.working}`. Ends: {_ends(process.ends)}\n"
    yield from _table(MOVE_HEADINGS, (receipt, *rows(process.moves, loop.deadlines)))
    yield from _table(DEADLINE_HEADINGS, deadline_table({rule.name: rule for rule in process.deadlines}))
    yield f"```text\n{mermaid(loop)}```\n"


def _ends(ends: Mapping[str, Outcome]) -> str:
    return ", ".join(f"`{state}` ({outcome})" for state, outcome in ends.items()) + "."


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(headings: Sequence[str], cells: Iterable[Sequence[str]]) -> Iterator[str]:
    for row in (headings, ["---"] * len(headings), *cells):
        yield f"| {' | '.join(row)} |"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
