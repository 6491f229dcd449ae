"""What a failure tells whoever reads its report: the error, its traceback with the values in it, and the log."""

import logging
import traceback
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from types import FrameType

from clientloop.ports.channel import Channel


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def logged() -> Generator[list[str]]:
    """Every line that is logged meanwhile, at whatever level."""
    handler, root = _Kept(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield handler.lines
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


def told_by(channel: Channel, work: Callable[[], object]) -> str:
    """All that some work shows: its result, or its error with the variables of the adapter's functions; and the log.

    Args:
        channel: Whose functions are looked into.
        work: Calls it.
    """
    with logged() as lines:
        try:
            told = repr(work())
        except Exception as error:  # noqa: BLE001  # whatever it raises is what is looked at
            told = "".join([*traceback.format_exception(error), *map(_variables, _frames(channel, error))])
    return "\n".join([told, *lines])


def _frames(channel: Channel, error: BaseException | None) -> Iterator[FrameType]:
    home = type(channel).__module__.partition(".")[0]
    while error is not None:
        for frame, _ in traceback.walk_tb(error.__traceback__):
            module = frame.f_globals.get("__name__", "")
            if module.partition(".")[0] == home and not module.startswith(("clientloop.testing", "tests.")):
                yield frame
        error = error.__cause__ or error.__context__


def _variables(frame: FrameType) -> str:
    return "\n".join(f"{frame.f_code.co_name}: {name} = {value!r}" for name, value in frame.f_locals.items())
