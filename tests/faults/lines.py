"""A file of lines that are on the disk once they are written: what a checker believes, whoever wrote them."""

import os
from collections.abc import Iterator
from pathlib import Path

#: Ends a line that was written whole: whoever is killed while he writes may leave a part of one.
_WHOLE = " ."


class Lines:
    """Lines that several processes append, each synced before the call returns.

    Args:
        path: The file; made by the first line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, *lines: str) -> None:
        """Write lines at once, so that none of another process comes between them."""
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            os.write(file, "".join(f"\n{line}{_WHOLE}" for line in lines).encode())
            os.fsync(file)
        finally:
            os.close(file)

    def __iter__(self) -> Iterator[str]:
        """The lines that were written whole, in order."""
        written = self.path.read_bytes().decode(errors="replace") if self.path.exists() else ""
        for line in written.split("\n"):
            if line.endswith(_WHOLE):
                yield line.removesuffix(_WHOLE)
