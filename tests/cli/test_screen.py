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
