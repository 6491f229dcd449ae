"""Where commands write."""

from io import StringIO

import pytest

from clientloop.cli.screen import Cell, Grid
from tests.cli.terminal import screen

GRID = Grid(
    columns=("name", "count"), rows=[("čaj 茶", "7"), (Cell(text="tea\nbag", style="red"), None)], numbers={"count"}
)


@pytest.fixture
def out():
    """What was written."""
    return StringIO()


def test_tables_are_aligned_lines_where_no_terminal_is(out):
    """Elsewhere than on a terminal a row is one line, aligned by what characters take, without trailing blanks."""
    screen(out, out).table(GRID)
    assert out.getvalue() == "name     count\nčaj 茶       7\ntea bag\n"


def test_lines_are_never_wrapped_where_no_terminal_is(out):
    """A line of any length stays one line, so that programs can read it."""
    screen(out, out, width=20).line("word " * 50 + "end")
    assert out.getvalue().count("\n") == 1


def test_lines_are_wrapped_at_the_edge_of_a_terminal(out):
    """On a terminal a long line is wrapped between words."""
    screen(out, out, terminal=True, width=20).line("word " * 8 + "end")
    assert max(map(len, out.getvalue().splitlines())) <= 20


def test_json_is_written_as_it_is(out):
    """What is written for programs is not wrapped, coloured or escaped."""
    screen(out, out, width=20).json({"words": "Čaj [red] " * 10})
    assert out.getvalue() == '{\n  "words": "' + "Čaj [red] " * 10 + '"\n}\n'


def test_what_is_wrapped_stands_behind_its_mark(out):
    """On a terminal a long line goes on behind its mark, or behind blanks as wide; elsewhere it stays one line."""
    shown = screen(out, out, terminal=True, width=30)
    shown.hung("    | ", "word " * 8 + "end", again=True)
    shown.facts([("owner", "maja"), ("team", None), ("late", "first_answer, solution, next_update")])
    assert out.getvalue().splitlines() == [
        "    | word word word word word",
        "    | word word word end",
        "  owner     maja",
        "  late      first_answer,",
        "            solution,",
        "            next_update",
    ]
    screen(out, out, width=30).hung("    | ", "word " * 8 + "end")
    assert out.getvalue().splitlines()[-1] == "    | " + "word " * 8 + "end"


def test_an_empty_line_behind_a_mark_is_the_mark(out):
    """What is quoted keeps its empty lines, without blanks at their ends."""
    for terminal in (True, False):
        screen(out, out, terminal=terminal).hung("    | ", "", again=True)
    assert out.getvalue() == "    |\n    |\n"
