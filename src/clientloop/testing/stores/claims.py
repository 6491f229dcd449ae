"""Claims: each due record to one worker at a time, and the spaces where some are due."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import Conflict, InvalidValue
from clientloop.model.customers import Customer
from clientloop.model.feedback import Timer
from clientloop.model.messages import OutboundMessage
from clientloop.model.schema import RECORDS
from clientloop.model.units import Unit
from clientloop.model.where import eq, ge, one_of
from clientloop.ports.store import Store
from clientloop.testing.examples import drawn
from clientloop.testing.samples import SAMPLE_TIME as NOW
from clientloop.testing.samples import sample, sample_id
from clientloop.testing.stores.kit import Suite, assert_refused, delete, fresh_space, key_of, put, update

MINUTE = timedelta(minutes=1)
TICK = timedelta(microseconds=1)


def timer(number: int, wake_at: datetime, *, space: str = "main") -> Timer:
    """A timer that goes off at a time."""
    return sample(Timer, number, space=space, wake_at=wake_at)


def claim(store: Store, now: datetime = NOW, *, limit: int = 100, space: str = "main") -> list[Timer]:
    """Claim timers for a minute."""
    return list(store.claim(Timer, space, now=now, lease=MINUTE, limit=limit))


class Claims(Suite):
    """Tests of `claim` and `due_spaces`."""

    def test_what_is_due_is_claimed_earliest_first(self, store: Store) -> None:
        """The earliest go first, equal times by key; a time that is exactly now has come, a tick later has not."""
        offsets = [-MINUTE, TICK, -2 * MINUTE, timedelta(0), -MINUTE]
        put(store, *(timer(number, NOW + offset) for number, offset in enumerate(offsets)))
        assert [each.item for each in claim(store)] == [sample_id(number) for number in (2, 0, 4, 3)]

    def test_a_claim_takes_no_more_than_its_limit(self, store: Store) -> None:
        """The rest is left to the next claim, and nothing to the one after."""
        put(store, *(timer(number, NOW - number * MINUTE) for number in range(5)))
        claims = [[each.item for each in claim(store, limit=2)] for _ in range(4)]
        assert claims == [[sample_id(4), sample_id(3)], [sample_id(2), sample_id(1)], [sample_id(0)], []]

    def test_a_claim_gives_the_records_as_they_are_then(self, store: Store) -> None:
        """`wake_at` becomes the end of the lease and the version counts up, in the store as in the answer."""
        put(store, timer(1, NOW - MINUTE), timer(2, NOW + MINUTE))
        claimed = claim(store)
        assert claimed == [sample(Timer, 1, wake_at=NOW + MINUTE, version=2)]
        assert list(store.page(Timer, "main")) == [*claimed, timer(2, NOW + MINUTE)]

    def test_a_claim_ends_with_its_lease(self, store: Store) -> None:
        """What was not finished can be claimed again when the lease has ended, and not a tick earlier."""
        put(store, timer(1, NOW))
        claim(store)
        assert claim(store, NOW + MINUTE - TICK) == []
        assert claim(store, NOW + MINUTE) == [sample(Timer, 1, wake_at=NOW + 2 * MINUTE, version=3)]

    def test_a_late_holder_is_fenced_off(self, store: Store) -> None:
        """Whoever finishes after the lease has ended and another has claimed gets a Conflict; the other finishes."""
        put(store, timer(1, NOW))
        (late,) = claim(store)
        (holder,) = claim(store, NOW + MINUTE)
        assert_refused(store, Unit((delete(late, version=late.version),)), Conflict)
        assert_refused(store, Unit((update(late, version=late.version, wake_at=NOW),)), Conflict)
        store.commit(Unit((delete(holder, version=holder.version),)))
        assert store.get(Timer, key_of(holder)) is None

    def test_the_outbox_is_claimed_alike(self, store: Store) -> None:
        """Messages are claimed by their time; one that waits for a person has none and is never claimed."""
        messages = [sample(OutboundMessage, number, wake_at=at) for number, at in enumerate([NOW, None, NOW - MINUTE])]
        put(store, *messages)
        for now, expected in ((NOW, [2, 0]), (datetime.max.replace(tzinfo=UTC) - MINUTE, [0, 2])):
            claimed = store.claim(OutboundMessage, "main", now=now, lease=MINUTE, limit=10)
            assert [each.id for each in claimed] == [sample_id(number) for number in expected]
        assert store.get(OutboundMessage, key_of(messages[1])) == messages[1]

    @pytest.mark.parametrize("cls", [record.cls for record in RECORDS.values() if record.wakes])
    def test_whatever_wakes_is_claimed(self, store: Store, cls: type) -> None:
        """Every record with a time to wake makes its space due, is claimed once, and again after the lease."""
        put(store, sample(cls, wake_at=NOW, space="waking"))
        assert list(store.due_spaces(now=NOW)) == ["waking"]
        for at, version in ((NOW, 2), (NOW + MINUTE, 3)):
            claimed: object = sample(cls, wake_at=at + MINUTE, space="waking", version=version)
            assert list(store.claim(cls, "waking", now=at, lease=MINUTE, limit=10)) == [claimed]
            assert list(store.claim(cls, "waking", now=at, lease=MINUTE, limit=10)) == []

    def test_a_claim_takes_what_fits_its_condition(self, store: Store) -> None:
        """The earliest of those alone count to its limit, and the others stay for whoever asks for them."""
        wakes = [(number, "sms" if number % 2 else "email") for number in range(6)]
        put(
            store,
            *(sample(OutboundMessage, number, channel=name, wake_at=NOW - number * MINUTE) for number, name in wakes),
        )

        def claim_of(*channels: str) -> list[OutboundMessage]:
            where = one_of("channel", channels) if len(channels) > 1 else eq("channel", *channels)
            return list(store.claim(OutboundMessage, "main", now=NOW, lease=MINUTE, limit=2, where=where))

        assert [each.id for each in claim_of("email")] == [sample_id(4), sample_id(2)]
        assert [(each.id, each.version) for each in claim_of("email")] == [(sample_id(0), 2)]
        assert claim_of("email") == []
        assert store.due_spaces(now=NOW) == ["main"]
        assert [each.id for each in claim_of("email", "sms")] == [sample_id(5), sample_id(3)]

    def test_a_condition_sees_what_was_before_the_claim(self, store: Store) -> None:
        """Also of the two fields that a claim changes."""
        put(store, sample(Timer, 1, wake_at=NOW - MINUTE), sample(Timer, 2, wake_at=NOW, version=7))
        late = eq("version", 7) & ge("wake_at", NOW)
        assert store.claim(Timer, "main", now=NOW, lease=MINUTE, limit=10, where=late) == [
            sample(Timer, 2, wake_at=NOW + MINUTE, version=8)
        ]

    def test_claims_keep_to_their_space_and_class(self, store: Store) -> None:
        """A claim takes nothing of another space, and no messages when timers are asked for."""
        put(store, timer(1, NOW), timer(1, NOW, space="other"), sample(OutboundMessage, wake_at=NOW))
        assert [each.space for each in claim(store)] == ["main"]
        assert [each.space for each in claim(store, space="other")] == ["other"]
        assert len(store.claim(OutboundMessage, "main", now=NOW, lease=MINUTE, limit=10)) == 1

    def test_only_what_wakes_is_claimed(self, store: Store) -> None:
        """Claiming records without `wake_at`, with a time without zone, or fewer than one, is an InvalidValue."""
        with pytest.raises(InvalidValue):
            store.claim(Customer, "main", now=NOW, lease=MINUTE, limit=1)
        with pytest.raises(InvalidValue):
            claim(store, NOW.replace(tzinfo=None))
        with pytest.raises(InvalidValue):
            claim(store, limit=0)
        with pytest.raises(InvalidValue):
            store.due_spaces(now=NOW.replace(tzinfo=None))

    @drawn(0.5)
    @given(
        st.lists(st.integers(-5, 5), max_size=8), st.lists(st.tuples(st.integers(-5, 9), st.integers(1, 4)), max_size=6)
    )
    def test_claims_follow_the_clock(self, store: Store, wakes: list[int], claims: list[tuple[int, int]]) -> None:
        """Drawn claims at drawn times take what a sorted list says, each time with the lease as the next time."""
        space = fresh_space()
        put(store, *(timer(n, NOW + wake * MINUTE, space=space) for n, wake in enumerate(wakes)))
        expected = {sample_id(number): wake for number, wake in enumerate(wakes)}
        for at, limit in claims:
            due = sorted((wake, item) for item, wake in expected.items() if wake <= at)[:limit]
            expected |= {item: at + 1 for _, item in due}
            claimed = claim(store, NOW + at * MINUTE, limit=limit, space=space)
            assert [each.item for each in claimed] == [item for _, item in due]

    def test_no_record_is_claimed_twice(self, store: Store) -> None:
        """Four workers at once claim 200 timers: each timer goes to one of them."""
        put(store, *(timer(number, NOW - number * TICK) for number in range(200)))

        def work(_: int) -> list[Timer]:
            found: list[Timer] = []
            while batch := claim(store, limit=7):
                found += batch
            return found

        with ThreadPoolExecutor(4) as pool:
            claimed = [each.item for found in pool.map(work, range(4)) for each in found]
        assert sorted(claimed) == [sample_id(number) for number in range(200)]

    def test_spaces_are_visited_where_something_is_due(self, store: Store) -> None:
        """Spaces with a timer or a message due are named, the longest due first, within the limit."""
        put(store, timer(1, NOW - MINUTE, space="second"), timer(2, NOW, space="second"))
        put(store, sample(OutboundMessage, space="first", wake_at=NOW - 2 * MINUTE), timer(1, NOW, space="first"))
        put(store, timer(1, NOW, space="third"), sample(OutboundMessage, space="parked", wake_at=None))
        put(store, timer(1, NOW + TICK, space="later"), sample(Customer, space="idle"))
        assert list(store.due_spaces(now=NOW)) == ["first", "second", "third"]
        assert list(store.due_spaces(now=NOW, limit=2)) == ["first", "second"]
        assert list(store.due_spaces(now=NOW + TICK)) == ["first", "second", "third", "later"]
        assert list(store.due_spaces(now=NOW - 3 * MINUTE)) == []

    def test_a_space_is_due_from_the_moment_that_something_in_it_is(self, store: Store) -> None:
        """Inserting a timer, or setting one to an earlier time, makes its space due; so does the end of a lease."""
        put(store, timer(1, NOW + 5 * MINUTE))
        assert list(store.due_spaces(now=NOW)) == []
        store.commit(Unit((update(timer(1, NOW), wake_at=NOW),)))
        assert list(store.due_spaces(now=NOW)) == ["main"]
        claim(store)
        assert list(store.due_spaces(now=NOW + MINUTE)) == ["main"]

    def test_a_space_where_nothing_is_left_is_visited_no_more(self, store: Store) -> None:
        """After claims that found nothing more of either class, the space is due again when its next time comes."""
        put(store, timer(1, NOW), timer(2, NOW + 5 * MINUTE), sample(OutboundMessage, wake_at=NOW))
        for each in claim(store):
            store.commit(Unit((delete(each, version=each.version),)))
        for message in store.claim(OutboundMessage, "main", now=NOW, lease=MINUTE, limit=10):
            store.commit(Unit((delete(message, version=message.version),)))
        for cls in (Timer, OutboundMessage):
            assert list(store.claim(cls, "main", now=NOW, lease=MINUTE, limit=10)) == []
        assert list(store.due_spaces(now=NOW)) == []
        assert list(store.due_spaces(now=NOW + 5 * MINUTE)) == ["main"]
