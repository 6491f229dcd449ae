"""Import of answers: each row once, on the declared scale, and the latest of each person known."""

import csv
import gzip
import io
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from clientloop.app import ClientLoop
from clientloop.exchange.answers import import_answers
from clientloop.exchange.mapping import AnswersMapping
from clientloop.exchange.report import ImportReport
from clientloop.exchange.writing import write
from clientloop.model.asking import Answer
from clientloop.model.customers import CustomerClass
from clientloop.model.relationships import Assessment
from clientloop.model.units import Insert, Unit
from tests.exchange.conftest import NOW
from tests.exchange.mappings import shown

HEADER = "no,who,name,question,score,words,when,country,site,class,team\n"

COLUMNS = {
    "id": "no", "customer": "who", "name": "name", "question": "question", "rating": "score", "text": "words",
    "at": "when", "country": "country", "domain": "site", "customer_class": "class",
}  # fmt: skip


@pytest.fixture(autouse=True)
def asking(loop: ClientLoop) -> None:
    """The space asks three questions."""
    loop.questions.declare("recommend", instrument="nps", occasion="relational")
    loop.questions.declare("goal", instrument="gcr", occasion="transactional")
    loop.questions.declare("after-delivery", instrument="csat", occasion="transactional", scale="1-5")


def take(loop: ClientLoop, rows: str, *, dry_run: bool = False, **options: Any) -> ImportReport:  # Any: of the mapping
    """Import answers."""
    mapping = AnswersMapping(**{"source": "survey", "columns": COLUMNS, "default": {"channel": "email"}, **options})
    return import_answers(loop.context, io.StringIO(HEADER + rows), mapping, dry_run=dry_run)


def answers(loop: ClientLoop) -> list[Answer]:
    """All answers, in the order of the file."""
    return list(loop.store.pages(Answer, "main"))


def test_an_answer_is_what_the_row_says(loop: ClientLoop) -> None:
    """With the version and the scale of the question, codes in their form, and the columns to keep."""
    report = take(
        loop, "7,4,Ana,after-delivery,2,Late ,2026-03-01,si,Shop.example.com,b,Returns\n", keep=("team",)
    )  # fmt: skip
    assert (report.added, report.customers_added) == (1, 1)
    [found] = answers(loop)
    assert (found.question, found.number, found.scale, found.rating, found.text) == (
        "after-delivery", 1, "1-5", 2, "Late ",
    )  # fmt: skip
    assert (found.channel, found.origin) == ("email", "survey:answer:7:after-delivery")
    assert (found.answered_at, found.recorded_at) == (datetime(2026, 2, 28, 23, tzinfo=UTC), NOW)
    assert (found.country, found.domain, found.customer_class) == ("SI", "shop.example.com", CustomerClass.B)
    assert found.extra == {"team": "Returns"}
    assert found.customer is not None
    assert loop.customers.get(found.customer).name == "Ana"


def test_a_second_run_adds_nothing(loop: ClientLoop) -> None:
    """Rows are found by their ids, or by their content and number; a dry run counts the same and writes nothing."""
    rows = "1,4,Ana,recommend,9,,,,,,\n" + ",4,Ana,recommend,9,,,,,,\n" * 2 + ",,Nobody,recommend,3,,,,,,\n"
    counted = [take(loop, rows, dry_run=dry) for dry in (True, False, True, False)]
    assert [(each.added, each.duplicates) for each in counted] == [(4, 0), (4, 0), (0, 4), (0, 4)]
    assert len(answers(loop)) == 4
    [nobody] = [each for each in answers(loop) if each.customer is None]
    assert nobody.extra == {"name": "Nobody"}


def test_a_row_may_answer_several_questions(loop: ClientLoop) -> None:
    """A file is imported once for each question, with that question as the default: its rows are not the same."""
    for question in ("recommend", "after-delivery"):
        columns = {field: name for field, name in COLUMNS.items() if field != "question"}
        for rows in ("1,4,,,3,,,,,,\n", ",4,,,3,,,,,,\n"):
            report = take(loop, rows, columns=columns, default={"question": question, "channel": "email"})
            assert report.added == 1
    assert Counter(each.question for each in answers(loop)) == {"recommend": 2, "after-delivery": 2}


def test_words_may_stand_for_ratings(loop: ClientLoop) -> None:
    """What a cell means is said by the mapping; what is a number already is taken as it is."""
    meant = {"rating": {"Yes": "2", "Partly": "1", "No": "0"}, "country": {"Slovenia": "SI"}}
    rows = "1,4,,goal,yes,,,Slovenia,,,\n2,5,,goal,No,,,hr,,,\n3,6,,goal,1,,,,,,\n4,7,,goal,-1,,,,,,\n"
    assert (take(loop, rows, values=meant).added, [each.rating for each in answers(loop)]) == (3, [2, 0, 1])
    assert [each.country for each in answers(loop)] == ["SI", "HR", None]


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("1,4,,recommend,11,,,,,,", "score", "a rating of 11 is outside the scale 0-10"),
        ("1,4,,after-delivery,0,,,,,,", "score", "a rating of 0 is outside the scale 1-5"),
        ("1,4,,after-delivery,4.5,,,,,,", "score", "'4.5' is no whole number"),
        ("1,4,,delivery,4,,,,,,", "question", "no question 'delivery': did you mean 'after-delivery'?"),
        ("1,4,,,4,,,,,,", "question", "the cell is empty"),
        ("1,4,,recommend,,,,,,,", "", "neither a rating nor words"),
        ("1,4,,recommend,9,,2026-03-09,,,,", "when", "nobody answers at 2026-03-08 23:00"),
        ("1,4,,recommend,9,,soon,,,,", "when", "'soon' is no time"),
        ("1,4,,recommend,9,,,Slovenia,,,", "country", "'Slovenia' is no country"),
        ("1,4,,recommend,9,,,,,D,", "class", "no class 'd'"),
    ],
)
def test_a_row_that_is_no_answer_is_rejected(loop: ClientLoop, row: str, column: str, reason: str) -> None:
    """With the column and the reason; nothing of it is written."""
    report = take(loop, row + "\n")
    assert (report.added, report.rejected, report.customers_added) == (0, 1, 0)
    assert report.problems[0].field == column
    assert report.problems[0].reason.startswith(reason)
    assert answers(loop) == []


def test_rejected_rows_are_mended_and_taken_once(loop: ClientLoop, tmp_path: Path) -> None:
    """A mended row that has become like another one is a row of its own, and is not taken twice."""
    source, aside = tmp_path / "a.csv", tmp_path / "aside.csv"
    source.write_text(HEADER + ",4,,recommend,9,,,,,,\n" + ",4,,recommend,99,,,,,,\n", encoding="utf-8")
    mapping = AnswersMapping(source="survey", columns=COLUMNS, default={"channel": "email"})
    assert import_answers(loop.context, source, mapping, rejects=aside).rejected == 1
    aside.write_text(aside.read_text(encoding="utf-8-sig").replace(",99,", ",9,"), encoding="utf-8-sig")
    assert [import_answers(loop.context, aside, mapping).added for _ in range(2)] == [1, 0]
    assert [each.extra for each in answers(loop)] == [{}, {"line": 3}]


def test_a_workbook_is_read_too(loop: ClientLoop, tmp_path: Path) -> None:
    """The first sheet of an .xlsx file, with times as it holds them."""
    pytest.importorskip("python_calamine")
    path = tmp_path / "answers.xlsx"
    write(path, ("no", "score", "when"), [(1, 9, datetime(2026, 3, 1, 12, tzinfo=UTC)), (2, 3, None)])
    mapping = AnswersMapping(
        source="survey", columns={"id": "no", "rating": "score", "at": "when"},
        default={"question": "recommend", "channel": "form"},
    )  # fmt: skip
    assert import_answers(loop.context, path, mapping).added == 2
    assert [(each.rating, each.answered_at) for each in answers(loop)] == [
        (9, datetime(2026, 3, 1, 12, tzinfo=UTC)), (3, None),
    ]  # fmt: skip


def test_stage_and_class_are_those_of_the_time(loop: ClientLoop) -> None:
    """Of known customers, as models had it when they answered; of new ones, nobody knows."""
    known = loop.customers.add(name="Ana", external="survey:4", locale="sl")
    history = [
        Assessment(
            space="main", subject=known.id, model=model, number=1, stage=stage, by="system", at=NOW,
            as_of=datetime(2026, 2, 1, tzinfo=UTC),
        )
        for model, stage in (("purchases", "regular"), ("abc", "A"))
    ]  # fmt: skip
    loop.store.commit(Unit(tuple(map(Insert, history))))
    take(loop, "".join(f"{day},{day},,recommend,9,,2026-0{day}-01,,,,\n" for day in (1, 3)).replace(",1,", ",4,")
         .replace("3,3,", "3,4,") + "9,9,,recommend,9,,2026-03-01,,,,\n")  # fmt: skip
    assert [(each.stage, each.customer_class, each.locale) for each in answers(loop)] == [
        (None, None, "sl"), ("regular", CustomerClass.A, "sl"), (None, None, None),
    ]  # fmt: skip


def test_the_ratings_of_the_tickets_come_in(real_data: Path, tmp_path: Path) -> None:
    """Of 8,469 tickets, each with a rating is an answer; the others are rejected, and a second run adds nothing."""
    mapping = shown("ratings.toml", AnswersMapping, tmp_path)
    file = real_data / "tickets.csv.gz"
    with gzip.open(file, "rt", encoding="utf-8-sig", newline="") as source:
        records = list(csv.DictReader(source))
    wanted = Counter(int(each["Customer Satisfaction Rating"]) for each in records if each["Time to Resolution"])
    with ClientLoop.open("memory:", entry_points=False) as loop:
        loop.questions.declare("support", instrument="csat", occasion="transactional", scale="1-5")
        first, again = (loop.imports.answers(file, mapping) for _ in range(2))
        found = answers(loop)
    assert (first.rows, first.added, first.rejected) == (len(records), sum(wanted.values()), 8_469 - 2_769)
    assert {problem.reason for problem in first.problems} == {"neither a rating nor words"}
    assert Counter(each.rating for each in found) == wanted
    assert (again.added, again.duplicates) == (0, sum(wanted.values()))
