"""The store behind an address."""

from clientloop.errors import InvalidValue
from clientloop.plugins.registry import Registry
from clientloop.ports.store import Store


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
    scheme, colon, _ = url.partition(":")
    if not colon:
        raise InvalidValue(f"{url!r:.80} is no address of a store", hint=f"write it like sqlite:///{url}")
    return registry.store(scheme).open(url)
