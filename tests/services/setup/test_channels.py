"""Channels as an application sets them up."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from attrs import field, frozen

from clientloop.errors import InvalidValue, PluginError, UnknownName
from clientloop.plugins import hookimpl
from clientloop.plugins.registry import Registry
from clientloop.ports.channel import Channel, Spec
from clientloop.services.setup.channels import Channels


@frozen(kw_only=True)
class SmsConfig:
    """How the text messages are sent."""

    sender: str
    key: str = field(repr=False)


class Sms(Channel):
    """A channel with settings."""

    spec = Spec(name="sms", config=SmsConfig)
    config: SmsConfig


class Brings:
    """A plugin with a channel that works and one that does not."""

    @hookimpl
    def clientloop_register_channels(self) -> Mapping[str, Callable[[], type[Channel]] | str]:
        """The channels."""
        return {"sms": lambda: Sms, "fax": "no_such_module:Fax"}


def channels(configs: Mapping[str, object] | None = None) -> Channels:
    """The channels of an application with the plugin."""
    return Channels(Registry(plugins=[Brings()], entry_points=False), configs)


@pytest.mark.parametrize("config", [SmsConfig(sender="Shop", key="k"), {"sender": "Shop", "key": "k"}])
def test_settings_are_objects_or_tables(config: object) -> None:
    """An application passes the settings as an object, or as a table of a configuration file."""
    made = channels({"sms": config}).channel("sms")
    assert made.config == SmsConfig(sender="Shop", key="k")


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"sender": "Shop"}, "key"),
        ({"sender": "Shop", "kye": "k"}, "kye"),
        ({"sender": 5, "key": "k"}, "sender"),
        ("Shop", "channels.sms: this is no URL"),
        (frozenset(), "is set up by frozenset"),
    ],
)
def test_settings_that_do_not_fit_are_refused(config: object, says: str) -> None:
    """What is missing, misspelt or of another type is named, and no secret is shown."""
    with pytest.raises(InvalidValue, match=says) as refusal:
        channels({"sms": config}).channel("sms")
    assert "'k'" not in str(refusal.value)


def test_all_names_are_known_and_unknown_ones_are_refused() -> None:
    """The names are those that plugins have added; a misspelt one comes with the nearest."""
    found = channels()
    assert found.names == ("sms", "fax")
    with pytest.raises(UnknownName, match="did you mean 'sms'"):
        found.channel("smss")
    with pytest.raises(PluginError, match="'fax'"):
        found.channel("fax")


def test_a_channel_is_made_once_for_all_threads() -> None:
    """However many workers ask at the same moment, one object is set up and shared."""
    made: list[Channel] = []
    begin = threading.Barrier(8)

    class Counted(Sms):
        def __init__(self, config: object = None) -> None:
            super().__init__(config)
            made.append(self)

    class BringsCounted:
        @hookimpl
        def clientloop_register_channels(self) -> Mapping[str, Any]:  # Any: a function that makes a channel
            return {"sms": lambda: Counted}

    registry = Registry(plugins=[BringsCounted()], entry_points=False)
    found = Channels(registry, {"sms": SmsConfig(sender="Shop", key="k")})

    def ask() -> Channel:
        begin.wait(10)
        return found.channel("sms")

    with ThreadPoolExecutor(8) as pool:
        asked = [future.result(10) for future in [pool.submit(ask) for _ in range(8)]]
    assert len(made) == 1
    assert all(each is made[0] for each in asked)
