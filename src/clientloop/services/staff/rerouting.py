"""Routing of items that are there already, and what rules would have decided about them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from attrs import field, frozen

from clientloop.errors import InvalidValue
from clientloop.model.feedback import Feedback
from clientloop.model.routing import Matter, Route
from clientloop.model.where import ALL, Where, eq, ge, lt
from clientloop.model.work import SYSTEM, Actor
from clientloop.rules.loop.case import Case, Known
from clientloop.rules.loop.draft import Moved
from clientloop.rules.staff.rerouting import ROUTED, reroute
from clientloop.rules.staff.rights import Right
from clientloop.rules.staff.routing import Ruling, place, ruling_on
from clientloop.services.batches import batches
from clientloop.services.context import Context
from clientloop.services.loop.many import Fate, Judge, Many, ids_among, move_many
from clientloop.services.loop.rights import check_right
from clientloop.services.staff.handover import Giver, HandedOver
from clientloop.services.staff.routing import check_routes, roster_of, stored_matters


@frozen(kw_only=True)
class Tried:
    """What rules would have decided about one stored item."""

    #: The item as it is.
    item: Feedback
    #: What they say.
    ruling: Ruling


@frozen(kw_only=True)
class Trial:
    """How often rules would have decided what, about the items of a period."""

    #: How many items were tried.
    items: int = 0
    #: How many of them no rule would have given to anybody.
    nowhere: int = 0
    #: How many would have been grave.
    grave: int = 0
    #: How many each team would have got.
    teams: Mapping[str, int] = field(factory=dict)
    #: To how many each rule applies, also those to which none does.
    routes: Mapping[str, int] = field(factory=dict)
    #: Of how many each rule would have decided who gets them.
    decided: Mapping[str, int] = field(factory=dict)


class Routing:
    """The part of `loop.staff` that gives out work."""

    _context: Context

    def reassign(
        self, member: str, *, to: str | None = None, where: Where = ALL, by: str | Actor, reason: str = "reassigned"
    ) -> HandedOver:
        """Give a member's open items, and the open tasks of them, to others now.

        Every item is moved by `hand_over`. What somebody else changes at the same time is tried again, and what cannot
        be given away is named.

        Args:
            member: Whose work; also a name that is no member's.
            to: Who gets all of it; whom the deputies and the rules name, if not given.
            where: Of which items.
            by: Who says so.
            reason: Why, as the journal keeps it.

        Raises:
            InvalidValue: The work would stay where it is.
        """
        if to == member:
            raise InvalidValue(f"the work of {member} is {member}'s already", hint="name somebody else, or nobody")
        giver = Giver(context=self._context, member=member, actor=Actor.of(by), reason=reason, to=to, where=where)
        return giver.give()

    def route(self, *, where: Where = ALL, by: str | Actor = SYSTEM) -> Many:
        """Route open items that nobody owns, such as imported ones, by the rules of the firm.

        Args:
            where: Which of them.
            by: Who says so.
        """
        roster, actor = roster_of(self._context), Actor.of(by)

        context = self._context

        def judged(item: Feedback, matter: Matter) -> Moved | Fate:
            if item.owner is not None or not item.is_open:
                return Fate.BEFORE if item.is_open else Fate.CLOSED
            check_right(context, actor, Right.MOVE, item)
            placed = place(matter, ruling_on(matter, context.settings.routing), roster)
            if not placed.routes:
                return Fate.BEFORE
            if placed.owner is not None:
                roster.loads[placed.owner] += 1
            case = Case(
                item=item,
                loop=context.loop_of(item.kind, item.process),
                row=ROUTED,
                actor=actor,
                now=context.now(),
                settings=context.settings.by_calendar(placed.calendar or item.calendar),
                known=Known(superiors=placed.alerted),
            )
            return reroute(case, context.kit, placed)

        def prepare(items: Sequence[Feedback]) -> Judge:
            matters = dict(zip([item.id for item in items], stored_matters(context, items), strict=True))
            return lambda item: judged(item, matters[item.id])

        return move_many(context, ids_among(context, eq("owner", None) & where), prepare)

    def try_routing(
        self, routes: Iterable[Route], *, since: datetime | None = None, until: datetime | None = None
    ) -> Trial:
        """Count what rules would have decided about stored items; nothing is written.

        Args:
            routes: The rules to try.
            since: Only items that were recorded at this time or later, aware.
            until: Only items that were recorded before this time, aware.

        Raises:
            UnknownName: A rule names a team, a member or a skill that there is not.
        """
        tried, counts = tuple(routes), Counter[str]()
        teams, applied, decided = Counter[str](), Counter[str](), Counter[str]()
        for row in self.tried(tried, since=since, until=until):
            counts.update(items=1, nowhere=int(not row.ruling.places), grave=int(row.ruling.grave))
            teams.update([row.ruling.team] if row.ruling.team else [])
            applied.update(row.ruling.routes)
            decided.update([row.ruling.by] if row.ruling.by else [])
        return Trial(
            items=counts["items"],
            nowhere=counts["nowhere"],
            grave=counts["grave"],
            teams=dict(teams),
            routes={route.name: applied[route.name] for route in tried},
            decided=dict(decided),
        )

    def tried(
        self, routes: Iterable[Route], *, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Tried]:
        """What rules would have decided about each stored item as it is now, the oldest first; nothing is written.

        Args:
            routes: As of `try_routing`.
            since: As of `try_routing`.
            until: As of `try_routing`.

        Raises:
            UnknownName: As of `try_routing`.
        """
        tried, context = tuple(routes), self._context
        check_routes(context, tried)
        period = (ge("recorded_at", since) if since else ALL) & (lt("recorded_at", until) if until else ALL)
        for items in batches(context.store.pages(Feedback, context.space.space, where=period, order="by_time")):
            for item, matter in zip(items, stored_matters(context, items), strict=True):
                yield Tried(item=item, ruling=ruling_on(matter, tried))
