"""The fields of a mapping in the rows of one file."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from clientloop.errors import InvalidValue, UnknownName
from clientloop.exchange.mapping import FileMapping

#: Makes the value of a field from the text of a cell, without blanks around it; raises `InvalidValue`.
Reader = Callable[[str], object]

#: How many cells of a column are remembered with their values: files say the same again and again.
REMEMBERED = 8_192


class BadCell(Exception):
    """A cell cannot be what its column holds; it never leaves an import.

    Args:
        column: The column, as the file calls it; or the field, where it has no column.
        reason: What is wrong with the cell.
    """

    def __init__(self, column: str, reason: str) -> None:
        """Keep both apart, for the file of rejected rows."""
        super().__init__(column, reason)
        self.column = column
        self.reason = reason


class Fields:
    """Reads the fields of a mapping from the rows of one file.

    Args:
        mapping: What the columns hold.
        header: Names of the file's columns.
        readers: What makes the values, by field; without one, a field is text.

    Raises:
        UnknownName: The file has no column of a name in the mapping; the nearest names are in the hint.
        InvalidValue: Two columns have such a name, or a default cannot be what its field holds.
    """

    def __init__(self, mapping: FileMapping, header: Sequence[str], readers: Mapping[str, Reader]) -> None:
        """Find the columns and read the defaults, before any row is read."""
        self._mapping = mapping
        self._readers = readers
        self._defaults = {field: self._default(field, text) for field, text in mapping.default.items()}
        self._plan = [(field, _find(name, header), self._of_cell(field)) for field, name in mapping.columns.items()]
        self._kept = [(name, _find(name, header)) for name in mapping.keep]

    def read(self, cells: Sequence[str]) -> dict[str, Any]:  # Any: each field has a type of its own
        """The values of a row by field; those that the row does not say are left out.

        Raises:
            BadCell: A cell cannot be read, or one that is needed is empty.
        """
        values = self._defaults.copy()
        field = ""
        try:
            for field, at, read in self._plan:
                value = read(cells[at])
                if value is not None:
                    values[field] = value
        except InvalidValue as error:
            raise self.bad(field, error) from error
        for field in self._mapping.NEEDED:
            if field not in values:
                raise BadCell(self._column(field), "the cell is empty")
        return values

    def text(self, cells: Sequence[str], field: str) -> str:
        """What a cell says, whatever it means; empty, if its field has no column."""
        return next((cells[at].strip() for known, at, _ in self._plan if known == field), "")

    def kept(self, cells: Sequence[str]) -> dict[str, str]:
        """The cells to keep as they are, those that are empty left out."""
        return {name: cells[at] for name, at in self._kept if cells[at]}

    def bad(self, field: str, error: InvalidValue) -> BadCell:
        """The error of a field's cell."""
        return BadCell(self._column(field), str(error))

    def _column(self, field: str) -> str:
        return self._mapping.columns.get(field, field)

    def _default(self, field: str, text: str) -> object:
        try:
            return self._value(field, text)
        except InvalidValue as error:
            raise InvalidValue(f"the default of {field!r}: {error.message}", hint=error.hint) from None

    def _of_cell(self, field: str) -> Callable[[str], object]:
        """What reads the cells of a field; an empty one gives None."""
        if field in self._mapping.VERBATIM:
            return lambda cell: cell if cell.strip() else None
        if field not in {*self._readers, *self._mapping.NAMED, *self._mapping.CODED}:
            return lambda cell: cell.strip() or None
        return lru_cache(REMEMBERED)(lambda cell: self._value(field, text) if (text := cell.strip()) else None)

    def _value(self, field: str, text: str) -> object:
        if field in {*self._mapping.NAMED, *self._mapping.CODED}:
            meanings = {_folded(said): meant for said, meant in self._mapping.values.get(field, {}).items()}
            text = meanings.get(_folded(text)) or (word(text) if field in self._mapping.NAMED else text)
        return self._readers.get(field, str)(text)


def _find(column: str, header: Sequence[str]) -> int:
    times = Counter(header)[column]
    if times == 0:
        raise UnknownName.among(column, header, what="column")
    if times > 1:
        raise InvalidValue(f"{times} columns are called {column!r}", hint="give them different names")
    return header.index(column)


def word(text: str) -> str:
    """A name in lower-case words.

    >>> word(" Social  media "), word("E-Mail")
    ('social_media', 'e_mail')
    """
    return re.sub(r"\W+", "_", text.casefold()).strip("_")


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
