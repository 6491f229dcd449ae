"""Files that nobody here wrote, imported by the mappings that the documentation shows.

Each count is checked against one that is worked out here with the csv module alone.
"""

import csv
import gzip
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from clientloop.app import ClientLoop
from clientloop.exchange.feedback import import_feedback
from clientloop.exchange.mapping import FeedbackMapping, PurchasesMapping
from clientloop.exchange.purchases import import_purchases
from clientloop.exchange.report import ImportReport
from clientloop.model.customers import Customer, Suggestion
from clientloop.model.feedback import Feedback, Outcome, Timer, Transition
from clientloop.model.interactions import Interaction, InteractionKind, Precision, Text
from clientloop.model.plan import Aggregate, How, Key, Plan
from clientloop.model.where import eq
from clientloop.testing.invariants import broken_invariants
from tests.conftest import Size
from tests.exchange.mappings import shown

Record = dict[str, str]
Imported = tuple[ClientLoop, list[ImportReport]]

STATES = {"Open": "new", "Pending Customer Response": "waiting", "Closed": "closed_before_import"}
KINDS = {"Billing inquiry": "question", "Product inquiry": "question"}


@pytest.fixture(scope="module")
def records(real_data: Path) -> list[Record]:
    """The tickets as the csv module reads them."""
    with gzip.open(real_data / "tickets.csv.gz", "rt", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def tickets(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Imported]:
    """A space with the tickets, and what the dry run, the import and the second import said."""
    folder = tmp_path_factory.mktemp("tickets")
    mapping = shown("tickets.toml", FeedbackMapping, folder)
    file = real_data / "tickets.csv.gz"
    with ClientLoop.open(f"sqlite:///{folder}/shop.db", entry_points=False) as loop:
        reports = [import_feedback(loop.context, file, mapping, dry_run=dry) for dry in (True, False, False)]
        yield loop, reports


def counted(loop: ClientLoop, cls: type, *fields: str) -> Counter[object]:
    """How many records have each value, or each combination of values, as the store counts them."""
    groups = loop.store.aggregate("main", Plan(cls=cls, keys=tuple(Key(field) for field in fields)))
    return Counter({group.keys[0] if len(fields) == 1 else group.keys: group.values[0] for group in groups})


def at(record: Record, column: str) -> datetime | None:
    """A time of a ticket in UTC; None where its cell is empty."""
    if not record[column]:
        return None
    time = datetime.strptime(record[column], "%d-%m-%y %H:%M")  # noqa: DTZ007  # the zone is added below
    return time.replace(tzinfo=ZoneInfo("Europe/London")).astimezone(UTC)


def is_impossible(record: Record) -> bool:
    """Whether a ticket says that it was solved before it was answered."""
    answered, solved = at(record, "First Response Time"), at(record, "Time to Resolution")
    return answered is not None and solved is not None and solved < answered


def test_every_ticket_is_accounted_for(tickets: Imported, records: list[Record]) -> None:
    """Each row is an item; the flags, customers and suggestions are those that the file's own contents give."""
    loop, (_, report, _) = tickets
    names: dict[str, list[str]] = {}
    for record in records:
        names.setdefault(record["Customer Email"], []).append(record["Customer Name"])
    shared = {email: found for email, found in names.items() if len(found) > 1}
    assert len(shared) == 139
    assert all(len(set(found)) == len(found) for found in shared.values())
    pairs = sum(1 for found in shared.values() for _ in combinations(found, 2))
    assert report == ImportReport(
        rows=len(records),
        added=len(records),
        customers_added=len(records),
        suggestions=pairs,
        doubtful=sum(map(is_impossible, records)),
        received_unknown=len(records),
    )
    assert len(records) == 8_469
    for cls in (Interaction, Text, Feedback, Customer):
        assert counted(loop, cls, "space") == {"main": 8_469}
    assert counted(loop, Suggestion, "space") == {"main": pairs}


def test_the_dry_run_said_so(tickets: Imported) -> None:
    """The trial counted what the import then did."""
    _, (trial, report, _) = tickets
    assert trial.dry_run
    assert evolve(trial, dry_run=False) == report


def test_a_second_import_adds_nothing(tickets: Imported) -> None:
    """Every row is found again."""
    _, (_, _, again) = tickets
    assert again == ImportReport(rows=8_469, duplicates=8_469)


def test_the_items_are_what_the_tickets_say(tickets: Imported, records: list[Record]) -> None:
    """Channels, kinds, states, priorities and ratings are as often there as in the file."""
    loop, _ = tickets
    wanted = {
        "channel": Counter(record["Ticket Channel"].lower().replace(" ", "_") for record in records),
        "kind": Counter(KINDS.get(record["Ticket Type"], "complaint") for record in records),
        "state": Counter(STATES[record["Ticket Status"]] for record in records),
        "priority": Counter(record["Ticket Priority"].lower().replace("medium", "normal") for record in records),
        "rating": Counter(int(record["Customer Satisfaction Rating"] or -1) for record in records),
        "product": Counter(record["Product Purchased"] for record in records),
    }
    wanted["rating"][None] = wanted["rating"].pop(-1)
    for field, counts in wanted.items():
        assert counted(loop, Feedback, field) == counts, field
    assert counted(loop, Feedback, "scale") == {"1-5": 2_769, None: 5_700}
    assert counted(loop, Transition, "target") == {
        "new": 8_469, "waiting": wanted["state"]["waiting"], "closed_before_import": 2_769,
    }  # fmt: skip
    assert sum(counted(loop, Timer, "space").values()) == 8_469 - 2_769


def test_each_ticket_is_found_with_its_words_and_times(tickets: Imported, records: list[Record]) -> None:
    """Words are kept to the letter, placeholders and all; times are kept, or flagged where they cannot be."""
    loop, _ = tickets
    items = {item.id: item for item in loop.store.pages(Feedback, "main")}
    texts = {text.id: text for text in loop.store.pages(Text, "main")}
    origins = {found.origin: found for found in loop.store.pages(Interaction, "main")}
    for record in records:
        interaction = origins[f"helpdesk:feedback:{record['Ticket ID']}"]
        item, text = items[interaction.id], texts[interaction.id]
        assert (text.subject, text.body) == (record["Ticket Subject"], record["Ticket Description"])
        assert (interaction.occurred_at, interaction.precision) == (None, Precision.UNKNOWN)
        assert interaction.extra == {"Customer Age": record["Customer Age"]}
        assert item.data["status"] == record["Ticket Status"]
        assert item.action == (record["Resolution"] or None)
        assert item.received_at is None
        assert (item.gross, item.net) == (None, None)
        answered, solved = at(record, "First Response Time"), at(record, "Time to Resolution")
        if is_impossible(record):
            assert item.data["doubtful"] == {
                "first_answer_at": answered and answered.isoformat(), "solved_at": solved and solved.isoformat(),
            }  # fmt: skip
            answered = solved = None
        assert (item.first_answer_at, item.solved_at, item.closed_at) == (answered, solved, solved)
        assert item.reply_to == (record["Customer Email"] if item.channel == "email" else None)


def test_the_space_is_sound_after_the_import(tickets: Imported) -> None:
    """Journals, timers and states agree; what was closed elsewhere has no deadline."""
    loop, _ = tickets
    assert broken_invariants(loop) == ()
    closed = loop.store.page(Feedback, "main", where=eq("state", "closed_before_import"), limit=3_000)
    assert {(item.is_open, item.outcome, item.deadlines) for item in closed} == {(False, Outcome.IMPORTED, ())}


@pytest.mark.in_ci("imports 69,659 purchases")
def test_all_purchases_of_cdnow_come_in(real_data: Path, tmp_path: Path) -> None:
    """69,659 purchases of 23,570 customers for 2,500,315.63 dollars, the many that are alike among them."""
    mapping = shown("sales.toml", PurchasesMapping, tmp_path)
    file = real_data / "cdnow_transactions.txt.gz"
    with ClientLoop.open(f"sqlite:///{tmp_path}/shop.db", entry_points=False) as loop:
        report = import_purchases(loop.context, file, mapping)
        sums = Plan(
            cls=Interaction,
            keys=(Key("kind"), Key("currency"), Key("precision")),
            aggregates=(Aggregate(How.COUNT), Aggregate(How.SUM, "amount"), Aggregate(How.SUM, "quantity")),
        )
        [group] = loop.store.aggregate("main", sums)
        customers = counted(loop, Interaction, "customer")
        second = import_purchases(loop.context, file, mapping)
        assert counted(loop, Customer, "space") == {"main": 23_570}
    assert report == ImportReport(rows=69_659, added=69_659, customers_added=23_570, customers_matched=46_089)
    assert group.keys == (InteractionKind.PURCHASE, "USD", Precision.DAY)
    with gzip.open(file, "rt") as lines:
        cells = [line.split() for line in lines][1:]
    assert group.values == (69_659, 250_031_563, sum(int(pieces) for _, _, pieces, _ in cells))
    assert sorted(customers.values()) == sorted(Counter(customer for customer, *_ in cells).values())
    assert second == ImportReport(rows=69_659, duplicates=69_659)


#: Imports the file named by the arguments and prints the most memory that the process has held, in KiB.
IMPORT = """
import resource, sys
from pathlib import Path
from clientloop.app import ClientLoop
from clientloop.exchange.mapping import PurchasesMapping, read_mapping
from clientloop.exchange.purchases import import_purchases

store, mapping, file = sys.argv[1:]
with ClientLoop.open(f"sqlite:///{store}", entry_points=False) as loop:
    report = import_purchases(loop.context, file, read_mapping(Path(mapping), PurchasesMapping))
assert report.added == report.rows, report
print(report.rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.in_ci("imports 220,000 purchases")
def test_memory_does_not_grow_with_the_file(real_data: Path, tmp_path: Path, size: Size) -> None:
    """The file, or by day a part of it, repeated ten times takes at most 1.2 times the memory."""
    shown("sales.toml", PurchasesMapping, tmp_path)
    with gzip.open(real_data / "cdnow_transactions.txt.gz", "rt", newline="") as file:
        header, *lines = file
    lines = lines if size is Size.NIGHT else lines[:20_000]
    peaks = []
    for times in (1, 10):
        path = tmp_path / f"sales-{times}.txt"
        with path.open("w", newline="") as file:
            file.writelines([header, *(lines * times)])
        command = [sys.executable, "-c", IMPORT, str(tmp_path / f"{times}.db"), str(tmp_path / "sales.toml"), str(path)]
        rows, peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        assert int(rows) == len(lines) * times
        peaks.append(int(peak))
    assert peaks[1] <= 1.2 * peaks[0]
