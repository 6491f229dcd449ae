"""What an import has done, and how far it is."""

from attrs import frozen


@frozen(kw_only=True)
class Problem:
    """Why a row was rejected."""

    #: The line of the file on which the row begins.
    line: int
    #: The column that is wrong, as the file calls it; empty if it is the row.
    field: str
    #: What is wrong.
    reason: str


@frozen(kw_only=True)
class ImportReport:
    """What an import has done, or would do: each row is added, a duplicate, or rejected.

    >>> ImportReport(rows=3, added=1, duplicates=1, rejected=1).rows
    3
    """

    #: Rows of the file, those that could not be read included; lines without a character are none.
    rows: int = 0
    #: Rows that are now there: as customers, purchases or feedback.
    added: int = 0
    #: Rows that were there already.
    duplicates: int = 0
    #: Those of them that changed what was there.
    updated: int = 0
    #: Rows that went to the file of rejected rows.
    rejected: int = 0
    #: Customers that were new.
    customers_added: int = 0
    #: Rows whose person was a customer already, by this file or before.
    customers_matched: int = 0
    #: Pairs of customers that may be one person, for a person to decide.
    suggestions: int = 0
    #: Items with times that cannot be: kept, flagged and not measured.
    doubtful: int = 0
    #: Items of which nobody knows when they were received: no duration is counted from there.
    received_unknown: int = 0
    #: The first problems; the file of rejected rows has all.
    problems: tuple[Problem, ...] = ()
    #: Whether nothing was written.
    dry_run: bool = False


@frozen(kw_only=True)
class Progress:
    """How far an import is."""

    #: Rows read so far.
    rows: int
    #: The share of the file that has been read, from 0 to 1; None where its size is not known.
    done: float | None
