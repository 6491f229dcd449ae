"""Our side: the public API on a file, and the rules alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attrs import evolve

from clientloop import Actor, ClientLoop, hookimpl
from clientloop.model.feedback import Feedback
from clientloop.rules.loop.case import Case
from clientloop.rules.loop.moves import decide
from tests.benchmarks.timing import Run
from tests.benchmarks.words import Message, message

#: Beyond the numbers of all seeds: what is received afterwards.
FIRST = 10_000_000


class Observer:
    """The one hook that a move is measured with."""

    def __init__(self) -> None:
        self.heard = 0

    @hookimpl
    def clientloop_on_feedback_moved(self, facts: Sequence[Any]) -> None:  # Any: any fact
        """Count the facts."""
        self.heard += len(facts)


def open_loop(place: Path | str) -> ClientLoop:
    """A file, or a URL, as an application opens it: one observer, and receipts acknowledged at once."""
    url = place if isinstance(place, str) else f"sqlite:///{place}"
    loop = ClientLoop.open(url, region="SI", plugins=[Observer()], entry_points=False)
    if "form" not in loop.settings.get().acknowledge:
        loop.settings.set("acknowledge", frozenset({"form"}))
    return loop


def _receive(loop: ClientLoop, customer: Any, words: Message, origin: str) -> Feedback:  # Any: a customer
    return loop.feedback.receive(
        kind="complaint", channel="form", customer=customer, subject=words.title, text=words.text, origin=origin
    )


class Store:
    """Receives what customers send by a form, and moves what was received."""

    def __init__(self, place: Path | str, *, first: int = FIRST) -> None:
        """Open a file, or a URL; the messages are numbered from `first` on."""
        self._loop = open_loop(place)
        self._received: list[Any] = []  # Any: ids
        self._number = first
        self._moved = 0

    def receive(self, count: int, /) -> Run:
        """Prepare to receive messages: the customer is matched by address, everything is validated."""
        first, self._number = self._number, self._number + count
        messages = [(message(number), f"post-{number}") for number in range(first, first + count)]

        def run() -> None:
            customers = self._loop.customers
            for words, origin in messages:
                customer = customers.find(email=words.email)[0]
                self._received.append(_receive(self._loop, customer, words, origin).id)

        return run

    def move(self, count: int, /) -> Run:
        """Prepare to move items: each is loaded, judged, guarded, journalled and told to an observer."""
        ids = self._received[self._moved : self._moved + count]
        self._moved += count
        assert len(ids) == count, "receive first"

        def run() -> None:
            move = self._loop.feedback.move
            for item in ids:
                move(item, "assign", by="desk", to="agent-7")

        return run

    def close(self) -> None:
        """Close the file."""
        self._loop.close()


class Rules:
    """Moves computed by the rules alone: the row found, the role and the requirements checked."""

    def __init__(self) -> None:
        with ClientLoop.open("memory:", entry_points=False) as loop:
            item = loop.feedback.receive(kind="complaint", channel="form", text="The parcel came broken")
            self._item = evolve(item, state="assigned")
            self._context = loop.context

    def move(self, count: int, /) -> Run:
        """Prepare so many moves, each with a guard."""
        item, loop = self._item, self._context.loop_of("complaint")
        settings, actor, now = self._context.settings, Actor.of("desk"), datetime.now(UTC)
        new = evolve(item, state="new")

        def run() -> None:
            for _ in range(count):
                row = loop.row("new", "assign")
                decide(
                    Case(item=new, loop=loop, row=row, actor=actor, now=now, given={"to": "agent-7"}, settings=settings)
                )

        return run
