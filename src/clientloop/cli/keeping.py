"""The commands that keep a store safe: whether it holds together, and a copy of it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from clientloop.app import back_up_store, check_store
from clientloop.app.addresses import without_password
from clientloop.cli.options import HERE, AsJson, OnScreen, Place
from clientloop.cli.screen import Screen, several
from clientloop.services.keeping.checking import RULES
from clientloop.services.keeping.rules import Breach
from clientloop.services.setup.data import as_data

#: Breaches of one rule that are shown: whoever has more does not mend them one by one.
_SHOWN = 20


def check(*, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> int:
    """Look whether a store holds together: each item agrees with its journal, nothing is lost, nothing is left over.

    Exit code 1 if something is broken. Others may go on working; a backup is checked by --store.

    Args:
        json: Write JSON, for a program.
        place: Where to look; at all firms, unless one is named by --space.
        screen: Where to write.
    """
    config, read = place.found(), Counter[str]()
    broken: defaultdict[str, list[Breach]] = defaultdict(list)
    with _counting(screen, read) as progress:
        for breach in check_store(config.store, space=place.space, progress=progress):
            broken[breach.rule].append(breach)
    if json:
        screen.json(as_data({"records": read, "breaches": [each for found in broken.values() for each in found]}))
    else:
        _say(screen, broken, several(read.total(), "record"))
    return int(bool(broken))


def backup(file: Path, /, *, place: Place = HERE, screen: OnScreen) -> None:
    """Write a copy of a SQLite store, with all its firms, as it is at one moment; others go on working meanwhile.

    The copy is a store of its own, synced to the disk and found whole before it gets its name. PostgreSQL has tools of
    its own: pg_dump, and pg_basebackup.

    Args:
        file: The file to write; one that is there is never written over.
        place: What to copy.
        screen: Where to write.
    """
    config = place.found()
    back_up_store(config.store, file)
    size = file.stat().st_size
    screen.line(f"{without_password(config.store)} is copied to {file}, {size / 2**20:,.1f} MiB.", "bold")
    screen.line(f"  `clientloop check --store sqlite:///{file}` looks whether it holds together")


@contextmanager
def _counting(screen: Screen, read: Counter[str]) -> Generator[Callable[[str, int], None]]:
    """Counts the records that were read, by table; shown as it goes on where a person looks on."""
    if not screen.err.is_terminal:
        yield lambda table, more: read.update({table: more})
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=screen.err, transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def count(table: str, more: int) -> None:
            read[table] += more
            bar.update(task, description=f"{several(read.total(), 'record')} read, {table} now")

        yield count


def _say(screen: Screen, broken: Mapping[str, list[Breach]], read: str) -> None:
    for name, found in broken.items():
        screen.line(f"{RULES[name].says} That is not so ({name}):", "red")
        for breach in found[:_SHOWN]:
            screen.line(f"  {' '.join(map(str, (breach.record, *breach.key)))}: {breach.message}")
        if len(found) > _SHOWN:
            screen.line(f"  and {len(found) - _SHOWN:,} more; --json shows all")
        screen.line(f"  What to do: {RULES[name].do}")
    if broken:
        screen.line(f"{read} read; {len(broken)} of {len(RULES)} rules are broken.", "bold")
    else:
        screen.line(f"{read} read; all {len(RULES)} rules hold.", "green")
