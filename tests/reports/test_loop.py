from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

import pytest
from attrs import asdict, evolve

from clientloop import ClientLoop, InvalidValue, ManualClock, UnknownName
from clientloop.model.codec import instant
from clientloop.model.customers import Customer
from clientloop.model.feedback import Feedback, Outcome
from clientloop.model.interactions import Interaction
from clientloop.model.units import Insert, Unit
from clientloop.reports.keys import LoopKey
from clientloop.reports.loop import Times
from clientloop.rules.measures.rates import Counts, Share
from clientloop.testing import inserts, sample
from tests.reports import journal
from tests.reports.play import ZONE, Player, open_firm

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

#: Which team has the items of a channel.
TEAMS = {"email": "post", "form": None}

#: What each rate is a share of, written down a second time.
SHARES = {
    "closed": ("closed", ["items"]),
    "confirmed": ("confirmed", ["closed"]),
    "silent": ("silent", ["closed"]),
    "unreachable": ("unreachable", ["closed"]),
    "done": ("done", ["closed"]),
    "declined": ("declined", ["closed"]),
    "no_reply": ("no_reply", ["closed"]),
    "on_time": ("kept", ["kept", "missed"]),
    "dropped": ("dropped", ["items"]),
    "reopened": ("reopened", ["decided"]),
}

KEYS = {
    None: lambda story: None,
    LoopKey.CHANNEL: lambda story: story.item.channel,
    LoopKey.KIND: lambda story: story.kind,
    LoopKey.OWNER: lambda story: story.owner,
    LoopKey.TEAM: lambda story: TEAMS[story.item.channel],
    LoopKey.MONTH: lambda story: journal.month_of(story, ZONE),
}


def stories(loop):
    """What the journals of all items tell."""
    items = loop.store.pages(Feedback, loop.space.space)
    return [journal.read(item, loop.feedback.history(item)) for item in items]


def check(row, told, now):
    """A row says what the journal says."""
    numbers = defaultdict(int, journal.counts(told, now))
    assert row.counts == Counts(**numbers)
    expected = {name: Share(numbers[part], sum(numbers[of] for of in whole)) for name, (part, whole) in SHARES.items()}
    assert asdict(row.rates, recurse=False) == expected
    for name, (observed, censored, median, p90) in journal.times(told, now).items():
        assert getattr(row, name) == Times(observed=observed, censored=censored, left_out=0, median=median, p90=p90), (
            name
        )


@pytest.fixture(scope="module")
def played():
    """A firm after two months of work."""
    with open_firm() as loop:
        Player(loop, seed=2).play(200)
        yield loop


@pytest.fixture(scope="module")
def told(played):
    """What the journals of its items tell."""
    return stories(played)


@pytest.fixture(scope="module", params=["memory:", "sqlite:///{}/firm.db"])
def firm(request, played, tmp_path_factory):
    """The same firm in each store."""
    with open_firm(request.param.format(tmp_path_factory.mktemp("firm")), clock=played.clock) as loop:
        for cls in (Customer, Interaction):
            loop.store.commit(Unit(tuple(Insert(record) for record in played.store.pages(cls, played.space.space))))
        items = played.store.pages(Feedback, played.space.space)
        loop.store.commit(Unit(tuple(Insert(evolve(item, team=TEAMS[item.channel])) for item in items)))
        yield loop


@pytest.fixture
def loop():
    """An empty firm that works Monday to Friday, 9 to 17."""
    with ClientLoop.open("memory:", clock=ManualClock(NINE)) as opened:
        yield opened


def put(loop, number, **fields):
    """An item as another system or an earlier year may have left it; received at nine, if nothing else is said."""
    usual = {"kind": "complaint", "process": 1, "channel": "email", "state": "new", "received_at": NINE}
    item = sample(Feedback, number, **{**usual, "recorded_at": NINE, "state_since": NINE, "touched_at": NINE, **fields})
    loop.store.commit(inserts(item))
    return item


@pytest.mark.parametrize("by", KEYS)
def test_every_number_is_that_of_the_journal(firm, told, by):
    """All counts, rates and times, in all and of every row, are those that the journal of moves adds up to."""
    now = firm.clock.now()
    report = firm.reports.loop(by=by)
    check(report.total, told, now)
    of_key = defaultdict(list)
    for story in told:
        of_key[KEYS[by](story)].append(story)
    if by is None:
        assert report.rows == ()
    else:
        assert [row.key for row in report.rows] == sorted(of_key, key=lambda key: (key is None, str(key)))
    for row in report.rows:
        check(row, of_key[row.key], now)


def test_the_firm_has_seen_everything(played):
    """The firm is no idle one: every sort that rates count has come up, and waiting makes net times differ."""
    total = played.reports.loop().total
    counts = asdict(total.counts)
    assert {name for name, count in counts.items() if not count} == {"undated", "imported"}
    assert total.net != total.gross


@pytest.mark.parametrize("hours", [24, 30, 200])
def test_missed_promises_are_known_before_their_steps_are_taken(hours):
    """Workers that lag change no rate: what is past due counts as missed before the item has noted it."""
    with open_firm() as loop:
        Player(loop, seed=3).play(40)
        loop.feedback.receive(kind="question", channel="form", text="Open on Sunday?")  # promised within 24 hours
        loop.clock.advance(hours * HOUR)
        missed, noted = loop.reports.loop().total.counts.missed, missed_by_journal(loop)
        loop.run_due()
        assert missed == missed_by_journal(loop)
        assert missed > noted


def missed_by_journal(loop):
    """How many items have noted a missed promise."""
    return journal.counts(stories(loop), loop.clock.now())["missed"]


def test_since_and_until_choose_by_receipt(firm, told):
    """A report of a span of time is about the items received in it, its end left out."""
    received = sorted(story.item.received_at for story in told)
    since, until = received[20], received[60]
    report = firm.reports.loop(since=since, until=until)
    assert (report.since, report.until, report.at) == (since, until, firm.clock.now())
    inside = [story for story in told if since <= story.item.received_at < until]
    assert 30 < len(inside) < 45
    check(report.total, inside, firm.clock.now())


def test_no_items_give_no_rate(loop):
    """Of nothing there is no share and no quantile: neither is 0."""
    total = loop.reports.loop(by=LoopKey.MONTH).total
    assert total.counts == Counts()
    assert {share.ratio for share in asdict(total.rates, recurse=False).values()} == {None}
    assert total.gross == Times(observed=0, censored=0, left_out=0, median=None, p90=None)
    assert loop.reports.loop(by=LoopKey.MONTH).rows == ()


@pytest.mark.parametrize("outcome", [Outcome.IMPORTED, Outcome.DUPLICATE, Outcome.NOT_FEEDBACK])
def test_what_is_outside_is_counted_apart(loop, outcome):
    """What was no loop of the firm's is in no rate and no time, and keeps a row of its own where it has a key."""
    solved = {"solved_at": NINE, "gross": HOUR, "net": HOUR, "late": ("solution",), "reopened": 1}
    put(loop, 1, state="closed", is_open=False, outcome=outcome, **solved)
    (row,) = loop.reports.loop(by=LoopKey.CHANNEL).rows
    assert row.counts == Counts(**{outcome.value: 1})
    assert row.gross.observed == row.first_answer.censored == 0


def test_unknown_receipt_has_rates_and_no_times(loop):
    """An item that nobody knows the receipt of is counted as such, closes as any other, and is in no duration."""
    put(loop, 1, received_at=None, state="closed_silent", is_open=False, outcome=Outcome.SILENT, solved_at=NINE)
    put(loop, 2)
    report = loop.reports.loop(by=LoopKey.MONTH)
    assert [row.key for row in report.rows] == [date(2026, 3, 1), None]
    assert report.rows[1].counts == Counts(items=1, closed=1, silent=1, kept=1, decided=1, undated=1)
    assert report.total.rates.closed == Share(1, 2)
    assert report.total.gross == Times(observed=0, censored=1, left_out=0, median=None, p90=None)
    assert loop.reports.loop(since=NINE - DAY).total.counts.items == 1


DOUBTFUL = {"doubtful": {"first_answer_at": "2031-01-01T00:00:00+00:00", "solved_at": "2031-01-01T00:00:00+00:00"}}


@pytest.mark.parametrize(
    "fields",
    [
        {"data": DOUBTFUL},
        {"first_answer_at": NINE - HOUR, "solved_at": NINE - HOUR},
        {"received_at": NINE + DAY},
    ],
    ids=["put aside by the import", "before the receipt", "received in the future"],
)
def test_doubtful_times_are_left_out_and_counted(loop, fields):
    """A time that cannot be is in no quantile, neither as observed nor as censored."""
    put(loop, 1, **fields)
    total = loop.reports.loop().total
    left_out = Times(observed=0, censored=0, left_out=1, median=None, p90=None)
    assert (total.first_answer, total.gross, total.net) == (left_out, left_out, left_out)


def test_one_doubtful_time_leaves_the_others(loop):
    """A doubtful solution says nothing against the first answer; an unknown wait nothing against the gross time."""
    put(loop, 1, first_answer_at=NINE + HOUR, data={"doubtful": {"solved_at": "2031-01-01T00:00:00+00:00"}})
    put(loop, 2, first_answer_at=NINE + HOUR, solved_at=NINE + DAY, gross=DAY, net=None)
    total = loop.reports.loop().total
    assert total.first_answer == Times(observed=2, censored=0, left_out=0, median=HOUR, p90=HOUR)
    assert total.gross == Times(observed=1, censored=0, left_out=1, median=DAY, p90=DAY)
    assert total.net == Times(observed=0, censored=0, left_out=2, median=None, p90=None)


def test_waiting_for_the_customer_is_no_net_time(loop):
    """What an open item waits for its customer, also in this hour, is left out of its net time and not of its gross."""
    for number in range(1, 4):
        put(loop, number, solved_at=NINE + 4 * HOUR, gross=4 * HOUR, net=4 * HOUR)
    for number in range(4, 7):
        put(loop, number, waited=2 * HOUR, waiting_since=NINE + 3 * HOUR, state="waiting")
    loop.clock.advance(9 * HOUR)
    total = loop.reports.loop().total
    assert (total.gross.median, total.gross.p90) == (4 * HOUR, None)  # all six were at risk then
    assert total.net.median == 4 * HOUR  # the net hour so far of three is censored before
    assert total.net.p90 == 4 * HOUR


def test_promises_not_due_yet_are_in_neither_part(loop):
    """A promise that may yet be kept, or missed, makes an item neither; it counts once it is one of the two."""
    item = loop.feedback.receive(kind="question", channel="phone", text="Open on Sunday?")
    assert loop.reports.loop().total.rates.on_time == Share(0, 0)
    answered = loop.feedback.move(item, "answer", by="mia", text="No.")
    assert loop.reports.loop().total.rates.on_time == Share(0, 0)  # solved, but nobody has told the customer
    loop.feedback.move(answered, "update", by="mia", text="No.", told="called back")
    assert loop.reports.loop().total.rates.on_time == Share(1, 1)


def test_a_deadline_that_stands_still_is_not_missed(loop):
    """While the firm waits for the customer, the solution may be past its old due time and is not late."""
    item = loop.feedback.receive(kind="idea", channel="phone", text="Saturdays")
    loop.feedback.move(item, "wait", by="mia", text="Which?", told="called")
    loop.clock.advance(15 * DAY)
    (solution,) = (clock for clock in loop.feedback.get(item).deadlines if clock.name == "solution")
    assert instant(solution.due) < loop.clock.now()
    assert loop.reports.loop().total.counts.missed == 0


def test_only_promises_are_on_time_or_missed(loop):
    """Being late with the next update, while the solution is not due yet, is no missed promise."""
    item = loop.feedback.receive(kind="complaint", channel="phone", text="Broken")
    loop.feedback.move(item, "update", by="mia", text="We look into it.", told="called back")
    loop.clock.advance(7 * DAY)
    assert loop.feedback.get(item).due < loop.clock.now()
    assert loop.reports.loop().total.counts.missed == 0
    loop.run_due()
    assert loop.feedback.get(item).late == ("next_update",)
    assert loop.reports.loop().total.counts.missed == 0


def test_half_way_is_five_working_days_past_due_and_untouched(loop):
    """An item is dropped once five working days have passed since it was due, and since anybody touched it."""
    item = loop.feedback.receive(kind="question", channel="phone", text="Open on Sunday?")
    due = NINE + DAY
    assert loop.feedback.get(item).due == due

    def dropped_at(time):
        loop.clock.set(time)
        return loop.reports.loop().total.rates.dropped

    week = 7 * DAY  # five working days
    assert dropped_at(due + week - timedelta(microseconds=1)) == Share(0, 1)
    assert dropped_at(due + week) == Share(1, 1)
    loop.clock.set(due + 2 * DAY)
    item = loop.feedback.move(item, "assign", to="mia", by="desk")
    assert item.due == due
    assert dropped_at(due + week) == Share(0, 1)
    assert dropped_at(due + 2 * DAY + week - timedelta(microseconds=1)) == Share(0, 1)
    assert dropped_at(due + 2 * DAY + week) == Share(1, 1)


def test_months_are_those_of_the_space():
    """An item belongs to the month in which it was received by the clock of the firm."""
    with ClientLoop.open("memory:", clock=ManualClock(NINE), zone="Pacific/Auckland") as loop:
        for day in (30, 31):
            said = datetime(2026, 1, day, 12, tzinfo=UTC)
            loop.feedback.receive(kind="idea", channel="form", text="Saturdays", received_at=said)
        rows = loop.reports.loop(by=LoopKey.MONTH).rows
        assert [(row.key, row.counts.items) for row in rows] == [(date(2026, 1, 1), 1), (date(2026, 2, 1), 1)]


def test_reports_see_one_space(loop):
    """What another firm in the same store has recorded is in none of the numbers."""
    loop.in_space("other").feedback.receive(kind="idea", channel="form", text="Saturdays")
    assert loop.reports.loop().total.counts.items == 0


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"by": "chanel"}, UnknownName, "did you mean 'channel'"),
        ({"since": datetime(2026, 3, 2)}, InvalidValue, "names no zone"),  # noqa: DTZ001  # that is the point
        ({"until": datetime(2026, 3, 2)}, InvalidValue, "names no zone"),  # noqa: DTZ001  # that is the point
    ],
)
def test_what_cannot_be_asked_for(loop, given, error, message):
    """An unknown key and a time without a zone are refused, with what to do."""
    with pytest.raises(error, match=message):
        loop.reports.loop(**given)
