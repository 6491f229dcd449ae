"""What is known of each plugin."""

import threading
from collections.abc import Mapping
from enum import StrEnum

from attrs import define, evolve, field, frozen

from clientloop.model.facts import FactName
from clientloop.plugins.loading import cause_of
from clientloop.plugins.spec import Sort


class Status(StrEnum):
    """Whether a plugin is used."""

    OK = "ok"
    #: Nothing of it is used.
    BROKEN = "broken"


class Origin(StrEnum):
    """Where a plugin comes from."""

    #: With clientloop.
    BUILTIN = "builtin"
    #: From the application, which has passed it.
    PASSED = "passed"
    #: From a distribution that is installed.
    INSTALLED = "installed"


@frozen(kw_only=True)
class PluginReport:
    """What is known of one plugin."""

    #: Its name: of its module, or of its entry point.
    name: str
    #: The distribution that an entry point came with.
    distribution: str | None = None
    #: The version of that.
    version: str | None = None
    #: Whether it is used.
    status: Status = Status.OK
    #: Why it is broken.
    cause: str | None = None
    #: The names that it adds, by sort.
    provides: Mapping[Sort, tuple[str, ...]] = field(factory=dict)
    #: What it observes.
    observes: tuple[FactName, ...] = ()
    #: How often it raised since.
    failures: int = 0
    #: What it raised last.
    last_failure: str | None = None


@define(eq=False)
class Plugin:
    """One plugin: the object, and what is known of it so far."""

    #: What is known, for anybody.
    report: PluginReport
    #: The module or the object; None until it is loaded.
    it: object
    #: Where it comes from.
    origin: Origin
    #: For the report, which any thread may add to.
    lock: threading.Lock = field(factory=threading.Lock)

    @property
    def label(self) -> str:
        """What it is called in a sentence."""
        of = self.report.distribution
        return f"{self.report.name!r} of {of}" if of else repr(self.report.name)

    def count(self, error: BaseException) -> None:
        """Note in the report what it has raised."""
        with self.lock:
            failures = self.report.failures + 1
            self.report = evolve(self.report, failures=failures, last_failure=cause_of(error))
