"""Repeat contacts, recounted by comparing every contact with every other."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from clientloop import ClientLoop, InvalidValue, ManualClock, UnknownName
from clientloop.model.calendar import days, hours, working_hours
from clientloop.model.feedback import Feedback, Outcome
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.reports.keys import LoopKey
from clientloop.reports.repeats import RepeatsRow
from clientloop.rules.measures.rates import Share
from clientloop.testing import inserts, sample, sample_id
from tests.reports.crowd import Crowd, merge, open_crowd

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

KEYS = {
    None: lambda item: None,
    LoopKey.CHANNEL: lambda item: item.channel,
    LoopKey.KIND: lambda item: item.kind,
    LoopKey.OWNER: lambda item: item.owner,
    LoopKey.MONTH: lambda item: item.received_at.date().replace(day=1),
}


@pytest.fixture(scope="module", params=[("memory:", 5), ("memory:", 6), ("sqlite:///{}/firm.db", 7)])
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


def contacts_of(crowd):
    """Every contact of somebody known: who and when."""
    said = [(item.customer, item.received_at) for item in crowd.rows(Feedback) if item.outcome != "not_feedback"]
    rows = crowd.rows(Interaction)
    written = [(row.customer, row.occurred_at) for row in rows if row.kind is InteractionKind.MESSAGE_IN]
    return [contact for contact in said + written if contact[0]]


def recounted(key, crowd, items, within):
    """The row that some items come to."""
    items = [item for item in items if item.outcome != "not_feedback"]
    known = [item for item in items if item.customer]
    old = [item for item in known if item.received_at + within <= crowd.loop.clock.now()]
    contacts = contacts_of(crowd)
    followed = [
        item
        for item in old
        if any(
            crowd.same(who, item.customer) and timedelta(0) < at - item.received_at <= within for who, at in contacts
        )
    ]
    decided = [item for item in items if not item.is_open or item.solved_at or item.reopened]
    return RepeatsRow(
        key=key,
        repeated=Share(len(followed), len(old)),
        reopened=Share(len([item for item in decided if item.reopened]), len(decided)),
        young=len(known) - len(old),
        unknown=len(items) - len(known),
    )


@pytest.mark.parametrize("by", KEYS)
def test_every_number_is_that_of_the_rows(crowd, by):
    """Total and rows say what comparing everything with everything says; all ids of a person are one."""
    items, rows = crowd.rows(Feedback), defaultdict(list)
    for item in items:
        if item.outcome != "not_feedback":
            rows[KEYS[by](item)].append(item)
    report = crowd.loop.reports.repeats(by=by)
    assert (report.by, report.within, report.at) == (by, days(7), crowd.loop.clock.now())
    assert report.total == recounted(None, crowd, items, 7 * DAY)
    keys = sorted(rows, key=lambda key: (key is None, str(key)))
    assert list(report.rows) == ([recounted(key, crowd, rows[key], 7 * DAY) for key in keys] if by else [])


@pytest.mark.parametrize("span", [hours(5), days(2), days(30)])
def test_the_span_is_named(crowd, span):
    """Another span, another rate; items that are younger are in none."""
    within = {hours(5): 5 * HOUR, days(2): 2 * DAY, days(30): 30 * DAY}[span]
    assert crowd.loop.reports.repeats(within=span).total == recounted(None, crowd, crowd.rows(Feedback), within)


def test_since_and_until_choose_items_and_not_what_follows_them(crowd):
    """Items of a span of time are counted, and also contacts after its end follow them."""
    since, until = NINE + 4 * DAY, NINE + 13 * DAY
    items = [item for item in crowd.rows(Feedback) if since <= item.received_at < until]
    report = crowd.loop.reports.repeats(within=days(3), since=since, until=until)
    assert (report.since, report.until) == (since, until)
    assert report.total == recounted(None, crowd, items, 3 * DAY)


def test_merges_make_a_difference(crowd):
    """The dice have made persons who came again under another id."""
    items, apart = crowd.rows(Feedback), {customer: number for number, customer in enumerate(crowd.person)}
    merged = recounted(None, crowd, items, 2 * DAY)
    alone = recounted(None, Crowd(crowd.loop, apart), items, 2 * DAY)
    assert alone.repeated.part < merged.repeated.part < merged.repeated.whole
    assert merged.young
    assert merged.unknown
    assert 0 < merged.reopened.part < merged.reopened.whole


def ask(loop, customer, **given):
    """A customer asks something."""
    return loop.feedback.receive(kind="question", channel="form", text="Where is it?", customer=customer, **given)


@pytest.mark.parametrize(("after", "part"), [(7 * DAY, 1), (7 * DAY + timedelta(microseconds=1), 0), (timedelta(0), 0)])
def test_the_end_of_the_span_belongs_to_it(loop, after, part):
    """A contact at the last moment follows, one later does not; nor does one at the same moment."""
    ana = loop.customers.add(name="Ana")
    ask(loop, ana, received_at=NINE - 20 * DAY)
    ask(loop, ana, received_at=NINE - 20 * DAY + after)
    assert loop.reports.repeats().total.repeated == Share(part, 2)


def test_an_item_is_counted_from_the_moment_on_at_which_the_span_is_over(loop):
    """Until then it is young, even if it was followed already."""
    ana = loop.customers.add(name="Ana")
    ask(loop, ana)
    loop.clock.advance(DAY)
    ask(loop, ana)
    loop.clock.set(NINE + 7 * DAY - timedelta(microseconds=1))
    total = loop.reports.repeats().total
    assert (total.repeated, total.young) == (Share(0, 0), 2)
    loop.clock.set(NINE + 7 * DAY)
    total = loop.reports.repeats().total
    assert (total.repeated, total.young) == (Share(1, 1), 1)


def test_the_parts_of_an_item_do_not_follow_it(loop):
    """Who says two things at once has not come twice."""
    item = ask(loop, loop.customers.add(name="Ana"))
    loop.clock.advance(DAY)
    loop.feedback.move(item, "split", by="mia", reason="two matters", parts=[{"kind": "idea", "text": "Saturdays"}])
    loop.clock.advance(20 * DAY)
    assert loop.reports.repeats().total.repeated == Share(0, 2)


def test_working_time_is_that_of_the_firm(loop):
    """From Friday noon to Monday noon are eight working hours."""
    ana, friday = loop.customers.add(name="Ana"), NINE - 3 * DAY + 3 * HOUR
    ask(loop, ana, received_at=friday)
    ask(loop, ana, received_at=friday + 3 * DAY)
    loop.clock.advance(3 * DAY)
    assert loop.reports.repeats(within=working_hours(8)).total.repeated == Share(1, 2)
    assert loop.reports.repeats(within=working_hours(7)).total.repeated == Share(0, 2)


@pytest.mark.parametrize("outcome", [Outcome.IMPORTED, Outcome.DUPLICATE, Outcome.NOT_FEEDBACK])
def test_what_is_outside_of_the_rates_may_still_be_a_contact(loop, outcome):
    """A duplicate and an item of another system follow others without being counted; no feedback is no contact."""
    usual = {"received_at": NINE - 20 * DAY, "customer": sample_id(9)}
    later = {"received_at": NINE - 19 * DAY, "is_open": False, "outcome": outcome}
    loop.store.commit(inserts(sample(Feedback, 1, **usual), sample(Feedback, 2, **usual | later)))
    part = 0 if outcome is Outcome.NOT_FEEDBACK else 1
    assert loop.reports.repeats().total.repeated == Share(part, 1)


def test_chains_of_merges_are_one_person(loop):
    """Whoever was merged into somebody who was merged is that person, and nobody else is."""
    ana, anna, annie, eva = (loop.customers.add(name=name) for name in ("Ana", "Anna", "Annie", "Eva"))
    merge(loop, anna, ana, annie)
    for number, who in enumerate((annie, eva, ana)):
        ask(loop, who, received_at=NINE - (30 - number) * DAY)
    assert loop.reports.repeats().total.repeated == Share(1, 3)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"by": "chanel"}, UnknownName),
        ({"within": timedelta(days=7)}, InvalidValue),
        ({"since": datetime(2026, 3, 2)}, InvalidValue),  # noqa: DTZ001  # that is the point
        ({"until": datetime(2026, 3, 2)}, InvalidValue),  # noqa: DTZ001  # that is the point
    ],
)
def test_what_cannot_be_asked_for(loop, given, error):
    """An unknown key, a length of time that names no clock, and a time without a zone are refused."""
    with pytest.raises(error):
        loop.reports.repeats(**given)
