"""Tasks: the work inside a loop."""

from uuid import UUID

from attrs import evolve

from clientloop.errors import Conflict, NotFound
from clientloop.model.facts import Fact, FactName
from clientloop.model.feedback import Feedback
from clientloop.model.page import Page
from clientloop.model.units import Insert, Unit, Update
from clientloop.model.where import eq
from clientloop.model.work import Task
from clientloop.services.context import Context
from clientloop.services.ids import id_of

#: What a member hears who is given a task.
TASK = "task"


class Tasks:
    """`loop.tasks`: work inside loops."""

    def __init__(self, context: Context) -> None:
        """Work in one space."""
        self._context = context

    def add(self, item: Feedback | UUID, title: str, *, kind: str = "executor", owner: str | None = None) -> Task:
        """Open a task for an item.

        Args:
            item: The item that it serves.
            title: What is to be done.
            kind: What sort of work.
            owner: Who does it.

        Raises:
            MissingReference: There is no such item.
        """
        task = Task(
            space=self._context.space.space, id=self._context.new_id(), item=id_of(item), kind=kind, title=title,
            owner=owner, created_at=self._context.now(),
        )  # fmt: skip
        fact = Fact(FactName.TASK_OPENED, task.space, task.item, task.created_at, {"kind": kind, "task": str(task.id)})
        self._context.commit(Unit((Insert(task),), (fact,)))
        return task

    def done(self, task: Task | UUID, *, result: str) -> Task:
        """Close a task with what was done.

        Raises:
            NotFound: There is no such task.
            Conflict: It is done already, or somebody else changed it first.
        """
        found = task if isinstance(task, Task) else self._get(task)
        if not found.is_open:
            raise Conflict(f"the task {found.id} is done already", hint=f"on {found.done_at:%Y-%m-%d %H:%M} UTC")
        now = self._context.now()
        changes = {"is_open": False, "result": result, "done_at": now}
        fact = Fact(FactName.TASK_DONE, found.space, found.item, now, {"task": str(found.id)})
        self._context.commit(Unit((Update(Task, (found.space, found.id), changes, found.version),), (fact,)))
        return evolve(found, is_open=False, result=result, done_at=now, version=found.version + 1)

    def _get(self, task: UUID) -> Task:
        found = self._context.store.get(Task, (self._context.space.space, task))
        if found is None:
            raise NotFound(f"no task {task}")
        return found

    def of(self, item: Feedback | UUID) -> tuple[Task, ...]:
        """The tasks of an item, the open ones last."""
        where = eq("item", id_of(item))
        return tuple(self._context.store.pages(Task, self._context.space.space, where=where, order="of_item"))

    def agenda(self, *, owner: str | None = None, after: str | None = None, limit: int = 50) -> Page[Task]:
        """A page of open tasks by owner and due time."""
        where = eq("is_open", True) if owner is None else eq("is_open", True) & eq("owner", owner)
        return self._context.store.page(
            Task, self._context.space.space, where=where, order="agenda", after=after, limit=limit
        )
