"""Routing as data: what a rule may speak of, and what it decides."""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Annotated

from attrs import field, frozen

from clientloop.errors import InvalidValue
from clientloop.model.customers import CustomerClass
from clientloop.model.feedback import Priority
from clientloop.model.record import record, record_of
from clientloop.model.units import Row
from clientloop.model.where import ALL, Where, compile_test


@record("matter", key=())
@frozen(kw_only=True)
class Matter:
    """What a routing rule may speak of; no store keeps it."""

    #: The space it belongs to.
    space: str
    #: Which kind of feedback.
    kind: str
    #: The channel it came by.
    channel: str
    #: What it is about: a category.
    category: str | None = None
    #: The page that the customer looked at: `page` of its source.
    page: str | None = None
    #: The product it is about.
    product: str | None = None
    #: Its subject and words.
    words: str = ""
    #: BCP 47 tag of the language to answer in.
    language: str | None = None
    #: The class of the customer.
    customer_class: CustomerClass | None = None
    #: How urgent it is before routing.
    priority: Priority = Priority.NORMAL
    #: The rating that came with it.
    rating: int | None = None
    #: The employee it is about.
    employee: str | None = None


def _words(given: Iterable[str]) -> tuple[str, ...]:
    if isinstance(given, str):
        raise InvalidValue(f"{given!r:.60} is one word", hint="give a list of them")
    return tuple(given)


def _check_where(route: "Route", _: object, where: Where) -> None:
    """Refuse a condition over fields that a matter does not have, or values that they cannot hold."""
    compile_test(where, record_of(Matter))


@frozen(kw_only=True)
class Route:
    """One routing rule: for which matters, and what it decides about them.

    >>> from clientloop.model.where import contains, eq
    >>> Route(name="money", where=eq("kind", "complaint") & contains("words", "refund"), team="accounts").team
    'accounts'
    """

    #: Its name, unique among the firm's rules; journals and dry runs show it.
    name: str
    #: For which matters; for all if not given.
    where: Annotated[Where, Matter] = field(default=ALL, validator=_check_where)
    #: The team that they are for.
    team: str | None = None
    #: The member who is to own them; if that one is away, whoever stands in.
    member: str | None = None
    #: What their owner must be good at.
    skills: tuple[str, ...] = field(default=(), converter=_words)
    #: How urgent they are at least.
    priority: Priority | None = None
    #: What they are marked with.
    tags: tuple[str, ...] = field(default=(), converter=_words)
    #: Whether the team's lead and the superiors are alerted at once, also at night.
    grave: bool = False

    @property
    def places(self) -> bool:
        """Whether it says who is to work on a matter."""
        return bool(self.team or self.member or self.skills)

    @cached_property
    def test(self) -> Callable[[Row], bool]:
        """The condition as a function over an encoded `Matter`."""
        return compile_test(self.where, record_of(Matter))
