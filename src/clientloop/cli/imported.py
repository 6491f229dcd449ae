"""How far an import is, and what it has done, on the screen."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from clientloop.cli.screen import Grid, Screen
from clientloop.exchange.report import ImportReport, Progress

#: Tells an import how far it is.
Told = Callable[[Progress], None]

#: What an import counts, in words.
_COUNTS = {
    "rows": "rows",
    "added": "added",
    "duplicates": "there already",
    "updated": "of these changed what was there",
    "rejected": "rejected",
    "customers_added": "new customers",
    "customers_matched": "rows of customers who were known",
    "suggestions": "pairs of customers who may be one person",
    "doubtful": "items with times that cannot be: kept, flagged and not measured",
    "received_unknown": "items of unknown receipt, which have no times",
}

#: What is said even if there is none.
_ALWAYS = frozenset({"rows", "added", "duplicates", "rejected"})


@contextmanager
def bar(screen: Screen) -> Generator[Told | None]:
    """A bar that shows how far an import is, where a person looks on."""
    if not screen.err.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[rows]} rows"), TimeRemainingColumn())
    with Bar(*columns, console=screen.err, transient=True) as bar:
        task = bar.add_task("", total=1.0, rows=0)
        yield lambda far: bar.update(task, completed=far.done, rows=far.rows)


def say(screen: Screen, report: ImportReport, aside: Path) -> None:
    """Write what an import has done.

    Args:
        screen: Where to.
        report: What it has done.
        aside: Where the rejected rows lie.
    """
    screen.line("This is what an import would do." if report.dry_run else "Imported.", "bold")
    for name, words in _COUNTS.items():
        count = getattr(report, name)
        if count or name in _ALWAYS:
            screen.line(f"  {count:>9,} {words}")
    if report.problems:
        screen.title(f"Rejected rows{'' if report.dry_run else f', which lie in {aside}'}")
        screen.table(
            Grid(
                columns=("line", "column", "reason"),
                rows=[(str(problem.line), problem.field, problem.reason) for problem in report.problems],
                numbers=frozenset({"line"}),
            )
        )
        if report.rejected > len(report.problems):
            screen.line(f"and {report.rejected - len(report.problems):,} more")
