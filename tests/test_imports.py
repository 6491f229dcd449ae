"""What importing the package costs and shows."""

import subprocess
import sys

import pytest

import clientloop

#: What takes long to import, or is an extra; loaded where it is used.
HEAVY = {
    *(
        "alembic",
        "anyio",
        "cattrs",
        "cyclopts",
        "dateutil",
        "email_validator",
        "holidays",
        "httpcore2",
        "imapclient",
        "jinja2",
        "matplotlib",
        "opentelemetry",
        "phonenumbers",
    ),
    *("rich", "sqlalchemy", "sqlite3"),
}


def _loaded_by(statement: str) -> set[str]:
    script = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("statement", ["import clientloop", "from clientloop import ClientLoop"])
def test_import_loads_nothing_heavy(statement: str) -> None:
    """Importing the package, and naming its main object, loads no database, contact, terminal or plotting library."""
    loaded = _loaded_by(statement)
    assert "clientloop" in loaded
    assert loaded & HEAVY == set()


def test_a_heavy_import_would_be_seen() -> None:
    """The look at the loaded modules sees a library that is loaded on the way."""
    assert "sqlite3" in _loaded_by("import sqlite3.dbapi2")


def test_public_names_are_sorted_and_load() -> None:
    """`__all__` is sorted, and every name in it is there, also for `dir`."""
    assert clientloop.__all__ == sorted(set(clientloop.__all__))
    assert clientloop.__all__
    missing = [name for name in clientloop.__all__ if not hasattr(clientloop, name)]
    assert missing == []
    assert set(clientloop.__all__) <= set(dir(clientloop))


def test_unknown_names_are_attribute_errors() -> None:
    """A name that the package does not have is refused as Python does it."""
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = clientloop.no_such_name
