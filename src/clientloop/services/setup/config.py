"""The configuration file of an application, `clientloop.toml`, with its secrets left in the environment."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from clientloop.errors import InvalidValue
from clientloop.model.codec import Json
from clientloop.services.setup.declared import config_from_data
from clientloop.services.setup.secrets import with_secrets


@frozen(kw_only=True)
class SpaceConfig:
    """The firm; what is given besides its name is kept when its space is made, and must be the same later."""

    #: Name of the space.
    name: str = "main"
    #: ISO 3166 code where phone numbers without a country code are read.
    region: str | None = None
    #: IANA name of its zone.
    zone: str | None = None
    #: BCP 47 tag of the language of its texts.
    locale: str | None = None
    #: ISO 4217 code of amounts that name none.
    currency: str | None = None


@frozen(kw_only=True)
class Config:
    """What `clientloop.toml` says."""

    #: Where the data live: the URL of the store.
    store: str
    #: The firm.
    space: SpaceConfig = SpaceConfig()
    #: How channels are set up, by name: tables, of which each adapter says what it takes, or URLs. Secrets are still
    #: `env:NAME` in them.
    channels: Mapping[str, Json] = field(factory=dict, repr=False)
    #: Under which key addresses are hashed that are left alone: best as `env:NAME`.
    suppression_key: str | None = field(default=None, repr=False)


def read_config(path: str | os.PathLike[str]) -> Config:
    """Read a configuration file.

    Args:
        path: A TOML file. Text of the form `env:NAME` is taken from the environment, that of channels when they are set
            up.

    Raises:
        InvalidValue: There is no such file, or it cannot be read, says something that nobody declared (with near
            matches), or names a variable that is not set.
    """
    file = Path(path)
    try:
        table = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        hint = 'begin one with the line store = "sqlite:///shop.db", or name the one that is there'
        raise InvalidValue(f"there is no configuration file {file.absolute()}", hint=hint) from None
    except OSError as error:
        raise InvalidValue(f"{file} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidValue(f"{file} cannot be read as TOML: {error}") from error
    channels = table.pop("channels", {})
    return config_from_data(with_secrets(table, file.name) | {"channels": channels}, Config, file.name)
