"""Standings where customers are merged and parted again: the person stands once from then on, in the same unit."""

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve

from clientloop.model.customers import Customer
from clientloop.model.relationships import Standing, Subject
from clientloop.model.units import Change, Unit, Update
from clientloop.model.where import eq
from clientloop.rules.relationship.standing import Course, assessed, has_word, told, untold
from clientloop.services.context import Context
from clientloop.services.relationships.classes import CLASS_MODEL, class_changes
from clientloop.services.relationships.manual import Named, compass_of, first_of, with_stage_of_company
from clientloop.services.relationships.reassessing import changes_of, facts_of


def joined(context: Context, unit: Unit, kept: Customer, absorbed: Customer) -> Unit:
    """What a merge writes, with what becomes of the standings.

    The absorbed customer stands nowhere from now on. A word that stands on it goes over to the kept one, unless one
    stands there.

    Args:
        context: The space.
        unit: What the merge writes of the customers.
        kept: The customer that both are shown as.
        absorbed: The other.
    """
    now, ours = context.now(), _standings(context, kept)
    changes = _Changes(context, unit, kept)
    for model, theirs in _standings(context, absorbed).items():
        compass = compass_of(context, model)
        gone = assessed(
            Course(standing=theirs), stage=None, explain=dict, as_of=now, now=now, compass=compass, whom=kept.id,
            counts=False,
        )  # fmt: skip
        changes.add(theirs, gone)
        own = ours.get(model)
        if has_word(theirs, now) and not has_word(own, now):
            first = own or first_of(context, Named(kept.id, Subject.CUSTOMER), model)
            course = told(
                Course(standing=first), stage=theirs.manual or "", by=theirs.manual_by or "",
                reason=theirs.manual_reason or "", until=theirs.manual_until, now=now, compass=compass,
                of=theirs.manual_of or absorbed.id,
            )  # fmt: skip
            changes.add(own, course)
    return changes.unit


def parted(context: Context, unit: Unit, above: Iterable[Customer], absorbed: Customer, *, by: str) -> Unit:
    """What undoing a merge writes, with the words taken back that had gone over by it.

    Args:
        context: The space.
        unit: What it writes of the customers.
        above: The customers that had taken the absorbed one over, from below.
        absorbed: The customer that is shown by itself again, with all that were merged into it.
        by: Who undoes it.
    """
    for kept in above:
        changes = _Changes(context, unit, kept)
        for model, standing in _standings(context, kept).items():
            if standing.manual_of in absorbed.ids:
                compass, now = compass_of(context, model), context.now()
                course = untold(Course(standing=standing), by=by, reason=None, now=now, compass=compass)
                changes.add(standing, course)
        unit = changes.unit
    return unit


class _Changes:
    """A unit that is about customers, and grows by standings of one of them."""

    def __init__(self, context: Context, unit: Unit, kept: Customer) -> None:
        self._context = context
        self.unit = unit
        self._kept = _after(unit, kept)

    def add(self, before: Standing | None, course: Course) -> None:
        """Add what became of a standing, and of the class that it is."""
        changes: list[Change] = list(changes_of(before, course))
        after = course.standing
        if after.model == CLASS_MODEL and after.subject == self._kept.id and self._kept.merged_into is None:
            changes += class_changes(
                self._context,
                [(before, with_stage_of_company(self._context, after))],
                persons_of=lambda _: (),
                written=tuple(changes),
                given={self._kept.id: self._kept},
            )
        self.unit += Unit(tuple(changes), tuple(facts_of(course.history)))


def _after(unit: Unit, customer: Customer) -> Customer:
    """A customer as a unit leaves it."""
    for change in unit.changes:
        if isinstance(change, Update) and change.cls is Customer and change.key[-1] == customer.id:
            fields: Any = change.changes  # each is of its field's own type
            customer = evolve(customer, **fields, version=customer.version + 1)
    return customer


def _standings(context: Context, customer: Customer) -> Mapping[str, Standing]:
    found = context.store.pages(Standing, context.space.space, where=eq("subject", customer.id))
    return {standing.model: standing for standing in tuple(found)}
