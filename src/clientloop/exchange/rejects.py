"""The file of rejected rows: the source's own columns, to be mended, and what was wrong. It is imported as it is."""

import os
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from clientloop.errors import InvalidValue
from clientloop.exchange.dialect import Dialect
from clientloop.exchange.report import Problem
from clientloop.exchange.table import REJECT_COLUMNS, Row

#: How many problems a report shows.
SHOWN = 20


class Rejects:
    """Takes the rows that were rejected.

    The file appears at the end, in place of an older one of this name, and only if a row was rejected; so a file of
    rejected rows may be imported with itself as the place for what is still wrong.

    Args:
        path: Where to write them; None counts them only.
        dialect: How the source is written, and so the file.
        header: Names of the source's columns.
    """

    def __init__(self, path: str | os.PathLike[str] | None, dialect: Dialect, header: Sequence[str]) -> None:
        """Nothing is rejected yet."""
        self._path = None if path is None else Path(path)
        self._dialect = dialect
        self._header = header
        self._write: Callable[[Iterable[object]], object] | None = None
        self._open = ExitStack()
        #: How many rows were rejected.
        self.count = 0
        #: The first of their problems.
        self.problems: list[Problem] = []

    def add(self, row: Row, *, column: str = "", reason: str) -> None:
        """Reject a row.

        Args:
            row: The row.
            column: The column that is wrong; empty if it is the row.
            reason: What is wrong.

        Raises:
            InvalidValue: The file cannot be written.
        """
        line = row.line if row.mended_line is None else row.mended_line
        self.count += 1
        if len(self.problems) < SHOWN:
            self.problems.append(Problem(line=line, field=column, reason=reason))
        if self._path is None:
            return
        cells = row.cells or [""] * len(self._header)
        with self._explained(self._path):
            if self._write is None:
                self._write = self._begin(self._path)
            self._write([*cells, line, column, self._encodable(reason), row.text.rstrip("\r\n")])

    def _encodable(self, text: str) -> str:
        """Words of ours in the encoding of the file, whatever it is."""
        return text.encode(self._dialect.encoding, "backslashreplace").decode(self._dialect.encoding)

    @staticmethod
    @contextmanager
    def _explained(path: Path) -> Generator[None]:
        try:
            yield
        except OSError as error:
            raise InvalidValue(f"{path} cannot be written: {error.strerror}") from None

    def _begin(self, path: Path) -> Callable[[Iterable[object]], object]:
        # bytes that are no text of the encoding went in as lone surrogates, and so come out as they were
        file = self._open.enter_context(
            _unfinished(path).open("w", encoding=self._dialect.encoding, errors="surrogateescape", newline="")
        )
        write = self._dialect.writer(file)
        write([*self._header, *REJECT_COLUMNS])
        return write

    def __enter__(self) -> Self:
        """The object itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put the file in its place; after an error, leave what was there."""
        if self._path is None:
            return
        with self._explained(self._path):
            self._open.close()
            if self._write is None:
                return
            if kind is None:
                _unfinished(self._path).replace(self._path)
            else:
                _unfinished(self._path).unlink(missing_ok=True)


def _unfinished(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")
