"""How the time of a piece of work grows with its size, measured so that it can be trusted on a busy machine."""

import gc
from collections.abc import Callable
from math import inf
from time import process_time

#: In proportion, four times as much takes about four times as long; where time grows with the square, sixteen times.
LIMIT = 8

#: Times that are shorter, in seconds, count as this: they are noise.
FLOOR = 0.001

#: Work that takes so long, in seconds, hangs, however little it grows, and work that fails is not tried for longer.
HANGS = 60

#: How often the smaller size is measured at least, and either size at most.
_ROUNDS, _MOST_ROUNDS = 3, 7


def growth(work: Callable[[int], Callable[[], object]], n: int, *, floor: float = FLOOR) -> float:
    """How many times as long a piece of work takes at four times its size.

    What else the machine does makes work slower, never faster. So the sizes take turns, and of each the shortest time
    counts; the larger one, once it is below the limit, is not measured again. Choose a size that takes some
    milliseconds, and from which on sound work is in proportion.

    Args:
        work: Prepares the work of a size, which is not measured, and returns what does it once.
        n: The smaller size.
        floor: Times that are shorter, in seconds, count as this.
    """
    few, many, ends = inf, inf, process_time() + HANGS
    collects = gc.isenabled()
    gc.disable()  # what a collection costs depends on all that other tests have left
    try:
        for number in range(_MOST_ROUNDS):
            few = max(min(few, _spent(work(n))), floor)
            if many / few >= LIMIT:
                many = max(min(many, _spent(work(4 * n))), floor)
            if number >= _ROUNDS - 1 and (many / few < LIMIT or process_time() > ends):
                break
    finally:
        if collects:
            gc.enable()
    return many / few


def _spent(work: Callable[[], object]) -> float:
    """How much of the processor a piece of work takes this process."""
    begun = process_time()
    work()
    spent = process_time() - begun
    assert spent < HANGS, "it hangs"
    return spent
