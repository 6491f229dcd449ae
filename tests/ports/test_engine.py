"""How metrics are run over a store."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.plan import Aggregate, Bucket, Fold, Folded, Group, How, Key, Plan
from clientloop.model.units import Insert, Unit
from clientloop.model.where import eq, lt
from clientloop.ports.engine import Engine
from clientloop.ports.metric import Metric, Scale, Score, State
from clientloop.ports.store import Store
from clientloop.rules.measures.intervals import Interval
from clientloop.stores.memory import MemoryStore

START = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
MONEY = Scale(unit="minor units")
PURCHASES = eq("kind", InteractionKind.PURCHASE)
RETURNS = eq("kind", InteractionKind.RETURN)


class Average(Metric):
    """The average purchase."""

    def plans(self) -> Mapping[str, Plan]:
        """Count and sum of what was bought."""
        return {
            "bought": Plan(
                cls=Interaction, where=PURCHASES, aggregates=(Aggregate(How.COUNT), Aggregate(How.SUM, "amount"))
            )
        }

    def finalise(self, state: State) -> Sequence[Score]:
        """Sum over count, with a made-up interval."""
        [group] = state["bought"]
        count, total = group.values
        if not count:
            return ()
        value = (total or 0) / count
        interval = Interval(low=value - 1, high=value + 1, level=0.95, method="made up")
        return (Score(value=value, count=count, interval=interval, scale=MONEY),)


class Returned(Metric):
    """The share of purchases that came back: two plans."""

    def plans(self) -> Mapping[str, Plan]:
        """How many were bought, and how many came back."""
        return {"bought": Plan(cls=Interaction, where=PURCHASES), "returned": Plan(cls=Interaction, where=RETURNS)}

    def finalise(self, state: State) -> Sequence[Score]:
        """One over the other."""
        [bought], [returned] = state["bought"], state["returned"]
        if not bought.values[0]:
            return ()
        return (
            Score(
                value=(returned.values[0] or 0) / bought.values[0],
                count=bought.values[0],
                scale=Scale(unit="share", low=0),
            ),
        )


class Revenue(Metric):
    """What each channel sold: a score for each of its own keys."""

    def plans(self) -> Mapping[str, Plan]:
        """Sums by channel."""
        return {
            "bought": Plan(
                cls=Interaction,
                where=PURCHASES,
                keys=(Key("channel"),),
                aggregates=(Aggregate(How.COUNT), Aggregate(How.SUM, "amount")),
            )
        }

    def finalise(self, state: State) -> Sequence[Score]:
        """The sums."""
        return [
            Score(value=group.values[1] or 0, count=group.values[0] or 0, scale=MONEY, keys=group.keys)
            for group in state["bought"]
        ]


def interaction(number: int, kind: InteractionKind, amount: int, *, channel: str = "shop") -> Interaction:
    """One row, half an hour after the one before."""
    at = START + timedelta(minutes=30 * number)
    return Interaction(
        space="main",
        id=UUID(int=number + 1),
        kind=kind,
        channel=channel,
        occurred_at=at,
        recorded_at=at,
        amount=amount,
        currency="EUR",
    )


def filled(rows: Iterable[Interaction]) -> Store:
    """A store with these rows."""
    store = MemoryStore()
    store.commit(Unit(tuple(Insert(row) for row in rows)))
    return store


BUY, BACK = InteractionKind.PURCHASE, InteractionKind.RETURN
STORE = filled(
    [
        interaction(0, BUY, 100),
        interaction(1, BUY, 200),
        interaction(2, BUY, 600, channel="web"),
        interaction(3, BACK, -600, channel="web"),
        interaction(4, BACK, -50, channel="phone"),
    ]
)


def by(*keys: Key) -> dict[tuple[object, ...], float]:
    """The average purchase, broken down."""
    return {score.keys: score.value for score in Engine().run(STORE, "main", Average(), by=keys)}


def test_a_metric_is_measured_over_a_whole_space() -> None:
    """One score, with count, interval and scale as the metric made them."""
    [score] = Engine().run(STORE, "main", Average())
    assert score == Score(
        value=300, count=3, scale=MONEY, interval=Interval(low=299, high=301, level=0.95, method="made up")
    )


def test_where_nobody_answered_there_is_no_score() -> None:
    """An empty space has no average, whole or broken down."""
    assert Engine().run(STORE, "other", Average()) == []
    assert Engine().run(STORE, "other", Average(), by=(Key("channel"),)) == []
    assert Engine().run(STORE, "main", Average(), where=eq("channel", "phone")) == []


def test_a_condition_narrows_what_the_metric_itself_asks_for() -> None:
    """Both conditions hold."""
    [score] = Engine().run(STORE, "main", Average(), where=eq("channel", "shop"))
    assert (score.value, score.count) == (150, 2)


def test_scores_are_broken_down_by_any_field() -> None:
    """Each part is measured as if it were the whole; parts without rows have no score."""
    assert by(Key("channel")) == {("shop",): 150, ("web",): 600}


def test_scores_are_broken_down_by_time_in_a_named_zone() -> None:
    """The zone decides on which day a purchase falls."""
    assert by(Key("occurred_at", Bucket.DAY)) == {(date(2026, 1, 31),): 100, (date(2026, 2, 1),): 400}
    assert by(Key("occurred_at", Bucket.MONTH, "Europe/Ljubljana")) == {(date(2026, 2, 1),): 300}


def test_the_metrics_own_keys_follow_those_of_the_breakdown() -> None:
    """The metric sees its own keys alone; the scores carry both."""
    scores = Engine().run(STORE, "main", Revenue(), by=(Key("currency"),))
    assert {score.keys: score.value for score in scores} == {("EUR", "shop"): 300, ("EUR", "web"): 600}


def test_a_part_that_one_plan_lacks_is_no_rows_to_it() -> None:
    """A metric of two plans finds one group in each, also where one of them has no rows."""
    scores = Engine().run(STORE, "main", Returned(), by=(Key("channel"),))
    assert {score.keys: score.value for score in scores} == {("shop",): 0, ("web",): 1}


def test_a_field_that_the_record_lacks_is_refused() -> None:
    """With the nearest names."""
    with pytest.raises(UnknownName, match="did you mean 'channel'"):
        Engine().run(STORE, "main", Average(), by=(Key("chanel"),))


class Daily(Metric):
    """How many purchases there were a day on which anything was bought; with the time of its rows."""

    def plans(self) -> Mapping[str, Plan]:
        """Days of purchases, folded."""
        return {
            "days": Plan(
                cls=Interaction,
                where=PURCHASES,
                keys=(Key("occurred_at", Bucket.DAY),),
                fold=Fold(keys=0, aggregates=(Folded(How.COUNT), Folded(How.SUM, 0))),
                at="occurred_at",
            )
        }

    def finalise(self, state: State) -> Sequence[Score]:
        """Purchases over days."""
        [group] = state["days"]
        days, bought = group.values
        return [Score(value=(bought or 0) / days, count=bought or 0, scale=Scale(unit="purchases"))] if days else []


def test_a_period_narrows_rows_by_their_own_time() -> None:
    """From its begin on, and before its end; a metric whose rows are of no time has no periods."""

    def counts(since: datetime | None = None, until: datetime | None = None) -> list[int]:
        return [score.count for score in Engine().run(STORE, "main", Daily(), since=since, until=until)]

    assert counts() == [3]
    assert counts(since=START + timedelta(minutes=30)) == [2]
    assert counts(until=START + timedelta(minutes=30)) == [1]
    assert counts(since=START + timedelta(minutes=1), until=START + timedelta(minutes=30)) == []
    with pytest.raises(InvalidValue, match="of no time"):
        Engine().run(STORE, "main", Average(), since=START)


def test_scores_are_broken_down_by_the_time_of_the_rows() -> None:
    """The field `at` is the time of each plan, and a plan with a fold keeps the keys of the breakdown."""
    by = (Key("at", Bucket.MONTH, "Europe/Ljubljana"), Key("channel"))
    scores = Engine().run(STORE, "main", Daily(), by=by)
    february = date(2026, 2, 1)
    assert {score.keys: score.value for score in scores} == {(february, "shop"): 1, (february, "web"): 1}
    with pytest.raises(InvalidValue, match="of no time"):
        Engine().run(STORE, "main", Average(), by=(Key("at", Bucket.DAY),))


def test_several_plans_are_asked_at_once() -> None:
    """Each has its answer, and those over the same groups take one scan."""
    asked = []

    class Counting(Engine):
        """Notes what it is asked."""

        def aggregate(self, store: Store, space: str, plan: Plan) -> Sequence[Group]:
            """As the store does."""
            asked.append(plan)
            return super().aggregate(store, space, plan)

    channels = Plan(cls=Interaction, keys=(Key("channel"),))
    plans = {"all": channels, "returned": evolve(channels, where=RETURNS), "whole": Plan(cls=Interaction)}
    assert Counting().states(STORE, "main", plans) == {
        "all": [Group(("phone",), (1,)), Group(("shop",), (2,)), Group(("web",), (2,))],
        "returned": [Group(("phone",), (1,)), Group(("web",), (1,))],
        "whole": [Group((), (5,))],
    }
    assert len(asked) == 2
    with pytest.raises(InvalidValue, match="a fold cannot keep 2 of 1 keys"):
        Engine().states(STORE, "main", {"all": evolve(channels, fold=Fold(keys=2))})


def test_an_engine_of_its_own_adds_up_elsewhere() -> None:
    """Only `aggregate` is to be overridden."""

    class Fixed(Engine):
        """Knows the answer."""

        def aggregate(self, store: Store, space: str, plan: Plan) -> Sequence[Group]:
            """Always the same."""
            return [Group((), (2, 7))]

    assert Fixed().run(STORE, "main", Average())[0].value == 3.5


@given(st.lists(st.tuples(st.sampled_from(["shop", "web", "phone"]), st.integers(-(10**9), 10**9)), max_size=12))
def test_the_parts_make_the_whole(rows: list[tuple[str, int]]) -> None:
    """Counts and sums of the parts add up to those of the whole, and each part is what a condition selects."""
    store = filled(interaction(number, BUY, amount, channel=channel) for number, (channel, amount) in enumerate(rows))
    whole = Engine().run(store, "main", Average())
    parts = Engine().run(store, "main", Average(), by=(Key("channel"),))
    assert sum(part.count for part in parts) == sum(each.count for each in whole) == len(rows)
    assert round(sum(part.value * part.count for part in parts)) == sum(amount for _, amount in rows)
    for part in parts:
        assert [evolve(part, keys=())] == Engine().run(store, "main", Average(), where=eq("channel", part.keys[0]))


class KnownByThen(Metric):
    """Purchases that were recorded before the time ended: what came to be known later does not count."""

    def plans(self) -> Mapping[str, Plan]:
        """All purchases."""
        return {"bought": Plan(cls=Interaction, where=PURCHASES, at="occurred_at")}

    def plans_until(self, end: datetime | None) -> Mapping[str, Plan]:
        """Those that were known."""
        known = PURCHASES if end is None else PURCHASES & lt("recorded_at", end)
        return {name: evolve(plan, where=known) for name, plan in self.plans().items()}

    def finalise(self, state: State) -> Sequence[Score]:
        """How many."""
        [group] = state["bought"]
        count = group.values[0] or 0
        return (Score(value=count, count=count, scale=MONEY),) if count else ()


def test_each_period_ends_by_itself_where_that_matters() -> None:
    """Months have their ends and days theirs, by the calendar of the zone; a day of a month ends with the day."""
    known = (START + timedelta(hours=hours) for hours in (0.25, 5, 48))
    store = MemoryStore()
    purchases = (
        Interaction(
            space="main", id=UUID(int=number), kind=InteractionKind.PURCHASE, channel="shop", occurred_at=START,
            recorded_at=at,
        )
        for number, at in enumerate(known)
    )  # fmt: skip
    store.commit(Unit(tuple(map(Insert, purchases))))
    utc, apart = Key("at", Bucket.MONTH), Key("at", Bucket.DAY, "Europe/Ljubljana")

    def counts(*by: Key, until: datetime | None = None) -> Sequence[tuple[tuple[object, ...], float]]:
        return [(each.keys, each.value) for each in Engine().run(store, "main", KnownByThen(), by=by, until=until)]

    assert counts() == [((), 3)]
    assert counts(utc) == [((date(2026, 1, 1),), 1)]
    assert counts(apart) == [((date(2026, 2, 1),), 2)]
    assert counts(apart, until=START + timedelta(hours=1)) == [((date(2026, 2, 1),), 1)]
    assert counts(utc, apart) == [((date(2026, 1, 1), date(2026, 2, 1)), 1)]
