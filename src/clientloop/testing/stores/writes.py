"""The one write verb, where it succeeds, and reading back by key."""

import pytest

from clientloop.errors import InvalidValue, NotSupported
from clientloop.model.customers import Customer
from clientloop.model.feedback import Feedback, Timer, Transition
from clientloop.model.interactions import Interaction, Text
from clientloop.model.messages import DeliveryReport, OutboundMessage
from clientloop.model.record import record_of
from clientloop.model.spaces import Setting, Space
from clientloop.model.units import Add, Insert, Unit
from clientloop.ports.store import Store
from clientloop.testing.samples import inserts, sample, sample_id
from clientloop.testing.stores.kit import WRITTEN, Suite, delete, key_of, put, snapshot, update


class Writes(Suite):
    """Tests of `commit` and `get`."""

    @pytest.mark.parametrize("cls", WRITTEN)
    @pytest.mark.parametrize("full", [False, True], ids=["defaults", "full"])
    def test_what_is_inserted_comes_back(self, store: Store, cls: type[object], full: bool) -> None:
        """A record of any class comes back by its key as it was inserted."""
        instance = sample(cls, 3, full=full)
        put(store, instance)
        assert store.get(cls, key_of(instance)) == instance

    def test_nothing_is_found_under_a_key_that_nobody_inserted(self, store: Store) -> None:
        """`get` gives None for an unknown id, in an empty store and in a filled one."""
        assert store.get(Customer, ("main", sample_id(1))) is None
        put(store, sample(Customer, 2))
        assert store.get(Customer, ("main", sample_id(1))) is None

    def test_an_empty_unit_is_no_trouble(self, store: Store) -> None:
        """A unit without changes commits and changes nothing."""
        put(store, sample(Customer))
        before = snapshot(store)
        store.commit(Unit())
        assert snapshot(store) == before

    def test_an_update_changes_what_it_names_and_counts_the_version_up(self, store: Store) -> None:
        """A guarded update sets its fields, counts the version up by one and leaves all else alone."""
        put(store, sample(Customer, 1, name="before", locale="sl"), sample(Customer, 2))
        store.commit(Unit((update(sample(Customer, 1), version=1, name="after"),)))
        assert store.get(Customer, ("main", sample_id(1))) == sample(Customer, 1, name="after", locale="sl", version=2)
        assert store.get(Customer, ("main", sample_id(2))) == sample(Customer, 2)

    def test_an_update_without_a_guard_takes_whatever_version_is_there(self, store: Store) -> None:
        """An unguarded update changes a record that somebody else changed in between, and counts up."""
        put(store, sample(Customer, version=7))
        store.commit(Unit((update(sample(Customer), name="after"),)))
        assert store.get(Customer, ("main", sample_id(0))) == sample(Customer, name="after", version=8)

    def test_a_record_without_a_version_is_updated_too(self, store: Store) -> None:
        """An update of a record that counts no versions sets its fields and nothing more."""
        report = sample(DeliveryReport, detail=None)
        put(store, sample(DeliveryReport, detail="before"))
        store.commit(Unit((update(report, detail=None),)))
        assert store.get(DeliveryReport, key_of(report)) == report

    def test_an_update_without_changes_counts_the_version_up(self, store: Store) -> None:
        """An update that names no field still counts as a change, so it can serve as a guard."""
        put(store, sample(Customer))
        store.commit(Unit((update(sample(Customer), version=1),)))
        assert store.get(Customer, ("main", sample_id(0))) == sample(Customer, version=2)

    def test_every_field_can_be_updated_to_nothing_and_back(self, store: Store) -> None:
        """All fields of a feedback item that its key and its version leave can be changed in one update."""
        full, bare = sample(Feedback, full=True), sample(Feedback)
        fixed = {*record_of(Feedback).key, "version"}
        put(store, full)
        for version, wanted in enumerate([bare, full], start=1):
            changes = {name: getattr(wanted, name) for name in record_of(Feedback).columns if name not in fixed}
            store.commit(Unit((update(full, version=version, **changes),)))
            found = store.get(Feedback, key_of(full))
            assert found is not None
            assert {name: getattr(found, name) for name in changes} == changes

    def test_a_deleted_record_is_gone_and_can_come_again(self, store: Store) -> None:
        """A guarded deletion removes one record; its key is free afterwards."""
        put(store, sample(Customer, 1), sample(Customer, 2))
        store.commit(Unit((delete(sample(Customer, 1), version=1),)))
        assert store.get(Customer, ("main", sample_id(1))) is None
        assert list(store.page(Customer, "main")) == [sample(Customer, 2)]
        put(store, sample(Customer, 1, name="again"))
        assert store.get(Customer, ("main", sample_id(1))) == sample(Customer, 1, name="again")

    def test_changes_of_a_unit_follow_one_another(self, store: Store) -> None:
        """Changes of one record within a unit see what those before them did."""
        customer = sample(Customer)
        store.commit(
            Unit(
                (
                    Insert(customer),
                    update(customer, version=1, name="second"),
                    update(customer, version=2, name="third"),
                )
            )
        )
        assert store.get(Customer, key_of(customer)) == sample(Customer, name="third", version=3)
        store.commit(Unit((delete(customer, version=3), Insert(customer), update(customer, version=1, name="new"))))
        assert store.get(Customer, key_of(customer)) == sample(Customer, name="new", version=2)

    def test_many_records_go_into_one_unit(self, store: Store) -> None:
        """A unit of thousands of changes, of several records mixed, is one commit."""
        interactions = [sample(Interaction, number, customer=sample_id(number % 7)) for number in range(1_000)]
        texts = [sample(Text, number, body=f"text {number}") for number in range(1_000)]
        put(store, *interactions, *texts)
        assert list(store.pages(Interaction, "main")) == interactions
        assert list(store.pages(Text, "main")) == texts

    def test_what_points_and_what_is_pointed_to_come_and_go_in_one_unit(self, store: Store) -> None:
        """Parents inserted before children, and children deleted before parents, need one unit only."""
        unit = inserts(sample(Transition))
        store.commit(unit)
        instances = [change.record for change in unit.changes if isinstance(change, Insert)]
        store.commit(Unit(tuple(delete(instance) for instance in reversed(instances))))
        assert not any(snapshot(store).values())

    def test_add_makes_the_record_that_is_missing(self, store: Store) -> None:
        """The first `Add` inserts its zero record with the deltas in it, as version 1."""
        zero = sample(OutboundMessage)
        store.commit(Unit((Add(zero, {"attempts": 3}),)))
        assert store.get(OutboundMessage, key_of(zero)) == sample(OutboundMessage, attempts=3)

    def test_add_adds_to_the_record_that_is_there(self, store: Store) -> None:
        """Later ones add, also less than nothing, leave the other fields alone and count the version up."""
        put(store, sample(OutboundMessage, attempts=5, subject="kept"))
        zero = sample(OutboundMessage, subject="of the zero record")
        store.commit(Unit((Add(zero, {"attempts": 3}), Add(zero, {"attempts": -10}))))
        expected = sample(OutboundMessage, attempts=-2, subject="kept", version=3)
        assert store.get(OutboundMessage, key_of(zero)) == expected

    def test_add_counts_none_as_zero(self, store: Store) -> None:
        """A field that holds None becomes the delta; one that no delta names stays None."""
        put(store, sample(Interaction, 1, amount=None))
        store.commit(Unit(tuple(Add(sample(Interaction, number), {"amount": 7}) for number in (1, 2))))
        found = [(each.amount, each.quantity) for each in store.page(Interaction, "main")]
        assert found == [(7, None), (7, None)]

    def test_spaces_do_not_touch_each_other(self, store: Store) -> None:
        """The same keys live in two spaces; changes in one are not seen in the other."""
        for space in ("one", "two"):
            put(
                store, sample(Space, space=space), *(sample(cls, 1, space=space) for cls in WRITTEN if cls is not Space)
            )
        before = snapshot(store, "two")
        store.commit(
            Unit((update(sample(Customer, 1, space="one"), name="other"), delete(sample(Setting, 1, space="one"))))
        )
        assert snapshot(store, "two") == before
        assert store.get(Setting, key_of(sample(Setting, 1, space="one"))) is None
        assert store.page(Customer, "three").items == ()

    def test_spaces_are_listed(self, store: Store) -> None:
        """Those that have a record of their own, sorted by code points, whatever is or is not in them."""
        assert list(store.spaces()) == []
        put(store, sample(Customer, space="unopened"), sample(Timer, space="unopened"))
        put(store, *(sample(Space, space=name) for name in ("shop-2", "žaga", "Shop", "shop")))
        assert list(store.spaces()) == ["Shop", "shop", "shop-2", "žaga"]
        store.commit(Unit((delete(sample(Space, space="shop")),)))
        assert list(store.spaces()) == ["Shop", "shop-2", "žaga"]

    def test_a_second_migration_harms_nothing(self, store: Store) -> None:
        """`migrate` on a store that is up to date changes nothing."""
        put(store, sample(Feedback, full=True))
        before = snapshot(store)
        store.migrate()
        assert snapshot(store) == before

    def test_what_is_no_connection_is_not_joined(self, store: Store) -> None:
        """`joined` refuses another object: by NotSupported where the store never joins, else by InvalidValue."""
        error = InvalidValue if store.capabilities().joins else NotSupported
        with pytest.raises(error), store.joined("no connection"):
            pass

    def test_closing_twice_is_harmless(self, store: Store) -> None:
        """`close` can be called again."""
        put(store, sample(Customer))
        store.close()
        store.close()
