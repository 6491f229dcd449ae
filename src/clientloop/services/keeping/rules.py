"""What a rule of the check is, and what it finds."""

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from attrs import field, frozen

from clientloop.services.keeping.around import Around, Near

R = TypeVar("R")


@frozen(kw_only=True)
class Breach:
    """Something in a store that is not as it must be."""

    #: The rule that it breaks; `RULES` says what it demands.
    rule: str
    #: Name of the table.
    record: str
    #: The primary key, `space` first. Any: each part has a type of its own.
    key: tuple[Any, ...]
    #: What is wrong, without personal data.
    message: str
    #: What to do about it.
    hint: str

    def __str__(self) -> str:
        """Where it is and what it is, on one line."""
        parts = " ".join(str(part) for part in self.key[1:] or self.key)
        return f"{self.record} {parts}: {self.message} ({self.rule})"


@frozen(kw_only=True)
class Demand:
    """What must be so in every space, in words for people."""

    #: Its name.
    name: str
    #: What it demands, in one sentence.
    says: str
    #: What to do where it is broken.
    do: str


@frozen(kw_only=True)
class Rule(Demand, Generic[R]):
    """A demand on each record of a class, and on what lies near it."""

    #: The class.
    of: type[R]
    #: What has to be known besides the record.
    near: tuple[Near, ...] = field(default=())
    #: What is wrong with a record, in a sentence for each fault.
    judge: Callable[[R, Around], Iterator[str]]
