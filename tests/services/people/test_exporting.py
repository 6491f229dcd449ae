"""Everything that is kept of a person, handed out as plain data."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

import pytest
from attrs import fields

from clientloop import ClientLoop
from clientloop.errors import NotFound
from clientloop.model.asking import Answer, Invitation
from clientloop.model.channels import EventSort, RawBody, StoredRaw, TakenEvent
from clientloop.model.customers import Claimant, Customer, IdentityKind, Purpose, Trust
from clientloop.model.deals import Deal, DealPerson, DealStep
from clientloop.model.interactions import InteractionKind
from clientloop.model.messages import Delivery, DeliveryState, DeliveryStep, Failure, OutboundMessage, Receipt
from clientloop.model.planning import Appointment
from clientloop.model.record import record_of
from clientloop.model.relationships import Assessment, Standing
from clientloop.model.schema import CLASSES
from clientloop.model.threads import ThreadName
from clientloop.model.units import Insert, Unit
from clientloop.ports.events import DeliveryEvent
from clientloop.services.intake.events import take
from clientloop.services.loop.feedback import File
from clientloop.services.people.exporting import EXPORTED, LEFT_OUT
from clientloop.testing.fakes import FakeChannels
from clientloop.testing.samples import sample
from tests.services.persons import NINE, STORES, live, open_firm, two_customers


@pytest.fixture(params=STORES)
def loop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ClientLoop]:
    """A firm without customers, in memory and in a file."""
    with open_firm(request.param.format(tmp_path)) as opened:
        yield opened


def export(loop: ClientLoop, customer: Customer) -> dict[str, list[dict[str, object]]]:
    """The export of one id, read."""
    data: dict[str, list[dict[str, object]]] = json.loads(loop.customers.export_of_id(customer))
    return data


#: What says nothing of the person, by record.
BOOKKEEPING = {Customer: {"merged_into", "absorbed", "version"}, Answer: {"version"}}


@pytest.mark.parametrize("cls", CLASSES)
def test_personal_data_is_exported_or_somebody_has_said_why_not(cls: type) -> None:
    """A record with personal data is reached from the customer by what it refers to, or is left out for a reason."""
    record = record_of(cls)
    if any(column.personal for column in record.columns.values()):
        assert (record in EXPORTED) is not bool(LEFT_OUT.get(cls))
    else:
        assert cls not in LEFT_OUT


def test_every_table_that_has_something_of_a_person_is_in_the_export(tmp_path: Path) -> None:
    """A customer who has something in every table has it in the export: all fields of all rows, and no one else's."""
    post = FakeChannels("email", answer=lambda message: Receipt(failure=None if message.body else Failure.RETRY))
    with ClientLoop.open("memory:", plugins=[post], region="SI", entry_points=False) as loop:
        ana, other = two_customers(loop)
        for customer in (ana, other):
            live(loop, customer, interactions=3, items=2)
        files = [File(name="photo.png", media_type="image/png", content=b"\x00png")]
        item = loop.feedback.receive(kind="question", channel="email", text="When?", customer=ana, files=files)
        item = loop.feedback.move(item, "assign", to="mia", by="desk")
        loop.feedback.move(item, "answer", text="Tomorrow", by="mia")
        loop.run_due()
        waits = OutboundMessage(
            space="main", id=loop.context.new_id(), customer=ana.id, channel="email", to="ana@example.com",
            purpose=Purpose.MARKETING, template="news", created_at=NINE,
        )  # fmt: skip
        loop.store.commit(Unit((Insert(waits),)))
        thread = ThreadName(space="main", channel="email", name="<1@example.com>", item=item.id)
        claims = Claimant(space="main", kind=IdentityKind.EMAIL, value="ana@example.org", customer=ana.id)
        loop.store.commit(Unit((Insert(thread), Insert(claims))))
        receive_raw(loop, "hers", [item.id])
        event = DeliveryEvent(key="1", message=loop.feedback.deliveries(item)[0].message, step=DeliveryStep.DELIVERED)
        take(loop.context, "email", event, trust=Trust.VERIFIED, raw=None)
        deal = sample(Deal, customer=ana.id)
        hers = [sample(cls, customer=ana.id) for cls in (Invitation, Answer, Appointment)]
        stands = [sample(cls, subject=ana.id) for cls in (Assessment, Standing)]
        steps = [sample(cls, deal=deal.id, customer=ana.id) for cls in (DealStep, DealPerson)]
        loop.store.commit(Unit(tuple(map(Insert, (deal, *hers, *stands, *steps)))))
        data = export(loop, ana)
        assert data.keys() == {record.name for record in EXPORTED}
        for record in EXPORTED:
            names = {field.name for field in fields(record.cls)}
            left_out = BOOKKEEPING.get(record.cls, set())
            assert all(row.keys() == names - left_out for row in data[record.name])
        for name in ("interaction", "feedback", "consent", "identity", "contact"):
            assert {row["customer"] for row in data[name]} == {str(ana.id)}
        assert {row["item"] for row in data["transition"]} == {row["id"] for row in data["feedback"]}
        assert str(waits.id) in {row["id"] for row in data["outbox"]}
        assert data["attachment"][0]["content"] == "AHBuZw=="
        assert {row["kind"] for row in data["interaction"]} == {"purchase", "feedback", "message_out"}


def receive_raw(loop: ClientLoop, body: str, became: Sequence[UUID | None]) -> UUID:
    """Store a raw message and the marks of what it brought; its id."""
    new = loop.context.new_id()
    raw = StoredRaw(
        space="main", id=new, channel="email", digest=body.encode(), size=len(body), trust=Trust.CLAIMED,
        received_at=NINE,
    )  # fmt: skip
    marks = [
        TakenEvent(
            space="main", channel="email", key=f"{new} {number}", sort=EventSort.MESSAGE, raw=new, became=each,
            taken_at=NINE,
        )
        for number, each in enumerate(became)
    ]  # fmt: skip
    contents = RawBody(space="main", id=new, content=body.encode())
    loop.store.commit(Unit(tuple(map(Insert, (raw, contents, *marks)))))
    return new


def test_a_raw_message_goes_to_whom_alone_it_is_about(loop: ClientLoop) -> None:
    """What a person wrote is handed out as it came; a delivery with words of others in it is handed out to nobody."""
    ana, other = two_customers(loop)
    said = [loop.feedback.receive(kind="idea", channel="email", text="Idea", customer=each) for each in (ana, other)]
    hers = receive_raw(loop, "hers", [said[0].id, None])
    receive_raw(loop, "of both", [said[0].id, said[1].id])
    receive_raw(loop, "of nobody", [None])
    data = export(loop, ana)
    assert [row["id"] for row in data["raw"]] == [row["id"] for row in data["raw_body"]] == [str(hers)]
    assert "raw" not in export(loop, other)


def test_a_message_to_a_person_is_exported_also_where_it_is_about_no_item(loop: ClientLoop) -> None:
    """Marketing that an address refused for good has neither item nor interaction."""
    ana, _ = two_customers(loop)
    refused = Delivery(
        space="main", message=loop.context.new_id(), customer=ana.id, channel="email", to="ana@example.com",
        purpose=Purpose.MARKETING, template="news", state=DeliveryState.FAILED, attempts=1, at=NINE,
    )  # fmt: skip
    loop.store.commit(Unit((Insert(refused),)))
    assert [row["message"] for row in export(loop, ana)["delivery"]] == [str(refused.message)]


def test_exports_are_the_same_on_every_store(tmp_path: Path) -> None:
    """Two firms with the same rows, one in memory and one in a file, export the same bytes."""
    texts = []
    for url in STORES:
        with open_firm(url.format(tmp_path)) as loop:
            both = two_customers(loop)
            for customer in both:
                live(loop, customer, interactions=250, items=3)
            texts.append([loop.customers.export_of_id(each) for each in both])
    assert texts[0] == texts[1]


def test_no_row_is_in_two_exports(loop: ClientLoop) -> None:
    """Each customer's export has the rows under its own id, merged or not; together they have all."""
    both = two_customers(loop)
    for customer in both:
        live(loop, customer, interactions=5, items=2)
    loop.interactions.record(kind=InteractionKind.VISIT, channel="shop")  # nobody's
    loop.customers.merge(*both, by="mia", reason="same")
    exports = [export(loop, each) for each in both]
    assert [data["customer"][0]["id"] for data in exports] == [str(each.id) for each in both]
    for record in EXPORTED:
        keys = [tuple(row[name] for name in record.key) for data in exports for row in data.get(record.name, ())]
        assert len(keys) == len(set(keys))
        nobodys = 1 if record.name == "interaction" else 0
        assert len(keys) == len(list(loop.store.pages(record.cls, "main"))) - nobodys


def test_a_person_is_exported_with_the_rows_of_all_ids(loop: ClientLoop) -> None:
    """Whichever id names a merged person, the export has every row of every id once; undone, each has its own again."""
    both = two_customers(loop)
    for customer in both:
        live(loop, customer, interactions=5, items=2)
    merge = loop.customers.merge(*both, by="mia", reason="same")
    parts = [export(loop, each) for each in both]
    texts = [loop.customers.export(each) for each in both]
    whole = json.loads(texts[0])
    assert texts[0] == texts[1]
    assert list(whole) == sorted({*parts[0], *parts[1]})
    for name, rows in whole.items():
        apart = [row for part in parts for row in part.get(name, ())]
        assert sorted(map(json.dumps, rows)) == sorted(map(json.dumps, apart))
    loop.customers.unmerge(merge, by="mia")
    assert [loop.customers.export(each) for each in both] == [loop.customers.export_of_id(each) for each in both]


def test_an_export_is_sorted_and_says_what_things_mean(loop: ClientLoop) -> None:
    """Times are ISO 8601 in UTC, spans of time seconds, rows in the order of their keys; empty tables are absent."""
    ana, _ = two_customers(loop)
    item = loop.feedback.receive(kind="complaint", channel="email", text="Broken", customer=ana, reply_to="a@b.example")
    data = export(loop, ana)
    assert list(data) == sorted(data)
    assert "outbox" not in data
    (row,) = data["feedback"]
    assert (row["id"], row["recorded_at"], row["waited"]) == (str(item.id), "2026-03-02T09:00:00+00:00", 0.0)
    assert row["state"] == "new"
    assert isinstance(row["deadlines"], list)
    with pytest.raises(NotFound):
        loop.customers.export_of_id(item.id)


def test_what_is_exported_goes_with_its_item(loop: ClientLoop) -> None:
    """An item that went over to another customer is in that one's export, with its journal and its tasks."""
    ana, _ = two_customers(loop)
    live(loop, ana, interactions=1, items=2)
    item = loop.feedback.list(limit=2).items[1]
    new = loop.customers.split(ana, interactions=[item], by="mia", reason="two")
    data = export(loop, new)
    assert [row["id"] for row in data["feedback"]] == [str(item.id)]
    assert {row["item"] for name in ("transition", "task", "timer") for row in data[name]} == {str(item.id)}
    assert str(item.id) not in loop.customers.export_of_id(ana)
