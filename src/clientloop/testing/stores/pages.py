"""Pages: in order, complete, without repeats, also while others write."""

from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.customers import Customer
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Interaction
from clientloop.model.page import pack_cursor
from clientloop.model.record import record_of
from clientloop.model.units import Unit
from clientloop.model.where import eq
from clientloop.ports.store import Store
from clientloop.testing.examples import drawn
from clientloop.testing.samples import SAMPLE_TIME, sample, sample_id
from clientloop.testing.stores.kit import WRITTEN, Suite, delete, fresh_space, in_order, put, update
from clientloop.testing.stores.strategies import feedback

R = TypeVar("R")

#: Every order of every record.
ORDERS = [(cls, order) for cls in WRITTEN for order in ("key", *(index.name for index in record_of(cls).indexes))]
ORDERS_OF_FEEDBACK = [order for cls, order in ORDERS if cls is Feedback]

#: What is no page token of `Feedback` in the order `inbox`: (is_open, owner, due, id).
NO_TOKENS: dict[str, str] = {
    "empty": "",
    "no base 64": "č!",
    "no JSON": "AAAA",
    "a number": "NQ",
    "an object": "e30",
    "deep": "W1tb" * 30_000,
    "too short": pack_cursor((1, "anna", 5)),
    "too long": pack_cursor((1, "anna", 5, sample_id(0).bytes, 1)),
    "other types": pack_cursor(("1", "anna", 5, sample_id(0).bytes)),
    "a truth": pack_cursor((True, "anna", 5, sample_id(0).bytes)),
    "a fraction": pack_cursor((1, "anna", 5.0, sample_id(0).bytes)),
    "None where it is not": pack_cursor((1, None, 5, sample_id(0).bytes)),
    "too big": pack_cursor((1, "anna", 2**63, sample_id(0).bytes)),
    "NUL": pack_cursor((1, "\0", 5, sample_id(0).bytes)),
    "surrogate": pack_cursor((1, "\ud800", 5, sample_id(0).bytes)),
    "a list": pack_cursor((1, "anna", 5, ["b"])),
}


#: More pages than any test here can have: a store whose pages never end fails instead of hanging.
MOST_PAGES = 500


def walk(
    store: Store,
    cls: type[R],
    space: str,
    *,
    limit: int,
    between: Callable[[], object] = lambda: None,
    **options: Any,  # Any: the other options of `page`
) -> list[list[R]]:
    """All pages of the records of a space; `between` is called after each."""
    pages: list[list[R]] = []
    after = None
    while not pages or after is not None:
        assert len(pages) < MOST_PAGES, "the pages do not end"
        page = store.page(cls, space, after=after, limit=limit, **options)
        pages.append(list(page))
        after = page.next
        between()
    return pages


class Pages(Suite):
    """Tests of `page` and `pages`."""

    @pytest.mark.parametrize(("cls", "order"), ORDERS)
    def test_pages_run_along_every_index(self, store: Store, cls: type[object], order: str) -> None:
        """Each declared order of each record lists its columns in turn, then the key, both ways, over page ends."""
        count = 7 if len(record_of(cls).key) > 1 else 1
        instances = [sample(cls, number * 5 % 7, full=number % 3 > 0) for number in range(count)]
        put(store, *instances)
        for descending in (False, True):
            pages = walk(store, cls, "main", order=order, limit=2, descending=descending)
            found = [each for page in pages for each in page]
            assert found == in_order(cls, instances, order, descending=descending)

    def test_none_sorts_first(self, store: Store) -> None:
        """NULL comes before every value going up, and after it going down; stand-ins sort as declared."""
        owners = ["b", None, "", "a"]
        put(
            store, *(sample(Interaction, number, channel="shop", origin=origin) for number, origin in enumerate(owners))
        )
        rising = store.page(Interaction, "main", order="by_origin")
        falling = store.page(Interaction, "main", order="by_origin", descending=True)
        assert [each.origin for each in rising] == [None, "", "a", "b"]
        assert [each.origin for each in falling] == ["b", "a", "", None]
        dues = [SAMPLE_TIME, None, SAMPLE_TIME.replace(year=1)]
        put(store, *(sample(Feedback, number, due=due) for number, due in enumerate(dues)))
        assert [each.due for each in store.page(Feedback, "main", order="agenda")] == [dues[2], dues[0], None]

    def test_text_sorts_by_code_points(self, store: Store) -> None:
        """No locale has a say: capitals before small letters, accents after, what is beyond 16 bits last."""
        names = ["", " ", "Z", "a", "aa", "b", "é", "\uffff", "\U00010000"]
        put(store, *(sample(Customer, number, name=name) for number, name in enumerate(reversed(names))))
        assert [each.name for each in store.page(Customer, "main", order="by_name")] == names

    @pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
    def test_the_last_page_has_no_next(self, store: Store, count: int) -> None:
        """`next` is None exactly on the last page, also where the last page is full, and on the only empty one."""
        put(store, *(sample(Feedback, number) for number in range(count)))
        sizes = [len(page) for page in walk(store, Feedback, "main", limit=2)]
        assert sizes == {0: [0], 1: [1], 2: [2], 3: [2, 1], 4: [2, 2]}[count]

    def test_rows_that_the_condition_leaves_out_make_no_page(self, store: Store) -> None:
        """Pages are counted in rows that satisfy the condition: none is short, and the last has no next."""
        put(store, *(sample(Feedback, number, kind="idea" if number % 3 else "praise") for number in range(20)))
        pages = walk(store, Feedback, "main", limit=3, where=eq("kind", "praise"))
        assert [len(page) for page in pages] == [3, 3, 1]
        assert [each.id for page in pages for each in page] == [sample_id(number) for number in range(0, 20, 3)]

    @drawn()
    @given(st.data(), st.sampled_from(ORDERS_OF_FEEDBACK), st.integers(1, 10), st.booleans())
    def test_pages_joined_are_the_whole(
        self, store: Store, data: st.DataObject, order: str, limit: int, descending: bool
    ) -> None:
        """Whatever the limit and the direction, the pages one after another are all rows in order."""
        space = fresh_space()
        items = data.draw(feedback(space=space))
        put(store, *items)
        pages = walk(store, Feedback, space, limit=limit, order=order, descending=descending)
        assert [each for page in pages for each in page] == in_order(Feedback, items, order, descending=descending)
        assert all(len(page) == limit for page in pages[:-1])

    @drawn()
    @given(st.data(), st.sampled_from(ORDERS_OF_FEEDBACK), st.integers(1, 3), st.booleans())
    def test_pages_hold_while_others_insert(
        self, store: Store, data: st.DataObject, order: str, limit: int, descending: bool
    ) -> None:
        """Rows inserted between two pages make no row come twice and none be lost that was there throughout."""
        space = fresh_space()
        lasting = data.draw(feedback(space=space))
        coming = data.draw(feedback(space=space, first=100))
        put(store, *lasting)

        def insert() -> None:
            if coming:
                put(store, coming.pop())

        pages = walk(store, Feedback, space, order=order, limit=limit, descending=descending, between=insert)
        found = [each for page in pages for each in page]
        assert found == in_order(Feedback, found, order, descending=descending)
        assert len({each.id for each in found}) == len(found)
        assert {each.id for each in lasting} <= {each.id for each in found}

    @pytest.mark.parametrize("descending", [False, True])
    def test_pages_go_on_where_a_row_has_gone(self, store: Store, descending: bool) -> None:
        """The page after a row that was deleted or moved on in the order goes on with the next one."""
        items = [sample(Feedback, number, due=SAMPLE_TIME) for number in range(6)]
        ids = [each.id for each in items][:: -1 if descending else 1]
        put(store, *items)
        page = store.page(Feedback, "main", order="agenda", limit=2, descending=descending)
        store.commit(Unit((delete(page.items[0]), delete(page.items[1]))))
        page = store.page(Feedback, "main", order="agenda", limit=2, descending=descending, after=page.next)
        assert [each.id for each in page] == ids[2:4]
        store.commit(Unit((update(page.items[1], is_open=False),)))
        page = store.page(Feedback, "main", order="agenda", limit=9, descending=descending, after=page.next)
        assert [each.id for each in page if each.is_open] == ids[4:6]

    def test_a_limit_is_at_least_one(self, store: Store) -> None:
        """A page of no rows, or of fewer, is an InvalidValue."""
        for limit in (0, -1):
            with pytest.raises(InvalidValue):
                store.page(Feedback, "main", limit=limit)

    def test_an_order_is_declared(self, store: Store) -> None:
        """An unknown order is an UnknownName that tells the near ones; a column is no order."""
        with pytest.raises(UnknownName, match="inbox"):
            store.page(Feedback, "main", order="inbx")
        with pytest.raises(UnknownName):
            store.page(Feedback, "main", order="recorded_at")

    @pytest.mark.parametrize("token", NO_TOKENS.values(), ids=NO_TOKENS.keys())
    def test_what_is_no_token_of_the_order_is_refused(self, store: Store, token: str) -> None:
        """Made-up tokens, and those of an order with other columns, are an InvalidValue, not a wrong page."""
        put(store, sample(Feedback))
        with pytest.raises(InvalidValue):
            store.page(Feedback, "main", order="inbox", after=token)

    def test_all_pages_are_read_one_after_another(self, store: Store) -> None:
        """`pages` gives every row that satisfies the condition, in order, whatever the size of its pages."""
        items = [sample(Feedback, number, kind="idea" if number % 2 else "praise") for number in range(9)]
        put(store, *items)
        for size in (1, 2, 4, 5, 500):
            assert list(store.pages(Feedback, "main", where=eq("kind", "idea"), size=size)) == items[1::2]
