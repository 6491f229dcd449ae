"""Improvements: what many items point to."""

from typing import Any
from uuid import UUID

from attrs import evolve

from clientloop.errors import NotFound
from clientloop.model.facts import Fact, FactName
from clientloop.model.improvements import Improvement, ImprovementState
from clientloop.model.page import Page
from clientloop.model.units import Insert, Unit, Update
from clientloop.model.where import eq
from clientloop.services.context import Context


class Improvements:
    """`loop.improvements`: what many items point to."""

    def __init__(self, context: Context) -> None:
        """Work in one space."""
        self._context = context

    def add(self, title: str) -> Improvement:
        """Open an improvement."""
        improvement = Improvement(
            space=self._context.space.space, id=self._context.new_id(), title=title, created_at=self._context.now()
        )
        self._context.commit(Unit((Insert(improvement),)))
        return improvement

    def done(self, improvement: Improvement | UUID, *, done: str, lesson: str) -> Improvement:
        """Close an improvement with what was done and what was learnt.

        Args:
            improvement: The improvement.
            done: What was done.
            lesson: What the firm learnt.

        Raises:
            NotFound: There is no such improvement.
            Conflict: Somebody else changed it first.
        """
        found = improvement if isinstance(improvement, Improvement) else self._get(improvement)
        now = self._context.now()
        key = (found.space, found.id)
        fact = Fact(FactName.IMPROVEMENT_DONE, found.space, found.id, now)
        # Any: each field has a type of its own
        changes: dict[str, Any] = {"state": ImprovementState.DONE, "done": done, "lesson": lesson, "done_at": now}
        self._context.commit(Unit((Update(Improvement, key, changes, found.version),), (fact,)))
        return evolve(found, version=found.version + 1, **changes)

    def _get(self, improvement: UUID) -> Improvement:
        found = self._context.store.get(Improvement, (self._context.space.space, improvement))
        if found is None:
            raise NotFound(f"no improvement {improvement}")
        return found

    def list(self, *, after: str | None = None, limit: int = 50) -> Page[Improvement]:
        """A page of the improvements that are open, oldest first."""
        where = eq("state", ImprovementState.OPEN)
        return self._context.store.page(
            Improvement, self._context.space.space, where=where, order="by_state", after=after, limit=limit
        )
