"""The ten questions of a head of customer service: every one has one call and one line, and the lines are run.

The calls are examples that run with the rest of the documentation.
"""

import re
import shlex
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from attrs import frozen

from clientloop.cli.app import execute
from tests.cli.terminal import Done, screen
from tests.ten_questions import NOW, open_shop

PAGE = Path(__file__).resolve().parents[1] / "docs" / "how-to" / "ten-questions.md"

#: What the line of each question must say, by the number of the question: patterns, each found somewhere.
ANSWERS = {
    1: [r"^2 items overdue, 0 of them critical$", r"^By owner$", r"^maja +1 ", r"^By team$", r"^service +1 "],
    2: [
        r"The parcel came broken",
        r"Where is my refund\?",
        r"A tent for two",
        r"120\.00 EUR",
        r"same voice, same order",
    ],
    3: [r"The parcel came broken", r"\btim\b", r"it was our fault", r"\bdone\b", r"sent a new one"],
    4: [r"^solution, net ", r"^kind .* answer +solution +net$", r"^complaint +2 .* 3 h +5 h +3 h$"],
    5: [r"^cold kitchen +1 .* 45\.00 EUR +45\.00 EUR$", r"^bad packing +1 .* 120\.00 EUR +0\.00 EUR$"],
    6: [r"^9D4F6GJC +1 of 1-5 +Bo Novak +maja .* not called +Cold soup$"],
    7: [r"^33 % came again within 7 days: 1 of 3$", r"^0 % reopened or denied: 0 of 1 ", r"^ +401 items younger"],
    8: [r"\btim\b", r"2026-03-23", r"\bmaja\b"],
    9: [r"^no$", r"marketing on every channel forbidden on 2026-03-02 \(link in a mail\)"],
    10: [r"\b400\b"],
}


@frozen
class Question:
    """One section of the page."""

    number: int
    words: str
    calls: tuple[str, ...]
    lines: tuple[str, ...]


def _questions() -> Iterator[Question]:
    _, *sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for section in sections:
        title, _, text = section.partition("\n")
        number, _, words = title.partition(". ")
        python, shell = (
            tuple(re.findall(rf"^```{name}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)) for name in ("python", "sh")
        )
        yield Question(int(number), words, python, tuple(line for block in shell for line in block.splitlines()))


QUESTIONS = list(_questions())


def test_every_question_has_one_call_and_one_line() -> None:
    """Ten questions, in order; each is asked of one group of the loop, and of one command."""
    assert [question.number for question in QUESTIONS] == list(ANSWERS)
    for question in QUESTIONS:
        (call,), (line,) = question.calls, question.lines
        verbs = re.findall(r"loop\.(\w+\.\w+)\(", call)
        assert len(verbs) == 1, question.words
        assert line.startswith("clientloop ")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the shop's store."""
    url = f"sqlite:///{tmp_path_factory.mktemp('shop') / 'shop.db'}"
    open_shop(url).close()
    return url


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.words)
def test_the_line_answers_the_question(question: Question, store: str) -> None:
    """Each line of the page, typed as it stands there, says what there is to say about the shop."""
    (line,) = question.lines
    command = line.removeprefix("clientloop ")
    out, err = StringIO(), StringIO()
    place = ["--store", store, "--now", NOW.isoformat()]
    done = Done(execute([*shlex.split(command), *place], screen(out, err)), out.getvalue(), err.getvalue())
    assert (done.code, done.err) == (0, "")
    for pattern in ANSWERS[question.number]:
        assert re.search(pattern, done.out, re.MULTILINE), f"{pattern} not in:\n{done.out}"
