"""The store suite itself: stores with one fault each, and the test of the suite that finds it."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from clientloop.errors import ClientLoopError
from clientloop.model.customers import Customer
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Interaction, Text
from clientloop.model.page import Page
from clientloop.model.plan import Group, Plan
from clientloop.model.units import Add, Delete, Insert, Unit, Update
from clientloop.model.where import ALL, Every, Not, Where, le, lt, ne
from clientloop.stores.memory import MemoryStore
from clientloop.testing import SAMPLE_TIME, StoreSuite
from clientloop.testing.stores.refusals import REFUSED


class Changing(MemoryStore):
    """Commits units after a change to each change."""

    def change(self, change: Any) -> Any:
        """What is made in its place."""
        return change

    def commit(self, unit: Unit) -> None:
        """Commit what they were changed to."""
        super().commit(Unit(tuple(self.change(each) for each in unit.changes)))


class HalfDone(MemoryStore):
    """Does not undo what a refused unit did."""

    def commit(self, unit: Unit) -> None:
        """Commit change by change."""
        for change in unit.changes:
            super().commit(Unit((change,)))
            time.sleep(0.0001)


class Unguarded(Changing):
    """Ignores versions."""

    def change(self, change: Any) -> Any:
        """Take the guard away."""
        return evolve(change, version=None) if isinstance(change, Update | Delete) else change


class LaterWins(Changing):
    """Takes an insert for an update where the key is taken."""

    def change(self, change: Any) -> Any:
        """Put in the place of what is there."""
        table, row = self._encoded(change.record)
        if table.get(table.key_of(row)):
            table.put(row)
            return update_nothing(change.record)
        return change


def update_nothing(instance: Customer) -> Update:
    """An update without changes."""
    return Update(type(instance), (instance.space, instance.id), {})


class AddsUnseen(MemoryStore):
    """Adds without counting the version up, and reads before it writes."""

    def commit(self, unit: Unit) -> None:
        """Add to what was read a while ago."""
        for change in unit.changes:
            if isinstance(change, Add):
                table, zero = self._encoded(change.zero)
                row = table.get(table.key_of(zero)) or zero
                time.sleep(0)
                table.put(table.changed(row, {"attempts": table.values(row, ("attempts",))[0] + 1}, count=False))
            else:
                super().commit(Unit((change,)))


class Unchecked(MemoryStore):
    """Checks no references and no unique indexes."""

    def __init__(self) -> None:
        """Take the checks away."""
        super().__init__()
        for table in self._tables:
            table._check_references = table._check_uniques = lambda *_: None  # type: ignore[method-assign]


class Stripping(Changing):
    """Strips what it stores, as some databases do with trailing blanks."""

    def change(self, change: Any) -> Any:
        """Strip the words."""
        if isinstance(change, Insert) and isinstance(change.record, Text):
            return Insert(evolve(change.record, body=change.record.body.strip()))
        return change


class WholeSeconds(Changing):
    """Keeps times to the second."""

    def change(self, change: Any) -> Any:
        """Cut the microseconds off."""
        cut = isinstance(change, Insert) and isinstance(change.record, Customer)
        return (
            Insert(evolve(change.record, created_at=change.record.created_at.replace(microsecond=0))) if cut else change
        )


class Offsets(MemoryStore):
    """Counts rows where it should remember a position, and offers a next page wherever one is full."""

    def page(
        self, cls: type[Any], space: str, *, after: str | None = None, limit: int = 50, **options: Any
    ) -> Page[Any]:
        """Skip as many rows as were given before."""
        first = int(after or 0)
        items = super().page(cls, space, limit=first + limit, **options).items[first:]
        return Page(items, str(first + limit) if len(items) == limit else None)


class ThreeValued(MemoryStore):
    """Takes the negation of what is not known as not known either, as SQL does."""

    def page(self, cls: type[Any], space: str, *, where: Where = ALL, **options: Any) -> Page[Any]:
        """Leave out rows with None in what is negated."""
        if isinstance(where, Not):
            where = Every((where, *(ne(name, None) for name in where.fields())))
        return super().page(cls, space, where=where, **options)


class Floating(MemoryStore):
    """Adds up in floating numbers."""

    def aggregate(self, space: str, plan: Plan) -> Sequence[Group]:
        """Round what was exact."""
        groups = super().aggregate(space, plan)
        return [evolve(group, values=tuple(value and int(float(value)) for value in group.values)) for group in groups]


class UtcDays(MemoryStore):
    """Begins days in UTC whatever the zone."""

    def aggregate(self, space: str, plan: Plan) -> Sequence[Group]:
        """Forget the zone."""
        return super().aggregate(space, evolve(plan, keys=tuple(evolve(key, zone="UTC") for key in plan.keys)))


class SelectThenUpdate(MemoryStore):
    """Claims in two steps."""

    def claim(
        self, cls: type[Any], space: str, *, now: datetime, lease: timedelta, limit: int, where: Where = ALL
    ) -> Sequence[Any]:
        """Read what is due, and take it a moment later."""
        due = self.page(cls, space, where=le("wake_at", now) & where, order="by_wake", limit=limit)
        time.sleep(0.001)
        self.commit(Unit(tuple(Update(cls, (space, each.item), {"wake_at": now + lease}) for each in due)))
        return [evolve(each, wake_at=now + lease, version=each.version + 1) for each in due]


class Unfenced(MemoryStore):
    """Claims without counting the version up."""

    def claim(
        self, cls: type[Any], space: str, *, now: datetime, lease: timedelta, limit: int, where: Where = ALL
    ) -> Sequence[Any]:
        """Undo the count."""
        claimed = super().claim(cls, space, now=now, lease=lease, limit=limit, where=where)
        for each in claimed:
            table, row = self._encoded(evolve(each, version=each.version - 1))
            table.put(row)
        return [evolve(each, version=each.version - 1) for each in claimed]


class EverySpace(MemoryStore):
    """Sends workers to spaces that ever had a timer."""

    def due_spaces(self, *, now: datetime, limit: int = 100) -> Sequence[str]:
        """All of them, also those with nothing due."""
        return list(self._tables["timer"].spaces())


class SpacesAtWork(MemoryStore):
    """Lists the spaces in which something is due some day."""

    def spaces(self) -> Sequence[str]:
        """As workers find them."""
        return sorted(self.due_spaces(now=datetime.max.replace(tzinfo=UTC)))


class Substrings(MemoryStore):
    """Searches for what is typed as it stands, wherever it stands."""

    def search(self, space: str, words: str, **options: Any) -> Page[Feedback]:
        """Look into bodies alone."""
        found = [item for item in self.page(Feedback, space, descending=True) if words in self._body(item)]
        return Page(tuple(found))

    def _body(self, item: Feedback) -> str:
        text = self.get(Text, (item.space, item.id))
        return text.body if text else ""


class Oldest(MemoryStore):
    """Searches from the first item on."""

    def search(self, space: str, words: str, *, after: str | None = None, **options: Any) -> Page[Feedback]:
        """Turn the page round."""
        page = super().search(space, words, after=after, **options)
        return evolve(page, items=page.items[::-1])


class AllSpaces(MemoryStore):
    """Searches in whichever space a token comes from."""

    def search(self, space: str, words: str, *, after: str | None = None, **options: Any) -> Page[Feedback]:
        """Take the space from the token."""
        place, _, token = (after or space).partition("/")
        page = super().search(place, words, after=token or None, **options)
        return evolve(page, next=page.next and f"{place}/{page.next}")


class IndexedOnce(MemoryStore):
    """Finds items by the words that they had when they were first searched for."""

    def __init__(self) -> None:
        """Begin with nothing searched for."""
        super().__init__()
        self.known: dict[tuple[str, str], Page[Feedback]] = {}

    def search(self, space: str, words: str, **options: Any) -> Page[Feedback]:
        """Keep what was found."""
        return self.known.setdefault((space, words), super().search(space, words, **options))


#: A time with all its microseconds.
LATE = SAMPLE_TIME.replace(microsecond=999_999)

Test = Callable[[StoreSuite, MemoryStore], None]
FAULTS: list[tuple[type[MemoryStore], Test]] = [
    (HalfDone, lambda suite, store: suite.test_a_unit_that_fails_anywhere_leaves_nothing(store, *REFUSED["gone"], 2)),
    (HalfDone, lambda suite, store: suite.test_readers_see_whole_units_only(store)),
    (Unguarded, lambda suite, store: suite.test_a_guard_holds_against_any_other_version(store)),
    (Unguarded, lambda suite, store: suite.test_guarded_updates_at_once_lose_nothing(store)),
    (Unguarded, lambda suite, store: suite.test_a_late_holder_is_fenced_off(store)),
    (LaterWins, lambda suite, store: suite.test_a_key_is_taken_once(store, Customer)),
    (LaterWins, lambda suite, store: suite.test_of_equal_inserts_at_once_one_succeeds(store)),
    (AddsUnseen, lambda suite, store: suite.test_adding_outdates_what_was_loaded_before(store)),
    (AddsUnseen, lambda suite, store: suite.test_adding_at_once_loses_nothing(store)),
    (Unchecked, lambda suite, store: suite.test_what_is_pointed_to_must_exist(store, Text, "id", Interaction)),
    (Unchecked, lambda suite, store: suite.test_a_unique_index_is_taken_once(store, Feedback, ("ref",))),
    (Stripping, lambda suite, store: suite.test_values_at_the_limits_come_back(store, Text, "body", " \t\r\n ")),
    (WholeSeconds, lambda suite, store: suite.test_values_at_the_limits_come_back(store, Customer, "created_at", LATE)),
    (Offsets, lambda suite, store: suite.test_pages_go_on_where_a_row_has_gone(store, descending=False)),
    (Offsets, lambda suite, store: suite.test_the_last_page_has_no_next(store, 2)),
    (ThreeValued, lambda suite, store: suite.test_a_condition_has_two_truth_values(store, ~lt("rating", 5), {0, 1})),
    (Floating, lambda suite, store: suite.test_sums_are_exact_beyond_64_bits(store, 2**63 - 1)),
    (UtcDays, lambda suite, store: suite.test_every_hour_of_a_day_of_changing_clocks_is_in_it(store)),
    (SelectThenUpdate, lambda suite, store: suite.test_no_record_is_claimed_twice(store)),
    (Unfenced, lambda suite, store: suite.test_a_late_holder_is_fenced_off(store)),
    (EverySpace, lambda suite, store: suite.test_spaces_are_visited_where_something_is_due(store)),
    (SpacesAtWork, lambda suite, store: suite.test_spaces_are_listed(store)),
    (Substrings, lambda suite, store: suite.test_words_are_found(store, "parce", set())),
    (Substrings, lambda suite, store: suite.test_no_text_is_more_than_words(store, "broken:*")),
    (Substrings, lambda suite, store: suite.test_what_has_no_word_is_refused(store, "")),
    (Oldest, lambda suite, store: suite.test_the_latest_come_first(store, 4)),
    (AllSpaces, lambda suite, store: suite.test_a_search_stays_in_its_space(store)),
    (IndexedOnce, lambda suite, store: suite.test_a_search_knows_what_is_committed(store)),
    (EverySpace, lambda suite, store: suite.test_a_space_where_nothing_is_left_is_visited_no_more(store)),
]


@pytest.mark.parametrize(("faulty", "test"), FAULTS)
def test_the_suite_finds_the_fault(faulty: type[MemoryStore], test: Test) -> None:
    """A store with one plausible fault fails the test that is there for it."""
    with pytest.raises((AssertionError, pytest.fail.Exception, ClientLoopError, ExceptionGroup)):
        test(StoreSuite(), faulty())


def test_the_suite_asks_for_a_store() -> None:
    """A subclass that gives no store is told so by the error of its first test."""
    with pytest.raises(NotImplementedError, match="fixture `store`"):
        StoreSuite.store.__wrapped__(StoreSuite())
