"""The store behind an address."""

import os
import re

from clientloop.errors import InvalidValue
from clientloop.plugins.registry import Registry
from clientloop.ports.store import Store

#: The scheme of an address; what else may stand before a colon may be a part of a password.
_SCHEME = re.compile(r"([\w.+-]+):")

_WRITTEN = "write it like sqlite:///shop.db or postgresql://user@host/shop"


def open_store(registry: Registry, url: Store | str) -> Store:
    """The store behind an address, not made ready yet.

    Args:
        registry: Knows the stores.
        url: The address, or the store itself.

    Raises:
        InvalidValue: It is none.
        UnknownName: No store has this scheme.
        PluginError: The store's plugin is wrong.
        StoreError: The store cannot be reached.
    """
    if isinstance(url, Store):
        return url
    if isinstance(url, os.PathLike):
        path = os.fsdecode(url)
        raise InvalidValue(f"{path!r:.80} is a path, and no address of a store", hint=f"write sqlite:///{path}")
    if not isinstance(url, str):
        raise InvalidValue(f"{type(url).__name__} is no address of a store, and no store", hint=_WRITTEN)
    found = _SCHEME.match(url)
    if found is None:  # it is not shown: it may hold a password
        raise InvalidValue("an address of a store begins with a scheme and a colon", hint=_WRITTEN)
    return registry.store(found[1]).open(url)
