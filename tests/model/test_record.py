"""How records are declared, and how their values are encoded one by one."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from attrs import field, frozen
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue, StoreCorrupt, UnknownName
from clientloop.model.codec import Maybe
from clientloop.model.customers import Customer, Identity, IdentityKind
from clientloop.model.feedback import Feedback, Timer
from clientloop.model.interactions import Interaction
from clientloop.model.record import Index, Personal, record, record_of
from clientloop.model.schema import CLASSES, RECORDS
from clientloop.model.spaces import Setting, Space
from clientloop.testing import sample, sample_id
from clientloop.testing.stores.strategies import any_instance


@pytest.mark.parametrize("cls", CLASSES)
@given(data=st.data())
def test_any_record_comes_back(cls: type[object], data: st.DataObject) -> None:
    """What is encoded decodes to an equal record, and the row holds nothing but int, text, bytes and NULL."""
    declared = record_of(cls)
    instance = data.draw(any_instance(cls))
    row = declared.encode(instance)
    assert declared.decode(row) == instance
    assert {type(value) for value in row} <= {int, str, bytes, type(None)}
    assert all(
        value is not None or column.codec.nullable for value, column in zip(row, declared.columns.values(), strict=True)
    )


@pytest.mark.parametrize(("field", "value"), [("kind", "purcha[e"), ("occurred_at", "noon"), ("extra", "{")])
def test_what_was_never_stored_is_damaged(field: str, value: object) -> None:
    """A row that no instance was encoded to is StoreCorrupt, which names the field and not what it holds."""
    declared = record_of(Interaction)
    row = dict(zip(declared.columns, declared.encode(sample(Interaction)), strict=True)) | {field: value}
    with pytest.raises(StoreCorrupt, match=rf"interaction\.{field} is damaged.*backup") as caught:
        declared.decode(tuple(row.values()))
    assert str(value) not in str(caught.value)


@pytest.mark.parametrize("cls", CLASSES)
def test_every_declaration_is_sound(cls: type[object]) -> None:
    """Every key leads with the space and holds no NULL; every reference leads to a key of one column of its kind."""
    declared = record_of(cls)
    assert declared.key[0] == "space"
    assert not any(declared.columns[name].codec.nullable for name in declared.key)
    for column, target in declared.references.items():
        pointed = RECORDS[target]
        assert CLASSES.index(pointed.cls) < CLASSES.index(cls), "what others point to comes first"
        assert len(pointed.key) == 2
        assert pointed.columns[pointed.key[1]].codec.kind is declared.columns[column].codec.kind


def test_names_are_unique() -> None:
    """No two records share a table, and no two indexes of a record a name."""
    assert len(RECORDS) == len(CLASSES)
    for declared in RECORDS.values():
        names = ["key", *(index.name for index in declared.indexes)]
        assert len(set(names)) == len(names)


def test_columns_follow_the_fields() -> None:
    """Columns are derived from the annotations, in the order of the fields, personal data marked."""

    @record("sample", key=("name",))
    @frozen(kw_only=True)
    class Sample:
        space: str
        name: Personal[Maybe] = None
        count: int | None = None

    columns = record_of(Sample).columns
    assert list(columns) == ["space", "name", "count"]
    assert [column.personal for column in columns.values()] == [False, True, False]
    assert [column.codec.nullable for column in columns.values()] == [False, False, True]
    assert [column.codec.absent for column in columns.values()] == [None, "", None]


@pytest.mark.parametrize(
    "declaration",
    [
        {"key": ("nmae",)},
        {"key": ("name",), "indexes": (Index("by_nmae", ("nmae",)),)},
        {"key": ("name",), "references": {"nmae": "customer"}},
    ],
)
def test_a_declaration_names_fields_only(declaration: dict[str, tuple[str, ...]]) -> None:
    """A key, an index or a reference of a field that is not there is refused at once, with the near names."""

    @frozen(kw_only=True)
    class Sample:
        space: str
        name: str = field(default="")

    with pytest.raises(UnknownName, match="did you mean 'name'"):
        record("sample", **declaration)(Sample)  # type: ignore[arg-type]  # one key of each sort


def test_what_is_no_record_has_no_declaration() -> None:
    """A class that nobody declared is an InvalidValue."""
    with pytest.raises(InvalidValue, match="int is no record"):
        record_of(int)


def test_an_unknown_column_is_told_with_the_near_ones() -> None:
    """A misspelt field names the record and what may have been meant."""
    with pytest.raises(UnknownName) as caught:
        record_of(Customer).column("nmae")
    assert str(caught.value) == "no field of customer 'nmae': did you mean 'name'?"


def test_an_order_ends_with_the_key() -> None:
    """An index orders by its columns and then by what it leaves of the key, so that no two rows are equal."""
    assert record_of(Feedback).order("key") == ("id",)
    assert record_of(Feedback).order("inbox") == ("is_open", "owner", "due", "id")
    assert record_of(Feedback).order("of_customer") == ("customer", "is_open", "id")
    assert record_of(Identity).order("by_customer") == ("customer", "kind", "value")
    assert record_of(Space).order("key") == ()
    with pytest.raises(UnknownName, match="did you mean 'inbox'"):
        record_of(Feedback).order("inbx")


def test_a_refused_record_says_which_field_it_was() -> None:
    """Encoding names table, field and cause, and keeps the hint of the cause."""
    with pytest.raises(InvalidValue) as caught:
        record_of(Customer).encode(sample(Customer, created_at=datetime(2026, 3, 2)))  # noqa: DTZ001  # the fault
    assert caught.value.message.startswith("customer.created_at: ")
    assert caught.value.hint == "give an aware datetime, say datetime.now(UTC)"
    with pytest.raises(InvalidValue, match=r"customer\.id: .* does not fit"):
        record_of(Customer).encode(sample(Customer, id="no id"))


def test_one_value_is_encoded_like_in_its_record() -> None:
    """A value alone becomes what it becomes in a row, and is refused like there."""
    declared, item = record_of(Feedback), sample(Feedback, 3, full=True)
    row = tuple(declared.encode_value(name, getattr(item, name)) for name in declared.columns)
    assert row == declared.encode(item)
    with pytest.raises(InvalidValue, match=r"feedback\.due"):
        declared.encode_value("due", 5)
    with pytest.raises(UnknownName):
        declared.encode_value("deu", None)


def test_a_key_is_encoded_whole() -> None:
    """A key has as many parts as declared, each fit for its field; it is what `key_of` finds in the row."""
    declared, address = record_of(Identity), sample(Identity, 1, kind=IdentityKind.PHONE)
    key = ("main", IdentityKind.PHONE, address.value, sample_id(1))
    assert declared.encode_key(key) == declared.key_of(declared.encode(address))
    for wrong in (key[:3], (*key, 1), ("main", "phone", *key[2:]), ("main", *key[1:3], str(sample_id(1)))):
        with pytest.raises(InvalidValue):
            declared.encode_key(wrong)


def test_changes_are_encoded_by_name() -> None:
    """The values of an update are encoded; the key, the version and unknown fields are refused."""
    declared = record_of(Customer)
    assert declared.encode_changes({"name": "x", "locale": None}) == {"name": "x", "locale": None}
    assert declared.encode_changes({"created_at": datetime(1970, 1, 1, tzinfo=UTC)}) == {"created_at": 0}
    for wrong in ({"space": "x"}, {"id": sample_id(1)}, {"version": 2}, {"name": None}):
        with pytest.raises(InvalidValue):
            declared.encode_changes(wrong)
    with pytest.raises(UnknownName):
        declared.encode_changes({"nmae": "x"})


def test_deltas_are_whole_numbers_for_whole_numbers() -> None:
    """What is added are integers, to integer fields that are neither key nor version."""
    declared = record_of(Interaction)
    assert declared.encode_deltas({"amount": -5, "quantity": 2**63 - 1}) == {"amount": -5, "quantity": 2**63 - 1}
    for wrong in ({"recorded_at": 1}, {"channel": 1}, {"amount": True}, {"amount": 2**63}, {"space": 1}):
        with pytest.raises(InvalidValue):
            declared.encode_deltas(wrong)
    with pytest.raises(InvalidValue):
        record_of(Customer).encode_deltas({"version": 1})
    with pytest.raises(UnknownName):
        declared.encode_deltas({"amuont": 1})


def test_a_label_shows_the_key_without_personal_data() -> None:
    """Messages name a row by table and id; an address in the key is left out."""
    declared, address = record_of(Identity), sample(Identity, 1, value="private@example.com")
    label = declared.label(declared.key_of(declared.encode(address)))
    assert label == f"identity {address.kind.value} {UUID(int=2)}"
    assert record_of(Space).label(("main",)) == "space main"


def test_what_a_record_can_is_read_from_its_columns() -> None:
    """A version column guards updates, and a `wake_at` column lets rows be claimed."""
    assert [record_of(cls).versioned for cls in (Customer, Interaction)] == [True, False]
    assert [record_of(cls).wakes for cls in (Timer, Setting)] == [True, False]
