"""The PostgreSQL store, judged by the suite for all stores, and what it promises beyond."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from clientloop.stores.postgres import PostgresStore
from clientloop.testing import StoreSuite
from tests.postgres import Server


class TestPostgresStore(StoreSuite):
    """The conformance suite."""

    @pytest.fixture
    def store(self, postgres: Server) -> Iterator[PostgresStore]:
        """A fresh store."""
        with closing(PostgresStore(postgres.empty_database())) as store:
            yield store
