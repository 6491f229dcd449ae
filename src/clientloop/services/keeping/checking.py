"""Whether a space holds together: rules over all that it holds, read page by page, also while others go on writing.

What is read at different moments may disagree although nothing is wrong. So whatever looks wrong is looked at again, by
itself, until nobody has changed it meanwhile; what is wrong then is a breach.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from datetime import UTC, datetime
from typing import Any

from attrs import frozen

from clientloop.errors import SchemaOutdated, StoreCorrupt
from clientloop.model.channels import RawBody
from clientloop.model.interactions import Attachment
from clientloop.model.record import record_of
from clientloop.model.schema import CLASSES
from clientloop.ports.store import Store
from clientloop.services.keeping.around import Id, Near, Scope, Stretch, stretch_of, stretches
from clientloop.services.keeping.items import ITEMS
from clientloop.services.keeping.others import OTHERS
from clientloop.services.keeping.pointing import POINTING, names_nobody, pointing
from clientloop.services.keeping.rules import RESTORE, Breach, Inspection, Rule, breach_of
from clientloop.services.keeping.wholes import ALL_SPACES, WHOLES

#: All inspections of records. Any: each is about a class of its own.
INSPECTIONS: tuple[Inspection[Any], ...] = (*ITEMS, *OTHERS, *pointing((*ITEMS, *OTHERS)))

STORAGE = Rule("storage", "The storage finds nothing wrong with itself.", "restore a backup, on another disk")
READABLE = Rule("readable", "Every record can be read.", RESTORE)

#: What is read near others, and what is bytes alone, of which none cannot be read.
_READ_BESIDE: Set[type] = {
    *(near.cls for each in INSPECTIONS for near in each.near if near.whole and not near.bare),
    *(Attachment, RawBody),
}

#: Records read at a time that may be large.
_FEW = 50

#: All rules by name, in the order in which they are told of.
RULES: Mapping[str, Rule] = {
    rule.name: rule for rule in (*(each.rule for each in INSPECTIONS), *WHOLES, READABLE, STORAGE)
}

#: Hears how far a check has come: of which table, and how many of its records, were read.
Progress = Callable[[str, int], object]

#: How often a record is looked at again that others keep changing.
_LOOKS = 5


def check(store: Store, space: str, *, progress: Progress = lambda _, __: None) -> Iterator[Breach]:
    """Everything in a space that breaks a rule.

    Args:
        store: Where it is.
        space: Its name.
        progress: Hears how far it has come.

    >>> from clientloop import ClientLoop
    >>> with ClientLoop.open("memory:") as loop:
    ...     item = loop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
    ...     list(check(loop.store, "main"))
    []
    """
    for cls in CLASSES:
        inspections = [each for each in INSPECTIONS if each.of is cls]
        if inspections:
            inspector = _Inspector.of(store, space, cls, inspections)
            yield from _readable(inspector.inspect(progress), space, record_of(cls).name)
        else:
            read = _begin if cls in _READ_BESIDE else _read
            yield from _readable(read(store, space, cls, progress), space, record_of(cls).name)
    for rule, find in WHOLES.items():
        yield from _readable(find(store, space, rule), space, "space")


def check_all(store: Store, spaces: Iterable[str], *, progress: Progress = lambda _, __: None) -> Iterator[Breach]:
    """Everything in some spaces that breaks a rule, and what the storage finds wrong with itself.

    Args:
        store: Where they are.
        spaces: Their names.
        progress: Hears how far it has come.
    """
    try:
        faults = store.damage()
    except StoreCorrupt as error:
        faults = (error.message,)
    for fault in faults:
        yield Breach(rule=STORAGE.name, record="store", key=(), message=fault, hint=STORAGE.do)
    for space in spaces:
        yield from check(store, space, progress=progress)


def spaces_of(store: Store) -> Sequence[str]:
    """The spaces of a store: those that were opened, and those that workers look into, in case that a record is lost.

    Args:
        store: The store.
    """
    looked_into = store.due_spaces(now=datetime.max.replace(tzinfo=UTC), limit=ALL_SPACES)
    return sorted({*store.spaces(), *looked_into})


def _read(store: Store, space: str, cls: type, progress: Progress) -> Iterator[Breach]:
    """Read the records that no inspection is about, few at a time, as words may be long: none is wrong that is read."""
    progress(record_of(cls).name, sum(1 for _ in store.pages(cls, space, size=_FEW)))
    yield from ()


def _begin(store: Store, space: str, cls: type, _: Progress) -> Iterator[Breach]:
    """See that records have all their columns, of which those that are read near others show some."""
    store.page(cls, space, limit=1)
    yield from ()


def _readable(found: Iterator[Breach], space: str, name: str) -> Iterator[Breach]:
    """What is found, up to where nothing more can be read: what comes after that is looked at all the same."""
    try:
        yield from found
    except (StoreCorrupt, SchemaOutdated) as error:  # a table that is gone is damage too
        yield Breach(rule=READABLE.name, record=name, key=(space,), message=error.message, hint=READABLE.do)


@frozen
class _Inspector:
    """Inspects all records of one class."""

    store: Store
    space: str
    cls: type
    inspections: Sequence[Inspection[Any]]  # Any: of this class
    scope: Scope

    @classmethod
    def of(cls, store: Store, space: str, inspected: type, inspections: Sequence[Inspection[Any]]) -> "_Inspector":
        near = dict.fromkeys(near for each in inspections for near in each.near)
        points = dict.fromkeys(point for each in inspections for point in each.points)
        return cls(store, space, inspected, inspections, Scope(tuple(near), tuple(points)))

    def inspect(self, progress: Progress) -> Iterator[Breach]:
        """All breaches."""
        name = record_of(self.cls).name
        for stretch in stretches(self.store, self.space, self.cls, self.scope):
            progress(name, len(stretch.rows))
            for key in stretch.rows:
                if any(True for _ in self._breaches(stretch, key)):
                    yield from self._again(key)
            for near in self.scope.near:
                for key in stretch.near[near.cls].keys() - stretch.rows.keys() if near.whole else ():
                    yield from self._orphans(near, key)

    def _breaches(self, stretch: Stretch, key: Id) -> Iterator[Breach]:
        row, around = stretch.rows[key], stretch.around(key)
        for each in self.inspections:
            for message in each.judge(row, around):
                yield breach_of(each.rule, row, message)

    def _again(self, key: Id) -> Iterator[Breach]:
        """What is wrong with a record as it is now, with what is around it."""
        found: list[Breach] = []
        row = self._get(key)
        for _ in range(_LOOKS):
            if row is None:
                return
            found = list(self._breaches(stretch_of(self.store, self.space, key, [row], self.scope), key))
            seen, row = row, self._get(key)
            if seen == row:
                break
        yield from found

    def _orphans(self, near: Near, key: Id) -> Iterator[Breach]:
        """What names a record that is not there now."""
        lying = stretch_of(self.store, self.space, key, (), Scope((near,))).near[near.cls].get(key, ())
        if self._get(key) is None:
            message = names_nobody(near.by[0], (self.cls,), key[0])
            for each in lying:
                yield _bare(near, self.space, each, message) if near.bare else breach_of(POINTING, each, message)

    def _get(self, key: Id) -> Any:  # Any: a record of this class
        return self.store.get(self.cls, (self.space, *key))


def _bare(near: Near, space: str, key: Id, message: str) -> Breach:
    name = record_of(near.cls).name
    return Breach(rule=POINTING.name, record=name, key=(space, *key), message=message, hint=POINTING.do)
