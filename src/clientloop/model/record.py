"""How a record is declared, and how its values become the three types that every database has.

A record is a frozen attrs class under `@record`. Its columns derive from the annotations, so that tables, the memory
store, copy, export and erasure all read one declaration. Columns hold int, text and bytes only: times are microseconds
since 1970 in UTC, ids are 16 bytes, structures are JSON (see `model/codec.py`). What some backend could not hold is
refused here, so that no store is laxer than another.
"""

import typing
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Any, TypeAlias, TypeVar

import attrs
from attrs import frozen

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.codec import INLINE_NAMES, Codec, codec_of, integer

T = TypeVar("T")
C = TypeVar("C", bound=type)


#: From an instance to a row of database values, and back. Any: rows mix int, str, bytes and None.
Encode: TypeAlias = Callable[[Any], tuple[Any, ...]]
Decode: TypeAlias = Callable[[tuple[Any, ...]], Any]
#: A copy of an instance with some fields changed. Any: as above.
Replace: TypeAlias = Callable[[Any, Mapping[str, Any]], Any]


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
    #: From an instance to a row of database values. Any: rows mix int, str, bytes and None.
    encode: Encode
    #: From a row of database values to an instance. Any: as above.
    decode: Decode
    #: A copy of an instance with some fields changed: `attrs.evolve`, several times as fast. Any: as above.
    replace: Replace

    def column(self, name: str) -> Column:
        """The column of this name.

        Raises:
            UnknownName: No field is called so; the nearest names are in the hint.
        """
        try:
            return self.columns[name]
        except KeyError:
            raise UnknownName.among(name, self.columns, what=f"field of {self.name}") from None

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
        return _encode_value(self.name, self.column(name), value)

    def encode_key(self, key: tuple[object, ...]) -> tuple[Any, ...]:
        """A primary key, `space` first, as database values. Any: as above.

        Raises:
            InvalidValue: It has more or fewer parts than the record's key, or one does not fit its field.
        """
        if len(key) != len(self.key):
            raise InvalidValue(f"the key of {self.name} is ({', '.join(self.key)}), not {len(key)} parts")
        return tuple(self.encode_value(name, value) for name, value in zip(self.key, key, strict=True))

    def encode_changes(self, changes: Mapping[str, object]) -> dict[str, Any]:
        """The new values of an `Update` as database values by column. Any: as above.

        Raises:
            UnknownName: No field is called so.
            InvalidValue: A value does not fit its field, or the field is part of the key, or the version.
        """
        self._refuse_fixed(changes)
        return {name: self.encode_value(name, value) for name, value in changes.items()}

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

    def _refuse_fixed(self, names: Iterable[str]) -> None:
        for name in names:
            self.column(name)
            if name in self.key:
                raise InvalidValue(f"{self.name}.{name} is part of the key", hint="insert another record")
            if name == "version":
                raise InvalidValue(f"{self.name}.version counts by itself", hint="guard by the argument `version`")

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
        encode, decode, replace = _compile(cls, name, columns)
        declared = Record(
            cls=cls,
            name=name,
            key=("space", *key),
            columns=columns,
            indexes=indexes,
            references=references or {},
            encode=encode,
            decode=decode,
            replace=replace,
        )
        named = [*declared.key, *declared.references, *(column for index in indexes for column in index.columns)]
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


def _compile(cls: type, name: str, columns: Mapping[str, Column]) -> tuple[Encode, Decode, Replace]:
    """Write conversions and changed copies out as straight-line functions, as attrs does with `__init__`: the hot path.

    Decoding fills the slots as attrs' own `__setstate__` does: what is stored had been checked.
    """
    setters = {column.name: getattr(cls, column.name).__set__ for column in columns.values()}
    names: dict[str, Any] = {"cls": cls, "new": object.__new__, "explain": _explainer(name, columns), **INLINE_NAMES}
    names["setters"] = setters
    row = [f"v{i}" for i in range(len(columns))]
    read, stored, filled = [], [], []
    for i, column in enumerate(columns.values()):
        codec = column.codec
        names |= {f"e{i}": codec.encode, f"d{i}": codec.decode, f"t{i}": codec.value_type}
        names[f"s{i}"] = setters[column.name]
        read.append(f"v{i} = r.{column.name}")
        stored.append(codec.encode_inline.format(v=f"v{i}", f=f"e{i}", t=f"t{i}"))
        value = codec.decode_inline.format(v=f"v{i}", f=f"d{i}", t=f"t{i}") if codec.decode else f"v{i}"
        filled.append(f"s{i}(r, {value})")
    lines = [
        "def encode(r):",
        " try:",
        *(f"  {line}" for line in read),
        f"  return ({', '.join(stored)},)",
        " except Exception as error:",
        "  raise explain(r, error) from error",
        "def replace(r, changes):",
        " n = new(cls)",
        *(f" s{i}(n, r.{column.name})" for i, column in enumerate(columns.values())),
        " for name, value in changes.items():",
        "  setters[name](n, value)",
        " return n",
        "def decode(row):",
        f" ({', '.join(row)},) = row",
        " r = new(cls)",
        *(f" {line}" for line in filled),
        " return r",
    ]
    exec(compile("\n".join(lines), f"<{name}>", "exec"), names)  # noqa: S102  # made of field names and codecs alone
    return names["encode"], names["decode"], names["replace"]


def _explainer(name: str, columns: Mapping[str, Column]) -> Callable[[object, Exception], InvalidValue]:
    def explain(instance: object, error: Exception) -> InvalidValue:
        for column in columns.values():
            try:
                _encode_value(name, column, getattr(instance, column.name))
            except InvalidValue as cause:
                return cause
        return InvalidValue(f"{name}: {error}")

    return explain


def _encode_value(name: str, column: Column, value: object) -> Any:  # Any: int, str, bytes or None
    try:
        return column.codec.encode(value)
    except InvalidValue as cause:
        raise InvalidValue(f"{name}.{column.name}: {cause.message}", hint=cause.hint) from cause
    except Exception as cause:
        raise InvalidValue(f"{name}.{column.name}: {value!r:.80} does not fit ({cause})") from cause
