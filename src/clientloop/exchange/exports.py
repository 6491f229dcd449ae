"""The exports as an application calls them."""

import os
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Protocol

from clientloop.exchange.icalendar import export_icalendar
from clientloop.exchange.vcard import export_vcard
from clientloop.exchange.writing import Cell, write
from clientloop.services.context import Context


class Tabular(Protocol):
    """What has columns and rows, as reports have."""

    @property
    def header(self) -> Sequence[str]:
        """The names of the columns."""
        ...

    def cells(self) -> Iterable[Sequence[Cell]]:
        """The values of each row, column by column."""
        ...


class Exports:
    """`loop.exports`: what other programs take, as files.

    >>> import tempfile
    >>> from clientloop import ClientLoop
    >>> with tempfile.TemporaryDirectory() as folder, ClientLoop.open("memory:") as loop:
    ...     ana = loop.customers.add(name="Ana", email="ana@example.com")
    ...     loop.exports.write(f"{folder}/customers.csv", loop.reports.contacts().select("name", "email"))
    1
    """

    def __init__(self, context: Context) -> None:
        """Work in one space."""
        self._context = context
        #: Writes customers as cards of an address book: `export_vcard` in this space.
        self.vcard = partial(export_vcard, context)
        #: Writes planned contacts as a calendar: `export_icalendar` in this space.
        self.icalendar = partial(export_icalendar, context)

    def write(self, path: str | os.PathLike[str], table: Tabular) -> int:
        """Write a table; how follows from the end of the file's name: `.csv`, `.csv.gz` or `.xlsx`.

        No spreadsheet finds a formula in it, and whoever imports it with `harmless=True` gets what it held. Rows are
        read as they are written, and the file appears when it is complete: `exchange.writing.write` says more.

        Args:
            path: The file.
            table: A table, as the reports give it.

        Returns:
            How many rows were written.

        Raises:
            InvalidValue: There is no such way of writing, the file cannot be written, or an XLSX file cannot hold what
                there is.
            MissingExtra: XLSX needs the extra `sheets`.
        """
        return write(path, table.header, table.cells())
