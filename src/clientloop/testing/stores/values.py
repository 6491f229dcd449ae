"""Every type of column, to its limits: what goes in comes out."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.customers import Customer
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Attachment, Interaction, Text
from clientloop.model.record import record_of
from clientloop.model.units import Unit
from clientloop.ports.store import Store
from clientloop.testing.examples import drawn
from clientloop.testing.samples import Fields, sample, sample_id
from clientloop.testing.stores.kit import WRITTEN, Suite, fresh_space, key_of, put, update
from clientloop.testing.stores.strategies import any_instance

#: Values at the limits of their types, each for one field of one class.
EXTREMES: dict[str, tuple[type[object], str, object]] = {
    "largest integer": (Interaction, "amount", 2**63 - 1),
    "smallest integer": (Interaction, "amount", -(2**63)),
    "beyond a double": (Interaction, "amount", 2**53 + 1),
    "first microsecond": (Customer, "created_at", datetime.min.replace(tzinfo=UTC)),
    "last microsecond": (Customer, "created_at", datetime.max.replace(tzinfo=UTC)),
    "before 1970": (Customer, "created_at", datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
    "last time that may be missing": (Interaction, "occurred_at", datetime.max.replace(tzinfo=UTC)),
    "longest span": (Feedback, "gross", timedelta(microseconds=2**63 - 1)),
    "negative span": (Feedback, "net", timedelta(microseconds=-1)),
    "empty text": (Text, "body", ""),
    "empty text where None may be": (Text, "subject", ""),
    "blank text": (Text, "body", " \t\r\n "),
    "number-like text": (Text, "body", "0012"),
    "quotes": (Text, "body", "'\"`;--%s ? :name {} \\"),
    "scripts": (Text, "body", "čšž ЖЯ 漢字 עִבְרִית ﷺ"),
    "planes": (Text, "body", "\u0001\u007f\u0085\u2028\ufeff\uffff\U00010000\U0010ffff"),
    "combining, not composed": (Text, "body", "e\u0301 \u00e9"),
    "long text": (Text, "body", "ž1\n" * 350_000),
    "empty bytes": (Attachment, "content", b""),
    "all bytes": (Attachment, "content", bytes(range(256))),
    "long bytes": (Attachment, "content", b"\0\xff" * 500_000),
    "deep JSON": (Customer, "extra", {"": [{"a": [None, True, False, 0.1, -0.0, 1e300, 2**70, "\u2028"]}]}),
    "empty JSON": (Customer, "extra", {}),
    "texts": (Feedback, "late", ("", "č", '"')),
}


class Values(Suite):
    """Tests of what columns hold."""

    @pytest.mark.parametrize(("cls", "field", "value"), EXTREMES.values(), ids=EXTREMES.keys())
    def test_values_at_the_limits_come_back(self, store: Store, cls: type[object], field: str, value: object) -> None:
        """Extreme values come back as they were, inserted and updated, in value and in type."""
        changes: Fields = {field: value}
        inserted, updated = sample(cls, 1, **changes), sample(cls, 2)
        put(store, inserted, updated)
        store.commit(Unit((update(updated, **changes),)))
        for instance in (inserted, updated):
            found = getattr(store.get(cls, key_of(instance)), field)
            assert found == value
            assert type(found) is type(value)

    @pytest.mark.parametrize("cls", WRITTEN)
    def test_every_field_that_may_be_none_holds_none(self, store: Store, cls: type[object]) -> None:
        """None comes back as None from every field that may hold it, whatever stands for it in the database."""
        record = record_of(cls)
        may_be_none = [name for name, column in record.columns.items() if column.codec.holds_none]
        empty: Fields = {name: None for name in may_be_none if name not in record.key}
        instance = sample(cls, full=True, **empty)
        put(store, instance)
        assert store.get(cls, key_of(instance)) == instance

    @pytest.mark.parametrize(
        "at",
        [
            datetime(2026, 3, 29, 3, 30, tzinfo=ZoneInfo("Europe/Ljubljana")),
            datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Ljubljana")),
            datetime(2026, 3, 2, 9, 0, 0, 1, tzinfo=timezone(timedelta(hours=-9, minutes=-30))),
        ],
        ids=str,
    )
    def test_times_of_any_zone_come_back_in_utc(self, store: Store, at: datetime) -> None:
        """The instant is kept to the microsecond and comes back in UTC, whatever zone it was given in."""
        put(store, sample(Interaction, occurred_at=at))
        found = store.get(Interaction, ("main", sample_id(0)))
        assert found is not None
        assert found.occurred_at is not None
        assert found.occurred_at == at.astimezone(UTC)
        assert found.occurred_at.tzinfo is UTC

    def test_text_is_kept_and_not_normalised(self, store: Store) -> None:
        """Keys that differ in case, in composition or in blanks are different keys."""
        names = ["é", "e\u0301", "É", "a", "A", "a ", " a", "\uff41"]
        put(store, *(sample(Customer, number, name=name) for number, name in enumerate(names)))
        found = store.page(Customer, "main", order="by_name")
        assert [each.name for each in found] == sorted(names)

    @pytest.mark.parametrize("cls", WRITTEN)
    @drawn(0.3)
    @given(st.data())
    def test_any_record_comes_back(self, store: Store, cls: type[object], data: st.DataObject) -> None:
        """Drawn records come back from `get` and from `page` as they were inserted."""
        space = fresh_space()
        instance = data.draw(any_instance(cls, space=space))
        put(store, instance)
        assert store.get(cls, key_of(instance)) == instance
        assert list(store.page(cls, space)) == [instance]

    @pytest.mark.parametrize("cls", [each for each in WRITTEN if record_of(each).versioned])
    @drawn(0.2)
    @given(st.data())
    def test_any_record_becomes_any_other(self, store: Store, cls: type[object], data: st.DataObject) -> None:
        """A drawn record that is updated to another drawn one is that one afterwards, a version later."""
        space = fresh_space()
        record = record_of(cls)
        before, after = (data.draw(any_instance(cls, space=space)) for _ in range(2))
        names = [name for name in record.columns if name not in {*record.key, "version"}]
        changes = {name: getattr(after, name) for name in names}
        version = data.draw(st.integers(1, 2**62))
        put(store, sample(cls, space=space, **{name: getattr(before, name) for name in names}, version=version))
        store.commit(Unit((update(before, version=version, **changes),)))
        assert store.get(cls, key_of(before)) == sample(cls, space=space, **changes, version=version + 1)
