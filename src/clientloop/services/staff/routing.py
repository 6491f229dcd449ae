"""Routing: the staff as the store knows it, and where matters go.

Loads are read unguarded, and for receipts only now and then: two at the same time may choose the same member. That is
best effort, and evens out with the next ones. Who is away is read every time.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import chain

from attrs import evolve

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.codec import Json
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Interaction, Text
from clientloop.model.plan import Key, Plan
from clientloop.model.routing import Matter, Route
from clientloop.model.staff import Absence, Member, Team
from clientloop.model.where import eq, gt
from clientloop.model.work import Role
from clientloop.rules.loop.settings import Settings
from clientloop.rules.staff.presence import covering
from clientloop.rules.staff.roster import Roster
from clientloop.rules.staff.routing import Placement, Ruling, choose, place, ruling_on
from clientloop.services.batches import in_batches
from clientloop.services.context import Context

_OPEN_BY_OWNER = Plan(cls=Feedback, where=eq("is_open", True), keys=(Key("owner"),))


#: How long receipts go by the loads that were read, counting what they add themselves.
KEPT = timedelta(seconds=10)


def roster_of(context: Context, *, loads: Counter[str] | None = None) -> Roster:
    """The staff as it is now, with the loads; these are read if they are not given."""
    store, space = context.store, context.space.space
    return Roster.of(
        context.now(),
        context.settings,
        members=store.pages(Member, space),
        teams=store.pages(Team, space),
        absences=unended(context),
        loads=_loads(context) if loads is None else loads,
    )


def _loads(context: Context) -> Counter[str]:
    """How many open items each member has: one sum along the index of the inbox."""
    groups = context.store.aggregate(context.space.space, _OPEN_BY_OWNER)
    return Counter({str(group.keys[0]): group.values[0] or 0 for group in groups})


def _recent_loads(context: Context) -> Counter[str]:
    """The loads as they were read a moment ago: a burst of receipts does not count all open items each time."""
    now, known = context.now(), context.loads
    if known is None or not timedelta(0) <= now - known[0] < KEPT:
        known = context.loads = (now, _loads(context))
    return known[1]


def unended(context: Context) -> Iterable[Absence]:
    """The absences that have not ended, also those that have not begun."""
    store, space, now = context.store, context.space.space, context.now()
    return chain(
        store.pages(Absence, space, where=gt("until", now), order="by_until"),
        store.pages(Absence, space, where=eq("until", None), order="by_until"),
    )


def absence_of(context: Context, member: str) -> Absence | None:
    """The absence that a member is on now, if any."""
    where = eq("member", member) & covering(context.now())
    return next(context.store.pages(Absence, context.space.space, where=where), None)


def placement(context: Context, item: Feedback, source: Mapping[str, Json], words: Text) -> Placement:
    """Where a new item goes; without rules the store is not asked, and nothing is decided.

    Args:
        context: The space.
        item: The item, with the priority that it has before routing.
        source: Where its interaction came from.
        words: What the customer said.
    """
    if not context.settings.routing:
        return Placement(priority=item.priority)
    return routed(context, matter_of(item, source, words))


def routed(context: Context, matter: Matter) -> Placement:
    """Where the firm's rules put a matter; the store is asked only if they name somebody.

    Args:
        context: The space.
        matter: The matter, with the priority that it has before routing.
    """
    ruling = ruling_on(matter, context.settings.routing)
    if not (ruling.places or ruling.grave):
        return Placement(priority=ruling.priority, tags=ruling.tags, routes=ruling.routes)
    loads = _recent_loads(context)
    placed = place(matter, ruling, roster_of(context, loads=loads))
    if placed.owner is not None:
        loads[placed.owner] += 1
    return placed


def matter_of(item: Feedback, source: Mapping[str, Json], words: Text | None) -> Matter:
    """What rules may speak of, of an item.

    Args:
        item: The item, with the priority that it has before routing.
        source: Where its interaction came from.
        words: What the customer said; None where that is not kept any more.
    """
    page = source.get("page")
    said = () if words is None else (words.subject, words.body)
    return Matter(
        space=item.space,
        kind=item.kind,
        channel=item.channel,
        category=item.category,
        page=None if page is None else str(page),
        product=item.product,
        words="\n".join(filter(None, said)),
        language=item.locale,
        customer_class=item.customer_class,
        priority=item.priority,
        rating=item.rating,
        employee=item.employee,
    )


def stored_matter(context: Context, item: Feedback) -> Matter:
    """What rules may speak of, of an item that is stored."""
    interaction = context.store.get(Interaction, (item.space, item.id))
    words = context.store.get(Text, (item.space, item.id))
    return matter_of(item, {} if interaction is None else interaction.source, words)


def stored_matters(context: Context, items: Sequence[Feedback]) -> Sequence[Matter]:
    """The same of many items, in few questions."""
    ids = [item.id for item in items]
    sources = {one.id: one.source for _, page in in_batches(context, Interaction, "id", ids) for one in page}
    words = {one.id: one for _, page in in_batches(context, Text, "id", ids) for one in page}
    return [matter_of(item, sources.get(item.id, {}), words.get(item.id)) for item in items]


def successor(context: Context, item: Feedback, roster: Roster, *, owner: str) -> str | None:
    """Who goes on with work of an owner who is away, gone or to be relieved.

    The owner's deputy; else whom the rules choose within the team that the item is for, which without rules is one of
    the owner's teams.

    Args:
        context: The space.
        item: The item that the work is for.
        roster: The staff.
        owner: Whose work it was.

    Returns:
        A name; the owner's only if nobody else is there; None if nobody is.
    """
    deputy = roster.presence.stand_in(owner)
    if deputy is not None and deputy.name != owner:
        return deputy.name
    routes = context.settings.routing
    ruling = ruling_on(stored_matter(context, item), routes) if routes else Ruling()
    teams = roster.presence.members[owner].teams if owner in roster.presence.members else ()
    avoid = frozenset({owner, item.employee} if item.employee else {owner})
    return choose(
        roster,
        evolve(ruling, team=item.team or ruling.team or next(iter(teams), None)),
        language=item.locale,
        avoid=avoid,
    )


def check_routes(context: Context, routes: Iterable[Route]) -> None:
    """Refuse rules that speak of a team or a member that there is not, or of skills that nobody has.

    Raises:
        UnknownName: With the names that come near.
    """
    store, space = context.store, context.space.space
    members = tuple(store.pages(Member, space))
    known = {
        "team": {team.name for team in store.pages(Team, space)},
        "member": {member.name for member in members if member.active},
        "skill": {skill for member in members for skill in member.skills},
    }
    for route in routes:
        asked = {"team": (route.team,), "member": (route.member,), "skill": route.skills}
        for what, names in asked.items():
            for name in names:
                if name is not None and name not in known[what]:
                    fault = UnknownName.among(name, known[what], what=what)
                    raise UnknownName(f"route {route.name!r}: {fault.message}", hint=fault.hint)


def deserted(context: Context, routes: Iterable[Route]) -> Iterator[Route]:
    """The rules for a team in which nobody works: it has no owners, and no lead."""
    store, space = context.store, context.space.space
    working = {member.name: member for member in store.pages(Member, space) if member.active}
    staffed = {team for each in working.values() if Role.OWNER.value in each.roles for team in each.teams}
    empty = {team.name for team in store.pages(Team, space) if team.name not in staffed and team.lead not in working}
    return (route for route in routes if route.team in empty)


def check_calendars(context: Context, settings: Settings) -> None:
    """Refuse to take away a calendar that members, teams or open items go by.

    Raises:
        InvalidValue: With whoever goes by it.
    """
    for user, name in _users_of_calendars(context):
        if name is not None and name not in settings.calendars:
            hint = "keep it, or give them another one first; items keep theirs until they are closed"
            raise InvalidValue(f"{user} goes by the calendar {name!r}", hint=hint)


def _users_of_calendars(context: Context) -> Iterator[tuple[str, str | None]]:
    """Who goes by which calendar; None is the firm's."""
    store, space = context.store, context.space.space
    yield from ((f"the member {member.name}", member.calendar) for member in store.pages(Member, space))
    yield from ((f"the team {team.name}", team.calendar) for team in store.pages(Team, space))
    named = Plan(cls=Feedback, where=eq("is_open", True), keys=(Key("calendar"),))
    for group in store.aggregate(space, named):
        yield "an open item", None if group.keys[0] is None else str(group.keys[0])
