"""How a record is declared, and how its values become the three types that every database has.

A record is a frozen attrs class under `@record`. Its columns derive from the annotations, so that tables, the memory
store, copy, export and erasure all read one declaration. Columns hold int, text and bytes only: times are microseconds
since 1970 in UTC, ids are 16 bytes, structures are JSON (see `model/codec.py`). What some backend could not hold is
refused here, so that no store is laxer than another.
"""

import typing
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, TypeVar

import attrs
from attrs import frozen

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.codec import Codec, codec_of, integer
from clientloop.model.conversions import Conversions, Decode, Encode, EncodeValue, Replace, conversions

T = TypeVar("T")
C = TypeVar("C", bound=type)


class Mark(StrEnum):
    """What else is known of a column."""

    PERSONAL = "personal"


#: Marks a field as personal data: export and erasure find it by this mark.
Personal = Annotated[T, Mark.PERSONAL]


@frozen
class Index:
    """An index that every store keeps; pages are read along it."""

    #: Its name, unique within the record.
    name: str
    #: The columns after `space`, in order.
    columns: tuple[str, ...]
    #: Whether no two rows may agree in all columns; rows with a None among them are not compared.
    unique: bool = False
    #: Columns that it holds besides: sums over these and its own need no look at the rows. No page runs along them.
    holds: tuple[str, ...] = ()


@frozen
class Column:
    """One column, derived from one annotated field."""

    #: Its name, the same as the field's.
    name: str
    #: How its values are stored.
    codec: Codec
    #: Whether it is personal data.
    personal: bool


@frozen(eq=False)
class Record:
    """A record's declaration, as stores read it."""

    #: The attrs class.
    cls: type
    #: Name of the table.
    name: str
    #: Columns of the primary key; the first is `space`.
    key: tuple[str, ...]
    #: All columns by name, in the order of the fields.
    columns: Mapping[str, Column]
    #: Indexes besides the primary key.
    indexes: tuple[Index, ...]
    #: Columns that, after `space`, hold the key of another record: column to table name.
    references: Mapping[str, str]

    @cached_property
    def encode(self) -> Encode:
        """From an instance to a row of database values, or `InvalidValue`."""
        return self._conversions.encode

    @cached_property
    def decode(self) -> Decode:
        """From a row of database values to an instance."""
        return self._conversions.decode

    @cached_property
    def replace(self) -> Replace:
        """A copy of an instance with some fields changed: `attrs.evolve`, several times as fast."""
        return self._conversions.replace

    @cached_property
    def _conversions(self) -> Conversions:
        """Made when they are first used, for an import need not wait for them."""
        return conversions(self.cls, self.name, {name: column.codec for name, column in self.columns.items()})

    @cached_property
    def _key_encoders(self) -> tuple[EncodeValue, ...]:
        return tuple(self._conversions.encoders[name] for name in self.key)

    @cached_property
    def _changeable(self) -> frozenset[str]:
        return frozenset(self.columns) - {*self.key, "version"}

    def column(self, name: str) -> Column:
        """The column of this name.

        Raises:
            UnknownName: No field is called so; the nearest names are in the hint.
        """
        try:
            return self.columns[name]
        except KeyError:
            raise self._unknown(name) from None

    def _unknown(self, name: str) -> UnknownName:
        return UnknownName.among(name, self.columns, what=f"field of {self.name}")

    def label(self, key: tuple[Any, ...]) -> str:
        """Names a row in a message by its encoded key, without personal data. Any: as above.

        >>> from clientloop.model.spaces import Setting
        >>> record_of(Setting).label(("main", "calendar"))
        'setting calendar'
        """
        parts = [self.columns[name] for name in self.key]
        shown = [
            str(column.codec.decode(value) if column.codec.decode else value)
            for column, value in zip(parts, key, strict=True)
            if not column.personal
        ]
        return " ".join([self.name, *(shown[1:] or shown)])

    def encode_value(self, name: str, value: object) -> Any:
        """What the database holds for a value of one field. Any: int, str, bytes or None.

        Raises:
            UnknownName: No field is called so.
            InvalidValue: The value does not fit the field.
        """
        try:
            return self._conversions.encoders[name](value)
        except KeyError:
            raise self._unknown(name) from None

    def encode_key(self, key: tuple[object, ...]) -> tuple[Any, ...]:
        """A primary key, `space` first, as database values. Any: as above.

        Raises:
            InvalidValue: It has more or fewer parts than the record's key, or one does not fit its field.
        """
        if len(key) != len(self.key):
            raise InvalidValue(f"the key of {self.name} is ({', '.join(self.key)}), not {len(key)} parts")
        return tuple([encode(value) for encode, value in zip(self._key_encoders, key, strict=True)])

    def encode_changes(self, changes: Mapping[str, object]) -> dict[str, Any]:
        """The new values of an `Update` as database values by column. Any: as above.

        Raises:
            UnknownName: No field is called so.
            InvalidValue: A value does not fit its field, or the field is part of the key, or the version.
        """
        self._refuse_fixed(changes)
        encoders = self._conversions.encoders
        return {name: encoders[name](value) for name, value in changes.items()}

    def encode_deltas(self, deltas: Mapping[str, int]) -> dict[str, int]:
        """The deltas of an `Add`, checked.

        Raises:
            UnknownName: No field is called so.
            InvalidValue: A delta is no whole number of 64 bits, or the field holds none, is part of the key, or the
                version.
        """
        self._refuse_fixed(deltas)
        for name in deltas:
            if self.column(name).codec.value_type is not int:
                raise InvalidValue(f"{self.name}.{name} holds no whole number to add to")
        return {name: integer(delta) for name, delta in deltas.items()}

    def _refuse_fixed(self, names: Mapping[str, object]) -> None:
        for name in names.keys() - self._changeable:
            self.column(name)
            if name in self.key:
                raise InvalidValue(f"{self.name}.{name} is part of the key", hint="insert another record")
            raise InvalidValue(f"{self.name}.{name} counts by itself", hint="guard by the argument `version`")

    def order(self, name: str) -> tuple[str, ...]:
        """The columns after `space` that a page in this order runs along: an index's, then what is left of the key.

        Args:
            name: Name of an index, or `key` for the primary key.

        Raises:
            UnknownName: No index is called so.
        """
        if name == "key":
            return self.key[1:]
        for index in self.indexes:
            if index.name == name:
                return index.columns + tuple(column for column in self.key[1:] if column not in index.columns)
        raise UnknownName.among(name, ["key", *(i.name for i in self.indexes)], what=f"order of {self.name}")

    def key_of(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """The primary key within an encoded row. Any: rows mix int, str, bytes and None."""
        positions = list(self.columns)
        return tuple(row[positions.index(name)] for name in self.key)

    @property
    def versioned(self) -> bool:
        """Whether rows carry a version that guards updates."""
        return "version" in self.columns

    @property
    def wakes(self) -> bool:
        """Whether rows ask to be claimed at a time: timers and the outbox."""
        return "wake_at" in self.columns


def record(
    name: str, *, key: tuple[str, ...], indexes: tuple[Index, ...] = (), references: Mapping[str, str] | None = None
) -> Callable[[C], C]:
    """Declare a frozen attrs class as a record.

    Args:
        name: Name of the table.
        key: Columns of the primary key after `space`.
        indexes: Further indexes.
        references: Column to the table whose key, after `space`, it holds.

    Raises:
        InvalidValue: A key, an index or a reference names no field.
    """

    def declare(cls: C) -> C:
        columns = _columns(cls)
        declared = Record(
            cls=cls,
            name=name,
            key=("space", *key),
            columns=columns,
            indexes=indexes,
            references=references or {},
        )
        indexed = [column for index in indexes for column in (*index.columns, *index.holds)]
        named = [*declared.key, *declared.references, *indexed]
        for column in named:
            declared.column(column)
        cls.__record__ = declared  # type: ignore[attr-defined]  # read back by `record_of` alone
        return cls

    return declare


def record_of(cls: type) -> Record:
    """The declaration of a record class or of an instance's class.

    Raises:
        InvalidValue: The class is no record.

    >>> from clientloop.model.customers import Customer
    >>> record_of(Customer).key
    ('space', 'id')
    """
    declared = getattr(cls, "__record__", None)
    if not isinstance(declared, Record):
        raise InvalidValue(f"{cls.__name__} is no record", hint="records are listed in clientloop.model.schema")
    return declared


def _columns(cls: type) -> dict[str, Column]:
    hints = typing.get_type_hints(cls, include_extras=True)
    return {
        field.name: Column(field.name, codec_of(hints[field.name]), personal=_is_personal(hints[field.name]))
        for field in attrs.fields(cls)
    }


def _is_personal(annotation: object) -> bool:
    return Mark.PERSONAL in getattr(annotation, "__metadata__", ())
