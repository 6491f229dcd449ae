"""What every store refuses, by which error, and that nothing of the refused unit stays."""

from collections.abc import Callable
from datetime import datetime

import pytest

from clientloop.errors import ClientLoopError, Conflict, Duplicate, InvalidValue, MissingReference, UnknownName
from clientloop.model.customers import Customer, Identity, IdentityKind, Trust
from clientloop.model.feedback import Feedback, Transition
from clientloop.model.interactions import Attachment, Interaction, Text
from clientloop.model.messages import DeliveryReport, OutboundMessage
from clientloop.model.record import record_of
from clientloop.model.units import Add, Change, Delete, Insert, Unit, Update
from clientloop.ports.store import Store
from clientloop.testing.samples import Fields, inserts, sample, sample_id
from clientloop.testing.stores.kit import (
    REFERENCES,
    WRITTEN,
    Suite,
    assert_refused,
    delete,
    key_of,
    put,
    update,
)

#: Every unique index: the class and its columns.
UNIQUE = [(cls, index.columns) for cls in WRITTEN for index in record_of(cls).indexes if index.unique]

#: Values that no store takes, each for one field of one class.
UNSTORABLE: dict[str, tuple[type[object], str, object]] = {
    "NUL": (Text, "body", "a\0b"),
    "lone surrogate": (Text, "body", "\ud800"),
    "text where None may be": (Interaction, "origin", "\0"),
    "no text": (Text, "body", 5),
    "naive time": (Customer, "created_at", datetime(2026, 3, 2, 9)),  # noqa: DTZ001  # the fault that is tried
    "naive time that may be missing": (Interaction, "occurred_at", datetime(2026, 3, 2)),  # noqa: DTZ001  # likewise
    "no time": (Customer, "created_at", 5),
    "too big": (Interaction, "amount", 2**63),
    "too small": (Interaction, "amount", -(2**63) - 1),
    "no whole number": (Interaction, "amount", 1.0),
    "a truth as number": (Interaction, "quantity", True),
    "a number as truth": (Feedback, "is_open", 1),
    "no member of the enum": (Interaction, "kind", "purchase"),
    "no id": (Interaction, "customer", str(sample_id(0))),
    "no JSON": (Customer, "extra", {"x": object()}),
    "no number in JSON": (Customer, "extra", {"x": float("nan")}),
    "surrogate in JSON": (Customer, "extra", {"x": "\udfff"}),
    "no mapping": (Customer, "extra", ["x"]),
    "no bytes": (Attachment, "content", "text"),
    "a number as bytes": (Attachment, "content", 5),
    "missing where it must not": (Feedback, "state", None),
}

#: Changes that are refused while `FIRST` and what it points to is there, each with its error.
FIRST = sample(Feedback, 1)
REFUSED: dict[str, tuple[Change, type[ClientLoopError]]] = {
    "duplicate": (Insert(sample(Customer, 1)), Duplicate),
    "unique": (Insert(sample(Interaction, 9, channel=FIRST.channel, origin="taken")), Duplicate),
    "reference": (Insert(sample(Text, 9)), MissingReference),
    "pointed to": (delete(sample(Interaction, 1)), MissingReference),
    "stale update": (update(sample(Customer, 1), version=9, name="x"), Conflict),
    "stale delete": (delete(FIRST, version=9), Conflict),
    "gone": (update(sample(Customer, 9), name="x"), Conflict),
    "invalid": (Insert(sample(Customer, 9, name="\0")), InvalidValue),
    "unknown field": (update(sample(Customer, 1), nmae="x"), UnknownName),
    "overflow": (Add(sample(OutboundMessage, 1), {"attempts": 1}), InvalidValue),
}


class Refusals(Suite):
    """Tests of what `commit` refuses."""

    @pytest.mark.parametrize("cls", WRITTEN)
    def test_a_key_is_taken_once(self, store: Store, cls: type[object]) -> None:
        """A second record with the same key is a Duplicate, also if it is equal, and the first stays."""
        put(store, sample(cls, full=True))
        assert_refused(store, Unit((Insert(sample(cls)),)), Duplicate)
        assert_refused(store, Unit((Insert(sample(cls, full=True)),)), Duplicate)

    @pytest.mark.parametrize(("cls", "columns"), UNIQUE)
    def test_a_unique_index_is_taken_once(self, store: Store, cls: type[object], columns: tuple[str, ...]) -> None:
        """A record that agrees with another in all columns of a unique index is a Duplicate, in its own space only."""
        first, second = sample(cls, 1, full=True), sample(cls, 2, full=True)
        agreeing: Fields = {name: getattr(first, name) for name in columns}
        put(store, first, second)
        assert_refused(store, Unit((update(second, **agreeing),)), Duplicate)
        store.commit(Unit((delete(second),)))
        assert_refused(store, Unit((Insert(sample(cls, 2, full=True, **agreeing)),)), Duplicate)
        put(store, sample(cls, 2, full=True, space="other", **agreeing))

    def test_a_unique_value_is_free_again_once_its_holder_let_go(self, store: Store) -> None:
        """A value of a unique index can move from one record to another within one unit."""
        first, second, third = (sample(Interaction, number, channel="shop", origin=f"{number}") for number in range(3))
        put(store, first, second)
        store.commit(Unit((update(first, origin="free"), update(second, origin="0"), Insert(third))))
        store.commit(Unit((delete(second), update(first, origin="0"), update(first, origin="0"))))
        assert [each.origin for each in store.page(Interaction, "main")] == ["0", "2"]

    def test_rows_with_none_in_a_unique_index_are_not_compared(self, store: Store) -> None:
        """Any number of interactions may have no origin on the same channel."""
        put(store, *(sample(Interaction, number, channel="shop", origin=None) for number in range(3)))
        store.commit(Unit((update(sample(Interaction, 1), quantity=5),)))
        assert len(store.page(Interaction, "main")) == 3

    @pytest.mark.parametrize(("cls", "column", "target"), REFERENCES)
    def test_what_is_pointed_to_must_exist(
        self, store: Store, cls: type[object], column: str, target: type[object]
    ) -> None:
        """No record is inserted or updated that points to one which does not exist, or exists in another space only."""
        instance = sample(cls, 1, full=True)
        others = [change for change in inserts(instance).changes if isinstance(change, Insert)]
        lacking = Unit(tuple(change for change in others if type(change.record) is not target))
        put(store, sample(target, 1, space="other"))
        assert_refused(store, lacking, MissingReference)
        put(store, instance)
        if column not in record_of(cls).key:
            nowhere: Fields = {column: sample_id(9)}
            assert_refused(store, Unit((update(instance, **nowhere),)), MissingReference)

    @pytest.mark.parametrize(("cls", "column", "target"), REFERENCES)
    def test_what_is_pointed_to_stays(self, store: Store, cls: type[object], column: str, target: type[object]) -> None:
        """No record is deleted while another points to it, nor afterwards within the same unit."""
        instance = sample(cls, 1, full=True)
        put(store, instance)
        assert_refused(store, Unit((delete(sample(target, 1)),)), MissingReference)
        assert_refused(store, Unit((delete(sample(target, 1)), delete(instance))), MissingReference)

    def test_references_are_checked_in_the_order_of_the_changes(self, store: Store) -> None:
        """A child before its parent is refused, though the whole unit would be sound."""
        unit = inserts(sample(Text))
        assert_refused(store, Unit(tuple(reversed(unit.changes))), MissingReference)

    def test_a_reference_may_lead_nowhere_where_the_field_may_be_none(self, store: Store) -> None:
        """An interaction with a person whom nobody knows yet points to nobody, and can be given to one later."""
        put(store, sample(Interaction, customer=None), sample(Customer, 1))
        store.commit(Unit((update(sample(Interaction), customer=sample_id(1)),)))
        assert_refused(store, Unit((delete(sample(Customer, 1)),)), MissingReference)
        store.commit(Unit((update(sample(Interaction), customer=None), delete(sample(Customer, 1)))))
        assert store.page(Customer, "main").items == ()

    def test_a_guard_holds_against_any_other_version(self, store: Store) -> None:
        """Updates and deletions with an older or a newer version than the record's are Conflicts."""
        customer = sample(Customer, version=5)
        put(store, customer)
        for version in (1, 4, 6):
            assert_refused(store, Unit((update(customer, version=version, name="x"),)), Conflict)
            assert_refused(store, Unit((delete(customer, version=version),)), Conflict)

    @pytest.mark.parametrize("version", [None, 1])
    def test_what_is_gone_cannot_be_changed(self, store: Store, version: int | None) -> None:
        """Updating or deleting a record that is not there is a Conflict, guarded or not."""
        put(store, sample(Customer, 1))
        assert_refused(store, Unit((update(sample(Customer), version=version, name="x"),)), Conflict)
        assert_refused(store, Unit((delete(sample(Customer), version=version),)), Conflict)
        assert_refused(store, Unit((delete(sample(Customer, 1)), delete(sample(Customer, 1)))), Conflict)

    def test_adding_outdates_what_was_loaded_before(self, store: Store) -> None:
        """A guarded update with the version from before an `Add` is a Conflict, so no sum is overwritten unseen."""
        message = sample(OutboundMessage)
        put(store, message)
        store.commit(Unit((Add(message, {"attempts": 1}),)))
        assert_refused(store, Unit((update(message, version=1, attempts=0),)), Conflict)

    @pytest.mark.parametrize("change", [Update, Delete])
    def test_a_record_without_a_version_has_no_guard(self, store: Store, change: Callable[..., Change]) -> None:
        """A version given for a record that counts none is an InvalidValue, not a guard that always holds."""
        put(store, sample(DeliveryReport))
        arguments = {"cls": DeliveryReport, "key": key_of(sample(DeliveryReport)), "version": 1}
        changes = {"changes": {"detail": "x"}} if change is Update else {}
        assert_refused(store, Unit((change(**arguments, **changes),)), InvalidValue)

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"nmae": "x"}, UnknownName),
            ({"id": sample_id(2)}, InvalidValue),
            ({"space": "other"}, InvalidValue),
            ({"version": 9}, InvalidValue),
            ({"name": 5}, InvalidValue),
            ({"name": None}, InvalidValue),
        ],
        ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
    )
    def test_an_update_names_fields_that_can_change(
        self, store: Store, changes: dict[str, object], error: type[ClientLoopError]
    ) -> None:
        """Unknown fields, the key, the version, and values that do not fit are refused in an update."""
        put(store, sample(Customer))
        assert_refused(store, Unit((Update(Customer, key_of(sample(Customer)), changes),)), error)

    @pytest.mark.parametrize(
        ("deltas", "error"),
        [
            ({"quantty": 1}, UnknownName),
            ({"channel": 1}, InvalidValue),
            ({"recorded_at": 1}, InvalidValue),
            ({"id": 1}, InvalidValue),
            ({"quantity": 1.5}, InvalidValue),
            ({"quantity": None}, InvalidValue),
            ({"quantity": 2**63}, InvalidValue),
        ],
        ids=str,
    )
    @pytest.mark.parametrize("there", [False, True], ids=["new", "there"])
    def test_add_takes_whole_numbers_only(
        self, store: Store, there: bool, deltas: dict[str, int], error: type[ClientLoopError]
    ) -> None:
        """Unknown fields, fields of other types, and deltas that are no 64-bit numbers are refused in an `Add`."""
        if there:
            put(store, sample(Interaction))
        assert_refused(store, Unit((Add(sample(Interaction), deltas),)), error)

    @pytest.mark.parametrize(("held", "delta"), [(2**63 - 1, 1), (-(2**63), -1), (2**62, 2**62)])
    @pytest.mark.parametrize("there", [False, True], ids=["new", "there"])
    def test_a_sum_beyond_64_bits_is_refused(self, store: Store, held: int, delta: int, there: bool) -> None:
        """An `Add` whose sum would not fit is an InvalidValue and leaves the field as it was."""
        full = sample(Interaction, amount=held)
        if there:
            put(store, full)
        assert_refused(store, Unit((Add(full, {"amount": delta}),)), InvalidValue)

    @pytest.mark.parametrize(("cls", "field", "value"), UNSTORABLE.values(), ids=UNSTORABLE.keys())
    def test_what_some_database_could_not_hold_is_refused(
        self, store: Store, cls: type[object], field: str, value: object
    ) -> None:
        """Values of the wrong type or outside what all databases hold are an InvalidValue in inserts and updates."""
        there = sample(cls, 1)
        put(store, there, sample(cls, 2))
        store.commit(Unit((delete(sample(cls, 2)),)))
        unfit: Fields = {field: value}
        error = assert_refused(store, Unit((Insert(sample(cls, 2, **unfit)),)), InvalidValue)
        assert f"{record_of(cls).name}.{field}" in error.message
        assert_refused(store, Unit((update(there, **unfit),)), InvalidValue)

    @pytest.mark.parametrize(
        "key", [(), ("main",), ("main", sample_id(0), 1), ("main", str(sample_id(0))), ("\0", sample_id(0))]
    )
    def test_a_key_has_the_parts_that_the_record_declares(self, store: Store, key: tuple[object, ...]) -> None:
        """Keys with missing, superfluous or unfit parts are an InvalidValue wherever a key is given."""
        put(store, sample(Customer))
        with pytest.raises(InvalidValue):
            store.get(Customer, key)
        assert_refused(store, Unit((Update(Customer, key, {"name": "x"}),)), InvalidValue)
        assert_refused(store, Unit((Delete(Customer, key),)), InvalidValue)

    def test_only_records_are_kept(self, store: Store) -> None:
        """Objects that the schema does not declare are an InvalidValue."""
        assert_refused(store, Unit((Insert("text"),)), InvalidValue)
        with pytest.raises(InvalidValue):
            store.get(str, ("main",))

    @pytest.mark.parametrize(("refused", "error"), REFUSED.values(), ids=REFUSED.keys())
    @pytest.mark.parametrize("position", [0, 3, 6])
    def test_a_unit_that_fails_anywhere_leaves_nothing(
        self, store: Store, refused: Change, error: type[ClientLoopError], position: int
    ) -> None:
        """Whichever change of a unit is refused, none of those before and after it is made; the sound rest then is."""
        interaction = sample(Interaction, 1, channel=FIRST.channel, origin="taken")
        put(
            store,
            sample(Customer, 1),
            interaction,
            FIRST,
            sample(Transition, 1),
            sample(OutboundMessage, 1, attempts=2**63 - 1),
        )
        sound: list[Change] = [
            Insert(sample(Customer, 5)),
            update(sample(Customer, 1), version=1, name="between"),
            update(sample(Customer, 1), version=2, name="after"),
            Add(sample(OutboundMessage, 5), {"attempts": 1}),
            delete(sample(Transition, 1)),
            update(FIRST, state="after", ref="moved"),
        ]
        assert_refused(store, Unit((*sound[:position], refused, *sound[position:])), error)
        store.commit(Unit(tuple(sound)))

    def test_errors_name_the_record_and_its_key_but_nothing_personal(self, store: Store) -> None:
        """A conflict says which record it is about by name and id, gives a hint, and quotes no personal data."""
        item = sample(Feedback, 1)
        address = sample(Identity, 1, kind=IdentityKind.EMAIL, value="private@example.com", trust=Trust.VOUCHED)
        put(store, item, address)
        errors = [
            assert_refused(store, Unit((change,)), error)
            for change, error in (
                (Insert(item), Duplicate),
                (update(item, version=9), Conflict),
                (delete(item, version=9), Conflict),
            )
        ]
        for error in errors:
            assert "feedback" in error.message
            assert str(sample_id(1)) in error.message
            assert error.hint
        assert "private" not in str(assert_refused(store, Unit((Insert(address),)), Duplicate))
