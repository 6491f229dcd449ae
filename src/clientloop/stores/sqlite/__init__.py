"""The store in a SQLite file: `SqliteStore`."""

from clientloop.stores.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
