"""Everything that is kept of a person, as plain data.

What belongs to a person is found by the schema itself: by what its records refer to, so that a later record is not
forgotten. A person is exported with the rows under all ids, and each id has an export of its own as well, by which a
merge and its undoing can be checked.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from operator import itemgetter
from typing import Any
from uuid import UUID

from clientloop.model.asking import Answer
from clientloop.model.channels import ChannelState, RawBody, StoredRaw, TakenEvent
from clientloop.model.codec import Json
from clientloop.model.customers import Customer, Merge, Split, Suggestion
from clientloop.model.improvements import Improvement
from clientloop.model.page import order_key
from clientloop.model.record import Record, record_of
from clientloop.model.schema import CLASSES
from clientloop.model.staff import Absence, Member, Team
from clientloop.model.where import eq, one_of
from clientloop.services.batches import BATCH
from clientloop.services.context import Context
from clientloop.services.setup.data import as_data

#: What refers to others without a store seeing to it: by table, the column and what it refers to; a column of a table,
#: where that one refers to this.
_LOOSE: Mapping[str, Mapping[str, str]] = {
    "insight": {"subject": "customer"},
    "assessment": {"subject": "customer"},
    "standing": {"subject": "customer"},
    "outbox": {"customer": "customer", "item": "feedback"},
    "delivery": {"customer": "customer", "item": "feedback", "message": "interaction"},
    "delivery_report": {"message": "delivery"},
    "event": {"became": "interaction"},
    "raw": {"id": "event.raw"},
}

#: References that do not say whose a row is: of several persons in one deal, each has the own row alone.
_ASIDE: Mapping[str, frozenset[str]] = {
    "answer": frozenset({"invitation"}),
    "appointment": frozenset({"deal"}),
    "deal_person": frozenset({"deal"}),
}

#: In which order the records are read: events say which raw messages are behind what happened.
_ORDER = sorted(CLASSES, key=lambda cls: cls in {StoredRaw, RawBody})

#: Records with personal data that no export of a customer has, and why.
LEFT_OUT: Mapping[type, str] = {
    Suggestion: "a guess of the firm, and it speaks of somebody else as well",
    Merge: "how the firm keeps two persons apart; what was merged has an export of its own",
    Split: "how the firm keeps two persons apart; what went over is exported with the other",
    Member: "somebody of the firm",
    Absence: "somebody of the firm",
    Team: "some of the firm",
    Improvement: "what the firm made of many items; the items themselves are exported",
    ChannelState: "what a server said when it was asked for messages; it says nothing of any",
}

#: Fields that say nothing of the person but how a merge is kept; versions count merges as well.
_BOOKKEEPING: Mapping[type, frozenset[str]] = {
    Customer: frozenset({"merged_into", "absorbed", "version"}),
    Answer: frozenset({"version"}),
}


def _links(record: Record) -> Mapping[str, str]:
    """The columns of a record that say whose a row is, by what they refer to: column to table."""
    links = {**record.references, **_LOOSE.get(record.name, {})}
    return {column: target for column, target in links.items() if column not in _ASIDE.get(record.name, ())}


def _exported() -> tuple[Record, ...]:
    """The records that belong to a person, what others refer to first."""
    found = {"customer": record_of(Customer)}
    for record in map(record_of, _ORDER):
        targets = {target.partition(".")[0] for target in _links(record).values()}
        if record.cls not in LEFT_OUT and _says_something(record) and not found.keys().isdisjoint(targets):
            found[record.name] = record
    return tuple(found.values())


def _says_something(record: Record) -> bool:
    """Whether a record holds more than its key: what does not guards something else."""
    return not record.columns.keys() <= {*record.key, "version"}


#: The records that an export has.
EXPORTED = _exported()


def export(context: Context, customers: Iterable[UUID]) -> str:
    """Everything that is kept under the ids of customers, as JSON: by table, each row once, sorted by their keys.

    Equal rows give equal text, byte for byte. Times are ISO 8601 in UTC, spans of time seconds, bytes base 64.

    Args:
        context: The space.
        customers: The ids themselves: what they are shown as is not asked for.
    """
    ids: dict[str, Iterable[UUID]] = {}
    tables: dict[str, list[Json]] = {}
    for record in EXPORTED:
        rows = _rows(context, record, {"id": customers} if record.cls is Customer else _found(record, ids))
        if record.cls is StoredRaw:
            rows = {key: row for key, row in rows.items() if _is_of_one(context, row, ids["interaction"])}
        if rows:
            tables[record.name] = [_as_data(row) for _, row in sorted(rows.items(), key=itemgetter(0))]
            ids |= _ids(record, rows.values())
    return json.dumps(tables, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _ids(record: Record, rows: Iterable[Any]) -> Mapping[str, Iterable[UUID]]:
    """What other records may refer to: the key of a record that has but one column, or a column by name."""
    targets = {target for links in _LOOSE.values() for target in links.values()}
    columns = {f"{record.name}.{name}": name for name in record.columns if f"{record.name}.{name}" in targets}
    if len(record.key) == 2:
        columns[record.name] = record.key[1]
    return {
        target: {value: None for row in rows if (value := getattr(row, name)) is not None}
        for target, name in columns.items()
    }


def _is_of_one(context: Context, raw: StoredRaw, own: Iterable[UUID]) -> bool:
    """Whether all that a raw message brought is of the person: what speaks of others as well is not handed out."""
    known = set(own)
    events = context.store.pages(TakenEvent, raw.space, where=eq("raw", raw.id), order="of_raw")
    return all(event.became is None or event.became in known for event in events)


def _found(record: Record, ids: Mapping[str, Iterable[UUID]]) -> Mapping[str, Iterable[UUID]]:
    """What the columns of a record refer to, of what was found of a person so far."""
    return {column: ids.get(target, ()) for column, target in _links(record).items()}


def _rows(context: Context, record: Record, wanted: Mapping[str, Iterable[UUID]]) -> dict[Any, Any]:
    """The rows of a record that have one of the ids in a column, by their keys. Any: of whatever class."""
    found: dict[Any, Any] = {}
    for column, ids in wanted.items():
        order = _along(record, column)
        for some in _batches(ids):
            where = one_of(column, some)
            rows: Iterator[Any] = context.store.pages(record.cls, context.space.space, where=where, order=order)
            found |= {order_key(record.key_of(record.encode(row))): row for row in rows}
    return found


def _along(record: Record, column: str) -> str:
    """The order that begins with a column that refers to others: the key, or else an index."""
    if record.key[1] == column:
        return "key"
    return next(index.name for index in record.indexes if index.columns[0] == column)


def _batches(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    left = iter(ids)
    while some := list(islice(left, BATCH)):
        yield some


def _as_data(row: object) -> Json:
    left_out = _BOOKKEEPING.get(type(row), frozenset())
    return {name: value for name, value in as_data(row).items() if name not in left_out}
