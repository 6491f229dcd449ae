"""Moves a whole space from one store to another, over the port alone: any two stores will do.

The copy goes record class by record class, what others point to first, along the key. Each unit holds some records and
how far the copy has come by them, in the seal of the space: whenever it is killed, it goes on from there, and nothing is
there twice. Then the space is sealed in the source too, both sides are read once more, and only if all digests are equal
is the seal of the target broken.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import dropwhile

from attrs import frozen

from clientloop.errors import Conflict, Duplicate, InvalidValue, SchemaOutdated, UnknownName
from clientloop.model.record import record_of
from clientloop.model.spaces import Space
from clientloop.model.units import Change, Insert, Unit
from clientloop.ports.store import Store
from clientloop.services.keeping.digests import Digest, digest_of
from clientloop.services.keeping.mending import mend
from clientloop.services.keeping.seals import Seal, Way, seal_of
from clientloop.services.keeping.spaces import spaces_of
from clientloop.services.keeping.streams import COPIED, batches, count


@frozen(kw_only=True)
class End:
    """The store at one end of a copy."""

    #: The store.
    store: Store
    #: What it is called in messages and in seals: its address without a password, the same each time.
    name: str


class Phase(StrEnum):
    """What a copy is at."""

    COPYING = "copying"
    #: Both sides are read, and what differs is mended.
    VERIFYING = "verifying"


@frozen(kw_only=True)
class Progress:
    """How far a copy is."""

    #: What it is at.
    phase: Phase
    #: Records copied, or read on both sides, in this phase.
    rows: int
    #: How many that will be, as far as is known.
    total: int


@frozen(kw_only=True)
class Copied:
    """What a copy has done."""

    #: The space.
    space: str
    #: Where it was.
    source: str
    #: Where it is.
    target: str
    #: What both hold, by the name of the record class.
    records: Mapping[str, Digest]
    #: Whether an earlier copy had begun it.
    resumed: bool
    #: Records that had changed in the source while they were copied, and were copied again.
    mended: int

    @property
    def rows(self) -> int:
        """How many records there are."""
        return sum(digest.rows for digest in self.records.values())


def copy_space(source: End, target: End, space: str, *, told: Callable[[Progress], object] | None = None) -> Copied:
    """Copy a whole space into another store, verify the copy, and leave the space to the target.

    Nobody may work in the source meanwhile: what changes while it is copied is found and copied again, as long as it
    stops changing. Killed at any moment, the copy is begun again by the same call.

    Args:
        source: Where the space is; sealed once all is copied, and left so.
        target: Where it goes: a store that is ready, in which the space was never opened.
        space: The space.
        told: Hears how far the copy is.

    Raises:
        UnknownName: The source has no such space.
        InvalidValue: Both ends are one.
        Sealed: The space has left the source already, or is being copied from or to somewhere else.
        Duplicate: The target holds data of such a space.
        SchemaOutdated: The source was written by another version of clientloop.
        Conflict: The source changes while it is copied, or another copy is at work.
    """
    copy = _Copy(source, target, space, told or (lambda _: None))
    resumed = copy.begin()
    copy.fill()
    records, mended = copy.settle()
    copy.leave()
    return Copied(space=space, source=source.name, target=target.name, records=records, resumed=resumed, mended=mended)


class _Copy:
    """One copy of one space."""

    def __init__(self, source: End, target: End, space: str, told: Callable[[Progress], object]) -> None:
        self._source, self._target, self._space, self._told = source, target, space, told
        self._seal: Seal

    def begin(self) -> bool:
        """Seal the target, or find it sealed; whether an earlier copy had begun."""
        self._check_source()
        left, found = seal_of(self._source.store, self._space), seal_of(self._target.store, self._space)
        if left is not None and (left.other != self._target.name or found is None):
            raise left.refusal()
        if found is not None and (found.way is Way.LEAVING or found.other != self._source.name):
            raise found.refusal()
        self._seal = found or self._begun()
        return found is not None

    def _check_source(self) -> None:
        store, space = self._source.store, self._space
        if self._source.name == self._target.name:
            raise InvalidValue(f"{self._source.name} is both source and target", hint="give another target")
        try:
            for cls in COPIED:
                store.page(cls, space, limit=1)
        except SchemaOutdated as error:
            hint = f"bring it up to date by `clientloop init {self._source.name}`"
            raise SchemaOutdated(error.message, hint=hint) from error
        if store.get(Space, (space,)) is None:
            raise UnknownName.among(space, spaces_of(store), what=f"space in {self._source.name}")

    def _begun(self) -> Seal:
        store, space = self._target.store, self._space
        if any(store.page(cls, space, limit=1).items for cls in COPIED):
            raise Duplicate(
                f"{self._target.name} holds data of a space {space!r} already",
                hint="give a store in which this space was never opened; the copy makes it",
            )
        seal = Seal(space=space, way=Way.ARRIVING, other=self._source.name, record=_NAMES[0])
        store.commit(Unit((seal.setting(),)))
        return seal

    def fill(self) -> None:
        """Copy what is not copied yet."""
        done = count(self._target.store, self._space)
        total = max(count(self._source.store, self._space), done)
        try:
            for records, place in self._missing():
                self._write(map(Insert, records), place)
                done += len(records)
                self._told(Progress(phase=Phase.COPYING, rows=done, total=total))
        except Conflict:  # the source has changed behind us: what is missing is found when both sides are compared
            self._check_alone()
        self._write((), (None, None))

    def _missing(self) -> Iterator[tuple[list[object], tuple[str | None, str | None]]]:
        """What is not copied yet, and how far the copy has come with it."""
        start = self._seal
        if start.record is None:
            return
        for cls, following in dropwhile(lambda pair: record_of(pair[0]).name != start.record, _IN_ORDER):
            name = record_of(cls).name
            begun = start.after if name == start.record else None
            for records, after in batches(self._source.store, cls, self._space, after=begun):
                yield list(records), (name, after) if after else (following, None)

    def _write(self, changes: Iterable[Change], place: tuple[str | None, str | None]) -> None:
        """Make changes in the target, and note how far the copy has come, as one unit."""
        later, noted = self._seal.moved_on(*place)
        self._target.store.commit(Unit((*changes, noted)))
        self._seal = later

    def _check_alone(self) -> None:
        if seal_of(self._target.store, self._space) != self._seal:
            raise Conflict(f"another copy of {self._space!r} is at work", hint="wait for that one")

    def settle(self) -> tuple[Mapping[str, Digest], int]:
        """Have both sides agree while nobody works in either: the digests, and how many records were mended."""
        self._seal_source()
        records, differing = self._compare()
        mended = 0
        if differing:
            mended = self._mend(differing)
            records, differing = self._compare()
        if differing:
            names = ", ".join(record_of(cls).name for cls in differing)
            raise Conflict(
                f"changed while copying: {names}",
                hint=f"stop whatever works on {self._source.name}, and run the copy again",
            )
        return records, mended

    def leave(self) -> None:
        """Leave the space to the target."""
        self._target.store.commit(Unit((self._seal.breaking(),)))
