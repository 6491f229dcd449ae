"""Scores broken down by dimensions and periods."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from inspect import signature
from itertools import count
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from clientloop import ClientLoop, InteractionKind, InvalidValue, ManualClock, UnknownName
from clientloop.model.asking import Answer, Instrument, Invitation, Occasion
from clientloop.model.customers import CustomerClass
from clientloop.model.plan import Bucket, Plan
from clientloop.model.where import eq
from clientloop.ports.metric import Metric, Scale, Score, State
from tests.services.measures.asked import YEARLY, answer, keep, several

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
ZONE = "Europe/Ljubljana"


@pytest.fixture
def loop() -> Iterator[ClientLoop]:
    """A firm with one question."""
    with ClientLoop.open("memory:", zone=ZONE, clock=ManualClock(NOW), entry_points=False) as loop:
        keep(loop, YEARLY)
        yield loop


def nps(ratings: Sequence[int]) -> float:
    """The score, written down a second time."""
    return 100 * (sum(rating > 8 for rating in ratings) - sum(rating < 7 for rating in ratings)) / len(ratings)


#: A winter's times, and those around the change of the clocks and around midnights.
times = st.one_of(
    st.integers(0, 93 * 24 * 60).map(lambda minutes: datetime(2025, 12, 30, tzinfo=UTC) + timedelta(minutes=minutes)),
    st.sampled_from(["2026-03-28T22:59+00:00", "2026-03-28T23:00+00:00", "2026-03-29T21:59+00:00"]).map(
        datetime.fromisoformat
    ),
)
rows = st.lists(
    st.fixed_dictionaries(
        {
            "rating": st.integers(0, 10),
            "at": times,
            "channel": st.sampled_from(["email", "web"]),
            "country": st.sampled_from(["SI", "AT", None]),
            "customer_class": st.sampled_from([None, *CustomerClass]),
        }
    ),
    max_size=25,
)
_FIELDS = {"channel": "channel", "country": "country", "class": "customer_class"}


def monday(at: datetime) -> date:
    """The first day of the week in the space's zone."""
    day = at.astimezone(ZoneInfo(ZONE)).date()
    return day - timedelta(days=day.weekday())


@pytest.fixture(scope="module", params=["memory:", "sqlite"])
def firms(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Iterator[ClientLoop]]:
    """As many firms in one store as anybody asks for."""
    url = f"sqlite:///{tmp_path_factory.mktemp('scores')}/shop.db" if request.param == "sqlite" else request.param
    with ClientLoop.open(url, clock=ManualClock(NOW), entry_points=False) as loop:
        yield (loop.in_space(f"firm {number}", zone=ZONE) for number in count())


@settings(max_examples=15)
@given(rows, st.lists(st.sampled_from(sorted(_FIELDS)), unique=True), st.booleans())
def test_every_breakdown_is_what_a_direct_computation_gives(
    firms: Iterator[ClientLoop], given_rows: list[dict[str, object]], by: list[str], weekly: bool
) -> None:
    """Several dimensions and weeks of the zone in one table: each group of answers has its own score, and no other."""
    firm = next(firms)
    question = evolve(YEARLY, space=firm.space.space)
    answers = [answer(question, **row) for row in given_rows]  # type: ignore[arg-type]  # as the strategy has them
    keep(firm, question, *answers)
    groups: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
    for one in answers:
        assert one.answered_at is not None
        assert one.rating is not None
        period = (monday(one.answered_at),) if weekly else ()
        groups[(*(getattr(one, _FIELDS[name]) for name in by), *period)].append(one.rating)
    asked, bucket = firm.metrics.score, Bucket.WEEK if weekly else None
    scores = asked("nps", question="yearly", by=by, bucket=bucket)
    found = {tuple(row.keys.values()): (row.score.value, row.score.count) for row in scores.rows}
    assert found == {keys: (pytest.approx(nps(ratings)), len(ratings)) for keys, ratings in groups.items()}
    assert all([*row.keys] == [*by, *(["period"] if weekly else [])] for row in scores.rows)
    assert all(row.score.interval is not None for row in scores.rows)
    assert asked("nps", question="yearly", by=by, bucket=bucket, engine="python") == scores


def test_no_answers_have_no_score(loop: ClientLoop) -> None:
    """Not a zero."""
    assert loop.metrics.score("nps", question="yearly").score is None
    keep(loop, answer(YEARLY, None, NOW))
    assert loop.metrics.score("nps", question="yearly", by=["channel"]).rows == ()


def test_a_month_begins_by_the_clocks_of_the_zone(loop: ClientLoop) -> None:
    """An answer of the last hour of March in UTC is one of April in Ljubljana; the zone can be named."""
    keep(loop, answer(YEARLY, 10, datetime(2026, 3, 31, 22, 30, tzinfo=UTC)))
    for zone, month in ((None, 4), ("America/New_York", 3), ("UTC", 3)):
        [row] = loop.metrics.score("nps", question="yearly", bucket=Bucket.MONTH, zone=zone).rows
        assert row.day == date(2026, month, 1)
    assert loop.metrics.score("nps", question="yearly", bucket=Bucket.MONTH).asked.zone == ZONE


def test_times_and_conditions_narrow(loop: ClientLoop) -> None:
    """From a time on, before another, and of such rows alone."""
    for days, rating in ((10, 10), (5, 0), (1, 10)):
        keep(loop, answer(YEARLY, rating, NOW - timedelta(days=days), country="SI" if days == 1 else "AT"))
    score = loop.metrics.score
    five = NOW - timedelta(days=5)
    assert [found.score and found.score.count for found in (
        score("nps", question="yearly", since=five),
        score("nps", question="yearly", until=five),
        score("nps", question="yearly", since=five, until=NOW, where=eq("country", "SI")),
    )] == [2, 1, 1]  # fmt: skip


def test_the_question_tells_what_it_declares(loop: ClientLoop) -> None:
    """Scale, border, direction and occasion come from its newest version; what is told besides counts."""
    first = evolve(YEARLY, name="ease", instrument=Instrument.CSAT, occasion=Occasion.TRANSACTIONAL, scale="1-7")
    second = evolve(first, number=2, scale="1-5", good_from=2, least_is_best=True)
    keep(loop, first, second, *several(second, [1, 2, 2, 5], NOW), *several(first, [7], NOW))
    score = loop.metrics.score("csat", question="ease").score
    assert score is not None
    assert (score.value, score.count) == (0.75, 4)
    narrow = loop.metrics.score("csat", question="ease", good_from=1).score
    assert narrow is not None
    assert narrow.value == 0.25


def test_occasions_are_never_pooled(loop: ClientLoop) -> None:
    """The same instrument, asked after a purchase, is another score."""
    after = evolve(YEARLY, name="purchase", occasion=Occasion.TRANSACTIONAL)
    keep(loop, after, answer(after, 0, NOW), answer(YEARLY, 10, NOW))
    for occasion, value in ((Occasion.RELATIONAL, 100), (Occasion.TRANSACTIONAL, -100)):
        score = loop.metrics.score("nps", occasion=occasion).score
        assert score is not None
        assert (score.value, score.count) == (value, 1)


def test_plans_of_different_times(loop: ClientLoop) -> None:
    """Invitations belong to the month in which they were sent, whatever the records call it."""
    for day in (1, 2, 40):
        at = NOW - timedelta(days=day)
        keep(
            loop,
            Invitation(
                space="main", id=UUID(int=10**6 + day), question="yearly", number=1, instrument=Instrument.NPS,
                occasion=Occasion.RELATIONAL, channel="email", asked_at=at, delivered_at=at,
                answered_at=at if day == 1 else None,
            ),
        )  # fmt: skip
    found = loop.metrics.score("response_rate", question="yearly", bucket=Bucket.MONTH)
    assert [(row.day, row.score.value) for row in found.rows] == [(date(2026, 4, 1), 0.0), (date(2026, 5, 1), 0.5)]


def test_what_must_be_known_besides_is_known_of_every_part(loop: ClientLoop) -> None:
    """Who is one person with whom has no period: both months count the merged customer once."""
    ana, anna = loop.customers.add(name="Ana"), loop.customers.add(name="Ana")
    for days in (1, 40):
        for customer in (ana, anna):
            loop.interactions.record(
                kind=InteractionKind.PURCHASE, channel="shop", customer=customer, occurred_at=NOW - timedelta(days=days)
            )
    loop.customers.merge(ana, anna, by="desk", reason="the same address")
    found = loop.metrics.score("coverage", bucket=Bucket.MONTH)
    assert [(row.day, row.score.count) for row in found.rows] == [(date(2026, 4, 1), 1), (date(2026, 5, 1), 1)]


def test_a_metric_is_broken_down_by_what_makes_sense_of_it(loop: ClientLoop) -> None:
    """Visits and contacts are of other channels and kinds, so that by these there would be scores of nothing."""
    for kind, channel in ((InteractionKind.VISIT, "web"), (InteractionKind.FEEDBACK, "form")):
        loop.interactions.record(kind=kind, channel=channel, source={"page": "/contact"})
    conversion = loop.metrics.make("contact_conversion", pages=("/contact",))
    assert loop.metrics.dimensions(conversion) == ()
    assert loop.metrics.dimensions(loop.metrics.make("sources", touch="last")) == ("channel",)
    with pytest.raises(UnknownName, match="no dimension of ContactConversion 'channel'"):
        loop.metrics.score(conversion, by=["channel"])
    scores = loop.metrics.score("contact_conversion", pages=("/contact",), dimension="page").rows
    assert [(row.own, row.score.value) for row in scores] == [(("/contact",), 1.0)]


def test_the_space_tells_the_present(loop: ClientLoop) -> None:
    """A metric that counts by the present or by working days need not be told them."""
    loop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
    score = loop.metrics.score("dropped").score
    assert score is not None
    assert (score.value, score.count) == (0, 1)


class Timeless(Metric):
    """Answers, of no time."""

    def plans(self) -> Mapping[str, Plan]:
        """All of them."""
        return {"answers": Plan(cls=Answer)}

    def finalise(self, state: State) -> Sequence[Score]:
        """How many there are."""
        [group] = state["answers"]
        count = group.values[0] or 0
        return [Score(value=count, count=count, scale=Scale(unit="answers"))] if count else []


def test_a_metric_that_was_made(loop: ClientLoop) -> None:
    """A metric of the application's own needs no name; one of no time has dimensions and no periods."""
    keep(loop, answer(YEARLY, 10, NOW, channel="web"), answer(YEARLY, 9, NOW))
    found = loop.metrics.score(Timeless(), by=["channel"])
    assert [(row.keys, row.score.value) for row in found.rows] == [({"channel": "email"}, 1), ({"channel": "web"}, 1)]
    for narrowed in ({"bucket": Bucket.MONTH}, {"since": NOW}):
        with pytest.raises(InvalidValue, match="of no time"):
            loop.metrics.score(Timeless(), **narrowed)  # type: ignore[arg-type]  # options of several types
    with pytest.raises(InvalidValue, match="made already, without latest"):
        loop.metrics.score(Timeless(), latest=True)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"metric": "nsp"}, "no metric 'nsp': did you mean 'nps'"),
        ({"by": ["chanel"]}, "no dimension of nps 'chanel': did you mean 'channel'"),
        ({"by": ["owner"]}, "no dimension of nps 'owner'"),
        ({"question": "yearli"}, "no question 'yearli': did you mean 'yearly'"),
        ({"latst": True}, "no parameter of nps 'latst': did you mean 'latest'"),
        ({"zone": "Europe/Lublana"}, "no time zone"),
        ({"bucket": "weak"}, "no period 'weak': did you mean 'week'"),
        ({"engine": "sqll"}, "no engine 'sqll'"),
    ],
)
def test_names_that_nobody_declared(loop: ClientLoop, asked: dict[str, object], message: str) -> None:
    """The near ones are in the hint."""
    with pytest.raises(UnknownName, match=message):
        loop.metrics.score(**{"metric": "nps", "question": "yearly", **asked})  # type: ignore[arg-type]  # as above


def test_what_does_not_go_together(loop: ClientLoop) -> None:
    """A metric needs its parameters, a question of its sort, and a list of dimensions."""
    with pytest.raises(InvalidValue, match="nps needs occasion"):
        loop.metrics.score("nps")
    with pytest.raises(InvalidValue, match="'yearly' measures nps, not csat"):
        loop.metrics.score("csat", question="yearly")
    with pytest.raises(InvalidValue, match="loop_rate is not about a question"):
        loop.metrics.score("loop_rate", question="yearly")
    with pytest.raises(InvalidValue, match="one word"):
        loop.metrics.score("nps", question="yearly", by="channel")


def test_no_metric_has_a_parameter_that_a_verb_takes_for_itself(loop: ClientLoop) -> None:
    """What a metric is told goes beside what the verbs are told, by the same calls."""
    verbs = (loop.metrics.score, loop.metrics.trend, loop.metrics.compare, loop.metrics.before_after)
    taken = {name for verb in verbs for name in signature(verb).parameters} - {"question"}
    for name in loop.metrics.names:
        assert not taken & {*loop.metrics.parameters(name), *loop.metrics.needs(name)}
