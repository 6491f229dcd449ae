"""Looking at standings: where everybody stands by now, stood on a day, and how they came there."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import cast
from uuid import UUID

from clientloop.model.page import Page
from clientloop.model.plan import Aggregate, How, Key, Plan
from clientloop.model.relationships import Assessment, Standing
from clientloop.model.where import Where, eq, ge, le, lt
from clientloop.ports.relationship import RelationshipModel
from clientloop.rules.relationship.standing import Course, company_at, expired, stage_at, whose_stage
from clientloop.rules.time.moments import moment
from clientloop.services.context import Context
from clientloop.services.relationships.manual import Whom, subject_named
from clientloop.services.relationships.models import check_stage, model_named, model_names


class Looking:
    """The part of `loop.relationships` that tells what is written down."""

    def __init__(self, context: Context) -> None:
        """Work in one space."""
        self._context = context

    @property
    def models(self) -> Sequence[str]:
        """The names of the models."""
        return model_names(self._context)

    def model(self, name: str) -> RelationshipModel:
        """A model, with the parameters that the firm has set for it.

        Raises:
            UnknownName: There is no such model.
            InvalidValue: The firm's parameters do not fit it.
        """
        return model_named(self._context, name)

    def of(self, subject: Whom) -> Mapping[str, Standing]:
        """Where somebody stands, by model; models that were not asked yet are absent.

        Of a person who counts for a company in a model, it is where the company stands, unless somebody has said
        something of the person.

        Args:
            subject: A customer or an account, or its id; of a merged customer, the one it is shown as.

        Raises:
            NotFound: There is none.
        """
        named = subject_named(self._context, subject)
        found = self._context.store.pages(Standing, self._context.space.space, where=eq("subject", named.id))
        return {standing.model: self._by_now(standing) for standing in tuple(found)}

    def standing(self, subject: Whom, model: str) -> Standing | None:
        """Where somebody stands in a model by now; None if it was not asked yet.

        Args:
            subject: As of `of`.
            model: Name of the model.

        Raises:
            NotFound: There is no such subject.
            UnknownName: There is no such model.
        """
        self.model(model)
        found = self._stored(subject_named(self._context, subject).id, model)
        return None if found is None else self._by_now(found)

    def history(self, subject: Whom, model: str, *, after: str | None = None, limit: int = 50) -> Page[Assessment]:
        """A page of how somebody came to a stage, the latest first.

        Args:
            subject: As of `of`.
            model: Name of the model.
            after: The `next` of the page before.
            limit: How many at most.

        Raises:
            NotFound: There is no such subject.
            UnknownName: There is no such model.
        """
        self.model(model)
        return self._history(subject_named(self._context, subject).id, model, after=after, limit=limit)

    def as_of(self, subject: Whom, model: str, day: datetime | date) -> str | None:
        """The stage that stood at a time, as the history tells it; None if there was none.

        While a person counted for a company, it is that of the company, unless somebody's word stood on the person.

        Args:
            subject: As of `of`.
            model: Name of the model.
            day: The time, aware; a date is its midnight in the space's zone.

        Raises:
            NotFound: There is no such subject.
            UnknownName: There is no such model.
        """
        self.model(model)
        at, one = self._moment(day), subject_named(self._context, subject).id
        last = self._last(one, model, at)
        company = None if last is None else company_at(last, at)
        if company is not None:
            last = self._last(company, model, at)
        return None if last is None else stage_at(last, at)

    def holding(self, model: str, stage: str, *, after: str | None = None, limit: int = 50) -> Page[Standing]:
        """A page of those who stand in a stage by now: companies in place of the persons who count for them.

        Args:
            model: Name of the model.
            stage: The stage.
            after: The `next` of the page before.
            limit: How many at most.

        Raises:
            UnknownName: There is no such model, or no such stage.
        """
        check_stage(model, self.model(model).stages, stage)
        ended = le("manual_until", self._context.now())
        stored = eq("stage", stage) & ~ended
        found = self._standings(eq("model", model) & stored, limit=limit, after=after)
        if self._standings(eq("model", model) & ended, order="by_expiry", limit=1).items:
            by_now = stored | (eq("automatic", stage) & ended)
            found = self._standings(eq("model", model) & by_now, limit=limit, after=after)
        return Page(tuple(map(self._without_ended, found)), found.next)

    def stages(self, model: str) -> Mapping[str, int]:
        """How many stand in each stage by now, the lowest stage first.

        Args:
            model: Name of the model.

        Raises:
            UnknownName: There is no such model.
        """
        counts: Counter[str | None] = Counter()
        ended = Aggregate(How.COUNT, where=le("manual_until", self._context.now()))
        plan = Plan(
            cls=Standing, where=eq("model", model), keys=(Key("stage"), Key("automatic")),
            aggregates=(Aggregate(How.COUNT), ended),
        )  # fmt: skip
        known = self.model(model).stages
        for group in self._context.store.aggregate(self._context.space.space, plan):
            stage, automatic = cast(tuple[str | None, str | None], group.keys)
            every, over = (value or 0 for value in group.values)
            counts[stage] += every - over
            counts[automatic] += over
        return {stage: counts[stage] for stage in known}

    def changes(
        self,
        model: str,
        *,
        since: datetime | date,
        until: datetime | date | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Assessment]:
        """A page of what has changed within a time, the earliest first.

        Args:
            model: Name of the model.
            since: From when on; a date is its midnight in the space's zone.
            until: Until when, not included; until now if not given.
            after: The `next` of the page before.
            limit: How many at most.

        Raises:
            UnknownName: There is no such model.
        """
        self.model(model)
        where = eq("model", model) & ge("as_of", self._moment(since))
        if until is not None:
            where &= lt("as_of", self._moment(until))
        return self._context.store.page(
            Assessment, self._context.space.space, where=where, order="by_time", after=after, limit=limit
        )

    def _by_now(self, standing: Standing) -> Standing:
        """A standing by the clock, and of whoever counts for a company, that of the company."""
        found = self._without_ended(standing)
        company = whose_stage(found.explanation, worded=found.manual is not None)
        theirs = None if company is None else self._stored(company, standing.model)
        return found if theirs is None else self._without_ended(theirs)

    def _without_ended(self, standing: Standing) -> Standing:
        """A standing without a word that has ended since it was written."""
        if standing.manual_until is None:
            return standing
        compass = self.model(standing.model).direction
        return expired(Course(standing=standing), now=self._context.now(), compass=compass).standing

    def _stored(self, subject: UUID, model: str) -> Standing | None:
        return self._context.store.get(Standing, (self._context.space.space, subject, model))

    def _last(self, subject: UUID, model: str, at: datetime) -> Assessment | None:
        """The last part of a history that is not later than a time."""
        page = self._history(subject, model, where=le("as_of", at), limit=1)
        return page.items[0] if page.items else None

    def _history(
        self, subject: UUID, model: str, *, where: Where | None = None, after: str | None = None, limit: int
    ) -> Page[Assessment]:
        theirs = eq("subject", subject) & eq("model", model)
        return self._context.store.page(
            Assessment, self._context.space.space, where=theirs if where is None else theirs & where, after=after,
            limit=limit, descending=True,
        )  # fmt: skip

    def _standings(
        self, where: Where, *, limit: int, order: str = "by_stage", after: str | None = None
    ) -> Page[Standing]:
        return self._context.store.page(
            Standing, self._context.space.space, where=where, order=order, after=after, limit=limit
        )

    def _moment(self, day: datetime | date) -> datetime:
        """A time, refused if it names no zone; of a date, its midnight in the space's zone."""
        return moment(day, self._context.space.zone)
