"""Plays the month: everything that happens stands on one agenda, and the clock is put to each entry in turn."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from attrs import define, field

from clientloop.app import ClientLoop
from clientloop.cli.demo import cast
from clientloop.cli.demo.cast import Buyer
from clientloop.cli.demo.dice import Dice
from clientloop.cli.demo.month import MONTH, STORY, STORY_AT, STORY_BY, STORY_CHANNEL
from clientloop.cli.demo.script import IMPROVE, REPEAT, WORK, WORKING_DAY, By, Step, Way, head
from clientloop.cli.demo.words import IMPROVEMENTS, Matter, matters
from clientloop.model.calendar import Clock
from clientloop.model.codec import Json, instant, microseconds
from clientloop.model.customers import Customer, Purpose
from clientloop.model.feedback import Feedback
from clientloop.model.improvements import Improvement
from clientloop.model.interactions import InteractionKind
from clientloop.model.money import Money
from clientloop.model.work import Actor
from clientloop.ports.clock import ManualClock
from clientloop.rules.time.worktime import add_worked_us

#: How often the firm looks for what is due.
_EVERY = timedelta(minutes=15)

#: One step of an owner in so many is left lying, for so many days of work.
_LEFT_ONE_IN, _LEFT_FOR = 8, (1, 2)

#: Moves that tell the customer, which staff sometimes do on the phone.
_TELLING = frozenset({"update", "answer", "inform", "thank"})

#: What the head does when somebody is absent, if it is noticed.
_STAND_IN = head("hand_over", (WORKING_DAY, 2 * WORKING_DAY), to="stand_in")

#: What becomes of words that were said already.
_DUPLICATE = head("duplicate", original="original")


@define(eq=False)
class Play:
    """An item on its way."""

    #: The item, as it was received.
    item: Feedback
    #: What it is about.
    matter: Matter
    #: What its steps may give.
    facts: Mapping[str, Json]
    #: The steps that are still to come.
    steps: list[Step]


@define(eq=False)
class Player:
    """Plays a month of customers' words.

    Args:
        loop: The firm, with nothing in it.
        clock: Its clock.
        dice: Where chance comes from.
    """

    loop: ClientLoop
    clock: ManualClock
    dice: Dice
    _agenda: list[tuple[datetime, int, Callable[[], None]]] = field(init=False, factory=list)
    _number: "count[int]" = field(init=False, factory=count)
    _customers: dict[str, Customer] = field(init=False, factory=dict)
    _improvements: dict[str, Improvement] = field(init=False, factory=dict)
    _decks: dict[str, list[Matter]] = field(init=False, factory=dict)

    def play(self) -> Feedback:
        """Play from the first morning to the last afternoon.

        Returns:
            The item whose story is worth telling.
        """
        self._found()
        self._look_for_due()
        told: list[Feedback] = []
        buyer = next(buyer for buyer in cast.BUYERS if buyer.name == STORY_BY)
        self._at(
            cast.at(STORY_AT),
            lambda: told.append(self._receive("complaint", STORY, buyer, STORY_CHANNEL)),
        )
        for kind, ways in MONTH.items():
            for way in ways:
                for _ in range(way.times):
                    self._schedule(kind, way)
        self._run_until(cast.END)
        return self.loop.feedback.get(told[0].id)

    # The agenda

    def _at(self, time: datetime, act: Callable[[], None]) -> None:
        heappush(self._agenda, (time, next(self._number), act))

    def _run_until(self, end: datetime) -> None:
        while self._agenda and self._agenda[0][0] <= end:
            time, _, act = heappop(self._agenda)
            self.clock.set(time)
            act()
        self.clock.set(end)
        self.loop.run_due()

    def _look_for_due(self) -> None:
        self.loop.run_due()
        self._at(self.clock.now() + _EVERY, self._look_for_due)

    # The firm

    def _found(self) -> None:
        """What there is before the month begins."""
        loop = self.loop
        for name, value in cast.SETTINGS.items():
            loop.settings.set(name, value)
        for person in cast.STAFF:
            loop.staff.add(person.name, roles=person.roles, channel="email", address=person.address)
        for name, title in IMPROVEMENTS.items():
            self._improvements[name] = loop.improvements.add(title)
        for number, buyer in enumerate(cast.BUYERS):
            customer = self._customers[buyer.name] = loop.customers.add(
                name=buyer.name, email=buyer.email, phone=buyer.phone, customer_class=buyer.customer_class
            )
            if buyer.allows_marketing:
                loop.consent.allow(customer, Purpose.MARKETING, proof="order form")
            self._buys(customer, number)

    def _buys(self, customer: Customer, number: int) -> None:
        """One to three purchases in the first quarter of the year."""
        for order in range(self.dice.between(1, 3)):
            product = self.dice.among(list(cast.PRODUCTS))
            self.loop.interactions.record(
                kind=InteractionKind.PURCHASE,
                channel="shop",
                origin=f"order-{number:02}-{order}",
                customer=customer,
                occurred_at=cast.BEGIN - timedelta(days=self.dice.between(5, 85)),
                money=Money(cast.PRODUCTS[product], cast.CURRENCY),
                quantity=1,
                extra={"product": product},
            )

    # Customers' words

    def _schedule(self, kind: str, way: Way) -> None:
        time = cast.BEGIN + timedelta(days=self._day(way.latest), minutes=self.dice.between(0, 14 * 60))
        self._at(time, lambda: self._arrive(kind, way))

    def _day(self, latest: int | None) -> int:
        """A day of the month: the spring sale at its beginning brings more words, days off bring fewer."""
        last = (cast.END - cast.BEGIN).days if latest is None else latest
        day = min(self.dice.between(0, last), self.dice.between(0, last))
        is_open = cast.CALENDAR.hours_on((cast.BEGIN + timedelta(days=day)).date())
        return day if is_open or self.dice.between(1, 3) == 1 else self._day(latest)

    def _arrive(self, kind: str, way: Way) -> None:
        """Somebody says something."""
        buyers = [buyer for buyer in cast.BUYERS if (buyer.email in cast.BOUNCING) == way.bounces]
        buyer = None if way.anonymous else self.dice.among(buyers)
        self._receive(kind, way, buyer, self._channel(way))

    def _channel(self, way: Way) -> str:
        if way.anonymous:
            return "form"
        return "email" if way.bounces or way.words == "referrals" else self.dice.weighed(cast.CHANNELS)

    def _receive(self, kind: str, way: Way, buyer: Buyer | None, channel: str) -> Feedback:
        drawn = self._draw(way.words)
        product = self.dice.among(drawn.fits or list(cast.PRODUCTS))
        matter = drawn.about(product)
        agent, stand_in = self.dice.shuffled(cast.AGENTS)[:2]
        facts = {"agent": agent, "stand_in": stand_in, **matter.facts}
        if "improvement" in facts:
            facts["improvement"] = str(self._improvements[facts["improvement"]].id)
        item = self.loop.feedback.receive(
            kind=kind,
            channel=channel,
            text=matter.says,
            customer=None if buyer is None else self._customers[buyer.name],
            priority=way.priority,
            product=product,
            category=matter.category,
            employee=matter.employee,
            data={name: facts[fact] for name, fact in way.data.items()},
            by=channel,
        )
        self._go_on(Play(item, matter, facts, list(way.steps)))
        return item

    def _draw(self, words: str) -> Matter:
        """The next of what customers say: nothing twice before everything has been said."""
        deck = self._decks.setdefault(words, [])
        if not deck:
            deck += self.dice.shuffled(matters(words))
        return deck.pop()

    # What becomes of them

    def _go_on(self, play: Play) -> None:
        """Put the next step on the agenda."""
        if play.steps:
            self._at(self._time_of(play.steps[0], self.clock.now()), lambda: self._step(play))

    def _time_of(self, step: Step, start: datetime) -> datetime:
        if step.at is not None:
            return step.at
        minutes = self.dice.between(*step.after)
        if step.clock is Clock.ELAPSED:
            return start + timedelta(minutes=minutes)
        if step.by is By.OWNER and self.dice.between(1, _LEFT_ONE_IN) == 1:
            minutes += self.dice.between(*_LEFT_FOR) * WORKING_DAY
        return instant(add_worked_us(cast.CALENDAR, microseconds(start), minutes * 60_000_000))

    def _step(self, play: Play) -> None:
        self.loop.run_due()
        step, item = play.steps[0], self.loop.feedback.get(play.item.id)
        if step.when not in (None, item.state):
            return self._at(self.clock.now() + timedelta(hours=1), lambda: self._step(play))
        if step.by is By.OWNER and step.at is None and self._is_absent(item.owner):
            return self._wait_for_owner(play)
        play.steps.pop(0)
        self._act(step.move)(play, step, item)
        self.loop.run_due()
        return self._go_on(play)

    def _act(self, name: str) -> Callable[[Play, Step, Feedback], None]:
        return {WORK: self._work, IMPROVE: self._improve, REPEAT: self._repeat}.get(name, self._move)

    def _is_absent(self, owner: str | None) -> bool:
        return owner == cast.ABSENT and cast.ABSENT_FROM <= self.clock.now() < cast.ABSENT_TO

    def _wait_for_owner(self, play: Play) -> None:
        """Either somebody notices, or the item waits until its owner is back."""
        if self.dice.between(0, 1):
            play.steps.insert(0, _STAND_IN)
            return self._go_on(play)
        return self._at(self._time_of(play.steps[0], cast.ABSENT_TO), lambda: self._step(play))

    def _move(self, play: Play, step: Step, item: Feedback) -> None:
        given = {name: play.facts[fact] for name, fact in step.gives.items() if fact in play.facts}
        if item.channel == "phone" and step.move in _TELLING and self.dice.between(0, 1):
            given["told"] = "on the phone"
        self.loop.feedback.move(item, step.move, by=self._actor(play, step, item), **given)

    def _actor(self, play: Play, step: Step, item: Feedback) -> Actor:
        match step.by:
            case By.CUSTOMER:
                return Actor.customer()
            case By.HEAD:
                return Actor.superior(cast.HEAD)
            case By.ABOVE:
                return Actor.superior(cast.APPEALS)
            case By.OWNER:
                return Actor.of(item.owner or str(play.facts["agent"]))

    def _work(self, play: Play, step: Step, item: Feedback) -> None:
        """The tasks of the item are done."""
        for task in self.loop.tasks.of(item):
            if task.is_open:
                self.loop.tasks.done(task, result=str(play.facts["result"]))

    def _improve(self, play: Play, step: Step, item: Feedback) -> None:
        """The improvement that the item points to is carried out, if it was not before."""
        for improvement in self.loop.improvements.list():
            if improvement.id == item.improvement:
                done, lesson = str(play.facts["done"]), str(play.facts["lesson"])
                by = self._actor(play, step, item)
                self.loop.improvements.done(improvement, done=done, lesson=lesson, by=by)

    def _repeat(self, play: Play, step: Step, item: Feedback) -> None:
        """The customer says the same again, on another channel."""
        again = self.loop.feedback.receive(
            kind=item.kind,
            channel="phone" if item.channel != "phone" else "email",
            text=f"I have told you already: {play.matter.says}",
            customer=item.customer,
            product=item.product,
            by="phone",
        )
        self._go_on(Play(again, play.matter, {"original": str(item.id)}, [_DUPLICATE]))
