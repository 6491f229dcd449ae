"""The command that plays the demo and shows what a newcomer wants to see."""

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from clientloop.app import ClientLoop
from clientloop.cli.analyses import ABC
from clientloop.cli.demo import cast
from clientloop.cli.demo.stage import played
from clientloop.cli.inbox import inbox_grid
from clientloop.cli.options import OnScreen
from clientloop.cli.reporting import show_report
from clientloop.cli.screen import Grid, Screen
from clientloop.cli.story import read_story
from clientloop.cli.tabling import Shape
from clientloop.cli.telling import tell_story
from clientloop.errors import InvalidValue
from clientloop.model.feedback import Feedback, Transition
from clientloop.model.messages import Delivery
from clientloop.model.plan import Plan
from clientloop.reports.abc import AbcRow
from clientloop.reports.keys import LoopKey
from clientloop.reports.tables import Table

#: How many items of the inbox are shown, and how many customers.
_SHOWN, _BEST = 12, 5


def demo(*, keep: Path | None = None, screen: OnScreen) -> None:
    """Play a month of a small firm in a few seconds, and show what became of its customers' words.

    Args:
        keep: Keep the store in this file, to look around in it.
        screen: Where to write.
    """
    if keep is not None and keep.exists():
        raise InvalidValue(f"{keep} is there already", hint="name a file that is not")
    with TemporaryDirectory() as folder, played(keep or Path(folder, "demo.db")) as (loop, story):
        _show_firm(screen)
        _show_month(screen, loop)
        _show_inbox(screen, loop)
        screen.title("One loop, from the first word to the last")
        screen.line()
        tell_story(screen, read_story(loop, story), now=loop.clock.now(), zone=cast.ZONE)
        screen.title("How well the loops work")
        screen.line()
        show_report(screen, loop.reports.loop(by=LoopKey.KIND))
        _show_best(screen, loop)
        _show_ways_on(screen, keep, story)


def _show_firm(screen: Screen) -> None:
    screen.line(cast.FIRM, "bold")
    classes = Counter(buyer.customer_class for buyer in cast.BUYERS)
    willing = sum(buyer.allows_marketing for buyer in cast.BUYERS)
    screen.line(
        f"  {len(cast.BUYERS)} customers ({', '.join(f'{count} of class {name}' for name, count in classes.items())}), "
        f"of whom {willing} allow marketing"
    )
    screen.line(f"  open Monday to Friday, {' and '.join(map(str, cast.CALENDAR.week[0]))}, but on holidays")
    screen.line(f"  {cast.ABSENT} was ill from 13 to 17 April")
    screen.line()
    screen.table(
        Grid(
            columns=("name", "role", "decides"),
            rows=[(person.name, person.does, "yes" if person.superior else "") for person in cast.STAFF],
        )
    )


def _show_month(screen: Screen, loop: ClientLoop) -> None:
    items, moves, messages = (
        loop.store.aggregate(loop.space.space, Plan(cls=cls))[0].values[0] for cls in (Feedback, Transition, Delivery)
    )
    screen.title(
        f"April 2026: {items} times somebody said something; {moves} entries in the journal, {messages} messages"
    )


def _show_inbox(screen: Screen, loop: ClientLoop) -> None:
    now = loop.clock.now().astimezone(cast.END.tzinfo)
    page = loop.inbox(limit=500)
    screen.title(f"The inbox on {now:%A} {now.day} {now:%B %H:%M}: the first {_SHOWN} of {len(page)} open items")
    screen.line()
    screen.table(inbox_grid(loop, page.items[:_SHOWN]))


def _show_best(screen: Screen, loop: ClientLoop) -> None:
    table = loop.reports.abc()
    screen.title(f"Who brings most: the first {_BEST} of {len(table)} customers")
    screen.line()
    Shape().show(loop, screen, Table(table.name, AbcRow, table[:_BEST]), ABC)


def _show_ways_on(screen: Screen, keep: Path | None, story: Feedback) -> None:
    file = keep or Path("demo.db")
    at = f"--store sqlite:///{file.as_posix()} --now {cast.END:%Y-%m-%dT%H:%M}"
    screen.title("Look around")
    if keep is None:
        screen.line(f"  clientloop demo --keep {file}")
    for command in (
        "inbox --owner maja",
        "inbox --interactive",
        f"show {story.ref}",
        f"customers timeline {story.reply_to}",
        "members list",
        "improvements rank",
        "report loop --by owner",
        "report abc",
        "doctor",
    ):
        screen.line(f"  clientloop {command} {at}")
    screen.line("  clientloop processes show complaint")
