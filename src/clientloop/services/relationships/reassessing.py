"""Reassessment: where everybody stands now is written down, and each change is added to the history.

Subjects are written some at a time, each guarded by its version. If somebody changed one of them meanwhile, these are
written one by one, each loaded anew; one that cannot be written then is left to the next time.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import cast
from uuid import UUID

from attrs import evolve, fields, frozen

from clientloop.errors import Conflict, StoreError
from clientloop.model.customers import CustomerClass
from clientloop.model.facts import Fact, FactName
from clientloop.model.plan import Key, Plan
from clientloop.model.relationships import Assessment, Standing
from clientloop.model.units import Change, Insert, Unit, Update
from clientloop.model.where import eq
from clientloop.model.work import SYSTEM
from clientloop.plugins.loading import harmless
from clientloop.plugins.spec import Sort
from clientloop.ports.relationship import Place
from clientloop.rules.relationship.standing import Course, assessed, told
from clientloop.services.batches import batches
from clientloop.services.context import Context
from clientloop.services.leases import Beat, unheard
from clientloop.services.relationships.assessing import Assessed, each_assessed, frame_of
from clientloop.services.relationships.classes import CLASS_MODEL, Moved, class_changes, class_of, known_classes, stored
from clientloop.services.relationships.models import model_names
from clientloop.services.relationships.subjects import Subjects

logger = logging.getLogger(__name__)

#: Why a class stands that a customer had before anybody was assessed.
_GIVEN = "the class that was given before the first assessment"


@frozen(kw_only=True)
class Reassessed:
    """What a reassessment by one model came to."""

    #: How many were assessed.
    subjects: int = 0
    #: How many came to another stage.
    changed: int = 0
    #: How many could not be written, as others wrote them at the same time: they are next time.
    skipped: int = 0
    #: How many were left where they were, for they have amounts in a currency without a rate.
    left_out: int = 0
    #: What is to be known of it, in sentences.
    remarks: Sequence[str] = ()

    def __add__(self, other: "Reassessed") -> "Reassessed":
        """Both together, of one model."""
        return evolve(self, changed=self.changed + other.changed, skipped=self.skipped + other.skipped)


def reassess(context: Context, models: Sequence[str], beat: Beat = unheard) -> Mapping[str, Reassessed]:
    """Ask models where everybody stands now, and write it down.

    Args:
        context: The space.
        models: Names of the models.
        beat: Called before each some hundred subjects.

    Raises:
        UnknownName: There is no such model.
    """
    frame = frame_of(context)
    return {said.name: _Writer(context, said).write(beat) for said in each_assessed(context, models, frame)}


def reassess_all(context: Context, beat: Beat = unheard) -> None:
    """As `reassess` by all models; one that cannot be asked is logged, and does not stop the others.

    Args:
        context: The space.
        beat: As of `reassess`.
    """
    names = model_names(context)
    try:
        reassess(context, names, beat)
    except StoreError:
        raise
    except harmless():
        for name in names:
            with context.parts.registry.isolated(Sort.RELATIONSHIP_MODEL, name):
                reassess(context, [name], beat)


def changes_of(before: Standing | None, course: Course) -> Iterator[Change]:
    """What is written for a standing that has changed, and for what its history has gained.

    Args:
        before: The standing as it is stored; None, if there is none.
        course: What became of it.
    """
    after = course.standing
    if before is None:
        yield Insert(after)
    else:
        named = (each.name for each in fields(Standing))
        changed = {name: getattr(after, name) for name in named if getattr(after, name) != getattr(before, name)}
        if changed:
            yield Update(Standing, (after.space, after.subject, after.model), changed, before.version)
    yield from map(Insert, course.history)


def facts_of(history: Iterable[Assessment]) -> Iterator[Fact]:
    """What observers hear of a history that has grown: each change of the stage.

    Args:
        history: The new part.
    """
    for each in history:
        if each.stage != each.previous:
            data = {
                "model": each.model, "stage": each.stage, "previous": each.previous,
                "direction": each.direction.value, "manual": each.manual,
            }  # fmt: skip
            yield Fact(FactName.RELATIONSHIP_CHANGED, each.space, each.subject, each.at, data)


class _Writer:
    """Writes down what one model says."""

    def __init__(self, context: Context, said: Assessed) -> None:
        self._context = context
        self._said = said
        self._now = said.frame.as_of
        self._is_class = said.name == CLASS_MODEL
        self._classes: Mapping[UUID, CustomerClass] = known_classes(context) if self._is_class else {}
        self._stages = self._known_stages()
        self._given = frozenset(self._given_classes())

    def write(self, beat: Beat) -> Reassessed:
        """Write all subjects, then those who count for somebody else by now."""
        said = self._said
        total = Reassessed(
            subjects=len(said.places), left_out=len(said.without_rate), remarks=tuple(said.missing)
        )  # fmt: skip
        for remark in said.missing:
            logger.warning("%s: %s", said.name, remark)
        for batch in batches(chain(said.places, self._strays(said.subjects))):
            beat()
            total += self._write(batch)
        return total

    def _write(self, batch: Sequence[UUID]) -> Reassessed:
        """Write some subjects together, or else each alone."""
        try:
            return self._commit(batch)
        except Conflict:
            total = Reassessed()
            for subject in batch:
                try:
                    total += self._commit([subject])
                except Conflict:  # whoever was faster has written what is newer
                    total += Reassessed(skipped=1)
            return total

    def _commit(self, batch: Sequence[UUID]) -> Reassessed:
        """Write some subjects as one unit."""
        known = stored(self._context, self._said.name, batch)
        courses = [(known.get(subject), self._course(subject, known.get(subject))) for subject in batch]
        changes = [change for before, course in courses for change in changes_of(before, course)]
        if self._is_class:
            changes += self._of_classes([(before, course.standing) for before, course in courses], tuple(changes))
        facts = tuple(facts_of(row for _, course in courses for row in course.history))
        if changes:
            self._context.commit(Unit(tuple(changes), facts))
        return Reassessed(changed=len({fact.subject for fact in facts}))

    def _course(self, subject: UUID, before: Standing | None) -> Course:
        """What becomes of a subject's standing."""
        said, compass, now = self._said, self._said.model.direction, self._now
        counts = subject in said.subjects.known
        course = Course(standing=before or self._first(subject))
        if before is None and subject in self._given:
            given = self._classes[subject].value
            course = told(course, stage=given, by=SYSTEM.name, reason=_GIVEN, until=None, now=now, compass=compass)
        place = said.places[subject] if counts else Place(stage=None)
        return assessed(
            course, stage=place.stage, explain=lambda: place.explanation, as_of=now, now=now, compass=compass,
            whom=said.subjects.labels.get(subject), counts=subject not in said.subjects.shown,
        )  # fmt: skip

    def _first(self, subject: UUID) -> Standing:
        """The standing of somebody who has none yet."""
        return Standing(
            space=self._context.space.space, subject=subject, sort=self._said.subjects.sort(subject),
            model=self._said.name, since=self._now, as_of=self._now,
        )  # fmt: skip

    def _given_classes(self) -> Iterator[UUID]:
        """Who had a class before anybody assessed them, neither by a merge nor as the company that they count for."""
        subjects, stages = self._said.subjects, self._stages
        by_merge = {subjects.shown[one] for one in stages if one in subjects.shown}
        for one, given in self._classes.items():
            company = subjects.companies.get(one)
            by_company = company is not None and class_of(stages.get(company)) is given
            if one not in stages and one not in subjects.shown and one not in by_merge and not by_company:
                yield one

    def _known_stages(self) -> Mapping[UUID, str | None]:
        """The stage of everybody who stands anywhere."""
        everybody = Plan(cls=Standing, where=eq("model", self._said.name), keys=(Key("subject"), Key("stage")))
        groups = self._context.store.aggregate(self._context.space.space, everybody)
        return dict(cast(tuple[UUID, str | None], group.keys) for group in groups)

    def _strays(self, subjects: Subjects) -> Iterator[UUID]:
        """Those who count for somebody else by now, and of whom that may not be written yet."""
        stages = self._stages
        yield from (one for one in subjects.shown if stages.get(one) is not None)
        yield from subjects.companies

    def _of_classes(self, moves: Sequence[Moved], written: Sequence[Change]) -> Iterator[Update]:
        """What is written of classes."""
        subjects = self._said.subjects
        return class_changes(
            self._context,
            [(before, after) for before, after in moves if self._has_own_class(after)],
            persons_of=lambda company: (one for one in subjects.persons.get(company, ()) if one not in self._given),
            written=written,
            known=self._classes,
        )

    def _has_own_class(self, standing: Standing) -> bool:
        """Whether somebody counts by itself, or counts for a company and has a word of its own."""
        subjects, one = self._said.subjects, standing.subject
        return one in subjects.known or (standing.manual is not None and one in subjects.companies)
