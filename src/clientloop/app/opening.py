"""The store behind an address."""

import re

from clientloop.errors import InvalidValue
from clientloop.plugins.registry import Registry
from clientloop.ports.store import Store

#: The scheme of an address; what else may stand before a colon may be a part of a password.
_SCHEME = re.compile(r"([\w.+-]+):")


def open_store(registry: Registry, url: str) -> Store:
    """The store behind an address, not made ready yet.

    Args:
        registry: Knows the stores.
        url: The address.

    Raises:
        InvalidValue: It is none.
        UnknownName: No store has this scheme.
        PluginError: The store's plugin is wrong.
        StoreError: The store cannot be reached.
    """
    found = _SCHEME.match(url)
    if found is None:  # it is not shown: it may hold a password
        raise InvalidValue(
            "an address of a store begins with a scheme and a colon",
            hint="write it like sqlite:///shop.db or postgresql://user@host/shop",
        )
    return registry.store(found[1]).open(url)
