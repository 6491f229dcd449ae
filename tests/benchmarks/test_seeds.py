from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from clientloop.model.feedback import Timer
from tests.benchmarks.bulk import Inserts
from tests.benchmarks.bulk import Store as Importing
from tests.benchmarks.growth import Store as Grown
from tests.benchmarks.ours import open_loop
from tests.benchmarks.seeds import HALVES, OWNERS, customer_id, fill, seed
from tests.benchmarks.sides import copy_database
from tests.benchmarks.words import items_per_word, person, word
from tests.benchmarks.writers import Four, One

ITEMS = 2_000


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with some items."""
    path = tmp_path_factory.mktemp("seed") / "seed.db"
    fill(path, ITEMS)
    return path


@pytest.fixture
def path(filled: Path, tmp_path: Path) -> Path:
    """A copy of that file."""
    return copy_database(filled, tmp_path / "copy.db")


@pytest.fixture
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other processes find this package where this one did; pytest alone needs no path for that."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))


def count(path: Path, table: str, where: str = "1") -> int:
    """How many rows of a table satisfy a condition."""
    with closing(sqlite3.connect(path)) as connection:
        [found] = connection.execute(f"SELECT count(*) FROM clientloop_{table} WHERE {where}").fetchone()
    return int(found)


def test_a_seed_is_sound(filled: Path) -> None:
    """What is written by SQL keeps every reference and every index."""
    with closing(sqlite3.connect(filled)) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        [size] = connection.execute("SELECT count(*) FROM sqlite_schema WHERE type = 'index'").fetchone()
    assert size > 10


def test_a_seed_has_the_shares_that_it_promises(filled: Path) -> None:
    """Nineteen of twenty items have ended, each open one has a timer, about half of which are due."""
    open_items = count(filled, "feedback", "is_open = 1")

    assert count(filled, "feedback") == ITEMS
    assert 0.03 < open_items / ITEMS < 0.07
    assert count(filled, "timer") == open_items
    assert 0.3 < count(filled, "timer", "wake_at < unixepoch() * 1000000") / open_items < 0.7
    assert 0 < count(filled, "outbox") < open_items


def test_items_of_a_seed_are_those_of_the_api(path: Path) -> None:
    """A copied item is found by its owner, its customer and its number, and can be moved on."""
    with open_loop(path) as loop:
        owner = next(owner for owner in OWNERS if loop.inbox(owner=owner).items)
        item = loop.inbox(owner=owner).items[0]
        [customer] = loop.customers.find(email=person(7).email)

        assert loop.feedback.get(item.ref) == item
        assert [move.move for move in loop.feedback.history(item)] == ["receive", "assign"]
        assert loop.feedback.move(item, "start", by=owner).state == "working"
        assert customer.id == customer_id(7)
        assert len(loop.customers.timeline(customer, limit=1)) == 1


def test_items_of_a_seed_are_found_by_their_words(filled: Path, path: Path) -> None:
    """The index of words holds every item, and is kept in step from then on."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO clientloop_search (clientloop_search) VALUES ('integrity-check')")
    with open_loop(path) as loop:
        found = loop.feedback.search(word(1), limit=ITEMS)
        latest = loop.feedback.receive(kind="idea", channel="form", text=word(1))

        assert 0.9 < len(found) / items_per_word(ITEMS, 1) < 1.1
        assert loop.feedback.search(word(1)).items[:2] == (latest, found.items[0])
        assert all(loop.feedback.search(half, limit=1).items for half in HALVES)
        assert not loop.feedback.search(" ".join(HALVES)).items
        assert [count(filled, "search_item"), count(path, "search_item")] == [ITEMS, ITEMS + 1]


def test_a_seed_is_made_once(tmp_path: Path) -> None:
    """The second time the file is there; nothing unfinished stays behind."""
    first = seed(tmp_path, 10)
    made = first.stat().st_mtime_ns

    assert seed(tmp_path, 10) == first
    assert first.stat().st_mtime_ns == made
    assert list(tmp_path.iterdir()) == [first]


def test_claims_leave_a_seed_as_good_as_before(path: Path) -> None:
    """A lease that is over at once leaves what was claimed due, so that the same file can be timed again."""
    with closing(Grown(path, ITEMS)) as store:
        due = count(path, "timer", "wake_at < unixepoch() * 1000000")
        for _ in range(2):
            store._claim(Timer, 10, due // 10)()

    assert count(path, "timer", "wake_at < (unixepoch() + 1) * 1000000") >= due
    assert count(path, "timer", "version > 2") > 0


def test_a_page_that_is_not_full_is_no_measurement(path: Path) -> None:
    """With so few items nobody has fifty open ones, and the short page is refused."""
    with closing(Grown(path, ITEMS)) as store, pytest.raises(AssertionError, match="a page of"):
        store.inbox(1)()


def test_the_inserts_of_an_import_are_repeated(path: Path) -> None:
    """The loop leaves as many rows in every table as the import; it refuses to close otherwise."""
    inserts = Inserts(path, Importing)
    before = count(path, "interaction")

    inserts.purchases(50)()
    inserts.purchases_with_phones(30)()
    inserts.close()

    assert count(path, "interaction") == before + 80
    assert count(path, "identity", "kind = 'external'") == count(path, "customer") - 1_000


@pytest.mark.in_ci("starts four processes")
def test_processes_receive_together(path: Path, importable: None) -> None:
    """Four processes share the messages, and close only when each of them is in the file."""
    writers = Four(path)

    writers.receive(8)()
    longest = writers.longest(4)()
    writers.close()

    assert count(path, "feedback") == ITEMS + 12
    assert longest is not None
    assert longest > 0


def test_a_lost_item_is_noticed(path: Path, importable: None) -> None:
    """What a process has acknowledged must be there at the end."""
    writer = One(path)
    writer.receive(2)()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM clientloop_feedback WHERE id = (SELECT max(id) FROM clientloop_feedback)")
        connection.commit()

    with pytest.raises(RuntimeError, match="1 of 2002 items are lost"):
        writer.close()


def test_a_process_that_fails_is_noticed(path: Path, importable: None) -> None:
    """An error in another process stops the measurement, and what it did not write counts as lost."""
    writer = One(path)
    run = writer.receive(1)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM clientloop_identity")
        connection.commit()

    with pytest.raises(RuntimeError, match="IndexError"):
        run()
    with pytest.raises(RuntimeError, match="1 of 2001 items are lost"):
        writer.close()
