"""The commands on tasks: the work inside a loop, named by the item and a number within it."""

from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter

from clientloop.app import ClientLoop
from clientloop.cli.inbox import Which
from clientloop.cli.naming import item_named
from clientloop.cli.options import HERE, AsJson, Me, Moment, OnScreen, Place, in_zone
from clientloop.cli.screen import Grid, Screen
from clientloop.cli.story import numbered
from clientloop.cli.telling import tell_task
from clientloop.cli.times import due_cell
from clientloop.errors import NotFound
from clientloop.model.work import Task
from clientloop.services.setup.data import as_data


def task_named(loop: ClientLoop, item: str, number: int) -> Task:
    """The task of an item with a number.

    Raises:
        NotFound: The item has no such task.
    """
    found = item_named(loop, item)
    tasks = numbered(loop, found)
    if not 1 <= number <= len(tasks):
        raise NotFound(f"no task {number} of {found.ref}", hint=f"it has {len(tasks)}; `show {found.ref}` lists them")
    return tasks[number - 1]


def listed(
    *,
    owner: str | None = None,
    mine: bool = False,
    overdue: bool = False,
    by: Me = None,
    limit: Annotated[int, Parameter(alias="-n")] = 50,
    after: str | None = None,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """List the open tasks by owner, the earliest due first.

    Args:
        owner: Only those of this member.
        mine: Only your own, by --by.
        overdue: Only those that should be done by now.
        by: Who looks, for --mine.
        limit: How many at most.
        after: What the page before gave to go on with.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        whose = Which(owner=owner, mine=mine).of(by).owner
        read = loop.tasks.overdue if overdue else loop.tasks.agenda
        page = read(owner=whose, after=after, limit=limit)
        if json:
            return screen.json({"tasks": as_data(page.items), "next": page.next})
        if not page.items:
            return screen.line("Nothing is to be done.")
        screen.table(tasks_grid(loop, page.items))
        if page.next:
            screen.copied(f"There are more: --after {page.next}")
        return None


def tasks_grid(loop: ClientLoop, tasks: Sequence[Task]) -> Grid:
    """Tasks of any items as a table."""
    now, zone = loop.clock.now(), loop.space.zone
    items = {number: loop.feedback.get(number) for number in {task.item for task in tasks}}
    numbers = {task.id: at for item in items.values() for at, task in enumerate(numbered(loop, item), 1)}
    return Grid(
        columns=("item", "no", "due", "owner", "kind", "steps", "task"),
        rows=[
            (
                items[task.item].ref,
                str(numbers[task.id]),
                due_cell(task.due, now, zone),
                task.owner or "nobody",
                task.kind,
                _steps(task),
                task.title,
            )
            for task in tasks
        ],
        numbers=frozenset({"no"}),
        cut="task",
        spare=("kind", "steps", "due"),
    )


def _steps(task: Task) -> str:
    ticked = sum(bool(done) for _, done in task.checklist)
    return f"{ticked} of {len(task.checklist)}" if task.checklist else ""


def add(
    item: str,
    title: str,
    /,
    *,
    owner: str | None = None,
    due: Moment | None = None,
    step: Sequence[str] = (),
    after: Sequence[int] = (),
    kind: str = "executor",
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Open a task for an item.

    Args:
        item: The number of the item, as the customer was told it.
        title: What is to be done.
        owner: Who does it.
        due: By when, in the firm's zone.
        step: A step of it, to be ticked off; once for each.
        after: The number of a task of the item that must be done before; once for each.
        kind: What sort of work.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        found = item_named(loop, item)
        opened = loop.tasks.add(
            found,
            title,
            kind=kind,
            owner=owner,
            due=None if due is None else in_zone(due, loop.space.zone),
            checklist=step,
            after=[task_named(loop, item, number) for number in after],
        )
        _tell(screen, loop, opened, json=json)


def tick(
    item: str,
    number: int,
    step: int,
    /,
    *,
    undo: bool = False,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Tick a step of a task off.

    Args:
        item: The number of the item, as the customer was told it.
        number: The number of the task within the item.
        step: The number of the step within the task.
        undo: Take the tick away instead.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        ticked = loop.tasks.tick(task_named(loop, item, number), step, done=not undo)
        _tell(screen, loop, ticked, json=json)


def done(
    item: str,
    number: int,
    /,
    *,
    result: str,
    json: AsJson = False,
    place: Place = HERE,
    screen: OnScreen,
) -> None:
    """Close a task with what was done.

    Args:
        item: The number of the item, as the customer was told it.
        number: The number of the task within the item.
        result: What was done.
        json: Write JSON, for a program.
        place: Where to look.
        screen: Where to write.
    """
    with place.open() as loop:
        _tell(screen, loop, loop.tasks.done(task_named(loop, item, number), result=result), json=json)


def _tell(screen: Screen, loop: ClientLoop, task: Task, *, json: bool) -> None:
    if json:
        return screen.json(as_data(task))
    item = loop.feedback.get(task.item)
    number = [each.id for each in numbered(loop, item)].index(task.id) + 1
    screen.line(item.ref, "bold")
    return tell_task(screen, number, task, now=loop.clock.now(), zone=loop.space.zone)
