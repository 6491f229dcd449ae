"""How the PostgreSQL store is asked for: its library, the addresses that users know from elsewhere, and passwords."""

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from io import StringIO

import psycopg
import pytest

from clientloop import ClientLoop
from clientloop.cli.app import execute
from clientloop.errors import InvalidValue, MissingExtra, StoreError, UnknownName
from clientloop.model.customers import Customer
from clientloop.stores.postgres import PostgresStore
from tests.cli.terminal import screen
from tests.postgres import Server


@pytest.mark.parametrize("library", ["psycopg", "psycopg_pool"])
def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    """With the command that mends it."""
    for name in [name for name in sys.modules if name.startswith("clientloop.stores.postgres")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtra, match=rf"'{library}': pip install 'clientloop\[postgres\]'"):
        ClientLoop.open("postgresql://localhost/shop", entry_points=False)


def test_the_short_scheme_is_the_same(postgres: Server) -> None:
    """`postgres://` is what many hosts of databases hand out."""
    url = postgres.empty_database().replace("postgresql://", "postgres://", 1)
    with ClientLoop.open(url, entry_points=False) as loop:
        item = loop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
        assert loop.feedback.get(item.id) == item


@pytest.mark.parametrize("scheme", ["postgresql+psycopg", "postgresql+psycopg2", "postgresql+asyncpg", "postgre"])
def test_a_scheme_of_sqlalchemy_has_a_hint(scheme: str) -> None:
    """Which driver is used is no matter of the address here."""
    with pytest.raises(UnknownName, match="did you mean 'postgres"):
        ClientLoop.open(f"{scheme}://localhost/shop", entry_points=False)


def test_why_nobody_answers_is_one_line() -> None:
    """The driver's own words, with what to do."""
    with pytest.raises(StoreError, match=r"[Cc]onnection refused.*; check|[Cc]onnection refused.*: check") as refused:
        ClientLoop.open("postgresql://u:hush@127.0.0.1:1/shop", entry_points=False)
    assert "\n" not in str(refused.value)
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize("address", ["{url}&connections=2", "{base}?connections=2&{options}"])
def test_the_address_says_how_many_connections_there_are_at_most(postgres: Server, address: str) -> None:
    """More threads than that wait for one another."""
    url = f"{postgres.empty_database()}&application_name=counted"
    base, _, options = url.partition("?")
    with (
        closing(PostgresStore.open(address.format(url=url, base=base, options=options))) as store,
        psycopg.connect(url, application_name="counting") as counting,
        ThreadPoolExecutor(8) as pool,
    ):
        for done in [pool.submit(store.page, Customer, "main") for _ in range(32)]:
            done.result(60)
        sessions = counting.execute("SELECT FROM pg_stat_activity WHERE application_name = 'counted'").fetchall()
    assert 1 <= len(sessions) <= 2


@pytest.mark.parametrize("asked", ["0", "x", "-1", "99999", "", "9" * 5000, "\u0664"])
def test_a_number_of_connections_that_is_none_is_named(asked: str) -> None:
    """It is not taken for a fault of the rest of the address."""
    with pytest.raises(InvalidValue, match=r"`connections` is no number from 1 to 9999: write it like \?connections=4"):
        PostgresStore.open(f"postgresql://u:hush@127.0.0.1:1/shop?connections={asked}&connect_timeout=1")


def test_a_schema_that_is_missing_is_named(postgres: Server) -> None:
    """With the statement that makes it."""
    with pytest.raises(StoreError, match=r"no schema has been selected.*CREATE SCHEMA"):
        ClientLoop.open(f"{postgres.empty_database()}&options=-c%20search_path%3Dnowhere", entry_points=False)


@pytest.mark.parametrize("command", [("init",), ("doctor",), ("unseal",)])
def test_no_command_shows_a_password(postgres: Server, command: tuple[str, ...]) -> None:
    """What the command line says of an address may be seen over a shoulder, and is kept in logs."""
    url = postgres.empty_database().replace("postgres:@", "postgres:hush@", 1)
    out, err = StringIO(), StringIO()
    for each in {"init", *command}:
        execute([each, "--store", url], screen(out, err))
    said = out.getvalue() + err.getvalue()
    assert "postgres@" in said
    assert "hush" not in said
