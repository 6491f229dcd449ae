"""The memory store, judged by the suite for all stores."""

import pytest

from clientloop.stores.memory import MemoryStore
from clientloop.testing import StoreSuite


class TestMemoryStore(StoreSuite):
    """The conformance suite."""

    @pytest.fixture
    def store(self) -> MemoryStore:
        """A fresh store."""
        return MemoryStore()
