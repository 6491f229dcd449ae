import pytest

from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Interaction
from clientloop.model.record import record_of
from clientloop.model.where import ALL, AnyOf, Every, Where, contains, eq, le, ne, one_of
from clientloop.sql import statements
from clientloop.sql.conditions import Shape, split
from clientloop.stores.sqlite import SqliteStore
from clientloop.testing.samples import SAMPLE_TIME, inserts, sample, sample_id
from clientloop.testing.stores.kit import in_order

FEEDBACK = record_of(Feedback)


def shape_of(where: Where) -> Shape:
    """The shape of a condition on feedback."""
    return split(where, FEEDBACK)[0]


def text_of(where: Where) -> str:
    """The statement of a page under a condition."""
    return statements.page(SqliteStore.dialect, FEEDBACK, shape_of(where), ("id",), descending=False, further=False)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (eq("state", "new"), eq("state", "assigned")),
        (eq("owner", None), eq("owner", "agent-7")),
        (le("due", SAMPLE_TIME) & ~contains("title", "a"), le("due", SAMPLE_TIME) & ~contains("title", "b")),
        (one_of("kind", ["idea", "praise"]), one_of("kind", ["complaint", "question"])),
    ],
)
def test_a_shape_holds_no_values(one: Where, other: Where) -> None:
    """Conditions that differ in values alone have one shape, and so one statement, compiled once."""
    assert shape_of(one) == shape_of(other)
    assert text_of(one) is text_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (eq("state", "new"), eq("kind", "new")),
        (eq("state", "new"), ne("state", "new")),
        (eq("customer", None), eq("customer", sample_id(1))),
        (Every((eq("state", "new"),)), AnyOf((eq("state", "new"),))),
        (one_of("kind", ["idea"]), one_of("kind", ["idea", "praise"])),
    ],
)
def test_what_is_asked_differently_has_another_shape(one: Where, other: Where) -> None:
    """Conditions that are no instances of one statement never share a shape."""
    assert shape_of(one) != shape_of(other)


def test_values_never_stand_in_the_text() -> None:
    """Whatever a customer or an application writes is a parameter."""
    evil = "'; DROP TABLE clientloop_feedback --"
    where = eq("state", evil) & contains("title", evil) & one_of("kind", [evil, "idea"]) & ne("owner", evil)
    assert "DROP" not in text_of(where)
    assert split(where, FEEDBACK)[1].count(evil) == 3


def test_a_choice_among_values_of_one_field_is_a_list() -> None:
    """SQLite looks up the values of a list one by one in an index."""
    assert "kind IN (?, ?, ?)" in text_of(one_of("kind", ["complaint", "idea", "praise"]))


@pytest.fixture
def store(sqlite_store: SqliteStore) -> SqliteStore:
    """A store with a hundred items of as many kinds, every other one closed."""
    items = [
        sample(Feedback, number, kind=f"kind {number}", title=f"title {number}", is_open=number % 2 == 0)
        for number in range(100)
    ]
    sqlite_store.commit(inserts(*items))
    return sqlite_store


def test_many_parts_bind_as_few_do(store: SqliteStore) -> None:
    """A long choice within a conjunction, its negation, and a long conjunction within a choice mean what they say."""
    choice = AnyOf(tuple(contains("title", f"e {number}") for number in range(5, 300)))
    never = Every(tuple(ne("kind", f"kind {number}") for number in range(300)))

    def found(where: Where) -> list[str]:
        return [each.kind for each in store.page(Feedback, "main", where=where, limit=200)]

    assert found(choice & eq("kind", "kind 3")) == []
    assert found(choice & eq("kind", "kind 7")) == ["kind 7"]
    assert found(Every((eq("kind", "kind 3"), choice)) | eq("kind", "kind 4")) == ["kind 4"]
    assert found(~choice) == [f"kind {number}" for number in range(5)]
    assert found(never | eq("kind", "kind 2")) == ["kind 2"]
    assert len(found(~never)) == 100


def test_constants_keep_their_parameters(store: SqliteStore) -> None:
    """A condition that can be decided without its values still takes them."""
    for where, count in (
        (eq("kind", "kind 1") & AnyOf(), 0),
        (eq("kind", "kind 1") | Every(), 100),
        (~AnyOf() & eq("kind", "kind 1"), 1),
        (eq("kind", "kind 1") & ~Every(), 0),
        (ALL & ALL, 100),
    ):
        assert len(store.page(Feedback, "main", where=where, limit=200)) == count


@pytest.mark.parametrize(
    ("first", "descending", "count"), [(False, False, 50), (True, False, 0), (False, True, 0), (True, True, 50)]
)
def test_a_token_of_another_condition_keeps_its_place(
    store: SqliteStore, *, first: bool, descending: bool, count: int
) -> None:
    """The token of a list that the condition does not show is a place before all of its rows, or after them."""
    after = store.page(Feedback, "main", where=eq("is_open", first), order="agenda", limit=1).next
    other = eq("is_open", not first)
    page = store.page(Feedback, "main", where=other, order="agenda", after=after, limit=200, descending=descending)
    assert len(page) == count


@pytest.mark.parametrize("descending", [False, True])
def test_a_position_is_compared_with_none_among_the_values(store: SqliteStore, *, descending: bool) -> None:
    """In an order by a column that may hold None, pages neither repeat nor leave out a row."""
    store.commit(inserts(*(sample(Interaction, 200 + n, channel="email", origin=f"<{n}>") for n in range(5))))
    store.commit(inserts(*(sample(Interaction, 300 + n, channel="email") for n in range(5))))
    seen: list[Interaction] = []
    after = None
    while not seen or after:
        page = store.page(Interaction, "main", order="by_origin", after=after, limit=3, descending=descending)
        seen, after = [*seen, *page], page.next
    everything = store.pages(Interaction, "main")
    assert seen == in_order(Interaction, everything, "by_origin", descending=descending)
