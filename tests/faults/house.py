"""A small firm that many processes work in: founded once, then opened by each of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from uuid import UUID

from attrs import evolve

from clientloop import ClientLoop, ManualClock
from clientloop.model.customers import Purpose
from clientloop.model.interactions import InteractionKind
from clientloop.model.money import Money
from clientloop.model.spaces import Space
from clientloop.model.work import Role
from clientloop.ports.clock import Clock
from clientloop.ports.store import Store
from tests.faults.sink import REFUSALS, SINK, SURE, Sent, Wires

#: When everything begins: a Monday morning.
START = datetime(2026, 3, 2, 9, tzinfo=UTC)

#: The name of its space.
SPACE = "main"

#: The secret of all its processes.
_KEY = b"the same in all processes"

#: The words of the first customer, one of each kind, and on which channel the answers go.
_WORDS = {"complaint": SINK, "idea": SURE, "question": SINK, "praise": SURE}


class House:
    """What all processes of the firm share: plugins, loaded once, and the file of what was sent.

    Args:
        sent: That file.
    """

    def __init__(self, sent: Path) -> None:
        self._wires = Wires(Sent(sent))
        self._base = ClientLoop.open("memory:", plugins=[self._wires], entry_points=False, suppression_key=_KEY)

    def found(self, url: str, *, clock: Clock | None = None) -> None:
        """Make the firm in an empty store."""
        with ClientLoop.open(
            url, space=SPACE, region="SI", clock=clock or ManualClock(START), plugins=[self._wires], entry_points=False,
            suppression_key=_KEY, ids=_ids(0), refs=_refs(0),
        ) as loop:  # fmt: skip
            _furnish(loop)

    @contextmanager
    def opened(self, url: str, *, clock: Clock | None = None, run: int | None = None) -> Iterator[ClientLoop]:
        """The firm as one process sees it, in a store of its own.

        Args:
            url: Where it is.
            clock: Its clock; one that stands at the start if not given.
            run: Ids and numbers count from this number on, so that another run can make the same; random if not given.
        """
        store = self._base.registry.store(url.partition(":")[0]).open(url)
        try:
            store.migrate()
            yield self.view(store, clock=clock, run=run)
        finally:
            store.close()

    def view(self, store: Store, *, clock: Clock | None = None, run: int | None = None) -> ClientLoop:
        """As `opened`, in a store that is there already."""
        space, parts = store.get(Space, (SPACE,)), self._base.context.parts
        assert space is not None, "nobody has founded the firm"
        counted = {} if run is None else {"ids": _ids(run), "refs": _refs(run)}
        parts = evolve(parts, clock=clock or ManualClock(START), **counted)
        return ClientLoop(store, space, parts, registry=self._base.registry)


def _ids(run: int) -> Callable[[int], UUID]:
    numbers = count(1)
    return lambda _: UUID(int=(run << 64) + next(numbers))


def _refs(run: int) -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"{run:04}{next(numbers):04}"


def _furnish(loop: ClientLoop) -> None:
    """Members, customers, what they have bought and said, and what the use cases go on with."""
    for name, roles in (("mia", [Role.OWNER]), ("tim", [Role.OWNER]), ("head", [Role.OWNER, Role.SUPERIOR])):
        loop.staff.add(name, roles=roles, channel=SURE, address=f"{name}@firm.example.com")
    loop.questions.declare("delivery", instrument="csat", occasion="transactional", scale="1-5")
    ana = loop.customers.add(name="Ana", email="ana-1@example.com")
    bor = loop.customers.add(name="Bor", email="bor-1@example.com")
    loop.customers.add(name="Bor Bor", phone="+38640123456")
    loop.consent.allow(ana, Purpose.MARKETING, proof="form")
    for number, person in enumerate((ana, bor, ana)):
        loop.interactions.record(
            kind=InteractionKind.PURCHASE, channel="shop", customer=person, origin=f"before-{number}",
            money=Money(20_00 * (number + 1), "EUR"),
        )  # fmt: skip
    for kind, channel in _WORDS.items():
        loop.feedback.receive(kind=kind, channel=channel, customer=ana, text=f"My {kind}", origin=f"{kind}-1")
    _answered(loop, "plain")
    loop.run_due()
    for word in REFUSALS:
        _answered(loop, word)


def _answered(loop: ClientLoop, word: str) -> None:
    """A question whose answer goes to an address that begins so."""
    to = f"{word}@example.com"
    item = loop.feedback.receive(kind="question", channel=SINK, text="Open?", reply_to=to, origin=f"{word}-1")
    loop.feedback.move(item, "answer", by="mia", text="Until six.")
