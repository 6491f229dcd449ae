"""The words in which the month is written: steps of people, and the ways that items take.

A step names who makes it, which move, how long after the step before, and which facts of the matter it gives. Staff
take their time on the clock of the firm, customers on that of the world.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from attrs import evolve, field, frozen

from clientloop.cli.demo.cast import at
from clientloop.model.calendar import Clock
from clientloop.model.feedback import Priority


class By(StrEnum):
    """Who makes a step."""

    #: Whoever owns the item.
    OWNER = "owner"
    #: Who deals out items and decides.
    HEAD = "head"
    #: The superior above, who decides on appeals.
    ABOVE = "above"
    CUSTOMER = "customer"


@frozen(kw_only=True)
class Step:
    """One step of somebody."""

    #: Who makes it.
    by: By
    #: The move, or an act.
    move: str
    #: The least and the most minutes after the step before.
    after: tuple[int, int]
    #: By which clock these pass.
    clock: Clock = Clock.WORKING
    #: When exactly, where that is told.
    at: datetime | None = None
    #: The state that the step waits for.
    when: str | None = None
    #: What is given with the move: name to name of the fact.
    gives: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True)
class Way:
    """A way that items take."""

    #: How many items of the month take it.
    times: int
    #: What the customers say: a table of `words.toml`.
    words: str
    #: Its steps after the receipt.
    steps: tuple[Step, ...] = ()
    #: The last day of the month on which it begins, counted from 0; None for any.
    latest: int | None = None
    #: How urgent it is, where the customer's class does not say.
    priority: Priority | None = None
    #: Whether the customer has left no name and no address.
    anonymous: bool = False
    #: Whether the customer's address no longer exists.
    bounces: bool = False
    #: Fields that come with the words: name to name of the fact.
    data: Mapping[str, str] = field(factory=dict)


#: Minutes of an hour, of a day, and of a day of work.
HOUR, DAY, WORKING_DAY = 60, 24 * 60, 8 * 60

#: Acts that are no moves of the item itself: the owner does its tasks; the firm carries out the improvement that it
#: points to; the customer says the same again.
WORK, IMPROVE, REPEAT = "work", "improve", "repeat"


def head(move: str, after: tuple[int, int] = (10, 90), **gives: str) -> Step:
    """A step of the head of customer service, so many minutes of work later."""
    return Step(by=By.HEAD, move=move, after=after, gives=gives)


def above(move: str, **gives: str) -> Step:
    """A step of the superior above, some days of work later."""
    return Step(by=By.ABOVE, move=move, after=(WORKING_DAY, 3 * WORKING_DAY), gives=gives)


def staff(move: str, after: tuple[int, int] = (10, 90), **gives: str) -> Step:
    """A step of the owner, so many minutes of work later."""
    return Step(by=By.OWNER, move=move, after=after, gives=gives)


def customer(move: str, after: tuple[int, int] = (4 * HOUR, 60 * HOUR), **gives: str) -> Step:
    """A step of the customer, so many minutes later."""
    return Step(by=By.CUSTOMER, move=move, after=after, clock=Clock.ELAPSED, gives=gives)


def at_once(step: Step) -> Step:
    """A step that does not wait for the opening of the firm."""
    return evolve(step, clock=Clock.ELAPSED)


def once(state: str, step: Step) -> Step:
    """A step that waits until the item is in a state."""
    return evolve(step, when=state)


def on(time: str, step: Step) -> Step:
    """A step at an exact time by the clock on the wall."""
    return evolve(step, at=at(time))


def way(times: int, words: str, *steps: Step, **marks: Any) -> Way:
    """A way that so many items take; `marks` are further fields of `Way`. Any: each has a type of its own."""
    return Way(times=times, words=words, steps=steps, **marks)
