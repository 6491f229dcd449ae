"""Questions in their versions."""

import pytest

from clientloop import ClientLoop
from clientloop.errors import UnknownName
from clientloop.model.asking import Formula, Question
from clientloop.services.context import Context


def test_a_question_is_declared_once(loop: ClientLoop) -> None:
    """Declared again as it is, it stays; declared otherwise, it has a new version, and the old one is kept."""
    first = loop.questions.declare("effort", instrument="ces", occasion="transactional", scale="1-7", good_from=5)
    again = loop.questions.declare("effort", instrument="ces", occasion="transactional", scale="1-7", good_from=5)
    assert again == first
    second = loop.questions.declare("effort", instrument="ces", occasion="transactional", scale="1-7", formula="mean")
    assert (second.number, second.formula) == (2, Formula.MEAN)
    assert loop.questions.get("effort") == second
    assert loop.questions.get("effort", 1) == first
    assert [(each.name, each.number) for each in loop.questions.all()] == [
        ("delivery", 1), ("effort", 2), ("recommend", 1),
    ]  # fmt: skip


def test_what_nobody_declared_is_not_found(loop: ClientLoop) -> None:
    """The nearest name, or the newest version, is in the hint."""
    with pytest.raises(UnknownName, match="did you mean 'delivery'"):
        loop.questions.get("delivery2")
    with pytest.raises(UnknownName, match="no version 2 of question 'delivery': its newest version is 1"):
        loop.questions.get("delivery", 2)
    with pytest.raises(UnknownName, match="did you mean 'nps'"):
        loop.questions.declare("x", instrument="npss", occasion="relational")


def test_two_who_declare_at_once_make_two_versions(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes second makes the next version; if both say the same, there is one."""
    commit, others = Context.commit, loop.in_space(loop.space.space)

    def declare(at: ClientLoop, text: str) -> Question:
        return at.questions.declare("delivery", instrument="csat", occasion="transactional", scale="1-5",
                                    texts={"en": text})  # fmt: skip

    for theirs, mine, number in (("Good?", "How?", 3), ("Well?", "Well?", 4)):

        def late(context: Context, unit: object, theirs: str = theirs) -> None:
            monkeypatch.setattr(Context, "commit", commit)
            declare(others, theirs)
            commit(context, unit)  # type: ignore[arg-type]  # as it came

        monkeypatch.setattr(Context, "commit", late)
        assert declare(loop, mine).number == number
