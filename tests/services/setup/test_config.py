import re

import pytest
from attrs import field, frozen

from clientloop import ClientLoop, InvalidValue, hookimpl
from clientloop.ports.channel import Channel, Spec
from clientloop.services.setup.config import read_config


@frozen(kw_only=True)
class PagerConfig:
    """Settings with a secret."""

    number: int
    token: str = field(repr=False)


class Pager(Channel):
    """A channel with settings."""

    spec = Spec(name="pager", config=PagerConfig)


class Plugin:
    """Adds the channel."""

    @hookimpl
    def clientloop_register_channels(self):
        """The channel."""
        return {"pager": lambda: Pager}


@pytest.fixture
def write(tmp_path):
    """Writes a configuration file."""

    def write(text):
        path = tmp_path / "clientloop.toml"
        path.write_text(text, "utf-8")
        return path

    return write


def test_a_file_opens_a_space_with_its_channels(write, monkeypatch):
    """Store, space and channels come from the file, the secret from the environment."""
    monkeypatch.setenv("PAGER_TOKEN", "s3cret")
    path = write(
        'store = "memory:"\n[space]\nname = "acme"\nregion = "SI"\nzone = "Europe/Ljubljana"\n'
        '[channels.pager]\nnumber = 7\ntoken = "env:PAGER_TOKEN"\n'
    )
    with ClientLoop.from_config(path, plugins=[Plugin()]) as loop:
        assert (loop.space.space, loop.space.region, loop.space.zone) == ("acme", "SI", "Europe/Ljubljana")
        assert loop.channels.channel("pager").config == PagerConfig(number=7, token="s3cret")
    assert "s3cret" not in repr(read_config(path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('stor = "memory:"', "store"),
        ('store = "memory:"\n[space]\nregoin = "SI"', "region"),
        ('store = "env:NOBODY_SET_THIS"', "clientloop.toml.store: the environment has no NOBODY_SET_THIS"),
        (
            'store = "memory:"\n[channels.pager]\nnumber = 7\ntoken = "env:NOBODY_SET_THIS"',
            "channels.pager.token: the environment has no NOBODY_SET_THIS",
        ),
        ("store = ", "cannot be read as TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_what_is_wrong(write, text, message):
    """What nobody declared, a variable that is not set and broken TOML are refused by name."""
    with pytest.raises(InvalidValue, match=message):
        ClientLoop.from_config(write(text), plugins=[Plugin()])


def test_a_wrong_channel_is_refused_when_the_firm_is_opened(write, tmp_path):
    """Nothing is sent by then, and no store is made."""
    path = write(f'store = "sqlite:///{tmp_path}/shop.db"\n[channels.pager]\nnumber = 7\ntokn = "x"\n')
    with pytest.raises(InvalidValue, match=r"channels\.pager: no field 'tokn': did you mean 'token'"):
        ClientLoop.from_config(path, plugins=[Plugin()])
    assert not (tmp_path / "shop.db").exists()


def test_a_missing_file_is_refused(tmp_path, monkeypatch):
    """A file that is not there is refused with its whole path, from where it was looked for, and with what to do."""
    monkeypatch.chdir(tmp_path)
    said = (
        f'there is no configuration file {tmp_path}/nowhere.toml: begin one with the line store = "sqlite:///shop.db"'
    )
    with pytest.raises(InvalidValue, match=re.escape(said)):
        read_config("nowhere.toml")


def test_what_is_no_file_is_refused(tmp_path):
    """A folder is told from broken TOML."""
    with pytest.raises(InvalidValue, match="cannot be read: Is a directory"):
        read_config(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('stor = "memory:"', "acme.toml"),
        ('store = "memory:"\n[space]\nregoin = "SI"', "acme.toml.space"),
        ('store = "env:NOBODY_SET_THIS"', "acme.toml.store: the environment has no"),
        ("store = ", "acme.toml cannot be read as TOML"),
    ],
)
def test_what_is_wrong_is_told_of_the_file_that_was_named(tmp_path, text, message):
    """It need not have the usual name."""
    path = tmp_path / "acme.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InvalidValue, match=re.escape(message)) as refused:
        read_config(path)
    assert "clientloop.toml" not in str(refused.value)
