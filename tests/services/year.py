"""A year of a firm with twenty members in two zones, played by dice: holidays, illness, neglect, words at all hours."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from itertools import count
from random import Random
from uuid import UUID

from clientloop import Actor, ClientLoop, ManualClock, Refused
from clientloop.errors import NotFound
from clientloop.model.calendar import Calendar, Hours
from clientloop.model.feedback import Feedback, Priority
from clientloop.model.routing import Route
from clientloop.model.where import contains, eq, one_of
from clientloop.model.work import Role
from clientloop.testing.fakes import FakeChannels
from tests.services.year_rules import AMERICA, FIRM, HOLIDAYS, HOURS, ZONES, is_open

BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
CUSTOMER = Actor.customer()

#: Members by team; each works in the first, and the others help.
TEAMS = {
    "service": ["ana", "bor", "cene", "dora", "eva", "filip"],
    "claims": ["gaja", "hana", "ivo", "jan"],
    "shop": ["kaja", "lan"],
    AMERICA: ["mary", "noah", "olga", "paul", "ruth", "sam"],
}
SUPERIORS = ["tina", "urban"]
STAFF = [*(name for names in TEAMS.values() for name in names), *SUPERIORS]

ROUTES = (
    Route(name="rude", where=contains("words", "rude"), grave=True, tags=["conduct"], priority=Priority.HIGH),
    Route(name="danger", where=contains("words", "smoke"), grave=True, priority=Priority.CRITICAL, team="claims"),
    Route(name="americans", where=eq("channel", "chat"), team=AMERICA),
    Route(name="taxes", where=eq("page", "/tax"), skills=["tax"]),
    Route(name="chairs", where=one_of("product", ["chair", "sofa"]) & eq("kind", "complaint"), team="claims"),
    Route(name="big ones", where=eq("category", "contract"), member="tina"),
    Route(name="shop", where=eq("kind", "praise"), team="shop"),
    Route(name="rest", team="service"),
)


def calendar(name: str | None) -> Calendar:
    """The calendar of a house, as its table has it."""
    return Calendar(
        name=name or "firm",
        zone=ZONES[name],
        week={day: [Hours(start=a * 60, end=b * 60) for a, b in hours] for day, hours in HOURS[name].items()},
        holidays=[date.fromisoformat(f"{year}-{day}") for year in (2025, 2026, 2027) for day in HOLIDAYS[name]],
    )


class Year:
    """The firm, its clock and its dice.

    Args:
        seed: Of the dice.
        items: How many matters customers bring.
    """

    def __init__(self, seed: int, items: int) -> None:
        """Open the firm on New Year's Day."""
        numbers = count(1)
        self.dice, self.clock, self.post = Random(seed), ManualClock(BEGIN), FakeChannels("email", "chat")
        self.loop = ClientLoop.open(
            "memory:",
            clock=self.clock,
            plugins=[self.post],
            entry_points=False,
            ids=lambda us: UUID(int=(us << 64) + next(numbers)),
            refs=lambda: f"{next(numbers):08}",
        )
        self.done = Counter[str]()
        self._items = items
        self._events: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = count()
        self._away: set[str] = set()
        self._hire()
        self._plan()

    # The firm

    def _hire(self) -> None:
        loop = self.loop
        loop.settings.set("reassess", None)  # the year is about work; nobody buys anything
        loop.settings.set("calendar", calendar(FIRM))
        loop.settings.set("calendars", {AMERICA: calendar(AMERICA)})
        for team in TEAMS:
            loop.staff.add_team(team, calendar=AMERICA if team == AMERICA else None, outside=team == AMERICA)
        for number, name in enumerate(STAFF):
            teams = [team for team, names in TEAMS.items() if name in names]
            loop.staff.add(
                name,
                teams=teams,
                roles=[Role.OWNER, Role.SUPERIOR] if name in SUPERIORS else [Role.OWNER],
                skills=["tax"] if name in {"bor", "hana"} else [],
                languages=["en"] if AMERICA in teams else ["sl", "en"],
                capacity=None if name in SUPERIORS else 10 + number % 3 * 5,
                channel="email",
                address=f"{name}@firm.example.com",
            )
        for names in (*TEAMS.values(), SUPERIORS):
            for name, deputy in zip(names, [*names[1:], names[0]], strict=True):  # a ring: who stands in is often away
                if self.dice.random() < 0.7:
                    loop.staff.change(name, deputy=deputy)
        loop.staff.change_team("service", lead="tina")
        loop.staff.change_team(AMERICA, lead="mary")
        loop.settings.set("routing", ROUTES)

    # What happens

    def _plan(self) -> None:
        for _ in range(self._items):
            self._at(BEGIN + (END - BEGIN) * self.dice.random(), self._receive)
        for name in STAFF:
            for _ in range(2):
                first = BEGIN + timedelta(days=self.dice.randrange(20, 340), hours=5)
                self._at(first - timedelta(days=15), self._holiday(name, first, self.dice.choice([5, 9, 12])))
            for _ in range(3):
                self._at(BEGIN + (END - BEGIN) * self.dice.random(), self._ill(name))
        self._at(datetime(2026, 5, 13, 10, 7, tzinfo=UTC), lambda: self._leave("eva"))
        self._at(datetime(2026, 9, 3, 9, 40, tzinfo=UTC), self._relieve)

    def _at(self, when: datetime, what: Callable[[], None]) -> None:
        heapq.heappush(self._events, (when, next(self._order), what))

    def play(self, end: datetime = END) -> None:
        """Play on: every event at its time, workers every quarter of an hour, and people every other hour."""
        tick = BEGIN
        while tick < end:
            while self._events and self._events[0][0] <= tick:
                when, _, what = heapq.heappop(self._events)
                self.clock.set(max(when, self.clock.now()))
                what()
            self.clock.set(tick)
            self.done["work handed over"] += self.loop.run_due().absences
            if tick.minute == 30 and tick.hour % 2 == 0 and (is_open(FIRM, tick) or is_open(AMERICA, tick)):
                self._work(tick)
            tick += QUARTER

    # Customers

    def _receive(self) -> None:
        dice = self.dice
        kind = dice.choices(["complaint", "question", "praise"], [6, 3, 1])[0]
        words = dice.choices(["It is broken.", "The clerk was rude.", "There is smoke!"], [30, 1, 1])[0]
        self.loop.feedback.receive(
            kind=kind,
            channel=dice.choice(["email", "email", "chat"]),
            text=words,
            reply_to=f"customer{dice.randrange(10**6)}@example.com",
            product=dice.choice(["chair", "sofa", "lamp", None]),
            category="contract" if dice.random() < 0.03 else None,
            source={"page": "/tax"} if dice.random() < 0.05 else None,
            employee=dice.choice(STAFF) if dice.random() < 0.05 else None,
        )
        self.done["received"] += 1

    # Absences

    def _holiday(self, name: str, first: datetime, days: int) -> Callable[[], None]:
        return lambda: self._go(name, first, first + timedelta(days=days), "holiday")

    def _ill(self, name: str) -> Callable[[], None]:
        def fall_ill() -> None:
            self._go(name, self.clock.now(), None, "illness")
            self._at(self.clock.now() + timedelta(days=self.dice.uniform(0.5, 6)), lambda: self._come_back(name))

        return fall_ill

    def _go(self, name: str, since: datetime, until: datetime | None, why: str) -> None:
        if name in SUPERIORS and self._away & set(SUPERIORS):
            return  # one of them stays
        if name in SUPERIORS:
            self._away.add(name)
            self._at(until or since + timedelta(days=7), lambda: self._away.discard(name))
        self.loop.staff.away(name, since=since, until=until, reason=why)
        self.done[why] += 1

    def _come_back(self, name: str) -> None:
        with suppress(NotFound):
            if name != "eva":
                self.loop.staff.back(name)

    def _leave(self, name: str) -> None:
        self.loop.staff.deactivate(name)

    def _relieve(self) -> None:
        busy = Counter(item.owner for item in self._open() if item.owner).most_common(1)
        for name, _ in busy:
            self.done["reassigned"] += self.loop.staff.reassign(name, by="tina").items

    # Work

    def _work(self, now: datetime) -> None:
        """Whoever is there takes some matters a step further; some are neglected."""
        there = {member.name for member in self.loop.staff.present()}
        for item in list(self._open()):
            lazy = item.id.int % 25 == 0
            if item.state in {"informed", "answered", "waiting"}:
                self._answer(item)
            elif item.owner in there and self.dice.random() < (0.01 if lazy else 0.5):
                self._step(item)
        if now.hour == 14:
            for item in self.loop.feedback.list(where=eq("state", "closed_silent"), limit=500):
                if self.dice.random() < 0.02:
                    self._try(item, "reopen", CUSTOMER)

    def _open(self) -> Iterator[Feedback]:
        return self.loop.store.pages(Feedback, "main", where=eq("is_open", True), order="agenda")

    def _answer(self, item: Feedback) -> None:
        luck = self.dice.random()
        if item.state == "waiting" and luck < 0.05:
            self._try(item, "resume", CUSTOMER)
        elif luck < 0.02:
            self._try(item, "confirm", CUSTOMER)
        elif luck < 0.04:
            self._try(item, "deny", CUSTOMER)

    def _step(self, item: Feedback) -> None:
        owner = Actor.of(item.owner or "")
        luck = self.dice.random()
        if luck < 0.05:
            self._try(item, "wait", owner, text="Which one?")
        elif luck < 0.15:
            self._try(item, "hand_over", owner, to=self.dice.choice(STAFF))
        elif luck < 0.17 and item.state != "new":
            part = {"kind": "question", "text": "And when?"}
            self._try(item, "split", owner, reason="two matters", parts=[part])
        elif item.state == "new":
            name = "thank" if item.kind == "praise" else "assign"
            self._try(item, name, owner, **({} if name == "thank" else {"to": item.owner}))
        elif item.state == "assigned":
            answers = item.kind == "question"
            self._try(item, "answer" if answers else "start", owner, **({"text": "Yes."} if answers else {}))
        elif item.state == "working":
            for task in self.loop.tasks.of(item):
                if task.is_open:
                    self.loop.tasks.done(task, result="done")
            self._try(item, "resolve", owner, cause="carrier", action="sent another")
        elif item.state == "resolved":
            self._try(item, "inform", owner)

    def _try(self, item: Feedback, name: str, by: Actor, **given: object) -> None:
        try:
            self.loop.feedback.move(item, name, by=by, **given)
        except Refused:
            self.done[f"refused: {name}"] += 1
        else:
            self.done[f"moved: {name}"] += 1
