"""Imports from end to end: each row is added, there already, or rejected to be mended; none is lost or comes twice."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clientloop.app import ClientLoop
from clientloop.errors import ClientLoopError, InvalidValue, StoreFull
from clientloop.exchange.customers import import_customers
from clientloop.exchange.feedback import import_feedback
from clientloop.exchange.mapping import CustomersMapping, FeedbackMapping, PurchasesMapping
from clientloop.exchange.purchases import import_purchases
from clientloop.exchange.report import ImportReport, Problem, Progress
from clientloop.exchange.run import CHUNK
from clientloop.model.interactions import Interaction
from clientloop.model.units import Unit

SALES = PurchasesMapping(
    source="till",
    columns={"name": "name", "email": "email", "amount": "total", "at": "day"},
    default={"channel": "shop"},
)
HEADER = "name,email,total,day\n"


def sales(loop: ClientLoop, text: str, mapping: PurchasesMapping = SALES, **options: Any) -> ImportReport:
    """Import purchases from a text. Any: options of the import."""
    return import_purchases(loop.context, io.StringIO(text, newline=""), mapping, **options)


def amounts(loop: ClientLoop) -> list[int | None]:
    """The amounts of all purchases, sorted."""
    return sorted(found.amount or 0 for found in loop.store.pages(Interaction, "main"))


def rejected(path: Path) -> list[dict[str, str]]:
    """The rejected rows of a file."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        return list(csv.DictReader(file))


def test_equal_rows_are_not_one_row(loop: ClientLoop) -> None:
    """Two equal sales of a day are two sales; the second import knows both, and a third sale is new."""
    row = "Ana,ana@example.com,9.90,2026-03-01\n"
    assert sales(loop, HEADER + row * 2).added == 2
    report = sales(loop, HEADER + row * 3)
    assert (report.added, report.duplicates) == (1, 2)
    assert amounts(loop) == [990, 990, 990]


def test_bad_rows_are_put_aside_and_the_others_go_on(loop: ClientLoop, tmp_path: Path) -> None:
    """The file of rejected rows has the columns of the source, and line, column and reason of each."""
    text = HEADER + (
        "Ana,ana@example.com,9.90,2026-03-01\n"
        "Eva,eva(at)example.com,1.00,2026-03-01\n"
        "Ivo,ivo@example.com,free,2026-03-01\n"
        "Ema,ema@example.com,,2026-03-01\n"
        "Jan,jan@example.com,2.00\n"
        "Pia,pia@example.com,3.00,2026-02-30\n"
    )
    path = tmp_path / "rejected.csv"
    report = sales(loop, text, rejects=path)
    assert (report.rows, report.added, report.rejected) == (6, 1, 5)
    rows = rejected(path)
    assert [(row["rejected_line"], row["rejected_field"]) for row in rows] == [
        ("3", "email"), ("4", "total"), ("5", "total"), ("6", ""), ("7", "day"),
    ]  # fmt: skip
    assert rows[1]["name"] == "Ivo"
    assert "'free' is no amount of money" in rows[1]["rejected_reason"]
    assert rows[3]["rejected_text"] == "Jan,jan@example.com,2.00"
    assert report.problems[2] == Problem(line=5, field="total", reason="the cell is empty")


def mend(path: Path, change: Callable[[dict[str, str]], object]) -> None:
    """Change the rejected rows of a file, as one would in a spreadsheet."""
    rows = rejected(path)
    for row in rows:
        change(row)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def test_rejected_rows_are_mended_and_imported_as_they_stand(loop: ClientLoop, tmp_path: Path) -> None:
    """What is still wrong is rejected again into the same file; what is mended is there, and comes once."""
    good = "Ana,ana@example.com,9.90,2026-03-01\n"
    text = HEADER + good + good.replace("9.90", "9:90") + good.replace("9.90", "9;90") + 'Eva,"\n'
    path = tmp_path / "rejected.csv"
    sales(loop, text, rejects=path)

    mend(path, lambda row: row.update(total=row["total"].replace(":", ".")))
    report = import_purchases(loop.context, path, SALES, rejects=path)
    assert (report.added, report.rejected) == (1, 2)
    assert amounts(loop) == [990, 990]
    assert [(row["rejected_line"], row["rejected_text"]) for row in rejected(path)] == [("4", ""), ("5", 'Eva,"')]

    mend(path, lambda row: row.update(name="Ana", email="ana@example.com", total="9.90", day="2026-03-01"))
    report = import_purchases(loop.context, path, SALES, rejects=path)
    assert (report.added, report.rejected) == (2, 0)
    report = import_purchases(loop.context, path, SALES)
    assert (report.added, report.duplicates) == (0, 2)
    assert amounts(loop) == [990] * 4

    report = sales(loop, HEADER + good * 4)
    assert (report.added, report.duplicates) == (0, 4)


@pytest.mark.parametrize(
    ("mapping", "text"),
    [
        (
            PurchasesMapping(
                source="till", delimiter="whitespace", columns={"customer": "id", "amount": "sum"},
                default={"channel": "shop"},
            ),
            "id sum\n 1   2.00\n 2   bad\n 3\n",
        ),
        (
            PurchasesMapping(
                source="till", header=("id", "sum"), delimiter=";", columns={"customer": "id", "amount": "sum"},
                default={"channel": "shop"},
            ),
            "1;2.00\n2;bad\n3\n",
        ),
        (
            PurchasesMapping(
                source="till", encoding="latin-1", columns={"customer": "id", "amount": "sum"},
                default={"channel": "caf\u00e9"},
            ),
            "id,sum\n1,2.00\n2,\u00e9bad\n3\n",
        ),
    ],
    ids=["whitespace", "header", "latin-1"],
)  # fmt: skip
def test_rejected_rows_are_written_as_the_source_is(
    loop: ClientLoop, tmp_path: Path, mapping: PurchasesMapping, text: str
) -> None:
    """Whatever separates cells and encodes text, the same mapping reads the rejected rows back."""
    source, path = tmp_path / "sales.txt", tmp_path / "rejected.txt"
    source.write_text(text, encoding=mapping.encoding.removesuffix("-sig"))
    first = import_purchases(loop.context, source, mapping, rejects=path)
    assert (first.added, first.rejected) == (1, 2)
    content = path.read_text(encoding=mapping.encoding)
    path.write_text(content.replace("bad", "5.00").replace("\u00e9", ""), encoding=mapping.encoding)
    again = import_purchases(loop.context, path, mapping, rejects=path)
    assert (again.added, again.rejected, again.rows) == (1, 1, 2)
    assert amounts(loop) == [200, 500]


def test_an_older_file_of_rejected_rows_stays_until_the_end(loop: ClientLoop, tmp_path: Path) -> None:
    """It is neither touched by an import without bad rows, nor by one that fails, nor by a dry run."""
    path = tmp_path / "rejected.csv"
    path.write_text("what I have mended so far", encoding="utf-8")
    sales(loop, HEADER + "Ana,ana@example.com,1,2026-03-01\n", rejects=path)
    sales(loop, HEADER + "Ana,ana@example.com,x,2026-03-01\n", rejects=path, dry_run=True)

    def stop(_: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sales(loop, HEADER + "Ana,ana@example.com,x,2026-03-01\n", rejects=path, progress=stop)
    assert path.read_text(encoding="utf-8") == "what I have mended so far"
    assert list(tmp_path.iterdir()) == [path]


def test_rejects_that_cannot_be_written_are_an_error(loop: ClientLoop, tmp_path: Path) -> None:
    """No row is lost for want of a folder."""
    with pytest.raises(InvalidValue, match="cannot be written"):
        sales(loop, HEADER + "Ana,ana@example.com,x,2026-03-01\n", rejects=tmp_path / "none" / "rejected.csv")


def test_an_import_that_was_cut_off_is_run_again(loop: ClientLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was committed before the failure is found again; the rest is added, and every customer once."""
    rows = [f"C{number % 700},c{number % 700}@example.com,1,2026-03-01\n" for number in range(2 * CHUNK + 500)]
    commit, commits = loop.context.commit, []

    def fill_up(unit: Unit) -> None:
        commits.append(unit)
        if len(commits) == 2:
            raise StoreFull
        commit(unit)

    monkeypatch.setattr(loop.context, "commit", fill_up)
    with pytest.raises(StoreFull):
        sales(loop, HEADER + "".join(rows))
    assert len(amounts(loop)) == CHUNK
    report = sales(loop, HEADER + "".join(rows))
    assert (report.added, report.duplicates, report.customers_added) == (CHUNK + 500, CHUNK, 0)
    assert len(amounts(loop)) == len(rows)
    assert len(loop.customers.list(limit=1_000)) == 700


def test_progress_is_told_once_a_chunk(loop: ClientLoop, tmp_path: Path) -> None:
    """With the rows so far, and the share of the file where its size is known."""
    path = tmp_path / "sales.csv"
    path.write_text(HEADER + "Ana,ana@example.com,1,2026-03-01\n" * (CHUNK + 1), encoding="utf-8")
    told: list[Progress] = []
    import_purchases(loop.context, path, SALES, progress=told.append)
    assert [progress.rows for progress in told] == [CHUNK, CHUNK + 1]
    assert told[0].done is not None
    assert told[0].done <= 1 == told[1].done
    sales(loop, HEADER, progress=told.append)
    assert told[-1] == Progress(rows=0, done=None)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"amount": "totl"}, "no column 'totl': did you mean 'total'"),
        ({"amount": "twice"}, "2 columns are called 'twice'"),
        ({"amount": "Total"}, "no column 'Total'"),
    ],
)
def test_columns_that_the_file_lacks_are_refused_before_any_row(
    loop: ClientLoop, columns: dict[str, str], message: str
) -> None:
    """With the nearest names; nothing is written."""
    mapping = PurchasesMapping(source="till", columns=columns, default={"channel": "shop"})
    with pytest.raises(InvalidValue, match=message):
        sales(loop, "total,twice,twice\n1,2,3\n", mapping)
    assert amounts(loop) == []


@pytest.mark.parametrize(
    ("default", "message"),
    [
        ({"kind": "complant", "channel": "email"}, "the default of 'kind': no kind of feedback 'complant'"),
        ({"kind": "idea", "channel": "email", "priority": "hihg"}, "the default of 'priority': no priority 'hihg'"),
        ({"kind": "idea", "channel": "email", "received_at": "soon"}, "the default of 'received_at'"),
    ],
)
def test_defaults_that_cannot_be_are_refused_before_any_row(
    loop: ClientLoop, default: dict[str, str], message: str
) -> None:
    """A misspelt kind is one error and not one of each row."""
    mapping = FeedbackMapping(source="desk", columns={"text": "text"}, default=default)
    with pytest.raises(InvalidValue, match=message) as refused:
        import_feedback(loop.context, io.StringIO("text\nHello\n"), mapping)
    assert refused.value.hint


@pytest.mark.parametrize(
    "mapping",
    [
        PurchasesMapping(source="x", default={"amount": "1", "channel": "shop"}, zone="Europe/Ljublana"),
        PurchasesMapping(source="x", default={"amount": "1", "channel": "shop"}, dates=("%Q",)),
        PurchasesMapping(source="x", default={"amount": "1", "channel": "shop"}, currency="euros"),
    ],
)
def test_what_does_not_fit_the_space_is_refused_before_any_row(loop: ClientLoop, mapping: PurchasesMapping) -> None:
    """Zones, formats and currencies are judged once."""
    with pytest.raises(InvalidValue):
        sales(loop, "a\nb\n", mapping)
    assert amounts(loop) == []


IMPORTS: list[tuple[Callable[..., ImportReport], Any]] = [  # Any: each import has a mapping of its own
    (import_customers, CustomersMapping(source="x", columns={"name": "a", "email": "b", "customer": "c"})),
    (import_purchases, PurchasesMapping(
        source="x", columns={"customer": "a", "amount": "b", "at": "c", "quantity": "d"}, default={"channel": "shop"},
    )),
    (import_feedback, FeedbackMapping(
        source="x", columns={"email": "a", "text": "b", "state": "c", "received_at": "d"},
        default={"kind": "complaint", "channel": "email"},
    )),
]  # fmt: skip

CELL = st.one_of(
    st.sampled_from(["ana@example.com", "1", "2.5", "2026-03-01", "new", "waiting", "closed_before_import", "", '"']),
    st.text(max_size=4),
)
LINE = st.one_of(st.lists(CELL, min_size=3, max_size=5).map(",".join), st.text('a,"\n\r\0 ', max_size=8))


@example(0, ["a,b,c,d", "b,a,,"])
@example(2, [",x,,2026-03-05", ",x,,0001-01-01"])
@example(1, [",9223372036854775808,,", ",1,,9223372036854775808", ",92233720368547758.07,,"])
@given(st.integers(0, 2), st.lists(LINE, max_size=8))
def test_every_row_of_any_file_is_accounted_for(which: int, lines: list[str]) -> None:
    """Whatever rows hold, each is added, there already or rejected; a dry run says so, a second run adds nothing."""
    run, mapping = IMPORTS[which]
    text = "a,b,c,d\n" + "\n".join(lines)
    with ClientLoop.open("memory:", entry_points=False) as loop:
        first, second, third = [
            run(loop.context, io.StringIO(text, newline=""), mapping, dry_run=dry) for dry in (True, False, False)
        ]
    assert second.rows == second.added + second.duplicates + second.rejected
    assert {name: getattr(first, name) for name in NUMBERS} == {name: getattr(second, name) for name in NUMBERS}
    assert (third.rows, third.added, third.rejected) == (second.rows, 0, second.rejected)
    assert (third.customers_added, third.suggestions) == (0, 0)


NUMBERS = ("rows", "added", "duplicates", "rejected", "customers_added", "customers_matched", "suggestions", "doubtful")


@given(st.integers(0, 2), st.binary(max_size=80))
def test_any_bytes_are_imported_or_refused_cleanly(which: int, content: bytes) -> None:
    """No file makes an import fail with anything but an error of ours, and its rejected rows can be read again."""
    run, mapping = IMPORTS[which]
    with ClientLoop.open("memory:", entry_points=False) as loop:
        for head in (b"a,b,c,d\n", b""):
            file = io.TextIOWrapper(io.BytesIO(head + content), "utf-8-sig", errors="surrogateescape", newline="")
            try:
                report = run(loop.context, file, mapping)
            except ClientLoopError:
                assert not head
            else:
                assert report.rows == report.added + report.duplicates + report.rejected
