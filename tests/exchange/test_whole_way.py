"""What one firm exports, another imports: the same values, and no formula on the way."""

import csv
import io
import re
import zipfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clientloop import ClientLoop, ManualClock
from clientloop.errors import InvalidValue
from clientloop.exchange.mapping import AnswersMapping, CustomersMapping, FeedbackMapping
from clientloop.model.customers import CustomerClass, Trust
from clientloop.reports.tables import Listing
from tests.exchange.conftest import NOW
from tests.exchange.payloads import PAYLOADS, texts

SUFFIXES = pytest.mark.parametrize("suffix", [".csv", ".xlsx"])

#: What a person is, whatever its id: what both firms must agree on.
PERSON = ("name", "email", "phone", "handle", "locale", "customer_class", "zone")
#: What an item is, likewise.
ITEM = (
    *("kind", "channel", "comes_as", "priority", "subject", "text", "rating", "scale", "product", "category", "cause"),
    *("received_at", "first_answer_at", "solved_at", "closed_at", "name"),
)


@contextmanager
def firm() -> Generator[ClientLoop]:
    """A firm in a store of its own."""
    clock = ManualClock(NOW)
    with ClientLoop.open("memory:", region="SI", zone="Europe/Ljubljana", clock=clock, entry_points=False) as loop:
        yield loop


@pytest.fixture
def here() -> Iterator[ClientLoop]:
    """Who exports."""
    with firm() as loop:
        yield loop


@pytest.fixture
def there() -> Iterator[ClientLoop]:
    """Who imports."""
    with firm() as loop:
        yield loop


def values(listing: Listing[Any], *columns: str) -> list[tuple[object, ...]]:
    """Some columns of a report, in an order that does not follow from ids."""
    return sorted(listing.select(*columns).cells(), key=repr)


def check_harmless(path: Path) -> None:
    """No program finds a formula in the file."""
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as archive:
            sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert re.findall(r"<f[ >]|<hyperlink", sheet) == []
    elif path.suffix == ".csv":
        rows = csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), strict=True)
        assert {cell[:1] for row in rows for cell in row}.isdisjoint("=+-@\t\r")


def worded(number: int) -> str:
    """A payload that says something."""
    payload = PAYLOADS[number % len(PAYLOADS)]
    return payload if payload.strip() else f"blank{payload}"


def test_a_thousand_items_of_payloads_go_from_one_firm_to_another(here: ClientLoop, tmp_path: Path) -> None:
    """Formulas, plus signs, tabs, quotes and line breaks arrive as they were, and are no formula on the way."""
    ana = here.customers.add(name="=Ana", phone="+38640123456")
    for number in range(1_000):
        here.feedback.receive(
            kind=("complaint", "idea", "praise")[number % 3], channel="form", text=worded(number),
            subject=worded(number + 1) if number % 2 else None, customer=ana if number % 4 else None,
            product=worded(number + 2).strip(), rating=number % 5 + 1 if number % 3 else None, scale="1-5",
        )  # fmt: skip
    report = here.reports.feedback()
    expected = values(report, *ITEM)
    for path in (tmp_path / "feedback.csv", tmp_path / "feedback.xlsx"):
        assert here.exports.write(path, report) == 1_000
        check_harmless(path)
        with firm() as there:
            done = there.imports.feedback(path, FeedbackMapping.of_report(report.header, source="here"))
            assert (done.added, done.rejected, done.customers_added) == (1_000, 0, 1)
            assert values(there.reports.feedback(), *ITEM) == expected


@SUFFIXES
def test_customers_go_from_one_firm_to_another(
    here: ClientLoop, there: ClientLoop, tmp_path: Path, suffix: str
) -> None:
    """Their phone numbers begin with a plus sign, and some of their names like formulas."""
    for number in range(70):
        here.customers.add(
            name=" ".join(worded(number).split()), phone=f"+38640{100_000 + number}", email=f"a{number}@example.com",
            handle=f"@user{number}", locale="sl", zone="Europe/Ljubljana", customer_class=CustomerClass.B,
        )  # fmt: skip
    path, report = tmp_path / f"customers{suffix}", here.reports.contacts()
    assert here.exports.write(path, report) == 70
    check_harmless(path)
    done = there.imports.customers(path, CustomersMapping.of_report(report.header, source="here"))
    assert (done.added, done.rejected, done.suggestions) == (70, 0, 0)
    assert values(there.reports.contacts(), *PERSON) == values(report, *PERSON)


@SUFFIXES
def test_an_address_is_proved_no_further_than_it_was(
    here: ClientLoop, there: ClientLoop, tmp_path: Path, suffix: str
) -> None:
    """Each keeps its own trust, so that what was only claimed makes nobody somebody else (N8)."""
    for number, trust in enumerate(Trust):
        here.customers.add(name=trust, email=f"{trust}@example.com", phone=f"+3864010000{number}", trust=trust)
    here.customers.add_identities(here.customers.find(email="verified@example.com")[0], handle="@ver", trust="claimed")
    path, report = tmp_path / f"x{suffix}", here.reports.contacts()
    here.exports.write(path, report)
    there.customers.add(name="claimed", email="claimed@example.com")
    done = there.imports.customers(path, CustomersMapping.of_report(report.header, source="here"))
    assert (done.added, done.customers_matched, done.suggestions) == (5, 0, 1)
    trusts = ("name", "email_trust", "phone_trust", "handle_trust")
    told = values(there.reports.contacts(), *trusts)
    assert told == sorted([*values(report, *trusts), ("claimed", Trust.VOUCHED, None, None)], key=repr)


def test_an_address_of_no_known_trust_is_asserted(here: ClientLoop, there: ClientLoop, tmp_path: Path) -> None:
    """A report without the column, or a cell without a word; whoever knows more says so in the mapping."""
    here.customers.add(name="Eva", email="eva@example.com", trust=Trust.CLAIMED)
    report = here.reports.contacts().select("customer", "name", "email")
    here.exports.write(tmp_path / "x.csv", report)
    there.imports.customers(tmp_path / "x.csv", CustomersMapping.of_report(report.header, source="here"))
    assert [row.email_trust for row in there.reports.contacts()] == [Trust.ASSERTED]
    assert CustomersMapping.of_report(report.header, source="x", trust=Trust.VOUCHED).trust is Trust.VOUCHED


def test_a_row_says_how_far_its_addresses_are_proved(there: ClientLoop, tmp_path: Path) -> None:
    """In words of the file or ours; a word that is none is rejected, and an empty cell is as the mapping says."""
    path = tmp_path / "x.csv"
    path.write_text("Mail,Phone,Proof\na@x.com,040111222,double opt-in\nb@x.com,040111333,\nc@x.com,,sure\n")
    mapping = CustomersMapping(
        source="crm", columns={"email": "Mail", "phone": "Phone", "email_trust": "Proof"}, trust=Trust.CLAIMED,
        values={"email_trust": {"Double opt-in": "verified"}},
    )  # fmt: skip
    done = there.imports.customers(path, mapping)
    assert values(there.reports.contacts(), "email_trust", "phone_trust") == [
        (Trust.CLAIMED, Trust.CLAIMED), (Trust.VERIFIED, Trust.CLAIMED),
    ]  # fmt: skip
    [problem] = done.problems
    assert (problem.line, problem.field, problem.reason[:15]) == (4, "Proof", "no trust 'sure'")


@given(
    st.lists(
        st.tuples(texts.filter(str.strip), texts.filter(str.strip) | st.none(), st.integers(0, 10) | st.none()),
        max_size=4,
    )
)
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_feedback_comes_back(tmp_path: Path, items: list[tuple[str, str | None, int | None]]) -> None:
    """Whatever the words are, from both formats."""
    with firm() as here:
        for text, subject, rating in items:
            here.feedback.receive(
                kind="praise", channel="form", text=text, subject=subject, rating=rating, scale="0-10"
            )
        report = here.reports.feedback()
        for suffix in (".csv", ".xlsx"):
            here.exports.write(tmp_path / f"x{suffix}", report)
            with firm() as there:
                done = there.imports.feedback(
                    tmp_path / f"x{suffix}", FeedbackMapping.of_report(report.header, source="a")
                )
                assert (done.added, done.rejected) == (len(items), 0)
                assert values(there.reports.feedback(), *ITEM) == values(report, *ITEM)


@SUFFIXES
def test_answers_go_from_one_firm_to_another(here: ClientLoop, there: ClientLoop, tmp_path: Path, suffix: str) -> None:
    """Words, ratings and dimensions; the question is declared in both."""
    for loop in (here, there):
        loop.questions.declare("recommend", instrument="nps", occasion="relational")
    ana = here.customers.add(name="Ana", phone="+38640123456")
    for number in range(70):
        here.questions.answer(
            "recommend", number % 11 if number % 7 else None, channel="email", text=worded(number),
            customer=ana if number % 2 else None, country=("SI", "HR")[number % 2], product=worded(number + 1).strip(),
        )  # fmt: skip
    path, report = tmp_path / f"answers{suffix}", here.reports.answers()
    assert here.exports.write(path, report) == 70
    check_harmless(path)
    done = there.imports.answers(path, AnswersMapping.of_report(report.header, source="here"))
    assert (done.added, done.rejected) == (70, 0)
    told = ("question", "channel", "rating", "scale", "text", "country", "product", "answered_at", "name")
    assert values(there.reports.answers(), *told) == values(report, *told)


def test_an_item_that_is_closed_comes_closed(here: ClientLoop, there: ClientLoop, tmp_path: Path) -> None:
    """Outside the rates of whoever imports it; an open one goes on where it was."""
    closed, open_ = (here.feedback.receive(kind="praise", channel="form", text=text) for text in ("Thanks", "Lovely"))
    here.feedback.move(closed, "not_feedback", by="mia", reason="a test")
    report = here.reports.feedback().select("id", "kind", "channel", "comes_as", "text")
    here.exports.write(tmp_path / "x.csv", report)
    there.imports.feedback(tmp_path / "x.csv", FeedbackMapping.of_report(report.header, source="here"))
    states = {row.text: row.state for row in there.reports.feedback()}
    assert states == {"Thanks": "closed_before_import", "Lovely": open_.state}


def test_each_rating_is_on_the_scale_of_its_row(there: ClientLoop, tmp_path: Path) -> None:
    """A row that names none has that of the mapping; a rating outside of its scale is rejected."""
    path = tmp_path / "x.csv"
    path.write_text("text,rating,scale\nA,9,0-10\nB,4,\nC,9,1-5\nD,,1-5\nE,11,0-10\n")
    mapping = FeedbackMapping(
        source="poll", columns={name: name for name in ("text", "rating", "scale")},
        default={"kind": "praise", "channel": "form"}, scale="1-5",
    )  # fmt: skip
    done = there.imports.feedback(path, mapping)
    rated = {row.text: (row.rating, row.scale) for row in there.reports.feedback()}
    assert rated == {"A": (9, "0-10"), "B": (4, "1-5"), "D": (None, "1-5")}
    assert [(problem.line, problem.field) for problem in done.problems] == [(4, "rating"), (6, "rating")]
    assert "outside the scale 1-5" in done.problems[0].reason


def test_a_rating_on_no_scale_is_rejected(there: ClientLoop, tmp_path: Path) -> None:
    """Scales are never guessed, and one that is none is refused before any row."""
    path = tmp_path / "x.csv"
    path.write_text("text,rating,scale\nA,4,\n")
    columns = {name: name for name in ("text", "rating", "scale")}
    default = {"kind": "praise", "channel": "form"}
    done = there.imports.feedback(path, FeedbackMapping(source="poll", columns=columns, default=default))
    assert [problem.reason for problem in done.problems] == ["a rating on no scale: scales are never guessed"]
    with pytest.raises(InvalidValue, match="is no scale"):
        FeedbackMapping(source="poll", columns=columns, default=default, scale="five")
