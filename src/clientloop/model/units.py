"""The one write verb's argument: a unit of changes, as plain data."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from clientloop.model.facts import Fact


@frozen
class Insert:
    """Add a record; `Duplicate` if its key or a unique index is taken."""

    #: The record.
    record: object


@frozen
class Update:
    """Change fields of one record and count its version up."""

    #: The record's class.
    cls: type
    #: Its primary key, `space` first, as field values.
    key: tuple[object, ...]
    #: New values by field, without `version`.
    changes: Mapping[str, object]
    #: The version it must have; None changes whatever is there. `Conflict` if it has another or is gone.
    version: int | None = None


@frozen
class Delete:
    """Remove one record; `Conflict` if it is gone, has another version, or something still points to it."""

    #: The record's class.
    cls: type
    #: Its primary key, `space` first, as field values.
    key: tuple[object, ...]
    #: The version it must have, if that matters.
    version: int | None = None


@frozen
class Add:
    """Add to integer fields of one record, making it first if need be; never conflicts.

    A field that holds None counts as 0. Adding to a record that was there counts its version up, as every change does.
    """

    #: The record to make, with zeros, if there is none with its key.
    zero: object
    #: What to add, by field.
    deltas: Mapping[str, int]


Change = Insert | Update | Delete | Add


@frozen
class Unit:
    """Changes that happen together or not at all, and the facts that are true once they have.

    Units concatenate: `first + second` is one unit.

    >>> len((Unit() + Unit()).changes)
    0
    """

    #: What to change, in order: what others point to comes first.
    changes: tuple[Change, ...] = ()
    #: What observers hear after the commit.
    facts: tuple[Fact, ...] = ()

    def __add__(self, other: "Unit") -> "Unit":
        """Both, as one unit."""
        return Unit(self.changes + other.changes, self.facts + other.facts)


#: A row of database values. Any: rows mix int, str, bytes and None.
Row = tuple[Any, ...]
