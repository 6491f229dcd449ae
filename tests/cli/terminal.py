"""What a command writes, to be read by a test."""

import json
from io import StringIO
from typing import Any

from attrs import frozen
from rich.console import Console

from clientloop.cli.keys import Keyboard
from clientloop.cli.screen import Screen


@frozen
class Done:
    """What came of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it wrote for a program."""
        return json.loads(self.out)


def screen(out: StringIO, err: StringIO, *, terminal: bool = False, width: int = 100, typed: str = "") -> Screen:
    """A screen that can be read, at which something is typed."""
    kinds = {"force_terminal": terminal, "width": width, "highlight": False, "markup": False, "emoji": False}
    return Screen(out=Console(file=out, **kinds), err=Console(file=err, **kinds), keys=Keyboard(StringIO(typed)))
