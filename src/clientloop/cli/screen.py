"""Where commands write: tables and colours on a terminal, plain and stable lines elsewhere."""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Self

from attrs import evolve, field, frozen
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from clientloop.cli.keys import Keyboard
from clientloop.errors import ClientLoopError
from clientloop.model.codec import Json

#: How wide help is where no terminal is; tables and texts are then never wrapped.
_WIDTH = 100

#: What should be seen at least of a column that is cut, and what stands between two columns on a terminal.
_LEAST, _GAP = 16, 2

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
    #: Names of columns that are left out where they hold nothing, and on a narrow terminal: the first named goes first.
    spare: Sequence[str] = ()

    def without(self, names: Collection[str]) -> Self:
        """The same table without some columns."""
        kept = [number for number, name in enumerate(self.columns) if name not in names]
        return evolve(
            self,
            columns=[self.columns[number] for number in kept],
            rows=[[row[number] for number in kept] for row in self.rows],
            spare=[name for name in self.spare if name not in names],
        )


@frozen(kw_only=True, eq=False)
class Screen:
    """The two streams that a process writes to, and what is typed into it."""

    #: Standard output.
    out: Console = field(factory=lambda: _console(stderr=False))
    #: Standard error.
    err: Console = field(factory=lambda: _console(stderr=True))
    #: What a person types, where a command is a talk.
    keys: Keyboard = field(factory=Keyboard)

    def pieces(self, *pieces: Value, end: str = "\n") -> None:
        """One line of several pieces, each in its own style."""
        self.out.print(Text.assemble(*map(_text, pieces)), soft_wrap=not self.out.is_terminal, end=end)

    def line(self, text: str = "", style: str = "") -> None:
        """One line, or several; on a terminal wrapped at its edge."""
        self.out.print(Text(clean(text), style=style), soft_wrap=not self.out.is_terminal)

    def facts(self, facts: Iterable[tuple[str, str | None]]) -> None:
        """Names with what is known of each, one a line; what nothing is known of is left out."""
        for name, value in facts:
            if value:
                self.hung(f"  {name:<9} ", value)

    def hung(self, mark: str, text: str, *, again: bool = False, style: str = "") -> None:
        """A line behind a mark; on a terminal what is wrapped stands behind the mark as well.

        Args:
            mark: What stands before it.
            text: The line.
            again: Whether the mark stands before what is wrapped, too, and not blanks.
            style: The style of the text.
        """
        said, room = Text(clean(text)), self.out.width - cell_len(mark)
        wrapped = said.wrap(self.out, room) if self.out.is_terminal and room >= _LEAST else [said]
        for number, line in enumerate(wrapped):
            before = mark if again or not number else " " * cell_len(mark)
            whole = Text.assemble(before, (line.plain, style))
            whole.rstrip()
            self.out.print(whole, soft_wrap=True)

    def copied(self, text: str, style: str = "dim") -> None:
        """A line that people copy from: no end of a line is put into it."""
        self.out.print(Text(clean(text), style=style), soft_wrap=True)

    def title(self, text: str) -> None:
        """A heading, set apart from what goes before."""
        self.line()
        self.line(text, "bold")

    def table(self, grid: Grid) -> None:
        """A table: drawn on a terminal, aligned columns elsewhere."""
        filled = grid.without([name for name in grid.spare if not any(_column(grid, name))])
        if self.out.is_terminal:
            self.out.print(_drawn(_fitted(filled, self.out.width)))
        else:
            for line in _aligned(filled):
                self.line(line)

    def json(self, data: Json) -> None:
        """Data for a program."""
        self.raw(json.dumps(data, ensure_ascii=False, indent=2))

    def raw(self, text: str) -> None:
        """Text for a program, as it is."""
        self.out.print(text, markup=False, highlight=False, soft_wrap=True, emoji=False)

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


def _column(grid: Grid, name: str) -> list[str]:
    """The values of a column, without its heading."""
    number = list(grid.columns).index(name)
    return [_text(row[number]).plain for row in grid.rows]


def _fitted(grid: Grid, width: int) -> Grid:
    """A table without the columns that there is no room for beside the one that is cut."""
    for name in grid.spare:
        if _needed(grid) > width:
            grid = grid.without([name])
    return grid


def _needed(grid: Grid) -> int:
    """How wide a table is, with what should be seen at least of the column that is cut."""
    widths = [_LEAST if name == grid.cut else max(map(cell_len, (name, *_column(grid, name)))) for name in grid.columns]
    return sum(widths) + _GAP * (len(widths) - 1)


def _drawn(grid: Grid) -> Table:
    table = Table(box=None, header_style="underline", padding=(0, _GAP, 0, 0), pad_edge=False)
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
