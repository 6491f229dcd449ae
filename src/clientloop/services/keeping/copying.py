"""Moves a whole space from one store to another, over the port alone: any two stores will do.

The copy goes record class by record class, what others point to first, along the key. Each unit holds some records,
and how far the copy has come by them in the seal of the space: whenever it is killed, it goes on from there, and
nothing is there twice. Then the space is sealed in the source too, both sides are read once more, and only if all
digests are equal is the seal of the target broken.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import chain, islice

from attrs import frozen

from clientloop.errors import Conflict, Duplicate, InvalidValue, SchemaOutdated, UnknownName, near_matches
from clientloop.model.record import record_of
from clientloop.model.spaces import Space
from clientloop.model.units import Change, Insert, Unit
from clientloop.ports.store import Store
from clientloop.services.keeping.digests import Digest, digest_of
from clientloop.services.keeping.mending import corrections, removals
from clientloop.services.keeping.seals import Seal, Way, seal_of
from clientloop.services.keeping.streams import BATCH, COPIED, batches, counts


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
        target: Where it goes: a store, made ready if need be, in which the space was never opened.
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


#: How often what differs is mended, before somebody has to stop the source.
_ROUNDS = 2

#: How far a copy has come: the record class that is next, None after the last, and what asks for its records.
_Place = tuple[str | None, str | None]

#: Each class with the name of the one that follows.
_IN_ORDER = tuple(zip(COPIED, [*[record_of(cls).name for cls in COPIED[1:]], None], strict=True))


class _Copy:
    """One copy of one space."""

    _seal: Seal

    def __init__(self, source: End, target: End, space: str, told: Callable[[Progress], object]) -> None:
        self._from, self._to, self._space, self._told = source, target, space, told
        self._source, self._target = source.store, target.store

    def begin(self) -> bool:
        """Seal the target, or find it sealed; whether an earlier copy had begun."""
        self._check_source()
        self._target.migrate()
        left, found = seal_of(self._source, self._space), seal_of(self._target, self._space)
        if left is not None and (left.other != self._to.name or found is None):
            raise left.refusal()
        if found is not None and (found.way is Way.LEAVING or found.other != self._from.name):
            raise found.refusal()
        self._seal = found or self._begun()
        return found is not None

    def _check_source(self) -> None:
        if self._from.name == self._to.name:
            raise InvalidValue(f"{self._from.name} is both source and target", hint="give another target")
        try:
            for cls in COPIED:
                self._source.page(cls, self._space, limit=1)
        except SchemaOutdated as error:
            hint = f"bring it up to date by `clientloop init {self._from.name}`"
            raise SchemaOutdated(error.message, hint=hint) from error
        if self._source.get(Space, (self._space,)) is None:
            known = near_matches(self._space, self._source.spaces())
            raise UnknownName(f"no space {self._space!r} in {self._from.name}", hint=known)

    def _begun(self) -> Seal:
        if any(len(self._target.page(cls, self._space, limit=1)) for cls in COPIED):
            raise Duplicate(
                f"{self._to.name} holds data of a space {self._space!r} already",
                hint="give a store in which it was never opened: the copy makes it",
            )
        seal = Seal(space=self._space, way=Way.ARRIVING, other=self._from.name, record=record_of(COPIED[0]).name)
        self._target.commit(Unit((seal.setting(),)))
        return seal

    def fill(self) -> None:
        """Copy what is not copied yet."""
        done, total = (sum(counts(store, self._space).values()) for store in (self._target, self._source))
        try:
            for records, place in self._missing():
                self._write(map(Insert, records), place)
                done += len(records)
                self._told(Progress(phase=Phase.COPYING, rows=done, total=max(total, done)))
        except Conflict:  # the source has changed behind us: what is missing is found when both sides are compared
            if seal_of(self._target, self._space) != self._seal:
                raise Conflict(f"another copy of {self._space!r} is at work", hint="wait for that one") from None
        self._write((), (None, None))

    def _missing(self) -> Iterator[tuple[list[object], _Place]]:
        """What is not copied yet, and how far the copy has come with it."""
        record, after = self._seal.record, self._seal.after
        records: list[object]
        for cls, following in _IN_ORDER:
            if record_of(cls).name == record:
                for records, rest in batches(self._source, cls, self._space, after=after):
                    yield records, (record, rest) if rest else (following, None)
                record, after = following, None

    def _write(self, changes: Iterable[Change], place: _Place) -> None:
        """Make changes in the target, and note how far the copy has come, as one unit."""
        later, noted = self._seal.moved_on(*place)
        self._target.commit(Unit((*changes, noted)))
        self._seal = later

    def settle(self) -> tuple[Mapping[str, Digest], int]:
        """Have both sides agree while nobody works in either: the digests, and how many records were mended."""
        self._seal_source()
        records, differing = self._compare()
        mended = rounds = 0
        while differing and rounds < _ROUNDS:
            mended, rounds = mended + self._mend(differing), rounds + 1
            records, differing = self._compare()
        if differing:
            raise Conflict(
                f"changed while copying: {', '.join(record_of(cls).name for cls in differing)}",
                hint=f"stop whatever works on {self._from.name}, and give the same command once more",
            )
        return records, mended

    def _seal_source(self) -> None:
        found = seal_of(self._source, self._space)
        if found is None:
            leaving = Seal(space=self._space, way=Way.LEAVING, other=self._to.name)
            self._source.commit(Unit((leaving.setting(),)))
        elif found.other != self._to.name:  # another copy was faster
            raise found.refusal()

    def _compare(self) -> tuple[Mapping[str, Digest], list[type]]:
        """The digests of the source, and the classes of which the target has another."""
        progress = self._reading(2 * sum(counts(self._source, self._space).values()))
        found = {
            cls: tuple(digest_of(store, cls, self._space, told=progress) for store in (self._source, self._target))
            for cls in COPIED
        }
        records = {record_of(cls).name: ours for cls, (ours, _) in found.items() if ours.rows}
        # whatever a process does that nobody has stopped, it adds some record: reading takes long, this look does not
        now = counts(self._source, self._space)
        return records, [cls for cls, (ours, theirs) in found.items() if ours != theirs or ours.rows != now[cls]]

    def _reading(self, total: int) -> Callable[[int], None]:
        """Counts records that are read."""
        done = 0

        def read(more: int) -> None:
            nonlocal done
            done += more
            self._told(Progress(phase=Phase.VERIFYING, rows=done, total=max(total, done)))

        return read

    def _mend(self, classes: list[type]) -> int:
        """Make the target equal to the source in some classes; how many records were not."""
        ends = (self._source, self._target)
        gone = (removals(*ends, cls, self._space) for cls in reversed(classes))
        rest = (corrections(*ends, cls, self._space) for cls in classes)
        each, mended = chain.from_iterable([*gone, *rest]), 0
        while batch := list(islice(each, BATCH)):
            self._write(chain.from_iterable(batch), (None, None))
            mended += len(batch)
        return mended

    def leave(self) -> None:
        """Leave the space to the target."""
        self._target.commit(Unit((self._seal.breaking(),)))
