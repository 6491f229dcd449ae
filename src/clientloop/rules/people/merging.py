"""Two customers who are one person: what a merge writes, and what undoing it takes back.

No row moves. The customer that is kept lists all that are shown as it, the other one points to it, and both are guarded
by their versions; so a merge costs the same however much is kept of the two, and undoing it is exact.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from attrs import evolve, frozen

from clientloop.model.codec import Json
from clientloop.model.customers import Customer, Merge
from clientloop.model.facts import Fact, FactName
from clientloop.model.units import Change, Insert, Unit, Update

#: The fields that the kept customer takes over where it has nothing in them: what each holds then.
_NOTHING: Mapping[str, Json] = {"name": "", "customer_class": None, "locale": None, "zone": None}

#: How `Merge.filled` names the keys of `extra`.
_EXTRA = "extra."


@frozen
class Link:
    """A merge, with the customer that was kept."""

    #: The merge.
    merge: Merge
    #: The customer.
    kept: Customer


def merged(
    kept: Customer, absorbed: Customer, *, number: UUID, by: str, reason: str, now: datetime
) -> tuple[Merge, Unit]:
    """Two customers are one person.

    Args:
        kept: The one that both are shown as.
        absorbed: The other; neither is merged into anybody yet.
        number: The id of the merge.
        by: Who says so.
        reason: Why.
        now: The present, UTC.
    """
    known = _held(kept)
    filled = {name: value for name, value in _held(absorbed).items() if name not in known}
    merge = Merge(
        space=kept.space, id=number, kept=kept.id, absorbed=absorbed.id, by=by, reason=reason, at=now, filled=filled
    )
    changes = (
        _of(kept, {**_with(kept, filled), "absorbed": kept.absorbed + absorbed.ids}),
        _of(absorbed, {"merged_into": kept.id}),
        Insert(merge),
    )
    data = {"absorbed": str(absorbed.id), "merge": str(number)}
    return merge, Unit(changes, (Fact(FactName.CUSTOMER_MERGED, kept.space, kept.id, now, data),))


def unmerged(absorbed: Customer, above: Sequence[Link], *, by: str, now: datetime) -> tuple[Merge, Unit]:
    """Two customers were two persons after all; what else was merged into either stays with it.

    What the kept one took over from the other is taken back, if it still holds it, and so it is from whoever took it
    over from there: that customer may have been merged into a third since.

    Args:
        absorbed: The customer that was merged into the other.
        above: The merge to undo, then those through which the kept customer is shown as yet another, from below.
        by: Who says so.
        now: The present, UTC.
    """
    undone, lost = above[0].merge, above[0].merge.filled
    changes: list[Change] = []
    for link in above:
        lost = _common(lost, link.merge.filled)
        left = tuple(one for one in link.kept.absorbed if one not in absorbed.ids)
        changes.append(_of(link.kept, {**_without(link.kept, lost), "absorbed": left}))
        if lost and link.merge is not undone:
            still = {name: value for name, value in link.merge.filled.items() if name not in lost}
            changes.append(_of(link.merge, {"filled": still}))
    changes.append(_of(absorbed, {"merged_into": None}))
    changes.append(_of(undone, {"undone_at": now, "undone_by": by}))
    data = {"kept": str(undone.kept), "merge": str(undone.id)}
    facts = (Fact(FactName.CUSTOMER_UNMERGED, absorbed.space, absorbed.id, now, data),)
    return evolve(undone, undone_at=now, undone_by=by, version=undone.version + 1), Unit(tuple(changes), facts)


def _held(customer: Customer) -> dict[str, Json]:
    """What a customer has something in, as `Merge.filled` names it."""
    fields = {name: getattr(customer, name) for name in _NOTHING}
    held = {name: value for name, value in fields.items() if value != _NOTHING[name]}
    return held | {f"{_EXTRA}{key}": value for key, value in customer.extra.items()}


def _with(customer: Customer, filled: Mapping[str, Json]) -> dict[str, Json]:
    """The new values of a customer that takes something over."""
    extra = {name.removeprefix(_EXTRA): value for name, value in filled.items() if name.startswith(_EXTRA)}
    changes = {name: value for name, value in filled.items() if name in _NOTHING}
    return {**changes, "extra": {**customer.extra, **extra}} if extra else changes


def _without(customer: Customer, lost: Mapping[str, Json]) -> dict[str, Json]:
    """The new values of a customer that gives something back; what it holds otherwise by now, it keeps."""
    back = _common(lost, _held(customer))
    extra = {key: value for key, value in customer.extra.items() if f"{_EXTRA}{key}" not in back}
    changes = {name: _NOTHING[name] for name in back if name in _NOTHING}
    return changes if len(extra) == len(customer.extra) else {**changes, "extra": extra}


def _common(one: Mapping[str, Json], other: Mapping[str, Json]) -> dict[str, Json]:
    """What two mappings agree in."""
    return {name: value for name, value in one.items() if name in other and other[name] == value}


def _of(record: Customer | Merge, changes: Mapping[str, object]) -> Update:
    return Update(type(record), (record.space, record.id), changes, record.version)
