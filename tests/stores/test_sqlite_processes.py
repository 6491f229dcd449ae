"""Several processes on one SQLite file: nothing is lost, nobody is turned away, and a fork starts anew."""

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from clientloop.model.customers import Customer
from clientloop.model.messages import OutboundMessage
from clientloop.model.spaces import Space
from clientloop.model.units import Add, Insert, Unit
from clientloop.stores.sqlite import SqliteStore
from clientloop.testing.samples import sample
from tests.conftest import Size
from tests.faults.forks import run

#: Ten times what the slowest of them took.
HANG = 120

WRITER = """
import sys
from clientloop.model.customers import Customer
from clientloop.model.messages import OutboundMessage
from clientloop.model.units import Add, Insert, Unit
from clientloop.stores.sqlite import SqliteStore
from clientloop.testing.samples import sample

path, number, units = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
store = SqliteStore(path)
store.migrate()
print("ready", flush=True)
sys.stdin.readline()
for unit in range(units):
    customers = [Insert(sample(Customer, 2 * unit + second, space=f"space-{number}")) for second in (0, 1)]
    store.commit(Unit((*customers, Add(sample(OutboundMessage), {"attempts": 1}))))
store.close()
"""

MIGRATION = """
import sys
from clientloop.stores.sqlite import SqliteStore

store = SqliteStore(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
store.migrate()
store.close()
"""


def at_once(code: str, arguments: Sequence[Sequence[object]]) -> list[str]:
    """What processes that were started together wrote to standard error; all ended well."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, *map(str, each)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            text=True,
        )
        for each in arguments
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()
        return [process.communicate("go\n", timeout=HANG)[1] for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_four_processes_write_one_file(sqlite_store: SqliteStore, file: Path, size: Size) -> None:
    """Every unit of every process is there, the sum that all add to is right, and none found the file locked."""
    units = size.pick(small=50, ci=200, night=5_000)
    assert at_once(WRITER, [(file, number, units) for number in range(4)]) == [""] * 4
    for number in range(4):
        customers = sqlite_store.pages(Customer, f"space-{number}")
        assert list(customers) == [sample(Customer, each, space=f"space-{number}") for each in range(2 * units)]
    counted = sqlite_store.get(OutboundMessage, ("main", sample(OutboundMessage).id))
    assert counted is not None
    assert counted.attempts == 4 * units


def test_several_processes_make_one_file(tmp_path: Path, size: Size) -> None:
    """Whoever comes first makes the tables; the others wait for them, and all can work."""
    for attempt in range(size.pick(small=1, ci=5, night=100)):
        path = tmp_path / f"{attempt}.db"
        assert at_once(MIGRATION, [(path,)] * 4) == [""] * 4
        with closing(SqliteStore(path)) as store:
            store.commit(Unit((Insert(Space(space="main")),)))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks: connections after a fork not tested")
def test_a_forked_process_opens_its_own_connections(sqlite_store: SqliteStore) -> None:
    """Parent and child go on with the same object, each over connections of its own, and neither harms the other."""
    sqlite_store.commit(Unit((Insert(Space(space="before")),)))
    parents = sqlite_store._links._idle[0]
    child = os.fork()
    if child == 0:
        try:
            assert sqlite_store.get(Space, ("before",)) is not None
            assert parents not in sqlite_store._links._idle
            sqlite_store.commit(Unit((Insert(Space(space="child")),)))
            sqlite_store.close()
        except BaseException:  # noqa: BLE001  # a forked test process must not run the other tests
            os._exit(1)
        os._exit(0)
    for number in range(20):
        sqlite_store.commit(Unit((Add(sample(OutboundMessage), {"attempts": 1}), Insert(Space(space=f"{number}")))))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert sqlite_store.get(Space, ("child",)) is not None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks: connections after a fork not tested")
def test_a_forked_process_closes_nothing_of_its_parents(sqlite_store: SqliteStore) -> None:
    """A store that is closed in a child, which has not used it, keeps the connections that came by the fork."""
    sqlite_store.commit(Unit((Insert(Space(space="before")),)))
    parents = sqlite_store._links._idle[0]

    def close() -> None:
        sqlite_store.close()
        assert parents.connection.total_changes > 0, "tells nothing once it is closed"

    assert run(close) == 0
    assert sqlite_store.get(Space, ("before",)) is not None
