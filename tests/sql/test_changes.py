from datetime import timedelta

import pytest

from clientloop.errors import InvalidValue
from clientloop.model.codec import microseconds
from clientloop.model.feedback import Timer
from clientloop.model.messages import OutboundMessage
from clientloop.model.spaces import Setting, Space
from clientloop.model.units import Add, Change, Delete, Insert, Unit, Update
from clientloop.sql.changes import Step, steps_of
from clientloop.stores.sqlite import SqliteStore
from clientloop.testing.samples import SAMPLE_TIME, inserts, sample

HOUR = timedelta(hours=1)


def steps(*changes: Change) -> list[Step]:
    """The statements that make some changes."""
    return steps_of(changes, SqliteStore.dialect)


def made(*changes: Change) -> list[tuple[str, int]]:
    """Each statement's verb with its table, and for how many rows it is."""
    return [(f"{step.sql.split()[0]} {step.record.name}", len(step.rows)) for step in steps(*changes)]


def timer(number: int, hours: float, *, space: str = "main") -> Timer:
    """A timer so many hours after the sample time."""
    return sample(Timer, number, space=space, wake_at=SAMPLE_TIME + hours * HOUR)


def test_consecutive_inserts_of_a_class_are_one_statement() -> None:
    """Rows of one class go together only while nothing else stands between them."""
    first, second, third = (Insert(sample(Setting, number)) for number in range(3))
    space = Insert(Space(space="main"))
    gone = Delete(Setting, ("main", sample(Setting, 1).name))
    assert made(space, first, second, gone, second, third, space) == [
        ("INSERT space", 1),
        ("INSERT setting", 2),
        ("DELETE setting", 1),
        ("INSERT setting", 2),
        ("INSERT space", 1),
    ]


def test_changes_are_made_in_order(sqlite_store: SqliteStore) -> None:
    """A row that is inserted, removed and inserted again within one unit is there in its last form."""
    before, after = Space(space="main", zone="UTC"), Space(space="main", zone="Europe/Ljubljana")
    sqlite_store.commit(Unit((Insert(before), Delete(Space, ("main",)), Insert(after))))
    assert sqlite_store.get(Space, ("main",)) == after


def test_the_earliest_time_of_each_space_is_kept() -> None:
    """Whatever wakes, is made to wake or is added to sets when its space is due; what never wakes does not."""
    message = sample(OutboundMessage, 1, wake_at=SAMPLE_TIME + 2 * HOUR)
    changes = (
        Insert(timer(1, 5)),
        Insert(timer(2, 3)),
        Insert(timer(3, 4)),
        Add(message, {"attempts": 1}),
        Update(Timer, ("other", sample(Timer, 1).item), {"wake_at": SAMPLE_TIME + HOUR}),
        Insert(sample(OutboundMessage, 2, space="parked", wake_at=None)),
    )
    last = steps(*changes)[-1]
    expected = [("main", microseconds(SAMPLE_TIME + 2 * HOUR)), ("other", microseconds(SAMPLE_TIME + HOUR))]
    assert (last.record.name, last.rows) == ("space_due", expected)
    assert made(Insert(sample(OutboundMessage, 2, wake_at=None))) == [("INSERT outbox", 1)]


def test_a_later_time_does_not_put_off_an_earlier_one(sqlite_store: SqliteStore) -> None:
    """A space stays due at its earliest time when something later is added."""
    for number, hours in ((1, 1), (2, 5)):
        sqlite_store.commit(inserts(timer(number, hours)))
    assert sqlite_store.due_spaces(now=SAMPLE_TIME + HOUR) == ["main"]


def test_a_claim_that_leaves_something_keeps_the_space_due(sqlite_store: SqliteStore) -> None:
    """A full batch says nothing about what else is due; a batch that is not full counts anew, messages included."""
    sqlite_store.commit(inserts(timer(1, 0), timer(2, 0), sample(OutboundMessage, 3, wake_at=SAMPLE_TIME + 2 * HOUR)))
    sqlite_store.claim(Timer, "main", now=SAMPLE_TIME, lease=4 * HOUR, limit=1)
    assert sqlite_store.due_spaces(now=SAMPLE_TIME) == ["main"]
    sqlite_store.claim(Timer, "main", now=SAMPLE_TIME, lease=4 * HOUR, limit=2)
    assert sqlite_store.due_spaces(now=SAMPLE_TIME + HOUR) == []
    assert sqlite_store.due_spaces(now=SAMPLE_TIME + 2 * HOUR) == ["main"]


def test_what_is_no_change_is_refused() -> None:
    """Anything else is an InvalidValue that names the four."""
    with pytest.raises(InvalidValue, match="Insert, Update, Delete or Add"):
        steps(Space(space="main"))  # type: ignore[arg-type]  # this is what is tried
