"""The tables that migrations make are those that the records declare."""

import importlib.util
import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata, produce_migrations, render_python_code
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from clientloop.sql.migrations import HEAD
from clientloop.sql.tables import METADATA, VERSION_TABLE
from clientloop.stores.sqlite import SqliteStore


def scripts() -> ScriptDirectory:
    """The revisions."""
    config = Config()
    config.set_main_option("script_location", "clientloop.sql:migrations")
    return ScriptDirectory.from_config(config)


def test_revisions_form_one_line_that_ends_at_the_head() -> None:
    """Each revision follows one other, their names count up, and the last is what this version works with."""
    names = [revision.revision for revision in scripts().walk_revisions()][::-1]
    assert names == [f"{number:04}" for number in range(1, len(names) + 1)]
    assert scripts().get_heads() == [HEAD]


def test_migrated_tables_are_the_declared_ones(tmp_path: Path) -> None:
    """Alembic finds no difference; if it does, what it prints is what the next revision must do."""
    with closing(SqliteStore(tmp_path / "migrated.db")) as store:
        store.migrate()
    engine = sa.create_engine(f"sqlite:///{tmp_path}/migrated.db")
    with engine.connect() as connection:
        options = {"compare_type": True, "include_name": lambda name, kind, _: (name, kind) != (VERSION_TABLE, "table")}
        context = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context, METADATA)
        operations = produce_migrations(context, METADATA).upgrade_ops
        assert operations is not None
        assert differences == [], render_python_code(operations)
    engine.dispose()


def test_migrated_tables_have_the_very_text_of_the_declared_ones(tmp_path: Path) -> None:
    """Also what Alembic does not compare is equal: strictness, references, the order of columns."""
    with closing(SqliteStore(tmp_path / "migrated.db")) as store:
        store.migrate()
    engine = sa.create_engine(f"sqlite:///{tmp_path}/declared.db")
    METADATA.create_all(engine)
    engine.dispose()
    assert texts(tmp_path / "migrated.db") == texts(tmp_path / "declared.db")


def texts(path: Path) -> dict[str, str]:
    """The statements that made what is in a file, without the table of versions."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {name: sql for name, sql in rows if name != VERSION_TABLE}


def test_revisions_do_not_read_the_declaration() -> None:
    """A revision stays as it is when records change: it imports nothing of clientloop."""
    for revision in scripts().walk_revisions():
        spec = importlib.util.find_spec("clientloop.sql.migrations")
        assert spec is not None
        assert "import clientloop" not in Path(revision.path).read_text(encoding="utf-8")
        assert "from clientloop" not in Path(revision.path).read_text(encoding="utf-8")
