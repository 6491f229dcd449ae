"""Targets, and what is told of those that are missed."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from clientloop import ClientLoop, InvalidValue, ManualClock, Money, UnknownName, hookimpl
from clientloop.errors import StoreFull
from clientloop.model.asking import Answer
from clientloop.model.facts import Fact
from clientloop.model.plan import Bucket, Plan
from clientloop.model.targets import Sense, Target
from clientloop.model.work import Role
from clientloop.ports.metric import Metric, Score, State
from clientloop.services.measures.targets import check_targets
from clientloop.testing.fakes import FakeChannels
from tests.services.measures.asked import YEARLY, answer, keep, several

#: Noon of the last day of May.
NOW = datetime(2026, 5, 31, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LOYALTY = Target(name="loyalty", metric="nps", question="yearly", goal=30)


class Heard:
    """Observes targets that are missed."""

    def __init__(self) -> None:
        """Hear nothing yet."""
        self.facts: list[Fact] = []

    @hookimpl
    def clientloop_on_metric_missed(self, facts: Sequence[Fact]) -> None:
        """Keep them."""
        self.facts += facts


@pytest.fixture
def heard() -> Heard:
    """What observers hear."""
    return Heard()


@pytest.fixture
def clock() -> ManualClock:
    """The firm's clock."""
    return ManualClock(NOW)


@pytest.fixture
def post() -> FakeChannels:
    """The firm's post."""
    return FakeChannels("email")


@pytest.fixture
def loop(heard: Heard, clock: ManualClock, post: FakeChannels) -> Iterator[ClientLoop]:
    """A firm with one question."""
    plugins = [heard, post]
    with ClientLoop.open("memory:", zone="Europe/Ljubljana", clock=clock, plugins=plugins, entry_points=False) as loop:
        keep(loop, YEARLY)
        yield loop


def test_a_missed_target_is_told_once(loop: ClientLoop, heard: Heard, clock: ManualClock) -> None:
    """When its period is over, by the next night; not before it, and not again by any later run."""
    loop.settings.set("targets", (LOYALTY,))
    keep(loop, *several(YEARLY, [9, 2, 8, 7], NOW), *several(YEARLY, [10], NOW - 40 * DAY))
    loop.run_due()
    assert heard.facts == []
    for _ in range(4):
        clock.advance(DAY)
        loop.run_due()
    [fact] = heard.facts
    assert fact.data == {"target": "loyalty", "metric": "nps", "value": 0.0, "count": 4, "goal": 30.0}
    keep(loop, *several(YEARLY, [0], NOW))
    loop.run_due()
    assert heard.facts == [fact]


def test_each_period_has_its_own(loop: ClientLoop, heard: Heard, clock: ManualClock) -> None:
    """What nobody looked at for some time is made good; periods that reach the goal, or have no answers, are silent."""
    loop.settings.set("targets", (LOYALTY,))
    assert check_targets(loop.context) == 0
    for month, rating in ((5, 2), (6, 10), (8, 3)):
        keep(loop, answer(YEARLY, rating, datetime(2026, month, 15, tzinfo=UTC)))
    clock.set(datetime(2026, 10, 1, tzinfo=UTC))
    assert check_targets(loop.context) == 2
    assert [fact.data["count"] for fact in heard.facts] == [1, 1]
    assert loop.metrics.targets()[0].judged == date(2026, 9, 1)


def test_two_workers_tell_one_alert(
    loop: ClientLoop, heard: Heard, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have seen that a period is not judged; the second to write is refused, and other targets do not suffer."""
    loop.settings.set("targets", (LOYALTY, Target(name="more", metric="nps", question="yearly", goal=50)))
    keep(loop, answer(YEARLY, 0, NOW))
    clock.advance(DAY)
    write = loop.context.commit
    raced: list[bool] = []

    def race(unit):  # type: ignore[no-untyped-def]  # as the method that it stands for
        if not raced:
            raced.append(True)
            check_targets(loop.in_space("main").context)
        write(unit)

    monkeypatch.setattr(loop.context, "commit", race)
    check_targets(loop.context)
    assert sorted(fact.data["target"] for fact in heard.facts) == ["loyalty", "more"]


def test_too_few_answers_are_not_judged(loop: ClientLoop, heard: Heard, clock: ManualClock) -> None:
    """A target says on how many answers a score has to rest."""
    few = Target(name="few", metric="nps", question="yearly", goal=30, fewest=3)
    enough = Target(name="enough", metric="nps", question="yearly", goal=30, fewest=2)
    loop.settings.set("targets", (few, enough))
    keep(loop, *several(YEARLY, [0, 0], NOW))
    clock.advance(DAY)
    check_targets(loop.context)
    assert [fact.data["target"] for fact in heard.facts] == ["enough"]
    one, other = loop.metrics.targets()
    assert one.verdict is None
    assert one.score is not None
    assert other.verdict is not None
    assert (other.verdict.missed, other.verdict.certain, other.day) == (True, True, date(2026, 5, 1))


def test_a_ceiling_and_parameters(loop: ClientLoop, heard: Heard, clock: ManualClock) -> None:
    """At most so many reopened, week by week: the parameters are as a file of the firm's says them."""
    data = {
        "name": "again", "metric": "loop_rate", "parameters": {"rate": "closed"}, "goal": -1, "sense": "at most",
        "bucket": "week",
    }  # fmt: skip
    (target,) = loop.settings.read("targets", [data])
    assert (target.sense, target.bucket) == (Sense.AT_MOST, Bucket.WEEK)
    loop.settings.set("targets", (target,))
    loop.feedback.receive(kind="idea", channel="email", text="Open earlier")
    clock.advance(DAY)
    check_targets(loop.context)
    [fact] = heard.facts
    assert (fact.data["value"], fact.data["goal"]) == (0, -1)


def test_a_team_hears_of_it(loop: ClientLoop, clock: ManualClock, post: FakeChannels) -> None:
    """The lead of the team gets one message, sent by the same run."""
    loop.staff.add("maja", roles=[Role.SUPERIOR], channel="email", address="maja@shop.example")
    loop.staff.add_team("care", lead="maja")
    loop.settings.set("targets", (Target(name="loyalty", metric="nps", question="yearly", goal=30, team="care"),))
    keep(loop, *several(YEARLY, [0, 10, 8], NOW))
    for _ in range(3):
        clock.advance(DAY)
        loop.run_due()
    [message] = post.sent
    assert (message.to, message.subject) == ("maja@shop.example", "A target was missed: loyalty")
    assert message.body.startswith("In the month of 2026-05-01, nps was 0 points, from 3 answers")
    assert "at least 30" in message.body


def test_a_team_hears_of_money_in_units_that_people_use(
    loop: ClientLoop, clock: ManualClock, post: FakeChannels
) -> None:
    """Of euros and not of cents, both of what was reached and of what was to be."""
    loop.staff.add("maja", roles=[Role.SUPERIOR], channel="email", address="maja@shop.example")
    loop.staff.add_team("care", lead="maja")
    loop.interactions.record(
        kind="purchase", channel="shop", customer=loop.customers.add(name="Ana"), money=Money(12_345_50, "EUR"),
        source={"campaign": "spring"}, occurred_at=NOW,
    )  # fmt: skip
    earned = Target(
        name="spring", metric="sources", parameters={"touch": "first"}, part=("spring", "revenue", "EUR"),
        goal=20_000_00, team="care",
    )  # fmt: skip
    loop.settings.set("targets", (earned,))
    clock.advance(DAY)
    loop.run_due()
    loop.run_due()
    [message] = post.sent
    assert "sources was 12345.50 EUR, from 1 answers" in message.body
    assert "at least 20000.00 EUR" in message.body


@pytest.mark.parametrize(
    ("target", "error", "message"),
    [
        ({"metric": "nsp"}, UnknownName, "no metric 'nsp'"),
        ({"question": "yearli"}, UnknownName, "no question 'yearli'"),
        ({"parameters": {"latst": True}}, UnknownName, "no parameter of nps 'latst'"),
        ({"parameters": {"latest": "yes"}}, InvalidValue, "nps.latest: 'yes' is no true or false"),
        ({"team": "care"}, UnknownName, "no team 'care'"),
        ({"question": None}, InvalidValue, "nps needs occasion"),
    ],
)
def test_a_target_that_cannot_be_measured_is_not_set(
    loop: ClientLoop, target: dict[str, object], error: type[Exception], message: str
) -> None:
    """Whoever sets it hears at once what is wrong with it."""
    named = {"name": "loyalty", "metric": "nps", "question": "yearly", "goal": 30.0, **target}
    with pytest.raises(error, match=message):
        loop.settings.set("targets", (Target(**named),))  # type: ignore[arg-type]  # fields of several types
    assert loop.settings.get().targets == ()


def test_names_are_not_shared(loop: ClientLoop) -> None:
    """Alerts tell targets apart by their names; no answers make no score."""
    with pytest.raises(InvalidValue, match="2 targets are called 'loyalty'"):
        loop.settings.set("targets", (LOYALTY, LOYALTY))
    with pytest.raises(InvalidValue, match="fewest is 0"):
        Target(name="a", metric="nps", goal=1, fewest=0)


def test_a_target_that_fails_harms_no_other(
    loop: ClientLoop,
    heard: Heard,
    clock: ManualClock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A plugin may be gone since: that is logged, and the next target is checked."""
    gone = Target(name="gone", metric="nps", question="yearly", goal=30)
    loop.settings.set("targets", (gone, LOYALTY))
    keep(loop, answer(YEARLY, 0, NOW))
    clock.advance(DAY)
    find, asked = loop.registry.metric, iter([True])

    def once_gone(name: str) -> object:
        if next(asked, False):
            raise UnknownName(f"no metric {name!r}")
        return find(name)

    monkeypatch.setattr(loop.registry, "metric", once_gone)
    with caplog.at_level(logging.ERROR):
        assert check_targets(loop.context) == 1
    assert "target gone cannot be measured: unknown_name" in caplog.text
    assert [fact.data["target"] for fact in heard.facts] == ["loyalty"]


class Broken(Metric):
    """A metric of somebody else's that has begun to fail."""

    fails = False

    def plans(self) -> Mapping[str, Plan]:
        """Nothing of the library's, once it fails."""
        if self.fails:
            raise ZeroDivisionError("Kim's answer")
        return {"all": Plan(cls=Answer, at="answered_at")}

    def finalise(self, state: State) -> Sequence[Score]:
        """Nothing."""
        return ()


def test_a_metric_that_raises_harms_no_other(
    heard: Heard, clock: ManualClock, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every night the next target is judged all the same, the plugin is blamed, and who looks is told why."""
    brings = SimpleNamespace(__name__="third", clientloop_register_metrics=hookimpl(lambda: {"broken": Broken}))
    with ClientLoop.open("memory:", zone="Europe/Ljubljana", clock=clock, plugins=[heard, brings]) as loop:
        keep(loop, YEARLY, answer(YEARLY, 0, NOW))
        loop.settings.set("targets", (Target(name="broken", metric="broken", goal=1), LOYALTY))
        monkeypatch.setattr(Broken, "fails", True)
        for _ in range(3):
            clock.advance(DAY)
            loop.run_due()
        assert [fact.data["target"] for fact in heard.facts] == ["loyalty"]
        broken, loyalty = loop.metrics.targets()
        assert broken.error == (
            "metric 'broken' of plugin 'third' is broken: it raised ZeroDivisionError; the log says where"
        )
        assert (broken.score, broken.verdict, loyalty.error) == (None, None, None)
        [failures] = [report.failures for report in loop.registry.report() if report.name == "third"]
        assert failures == 4
        assert "Kim" not in caplog.text


def test_the_store_is_nobodys_metric(loop: ClientLoop, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be read, the routine is not done: it comes again at the end of its lease."""
    loop.settings.set("targets", (LOYALTY,))
    clock.advance(DAY)

    def full(*_: object) -> None:
        raise StoreFull("the disk is full")

    monkeypatch.setattr(loop.store, "aggregate", full)
    with pytest.raises(StoreFull):
        check_targets(loop.context)
    with pytest.raises(StoreFull):
        loop.metrics.targets()


def test_targets_are_judged_by_a_worker_that_is_heard_of(loop: ClientLoop) -> None:
    """It says before each that it is still at it."""
    loop.settings.set("targets", (LOYALTY, Target(name="more", metric="nps", question="yearly", goal=50)))
    beats: list[bool] = []
    check_targets(loop.context, lambda: beats.append(True))
    assert len(beats) == 2


def test_one_of_several_scores(loop: ClientLoop, heard: Heard, clock: ManualClock) -> None:
    """The median of a time has a target, whatever its ninth decile is."""
    target = Target(
        name="fast", metric="loop_time", parameters={"time": "gross"}, part=("median",), goal=1, sense=Sense.AT_MOST
    )
    loop.settings.set("targets", (target,))
    item = loop.feedback.receive(kind="question", channel="email", text="Open?", reply_to="a@shop.example")
    clock.advance(timedelta(hours=2))
    loop.feedback.move(item, "answer", by="maja", text="Until six")
    loop.run_due()
    clock.advance(DAY)
    check_targets(loop.context)
    [fact] = heard.facts
    assert fact.data["value"] == 2
    times = loop.metrics.score("loop_time", time="gross")
    assert times.score is None
    assert times.part("median") == times.part("p90")
