"""The reports that are tables, on the screen, for a program and in files."""

import csv
from datetime import timedelta
from pathlib import Path

import pytest

from clientloop import InteractionKind, Money
from tests.cli.conftest import NINE

NOW = ("--now", "2026-03-02T09:00")


@pytest.fixture
def firm(shop):
    """A shop with two customers who have bought, and a complaint."""
    ana, bo = (
        shop.customers.add(name="Ana", email="ana@example.com", phone="040 123 456"),
        shop.customers.add(name="Bo"),
    )
    shop.interactions.record(
        kind=InteractionKind.VISIT, channel="web", customer=ana, source={"campaign": "spring"},
        occurred_at=NINE - timedelta(days=40),
    )  # fmt: skip
    for who, money in ((ana, Money(12_000, "EUR")), (bo, Money(3_000, "EUR"))):
        shop.interactions.record(
            kind=InteractionKind.PURCHASE,
            channel="shop",
            customer=who,
            money=money,
            occurred_at=NINE - timedelta(days=9),
        )
    shop.feedback.receive(kind="complaint", channel="form", text="=1+1\nbroke", customer=ana, rating=2, scale="1-5")
    return shop


def lines(done):
    """What was written, with single blanks."""
    return [" ".join(line.split()) for line in done.out.splitlines()]


def test_abc_is_a_table_with_arrows(run, firm):
    """Money with its currency, shares in percent, and the word of a person beside the class."""
    firm.relationships.reassess(["abc"])
    firm.relationships.set(
        next(one for one in firm.customers.list() if one.name == "Bo"), "abc", "A", by="mia", reason="x"
    )
    assert lines(run("report", "abc", *NOW)) == [
        "rank name class by hand went from brings share together newcomer",
        "1 Ana A → 120.00 EUR 80.0 % 80.0 % yes",
        "2 Bo B A ↑ B 30.00 EUR 20.0 % 100.0 % yes",
    ]


def test_xyz_tells_stages(run, firm):
    """Who has bought once is no regular customer, and has no class."""
    assert lines(run("report", "xyz", *NOW))[1] == "Ana one-time → → 120.00 EUR 12"


def test_columns_are_chosen_by_their_names(run, firm):
    """They stand there as they are called; a name that no column has is refused with the nearest one."""
    assert lines(run("report", "contacts", "--columns", "name,email, phone", *NOW)) == [
        "name email phone",
        "Ana ana@example.com +38640123456",
        "Bo",
    ]
    done = run("report", "contacts", "--columns", "emial", *NOW)
    assert (done.code, done.err.splitlines()[0]) == (1, "clientloop: no column of contacts 'emial'")
    assert "did you mean 'email'" in done.err


def test_few_rows_are_shown_and_all_are_written(run, firm, empty_folder):
    """The end of the file's name says how; whoever reads it finds no formula."""
    out = run("report", "contacts", "-n", "1", *NOW).out
    assert "Ana" in out
    assert "Bo" not in out
    assert out.endswith("and more: ask for them by -n, or write all by --out\n")
    assert run("report", "contacts", "-n", "1", "--out", "c.csv", *NOW).out == "2 rows in c.csv\n"
    rows = list(csv.DictReader((empty_folder / "c.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["name"], row["phone"]) for row in rows] == [("Ana", "'+38640123456"), ("Bo", "")]
    assert run("report", "feedback", "--out", "f.xlsx", *NOW).out == "1 row in f.xlsx\n"
    assert Path("f.xlsx").read_bytes()[:2] == b"PK"


def test_a_program_gets_the_chosen_columns(run, firm):
    """Each row an object; texts as they are, and times in UTC."""
    done = run("report", "feedback", "--columns", "text,rating,received_at", "--json", *NOW)
    assert done.json == [{"text": "=1+1\nbroke", "rating": 2, "received_at": "2026-03-02T08:00:00+00:00"}]


def test_events_are_chosen(run, firm):
    """By sort, by customer, by time."""
    assert [line.split()[3] for line in lines(run("report", "events", "--customer", "Ana", *NOW))[1:]] == [
        "visit", "purchase", "feedback", "receive",
    ]  # fmt: skip
    assert len(lines(run("report", "events", "--sort", "move", "--since", "2026-03-02", *NOW))) == 2
    assert "120.00 EUR" in run("report", "events", "--what", "purchase", *NOW).out


def test_sources_say_what_they_are_credited_by(run, firm):
    """The remark of a report stands under its table."""
    assert lines(run("report", "sources", "--touch", "first", *NOW)) == [
        "source customers sales revenue",
        "spring 1 1 120.00 EUR",
        "1 1 30.00 EUR",
        "credited to the first campaign that a customer came by",
    ]


def test_a_round_of_calls_is_compared(run, firm):
    """With those who were not called."""
    ana = next(one for one in firm.customers.list() if one.name == "Ana")
    firm.interactions.record(
        kind=InteractionKind.CALL, channel="phone", customer=ana, occurred_at=NINE - timedelta(days=20)
    )
    asked = ("report", "calls", "--since", "2026-02-10", "--until", "2026-02-15", *NOW)
    found = lines(run(*asked, "--days", "15"))
    assert found[1:] == [
        "to 1 0 1 0.00 EUR 120.00 EUR 0.00 EUR 120.00 EUR",
        "not_to 1 0 1 0.00 EUR 30.00 EUR 0.00 EUR 30.00 EUR",
    ]
    assert lines(run(*asked, "--days", "999999"))[1:] == [
        *found[1:], "15.4 days on each side, not 999,999.0: no more have passed since"
    ]  # fmt: skip
    endless = run(*asked, "--days", "9999999999")
    assert (endless.code, "9999999999 days are in no calendar" in endless.err) == (1, True)


@pytest.mark.parametrize("shown", [(), ("--json",)])
@pytest.mark.parametrize("limit", ["0", "-5"])
def test_no_rows_are_no_table(run, firm, shown, limit):
    """Whoever asks for none, or for fewer, has slipped."""
    done = run("report", "abc", "-n", limit, *shown, *NOW)
    assert (done.code, f"the limit is {limit}" in done.err) == (1, True)


def test_answers_are_told(run, firm):
    """Those of one question."""
    firm.questions.declare("recommend", instrument="nps", occasion="relational")
    firm.questions.answer("recommend", 9, channel="email", text="Nice")
    assert lines(run("report", "answers", "--question", "recommend", *NOW))[1].endswith("recommend email 9 0-10 Nice")


def test_a_funnel_is_told_by_stages(run, firm):
    """With the share of the stage before, and what the deals are worth."""
    ana, bo = firm.customers.list()
    firm.deals.open("A tent", customer=ana, amount=Money(50_000, "EUR"), by="maja")
    firm.deals.move(firm.deals.open("A boat", customer=bo, by="maja"), "qualified", by="maja")
    found = lines(run("report", "funnel", *NOW))
    assert found[1:3] == ["lead 2 2 1 0 under a minute 500.00 EUR", "qualified 1 1 50.0 % 50.0 % 1 0 0.00 EUR"]


@pytest.mark.parametrize(
    ("report", "column"),
    [
        (("loop", "--by", "channel"), "rates.closed.ratio"),
        (("loop",), "counts.items"),
        (("messages",), "arrived.ratio"),
        (("causes",), "at_risk.total.minor"),
    ],
)
def test_reports_of_another_form_are_written_as_tables(run, firm, empty_folder, report, column):
    """Their rows, with all that they know."""
    assert run("report", *report, "--out", "r.csv", *NOW).out.endswith("in r.csv\n")
    assert column in (empty_folder / "r.csv").read_text(encoding="utf-8-sig").splitlines()[0]
