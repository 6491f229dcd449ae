"""The commands on questions, and the import of answers."""

from pathlib import Path

import pytest

from clientloop.model.asking import Answer
from clientloop.model.customers import CustomerClass


@pytest.fixture
def asking(shop):
    """A shop that asks two questions, one of them in two versions, and a customer."""
    for text in ("Would you recommend us?", "How likely are you to recommend us?"):
        shop.questions.declare("recommend", instrument="nps", occasion="relational", texts={"en": text})
    shop.questions.declare("effort", instrument="ces", occasion="transactional", scale="1-7", good_from=5, passive=True)
    shop.customers.add(name="Ana Bizjak", email="ana@example.com")
    return shop


def test_questions_are_declared_and_listed(run, shop):
    """A question is declared once, and listed with what it measures; without any, the way to one is shown."""
    assert run("questions", "list").out == "There is none: clientloop questions declare NAME --instrument nps\n"
    declare = ("questions", "declare", "delivery", "--instrument", "csat", "--occasion", "transactional")
    for _ in range(2):
        done = run(*declare, "--scale", "1-5", "--text", "en=How was it?")
        assert done.out == "delivery is declared, version 1\n"
    assert [line.split() for line in run("questions", "list").out.splitlines()] == [
        ["name", "version", "instrument", "occasion", "scale", "text"],
        ["delivery", "1", "csat", "transactional", "1-5", "How", "was", "it?"],
    ]
    assert [each["number"] for each in run("questions", "list", "--json").json["questions"]] == [1]
    assert run(*declare, "--scale", "1-5", "--json").json["number"] == 2
    for scale, words in (((), "csat on no scale"), (("--scale", "1-7"), "would become 1-7")):
        refused = run(*declare, *scale)
        assert (refused.code, words in refused.err) == (1, True)


def test_answers_are_written_down_and_shown(run, asking):
    """What was answered is shown with who, when and whether it is the latest, page by page."""
    answered = ("questions", "answer", "recommend", "--channel", "phone", "--customer", "ana@example.com")
    first = run(*answered, "3", "--at", "2026-02-27 09:00", "--text", "Late again", "--kind", "complaint")
    [item] = asking.inbox()
    assert first.out.endswith(f"recommend: 3, with item {item.ref}\n")
    run(*answered, "9", "--country", "si", "--class", "A", "--stage", "regular", "--now", "2026-03-02 09:00")
    shown = run("questions", "show", "recommend").out.splitlines()
    assert shown[:5] == [
        "recommend, version 2",
        "  measures  nps, relational",
        "  scale     0-10",
        "  score     share",
        "  en        How likely are you to recommend us?",
    ]
    assert [line.split() for line in shown[-2:]] == [
        ["2026-02-27", "09:00", "3", "Ana", "Bizjak", "phone", "Late", "again"],
        ["2026-03-02", "09:00", "9", "Ana", "Bizjak", "phone", "SI", "yes"],
    ]
    page = run("questions", "show", "recommend", "-n", "1", "--json").json
    assert [each["rating"] for each in page["answers"]] == [3]
    later = run("questions", "show", "recommend", "--since", "2026-03-01", "--after", page["next"], "--json").json
    assert [(each["rating"], each["customer_class"], each["stage"]) for each in later["answers"]] == [
        (9, CustomerClass.A, "regular")
    ]
    assert "--after" in run("questions", "show", "recommend", "-n", "1").out
    assert "Nobody has answered." in run("questions", "show", "effort").out
    assert "transactional, passive" in run("questions", "show", "effort").out
    assert "1-7, good from 5" in run("questions", "show", "effort").out


def test_whom_a_question_was_put_to_is_noted(run, asking):
    """So that there is a response rate; the same key again is the invitation that is there."""
    said = ("questions", "invite", "recommend", "--channel", "phone", "--at", "2026-03-01T10:00", "--origin", "call-7")
    asked = run(*said, "--country", "SI")
    assert asked.out.endswith("  recommend: asked on 2026-03-01 10:00\n")
    again = run(*said, "--json").json
    assert (asked.out.startswith(again["id"]), again["country"]) == (True, "SI")


def test_answers_are_imported_by_options(run, asking):
    """Columns are named by options; a rating outside of the scale is put aside with the reason."""
    Path("nps.csv").write_text("no,mail,score\n1,ana@example.com,9\n2,bor@example.com,11\n", encoding="utf-8")
    columns = [option for pair in ("id=no", "email=mail", "rating=score") for option in ("--column", pair)]
    fixed = ("--default", "question=recommend", "--default", "channel=email")
    done = run("import", "answers", "nps.csv", *columns, *fixed)
    assert (done.code, "        1 added" in done.out, "outside the scale 0-10" in done.out) == (1, True, True)
    [answer] = asking.store.pages(Answer, "main")
    assert (answer.rating, answer.channel, answer.origin) == (9, "email", "nps:answer:1:recommend")
