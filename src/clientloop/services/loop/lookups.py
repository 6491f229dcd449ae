"""What guards and effects have to know besides the item: each looked up by name, only where a row asks for it."""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from attrs import evolve

from clientloop.errors import UnknownName
from clientloop.model.codec import Json
from clientloop.model.customers import Consent, Identity
from clientloop.model.feedback import Feedback
from clientloop.model.improvements import Improvement
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.process import EXPERT
from clientloop.model.staff import Member, Team
from clientloop.model.where import eq, ne
from clientloop.model.work import Task
from clientloop.rules.loop.case import Friend, Known, Loop
from clientloop.rules.people.contacts import read_address
from clientloop.rules.staff.presence import Presence, superiors, whole_team
from clientloop.rules.staff.roster import covers
from clientloop.rules.staff.routing import Placement
from clientloop.services.context import Context
from clientloop.services.people.whole import ids_of, rows_of
from clientloop.services.staff.routing import absence_of, roster_of, routed, stored_matter, successor, unended


def look_up(context: Context, item: Feedback, given: Mapping[str, Json], names: Sequence[str]) -> Known:
    """Look up what a row asks for.

    Args:
        context: The space.
        item: The item to be moved.
        given: What was given with the move.
        names: Fields of `Known`.
    """
    if item.watchers:  # they hear of every change of state, whatever the row
        names = (*names, "watchers")
    if not names:
        return _NOTHING
    found: dict[str, Any] = {name: _LOOKUPS[name](context, item, given) for name in names}  # Any: each has its own type
    return Known(**found)


_NOTHING = Known()


def _open_tasks(context: Context, item: Feedback, given: Mapping[str, Json]) -> tuple[str, ...]:
    where = eq("item", item.id) & eq("is_open", True)
    page = context.store.page(Task, item.space, where=where, order="of_item")
    return tuple(task.title for task in page)


def _open_complaints(context: Context, item: Feedback, given: Mapping[str, Json]) -> int:
    if item.customer is None:
        return 0
    where = eq("is_open", True) & eq("kind", "complaint") & ne("id", item.id)
    ids = ids_of(context, item.customer)
    return len(list(islice(rows_of(context, Feedback, ids, where=where, order="of_customer", size=1), 1)))


def _consents(context: Context, item: Feedback, given: Mapping[str, Json]) -> tuple[Consent, ...]:
    return () if item.customer is None else consents_of(context, item.customer)


def consents_of(context: Context, customer: UUID) -> tuple[Consent, ...]:
    """All that a person has allowed or forbidden, under any of the ids."""
    return tuple(rows_of(context, Consent, ids_of(context, customer)))


def _original(context: Context, item: Feedback, given: Mapping[str, Json]) -> Feedback | None:
    original = given.get("original")
    return context.store.get(Feedback, (item.space, original)) if original else None


def _improvement(context: Context, item: Feedback, given: Mapping[str, Json]) -> Improvement | None:
    improvement = given.get("improvement") or item.improvement
    return context.store.get(Improvement, (item.space, improvement)) if improvement else None


def _friend(context: Context, item: Feedback, given: Mapping[str, Json]) -> Friend:
    address = given.get("friend_address") or item.data.get("friend_address")
    if not address:
        return Friend()
    kind, value = read_address(str(address), context.settings.region)
    where = eq("kind", kind) & eq("value", value)
    known = [identity.customer for identity in context.store.pages(Identity, item.space, where=where)]
    ids = tuple(dict.fromkeys(one for customer in known for one in ids_of(context, customer)))
    purchases = rows_of(context, Interaction, ids, where=eq("kind", InteractionKind.PURCHASE), order="timeline", size=1)
    return Friend(is_customer=any(True for _ in purchases), consents=tuple(rows_of(context, Consent, ids)))


def _same_person(context: Context, item: Feedback, given: Mapping[str, Json]) -> bool:
    original = _original(context, item, given)
    if original is None or original.customer is None or item.customer is None:
        return False
    return original.customer == item.customer or original.customer in ids_of(context, item.customer)


def _superiors(context: Context, item: Feedback, given: Mapping[str, Json]) -> tuple[Member, ...]:
    team = _team_of(context, item)
    return superiors(presence(context), team=item.team, lead=None if team is None else team.lead)


def _team(context: Context, item: Feedback, given: Mapping[str, Json]) -> tuple[Member | Team, ...]:
    """The team hears of what its superiors have heard in vain."""
    team = _team_of(context, item) if item.escalations else None
    return () if team is None else whole_team(presence(context), team)


def _team_of(context: Context, item: Feedback) -> Team | None:
    return None if item.team is None else context.store.get(Team, (item.space, item.team))


def member_named(context: Context, name: str) -> Member | None:
    """The member of this name; None while a space has no members, as any name may own then.

    Raises:
        UnknownName: There are members, and this is none of them.
    """
    found = context.store.get(Member, (context.space.space, name))
    if found is None:
        names = [member.name for member in context.store.page(Member, context.space.space, limit=500)]
        if names:
            raise UnknownName.among(name, names, what="member")
    return found


def presence(context: Context) -> Presence:
    """The members of the firm, and who of them is away now."""
    store, space = context.store, context.space.space
    now = context.now()
    away = [absence for absence in unended(context) if covers(absence, now)]
    return Presence.of(store.pages(Member, space), sorted(away, key=lambda absence: absence.since))


def _owner(context: Context, item: Feedback, given: Mapping[str, Json]) -> Member | None:
    return presence(context).stand_in(item.owner)


def _employee(context: Context, item: Feedback, given: Mapping[str, Json]) -> Member | None:
    name = given.get("employee") or item.employee
    return context.store.get(Member, (item.space, name)) if name else None


def _expert(context: Context, item: Feedback, given: Mapping[str, Json]) -> Member | None:
    name = given.get(EXPERT) or item.data.get(EXPERT)
    return context.store.get(Member, (item.space, name)) if name else None


def _relief(context: Context, item: Feedback, given: Mapping[str, Json]) -> str | None:
    """Who goes on with an item; while a space has no members, any name may own."""
    member = context.store.get(Member, (item.space, item.owner)) if item.owner else None
    if member is None or (member.active and absence_of(context, member.name) is None):
        return None
    return successor(context, item, roster_of(context), owner=member.name)


def _parts(context: Context, item: Feedback, given: Mapping[str, Json]) -> tuple[Placement, ...]:
    """Each part is a matter of its own, that came as the item did."""
    parts = given.get("parts") or ()
    if not context.settings.routing:
        return tuple(Placement(priority=item.priority) for _ in parts)
    whole = stored_matter(context, item)
    return tuple(routed(context, evolve(whole, kind=part["kind"], words=part["text"])) for part in parts)


def _staff(context: Context, item: Feedback, given: Mapping[str, Json]) -> Mapping[str, Member]:
    if "watchers" not in given and "@" not in str(given.get("note")):
        return {}
    return {member.name: member for member in context.store.pages(Member, item.space) if member.active}


def _watchers(context: Context, item: Feedback, given: Mapping[str, Json]) -> tuple[Member, ...]:
    found = (context.store.get(Member, (item.space, name)) for name in item.watchers)
    return tuple(member for member in found if member is not None and member.active)


def _loops(context: Context, item: Feedback, given: Mapping[str, Json]) -> Mapping[str, Loop]:
    kinds = {given.get("kind"), *(part["kind"] for part in given.get("parts") or ())} - {None}
    loops = {kind: context.loop_of(kind) for kind in kinds if kind is not None}
    original = _original(context, item, given)
    return loops if original is None else {**loops, original.kind: context.loop_of(original.kind, original.process)}


_LOOKUPS: Mapping[str, Callable[[Context, Feedback, Mapping[str, Json]], object]] = {
    "open_tasks": _open_tasks,
    "open_complaints": _open_complaints,
    "consents": _consents,
    "original": _original,
    "same_person": _same_person,
    "improvement": _improvement,
    "friend": _friend,
    "superiors": _superiors,
    "team": _team,
    "owner": _owner,
    "employee": _employee,
    "expert": _expert,
    "staff": _staff,
    "watchers": _watchers,
    "relief": _relief,
    "parts": _parts,
    "loops": _loops,
}
