"""Every error of SQLite's is one of ours."""

import sqlite3

import pytest
import sqlalchemy as sa

from clientloop.errors import (
    ClientLoopError,
    Duplicate,
    InvalidValue,
    MissingReference,
    StoreBusy,
    StoreCorrupt,
    StoreError,
    StoreFull,
)
from clientloop.stores.sqlite.errors import MEANINGS, SAID, Meaning, Work

#: The primary codes of https://www.sqlite.org/rescode.html that are errors: 1 to 26.
PRIMARY = range(1, 27)

#: What an application is to tell apart; whatever is not here is a StoreError.
EXPECTED: dict[str, type[ClientLoopError]] = {
    "SQLITE_BUSY": StoreBusy,
    "SQLITE_LOCKED": StoreBusy,
    "SQLITE_PROTOCOL": StoreBusy,
    "SQLITE_FULL": StoreFull,
    "SQLITE_CORRUPT": StoreCorrupt,
    "SQLITE_NOTADB": StoreCorrupt,
    "SQLITE_FORMAT": StoreCorrupt,
    "SQLITE_TOOBIG": InvalidValue,
    "SQLITE_MISMATCH": InvalidValue,
    "SQLITE_CONSTRAINT": InvalidValue,
    "SQLITE_CONSTRAINT_UNIQUE": Duplicate,
    "SQLITE_CONSTRAINT_PRIMARYKEY": Duplicate,
    "SQLITE_CONSTRAINT_FOREIGNKEY": MissingReference,
}


#: Their names; the module gives other constants the same values.
PRIMARY_NAMES = """
    ERROR INTERNAL PERM ABORT BUSY LOCKED NOMEM READONLY INTERRUPT IOERR CORRUPT NOTFOUND FULL CANTOPEN PROTOCOL EMPTY
    SCHEMA TOOBIG CONSTRAINT MISMATCH MISUSE NOLFS AUTH FORMAT RANGE NOTADB
"""

#: Every error code that the module `sqlite3` names, primary and extended.
PRIMARY_CODES = {f"SQLITE_{name}": getattr(sqlite3, f"SQLITE_{name}") for name in PRIMARY_NAMES.split()}
CODES = {
    name: value
    for name, value in vars(sqlite3).items()
    if name in PRIMARY_CODES or (name.startswith(tuple(f"{each}_" for each in PRIMARY_CODES)) and value > 0xFF)
}


def raised(error: Exception) -> ClientLoopError:
    """What an error becomes within a block of work."""
    with pytest.raises(ClientLoopError) as caught, Work("shop.db"):
        raise error
    assert caught.value.__cause__ is not None
    return caught.value


def with_code(code: int) -> sqlite3.Error:
    """An error as the driver raises it."""
    error = sqlite3.OperationalError("something is wrong")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(("name", "code"), CODES.items(), ids=CODES.keys())
def test_every_code_has_a_meaning(name: str, code: int) -> None:
    """Each code, also an extended one, becomes the error that an application expects, with a hint and the cause."""
    expected = EXPECTED.get(name) or EXPECTED.get("_".join(name.split("_")[:2]), StoreError)
    error = raised(with_code(code))
    assert type(error) is expected
    assert "shop.db" in error.message
    assert "something is wrong" in error.message
    assert error.hint


def test_no_primary_code_is_left_out() -> None:
    """The table lists all primary codes, so that nothing is called a fault of ours by default."""
    assert set(PRIMARY) <= MEANINGS.keys()
    assert set(PRIMARY_CODES.values()) == set(PRIMARY)
    assert len(CODES) > 2 * len(PRIMARY_CODES)


@pytest.mark.parametrize(("begin", "meaning"), SAID.items(), ids=SAID.keys())
def test_what_shares_a_code_is_told_by_its_message(begin: str, meaning: Meaning) -> None:
    """SQLite's general code covers tables that are missing and conditions that are too large."""
    error = sqlite3.OperationalError(f"{begin}: clientloop_feedback")
    error.sqlite_errorcode = sqlite3.SQLITE_ERROR
    assert type(raised(error)) is meaning.error
    assert raised(error).hint == meaning.hint


CLASSES = [cls for cls in vars(sqlite3).values() if isinstance(cls, type) and issubclass(cls, sqlite3.Error)]


@pytest.mark.parametrize("cls", CLASSES)
def test_every_class_of_the_driver_is_translated(cls: type[sqlite3.Error]) -> None:
    """An error of any class of the driver's, also one without a code, becomes one of ours."""
    assert isinstance(raised(cls("something is wrong")), StoreError)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OverflowError("Python int too large to convert to SQLite INTEGER"), InvalidValue),
        (OSError(28, "No space left on device"), StoreFull),
        (OSError(13, "Permission denied"), StoreError),
        (UnicodeDecodeError("utf-8", b"\xa3", 0, 1, "invalid start byte"), StoreCorrupt),
        (sqlite3.OperationalError("Could not decode to UTF-8 column 'name' with text '\ufffd'"), StoreCorrupt),
        (sa.exc.OperationalError("COMMIT", None, with_code(sqlite3.SQLITE_FULL)), StoreFull),
        (sa.exc.IntegrityError("INSERT", None, with_code(sqlite3.SQLITE_CONSTRAINT_CHECK)), InvalidValue),
    ],
)
def test_what_comes_around_the_driver_is_translated(error: Exception, expected: type[ClientLoopError]) -> None:
    """What Python, the system and SQLAlchemy raise in the driver's place becomes one of ours too."""
    assert type(raised(error)) is expected


@pytest.mark.parametrize("error", [ZeroDivisionError(), KeyboardInterrupt(), Duplicate("taken")])
def test_what_is_not_the_drivers_passes(error: BaseException) -> None:
    """Errors of others, and those that are ours already, pass as they are."""
    with pytest.raises(type(error)) as caught, Work("shop.db"):
        raise error
    assert caught.value is error
