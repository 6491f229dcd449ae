"""Members of enums by their names: what every verb takes, so that a typo is refused in the same words everywhere."""

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

from clientloop.errors import InvalidValue, UnknownName

E = TypeVar("E", bound=StrEnum)


def named(cls: type[E], name: E | str, *, what: str) -> E:
    """The member of an enum that somebody has named.

    Args:
        cls: The enum.
        name: The member itself, or its value.
        what: What it is, for the message.

    Raises:
        UnknownName: There is none of this name.

    >>> from clientloop.model.feedback import Priority
    >>> named(Priority, "high", what="priority")
    <Priority.HIGH: 'high'>
    >>> named(Priority, "hihg", what="priority")
    Traceback (most recent call last):
    clientloop.errors.UnknownName: no priority 'hihg': did you mean 'high'?
    """
    if isinstance(name, cls):
        return name  # the common case, in a third of the time
    try:
        return cls(name)
    except ValueError:
        raise UnknownName.among(name, [*cls], what=what) from None


def all_named(cls: type[E], names: Iterable[E | str], *, what: str) -> tuple[E, ...]:
    """The members of an enum that somebody has named, in their order.

    Args:
        cls: The enum.
        names: Members, or their values.
        what: What each is, for the message.

    Raises:
        UnknownName: One of them is none.
        InvalidValue: They are no list.
    """
    return tuple([named(cls, name, what=what) for name in several(names)])


def several(names: Iterable[str]) -> tuple[str, ...]:
    """Names in a list: one alone is refused, as it would be taken apart letter by letter.

    Raises:
        InvalidValue: They are no list.

    >>> several("mia")
    Traceback (most recent call last):
    clientloop.errors.InvalidValue: 'mia' is one name: give a list of them
    """
    if isinstance(names, str):
        raise InvalidValue(f"{names!r:.60} is one name", hint="give a list of them")
    if not isinstance(names, Iterable):
        raise InvalidValue(f"{names!r:.60} is no list of names", hint="give a list of them")
    return tuple(names)
