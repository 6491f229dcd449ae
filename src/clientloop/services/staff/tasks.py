"""Tasks: the work inside a loop, with steps to tick off, and tasks that come before others."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypedDict, Unpack
from uuid import UUID

from attrs import evolve

from clientloop.errors import Conflict, Incomplete, InvalidValue, NotFound, UnknownName
from clientloop.model.facts import Fact, FactName
from clientloop.model.feedback import Feedback
from clientloop.model.page import Page
from clientloop.model.units import Insert, Unit, Update
from clientloop.model.where import ALL, Where, eq, lt
from clientloop.model.work import Task
from clientloop.rules.loop.telling import task_alert
from clientloop.services.context import Context
from clientloop.services.ids import id_of
from clientloop.services.loop.lookups import member_named


class TaskChanges(TypedDict, total=False):
    """What of a task can be changed; what is not given stays as it is, and None takes it away."""

    #: Who does it.
    owner: str | None
    #: By when, aware.
    due: datetime | None
    #: What is to be done.
    title: str


class Tasks:
    """`loop.tasks`: work inside loops.

    >>> from clientloop import ClientLoop, Incomplete
    >>> with ClientLoop.open("memory:") as loop:
    ...     item = loop.feedback.receive(kind="complaint", channel="form", text="The lid is broken")
    ...     find = loop.tasks.add(item, "Find a lid", checklist=["Look on the shelf", "Ask the maker"])
    ...     send = loop.tasks.add(item, "Send the lid", after=[find])
    ...     try:
    ...         loop.tasks.done(send, result="sent")
    ...     except Incomplete as refused:
    ...         print(refused.missing)
    ('the task before it: Find a lid',)
    """

    def __init__(self, context: Context) -> None:
        """Work in one space."""
        self._context = context

    def add(
        self,
        item: Feedback | UUID,
        title: str,
        *,
        kind: str = "executor",
        owner: str | None = None,
        due: datetime | None = None,
        checklist: Iterable[str] = (),
        after: Iterable[Task | UUID] = (),
    ) -> Task:
        """Open a task for an item; a member with an address who is to do it hears of it.

        Args:
            item: The item that it serves.
            title: What is to be done.
            kind: What sort of work.
            owner: Who does it.
            due: By when, aware.
            checklist: Its steps; it is not done before all are ticked off.
            after: Tasks of the same item that must be done before it. As they are there already, none waits for itself.

        Raises:
            MissingReference: There is no such item.
            UnknownName: There is no such member.
            NotFound: There is no such task to come before it.
            InvalidValue: A task that comes before it is of another item, or the title or a step says nothing.
        """
        if not title.strip():
            raise InvalidValue("a task without a title", hint="say what is to be done")
        task = Task(
            space=self._context.space.space, id=self._context.new_id(), item=id_of(item), kind=kind, title=title,
            owner=owner, due=due, checklist=tuple(map(_step, checklist)), created_at=self._context.now(),
        )  # fmt: skip
        task = evolve(task, after=tuple(self._before(task, one).id for one in after))
        fact = Fact(FactName.TASK_OPENED, task.space, task.item, task.created_at, {"kind": kind, "task": str(task.id)})
        self._context.commit(Unit((Insert(task),), (fact,)) + self._told(task))
        return task

    def change(self, task: Task | UUID, **changes: Unpack[TaskChanges]) -> Task:
        """Change an open task; a new owner with an address hears of it.

        Args:
            task: The task; one that somebody else has changed since is refused.
            changes: New values of the fields of `TaskChanges`.

        Raises:
            NotFound: There is no such task.
            UnknownName: A task has no such field, or there is no such member.
            Conflict: It is done already, or somebody else changed it first.
        """
        for name in changes.keys() - TaskChanges.__annotations__.keys():
            raise UnknownName.among(name, TaskChanges.__annotations__, what="field of a task that can be changed")
        found = self._open(task)
        after = evolve(found, **changes, version=found.version + 1)
        told = self._told(after) if after.owner != found.owner else Unit()
        self._context.commit(_update(found, changes) + told)
        return after

    def tick(self, task: Task | UUID, number: int, *, done: bool = True) -> Task:
        """Tick a step of an open task off, or take the tick away.

        Args:
            task: The task.
            number: Which step, from 1 on.
            done: Whether it is done.

        Raises:
            NotFound: There is no such task.
            InvalidValue: It has no such step.
            Conflict: It is done already, or somebody else changed it first.
        """
        found = self._open(task)
        if not 1 <= number <= len(found.checklist):
            raise InvalidValue(f"no step {number} of {found.title!r}", hint=f"it has {len(found.checklist)}")
        steps = [[*step] for step in found.checklist]
        steps[number - 1][1] = done
        self._context.commit(_update(found, {"checklist": tuple(steps)}))
        return evolve(found, checklist=tuple(steps), version=found.version + 1)

    def done(self, task: Task | UUID, *, result: str) -> Task:
        """Close a task with what was done.

        Raises:
            NotFound: There is no such task.
            Incomplete: There is no result, steps are not ticked off, or tasks before it are open; all is named.
            Conflict: It is done already, or somebody else changed it first.
        """
        found = self._open(task)
        lacks = (*(() if result.strip() else ("result",)), *self._lacks(found))
        if lacks:
            raise Incomplete("the task cannot be done yet", missing=lacks)
        now = self._context.now()
        changes = {"is_open": False, "result": result, "done_at": now}
        fact = Fact(FactName.TASK_DONE, found.space, found.item, now, {"task": str(found.id)})
        self._context.commit(_update(found, changes) + Unit((), (fact,)))
        return evolve(found, is_open=False, result=result, done_at=now, version=found.version + 1)

    def of(self, item: Feedback | UUID) -> tuple[Task, ...]:
        """The tasks of an item, the open ones last."""
        where = eq("item", id_of(item))
        return tuple(self._context.store.pages(Task, self._context.space.space, where=where, order="of_item"))

    def agenda(self, *, owner: str | None = None, after: str | None = None, limit: int = 50) -> Page[Task]:
        """A page of open tasks by owner and due time."""
        return self._listed(ALL, owner, after, limit)

    def overdue(
        self, now: datetime | None = None, *, owner: str | None = None, after: str | None = None, limit: int = 50
    ) -> Page[Task]:
        """A page of the open tasks that should be done by now, by owner and due time.

        Args:
            now: The time to judge by, aware; the present if not given.
            owner: Whose; everybody's if not given.
            after: The `next` of the page before.
            limit: How many at most.
        """
        return self._listed(lt("due", self._context.now() if now is None else now), owner, after, limit)

    def _listed(self, where: Where, owner: str | None, after: str | None, limit: int) -> Page[Task]:
        wanted = eq("is_open", True) & (ALL if owner is None else eq("owner", owner)) & where
        return self._context.store.page(
            Task, self._context.space.space, where=wanted, order="agenda", after=after, limit=limit
        )

    def _open(self, task: Task | UUID) -> Task:
        """The task, if it is still to be done."""
        found = self._context.own(task) if isinstance(task, Task) else self._get(task)
        if not found.is_open:
            raise Conflict(f"the task {found.id} is done already", hint=f"on {found.done_at:%Y-%m-%d %H:%M} UTC")
        return found

    def _get(self, task: UUID) -> Task:
        found = self._context.store.get(Task, (self._context.space.space, task))
        if found is None:
            raise NotFound(f"no task {task}")
        return found

    def _before(self, task: Task, earlier: Task | UUID) -> Task:
        """A task that comes before another one: as it is in the store, and of the same item."""
        found = self._get(id_of(earlier))
        if found.item != task.item:
            raise InvalidValue(
                f"the task {found.id} is of another item", hint="only tasks of one item wait for another"
            )
        return found

    def _lacks(self, task: Task) -> Iterator[str]:
        for number, (text, ticked) in enumerate(task.checklist, 1):
            if not ticked:
                yield f"step {number}: {text}"
        for earlier in map(self._get, task.after):
            if earlier.is_open:
                yield f"the task before it: {earlier.title}"

    def _told(self, task: Task) -> Unit:
        """The alert of whoever is to do a task; while a space has no members, any name may own."""
        context, store = self._context, self._context.store
        member = None if task.owner is None else member_named(context, task.owner)
        if member is None:
            return Unit()
        message = task_alert(task, member, store.get(Feedback, (task.space, task.item)), context.kit, now=context.now())
        return Unit() if message is None else Unit((Insert(message),))


def _step(text: str) -> list[object]:
    if not text.strip():
        raise InvalidValue("a step that says nothing", hint="give each step a text")
    return [text, False]


def _update(task: Task, changes: Mapping[str, object]) -> Unit:
    return Unit((Update(Task, (task.space, task.id), changes, task.version),))
