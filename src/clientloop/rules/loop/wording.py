"""A text of the firm's own in place of the one that a move tells the customer."""

from typing import TypeGuard

from attrs import evolve

from clientloop.errors import Refused
from clientloop.model.process import Cause, Move, Party, Tell


def speaks(row: Move) -> bool:
    """Whether a move tells the customer something in the name of the person who makes it."""
    return any(_is_spoken(cause) for cause in row.causes)


def worded(row: Move, template: str) -> Move:
    """A row that tells the customer what a template of the firm's own says, and so needs no text besides.

    Args:
        row: The row.
        template: Name of the template, as the setting `texts` has it.

    Raises:
        Refused: The row tells the customer nothing.

    >>> from clientloop.model.process import *
    >>> row = move("new", "answer", "answered", OWNER, given("text", "cause"), tell("answer"), start("reply"))
    >>> changed = worded(row, "outage")
    >>> [need.fields for need in changed.needs], changed.causes[0].template
    ([('cause',)], 'outage')
    """
    if not speaks(row):
        raise Refused(f"the move {row.name!r} tells the customer nothing", hint="leave the template out")
    needs = (evolve(need, fields=tuple(name for name in need.fields if name != "text")) for need in row.needs)
    causes = (evolve(cause, template=template) if _is_spoken(cause) else cause for cause in row.causes)
    return evolve(row, needs=tuple(needs), causes=tuple(causes))


def _is_spoken(cause: Cause) -> TypeGuard[Tell]:
    return isinstance(cause, Tell) and cause.party is Party.CUSTOMER and not cause.automatic
