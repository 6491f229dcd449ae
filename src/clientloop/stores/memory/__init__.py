"""The store in memory: `MemoryStore`."""

from clientloop.stores.memory.store import MemoryStore

__all__ = ["MemoryStore"]
