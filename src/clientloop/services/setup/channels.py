"""Channels as they are set up in one application: made once, when a message first needs them."""

import threading
from collections.abc import Mapping, Sequence

from clientloop.model.facts import Fact
from clientloop.plugins.registry import Registry
from clientloop.plugins.spec import Sort
from clientloop.ports.channel import Channel, Spec


class Channels:
    """`loop.channels`: the channels of an application.

    Args:
        registry: Knows the plugins' channels.
        configs: Settings of channels by name: instances of their config classes, or tables of a configuration file.
    """

    def __init__(self, registry: Registry, configs: Mapping[str, object] | None = None) -> None:
        """Make no channel yet."""
        self._registry = registry
        self._configs = configs or {}
        self._made: dict[str, Channel] = {}
        self._lock = threading.Lock()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all channels that plugins have added."""
        return self._registry.names(Sort.CHANNEL)

    def channel(self, name: str) -> Channel:
        """The channel of this name, set up.

        Raises:
            UnknownName: No plugin has added such a channel.
            PluginError: The plugin is broken.
            InvalidValue: Its settings are wrong.
        """
        made = self._made.get(name)
        if made is None:
            with self._lock:
                made = self._made.setdefault(name, self._make(name))
        return made

    def _make(self, name: str) -> Channel:
        cls, config = self._registry.channel(name), self._configs.get(name)
        return cls(_structured(config, cls.spec) if isinstance(config, Mapping) else config)

    def notify(self, facts: Sequence[Fact]) -> None:
        """Tell observers what has happened."""
        self._registry.notify(facts)


def _structured(table: Mapping[str, object], spec: Spec) -> object:
    from clientloop.services.setup.declared import config_from_data

    return config_from_data(table, spec.config, f"channels.{spec.name}")
