"""Hostile input at every door: refused with an error that says so, in little memory, and before it takes long."""

import gc
import json
import re
from collections.abc import Generator
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import pytest

from clientloop import ClientLoop
from tests.conftest import Size
from tests.faults.conftest import Figures
from tests.faults.doors import MAPPINGS, firm, imported
from tests.faults.forks import run
from tests.faults.hostile import ATTEMPTS

#: How many MB more than before may be held while something is refused.
MOST = {Size.SMALL: 16, Size.CI: 64, Size.NIGHT: 64}


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Generator[ClientLoop]:
    """A firm that has imported something before, so that no library is loaded while memory is measured."""
    folder = tmp_path_factory.mktemp("before")
    with firm() as loop:
        for what in (*MAPPINGS, "vcard", "icalendar"):
            path = folder / f"{what}.csv"
            path.write_text("Name,No\n\0,1\n")
            imported(what, loop, path)
        gc.collect()
        gc.freeze()  # so that the collector of a child leaves alone what the child shares
        yield loop
        gc.unfreeze()


@pytest.mark.parametrize("name", ATTEMPTS)
def test_what_nobody_should_send_is_refused(
    name: str, loop: ClientLoop, size: Size, tmp_path: Path, figures: Figures
) -> None:
    """The error says what is wrong; at no time much more memory is held than before."""
    attempt, told = ATTEMPTS[name], tmp_path / "told"
    given = attempt.make(size.pick(small=attempt.sizes[0], ci=attempt.sizes[1], night=attempt.sizes[1]), tmp_path)

    def try_it() -> None:
        before = getrusage(RUSAGE_SELF)
        refusal = attempt.door(loop, given)
        after = getrusage(RUSAGE_SELF)
        took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        told.write_text(json.dumps([refusal.code, refusal.words, (after.ru_maxrss - before.ru_maxrss) / 1024, took]))

    run(try_it)  # in a child: the most that it holds is counted from here
    code, words, held, took = json.loads(told.read_text())
    assert code == attempt.code, words
    assert re.search(attempt.words, words), words
    assert held < MOST[size], f"{held:.0f} MB more than before"
    if size is not Size.SMALL:
        figures(f"hostile input, {name}", MB=round(held, 1), seconds=round(took, 1))
