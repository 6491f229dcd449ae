"""The declared kinds of feedback, made ready to run once for all spaces."""

from collections.abc import Iterable, Mapping

from clientloop.errors import UnknownName
from clientloop.model.process import Common, Process
from clientloop.rules.loop.case import Loop
from clientloop.rules.loop.process import prepare


class Processes:
    """The kinds of feedback that the code declares.

    Args:
        declared: Every version of every kind.
        common: What is common to all kinds.

    Raises:
        InvalidValue: A declaration is wrong.
    """

    def __init__(self, declared: Iterable[Process], common: Common) -> None:
        """Make every version ready to run."""
        self.common = common
        self.declared = tuple(declared)
        self._loops = {(process.kind, process.version): prepare(process, common) for process in self.declared}
        by_version = sorted(self.declared, key=lambda process: process.version)
        self._newest: Mapping[str, int] = {process.kind: process.version for process in by_version}

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds, in the order of their declaration."""
        return tuple(dict.fromkeys(process.kind for process in self.declared))

    def newest(self, kind: str) -> Loop:
        """The process that new items of a kind follow.

        Raises:
            UnknownName: No such kind is declared.
        """
        try:
            return self._loops[kind, self._newest[kind]]
        except KeyError:
            raise UnknownName.among(kind, self._newest, what="kind of feedback") from None

    def find(self, kind: str, version: int) -> Loop | None:
        """The process of a kind in one version, if the code still declares it."""
        return self._loops.get((kind, version))
