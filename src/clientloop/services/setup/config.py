"""The configuration file of an application, `clientloop.toml`, with its secrets left in the environment."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from clientloop.errors import InvalidValue
from clientloop.model.codec import Json
from clientloop.services.setup.declared import config_from_data

#: What a value begins with that stands in the environment.
_SECRET = "env:"  # noqa: S105  # where secrets stand, not one of them


@frozen(kw_only=True)
class SpaceConfig:
    """The firm; all but the name counts only when its space is made."""

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
    #: Settings of channels by name; each channel says what it takes.
    channels: Mapping[str, Mapping[str, Json]] = field(factory=dict, repr=False)


def read_config(path: str | os.PathLike[str]) -> Config:
    """Read a configuration file.

    Args:
        path: A TOML file. Text of the form `env:NAME` is taken from the environment.

    Raises:
        InvalidValue: The file cannot be read, says something that nobody declared (with near matches), or names a
            variable that is not set.
    """
    try:
        table = tomllib.loads(Path(path).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidValue(f"{path} cannot be read as TOML: {error}") from error
    return config_from_data(_with_secrets(table, str(path)), Config, "clientloop.toml")


def _with_secrets(value: Json, path: str) -> Json:
    if isinstance(value, dict):
        return {key: _with_secrets(inner, f"{path}: {key}") for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_secrets(inner, path) for inner in value]
    if isinstance(value, str) and value.startswith(_SECRET):
        name = value.removeprefix(_SECRET)
        if name not in os.environ:
            raise InvalidValue(f"{path}: the environment has no {name}", hint=f"set it, say: export {name}=...")
        return os.environ[name]
    return value
