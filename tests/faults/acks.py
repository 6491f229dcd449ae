"""Acknowledgements: what a caller was told is written, kept where no fault of the store reaches it."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

from clientloop.model.messages import Delivery, OutboundMessage
from clientloop.model.record import Record, record_of
from clientloop.model.schema import RECORDS
from clientloop.ports.store import Store
from tests.faults.lines import Lines

#: What a record becomes when it is deleted as it should be: a message leaves the outbox for what became of it.
BECOMES = {OutboundMessage: Delivery}


class Acks:
    """A file of records that calls have returned.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._lines = Lines(path)

    def note(self, *records: object) -> None:
        """Keep records that a call has just returned, if any: from now on each is there, as it is or further on."""
        if records:
            self._lines.append(*[_written(record) for record in records])

    def __iter__(self) -> Iterator["Ack"]:
        """What was acknowledged, in order."""
        for line in self._lines:
            table, row = ast.literal_eval(line)
            yield Ack(record=RECORDS[table], row=row)


class Unheard(Acks):
    """Where nobody asks what was acknowledged."""

    def __init__(self) -> None:
        pass

    def note(self, *records: object) -> None:
        """Keep nothing."""


@frozen(kw_only=True)
class Ack:
    """One record that a call has returned."""

    #: Its declaration.
    record: Record
    #: The record as it is stored. Any: int, str, bytes and None.
    row: tuple[Any, ...]

    def __str__(self) -> str:
        """Names it in a message."""
        return self.record.label(self.record.key_of(self.row))

    def is_kept(self, store: Store) -> bool:
        """Whether the record is there as it was acknowledged, or has been changed since, or became what it should."""
        acknowledged: Any = self.record.decode(self.row)
        key = tuple(getattr(acknowledged, name) for name in self.record.key)
        found: Any = store.get(self.record.cls, key)
        if found is None:
            became = BECOMES.get(self.record.cls)
            return became is not None and store.get(became, key) is not None
        if self.record.versioned and found.version != acknowledged.version:
            return bool(found.version > acknowledged.version)
        return bool(self.record.encode(found) == self.row)


def _written(record: object) -> str:
    declared = record_of(type(record))
    return repr((declared.name, tuple(declared.encode(record))))
