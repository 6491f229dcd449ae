"""Search: what is a word on one store is one on all, and no text is more than words."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import Duplicate, InvalidValue, UnknownName
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Text
from clientloop.model.page import pack_cursor
from clientloop.model.record import record_of
from clientloop.model.units import Insert, Unit
from clientloop.model.where import ALL, compile_test, eq
from clientloop.ports.store import Store
from clientloop.rules.words import Sought
from clientloop.testing.examples import drawn
from clientloop.testing.samples import sample, sample_id
from clientloop.testing.stores.kit import Suite, delete, fresh_space, put, update
from clientloop.testing.stores.pages import MOST_PAGES
from clientloop.testing.stores.sayings import FOUND, NO_SYNTAX, NO_WORDS, SAID, sayings
from clientloop.testing.stores.strategies import conditions, feedback

#: What is no token of a search on any store.
NO_TOKENS = [
    "",
    "č!",
    "AAAA",
    "NQ",
    "e30",
    "W1tb" * 30_000,
    pack_cursor(()),
    pack_cursor((None,)),
    pack_cursor((True,)),
    pack_cursor((5.0,)),
    pack_cursor(("a",)),
    pack_cursor((b"a",)),
    pack_cursor((2**63,)),
    pack_cursor((1, 2)),
]


def said(
    number: int, body: str, *, subject: str | None = None, space: str = "main", **fields: Any
) -> tuple[Feedback, Text]:
    """An item with its words. Any: fields of all types."""
    words = sample(Text, number, space=space, subject=subject, body=body)
    return sample(Feedback, number, space=space, **fields), words


def numbers(store: Store, words: str, *, space: str = "main") -> list[int]:
    """The numbers of the samples that are found, in order."""
    return [each.id.int - 1 for each in store.search(space, words)]


def walk(
    store: Store,
    space: str,
    words: str,
    *,
    limit: int,
    between: Callable[[], object] = lambda: None,
    **options: Any,  # Any: the other options of `search`
) -> list[list[Feedback]]:
    """All pages of a search; `between` is called after each."""
    pages: list[list[Feedback]] = []
    after = None
    while not pages or after is not None:
        assert len(pages) < MOST_PAGES, "the pages do not end"
        page = store.search(space, words, after=after, limit=limit, **options)
        pages.append(list(page))
        after = page.next
        between()
    return pages


class Words(Suite):
    """Tests of `search`."""

    @pytest.mark.parametrize(("words", "found"), FOUND)
    def test_words_are_found(self, store: Store, words: str, found: set[int]) -> None:
        """All words, beginnings and phrases must occur; case and the diacritics of Latin letters do not matter."""
        for number, (subject, body) in enumerate(SAID):
            put(store, *said(number, body, subject=subject))
        assert set(numbers(store, words)) == found

    @pytest.mark.parametrize("words", NO_SYNTAX)
    def test_no_text_is_more_than_words(self, store: Store, words: str) -> None:
        """Operators, quotes and wildcards of other languages are words and signs: no error, and no other meaning."""
        plain = words.replace('"', " ").replace("*", " ")
        put(store, *said(1, plain.replace("\0", " ").replace("\ud800", " ")), *said(2, "nothing of this"))
        assert numbers(store, words) == [1]
        assert numbers(store, plain) == [1]

    @pytest.mark.parametrize("words", NO_WORDS)
    def test_what_has_no_word_is_refused(self, store: Store, words: str) -> None:
        """A question without a word is an InvalidValue that says what to write, not a page of everything."""
        with pytest.raises(InvalidValue) as caught:
            store.search("main", words)
        assert caught.value.hint

    @drawn()
    @given(st.data(), sayings(6).filter(lambda text: any(map(str.isalnum, text))), st.integers(1, 4))
    def test_what_is_found_is_what_the_rules_say(
        self, store: Store, data: st.DataObject, words: str, limit: int
    ) -> None:
        """Drawn words find, among drawn items, those that hold what is sought and satisfy the condition, in order."""
        space = fresh_space()
        where = data.draw(conditions() | st.just(ALL))
        items = data.draw(feedback(space=space))
        texts = [
            Text(space=space, id=item.id, subject=data.draw(st.none() | sayings(4)), body=data.draw(sayings(8)))
            for item in items
        ]
        put(store, *items, *texts)
        sought, test = Sought.read(words), compile_test(where, record_of(Feedback))
        expected = [
            item
            for item, text in zip(items, texts, strict=True)
            if sought.is_in(text.subject, text.body) and test(record_of(Feedback).encode(item))
        ]
        pages = walk(store, space, words, limit=limit, where=where)
        assert [each for page in pages for each in page] == expected[::-1]
        assert all(len(page) == limit for page in pages[:-1])

    @drawn(0.5)
    @given(st.text())
    def test_any_text_may_be_asked_for(self, store: Store, words: str) -> None:
        """Whatever somebody types is answered by a page, or refused because there is no word."""
        try:
            store.search("main", words)
        except InvalidValue as error:
            assert "no word" in error.message  # noqa: PT017  # most texts raise nothing

    def test_many_words_may_be_asked_for(self, store: Store) -> None:
        """A thousand words at once are no trouble."""
        put(store, *said(1, " ".join(f"word{number}" for number in range(1_000))), *said(2, "word1"))
        assert numbers(store, " ".join(f"word{number}" for number in range(1_000))) == [1]

    @pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
    def test_the_latest_come_first(self, store: Store, count: int) -> None:
        """Items come as they were recorded, the last one first; `next` is None exactly on the last page."""
        for number in range(count):
            put(store, *said(number, "the parcel"))
        pages = walk(store, "main", "parcel", limit=2)
        assert [len(page) for page in pages] == {0: [0], 1: [1], 2: [2], 3: [2, 1], 4: [2, 2]}[count]
        assert [each.id for page in pages for each in page] == [sample_id(number) for number in reversed(range(count))]

    def test_pages_of_a_search_hold_while_others_write(self, store: Store) -> None:
        """What comes or goes between two pages makes no other item come twice or be lost."""
        put(store, *(record for number in range(9) for record in said(number, "the parcel")))
        coming = iter(range(100, 200))

        def write() -> None:
            put(store, *said(next(coming), "another parcel"))

        pages = walk(store, "main", "parcel", limit=2, between=write)
        assert [each.id for page in pages for each in page] == [sample_id(number) for number in reversed(range(9))]
        first = store.search("main", "parcel", limit=2)
        ids = [each.id for page in walk(store, "main", "parcel", limit=2) for each in page]
        texts = [Text(space="main", id=each.id, body="") for each in first]
        store.commit(Unit((*map(delete, texts), *map(delete, first))))
        second = store.search("main", "parcel", limit=2, after=first.next)
        assert [each.id for each in second] == ids[2:4]

    def test_a_condition_narrows_a_search(self, store: Store) -> None:
        """Pages are counted in items that satisfy the condition; what fits no field is refused as in a page."""
        for number in range(20):
            put(store, *said(number, "the parcel", kind="idea" if number % 3 else "praise"))
        pages = walk(store, "main", "parcel", limit=3, where=eq("kind", "praise"))
        assert [len(page) for page in pages] == [3, 3, 1]
        assert [each.id.int - 1 for page in pages for each in page] == [18, 15, 12, 9, 6, 3, 0]
        with pytest.raises(UnknownName):
            store.search("main", "nobody", where=eq("knd", "idea"))
        with pytest.raises(InvalidValue):
            store.search("main", "nobody", where=eq("kind", 5))

    def test_a_search_stays_in_its_space(self, store: Store) -> None:
        """Neither words nor tokens lead to what another firm was told."""
        spaces = ("main", "other", "a third")
        for number in range(9):
            put(store, *said(number, "the parcel", space=spaces[number % 3]))
        tokens = {space: store.search(space, "parcel", limit=1).next for space in spaces}
        for space in (*spaces, "nobody's"):
            assert {each.space for each in store.search(space, "parcel")} <= {space}
            for token in tokens.values():
                assert {each.space for each in store.search(space, "parcel", after=token)} <= {space}
        assert [numbers(store, "parcel", space=space) for space in spaces] == [[6, 3, 0], [7, 4, 1], [8, 5, 2]]

    def test_only_the_words_of_feedback_are_searched(self, store: Store) -> None:
        """What the firm wrote, and other texts that are no feedback, are not found."""
        put(store, sample(Text, 1, body="the parcel"), *said(2, "the parcel"))
        assert numbers(store, "parcel") == [2]

    def test_a_search_knows_what_is_committed(self, store: Store) -> None:
        """Words are found as soon as they and their item are there, in either order, and until one of them goes."""
        item, text = said(1, "the parcel")
        put(store, text)
        assert numbers(store, "parcel") == []
        store.commit(Unit((Insert(item),)))
        assert numbers(store, "parcel") == [1]
        store.commit(Unit((delete(text),)))
        assert numbers(store, "parcel") == []
        store.commit(Unit((Insert(text),)))
        store.commit(Unit((update(text, body="the letter", subject="Order 5"),)))
        assert numbers(store, "parcel") == []
        assert numbers(store, "letter order") == [1]
        store.commit(Unit((update(item, state="closed"),)))
        assert [each.state for each in store.search("main", "letter")] == ["closed"]
        store.commit(Unit((delete(item),)))
        assert numbers(store, "letter") == []
        store.commit(Unit((Insert(item),)))
        assert numbers(store, "letter") == [1]

    def test_a_refused_unit_leaves_no_words(self, store: Store) -> None:
        """What a refused unit said is not found, and what it would have changed is found as before."""
        item, text = said(1, "the parcel")
        put(store, item, text)
        other, words = said(2, "the letter")
        put(store, other)
        with pytest.raises(Duplicate):
            store.commit(Unit((Insert(words), update(text, body="the letter"), Insert(item))))
        assert numbers(store, "letter") == []
        assert numbers(store, "parcel") == [1]

    @pytest.mark.parametrize("token", NO_TOKENS, ids=lambda token: token[:12])
    def test_what_is_no_token_of_a_search_is_refused(self, store: Store, token: str) -> None:
        """Made-up tokens are an InvalidValue, not a wrong page; so is a limit below one."""
        with pytest.raises(InvalidValue):
            store.search("main", "parcel", after=token)
        with pytest.raises(InvalidValue):
            store.search("main", "parcel", limit=0)
