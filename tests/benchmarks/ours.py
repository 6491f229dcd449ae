"""Our side: the public API on a file, and the rules alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attrs import evolve

from clientloop import Actor, ClientLoop, hookimpl
from clientloop.model.feedback import Feedback
from clientloop.model.units import Unit
from clientloop.rules.case import Case
from clientloop.rules.moves import decide
from tests.benchmarks.timing import Run
from tests.benchmarks.words import CUSTOMERS, Message, message

#: How many receipts of the seed file are one transaction.
CHUNK = 1_000


class Observer:
    """The one hook that a move is measured with."""

    def __init__(self) -> None:
        self.heard = 0

    @hookimpl
    def clientloop_on_feedback_moved(self, facts: Sequence[Any]) -> None:  # Any: any fact
        """Count the facts."""
        self.heard += len(facts)


def open_loop(path: Path) -> ClientLoop:
    """The file as an application opens it: one observer, and receipts acknowledged at once."""
    loop = ClientLoop.open(f"sqlite:///{path}", region="SI", plugins=[Observer()], entry_points=False)
    if "form" not in loop.settings.get().acknowledge:
        loop.settings.set("acknowledge", frozenset({"form"}))
    return loop


def fill(path: Path, items: int) -> None:
    """Make a file with so many items, and the customers who write."""
    with open_loop(path) as loop:
        known = [_add_customer(loop, message(number)) for number in range(CUSTOMERS)]
        with _in_chunks(loop):
            for number in range(items):
                _receive(loop, known[number % CUSTOMERS], message(number), f"seed-{number}")


def _add_customer(loop: ClientLoop, words: Message) -> Any:  # Any: a customer
    return loop.customers.add(name=words.name, email=words.email, phone=words.phone)


def _receive(loop: ClientLoop, customer: Any, words: Message, origin: str) -> Feedback:  # Any: a customer
    return loop.feedback.receive(
        kind="complaint", channel="form", customer=customer, subject=words.title, text=words.text, origin=origin
    )


class _in_chunks:  # noqa: N801  # read as a verb: with _in_chunks(loop)
    """Commits a thousand receipts at once: for the seed, which is not measured."""

    def __init__(self, loop: ClientLoop) -> None:
        self._context, self._units = loop.context, Unit()
        self._changes: list[Any] = []  # Any: any change

    def __enter__(self) -> None:
        self._context.commit = self._collect  # type: ignore[method-assign]  # for the seed alone

    def _collect(self, unit: Unit) -> None:
        self._changes += unit.changes
        if len(self._changes) > CHUNK * 7:
            self._flush()

    def _flush(self) -> None:
        self._context.store.commit(Unit(tuple(self._changes)))
        self._changes.clear()

    def __exit__(self, *_: object) -> None:
        self._flush()
        del self._context.commit  # type: ignore[attr-defined]  # the method of the class again


class Store:
    """Receives what customers send by a form, and moves what was received."""

    def __init__(self, path: Path) -> None:
        self._loop = open_loop(path)
        self._received: list[Any] = []  # Any: ids
        self._number = 10_000_000
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
                    Case(
                        item=new, loop=loop, row=row, actor=actor, now=now, given={"to": "agent-7"}, settings=settings
                    )
                )

        return run
