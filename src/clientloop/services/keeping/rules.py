"""What a rule of the check is, and what it finds."""

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from attrs import frozen

from clientloop.model.record import record_of
from clientloop.services.keeping.around import Around, Near, Pointer, id_of

R = TypeVar("R")


@frozen
class Rule:
    """What must be so in every space, in words for people."""

    #: Its name.
    name: str
    #: What it demands, in one sentence.
    says: str
    #: What to do where it is broken.
    do: str


@frozen(kw_only=True)
class Breach:
    """Something in a store that is not as it must be."""

    #: The name of the rule that it breaks.
    rule: str
    #: Name of the table.
    record: str
    #: The primary key, `space` first; of large contents that were not read, as much of it as is known. Any: each part
    #: has a type of its own.
    key: tuple[Any, ...]
    #: What is wrong, without personal data.
    message: str
    #: What to do about it.
    hint: str

    def __str__(self) -> str:
        """Where it is and what it is, on one line."""
        return " ".join([self.record, *map(str, self.key[1:])]) + f": {self.message} ({self.rule})"


@frozen(kw_only=True)
class Inspection(Generic[R]):
    """How a rule is applied to the records of a class."""

    #: The rule.
    rule: Rule
    #: The class.
    of: type[R]
    #: What lies near its records that has to be known.
    near: tuple[Near, ...] = ()
    #: What its records point to.
    points: tuple[Pointer, ...] = ()
    #: What is wrong with a record, in a clause for each fault.
    judge: Callable[[R, Around], Iterator[str]]


#: What is done about most of what is broken: nothing that clientloop does leaves a store so.
RESTORE = "restore a backup of before, and report it as a fault of clientloop"


def breach_of(rule: Rule, row: Any, message: str) -> Breach:  # Any: a record of any class
    """What a record breaks.

    Args:
        rule: The rule.
        row: The record.
        message: What is wrong with it.
    """
    name = record_of(type(row)).name
    return Breach(rule=rule.name, record=name, key=(row.space, *id_of(row)), message=message, hint=rule.do)
