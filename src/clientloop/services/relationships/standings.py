"""Relationships: where customers and companies stand in each model, how they came there, and why."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from attrs import frozen

from clientloop.errors import InvalidValue, NotFound
from clientloop.model.codec import Json
from clientloop.model.relationships import Standing, Subject
from clientloop.model.work import Actor
from clientloop.ports.relationship import Place
from clientloop.rules.relationship.standing import counted_for
from clientloop.services.people.merging import decider, stated
from clientloop.services.relationships.assessing import assess
from clientloop.services.relationships.looking import Looking
from clientloop.services.relationships.manual import Whom, say, subject_named, unsay
from clientloop.services.relationships.models import check_stage
from clientloop.services.relationships.reassessing import Reassessed, reassess


@frozen(kw_only=True)
class Explained:
    """Why somebody stands where they stand."""

    #: Where they stand by now; of a person who counts for a company, where the company stands.
    standing: Standing
    #: What the model's stage follows from, as data: as of `standing.as_of`, or as of the time that was asked for. Empty
    #: where the model was not asked yet.
    explanation: Mapping[str, Json]
    #: The stage that the model tells from these data alone.
    recomputed: str | None


class Relationships(Looking):
    """`loop.relationships`: what customers are to the firm, by several models side by side.

    >>> from datetime import UTC, datetime, timedelta
    >>> from clientloop import ClientLoop, InteractionKind, ManualClock
    >>> clock = ManualClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
    >>> with ClientLoop.open("memory:", clock=clock, entry_points=False) as loop:
    ...     eva = loop.customers.add(name="Eva", email="eva@example.com")
    ...     bought = loop.interactions.record(kind=InteractionKind.PURCHASE, channel="shop", customer=eva)
    ...     now = clock.advance(timedelta(days=1))
    ...     done = loop.relationships.reassess(["purchases"])
    ...     first = loop.relationships.standing(eva, "purchases")
    ...     word = loop.relationships.set(eva, "purchases", "regular", by="mia", reason="buys for three shops")
    >>> first.stage, word.stage, word.automatic, word.direction.value
    ('one-time', 'regular', 'one-time', 'up')
    """

    def assess(self, model: str, *, as_of: datetime | date | None = None) -> Mapping[UUID, Place]:
        """Ask a model where everybody stands; nothing is written.

        Args:
            model: Name of the model.
            as_of: The time that it is of: nothing later counts. A date is its midnight in the space's zone; the present
                if not given.

        Returns:
            The place of each subject: persons once, companies in place of their persons where the model says so.
            Whoever has amounts in a currency without a rate is left out.

        Raises:
            UnknownName: There is no such model.
            InvalidValue: The time names no zone.
        """
        at = None if as_of is None else self._moment(as_of)
        return assess(self._context, [model], as_of=at)[model]

    def reassess(self, models: Iterable[str] | None = None) -> Mapping[str, Reassessed]:
        """Ask models where everybody stands now, and write it down; `run_due` does so by itself.

        Each change becomes a part of the history and the fact `relationship.changed`. Whoever has amounts in a currency
        without a rate stays where they stood.

        Args:
            models: Names of the models; all if not given.

        Raises:
            UnknownName: There is no such model.
        """
        return reassess(self._context, tuple(self.models if models is None else models))

    def set(
        self,
        subject: Whom,
        model: str,
        stage: str,
        *,
        by: str | Actor,
        reason: str,
        until: datetime | date | None = None,
    ) -> Standing:
        """Say by hand where somebody stands, beside what the model says; that survives every reassessment.

        Args:
            subject: As of `of`.
            model: Name of the model.
            stage: The stage.
            by: Who says so.
            reason: Why.
            until: Until when it stands; a date is its midnight in the space's zone; for as long as nobody takes it back
                if not given.

        Raises:
            NotFound: There is no such subject.
            UnknownName: There is no such model, or no such stage.
            InvalidValue: There is no reason, it would have ended already, or it is of a company in a model that knows
                persons alone.
            NotAllowed: The actor is not of the firm.
            Conflict: Somebody else changed the standing at the same time.
        """
        actor, why = decider(by, "set a stage"), stated(reason, "set a stage")
        known, named = self.model(model), subject_named(self._context, subject)
        check_stage(model, known.stages, stage)
        if named.sort is Subject.ACCOUNT and not known.of_accounts:
            fitting = ", ".join(name for name in self.models if self.model(name).of_accounts)
            raise InvalidValue(f"{model} knows no companies", hint=f"say it of a person; companies stand in {fitting}")
        end = None if until is None else self._moment(until)
        return say(self._context, named, model, stage, by=actor.name, reason=why, until=end)

    def unset(self, subject: Whom, model: str, *, by: str | Actor, reason: str | None = None) -> Standing:
        """Take back what was said by hand: what the model says stands again.

        Args:
            subject: As of `of`.
            model: Name of the model.
            by: Who takes it back.
            reason: Why.

        Raises:
            NotFound: There is no such subject, or nobody has said anything of it.
            UnknownName: There is no such model.
            NotAllowed: The actor is not of the firm.
            Conflict: Somebody else changed the standing at the same time.
        """
        actor = decider(by, "take a stage back")
        stood = self.standing(subject, model)
        if stood is None or stood.manual is None or stood.subject != subject_named(self._context, subject).id:
            raise NotFound(f"nobody has said a stage of {model}", hint="what stands is what the model says")
        return unsay(self._context, subject_named(self._context, subject), model, by=actor.name, reason=reason)

    def explain(self, subject: Whom, model: str, *, as_of: datetime | date | None = None) -> Explained:
        """Why somebody stands where they stand, as data from which the model tells the stage again.

        What is kept are the reasons for which somebody came to the stage; while the stage stays, they are not written
        anew. With a time, the model is asked for the reasons of that time, which takes as long as `assess`.

        Args:
            subject: As of `of`.
            model: Name of the model.
            as_of: The time that the reasons are of, as of `assess`; when the stage last changed if not given.

        Raises:
            NotFound: There is no such subject, or the model was not asked yet.
            UnknownName: There is no such model.
        """
        stood = self.standing(subject, model)
        if stood is None:
            raise NotFound(f"model {model!r} was not asked yet", hint="relationships.reassess() asks")
        places = {} if as_of is None else self.assess(model, as_of=as_of)
        told = places[stood.subject].explanation if stood.subject in places else stood.explanation
        asked = bool(told) and counted_for(told) is None
        return Explained(
            standing=stood, explanation=told, recomputed=self.model(model).stage_of(told) if asked else None
        )
