"""Low scorers whom nobody called, found a second time by looking at every row."""

from datetime import UTC, datetime, timedelta

import pytest

from clientloop import ClientLoop, InvalidValue, ManualClock
from clientloop.model.calendar import hours, working_hours
from clientloop.model.feedback import Feedback, Outcome, Transition
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.where import eq
from clientloop.reports.low_scorers import Neglect
from clientloop.testing import inserts, sample
from tests.reports.crowd import open_crowd

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LOW = {"1-5": {1, 2}, "0-10": set(range(7))}


@pytest.fixture(scope="module", params=[("memory:", 1), ("memory:", 2), ("memory:", 3), ("sqlite:///{}/firm.db", 4)])
def crowd(request, tmp_path_factory):
    """A firm with customers who were merged, after some weeks."""
    url, seed = request.param
    crowd = open_crowd(seed, url.format(tmp_path_factory.mktemp("firm")))
    yield crowd
    crowd.loop.close()


@pytest.fixture
def loop():
    """An empty firm that works Monday to Friday, 9 to 17."""
    with ClientLoop.open("memory:", clock=ManualClock(NINE), entry_points=False) as opened:
        yield opened


def listed(crowd, within=timedelta(hours=48), low=LOW):
    """What is to be listed: late and in time, each as (item, due, called at), by the time of recording."""
    now = crowd.loop.clock.now()
    calls = [row for row in crowd.rows(Interaction) if row.kind in {InteractionKind.CALL, InteractionKind.MEETING}]
    talks = [row for row in crowd.rows(Transition) if "told" in row.data]
    late, in_time = [], []
    for item in sorted(crowd.rows(Feedback), key=lambda item: (item.recorded_at, item.id)):
        if item.rating not in low.get(item.scale, ()) or item.outcome is Outcome.NOT_FEEDBACK:
            continue
        times = [row.at for row in talks if row.item == item.id]
        times += [
            row.occurred_at
            for row in calls
            if crowd.same(row.customer, item.customer) and row.occurred_at > item.received_at
        ]
        due, called_at = item.received_at + within, min(times, default=None)
        if called_at is None or called_at > due:
            (late if due <= now else in_time).append((item.id, due, called_at))
    return late[::-1], in_time


def page_by_page(crowd, *, limit, **asked):
    """All rows of the report, read in pages that are full but for the last."""
    page = crowd.loop.reports.low_scorers(limit=limit, **asked)
    rows = [*page]
    while page.next:
        assert len(page) == limit
        page = crowd.loop.reports.low_scorers(limit=limit, after=page.next, **asked)
        rows += page
    return [(row.item.id, row.due, row.called_at) for row in rows]


@pytest.mark.parametrize("limit", [1, 7, 500])
def test_those_whom_nobody_called_in_time_are_listed(crowd, limit):
    """Late and in time, in pages of any size, with the first call that came too late; every id of a person counts."""
    late, in_time = listed(crowd)
    assert page_by_page(crowd, limit=limit) == late
    assert page_by_page(crowd, limit=limit, in_time=True) == in_time


def test_what_is_low_and_how_soon_is_said_by_the_caller(crowd):
    """Another scale, another bound and another span."""
    late, in_time = listed(crowd, within=timedelta(hours=90), low={"1-10": {1, 2, 3, 4}})
    asked = {"at_most": {"1-10": 4}, "within": hours(90)}
    assert page_by_page(crowd, limit=50, **asked) == late
    assert page_by_page(crowd, limit=50, in_time=True, **asked) == in_time


def test_items_are_chosen(crowd):
    """A condition narrows the list."""
    kinds = {item.id: item.kind for item in crowd.rows(Feedback)}
    late, _ = listed(crowd)
    chosen = [row for row in late if kinds[row[0]] == "idea"]
    assert page_by_page(crowd, limit=50, where=eq("kind", "idea")) == chosen


def test_the_crowd_has_seen_everything(crowd):
    """The dice have made all cases: called in time by another id, called late, not called, unknown, still in time."""
    rows = crowd.loop.reports.low_scorers(limit=500).items
    assert {row.why for row in rows} == {*Neglect}
    assert all((row.why is Neglect.CALLED_LATE) == (row.called_at is not None) for row in rows)
    assert crowd.loop.reports.low_scorers(in_time=True).items
    items, calls = crowd.rows(Feedback), crowd.rows(Interaction)
    assert any(
        call.kind is InteractionKind.CALL
        and crowd.same(call.customer, item.customer)
        and call.customer != item.customer
        and timedelta(0) < call.occurred_at - item.received_at <= timedelta(hours=48)
        for item in items
        for call in calls
        if item.rating in LOW.get(item.scale, ())
    )


def rate(loop, **given):
    """Somebody rates with one of five."""
    return loop.feedback.receive(kind="complaint", channel="phone", text="Bad", rating=1, scale="1-5", **given)


def test_the_time_is_over_at_the_moment_at_which_it_is(loop):
    """A call at the last microsecond is in time; without one the customer is late from the due time on."""
    ana = loop.customers.add(name="Ana")
    rate(loop, customer=ana)
    loop.clock.set(NINE + 48 * HOUR - timedelta(microseconds=1))
    assert (len(loop.reports.low_scorers()), len(loop.reports.low_scorers(in_time=True))) == (0, 1)
    loop.clock.set(NINE + 48 * HOUR)
    assert (len(loop.reports.low_scorers()), len(loop.reports.low_scorers(in_time=True))) == (1, 0)
    call = loop.interactions.record(kind=InteractionKind.CALL, channel="phone", customer=ana)
    assert call.occurred_at == NINE + 48 * HOUR
    assert len(loop.reports.low_scorers()) == 0


def test_working_time_is_that_of_the_firm(loop):
    """Eight working hours from Friday noon end on Monday noon."""
    rate(loop, received_at=NINE - 3 * DAY + 3 * HOUR)
    loop.clock.set(NINE + 2 * HOUR)
    assert [row.due for row in loop.reports.low_scorers(within=working_hours(8), in_time=True)] == [NINE + 3 * HOUR]
    loop.clock.set(NINE + 3 * HOUR)
    assert len(loop.reports.low_scorers(within=working_hours(8))) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"received_at": None},
        {"is_open": False, "outcome": Outcome.IMPORTED},
        {"is_open": False, "outcome": Outcome.DUPLICATE},
        {"scale": "1-7"},
        {"rating": None, "scale": None},
        {"rating": 3},
    ],
)
def test_what_is_left_out(loop, fields):
    """Unknown receipts, what is outside of all rates, scales on which nothing is low, and what is not low."""
    usual = {"rating": 1, "scale": "1-5", "received_at": NINE - 9 * DAY, "recorded_at": NINE}
    loop.store.commit(inserts(sample(Feedback, 1, **{**usual, **fields}), sample(Feedback, 2, **usual)))
    assert [row.item.id.int for row in loop.reports.low_scorers()] == [3]
    assert len(loop.reports.low_scorers(in_time=True)) == 0


@pytest.mark.parametrize(
    "given",
    [
        {"at_most": {"1-5": 6}},
        {"at_most": {"stars": 2}},
        {"within": timedelta(hours=48)},
        {"limit": 0},
        {"after": "?"},
    ],
)
def test_what_cannot_be_asked_for(loop, given):
    """A rating outside of its scale, no scale, a length without a clock, an empty page, and no token are refused."""
    with pytest.raises(InvalidValue):
        loop.reports.low_scorers(**given)
