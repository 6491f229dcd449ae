"""What a person types: single keys on a terminal, lines elsewhere."""

import os
import re
import string
import sys
from collections import deque
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TextIO

from attrs import Factory, define

#: Whether the system lets keys be read one by one, as a Unix does.
_SINGLE = find_spec("termios") is not None

#: What an arrow or a function key sends (ECMA-48, and SS3 as of VT220), which must not be taken for letters.
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|.?)", re.DOTALL)

#: The most bytes that one press of a key sends, generously.
_PRESS = 64


#: The keys for what has no letter of its own that is free.
_SPARE = string.digits[1:] + string.ascii_letters


@define(eq=False)
class Keyboard:
    """What is typed into a stream."""

    #: The stream; standard input if not given.
    stream: TextIO = Factory(lambda: sys.stdin)
    #: Keys that were pressed before anybody asked.
    _ahead: deque[str] = Factory(deque)

    def key(self) -> str | None:
        """The next key; where keys cannot be read one by one, the first of a line. None at the end of the input."""
        if not self._is_terminal():
            line = self.line()
            return None if line is None else line[:1]
        while not self._ahead:
            with self._unbuffered():
                pressed = os.read(self.stream.fileno(), _PRESS).decode(errors="replace")
            if not pressed:
                return None
            self._ahead.extend(_ESCAPE.sub("", pressed))
        return self._ahead.popleft()

    def line(self) -> str | None:
        """The next line, without blanks around it; None at the end of the input."""
        line = self.stream.readline()
        return line.strip() if line else None

    def _is_terminal(self) -> bool:
        return _SINGLE and self.stream.isatty()

    @contextmanager
    def _unbuffered(self) -> Generator[None]:
        """A terminal that gives each key at once and shows none."""
        import termios
        import tty

        number = self.stream.fileno()
        before = termios.tcgetattr(number)
        try:
            tty.setcbreak(number, termios.TCSADRAIN)
            yield
        finally:
            termios.tcsetattr(number, termios.TCSADRAIN, before)


def keys_of(names: Iterable[str], *, taken: str = "") -> Mapping[str, str]:
    """A key for each of some names: the first of its letters that is free, small or capital, or any sign that is.

    Args:
        names: The names.
        taken: Keys that mean something else.

    >>> keys_of(["quit", "start", "split", "set"], taken="q")
    {'Q': 'quit', 's': 'start', 'S': 'split', 'e': 'set'}
    """
    found: dict[str, str] = {}
    for name in names:
        letters = [key for letter in name if letter.isalnum() for key in (letter.lower(), letter.upper())]
        found[next(key for key in (*letters, *_SPARE) if key not in found and key not in taken)] = name
    return found
