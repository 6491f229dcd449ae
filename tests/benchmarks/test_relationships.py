"""Both sides of assessing customers say the same."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from uuid import UUID

from tests.benchmarks.relationships import MODELS, ByHand, ByHandTold, Models
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


def test_the_rival_that_tells_why_knows_what_our_explanations_say(tmp_path: Path, size: Size) -> None:
    """Its numbers are those from which each of our stages can be told again."""
    path = seed(tmp_path, size.pick(small=5_000, ci=50_000, night=1_000_000))
    with closing(ByHandTold(path, 0)) as rival, closing(Models(path, 0)) as ours:
        places = ours.places()
        rows, _ = rival._rows()
    for number, _abc, _xyz, _stage, _rfm, _last, lately, bought, net, ever, recent, undated, *rest in rows:
        total, squares, _active, value, before, whole, rank, buyers, recency, frequency, monetary = rest
        customer = UUID(bytes=number)
        abc, xyz, purchases, rfm = (places[name][customer].explanation for name in MODELS)
        assert (abc["purchases"], abc["newcomer"]) == (bought or 0, bool(ever) and ever == recent)
        assert tuple(abc.get(name) for name in ("net", "value", "before", "total", "rank", "of")) == (
            (net, value, before, whole, rank, buyers) if bought else (None,) * 6
        )
        assert (purchases["within"], purchases["undated"]) == (lately or 0, undated or 0)
        assert (xyz["total"], xyz["squares"]) == (total or 0, squares or 0)
        if bought:
            assert list(rfm["no_better"].values()) == [recency, frequency, monetary]


def test_a_file_that_is_there_is_not_made_again(tmp_path: Path) -> None:
    """The file of a size is made once, and nothing half made takes its name."""
    path = seed(tmp_path, 100)
    before = path.stat().st_mtime_ns
    assert seed(tmp_path, 100) == path
    assert path.stat().st_mtime_ns == before
    assert {each.suffix for each in tmp_path.iterdir() if each.suffix in {".db", ".new"}} == {".db"}
