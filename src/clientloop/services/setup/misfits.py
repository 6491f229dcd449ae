"""What the validators of a class say, as an error of ours."""

from enum import Enum

from attrs import Attribute

from clientloop.errors import InvalidValue, UnknownName


def misfit(error: Exception) -> InvalidValue:
    """What a validator or converter of a class says, of which anybody may have declared it, as an error of ours.

    Args:
        error: What it raised.

    >>> from attrs import field, frozen, validators
    >>> @frozen
    ... class Bought:
    ...     measure: str = field(validator=validators.in_(("revenue", "count")))
    >>> try:
    ...     Bought("profits")
    ... except ValueError as error:
    ...     print(misfit(error))
    no measure 'profits': known are 'count', 'revenue'
    """
    match error.args:
        case (_, Attribute(name=name), list() | tuple() | set() | frozenset() as known, value):  # of attrs' `in_`
            return UnknownName.among(_word(value), sorted(map(_word, known)), what=name)
        case (said, Attribute(), *_):  # of its other validators, whose further arguments nobody wants to read
            return InvalidValue(f"does not fit ({said})")
        case _:
            return InvalidValue(f"does not fit ({error})")


def _word(value: object) -> str:
    return str(value.value) if isinstance(value, Enum) else str(value)
