"""Chance that falls alike on every run: all of it comes from one seeded row of numbers."""

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from random import Random
from typing import TypeVar
from uuid import UUID

from clientloop.model.refs import CROCKFORD

T = TypeVar("T")


class Dice:
    """Throws, drawn from `Random.random` alone: the one method whose numbers Python promises to keep.

    Args:
        seed: Where the row of numbers begins.

    >>> Dice(1).among("abc"), Dice(1).between(1, 6)
    ('a', 1)
    """

    def __init__(self, seed: int) -> None:
        """Begin the row."""
        self._random = Random(seed).random  # noqa: S311  # a play, no secret

    def between(self, least: int, most: int) -> int:
        """A whole number, both ends included."""
        return least + int(self._random() * (most - least + 1))

    def among(self, things: Sequence[T]) -> T:
        """One of some things, each as likely."""
        return things[self.between(0, len(things) - 1)]

    def weighed(self, weights: Mapping[T, int]) -> T:
        """One of some things, each as likely as its weight says."""
        left = self.between(1, sum(weights.values()))
        for thing, weight in weights.items():
            left -= weight
            if left <= 0:
                return thing
        raise AssertionError("a throw lies within the sum of the weights")

    def shuffled(self, things: Sequence[T]) -> list[T]:
        """All of some things, in any order."""
        left = list(things)
        return [left.pop(self.between(0, len(left) - 1)) for _ in things]

    def ref(self) -> str:
        """A number for people: eight characters of Crockford's base 32."""
        return "".join(self.among(CROCKFORD) for _ in range(8))


def counted_ids() -> Callable[[int], UUID]:
    """A maker of ids that are counted within their time, in the form of version 7 of a UUID.

    >>> make = counted_ids()
    >>> make(1_000_000) < make(1_000_000) < make(2_000_000)
    True
    """
    number = count()
    return lambda microseconds: UUID(int=microseconds // 1000 << 80 | 0x7 << 76 | 0b10 << 62 | next(number))
