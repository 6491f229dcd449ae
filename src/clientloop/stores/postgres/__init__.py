"""The store in a PostgreSQL database; needs the extra `postgres`."""

from clientloop.errors import MissingExtra

try:
    from clientloop.stores.postgres.store import PostgresStore
except ModuleNotFoundError as error:
    if error.name not in {"psycopg", "psycopg_pool"}:
        raise
    raise MissingExtra.of("postgres", error.name) from None

__all__ = ["PostgresStore"]
