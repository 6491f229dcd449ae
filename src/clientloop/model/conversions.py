"""Writes the conversions of a record out as straight-line functions, as attrs does with `__init__`: the hot path."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import frozen

from clientloop.errors import InvalidValue, StoreCorrupt
from clientloop.model.codec import INLINE_NAMES, Codec

#: From an instance to a row of database values, and back. Any: rows mix int, str, bytes and None.
Encode: TypeAlias = Callable[[Any], tuple[Any, ...]]
Decode: TypeAlias = Callable[[tuple[Any, ...]], Any]
#: A copy of an instance with some fields changed. Any: as above.
Replace: TypeAlias = Callable[[Any, Mapping[str, Any]], Any]
#: From the value of one field to what the database holds. Any: as above.
EncodeValue: TypeAlias = Callable[[Any], Any]


@frozen(eq=False)
class Conversions:
    """The functions of one record."""

    #: From an instance to a row.
    encode: Encode
    #: From a row to an instance.
    decode: Decode
    #: A changed copy of an instance.
    replace: Replace
    #: From the value of one field, by its name.
    encoders: Mapping[str, EncodeValue]


def conversions(cls: type, record: str, codecs: Mapping[str, Codec]) -> Conversions:
    """The functions of a record.

    What does not fit is refused with the name of its field. Decoding fills the slots as attrs' own `__setstate__` does:
    what is stored had been checked. What cannot be decoded all the same is damaged: `StoreCorrupt`.

    Args:
        cls: The record's class, slotted.
        record: What messages call it.
        codecs: How the values of its fields are stored, in their order.
    """
    encoders: dict[str, EncodeValue] = {}
    setters = {field: getattr(cls, field).__set__ for field in codecs}
    names: dict[str, Any] = {
        "cls": cls,
        "new": object.__new__,
        "setters": setters,
        "refused": _refuser(record),
        "explained": _explainer(record, encoders),
        "spoilt": _spoilt(record, codecs),
        **INLINE_NAMES,
    }
    parts = [_Part.of(i, field, codec) for i, (field, codec) in enumerate(codecs.items())]
    for part, codec, setter in zip(parts, codecs.values(), setters.values(), strict=True):
        i = part.number
        names |= {f"e{i}": codec.encode, f"d{i}": codec.decode, f"t{i}": codec.value_type, f"s{i}": setter}
    exec(compile(_source(parts), f"<{record}>", "exec"), names)  # noqa: S102  # made of field names and codecs alone
    encoders |= {part.field: names[f"encode{part.number}"] for part in parts}
    return Conversions(names["encode"], names["decode"], names["replace"], encoders)


@frozen
class _Part:
    """What the functions say of one field."""

    number: int
    field: str
    #: From the variable `v` and the number to what the database holds, and back.
    stored: str
    value: str

    @classmethod
    def of(cls, number: int, field: str, codec: Codec) -> "_Part":
        """The expressions of a codec."""
        variable, kind = f"v{number}", f"t{number}"
        stored = codec.encode_inline.format(v=variable, f=f"e{number}", t=kind)
        value = codec.decode_inline.format(v=variable, f=f"d{number}", t=kind) if codec.decode else variable
        return cls(number, field, stored, value)


def _source(parts: Sequence[_Part]) -> str:
    """All functions as text."""

    def each(*template: str) -> list[str]:
        text = "\n".join(template)
        return [text.format(i=part.number, field=part.field, stored=part.stored, value=part.value) for part in parts]

    lines = [
        "def encode(r):",
        " try:",
        *each("  v{i} = r.{field}"),
        "  return (",
        *each("   {stored},"),
        "  )",
        " except Exception as error:",
        "  raise explained(r, error) from error",
        "def decode(row):",
        " try:",
        "  (",
        *each("   v{i},"),
        "  ) = row",
        "  r = new(cls)",
        *each("  s{i}(r, {value})"),
        "  return r",
        " except Exception as error:",
        "  raise spoilt(row) from error",
        "def replace(r, changes):",
        " n = new(cls)",
        *each(" s{i}(n, r.{field})"),
        " for name, value in changes.items():",
        "  setters[name](n, value)",
        " return n",
        *each(
            "def encode{i}(v{i}):",
            " try:",
            "  return {stored}",
            " except Exception as error:",
            "  raise refused('{field}', v{i}, error) from error",
        ),
    ]
    return "\n".join(lines)


def _refuser(record: str) -> Callable[[str, object, Exception], InvalidValue]:
    """Says which field a value does not fit."""

    def refused(field: str, value: object, error: Exception) -> InvalidValue:
        if isinstance(error, InvalidValue):
            return InvalidValue(f"{record}.{field}: {error.message}", hint=error.hint)
        return InvalidValue(f"{record}.{field}: {value!r:.80} does not fit ({error})")

    return refused


def _explainer(record: str, encoders: Mapping[str, EncodeValue]) -> Callable[[object, Exception], InvalidValue]:
    """Finds the field that an instance was refused for."""

    def explained(instance: object, error: Exception) -> InvalidValue:
        for field, encode in encoders.items():
            try:
                encode(getattr(instance, field))
            except InvalidValue as refusal:
                return refusal
        return InvalidValue(f"{record}: {error}")

    return explained


def _spoilt(record: str, codecs: Mapping[str, Codec]) -> Callable[[Sequence[Any]], StoreCorrupt]:
    """Finds the field that holds what nobody has stored there."""

    def spoilt(row: Sequence[Any]) -> StoreCorrupt:
        fields = (f"{record}.{field}" for field, value in zip(codecs, row, strict=False) if not fits(field, value))
        hint = "restore a backup; `clientloop check` tells what else is damaged"
        return StoreCorrupt(f"{next(fields, record)} is damaged where it is stored", hint=hint)

    def fits(field: str, value: Any) -> bool:
        decode = codecs[field].decode
        try:
            if decode is not None:
                decode(value)
        except Exception:  # noqa: BLE001  # damage has no end of kinds
            return False
        return True

    return spoilt
