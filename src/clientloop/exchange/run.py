"""The way of every import: rows in chunks, bad ones to the file of rejected rows, the others into the store."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import islice
from typing import TextIO

from attrs import define, field

from clientloop.errors import InvalidValue
from clientloop.exchange.fields import BadCell
from clientloop.exchange.mapping import FileMapping
from clientloop.exchange.rejects import Rejects
from clientloop.exchange.report import ImportReport, Progress
from clientloop.exchange.sheets import Sheet
from clientloop.exchange.table import Row, Table
from clientloop.services.bulk.entries import Count, Entry, Key
from clientloop.services.bulk.writing import Bulk
from clientloop.services.collecting import uncollected
from clientloop.services.context import Context
from clientloop.services.scratch import Scratch

#: Rows in one commit.
CHUNK = 1_000

#: A path, or an open text file.
Source = str | os.PathLike[str] | TextIO


@define
class RowKeys:
    """The keys by which rows are found again: by the id that the source gives them, or by their content.

    Rows with the same content are no repetition of one another: the second gets the number 2.
    """

    #: Name of the source.
    source: str
    #: What the rows are.
    what: str
    #: How often each content has come.
    seen: Scratch = field(factory=Scratch)

    def of_id(self, number: str, *, channel: str) -> Key:
        """The key of a row with an id."""
        return Key(channel=channel, stem=f"{self.source}:{self.what}:{number}")

    def of_content(self, row: Row, *, channel: str) -> Key:
        """The key of a row without one."""
        digest = blake2b("\0".join(row.cells).encode(), digest_size=16).digest()
        return Key(
            channel=channel,
            stem=f"{self.source}:{self.what}-row:{digest.hex()}",
            number=self.seen.count(digest),
            mended_line=row.mended_line,
        )

    def of(self, row: Row, values: Mapping[str, object], *, channel: str) -> Key:
        """The key of a row by its field `id`, or else by its content."""
        number = values.get("id")
        return self.of_content(row, channel=channel) if number is None else self.of_id(str(number), channel=channel)


#: Makes an entry of a row; raises `BadCell` or `InvalidValue` if that cannot be.
EntryReader = Callable[[Row], Entry]


def run(
    context: Context,
    source: Source,
    mapping: FileMapping,
    *,
    what: str,
    reader: Callable[[Sequence[str], RowKeys], EntryReader],
    rejects: str | os.PathLike[str] | None,
    dry_run: bool,
    progress: Callable[[Progress], None] | None,
) -> ImportReport:
    """Import a file.

    Args:
        context: The space.
        source: A path, `.gz` for a packed file, `.xlsx` for a workbook; or an open text file.
        mapping: What its columns hold.
        what: What its rows are: "customer", "purchase", "feedback".
        reader: Makes what reads the rows, given the header and the keys; refuses what can be refused before.
        rejects: Where bad rows go; None counts them only.
        dry_run: Whether to count only and write nothing.
        progress: Is told how far the import is, once a chunk.

    Raises:
        InvalidValue: The mapping does not fit the file or the space; nothing was read or written then.
    """
    table = _opened(source, mapping)
    # the table is closed before the rejected rows take their place: they may have come from there
    with (
        Rejects(None if dry_run else rejects, mapping.dialect, table.header) as rejected,
        table,
        Scratch() as seen,
        Bulk(context, dry_run=dry_run) as bulk,
    ):
        read = reader(table.header, RowKeys(mapping.source, what, seen))
        counts: Counter[Count] = Counter()
        rows = 0
        left = iter(table)
        while True:
            with uncollected():
                number, entries = _chunk(left, read, rejected)
                counts.update(bulk.write(entries))
            rows += number
            if progress is not None:
                progress(Progress(rows=rows, done=table.done))
            if number < CHUNK:
                break
    return ImportReport(
        rows=rows,
        added=counts[Count.ADDED],
        duplicates=counts[Count.DUPLICATES],
        rejected=rejected.count,
        customers_added=counts[Count.CUSTOMERS_ADDED],
        customers_matched=counts[Count.CUSTOMERS_MATCHED],
        suggestions=counts[Count.SUGGESTIONS],
        doubtful=counts[Count.DOUBTFUL],
        received_unknown=counts[Count.RECEIVED_UNKNOWN],
        problems=tuple(rejected.problems),
        dry_run=dry_run,
    )


def _opened(source: Source, mapping: FileMapping) -> Table | Sheet:
    """A CSV file or a workbook, as its name says."""
    if isinstance(source, (str, os.PathLike)) and str(source).endswith(".xlsx"):
        return Sheet(source, header=mapping.header, decimals=mapping.decimals)
    return Table(source, mapping.dialect)


def _chunk(rows: Iterator[Row], read: EntryReader, rejected: Rejects) -> tuple[int, list[Entry]]:
    """The number of the rows of a chunk, and the entries that they make: bad ones make none."""
    number, entries = 0, []
    for number, row in enumerate(islice(rows, CHUNK), 1):  # noqa: B007  # the last number is the number of rows
        entry = _entry(row, read, rejected)
        if entry is not None:
            entries.append(entry)
    return number, entries


def _entry(row: Row, read: EntryReader, rejected: Rejects) -> Entry | None:
    if row.reason:
        rejected.add(row, reason=row.reason)
        return None
    try:
        return read(row)
    except BadCell as error:
        rejected.add(row, column=error.column, reason=error.reason)
    except InvalidValue as error:
        rejected.add(row, reason=str(error))
    return None
