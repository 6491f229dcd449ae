"""Every error that clientloop raises, in one tree.

::

    ClientLoopError
    ├── InvalidValue            a value that cannot be meant (also a ValueError)
    │   └── UnknownName         a name that nobody declared, with the nearest known ones
    ├── NotFound                no such record in this space (also a LookupError)
    ├── Refused                 the process does not allow this move now
    │   ├── NotAllowed          the actor lacks the role that the move needs
    │   └── Incomplete          something that the move requires is missing; all of it is named
    ├── Conflict                somebody else changed the record first, or it exists already
    │   ├── Duplicate           a key or a unique index holds this value already
    │   └── MissingReference    a record points to one that does not exist, or is still pointed to
    ├── NotSupported            this adapter or store cannot do it, and says so
    ├── MissingExtra            an optional library is not installed (also an ImportError)
    ├── PluginError             a plugin is broken, misspelt or clashes with another
    ├── BadPayload              a channel could not read what it was sent
    ├── Unreachable             the other side of a channel did not answer; try again later
    └── StoreError              the storage behind a store failed
        ├── StoreBusy           another writer holds the store; try again
        ├── StoreFull           the disk or the quota is full
        ├── StoreCorrupt        the file is damaged or is no clientloop store
        ├── CommitUnknown       the connection was lost during a commit, which may have happened
        ├── SchemaOutdated      the store was written by another version of clientloop
        └── Sealed              the space is on its way to another store

Each class has a `code` that programs can match on, and every error a `hint` that says what to do; the first line of a
class's docstring is its default message.
"""

import difflib
from collections.abc import Iterable, Sequence
from typing import ClassVar

#: How many known names a hint shows.
_SHOWN = 12


class ClientLoopError(Exception):
    """Something in clientloop went wrong.

    Args:
        message: What was wrong and where; the first line of the class's docstring if not given.
        hint: What to do about it.

    >>> error = ClientLoopError("no store at shop.db", hint="run `clientloop init shop.db`")
    >>> print(error)
    no store at shop.db: run `clientloop init shop.db`
    >>> error.code, error.hint
    ('error', 'run `clientloop init shop.db`')
    """

    #: Stable name of this kind of error, for programs.
    code: ClassVar[str] = "error"

    def __init__(self, message: str | None = None, *, hint: str | None = None) -> None:
        """Keep the message and the hint apart, so that a face can show them apart."""
        self.message = message or (type(self).__doc__ or self.code).partition("\n")[0].rstrip(".")
        self.hint = hint
        super().__init__(self.message)

    def __str__(self) -> str:
        """Message and hint on one line."""
        return f"{self.message}: {self.hint}" if self.hint else self.message


class InvalidValue(ClientLoopError, ValueError):
    """A value cannot be what it claims to be."""

    code = "invalid_value"


class UnknownName(InvalidValue):
    """A name that nobody declared.

    >>> print(UnknownName.among("emial", ["email", "phone"], what="channel"))
    no channel 'emial': did you mean 'email'?
    >>> print(UnknownName.among("fax", ["email", "phone"], what="channel"))
    no channel 'fax': known are 'email', 'phone'
    """

    code = "unknown_name"

    @classmethod
    def among(cls, name: object, known: Iterable[str], *, what: str) -> "UnknownName":
        """Say which known names come near.

        Args:
            name: The name that was not found.
            known: The names that exist; as of `near_matches`.
            what: What kind of thing was looked for, in the singular.
        """
        return cls(f"no {what} {str(name)!r}", hint=near_matches(name, known))


class NotFound(ClientLoopError, LookupError):
    """There is no such record in this space."""

    code = "not_found"


class Refused(ClientLoopError):
    """The process does not allow this move now."""

    code = "refused"


class NotAllowed(Refused):
    """The actor lacks the role that this move needs."""

    code = "not_allowed"


class Incomplete(Refused):
    """Something that the move requires is missing.

    Args:
        message: What was refused.
        missing: Everything that is missing, each as one phrase.
        hint: What to do about it.

    >>> error = Incomplete("cannot resolve", missing=("cause", "action"))
    >>> print(error)
    cannot resolve: missing cause; action
    """

    code = "incomplete"

    def __init__(self, message: str | None = None, *, missing: tuple[str, ...] = (), hint: str | None = None) -> None:
        """Keep the list of what is missing, for faces that ask for it."""
        self.missing = missing
        super().__init__(message, hint=hint or (f"missing {'; '.join(missing)}" if missing else None))


class Conflict(ClientLoopError):
    """Somebody else changed the record first; load it again."""

    code = "conflict"


class Duplicate(Conflict):
    """A record with this key exists already."""

    code = "duplicate"


class MissingReference(Conflict):
    """A record points to one that does not exist."""

    code = "missing_reference"


class NotSupported(ClientLoopError):
    """This adapter or store cannot do that."""

    code = "not_supported"


class MissingExtra(ClientLoopError, ImportError):
    """An optional library is not installed.

    >>> print(MissingExtra.of("cli", "rich"))
    this needs the library 'rich': pip install 'clientloop[cli]'
    """

    code = "missing_extra"

    @classmethod
    def of(cls, extra: str, library: str) -> "MissingExtra":
        """Name the extra that brings the library."""
        return cls(f"this needs the library {library!r}", hint=f"pip install 'clientloop[{extra}]'")


class PluginError(ClientLoopError):
    """A plugin is broken, misspelt or clashes with another."""

    code = "plugin"


class BadPayload(ClientLoopError):
    """A channel could not read what it was sent."""

    code = "bad_payload"


class Unreachable(ClientLoopError):
    """The other side of a channel did not answer."""

    code = "unreachable"


class StoreError(ClientLoopError):
    """The storage behind the store failed."""

    code = "store"


class StoreBusy(StoreError):
    """Another writer holds the store; try again."""

    code = "store_busy"


class StoreFull(StoreError):
    """The disk or the quota behind the store is full."""

    code = "store_full"


class StoreCorrupt(StoreError):
    """The file is damaged or is no clientloop store."""

    code = "store_corrupt"


class CommitUnknown(StoreError):
    """The connection was lost during a commit, which may have happened or not."""

    code = "commit_unknown"


class SchemaOutdated(StoreError):
    """The store was written by another version of clientloop."""

    code = "schema_outdated"


class Sealed(StoreError):
    """The space is on its way to another store."""

    code = "sealed"


def check_type(value: object, cls: type, *, hint: str) -> None:
    """Refuse a value of another type, where it would fail later and say nothing.

    Args:
        value: What was given.
        cls: What it must be.
        hint: What to give instead.

    Raises:
        InvalidValue: It is something else.

    >>> check_type(48, str, hint='write it as "48 h"')
    Traceback (most recent call last):
    clientloop.errors.InvalidValue: 48 is no str: write it as "48 h"
    """
    if not isinstance(value, cls):
        raise InvalidValue(f"{value!r:.80} is no {cls.__name__}", hint=hint)


def near_matches(name: object, known: Iterable[str]) -> str:
    """A hint that names the known words nearest to a misspelt one, or the first of all.

    Args:
        name: The word that is not known.
        known: Those that are. A sequence is shown in its order, so that the likeliest can come first; anything else by
            the alphabet.

    >>> near_matches("complant", ["complaint", "idea"])
    "did you mean 'complaint'?"
    >>> near_matches("!", [*"toabcdefghijkl"])
    "known are 't', 'o', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j' and 2 more"
    """
    words = list(map(str, known))  # members of enums by their values
    if not isinstance(known, Sequence):
        words.sort()
    near = difflib.get_close_matches(str(name), words, n=3, cutoff=0.6)
    if near:
        return f"did you mean {' or '.join(map(repr, near))}?"
    more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return f"known are {', '.join(map(repr, words[:_SHOWN]))}{more}" if words else "none is declared"
