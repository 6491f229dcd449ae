"""Where commands write: tables and colours on a terminal, plain and stable lines elsewhere."""

import json
from collections.abc import Iterable, Sequence

from attrs import field, frozen
from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from clientloop.errors import ClientLoopError
from clientloop.model.codec import Json

#: How wide help is where no terminal is; tables and texts are then never wrapped.
_WIDTH = 100

#: C0 and C1 controls but line feed and tab: what customers write must not steer a terminal.
_CONTROLS = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}


@frozen(kw_only=True)
class Cell:
    """Some text in a style of rich."""

    #: The text.
    text: str
    #: The style, seen on terminals only.
    style: str = ""


#: What stands in a table.
Value = str | Cell | None


@frozen(kw_only=True)
class Grid:
    """A table."""

    #: What the columns are called.
    columns: Sequence[str]
    #: The rows, each with a value for each column.
    rows: Sequence[Sequence[Value]]
    #: Names of the columns with numbers, which stand on the right.
    numbers: frozenset[str] = frozenset()
    #: Name of the column that is cut at the edge of a terminal, so that each row stays one line; None: all are wrapped.
    cut: str | None = None


@frozen(kw_only=True, eq=False)
class Screen:
    """The two streams of a process."""

    #: Standard output.
    out: Console = field(factory=lambda: _console(stderr=False))
    #: Standard error.
    err: Console = field(factory=lambda: _console(stderr=True))

    def line(self, text: str = "", style: str = "") -> None:
        """One line, or several; on a terminal wrapped at its edge."""
        self.out.print(Text(clean(text), style=style), soft_wrap=not self.out.is_terminal)

    def title(self, text: str) -> None:
        """A heading, set apart from what goes before."""
        self.line()
        self.line(text, "bold")

    def table(self, grid: Grid) -> None:
        """A table: drawn on a terminal, aligned columns elsewhere."""
        if self.out.is_terminal:
            self.out.print(_drawn(grid))
        else:
            for line in _aligned(grid):
                self.line(line)

    def json(self, data: Json) -> None:
        """Data for a program."""
        self.out.print(
            json.dumps(data, ensure_ascii=False, indent=2), markup=False, highlight=False, soft_wrap=True, emoji=False
        )

    def fail(self, error: ClientLoopError) -> None:
        """What went wrong, and what to do about it."""
        self.err.print(Text(clean(f"clientloop: {error.message}"), style="red"), soft_wrap=True)
        if error.hint:
            self.err.print(Text(clean(f"  {error.hint}"), style="red"), soft_wrap=True)


def clean(text: str) -> str:
    r"""Text without what would steer a terminal.

    >>> clean("Broken\x1b[2J again\n")
    'Broken[2J again\n'
    """
    return text.translate(_CONTROLS)


def several(count: int, thing: str) -> str:
    """A number of things.

    >>> several(1, "item"), several(1234, "item")
    ('1 item', '1,234 items')
    """
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _WIDTH
    return console


def _drawn(grid: Grid) -> Table:
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for name in grid.columns:
        table.add_column(
            name,
            justify="right" if name in grid.numbers else "left",
            no_wrap=grid.cut not in (None, name),  # what may be wrapped has to give way; what is cut is never wrapped
        )
    for row in grid.rows:
        table.add_row(*(_text(value, cut=name == grid.cut) for name, value in zip(grid.columns, row, strict=True)))
    return table


def _text(value: Value, *, cut: bool = False) -> Text:
    cell = value if isinstance(value, Cell) else Cell(text=value or "")
    text = Text(clean(cell.text), style=cell.style)
    if cut:
        text.no_wrap, text.overflow = True, "ellipsis"
    return text


def _aligned(grid: Grid) -> Iterable[str]:
    """The rows as lines; a value of several lines becomes one."""
    rows = [[" ".join(_text(value).plain.split()) for value in row] for row in (grid.columns, *grid.rows)]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            _padded(text, width, right=name in grid.numbers)
            for name, text, width in zip(grid.columns, row, widths, strict=True)
        ]
        yield "  ".join(cells).rstrip()


def _padded(text: str, width: int, *, right: bool) -> str:
    padding = " " * (width - cell_len(text))
    return padding + text if right else text + padding
