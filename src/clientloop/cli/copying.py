"""The commands that move a space to another store, and let it work again where it was."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Annotated

from cyclopts import Parameter

from clientloop.app import copy_space, unseal_space
from clientloop.app.addresses import without_password
from clientloop.cli.options import HERE, AsJson, OnScreen, Place
from clientloop.cli.screen import Grid, Screen, several
from clientloop.services.keeping.copying import Copied, Progress
from clientloop.services.setup.data import as_data

#: Hexadecimal digits of a digest that are shown: more than enough to tell two stores apart.
_SHOWN = 16


def copy(
    source: Annotated[str, Parameter(name="FROM")],
    target: Annotated[str, Parameter(name="TO")],
    /,
    *,
    space: str | None = None,
    json: AsJson = False,
    screen: OnScreen,
) -> None:
    """Move a firm to another store, as from a file to a server; broken off, the same command goes on with it.

    Stop the application and its workers first. The firm stays where it was, sealed: nobody works there any more.

    Args:
        source: The address of the store where the firm is.
        target: The address of the store where it goes, in which it was never opened.
        space: The firm, where a store holds several.
        json: Write JSON, for a program.
        screen: Where to write.
    """
    name = Place(space=space).read().space.name
    with _bar(screen) as told:
        copied = copy_space(source, target, space=name, progress=told)
    if json:
        return screen.json(as_data(copied))
    return _say(screen, copied)


def unseal(*, place: Place = HERE, screen: OnScreen) -> None:
    """Let a firm work again in the store that it was copied from; see to it that nobody works in the copy.

    Args:
        place: Where it was.
        screen: Where to write.
    """
    config = place.read()
    unseal_space(config.store, space=config.space.name)
    screen.line(f"{config.space.name} works in {without_password(config.store)} again.", "bold")


@contextmanager
def _bar(screen: Screen) -> Generator[Callable[[Progress], None] | None]:
    """A bar that shows how far a copy is, where a person looks on."""
    if not screen.err.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=screen.err, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda far: bar.update(task, description=far.phase.value, completed=far.rows, total=far.total)


def _say(screen: Screen, copied: Copied) -> None:
    screen.line(f"{copied.space} has moved to {copied.target}.", "bold")
    if copied.resumed:
        screen.line("  went on with a copy that had been broken off")
    if copied.mended:
        screen.line(f"  {several(copied.mended, 'record')} had changed meanwhile: copied again")
    screen.line(f"  {several(copied.rows, 'record')}, equal on both sides")
    screen.table(
        Grid(
            columns=("record", "number", "digest"),
            rows=[(name, f"{each.rows:,}", each.sum[:_SHOWN]) for name, each in copied.records.items()],
            numbers=frozenset({"number"}),
        )
    )
    screen.line(f"Open it there from now on. In {copied.source} it is sealed, and can be kept or deleted.")
