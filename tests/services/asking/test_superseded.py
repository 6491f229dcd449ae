"""Exactly the latest answer of each person to each question is not superseded, whatever happens in whatever order."""

import io
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop import ClientLoop
from clientloop.errors import Conflict, InvalidValue, NotFound
from clientloop.exchange.mapping import AnswersMapping
from clientloop.model.customers import Customer, Merge
from clientloop.model.units import Unit
from clientloop.services.context import Context
from tests.conftest import Size
from tests.services.asking.model import NAMES, all_answers, check_superseded, open_asking
from tests.services.persons import NINE

#: Three persons by their ids in another system.
PERSONS = ("ana", "bor", "cene")

person = st.sampled_from(PERSONS)
question = st.sampled_from(NAMES)
hours = st.integers(0, 6)
rating = st.sampled_from([3, 3, None])

ONE = st.tuples(st.just("answer"), person, question, hours, rating)
MANY = st.tuples(
    st.just("take"), st.lists(st.tuples(person, question, st.none() | hours, rating), min_size=2, max_size=6)
)
STEPS = st.one_of(
    ONE,
    ONE,
    MANY,
    st.tuples(st.just("merge"), person, person),
    st.tuples(st.just("unmerge"), person),
    st.tuples(st.just("split"), person),
)


#: What steps may be refused with: who is one person already, is not merged, or has nothing to give.
REFUSALS = {"merge": (Conflict, InvalidValue), "unmerge": (NotFound,), "split": (InvalidValue,)}


class Play:
    """Takes steps in a firm; what it refuses, it refuses."""

    def __init__(self, loop: ClientLoop) -> None:
        self.loop = loop
        self.ids: dict[str, UUID] = {
            name: loop.customers.add(name=name, external=f"shop:{name}").id for name in PERSONS
        }
        self.rows = 0

    def answer(self, name: str, asked: str, after: int, given_: int | None = 3) -> None:
        """One answers, together with a complaint."""
        customer, at = self.ids[name], NINE - timedelta(hours=10 - after)
        self.loop.questions.answer(
            asked, given_, channel="form", customer=customer, answered_at=at, kind="complaint", text="Late"
        )

    def take(self, rows: list[tuple[str, str, int | None, int | None]]) -> None:
        """A file brings some answers, with times and ratings or without."""
        lines = ["no,who,question,at,score"]
        for name, asked, after, given_ in rows:
            self.rows += 1
            at = "" if after is None else (NINE - timedelta(hours=10 - after)).isoformat()
            lines.append(f"{self.rows},{name},{asked},{at},{'' if given_ is None else given_}")
        columns = {
            "id": "no", "customer": "who", "name": "who", "question": "question", "at": "at", "rating": "score"
        }  # fmt: skip
        mapping = AnswersMapping(source="shop", columns=columns, default={"channel": "email", "text": "Late"})
        report = self.loop.imports.answers(io.StringIO("\n".join(lines) + "\n"), mapping)
        assert report.added == len(rows)

    def merge(self, kept: str, absorbed: str) -> Merge:
        """Two are one person."""
        return self.loop.customers.merge(self.ids[kept], self.ids[absorbed], by="mia", reason="called")

    def unmerge(self, name: str) -> Merge:
        """They were not."""
        return self.loop.customers.unmerge(self.ids[name], by="mia")

    def split(self, name: str) -> None:
        """The last complaint was another person's."""
        theirs = [answer.item for answer in self.loop.questions.of(self.ids[name]) if answer.item]
        self.loop.customers.split(self.ids[name], interactions=theirs[:1], by="mia", reason="two")


@given(data=st.data())
def test_exactly_the_latest_is_not_superseded(data: st.DataObject, size: Size) -> None:
    """Answers one by one and in files, late and undated ones, merges, their undoing and splits, against a model."""
    steps = data.draw(st.lists(STEPS, min_size=3, max_size=size.pick(small=8, ci=12, night=20)))
    with open_asking("memory:") as loop:
        play = Play(loop)
        for verb, *given_ in steps:
            with suppress(*REFUSALS.get(verb, ())):
                getattr(play, verb)(*given_)
            check_superseded(loop)


def test_words_take_no_rating_back(loop: ClientLoop) -> None:
    """Who rates and then only writes something is still counted with the rating, wherever the words come from."""
    play = Play(loop)
    play.answer("ana", "recommend", 1, 9)
    play.answer("ana", "recommend", 2, None)
    play.take([("ana", "recommend", 3, None), ("ana", "recommend", None, None)])
    check_superseded(loop)
    scores = loop.metrics.score("nps", question="recommend", latest=True)
    assert [(row.score.value, row.score.count) for row in scores.rows] == [(100, 1)]
    play.answer("ana", "recommend", 4, 0)
    scores = loop.metrics.score("nps", question="recommend", latest=True)
    assert [(row.score.value, row.score.count) for row in scores.rows] == [(-100, 1)]


def between(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch, act: Callable[[ClientLoop], object]) -> None:
    """Have somebody else act once, right before the next unit is committed."""
    commit, others = loop.context.commit, loop.in_space(loop.space.space)

    def late(unit: Unit) -> None:
        monkeypatch.setattr(loop.context, "commit", commit)
        act(others)
        commit(unit)

    monkeypatch.setattr(loop.context, "commit", late)


@pytest.mark.parametrize("known", [0, 1])
@pytest.mark.parametrize("earlier", [False, True])
def test_two_answers_at_once_see_each_other(
    loop: ClientLoop, monkeypatch: pytest.MonkeyPatch, known: int, *, earlier: bool
) -> None:
    """Of two answers of a person that are written at the same time, one is the latest, also of the first two."""
    ana = loop.customers.add(name="Ana")
    for _ in range(known):
        loop.questions.answer("recommend", 7, channel="form", customer=ana, answered_at=NINE - timedelta(days=2))
    at = NINE - timedelta(hours=1 if earlier else 3)
    between(loop, monkeypatch, lambda others: others.questions.answer(
        "recommend", 3, channel="form", customer=ana, answered_at=at,
    ))  # fmt: skip
    loop.questions.answer("recommend", 9, channel="form", customer=ana, answered_at=NINE - timedelta(hours=2))
    assert len(all_answers(loop)) == known + 2
    check_superseded(loop)


def test_an_answer_and_a_merge_at_once_see_each_other(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who becomes one person while answering has one latest answer."""
    ana, anna = loop.customers.add(name="Ana"), loop.customers.add(name="Anna")
    loop.questions.answer("recommend", 3, channel="form", customer=anna, answered_at=NINE - timedelta(hours=1))
    between(loop, monkeypatch, lambda others: others.customers.merge(ana, anna, by="mia", reason="called"))
    loop.questions.answer("recommend", 9, channel="form", customer=ana)
    check_superseded(loop)
    between(loop, monkeypatch, lambda others: others.customers.unmerge(anna, by="mia"))
    loop.questions.answer("recommend", 5, channel="form", customer=anna)
    check_superseded(loop)


@pytest.mark.parametrize("undo", [False, True])
def test_a_merge_and_an_answer_at_once_see_each_other(
    loop: ClientLoop, monkeypatch: pytest.MonkeyPatch, *, undo: bool
) -> None:
    """A merge, or its undoing, that an answer came in between of is refused, as for any other change of a customer."""
    ana, anna = loop.customers.add(name="Ana"), loop.customers.add(name="Anna")
    if undo:
        loop.customers.merge(ana, anna, by="mia", reason="called")
    for each in (ana, anna):
        loop.questions.answer("recommend", 3, channel="form", customer=each, answered_at=NINE - timedelta(hours=1))
    between(loop, monkeypatch, lambda others: others.questions.answer("recommend", 9, channel="form", customer=ana))
    with pytest.raises(Conflict):
        _merge(loop, ana, anna, undo=undo)
    check_superseded(loop)


def _merge(loop: ClientLoop, kept: Customer, absorbed: Customer, *, undo: bool) -> Merge:
    if undo:
        return loop.customers.unmerge(absorbed, by="mia")
    return loop.customers.merge(kept, absorbed, by="mia", reason="called")


def test_a_file_and_an_answer_at_once_see_each_other(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chunk of a file that an answer of one of its persons came in between of is worked out anew."""
    play = Play(loop)
    rows: list[tuple[str, str, int | None, int | None]] = [("ana", "recommend", 5, 3), ("bor", "recommend", 5, 3)]
    between(loop, monkeypatch, lambda others: others.questions.answer(
        "recommend", 9, channel="form", customer=play.ids["bor"], answered_at=NINE - timedelta(hours=1)
    ))  # fmt: skip
    play.take(rows)
    assert len(all_answers(loop)) == 3
    check_superseded(loop)


def test_answers_that_came_with_an_item_go_over_with_it(loop: ClientLoop) -> None:
    """After a split, the answer that came with the item is the other person's, and both have a latest one."""
    play = Play(loop)
    for after in (1, 2, 3):
        play.answer("ana", "recommend", after)
    [last, *others] = loop.questions.of(play.ids["ana"])
    assert last.item is not None
    target = loop.customers.split(play.ids["ana"], interactions=[last.item], by="mia", reason="two")
    assert [each.id for each in loop.questions.of(target)] == [last.id]
    assert loop.questions.of(play.ids["ana"])[0].id == others[0].id
    check_superseded(loop)


def test_an_answer_is_taken_as_often_as_it_conflicts_and_no_more(
    loop: ClientLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where others write of the same person without end, the conflict is told at last."""

    def busy(_: Context, __: Unit) -> None:
        raise Conflict

    ana = loop.customers.add(name="Ana")
    monkeypatch.setattr(Context, "commit", busy)
    with pytest.raises(Conflict):
        loop.questions.answer("recommend", 9, channel="form", customer=ana)
