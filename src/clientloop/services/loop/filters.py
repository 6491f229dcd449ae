"""What the inbox is asked for by name, the same for applications and the command line; and names that are misspelt."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypedDict

from clientloop.errors import UnknownName, check_type
from clientloop.model.feedback import Feedback, Priority, tagged
from clientloop.model.names import all_named, several
from clientloop.model.staff import Team
from clientloop.model.where import Every, Where, eq, equalities, le, lt, one_of
from clientloop.services.context import Context
from clientloop.services.loop.lookups import member_named

#: The index that the inbox is read by where this field is given; else the agenda of all. Each is in the order of `due`.
_ORDERS = {"owner": "inbox", "team": "by_team"}


class Filters(TypedDict, total=False):
    """What the inbox can be asked for; None asks for nothing. Of several names any counts, of several tags all do."""

    #: Whose items.
    owner: str | Sequence[str] | None
    #: Items of which team.
    team: str | Sequence[str] | None
    #: Of which kind.
    kind: str | Sequence[str] | None
    #: In which state.
    state: str | Sequence[str] | None
    #: How urgent.
    priority: Priority | str | Sequence[Priority | str] | None
    #: Marked with which tag.
    tag: str | Sequence[str] | None
    #: Due before this time, aware.
    due_before: datetime | None
    #: With a rating of at most so much, on whatever scale it was given.
    rating_at_most: int | None


def condition(filters: Filters) -> Where:
    """What the filters come to.

    Args:
        filters: What is asked for.

    Raises:
        UnknownName: There is no such filter or priority.
        InvalidValue: A name is none, or a tag has no word.

    >>> condition({"kind": "idea", "owner": None}) == Every((eq("kind", "idea"),))
    True
    """
    for name in filters:
        if name not in _FILTERS:
            raise UnknownName.among(name, _FILTERS, what="filter of the inbox")
    return Every(tuple(_FILTERS[name](value) for name, value in filters.items() if value is not None))


def order_of(wanted: Where) -> str:
    """The index that leads to what is wanted of the inbox, so that the items of others cost nothing."""
    pinned = equalities(wanted)
    return next((index for name, index in _ORDERS.items() if name in pinned), "agenda")


def doubt(context: Context, filters: Filters, found: Collection[Feedback]) -> None:
    """Refuse a name that is misspelt: one that no item has that was found, that nobody declared and no open item has.

    What was found bears its names, so that nothing is read where each of them led to something. A name that is no
    longer declared, or of somebody who was never made a member, still finds its items.

    Args:
        context: The space.
        filters: What was asked for.
        found: The first page of it.

    Raises:
        UnknownName: There is no such member, team, kind or state.
    """
    asked: Mapping[str, Any] = filters  # Any: as below
    for field, check in _CHECKS.items():
        seen = {getattr(item, field) for item in found}
        for name in _names(asked.get(field) or ()):
            if name not in seen:
                _check(context, field, name, partial(check, context, name, filters))


def _check(context: Context, field: str, name: str, check: Callable[[], object]) -> None:
    try:
        check()
    except UnknownName:
        wanted = eq("is_open", True) & eq(field, name)
        if not context.store.page(Feedback, context.space.space, where=wanted, order=order_of(wanted), limit=1):
            raise


def _check_owner(context: Context, name: str, filters: Filters) -> None:
    """While a space has no members, any name may own."""
    member_named(context, name)


def _check_team(context: Context, name: str, filters: Filters) -> None:
    """While a space has no teams, any name may stand for one."""
    store, space = context.store, context.space.space
    if store.get(Team, (space, name)) is not None:
        return
    if names := [team.name for team in store.pages(Team, space)]:
        raise UnknownName.among(name, names, what="team")


def _check_kind(context: Context, name: str, filters: Filters) -> None:
    context.parts.processes.newest(name)


def _check_state(context: Context, name: str, filters: Filters) -> None:
    """The state is one of the kinds that are asked for, or of any kind."""
    processes = context.parts.processes
    kinds = [kind for kind in _names(filters.get("kind") or ()) if kind in processes.kinds]
    known = {state: None for kind in kinds or processes.kinds for state in processes.newest(kind).states}
    if name not in known:
        raise UnknownName.among(name, known, what=f"state of {' or '.join(kinds)}" if kinds else "state")


#: What refuses a name that nobody declared, field by field.
_CHECKS: Mapping[str, Callable[[Context, str, Filters], None]] = {
    "owner": _check_owner,
    "team": _check_team,
    "kind": _check_kind,
    "state": _check_state,
}


def _names(given: str | Iterable[str]) -> tuple[str, ...]:
    """One name, or several."""
    names = (given,) if isinstance(given, str) else several(given)
    for name in names:
        check_type(name, str, hint="give names")
    return names


def _any_of(field: str, given: str | Iterable[str]) -> Where:
    names = _names(given)
    return eq(field, names[0]) if len(names) == 1 else one_of(field, names)


def _priorities(given: Priority | str | Iterable[Priority | str]) -> Where:
    return _any_of("priority", all_named(Priority, _names(given), what="priority"))


def _tags(given: str | Iterable[str]) -> Where:
    return Every(tuple(map(tagged, _names(given))))


#: What each filter asks of an item.
_FILTERS: Mapping[str, Callable[[Any], Where]] = {  # Any: each has a type of its own, which `Filters` declares
    "owner": partial(_any_of, "owner"),
    "team": partial(_any_of, "team"),
    "kind": partial(_any_of, "kind"),
    "state": partial(_any_of, "state"),
    "priority": _priorities,
    "tag": _tags,
    "due_before": partial(lt, "due"),
    "rating_at_most": partial(le, "rating"),
}
