"""The recipes of `docs/how-to/keep-safe.md` for PostgreSQL, by the tools that come with it."""

import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from clientloop import ClientLoop, check_store
from clientloop.errors import NotSupported, SchemaOutdated
from clientloop.model.feedback import Feedback
from clientloop.stores.postgres import PostgresStore
from tests.postgres import Server

NAME = "restored"


@pytest.fixture
def loop(postgres: Server) -> Iterator[ClientLoop]:
    """A firm in a database."""
    with ClientLoop.open(postgres.empty_database(), entry_points=False) as loop:
        yield loop


def tool(postgres: Server, name: str, *arguments: str) -> None:
    """Run a program of the server's version."""
    done = subprocess.run([postgres.programs / name, *arguments], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_database_of_another_version_is_not_damaged(postgres: Server) -> None:
    """Its owner is told to bring it up to date, and not to restore a backup."""
    url = postgres.new_database(NAME)
    with ClientLoop.open(url, entry_points=False):
        assert list(check_store(url, entry_points=False)) == []
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE clientloop_version SET version_num = '0001'")
    with pytest.raises(SchemaOutdated, match=r"0001(.|\n)*clientloop init"):
        list(check_store(url, entry_points=False))
    postgres.drop_database(NAME)


def test_a_dump_is_restored_whole(postgres: Server, loop: ClientLoop, tmp_path: Path) -> None:
    """What pg_dump has written pg_restore makes a store of, which passes the check."""
    item = loop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
    dump = str(tmp_path / "shop.dump")
    tool(postgres, "pg_dump", "--format=custom", f"--file={dump}", postgres.of("clientloop"))
    postgres.drop_database(NAME)
    url = postgres.new_database(NAME)
    tool(postgres, "pg_restore", "--exit-on-error", "--no-owner", f"--dbname={url}", dump)
    assert list(check_store(url, entry_points=False)) == []
    with closing(PostgresStore(url)) as restored:
        assert restored.get(Feedback, ("main", item.id)) == item
    postgres.drop_database(NAME)


def test_the_store_names_the_tools(loop: ClientLoop, tmp_path: Path) -> None:
    """Asked for a backup itself, it says who makes them, and writes nothing."""
    with pytest.raises(NotSupported, match="pg_dump"):
        loop.backup(tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []
