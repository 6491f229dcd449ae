"""Both sides of assessing customers say the same."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from tests.benchmarks.relationships import MODELS, ByHand, Models
from tests.benchmarks.trade import seed
from tests.conftest import Size


def test_the_models_and_the_sql_written_by_hand_say_the_same(tmp_path: Path, size: Size) -> None:
    """Each customer has the same four stages on both sides, and the score is the same."""
    interactions = size.pick(small=5_000, ci=50_000, night=1_000_000)
    path = seed(tmp_path, interactions)
    with closing(ByHand(path, interactions)) as rival, closing(Models(path, interactions)) as ours:
        stages, score, count = ours.answer()
        assert rival.answer() == (stages, score, count)
    assert count == interactions // 50
    for place in range(1, len(MODELS) + 1):
        assert len({each[place] for each in stages}) > 1, "a file in which all are alike shows nothing"


def test_a_file_that_is_there_is_not_made_again(tmp_path: Path) -> None:
    """The file of a size is made once, and nothing half made takes its name."""
    path = seed(tmp_path, 100)
    before = path.stat().st_mtime_ns
    assert seed(tmp_path, 100) == path
    assert path.stat().st_mtime_ns == before
    assert {each.suffix for each in tmp_path.iterdir() if each.suffix in {".db", ".new"}} == {".db"}
