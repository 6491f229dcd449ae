"""Channels as an application sets them up."""

import re
import threading
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from attrs import field, frozen

from clientloop import ClientLoop
from clientloop.errors import InvalidValue, MissingExtra, NotSupported, PluginError, UnknownName
from clientloop.model.customers import IdentityKind
from clientloop.model.messages import OutboundMessage, Receipt
from clientloop.plugins import hookimpl
from clientloop.plugins.registry import Registry
from clientloop.ports.channel import Channel, Spec
from clientloop.ports.effects import Effect, Result
from clientloop.ports.events import Parsed, Raw
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


# ---- names


class Mailbox(Sms):
    """A channel that sends, by another adapter than its name."""

    spec = Spec(name="mailbox", config=SmsConfig, address=IdentityKind.EMAIL)

    def send(self, out: OutboundMessage) -> Generator[Effect, Result, Receipt]:
        """Take it."""
        return Receipt()
        yield  # makes it a generator, as the port demands


class Kiosk(Channel):
    """A channel that only listens, and needs no settings."""

    spec = Spec(name="kiosk")

    def parse(self, raw: Raw) -> Parsed:
        """Nothing."""
        return Parsed()


class BringsMore:
    """A plugin with channels that send and that listen."""

    @hookimpl
    def clientloop_register_channels(self) -> Mapping[str, Callable[[], type[Channel]] | str]:
        """The channels."""
        return {"sms": lambda: Sms, "mailbox": lambda: Mailbox, "kiosk": lambda: Kiosk, "fax": "no_such_module:Fax"}


TABLE = {"type": "mailbox", "sender": "Shop", "key": "k"}


def more(configs: Mapping[str, object], **given: Any) -> Channels:  # Any: as `Channels` takes it
    """The channels of an application with that plugin."""
    return Channels(Registry(plugins=[BringsMore()], entry_points=False), configs, **given)


def test_several_channels_share_an_adapter() -> None:
    """Two mailboxes have two names and two settings; a channel that is set up already is taken as it is."""
    own = Mailbox(SmsConfig(sender="Own", key="k"))
    found = more({"support": TABLE, "sales": TABLE | {"sender": "Sales"}, "own": own})
    assert [found.channel(name).config.sender for name in ("support", "sales", "own")] == ["Shop", "Sales", "Own"]
    assert found.channel("own") is own
    assert found.configured == ("support", "sales", "own", "kiosk")
    assert found.senders == ("support", "sales", "own")
    assert found.address_kind("sales") is IdentityKind.EMAIL


@pytest.mark.parametrize(
    ("name", "adapter", "near"),
    [
        ("support", {"type": "mailbx"}, "did you mean 'mailbox'?"),
        ("mailbx", {}, "did you mean 'mailbox'?"),
        ("parrot", {}, "known are 'sms', 'mailbox', 'kiosk', 'fax'"),
    ],
)
def test_an_unknown_adapter_is_refused_where_it_is_named(name: str, adapter: Mapping[str, str], near: str) -> None:
    """The message says of which channel, and what there is: not that name itself, which nobody has brought."""
    unknown = f"channels.{name}: no channel {adapter.get('type', name)!r}"
    says = f"{unknown}: no plugin brings it (`clientloop plugins` lists what is installed); {near}"
    with pytest.raises(UnknownName, match=re.escape(says) + "$"):
        more({name: {**adapter, "sender": "Shop", "key": "k"}}).check()


def test_all_faults_of_all_channels_are_found_at_once() -> None:
    """Whoever sets several channels up wrongly hears of all of them, and of no secret."""
    wrong = {
        "support": {"type": "mailbox", "sender": "Shop", "kye": "s3cret-value"},
        "sales": {"type": "mailbox", "sender": 5, "key": 12345678},
        "Out": TABLE,
    }
    with pytest.raises(InvalidValue) as refusal:
        more(wrong).check()
    said = str(refusal.value)
    for part in ("channels.support: no field 'kye'", "channels.sales.sender: 5 is no text", "'Out' is no name"):
        assert part in said
    assert "channels.sales.key: what is written there does not fit" in said
    assert "s3cret" not in said
    assert "1234" not in said


def test_an_adapter_that_raises_is_no_harm_and_tells_no_secret() -> None:
    """What a plugin's own check raises may repeat a password, so only its kind is told."""

    class Rude(Sms):
        def __init__(self, config: object = None) -> None:
            raise RuntimeError("s3cret")

    class BringsRude:
        @hookimpl
        def clientloop_register_channels(self) -> Mapping[str, Any]:  # Any: a function that makes a channel
            return {"sms": lambda: Rude}

    found = Channels(Registry(plugins=[BringsRude()], entry_points=False), {"sms": {"sender": "a", "key": "k"}})
    with pytest.raises(PluginError, match="RuntimeError was raised") as refusal:
        found.check()
    assert "s3cret" not in str(refusal.value)


@pytest.mark.parametrize("says", ["able", "extras"])
def test_a_channel_that_cannot_say_what_it_can_do_is_refused(says: str) -> None:
    """One that is set up is named; one that is only installed can do nothing, and is in nobody's way."""

    def fail(_: Channel) -> None:
        raise KeyError("s3cret")

    broken = type("Broken", (Channel,), {"spec": Spec(name="broken"), says: fail})

    class Plugin:
        @hookimpl
        def clientloop_register_channels(self) -> Mapping[str, Callable[[], type[Channel]]]:
            return {"broken": lambda: broken}

    with pytest.raises(PluginError, match="channel 'broken' cannot say what it can do, or needs: KeyError was raised"):
        ClientLoop.open("memory:", plugins=[Plugin()], entry_points=False, channels={"broken": {}})
    with ClientLoop.open("memory:", plugins=[Plugin()], entry_points=False) as loop:
        loop.feedback.receive(kind="question", channel="form", text="Open?")
        assert [channel.sends for channel in loop.channels.plan().channels if channel.name == "broken"] == [False]


def test_a_library_that_is_not_installed_is_missed_before_the_first_message() -> None:
    """The message names the library and what to install; an application that performs by itself needs none."""

    class Needy(Mailbox):
        spec = Spec(name="needy", extras=("no-such-library>=2",))

        def __init__(self) -> None:
            super().__init__()

    with pytest.raises(MissingExtra, match=r"channel 'fax' needs .*: pip install 'no-such-library>=2'"):
        more({"fax": Needy()}, performed=True).check()
    more({"fax": Needy()}).check()


# ---- who can send


def test_only_a_channel_that_can_send_is_taken_as_the_way_to_somebody() -> None:
    """A misspelt one comes with the nearest, one that only listens with those that send."""
    found = more({"support": TABLE})
    for name in ("support", None):
        found.check_sender(name)
    with pytest.raises(UnknownName, match="did you mean 'support'"):
        found.check_sender("suport")
    with pytest.raises(NotSupported, match="'kiosk' cannot send: these can: support"):
        found.check_sender("kiosk")


def test_an_application_without_channels_carries_messages_itself() -> None:
    """Where none is set up any name may be one that the application sees to."""
    found = channels()
    found.check_sender("pigeon")
    found.check_answered("pigeon")


def test_an_acknowledgement_needs_a_channel_that_is_there_and_one_that_sends() -> None:
    """What came by a form is acknowledged by mail; where nothing sends, nothing is acknowledged."""
    found = more({"support": TABLE})
    for name in ("support", "kiosk", "phone"):
        found.check_answered(name)
    with pytest.raises(UnknownName, match="did you mean 'kiosk'"):
        found.check_answered("kiosks")
    with pytest.raises(NotSupported, match="nothing can answer"):
        more({}).check_answered("kiosk")


@pytest.mark.parametrize(
    ("came_by", "address", "goes_by"),
    [
        ("sales", "ana@example.com", "sales"),
        ("kiosk", "ana@example.com", "support"),
        ("kiosk", "+38640123456", "kiosk"),
        ("kiosk", "@ana", "kiosk"),
    ],
)
def test_an_answer_goes_by_a_channel_that_carries_it(came_by: str, address: str, goes_by: str) -> None:
    """By the one that the words came by, or else by the first that writes to such addresses, or else it waits."""
    found = more({"support": TABLE, "sales": TABLE})
    assert found.answers_by(came_by, address) == goes_by
