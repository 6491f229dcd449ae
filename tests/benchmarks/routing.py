"""Receipts that rules route to the least-loaded of twenty members, and the same receipts without rules."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from clientloop.model.routing import Route
from clientloop.model.where import contains, one_of
from tests.benchmarks.ours import Store, open_loop

MEMBERS, RULES, OPEN = 20, 20, 10_000

TEAMS = ("north", "east", "south", "west")


def _staff(path: Path) -> tuple[str, ...]:
    """Members in four teams, who own so many open items; no other item is open."""
    names = tuple(f"member-{number:02}" for number in range(MEMBERS))
    loop = open_loop(path)
    for team in TEAMS:
        loop.staff.add_team(team)
    for number, name in enumerate(names):
        loop.staff.add(name, teams=[TEAMS[number % len(TEAMS)]], languages=["en", "sl"], capacity=OPEN)
    loop.close()
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE clientloop_feedback SET is_open = 0 WHERE is_open = 1")
        items = file.execute("SELECT id FROM clientloop_feedback LIMIT ?", [OPEN]).fetchall()
        assert len(items) == OPEN, f"{len(items)} items: give --items {OPEN} or more"
        owned = [(names[number % MEMBERS], item) for number, (item,) in enumerate(items)]
        file.executemany("UPDATE clientloop_feedback SET is_open = 1, owner = ? WHERE id = ?", owned)
    return names


class Unrouted(Store):
    """A firm with members and open items, and no rules."""

    def __init__(self, path: Path) -> None:
        """Open the file."""
        _staff(path)
        super().__init__(path)


class Routed(Unrouted):
    """The same firm with rules: most speak of words, and the last takes what the others leave."""

    def __init__(self, path: Path) -> None:
        """Open the file."""
        super().__init__(path)
        wordy = [
            Route(
                name=f"rule-{number}",
                where=one_of("kind", ["complaint", "idea"]) & contains("words", f"no such word {number}"),
                team=TEAMS[number % len(TEAMS)],
            )
            for number in range(RULES - 1)
        ]
        self._loop.settings.set("routing", (*wordy, Route(name="rest", team=TEAMS[0])))
