"""What a merge writes, and what undoing it takes back."""

from datetime import UTC, datetime
from uuid import UUID

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.customers import Customer, CustomerClass, Merge
from clientloop.model.units import Unit, Update
from clientloop.rules.people.merging import Link, merged, unmerged

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)

#: What customers have, or have not.
FIELDS = st.fixed_dictionaries({
    "name": st.sampled_from(["", "Ana", "Bor"]),
    "customer_class": st.sampled_from([None, *CustomerClass]),
    "locale": st.sampled_from([None, "sl", "de"]),
    "zone": st.sampled_from([None, "UTC"]),
    "extra": st.dictionaries(st.sampled_from(["dog", "name", "extra.dog"]), st.sampled_from(["", None, 0, "Rex"])),
})  # fmt: skip

#: What somebody sets between a merge and its undoing.
CHANGES = st.fixed_dictionaries({}, optional={
    "name": st.sampled_from(["", "Ana", "Cene"]),
    "locale": st.sampled_from([None, "de", "it"]),
    "extra": st.dictionaries(st.sampled_from(["dog", "cat"]), st.sampled_from(["Rex", "Fido"])),
})  # fmt: skip

NOTHING = {"name": "", "customer_class": None, "locale": None, "zone": None}


def customer(number: int, **what: object) -> Customer:
    """A customer."""
    return Customer(space="main", id=UUID(int=number), created_at=NINE, **what)  # type: ignore[arg-type]  # drawn


def written(record: Customer | Merge, unit: Unit) -> Customer | Merge:
    """A record as a unit leaves it; its guard holds."""
    for change in unit.changes:
        if isinstance(change, Update) and change.key == (record.space, record.id):
            assert change.version == record.version
            record = evolve(record, **change.changes, version=record.version + 1)  # type: ignore[arg-type]
    return record


@given(FIELDS, FIELDS, CHANGES)
def test_undoing_gives_back_what_was_and_keeps_what_was_changed(
    mine: dict[str, object], theirs: dict[str, object], changes: dict[str, object]
) -> None:
    """Field by field: what was empty and is as the merge filled it is empty again, all else is as it is."""
    kept, absorbed = customer(1, **mine), customer(2, **theirs)
    merge, unit = merged(kept, absorbed, number=UUID(int=3), by="mia", reason="same", now=NINE)
    both, other = written(kept, unit), written(absorbed, unit)
    assert isinstance(both, Customer)
    assert isinstance(other, Customer)
    for name, nothing in NOTHING.items():
        assert getattr(both, name) == (getattr(kept, name) if getattr(kept, name) != nothing else theirs[name])
    assert both.extra == {**absorbed.extra, **kept.extra}
    assert (both.absorbed, other.merged_into, other.extra) == ((absorbed.id,), kept.id, absorbed.extra)

    changed = evolve(both, **changes)  # type: ignore[arg-type]  # drawn
    undone, unit = unmerged(other, [Link(merge, changed)], by="tim", now=NINE)
    after = written(changed, unit)
    assert isinstance(after, Customer)
    for name, nothing in NOTHING.items():
        was_filled = getattr(kept, name) == nothing and getattr(changed, name) == theirs[name]
        assert getattr(after, name) == (nothing if was_filled else getattr(changed, name))
    filled = {key: value for key, value in absorbed.extra.items() if key not in kept.extra}
    assert after.extra == {
        key: value for key, value in changed.extra.items() if key not in filled or filled[key] != value
    }
    assert evolve(written(other, unit), version=1) == absorbed
    assert (undone, after.absorbed) == (written(merge, unit), ())


@given(st.lists(FIELDS, min_size=3, max_size=3), st.booleans())
def test_a_chain_taken_apart_in_any_order_is_what_it_was(three: list[dict[str, object]], lower_first: bool) -> None:
    """C into B, B into A; whichever merge is undone first, all three are as they were at the end."""
    first, second, third = (customer(number, **what) for number, what in enumerate(three, 1))
    lower, unit = merged(second, third, number=UUID(int=8), by="mia", reason="same", now=NINE)
    b, c = written(second, unit), written(third, unit)
    assert isinstance(b, Customer)
    assert isinstance(c, Customer)
    upper, unit = merged(first, b, number=UUID(int=9), by="mia", reason="same", now=NINE)
    a, b = written(first, unit), written(b, unit)
    assert isinstance(a, Customer)
    assert isinstance(b, Customer)
    assert a.absorbed == (second.id, third.id)
    steps = [(c, lower), (b, upper)] if lower_first else [(b, upper), (c, lower)]
    world: dict[UUID, Customer | Merge] = {each.id: each for each in (a, b, c, lower, upper)}
    for absorbed, merge in steps:
        above = [(merge.id, merge.kept)]
        if merge is lower and lower_first:
            above.append((upper.id, first.id))
        links = [Link(world[number], world[kept]) for number, kept in above]  # type: ignore[arg-type]  # by their ids
        _, unit = unmerged(world[absorbed.id], links, by="tim", now=NINE)  # type: ignore[arg-type]
        world = {number: written(record, unit) for number, record in world.items()}
    assert [evolve(world[each.id], version=1) for each in (first, second, third)] == [first, second, third]
