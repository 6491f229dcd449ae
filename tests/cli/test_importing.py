"""The commands that import files."""

import gzip
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest

from clientloop.cli.app import execute
from clientloop.model.interactions import Interaction
from tests.cli.terminal import screen

PEOPLE = "No,Name,Mail\n1,Ana Bizjak,ana@example.com\n2,Bojan Zupan,not an address\n3,Eva Medved,eva@example.com\n"

PEOPLE_COLUMNS = ("--column", "customer=No", "--column", "name=Name", "--column", "email=Mail")

TICKETS = (
    "Message;Type;State;When\n"
    "Broken;Fault;Done;02.03.2026 08:30\n"
    "Open today?;Question;Open;02.03.2026 08:45\n"
    "Where is it?;Question;Open;\n"
)

MAPPING = """
source = "helpdesk"
delimiter = ";"
dates = ["%d.%m.%Y %H:%M"]

[columns]
text = "Message"
kind = "Type"
state = "State"
received_at = "When"

[values.kind]
fault = "complaint"
"""


@pytest.fixture
def write(empty_folder: Path) -> Callable[[str, str], str]:
    """Writes a file into the folder and tells its name."""

    def write(name: str, text: str) -> str:
        (empty_folder / name).write_text(text, encoding="utf-8")
        return name

    return write


def test_customers_are_imported_by_options(run, shop, write):
    """Columns are named by options; a bad row is put aside with line, column and reason, and the exit code tells."""
    done = run("import", "customers", write("people.csv", PEOPLE), *PEOPLE_COLUMNS)
    assert done.code == 1
    assert done.out.splitlines()[:6] == [
        "Imported.",
        "          3 rows",
        "          2 added",
        "          0 there already",
        "          1 rejected",
        "          2 new customers",
    ]
    [line] = [line.split() for line in done.out.splitlines() if line.split()[1:2] == ["Mail"]]
    assert line[0] == "3"
    assert "not an address" in Path("people.rejects.csv").read_text(encoding="utf-8")
    assert [customer.name for customer in shop.customers.list()] == ["Ana Bizjak", "Eva Medved"]


def test_rejected_rows_are_mended_and_imported_again(run, shop, write):
    """The file of rejected rows is imported after it was mended; a whole second run adds nothing."""
    source = ("--source", "shop")
    run("import", "customers", write("people.csv", PEOPLE), *PEOPLE_COLUMNS, *source, "--rejects", "bad.csv")
    mended = Path("bad.csv").read_text(encoding="utf-8").replace("not an address,3", "bojan@example.com,3")
    write("bad.csv", mended)
    done = run("import", "customers", "bad.csv", *PEOPLE_COLUMNS, *source)
    assert (done.code, "          1 added" in done.out) == (0, True)
    again = run("import", "customers", "people.csv", *PEOPLE_COLUMNS, *source, "--json").json
    assert (again["added"], again["duplicates"], again["rejected"]) == (0, 2, 1)


def test_a_dry_run_writes_nothing(run, shop, write):
    """A dry run counts what would be done, and writes neither customers nor a file of rejected rows."""
    done = run("import", "customers", write("people.csv", PEOPLE), *PEOPLE_COLUMNS, "--dry-run")
    assert done.out.startswith("This is what an import would do.\n          3 rows\n          2 added\n")
    assert not Path("people.rejects.csv").exists()
    assert len(shop.customers.list()) == 0


def test_purchases_are_imported(run, shop, empty_folder):
    """A packed file without a header, divided by blanks, becomes purchases in the currency that was named."""
    with gzip.open(empty_folder / "sales.txt.gz", "wt", encoding="utf-8") as file:
        file.write(" 00001 19970101  1   11.77\n 00001 19970101  1   11.77\n 00002 19970112  1   12.00\n")
    done = run(
        *("import", "purchases", "sales.txt.gz", "--delimiter", "whitespace", "--date", "%Y%m%d", "--currency", "USD"),
        *("--header", "customer", "--header", "day", "--header", "pieces", "--header", "dollars"),
        *("--column", "customer=customer", "--column", "at=day", "--column", "quantity=pieces"),
        *("--column", "amount=dollars", "--default", "channel=web"),
    )
    assert "          3 added" in done.out
    found = shop.store.page(Interaction, shop.space.space)
    assert [(each.amount, each.currency, each.channel) for each in found] == [
        (1177, "USD", "web"),
        (1177, "USD", "web"),
        (1200, "USD", "web"),
    ]


def test_feedback_is_imported_by_a_mapping(run, shop, write):
    """A TOML file says most of it; options add to its tables and go before its values."""
    write("tickets.toml", MAPPING)
    more = ("--default", "channel=email", "--value", "state:Done=closed_before_import", "--value", "state:Open=new")
    done = run("import", "feedback", write("tickets.csv", TICKETS), "--mapping", "tickets.toml", *more)
    assert (done.code, done.err) == (0, "")
    assert "          1 items of unknown receipt, which have no times" in done.out
    assert [(item.kind, item.state) for item in shop.feedback.list()] == [
        ("complaint", "closed_before_import"),
        ("question", "new"),
        ("question", "new"),
    ]
    assert [item.received_at is None for item in shop.feedback.list()] == [False, False, True]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--column", "Mail"), "has no name before a sign of equality"),
        (("--value", "state=new"), "names no cell"),
        (("--column", "emial=Mail"), "did you mean 'email'?"),
        (("--column", "email=Post"), "Post"),
        (("--mapping", "no.toml"), "no file no.toml"),
    ],
)
def test_options_that_do_not_fit_are_refused(run, shop, write, options, message):
    """What cannot be meant is refused with what was wrong, before a row is read."""
    done = run("import", "customers", write("people.csv", PEOPLE), *options)
    assert (done.code, done.out) == (1, "")
    assert message in done.err


def test_problems_are_counted_where_there_are_many(run, shop, write):
    """Only the first problems are listed; the number of the others is told."""
    rows = "".join(f"{number},Somebody,no address\n" for number in range(30))
    done = run("import", "customers", write("people.csv", "No,Name,Mail\n" + rows), *PEOPLE_COLUMNS)
    assert done.out.endswith("and 10 more\n")


def test_progress_is_shown_to_a_person_only(shop, write):
    """On a terminal a bar shows how far the import is, on standard error; elsewhere there is none."""
    name = write("people.csv", PEOPLE)
    for terminal in (True, False):
        out, err = StringIO(), StringIO()
        execute(("import", "customers", name, *PEOPLE_COLUMNS), screen(out, err, terminal=terminal))
        assert ("3 rows" in err.getvalue()) is terminal
