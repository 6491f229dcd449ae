"""Improvements: what many items point to, from the first of them to what was learnt."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import evolve

from clientloop.errors import Incomplete, InvalidValue, NotFound, Refused, UnknownName
from clientloop.model.codec import Json
from clientloop.model.facts import Fact, FactName
from clientloop.model.feedback import Feedback
from clientloop.model.improvements import TOPICS, Improvement, ImprovementSort, ImprovementState
from clientloop.model.names import named
from clientloop.model.page import Page
from clientloop.model.units import Insert, Unit, Update
from clientloop.model.where import ALL, Where, eq
from clientloop.model.work import Actor
from clientloop.rules.loop.draft import Moved
from clientloop.rules.measures.comparison import Comparison
from clientloop.rules.measures.revenue import Rates
from clientloop.services.context import Context
from clientloop.services.ids import id_of
from clientloop.services.loop.answers import Answer, answer_many
from clientloop.services.loop.lookups import member_named
from clientloop.services.loop.many import Fate, Judge, Many, ids_among, move_many
from clientloop.services.loop.moving import work_out
from clientloop.services.outer.bursts import burst_items
from clientloop.services.outer.measuring import before_and_after
from clientloop.services.outer.ranking import Ranked, ranked

#: The move that makes an item point to an improvement.
LINK = "link"


class Improvements:
    """`loop.improvements`: what many items point to."""

    def __init__(self, context: Context) -> None:
        """Work in one space."""
        self._context = context

    def add(
        self,
        title: str,
        *,
        sort: ImprovementSort | str = ImprovementSort.CAUSE,
        topic: Mapping[str, str] | None = None,
        owner: str | None = None,
    ) -> Improvement:
        """Open an improvement.

        Args:
            title: What is to become better.
            sort: What its items have in common.
            topic: What its items and the ratings around it are about: `kind`, `channel`, `product`, `category`,
                `cause` or `team`, each with a value.
            owner: Who sees to it.

        Raises:
            InvalidValue: It has no title, or the topic is of something else.
            UnknownName: There is no such sort, or no such member.
        """
        if owner is not None:
            member_named(self._context, owner)
        improvement = Improvement(
            space=self._context.space.space, id=self._context.new_id(),
            sort=named(ImprovementSort, sort, what="sort of improvement"), title=_check_title(title),
            topic=_check_topic(topic or {}), owner=owner, created_at=self._context.now(),
        )  # fmt: skip
        self._context.commit(Unit((Insert(improvement),), (self._opened(improvement),)))
        return improvement

    def get(self, improvement: Improvement | UUID | str) -> Improvement:
        """The improvement as it is now.

        Raises:
            NotFound: There is none in this space.
        """
        number = id_of(improvement)
        found = self._context.store.get(Improvement, (self._context.space.space, number))
        if found is None:
            raise NotFound(f"no improvement {number}", hint="`improvements.list()` has those that are open")
        return found

    def list(
        self,
        *,
        state: ImprovementState | str | None = ImprovementState.OPEN,
        sort: ImprovementSort | str | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Improvement]:
        """A page of improvements, oldest first.

        Args:
            state: Where they stand; None: all of them, state by state.
            sort: What their items have in common; any if not given.
            after: The `next` of the page before.
            limit: How many at most.

        Raises:
            UnknownName: There is no such state or sort.
        """
        where = ALL if state is None else eq("state", named(ImprovementState, state, what="state of improvements"))
        where &= ALL if sort is None else eq("sort", named(ImprovementSort, sort, what="sort of improvement"))
        return self._context.store.page(
            Improvement, self._context.space.space, where=where, order="by_state", after=after, limit=limit
        )

    def change(
        self,
        improvement: Improvement | UUID | str,
        *,
        title: str | None = None,
        topic: Mapping[str, str] | None = None,
        owner: str | None = None,
    ) -> Improvement:
        """Change what an improvement is called, is about, or who sees to it; what is not given stays.

        Raises:
            NotFound: There is no such improvement.
            InvalidValue: The title is empty, or the topic is of something else.
            UnknownName: There is no such member.
            Conflict: Somebody else changed it first.
        """
        found = self._loaded(improvement)
        if owner is not None:
            member_named(self._context, owner)
        given = {
            "title": None if title is None else _check_title(title),
            "topic": None if topic is None else _check_topic(topic),
            "owner": owner,
        }
        return self._commit(found, {name: value for name, value in given.items() if value is not None})

    def link(
        self, improvement: Improvement | UUID | str, items: Where | Iterable[Feedback | UUID], *, by: str | Actor
    ) -> Many:
        """Make items point to an improvement, by the move `link` of each.

        Args:
            improvement: The improvement.
            items: The items, or a condition: then the open items that fulfil it.
            by: Who says so.

        Returns:
            Which items were moved, pointed to it before, or were refused and why.

        Raises:
            NotFound: There is no such improvement.
            Refused: It is done or dismissed.
        """
        found = self._in_state(
            self.get(improvement), ImprovementState.PROPOSED, ImprovementState.OPEN,
            hint="`improvements.list()` has those that are open, `improvements.add` opens another",
        )  # fmt: skip
        actor, context = Actor.of(by), self._context

        def judge(item: Feedback) -> Moved | Fate:
            if item.improvement == found.id:
                return Fate.BEFORE
            return work_out(context, item, LINK, actor, {"improvement": found.id})

        def prepare(_: Sequence[Feedback]) -> Judge:
            return judge

        return move_many(context, ids_among(context, items), prepare)

    def items(
        self, improvement: Improvement | UUID | str, *, after: str | None = None, limit: int = 50
    ) -> Page[Feedback]:
        """A page of the items that point to an improvement, open and closed, in the order of receipt.

        Raises:
            NotFound: There is no such improvement.
        """
        where = eq("improvement", self.get(improvement).id)
        return self._context.store.page(
            Feedback, self._context.space.space, where=where, order="of_improvement",
            after=after, limit=limit,
        )  # fmt: skip

    def answer(
        self,
        improvement: Improvement | UUID | str,
        *,
        answer: str,
        by: str | Actor,
        text: str | None = None,
        template: str | None = None,
        move: str = "update",
        values: Mapping[str, str] | None = None,
        **given: Json,
    ) -> Many:
        """Tell the customers of all items that point to an improvement the same; as `loop.feedback.answer`.

        Raises:
            NotFound: There is no such improvement.
        """
        where = eq("improvement", self.get(improvement).id)
        items = self._context.store.pages(Feedback, self._context.space.space, where=where, order="of_improvement")
        told = {**given, "text": text, "template": template}
        wanted = Answer(key=answer, move=move, actor=Actor.of(by), given=told, values=values or {})
        return answer_many(self._context, ids_among(self._context, items), wanted)

    def accept(self, proposed: Improvement | UUID | str, *, by: str | Actor) -> Many:
        """Take a proposed incident on: it is open from then on, and the items of its burst so far point to it.

        What fails half-way is made good by the same call again.

        Args:
            proposed: The incident.
            by: Who takes it on.

        Returns:
            As `link`.

        Raises:
            NotFound: There is no such incident.
            Refused: It is not proposed (any more).
            Conflict: Somebody else decided on it first.
        """
        found = self._in_state(proposed, ImprovementState.PROPOSED)
        linked = self.link(found, burst_items(self._context, found), by=by)
        self._commit(found, {"state": ImprovementState.OPEN}, self._opened(found))
        return linked

    def dismiss(self, improvement: Improvement | UUID | str, *, reason: str, by: str | Actor) -> Improvement:
        """Decide against an improvement, or that a proposed incident is none.

        Raises:
            NotFound: There is no such improvement.
            Incomplete: There is no reason.
            Refused: It is done or dismissed already.
            Conflict: Somebody else changed it first.
        """
        _check_given("dismiss", reason=reason)
        found = self._in_state(improvement, ImprovementState.PROPOSED, ImprovementState.OPEN)
        return self._commit(found, self._ended(ImprovementState.DISMISSED, by, done=reason))

    def done(self, improvement: Improvement | UUID | str, *, done: str, lesson: str, by: str | Actor) -> Improvement:
        """Close an improvement with what was done and what was learnt.

        Args:
            improvement: The improvement.
            done: What was done.
            lesson: What the firm learnt.
            by: Who did it.

        Raises:
            NotFound: There is no such improvement.
            Incomplete: One of both is missing.
            Refused: It is not open.
            Conflict: Somebody else changed it first.
        """
        _check_given("close", done=done, lesson=lesson)
        found = self._in_state(improvement, ImprovementState.OPEN)
        fact = Fact(FactName.IMPROVEMENT_DONE, found.space, found.id, self._context.now())
        return self._commit(found, self._ended(ImprovementState.DONE, by, done=done, lesson=lesson), fact)

    def ranking(self, *, limit: int = 10, rates: Rates | None = None) -> tuple[Ranked, ...]:
        """The open improvements, the most urgent first, each with its score and what that is made of.

        `clientloop.rules.measures.urgency` has the formula; `docs/explanation/outer-loop.md` says what is counted.

        Args:
            limit: How many at most.
            rates: What a unit of each other currency is worth in the space's own, exact. Without a rate, revenue in
                another currency is left out, and the explanation says so.
        """
        return ranked(self._context, limit=limit, rates=rates)

    def effect(self, improvement: Improvement | UUID | str, *, days: int = 90) -> tuple[Comparison, ...]:
        """Ratings on the topic of an improvement before and after it was done, for each scale.

        Args:
            improvement: An improvement that is done and has a topic.
            days: How many times 24 hours before and after count.

        Returns:
            One comparison for each scale that somebody rated on; none, if nobody rated.

        Raises:
            NotFound: There is no such improvement.
            Refused: It is not done.
            InvalidValue: It has no topic.
        """
        found = self._in_state(improvement, ImprovementState.DONE)
        return before_and_after(self._context, found, days=days)

    def _loaded(self, improvement: Improvement | UUID | str) -> Improvement:
        """What was given, or what it names: a change of an object that is stale is a conflict."""
        return self._context.own(improvement) if isinstance(improvement, Improvement) else self.get(improvement)

    def _in_state(
        self, improvement: Improvement | UUID | str, *states: ImprovementState, hint: str | None = None
    ) -> Improvement:
        found = self._loaded(improvement)
        if found.state not in states:
            wanted = " or ".join(state.value for state in states)
            raise Refused(f"the improvement {found.id} is {found.state.value}, not {wanted}", hint=hint)
        return found

    def _ended(self, state: ImprovementState, by: str | Actor, **said: str) -> dict[str, object]:
        return {"state": state, "done_at": self._context.now(), "done_by": Actor.of(by).name, **said}

    def _opened(self, improvement: Improvement) -> Fact:
        data = {"sort": improvement.sort.value}
        return Fact(FactName.IMPROVEMENT_OPENED, improvement.space, improvement.id, self._context.now(), data)

    def _commit(self, found: Improvement, changes: Mapping[str, Any], *facts: Fact) -> Improvement:  # Any: see evolve
        if not changes:
            return found
        update = Update(Improvement, (found.space, found.id), changes, found.version)
        self._context.commit(Unit((update,), facts))
        return evolve(found, version=found.version + 1, **changes)


def _check_title(title: str) -> str:
    if not title.strip():
        raise InvalidValue("an improvement without a title", hint="say what is to become better")
    return title


def _check_topic(topic: Mapping[str, str]) -> Mapping[str, str]:
    for name, value in topic.items():
        if name not in TOPICS:
            raise UnknownName.among(name, TOPICS, what="field of a topic")
        if type(value) is not str or not value:
            raise InvalidValue(f"{value!r:.60} is no {name}", hint="give the text that items have there")
    return dict(topic)


def _check_given(what: str, **given: str) -> None:
    missing = tuple(name for name, value in given.items() if not value.strip())
    if missing:
        raise Incomplete(f"cannot {what} an improvement", missing=missing)
