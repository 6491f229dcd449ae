"""The story of an item as people read it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime

from clientloop.cli.inbox import PRIORITIES
from clientloop.cli.screen import Cell, Grid, Screen
from clientloop.cli.story import Story
from clientloop.cli.times import due, local, standing, urgency
from clientloop.model.codec import Json, instant
from clientloop.model.customers import Customer
from clientloop.model.feedback import Feedback, Transition
from clientloop.model.improvements import Improvement
from clientloop.model.interactions import Text
from clientloop.model.messages import Delivery, DeliveryState
from clientloop.model.work import Task
from clientloop.rules.loop.moves import NOT_TOLD

#: What stands before the words of somebody.
_QUOTED = "    | "

#: The move that writes something down for people of the firm alone.
_NOTE = "note"

#: What a table of moves calls those who ask for one, in words.
_ROLES = {"o": "owner", "s": "superior", "c": "customer", "anyone": "anyone"}

#: What the journal records of a message: it is shown by its words instead.
_OF_MESSAGES = frozenset({"message", "template"})


def tell_story(screen: Screen, story: Story, *, now: datetime, zone: str) -> None:
    """Write a story.

    Args:
        screen: Where to.
        story: The story.
        now: The present, aware.
        zone: IANA name of the zone of the firm.
    """
    screen.pieces(*_heading(story.item, now, zone))
    screen.facts(_facts(story, now, zone))
    screen.title("What the customer said")
    quote(screen, story.words)
    _tell_notes(screen, story, zone)
    screen.title("What happened")
    for row in story.journal:
        if row.move != _NOTE:
            _tell_row(screen, story, row, zone)
    _tell_waiting(screen, story)
    _tell_tasks(screen, story, now, zone)
    _tell_moves(screen, story)


def _tell_notes(screen: Screen, story: Story, zone: str) -> None:
    """What people of the firm have written for one another, apart from what the customer was told."""
    notes = [row for row in story.journal if row.move == _NOTE]
    if notes:
        screen.title("Notes")
    for row in notes:
        screen.line(f"  {local(row.at, zone)}  {row.by}: {row.data[_NOTE]}")


def _tell_waiting(screen: Screen, story: Story) -> None:
    if story.waiting:
        screen.title("Messages that no channel has taken yet")
    for message in story.waiting:
        screen.line(f"  {message.template} to {message.to} by {message.channel}: {message.error or message.state}")


def _tell_tasks(screen: Screen, story: Story, now: datetime, zone: str) -> None:
    if story.tasks:
        screen.title("Tasks")
    for number, task in enumerate(story.tasks, 1):
        tell_task(screen, number, task, now=now, zone=zone)


def _tell_moves(screen: Screen, story: Story) -> None:
    if story.moves:
        screen.title("What can be done now")
        screen.table(
            Grid(
                columns=("move", "to", "who", "requires"),
                rows=[(row.move, row.target, _roles(row.who), row.requires) for row in story.moves],
            )
        )
    if story.marks:
        screen.line()
        screen.line(f"at any time: {', '.join(story.marks)}", "dim")


def _heading(item: Feedback, now: datetime, zone: str) -> Iterator[Cell]:
    yield Cell(text=f"{item.ref}  {item.kind}  {item.state}", style="bold")
    if item.is_open:
        yield Cell(text=f"  {standing(item.due, now)}", style=urgency(item.due, now, zone))
    sign = PRIORITIES[item.priority]
    if sign.text:
        yield Cell(text=f"  {sign.text} {item.priority}", style=sign.style)


def _roles(letters: str) -> str:
    """Who may make a move, without the system, which asks nobody."""
    return ", ".join(_ROLES[letter] for letter in letters.split(", ") if letter in _ROLES)


def _facts(story: Story, now: datetime, zone: str) -> Iterator[tuple[str, str]]:
    item, customer = story.item, story.customer
    yield "customer", _who(customer)
    yield "by", item.channel
    yield "about", ", ".join(filter(None, (item.product, item.category, item.employee)))
    yield "rating", f"{item.rating} on the scale {item.scale}" if item.scale else ""
    yield "owner", item.owner or "nobody yet"
    yield "team", item.team or ""
    yield "tags", ", ".join(item.tags)
    yield "watched", ", ".join(item.watchers)
    yield "points to", "" if story.improvement is None else _named(story.improvement)
    if item.is_open:
        yield "due", f"{local(item.due, zone)}, {due(item.due, now)}" if item.due else "never"
    else:
        yield "closed", f"{local(item.closed_at, zone)}, {item.outcome}"
    yield "late", ", ".join(item.late)
    running = sorted(
        (clock for clock in item.deadlines if item.is_open and clock.left is None), key=lambda clock: clock.due
    )
    yield "runs", ", ".join(f"{clock.name} ({due(instant(clock.due), now)})" for clock in running)


def _named(improvement: Improvement) -> str:
    return f"{improvement.title} ({improvement.sort}, {improvement.state})"


def _who(customer: Customer | None) -> str:
    if customer is None:
        return "not known"
    name = customer.name or str(customer.id)
    return f"{name}, class {customer.customer_class}" if customer.customer_class else name


def _tell_row(screen: Screen, story: Story, row: Transition, zone: str) -> None:
    came = f"-> {row.target}" if row.source != row.target else ""
    by = row.by if row.by == row.role else f"{row.by} ({row.role})"
    screen.line(f"  {local(row.at, zone)}  {row.move:<13} {came:<20} {by}".rstrip(), "cyan")
    for name, value in row.data.items():
        if name not in _OF_MESSAGES:
            screen.line(f"      {name.replace('_', ' ')}: {_value(value, zone)}")
    for words, count in _others(story, row).items():
        screen.line(f"      {words}{f' ({count} times)' if count > 1 else ''}")
    if row.move == NOT_TOLD.name or row.number not in story.told:
        return
    quote(screen, story.told[row.number])
    for delivery in story.deliveries:
        if str(delivery.message) == row.data["message"] and delivery.state is not DeliveryState.ACCEPTED:
            screen.line(f"      {became(delivery)}")


def _others(story: Story, row: Transition) -> Mapping[str, int]:
    """What became of the messages that a row caused and that are not shown by their words."""
    shown = {text.id for text in story.told.values()}
    caused = [
        delivery for delivery in story.deliveries if delivery.transition == row.number and delivery.message not in shown
    ]
    return Counter(f"{each.template}: {became(each)}" for each in caused)


def became(delivery: Delivery) -> str:
    """What became of a message, and why if it failed."""
    return f"{delivery.state} {delivery.detail or ''}".rstrip()


def _value(value: Json, zone: str) -> str:
    if isinstance(value, list):
        return "; ".join(_value(each, zone) for each in value)
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return str(value)
    return local(at, zone) if at.tzinfo else str(value)


def quote(screen: Screen, text: Text) -> None:
    """Write what somebody said or was told."""
    if text.subject:
        screen.hung(_QUOTED, text.subject, again=True, style="bold")
    for line in text.body.strip().splitlines():
        screen.hung(_QUOTED, line, again=True)


def tell_task(screen: Screen, number: int, task: Task, *, now: datetime, zone: str) -> None:
    """Write a task with its steps, or with what was done.

    Args:
        screen: Where to.
        number: Its number within the item.
        task: The task.
        now: The present, aware.
        zone: IANA name of the zone of the firm.
    """
    told = f"{_box(not task.is_open)} {number} {task.title}  {task.kind}  {task.owner or 'nobody yet'}"
    screen.pieces(f"  {told}", _due(task, now, zone))
    for text, ticked in task.checklist:
        screen.line(f"        {_box(ticked)} {text}")
    if not task.is_open:
        screen.line(f"      {local(task.done_at, zone)}  {task.result or 'done'}")


def _due(task: Task, now: datetime, zone: str) -> Cell | None:
    if not task.is_open or task.due is None:
        return None
    return Cell(text=f"  {standing(task.due, now)}", style=urgency(task.due, now, zone))


def _box(ticked: bool) -> str:
    return "[x]" if ticked else "[ ]"
