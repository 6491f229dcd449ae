"""Many deadlines that come at once, and several workers that take their steps."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from attrs import evolve

from clientloop import ClientLoop, ManualClock
from clientloop.model.feedback import Feedback, Timer, Transition
from clientloop.model.interactions import Interaction, Text
from clientloop.model.units import Insert, Unit
from clientloop.model.where import eq
from clientloop.ports.store import Store
from tests.faults.firm import found
from tests.faults.forks import Fork, stand_still
from tests.faults.house import SPACE, START
from tests.faults.lines import Lines
from tests.faults.places import Place
from tests.faults.statements import Slow, watched

#: When their deadlines have come: by then a question that was answered lapses, and a complaint is escalated.
THEN = START + timedelta(days=7, hours=4)

#: One of so many items is a complaint, of which people hear; the others lapse in silence.
LOUD = 50

#: How many items are written in one unit.
_CHUNK = 500

Moves = tuple[str, ...]


def multiply(loop: ClientLoop, count: int) -> Mapping[UUID, str]:
    """Make so many items of two: a complaint that nobody has touched, and a question that was answered.

    Returns:
        Which of both each is made of.
    """
    models = {name: _rows(loop.store, found(loop, name, 1)) for name in ("complaint", "plain")}
    made = {UUID(int=(9 << 64) + number): "plain" if number % LOUD else "complaint" for number in range(count)}
    items = list(made.items())
    for start in range(0, count, _CHUNK):
        copies = [row for item, name in items[start : start + _CHUNK] for row in _copies(models[name], item)]
        loop.store.commit(Unit(tuple(map(Insert, copies))))
    return made


def _rows(store: Store, item: Feedback | None) -> list[Any]:  # Any: records of several classes
    assert item is not None
    mine, key = eq("item", item.id), (SPACE, item.id)
    return [store.get(Interaction, key), store.get(Text, key), item, *store.pages(Transition, SPACE, where=mine),
            *store.pages(Timer, SPACE, where=mine)]  # fmt: skip


def _copies(rows: list[Any], item: UUID) -> Iterator[Any]:
    """The same of another item."""
    for row in rows:
        match row:
            case Transition() | Timer():
                yield evolve(row, item=item)
            case Interaction():
                yield evolve(row, id=item, origin=None)
            case Feedback():
                yield evolve(row, id=item, ref=f"9{item.int & 0xFFFFFFFF:07}")
            case _:
                yield evolve(row, id=item)


def journals(loop: ClientLoop) -> Mapping[UUID, Moves]:
    """The moves of each item, in order."""
    moves: dict[UUID, Moves] = {}
    for row in loop.store.pages(Transition, SPACE):
        moves[row.item] = (*moves.get(row.item, ()), f"{row.move} {row.data.get('deadline', '')}")
    return moves


def fire(place: Place, workers: int) -> Counter[str]:
    """Let so many workers do all that is due, all from the same moment on, each until it finds nothing.

    Returns:
        Who was claimed, and how often.
    """
    claims = Lines(place.acks.with_name("claims"))
    claims.path.unlink(missing_ok=True)
    forks = [Fork(partial(_work, place, claims)) for _ in range(workers)]
    try:
        assert all(fork.stops() for fork in forks), "they are ready"
        for fork in forks:
            fork.go_on()
        for fork in forks:
            fork.wait(hangs=600)
    finally:
        for fork in forks:
            fork.kill()
    return Counter(claims)


def _work(place: Place, claims: Lines) -> None:
    slow = Slow()
    with watched(place.url, slow), place.house.opened(place.url, clock=ManualClock(THEN)) as loop:
        store: Any = loop.store  # Any: a method is replaced
        store.claim = _noting(slow.within(store.claim), claims)
        stand_still()
        loop.run_due()


def _noting(claim: Callable[..., Any], claims: Lines) -> Callable[..., Any]:
    def noted(cls: type, *args: Any, **options: Any) -> Any:
        claimed = claim(cls, *args, **options)
        if cls is Timer and claimed:
            claims.append(*[str(timer.item) for timer in claimed])
        return claimed

    return noted
