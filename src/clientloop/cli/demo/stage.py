"""The demo from curtain to curtain: a store, the month played in it, and the firm as it stands afterwards."""

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from clientloop.app import ClientLoop
from clientloop.cli.demo import cast
from clientloop.cli.demo.dice import Dice, counted_ids
from clientloop.cli.demo.player import Player
from clientloop.cli.demo.post import Post
from clientloop.model.feedback import Feedback
from clientloop.ports.clock import ManualClock

#: Where the row of numbers begins from which all chance is drawn.
SEED = 1


@contextmanager
def played(path: Path) -> Generator[tuple[ClientLoop, Feedback]]:
    """The firm after its month, in a SQLite file, and the item whose story is worth telling.

    The month is one transaction, which the loop joins: a sync for each of its thousands of commits would take slow
    disks half a minute.

    Args:
        path: The file, which is not there yet.
    """
    clock, dice = ManualClock(cast.BEGIN), Dice(SEED)
    with ClientLoop.open(
        f"sqlite:///{path.as_posix()}",
        region=cast.REGION,
        zone=cast.ZONE,
        currency=cast.CURRENCY,
        clock=clock,
        plugins=[Post(cast.CHANNELS, cast.BOUNCING)],
        entry_points=False,
        ids=counted_ids(),
        refs=dice.ref,
    ) as loop:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("BEGIN IMMEDIATE")
            with loop.joined(connection) as month:
                story = Player(month, clock, dice).play()
            connection.execute("COMMIT")
        yield loop, story
