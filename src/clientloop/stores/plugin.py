"""The built-in stores, named lazily: a database library is loaded when a store of it is opened."""

from collections.abc import Mapping

from clientloop.plugins import hookimpl


@hookimpl
def clientloop_register_stores() -> Mapping[str, str]:
    """The stores by the scheme of their URLs."""
    return {
        "memory": "clientloop.stores.memory:MemoryStore",
        "postgres": "clientloop.stores.postgres:PostgresStore",  # libpq takes both
        "postgresql": "clientloop.stores.postgres:PostgresStore",
        "sqlite": "clientloop.stores.sqlite:SqliteStore",
    }
