"""The commands on settings: what the firm has set, from files and to the screen."""

import tomllib
from collections.abc import Mapping
from json import dumps, loads
from pathlib import Path

from attrs import fields

from clientloop.cli.options import HERE, AsJson, OnScreen, Place
from clientloop.cli.screen import several
from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.codec import Json
from clientloop.rules.loop.settings import Settings
from clientloop.services.setup.declared import setting_to_data


def show(name: str | None = None, /, *, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """Show what the firm has set, with the defaults of what nobody has set; in the form that `settings set` reads.

    Args:
        name: Only this setting.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    names = [setting.name for setting in fields(Settings)]
    if name is not None and name not in names:
        raise UnknownName.among(name, names, what="setting")
    with place.open() as loop:
        settings = loop.settings.get()
    wanted = names if name is None else [name]
    data = {each: setting_to_data(each, getattr(settings, each))["value"] for each in wanted}
    if json:
        return screen.json(data)
    for each, value in data.items():
        screen.title(each)
        screen.line(dumps(value, ensure_ascii=False, indent=2))
    return None


def set_from(file: Path, /, *, json: AsJson = False, place: Place = HERE, screen: OnScreen) -> None:
    """Set what a file says; settings that it does not name, and running deadlines, stay as they are.

    Nothing is set if any of it cannot be read.

    Args:
        file: A file in TOML, or in JSON if its name ends so: a value for each setting, by its name.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        read = {name: loop.settings.read(name, data) for name, data in read_table(file).items()}
        for name, value in read.items():
            loop.settings.set(name, value)
    if json:
        return screen.json({"set": list(read)})
    return screen.line(f"{several(len(read), 'setting')} set: {', '.join(read)}" if read else "Nothing to set.", "bold")


def read_table(file: Path) -> Mapping[str, Json]:
    """What a file in TOML, or in JSON, has at its top.

    Args:
        file: The file.

    Raises:
        InvalidValue: It cannot be read.
    """
    try:
        text = file.read_text(encoding="utf-8")
        data = loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise InvalidValue(f"{file} cannot be read: {error}") from None
    if not isinstance(data, dict):
        raise InvalidValue(f"{file} has no names at its top", hint='write {"redress_limit": 5000} and the like')
    return data
