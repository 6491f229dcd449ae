"""What tells whether two stores hold the same: a digest of all records of a class, in whatever order they come."""

import marshal
from collections.abc import Callable
from hashlib import sha256

from attrs import frozen

from clientloop.model.record import record_of
from clientloop.ports.store import Store
from clientloop.services.keeping.streams import BATCH, rows

#: How a row becomes bytes: in this version equal rows always become the same, however they came about.
_VERSION = 0

_MODULUS = 1 << 256


@frozen
class Digest:
    """What a store holds of one record class: equal digests, equal records."""

    #: How many records.
    rows: int
    #: The sum of the SHA-256 of all encoded records, modulo 2^256, in hexadecimal digits.
    sum: str


def digest_of(store: Store, cls: type, space: str, *, told: Callable[[int], None] | None = None) -> Digest:
    """The digest of all records of a class in a space, read as a stream.

    Args:
        store: Where they are.
        cls: The class.
        space: The space.
        told: Hears how many records more were read.

    >>> from clientloop.model.spaces import Space
    >>> from clientloop.model.units import Insert, Unit
    >>> from clientloop.stores.memory import MemoryStore
    >>> one, other = MemoryStore(), MemoryStore()
    >>> for store in (one, other):
    ...     store.commit(Unit((Insert(Space(space="main")),)))
    >>> digest_of(one, Space, "main").rows
    1
    >>> digest_of(one, Space, "main") == digest_of(other, Space, "main")
    True
    """
    encode = record_of(cls).encode
    number = total = 0
    for number, row in enumerate(map(encode, rows(store, cls, space)), start=1):
        total += int.from_bytes(sha256(marshal.dumps(row, _VERSION)).digest())
        if told and number % BATCH == 0:
            told(BATCH)
    if told:
        told(number % BATCH)
    return Digest(number, f"{total % _MODULUS:064x}")
