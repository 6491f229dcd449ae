"""Sorting as data: by which rules the firm tells what kind of feedback a message is."""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Annotated

from attrs import field, frozen

from clientloop.errors import InvalidValue
from clientloop.model.record import record_of
from clientloop.model.routing import Matter
from clientloop.model.units import Row
from clientloop.model.where import ALL, Where, compile_test


def _words(given: Iterable[str]) -> tuple[str, ...]:
    if isinstance(given, str):
        raise InvalidValue(f"{given!r:.60} is one text", hint="give a list of them")
    return tuple(given)


def _check_where(_: object, __: object, where: Where) -> None:
    """Refuse a condition over fields that a matter does not have, or values that they cannot hold."""
    compile_test(where, record_of(Matter))


@frozen(kw_only=True)
class SortRule:
    """One rule of sorting: for which messages, and of which kind these are.

    >>> SortRule(name="money back", kind="complaint", words=["refund*", '"money back"']).kind
    'complaint'
    """

    #: Its name, unique among the firm's rules.
    name: str
    #: The kind of feedback.
    kind: str
    #: What a message says, in the form of a search: one of these is enough; no matter what it says, if none is given.
    words: tuple[str, ...] = field(default=(), converter=_words)
    #: For which messages; for all if not given. Their `kind` is "unsorted" until a rule has decided.
    where: Annotated[Where, Matter] = field(default=ALL, validator=_check_where)

    @cached_property
    def test(self) -> Callable[[Row], bool]:
        """The condition as a function over an encoded `Matter`."""
        return compile_test(self.where, record_of(Matter))
