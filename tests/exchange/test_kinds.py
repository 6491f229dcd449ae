"""What each kind of import makes of a row: customers, purchases, items of feedback."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clientloop.app import ClientLoop
from clientloop.exchange.customers import import_customers
from clientloop.exchange.feedback import import_feedback
from clientloop.exchange.mapping import CustomersMapping, FeedbackMapping, PurchasesMapping
from clientloop.exchange.purchases import import_purchases
from clientloop.exchange.report import ImportReport
from clientloop.model.customers import Customer, CustomerClass, Identity, Trust
from clientloop.model.feedback import Feedback, Priority
from clientloop.model.interactions import Interaction, InteractionKind, Precision, Text
from clientloop.testing.invariants import broken_invariants
from tests.exchange.conftest import NOW

PEOPLE = "no,name,mail,phone,class,zone,lang,age\n"


def people(loop: ClientLoop, text: str, **options: Any) -> ImportReport:  # Any: options of the mapping
    """Import customers."""
    columns = {"customer": "no", "name": "name", "email": "mail", "phone": "phone", "locale": "lang", "zone": "zone"}
    mapping = CustomersMapping(
        source="shop",
        columns={**columns, "customer_class": "class"},
        values={"customer_class": {"Gold": "A"}},
        keep=("age",),
        **options,
    )
    return import_customers(loop.context, io.StringIO(PEOPLE + text), mapping)


def all_of(loop: ClientLoop, cls: type) -> list[Any]:  # Any: records of the class
    """All records of a class."""
    return list(loop.store.pages(cls, "main"))


def test_a_customer_is_what_the_row_says(loop: ClientLoop) -> None:
    """Name, addresses in their normal form, class, zone, language, and the columns to keep."""
    people(loop, "7, Ana  Novak,ANA@Example.com,040 123 456,gold,Europe/Ljubljana,sl,41\n8,Eva,,,,,,\n")
    ana, eva = sorted(all_of(loop, Customer), key=lambda customer: customer.name)
    assert (ana.name, ana.customer_class, ana.zone, ana.locale) == (
        "Ana Novak", CustomerClass.A, "Europe/Ljubljana", "sl",
    )  # fmt: skip
    assert (ana.extra, ana.created_at) == ({"age": "41"}, NOW)
    assert {(one.kind.value, one.value, one.trust.value, one.given) for one in loop.customers.identities(ana)} == {
        ("external", "shop:7", "vouched", "7"),
        ("email", "ana@example.com", "vouched", "ANA@Example.com"),
        ("phone", "+38640123456", "vouched", "040 123 456"),
    }
    assert (eva.customer_class, eva.extra) == (None, {})


@pytest.mark.parametrize("trust", list(Trust))
def test_a_file_without_ids_adds_nobody_twice(loop: ClientLoop, trust: Trust) -> None:
    """The row itself is the id: two equal rows are two persons unless a proved address says otherwise."""
    rows = ",Ana,ana@example.com,,,,,\n" * 2 + ",Eva,,,,,,\n" * 2
    first = people(loop, rows, trust=trust)
    assert first.added == (3 if trust in {Trust.VERIFIED, Trust.VOUCHED} else 4)
    assert first.added + first.duplicates == 4
    again = people(loop, rows, trust=trust)
    assert (again.added, again.duplicates, again.suggestions) == (0, 4, 0)
    assert len(all_of(loop, Customer)) == first.added


def test_a_row_that_is_known_brings_what_is_new(loop: ClientLoop) -> None:
    """A customer who was added by hand gets the id and the phone number of the file."""
    known = loop.customers.add(name="Ana Novak", email="ana@example.com")
    report = people(loop, "7,ana novak,ana@example.com,040 123 456,,,,\n")
    assert (report.added, report.duplicates, report.customers_matched) == (0, 1, 1)
    assert {one.value for one in loop.customers.identities(known)} == {"ana@example.com", "+38640123456", "shop:7"}


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (",,,,gold,,,\n", ""),
        ("7,Ana,,12,,,,\n", "phone"),
        ("7,Ana,ana,,,,,\n", "mail"),
        ("7,Ana,,,silver,,,\n", "class"),
        ("7,Ana,,,,Europe/Nowhere,,\n", "zone"),
    ],
)
def test_a_row_that_is_no_customer_is_rejected(loop: ClientLoop, row: str, column: str) -> None:
    """Nobody comes of neither name nor address, or of a cell that cannot be read."""
    report = people(loop, row)
    assert (report.rejected, report.problems[0].field) == (1, column)
    assert all_of(loop, Identity) == []


def sales(loop: ClientLoop, text: str, **options: Any) -> ImportReport:  # Any: options of the mapping
    """Import purchases."""
    mapping = PurchasesMapping(
        **{
            "source": "shop",
            "columns": {"id": "no", "customer": "who", "name": "name", "amount": "sum", "at": "day", "product": "what"},
            "default": {"channel": "web"},
            **options,
        }
    )
    return import_purchases(loop.context, io.StringIO("no,who,name,sum,day,what,pieces,where\n" + text), mapping)


def test_a_purchase_is_what_the_row_says(loop: ClientLoop) -> None:
    """Of the customer that the same id names in a file of customers; a day is its midnight in the space's zone."""
    people(loop, "7,Ana Novak,ana@example.com,,,,,\n")
    [ana] = all_of(loop, Customer)
    report = sales(loop, "31,7,,9.90,2026-03-01,chair,2,\n")
    assert (report.added, report.customers_matched, report.customers_added) == (1, 1, 0)
    [found] = all_of(loop, Interaction)
    assert (found.kind, found.channel, found.origin) == (InteractionKind.PURCHASE, "web", "shop:purchase:31")
    assert (found.customer, str(found.money)) == (ana.id, "9.90 EUR")
    assert (found.occurred_at, found.precision) == (datetime(2026, 2, 28, 23, tzinfo=UTC), Precision.DAY)
    assert (found.recorded_at, found.extra, found.source) == (NOW, {"product": "chair"}, {})


def test_a_negative_amount_is_a_return(loop: ClientLoop) -> None:
    """And so is money that the firm gave back in another currency."""
    columns = {"amount": "sum", "currency": "what", "channel": "where", "quantity": "pieces"}
    sales(loop, ",,,-500,,jpy,-1,Shop floor\n", columns=columns, default={})
    [found] = all_of(loop, Interaction)
    assert (found.kind, found.amount, found.currency) == (InteractionKind.RETURN, -500, "JPY")
    assert (found.quantity, found.channel) == (-1, "shop_floor")


def test_a_return_may_have_the_number_of_its_order(loop: ClientLoop) -> None:
    """What was bought and what came back of it are two things, and each is known when the file comes again."""
    rows = "31,7,,9.90,2026-03-01,chair,2,\n31,7,,-9.90,2026-03-02,chair,2,\n"
    assert (sales(loop, rows).added, sales(loop, rows).duplicates) == (2, 2)
    assert {(each.kind, each.amount, each.origin) for each in all_of(loop, Interaction)} == {
        (InteractionKind.PURCHASE, 990, "shop:purchase:31"),
        (InteractionKind.RETURN, -990, "shop:return:31"),
    }


def test_what_comes_back_and_what_it_had_cost_are_below_zero(loop: ClientLoop) -> None:
    """A row of two signs is rejected: its cost would raise what is earned by a return."""
    rows = ",,,-9.90,-4.05,,,\n,,,-9.90,4.05,,,\n,,,9.90,-4.05,,,\n,,,0,-4.05,,,\n"
    report = sales(loop, rows, columns={"amount": "sum", "cost": "day"})
    assert [(found.kind, found.cost) for found in all_of(loop, Interaction)] == [(InteractionKind.RETURN, -4_05)] * 2
    assert [problem.line for problem in report.problems] == [3, 4]


def test_what_a_purchase_had_cost_is_read_like_its_amount(loop: ClientLoop) -> None:
    """In the same currency, with the same marks; without it nothing is known, and what is no amount is a bad row."""
    report = sales(loop, ",,,9.90,4.05,,,\n,,,9.90,,,,\n,,,9.90,much,,,\n", columns={"amount": "sum", "cost": "day"})
    assert [found.cost for found in all_of(loop, Interaction)] == [4_05, None]
    assert (report.added, report.rejected) == (2, 1)


def test_a_purchase_of_nobody_keeps_the_name(loop: ClientLoop) -> None:
    """A name is no address: nobody becomes a customer by it. A time that is not given is not known."""
    sales(loop, "31,,Ana Novak,9.90,,,,\n")
    [found] = all_of(loop, Interaction)
    assert (found.customer, found.extra) == (None, {"name": "Ana Novak"})
    assert (found.occurred_at, found.precision) == (None, Precision.UNKNOWN)
    assert all_of(loop, Customer) == []


def test_files_of_one_source_have_keys_of_their_own(loop: ClientLoop) -> None:
    """A purchase and a ticket with the same number, from one system and channel, are two things."""
    sales(loop, "31,,,9.90,,,,\n", default={"channel": "shop"})
    report = tickets(loop, "31,,,Broken,,,,,,\n", default={"kind": "complaint", "channel": "shop"}, source="shop")
    assert report.added == 1


TICKETS = "no,who,mail,words,state,said,answered,solved,stars,about\n"


def tickets(loop: ClientLoop, text: str, **options: Any) -> ImportReport:  # Any: options of the mapping
    """Import feedback."""
    columns = {
        "id": "no", "customer": "who", "email": "mail", "text": "words", "state": "state", "received_at": "said",
        "first_answer_at": "answered", "solved_at": "solved", "rating": "stars", "category": "about",
    }  # fmt: skip
    mapping = FeedbackMapping(
        **{
            "source": "desk",
            "columns": columns,
            "default": {"kind": "complaint", "channel": "email"},
            "values": {"state": {"Closed": "closed_before_import", "Open": "new"}},
            "scale": "1-5",
            **options,
        }
    )
    return import_feedback(loop.context, io.StringIO(TICKETS + text, newline=""), mapping)


def test_an_item_is_what_the_row_says(loop: ClientLoop) -> None:
    """With its words to the letter, its rating on the scale, its category, and the status as the source called it."""
    words = "  The parcel came broken.\r\n{product_purchased}  "
    report = tickets(loop, f'1,7,ana@example.com,"{words}",OPEN,2026-03-03T10:00,,,4,parcels\n')
    assert (report.added, report.received_unknown, report.doubtful) == (1, 0, 0)
    [item] = all_of(loop, Feedback)
    assert (item.kind, item.channel, item.state, item.is_open) == ("complaint", "email", "new", True)
    assert (item.rating, item.scale, item.category, item.data) == (4, "1-5", "parcels", {"status": "OPEN"})
    assert (item.title, item.reply_to) == ("The parcel came broken.", "ana@example.com")
    assert item.received_at == datetime(2026, 3, 3, 9, tzinfo=UTC)
    assert [text.body for text in all_of(loop, Text)] == [words]
    [interaction] = all_of(loop, Interaction)
    assert (interaction.id, interaction.occurred_at, interaction.kind) == (
        item.id, item.received_at, InteractionKind.FEEDBACK,
    )  # fmt: skip
    assert interaction.origin == "desk:feedback:1"
    assert broken_invariants(loop) == ()


def test_an_open_item_goes_on_from_here(loop: ClientLoop) -> None:
    """It stands in the inbox with the deadline that its receipt gives, and takes the moves of its state."""
    tickets(loop, "1,,,Broken,Open,2026-03-03T10:00,,,,\n2,,,Late,assigned,2026-03-03T10:00,,,,\n")
    first, second = loop.inbox()
    assert first.due == second.due == datetime(2026, 3, 4, 10, tzinfo=UTC) - timedelta(hours=1)
    item = loop.feedback.move(first if first.state == "new" else second, "assign", to="mia", by="desk")
    assert item.state == "assigned"


def test_a_closed_item_is_kept_apart(loop: ClientLoop) -> None:
    """It is in no inbox, and how long it took is known where the source says when."""
    tickets(loop, "1,,,Broken,closed,2026-03-01T10:00,2026-03-01T11:00,2026-03-02T10:00,,\n")
    [item] = all_of(loop, Feedback)
    assert (item.state, item.gross) == ("closed_before_import", timedelta(days=1))
    assert list(loop.inbox()) == []


def test_times_that_cannot_be_are_counted_and_kept(loop: ClientLoop) -> None:
    """An item that was solved before it was received has neither time, and both in its data."""
    report = tickets(loop, "1,,,Broken,closed,2026-03-02T10:00,,2026-03-01,,\n2,,,Late,Open,2027-01-01,,,,\n")
    assert (report.doubtful, report.received_unknown) == (2, 2)
    first, second = sorted(all_of(loop, Feedback), key=lambda item: item.title)
    assert first.data["doubtful"].keys() == {"received_at", "solved_at"}
    assert second.data["doubtful"] == {"received_at": "2026-12-31T23:00:00+00:00"}
    assert (first.gross, second.received_at) == (None, None)


def test_the_class_of_a_customer_sets_the_priority(loop: ClientLoop) -> None:
    """Where the source gives none, as at any receipt; the address that answers go to is looked up."""
    loop.settings.set("class_priority", {CustomerClass.A: Priority.HIGH})
    people(loop, "7,Ana,ana@example.com,,gold,,sl,\n")
    tickets(loop, "1,7,,Broken,,,,,,\n", source="shop")
    [item] = all_of(loop, Feedback)
    assert (item.priority, item.customer_class) == (Priority.HIGH, CustomerClass.A)
    assert (item.reply_to, item.locale) == ("ana@example.com", "sl")


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("1,,,,Open,,,,,\n", "", "without words"),
        ("1,,,Hi,Closd,,,,,\n", "state", "no state of complaint 'closd'"),
        ("1,,,Hi,closed_confirmed,,,,,\n", "state", "become 'closed_before_import'"),
        ("1,,,Hi,Open,soon,,,,\n", "said", "is no time"),
        ("1,,,Hi,Open,,,,6,\n", "stars", "outside the scale 1-5"),
        ("1,,ana,Hi,Open,,,,,\n", "mail", "no e-mail address"),
    ],
)
def test_a_row_that_is_no_feedback_is_rejected(loop: ClientLoop, row: str, column: str, reason: str) -> None:
    """With the column that is wrong and what is wrong with it."""
    report = tickets(loop, row)
    assert (report.rejected, report.problems[0].field) == (1, column)
    assert reason in report.problems[0].reason
    assert all_of(loop, Feedback) == []


@pytest.mark.parametrize(
    ("field", "cell", "reason"),
    [
        ("kind", "complant", "did you mean 'complaint'"),
        ("kind", "", "the cell is empty"),
        ("priority", "hgh", "did you mean 'high'"),
        ("channel", "!", "no name of a channel"),
    ],
)
def test_names_that_nobody_knows_are_rejected(loop: ClientLoop, field: str, cell: str, reason: str) -> None:
    """With the nearest known ones."""
    default = {"kind": "complaint", "channel": "email"}
    default.pop(field, None)
    report = tickets(loop, f"1,,,Hi,{cell},,,,,\n", columns={"text": "words", field: "state"}, default=default)
    assert reason in report.problems[0].reason
