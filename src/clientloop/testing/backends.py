"""The stores and engines that the suites of metrics and of relationship models try what they judge on."""

from collections.abc import Iterator, Sequence

import pytest

from clientloop.app.loop import BUILTINS
from clientloop.plugins.registry import Registry
from clientloop.plugins.spec import Sort
from clientloop.ports.engine import Engine
from clientloop.ports.store import Store
from clientloop.stores.memory import MemoryStore
from clientloop.stores.sqlite.store import SqliteStore


class Backends:
    """Fixtures of a suite."""

    @pytest.fixture
    def stores(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sequence[Store]]:
        """The built-in stores that need no server."""
        stores: tuple[Store, ...] = (MemoryStore(), SqliteStore(tmp_path_factory.mktemp("stores") / "loop.db"))
        for store in stores:
            store.migrate()
        yield stores
        for store in stores:
            store.close()

    @pytest.fixture
    def engines(self) -> Sequence[Engine]:
        """All engines: the one that asks the store, those that are built in, and those of installed plugins."""
        registry = Registry(builtins=BUILTINS)
        return [Engine(), *(registry.engine(name)() for name in registry.names(Sort.ENGINE))]
