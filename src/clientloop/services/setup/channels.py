"""Channels as they are set up in one application: checked when it opens, made once, found by their names."""

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import attrs

from clientloop.errors import ClientLoopError, InvalidValue, NotSupported, PluginError, UnknownName, near_matches
from clientloop.model.customers import IdentityKind
from clientloop.model.facts import Fact, FactName
from clientloop.plugins.checking import check_class
from clientloop.plugins.loading import harmless
from clientloop.plugins.registry import Registry
from clientloop.plugins.spec import Sort
from clientloop.ports.channel import Channel, Direction
from clientloop.rules.loop.receipt import channel_name
from clientloop.rules.people.contacts import CHANNEL_ADDRESSES, kind_of
from clientloop.services.setup.declared import config_from_data
from clientloop.services.setup.extras import check_extras
from clientloop.services.setup.secrets import ENVIRONMENT, with_secrets
from clientloop.services.setup.urls import scheme_of, table_of

logger = logging.getLogger(__name__)

#: What in a table says which adapter a channel has, where that is not its name.
TYPE = "type"

#: By which channels operators' entries come where the firm has not set up any of these names.
OPERATORS = {"phone": "desk", "book": "desk", "poll": "desk"}


class Channels:
    """The channels of an application.

    A channel is set up under a name of its own, and has an adapter: by `type`, or else the one that is called like the
    channel. So a firm has two mailboxes, each with its name.

    Args:
        registry: Knows the adapters.
        configs: How channels are set up, by name: instances of the adapters' config classes, tables of a configuration
            file, URLs, or channels that are set up already.
        performed: Whether clientloop itself carries out what channels ask for, so that it needs the libraries for that.
    """

    def __init__(
        self, registry: Registry, configs: Mapping[str, object] | None = None, *, performed: bool = False
    ) -> None:
        """Make no channel yet."""
        self._registry = registry
        self._configs = dict(configs or {})
        self._performed = performed
        self._made: dict[str, Channel] = {}
        self._kinds: dict[str, IdentityKind | None] = {}
        self._lock = threading.Lock()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all channels: those that are set up, then the adapters, then what operators write down."""
        return tuple(dict.fromkeys((*self._configs, *self._brought)))

    @cached_property
    def configured(self) -> tuple[str, ...]:
        """Names of the channels that can be used: those that are set up, and those of plugins that need no settings."""
        added = [name for name in self._registry.added(Sort.CHANNEL) if name not in self._configs]
        return (*self._configs, *filter(self._needs_nothing, added))

    @cached_property
    def senders(self) -> tuple[str, ...]:
        """Names of the channels that can be used and can send."""
        return tuple(name for name in self.configured if self.can(name, Direction.SEND))

    def can(self, name: str, direction: Direction) -> bool:
        """Whether a channel can do something; one that is broken can do nothing."""
        try:
            return direction in self.channel(name).able()
        except harmless():
            return False

    def channel(self, name: str) -> Channel:
        """The channel of this name, set up.

        Raises:
            UnknownName: There is no such channel, no such adapter, or no such setting of it.
            PluginError: The plugin is broken.
            InvalidValue: Its settings are wrong.
            MissingExtra: It needs a library that is not installed.
        """
        made = self._made.get(name)
        if made is None:
            with self._lock:
                made = self._made.get(name) or self._make(name)
                self._made[name] = made
        return made

    def check(self) -> None:
        """Set up every channel that was configured: what is wrong is said now, not by the first message.

        Raises:
            ClientLoopError: Settings are wrong: all faults of all channels are named; one alone is as of `channel`.
        """
        faults = list(self._faults())
        if len(faults) == 1:
            raise faults[0]
        if faults:
            raise InvalidValue("; ".join(map(str, faults)))

    def check_sender(self, name: str | None) -> None:
        """Refuse the name of a channel that could not send; an application without channels carries messages itself.

        Args:
            name: What is about to be kept as the way to somebody; None for no way.

        Raises:
            UnknownName: There is no such channel.
            NotSupported: It cannot send.
        """
        if name is None or not self.configured or name in self.senders:
            return
        if name not in self.configured:
            raise UnknownName.among(name, self.senders, what="channel")
        raise NotSupported(f"channel {name!r} cannot send", hint=f"these can: {', '.join(self.senders) or 'none'}")

    def check_known(self, name: str) -> None:
        """Refuse a name that is no channel's; where none is set up, any may be of the application's own.

        Args:
            name: By which words come.

        Raises:
            UnknownName: There is no such channel.
        """
        known = {*self.names, *CHANNEL_ADDRESSES}
        if self.configured and name not in known:
            raise UnknownName.among(name, known, what="channel")

    def check_answered(self, name: str) -> None:
        """Refuse the name of a channel whose words nothing could answer; what an application carries itself may be.

        Args:
            name: By which words come.

        Raises:
            UnknownName: There is no such channel.
            NotSupported: No channel that is set up can send.
        """
        self.check_known(name)
        if self.configured and not self.senders:
            raise NotSupported(f"nothing can answer what comes by {name!r}", hint="set up a channel that sends")

    def address_kind(self, name: str) -> IdentityKind | None:
        """The sort of address that a channel writes to; None if nobody knows."""
        if name not in self._kinds:  # asked for every word that comes in
            try:
                declared = self.channel(name).spec.address
            except ClientLoopError:
                declared = None
            self._kinds[name] = declared or CHANNEL_ADDRESSES.get(name)
        return self._kinds[name]

    def answers_by(self, name: str, address: str) -> str:
        """The channel that carries an answer: the one that the words came by, if it can send.

        Else the first that can and writes to such addresses: who fills in a form is answered by e-mail.

        Args:
            name: Name of the channel that the words came by.
            address: Where the answer goes.
        """
        if name in self.senders or not self.senders:
            return name
        kind = kind_of(address)
        return next((each for each in self.senders if kind and self.address_kind(each) is kind), name)

    @cached_property
    def listeners(self) -> Mapping[FactName, Sequence[tuple[str, str]]]:
        """Who hears of facts by a channel: by fact, channels with addresses on them."""
        heard: dict[FactName, list[tuple[str, str]]] = {}
        for name in self.configured:
            try:
                wanted = self.channel(name).listeners()
            except harmless() as error:
                logger.error("channel %s cannot say who listens, %s: nobody does", name, type(error).__name__)
                continue
            for address, facts in wanted.items():
                for fact in facts:
                    heard.setdefault(fact, []).append((name, address))
        return heard

    def notify(self, facts: Sequence[Fact]) -> None:
        """Tell observers what has happened."""
        self._registry.notify(facts)

    def _needs_nothing(self, name: str) -> bool:
        """Whether an adapter can be used without settings; of a plugin's, all of them may have defaults."""
        try:
            settings = attrs.fields(self._registry.channel(name).spec.config)
        except ClientLoopError:  # of an installed plugin, which is listed as broken
            return False
        added = name in self._registry.added(Sort.CHANNEL)
        return not any(each.init and (each.default is attrs.NOTHING or not added) for each in settings)

    def _faults(self) -> Iterator[ClientLoopError]:
        for name in self._configs:
            try:
                channel_name(name)
                channel = self.channel(name)
                frozenset(channel.able())
                if self._performed:
                    check_extras(channel.extras(), f"channel {name!r}")
            except ClientLoopError as error:
                yield error
            except harmless() as error:
                hint = f"{type(error).__name__} was raised"
                yield PluginError(f"channel {name!r} cannot say what it can do, or needs", hint=hint)

    def _make(self, name: str) -> Channel:
        config = self._configs.get(name)
        try:
            if isinstance(config, Channel):
                check_class(Sort.CHANNEL, config.spec.name, type(config))
                return config
            if config is None:
                return self._without_settings(name)
            return self._from_text(name, config) if isinstance(config, str) else self._from_settings(name, config)
        except InvalidValue as error:
            where = f"channels.{name}"
            if name not in self._configs or error.message.startswith(where):
                raise
            raise type(error)(f"{where}: {error.message}", hint=error.hint) from None
        except ClientLoopError:
            raise
        except harmless() as error:  # what it says may repeat a secret
            raise PluginError(f"channel {name!r} cannot be set up", hint=f"{type(error).__name__} was raised") from None

    def _without_settings(self, name: str) -> Channel:
        if name not in self._brought:
            raise UnknownName.among(name, self.names, what="channel")
        adapter = self._adapter(self._usual(name))
        if not self._needs_nothing(adapter.spec.name):
            hint = f"set it up: [channels.{name}] of clientloop.toml, or channels= of ClientLoop.open"
            raise InvalidValue(f"channel {name!r} is not set up", hint=hint)
        return adapter()

    def _from_settings(self, name: str, config: object) -> Channel:
        if not isinstance(config, Mapping):
            return self._adapter(self._usual(name))(config)
        table = dict(config)
        return _set_up(self._adapter(str(table.pop(TYPE, self._usual(name)))), table, name)

    def _usual(self, name: str) -> str:
        """The adapter of a channel where nobody says which."""
        return name if name in self._registry.names(Sort.CHANNEL) else OPERATORS.get(name, name)

    def _from_text(self, name: str, text: str) -> Channel:
        secret = text.startswith(ENVIRONMENT)
        url = str(with_secrets(text, f"channels.{name}"))
        scheme = scheme_of(url)
        if scheme is None:
            raise InvalidValue("this is no URL", hint=f"write one, or a table: [channels.{name}]")
        adapter = self._of_scheme(scheme, name)
        return _set_up(adapter, table_of(url, adapter.spec, secret=secret), name)

    @property
    def _brought(self) -> tuple[str, ...]:
        """Names that need no setting up to be known: those of the adapters, and what operators write down."""
        adapters = self._registry.names(Sort.CHANNEL)
        return (*adapters, *(name for name, adapter in OPERATORS.items() if adapter in adapters))

    def _adapter(self, name: str) -> type[Channel]:
        if name in self._registry.names(Sort.CHANNEL):
            return self._registry.channel(name)
        near = near_matches(name, self._brought)
        hint = f"no plugin brings it (`clientloop plugins` lists what is installed); {near}"
        raise UnknownName(f"no channel {name!r}", hint=hint)

    def _of_scheme(self, scheme: str, name: str) -> type[Channel]:
        """The adapter that has a scheme; the one of the channel's name is asked first."""
        known: dict[str, type[Channel]] = {}
        for each in self._registry.names(Sort.CHANNEL):
            try:
                adapter = self._registry.channel(each)
            except ClientLoopError:  # broken, or without its library; it may not be wanted
                continue
            first = each == name
            known |= {own: adapter for own in adapter.spec.schemes if first or own not in known}
        if scheme not in known:
            raise UnknownName.among(scheme, known, what="scheme of a channel's URL")
        return known[scheme]


def _set_up(adapter: type[Channel], table: Mapping[str, object], name: str) -> Channel:
    where = f"channels.{name}"
    return adapter(config_from_data(with_secrets(table, where), adapter.spec.config, where))
