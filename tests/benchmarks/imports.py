"""Importing, each time in a new interpreter; the interpreter's own start is not counted."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

from tests.benchmarks.sides import NotAvailable
from tests.benchmarks.timing import Run


class _Import:
    statement: str
    modules: tuple[str, ...]

    def __init__(self) -> None:
        for module in self.modules:
            if importlib.util.find_spec(module) is None:
                raise NotAvailable(f"{module} is not installed")

    def load(self, count: int, /) -> Run:
        code = f"import time; t = time.perf_counter(); {self.statement}; print(time.perf_counter() - t)"

        def run() -> float:
            return sum(
                float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout)
                for _ in range(count)
            )

        return run


class Bare(_Import):
    """What a library with records, plugins and SQLite cannot do without."""

    statement = "import attrs, pluggy, sqlite3"
    modules = ("attrs", "pluggy", "sqlite3")


class Package(_Import):
    """This library, nothing of it used."""

    statement = "import clientloop"
    modules = ("clientloop",)


class FromPackage(_Import):
    """This library's main object, not made yet."""

    statement = "from clientloop import ClientLoop"
    modules = ("clientloop",)
