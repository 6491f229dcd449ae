"""Feedback as applications receive, move and find it."""

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from clientloop import Actor
from clientloop.errors import InvalidValue, NotFound, UnknownName
from clientloop.model.customers import Trust
from clientloop.model.feedback import Timer, Transition
from clientloop.model.interactions import InteractionKind
from clientloop.model.messages import OutboundMessage
from clientloop.model.units import Insert, Unit
from clientloop.model.where import eq
from clientloop.model.work import Role
from clientloop.services.loop.feedback import File
from tests.test_processes import ACTORS, CUSTOMER, NINE, OWNER, SYSTEM, Firm


def written(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> list[Unit]:
    """Every unit that is committed from now on."""
    units: list[Unit] = []
    commit = firm.loop.store.commit

    def noting(unit: Unit) -> None:
        commit(unit)
        units.append(unit)

    monkeypatch.setattr(firm.loop.store, "commit", noting)
    return units


def classes(unit: Unit) -> list[type]:
    """What a unit inserts."""
    return [type(change.record) for change in unit.changes if isinstance(change, Insert)]


def test_a_move_and_its_message_are_one_unit(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """The move, its journal and what it tells the customer are written together or not at all."""
    item = firm.bring("complaint", "new")
    units = written(firm, monkeypatch)
    firm.loop.feedback.move(item, "assign", by="desk", to="mia")
    (unit,) = units
    assert classes(unit) == [Transition, OutboundMessage]


def test_a_receipt_is_one_unit(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """The words, the item, its journal, its timer and its acknowledgement are written together or not at all."""
    firm.loop.settings.set("acknowledge", frozenset({"email"}))
    units = written(firm, monkeypatch)
    firm.receive("complaint")
    unit = units[-1]  # the first automatic reply of all makes the key that addresses are kept under
    assert len(units) <= 2
    assert {Transition, Timer, OutboundMessage} <= set(classes(unit))


def test_a_message_points_to_the_move_that_caused_it(firm: Firm) -> None:
    """Each message in the outbox names its item and the row of the journal."""
    item = firm.loop.feedback.move(firm.bring("complaint", "new"), "assign", by="desk", to="mia")
    (message,) = firm.loop.feedback.outbox(item)
    row = next(row for row in firm.loop.feedback.history(item) if row.number == message.transition)
    assert (row.move, row.told, message.customer) == ("assign", ("received",), firm.customer.id)


def test_files_and_words_are_kept_as_they_came(firm: Firm) -> None:
    """The words are whole and the files have their bytes, in order."""
    files = [File(name=name, media_type="image/png", content=name.encode()) for name in ("b.png", "a.png")]
    item = firm.loop.feedback.receive(
        kind="complaint", channel="email", subject="Parcel", text="It came broken.\nTwice.", files=files
    )
    words = firm.loop.feedback.words(item)
    assert (words.subject, words.body, item.title) == ("Parcel", "It came broken.\nTwice.", "Parcel")
    assert [(each.number, each.name, each.content) for each in firm.loop.feedback.files(item)] == [
        (1, "b.png", b"b.png"),
        (2, "a.png", b"a.png"),
    ]


def test_answers_go_to_the_best_proved_address_of_the_channel(firm: Firm) -> None:
    """Of several addresses the one that was proved best is answered to; a given one goes before all."""
    asserted = firm.loop.customers.add(name="Bor", email="bor@example.com", trust=Trust.ASSERTED)
    verified = firm.loop.customers.add(name="Cene", email="a@example.com", external="shop:2")
    firm.loop.customers.add(name="Cene", email="b@example.com", external="shop:2", trust=Trust.VERIFIED)

    def reply_to(customer: object, channel: str, **given: str) -> str | None:
        return firm.loop.feedback.receive(
            kind="idea", channel=channel, text="Saturdays", customer=customer, **given  # type: ignore[arg-type]
        ).reply_to  # fmt: skip

    assert reply_to(asserted, "email") == "bor@example.com"
    assert reply_to(verified, "form") == "b@example.com"
    assert reply_to(verified, "sms") is None
    assert reply_to(verified, "pigeon") is None
    assert reply_to(verified, "email", reply_to="now@example.com") == "now@example.com"


def test_redelivery_by_another_channel_is_another_item(firm: Firm) -> None:
    """A key is one of its channel: the same key elsewhere is something else."""
    items = {
        firm.loop.feedback.receive(kind="idea", channel=channel, text="Saturdays", origin="17").id
        for channel in ("email", "form", "email")
    }
    assert len(items) == 2


def test_an_item_is_found_by_whatever_names_it(firm: Firm) -> None:
    """The record, the id, its text and the number for people, typed as people do."""
    item = firm.receive("idea")
    for name in (item, item.id, str(item.id), item.ref, f" {item.ref.lower()} ", f"{item.ref[:4]}-{item.ref[4:]}"):
        assert firm.loop.feedback.get(name) == item
    for name in (UUID(int=1), "ZZZZZZZZ"):
        with pytest.raises(NotFound, match="no feedback"):
            firm.loop.feedback.get(name)
    with pytest.raises(InvalidValue, match="is no id"):
        firm.loop.feedback.get("the broken parcel")
    with pytest.raises(NotFound, match="no words"):
        firm.loop.feedback.words(UUID(int=1))


@pytest.mark.parametrize(
    ("by", "has", "has_not"),
    [
        (None, {"assign", "reject", "escalate"}, {"remind"}),
        ("mia", {"assign", "wait"}, {"reject", "remind"}),
        (ACTORS[CUSTOMER], {"escalate"}, {"assign", "reject"}),
        (ACTORS[SYSTEM], {"escalate", "remind"}, {"assign"}),
    ],
)
def test_next_moves_are_those_of_whoever_asks(
    firm: Firm, by: str | Actor | None, has: set[str], has_not: set[str]
) -> None:
    """Everybody sees the moves that their roles allow; nobody in particular, those of people."""
    moves = set(firm.loop.feedback.next_moves(firm.receive("complaint"), by=by))
    assert has <= moves
    assert not has_not & moves


def test_an_item_is_moved_by_its_number(firm: Firm) -> None:
    """A desk that has only the number for people can move the item."""
    item = firm.receive("complaint")
    assert firm.loop.feedback.move(item.ref, "assign", by="desk", to="mia").owner == "mia"


def test_an_unknown_owner_is_refused_with_the_nearest_names(firm: Firm) -> None:
    """With a staff list only members own, whatever the move."""
    item = firm.receive("complaint")
    with pytest.raises(UnknownName, match="no member 'mai': did you mean 'mia'"):
        firm.loop.feedback.move(item, "assign", by="desk", to="mai")


def test_whoever_records_it_is_in_the_journal(firm: Firm) -> None:
    """An item that the customer typed is received in the role of the customer."""
    item = firm.loop.feedback.receive(kind="idea", channel="form", text="Saturdays", by=Actor.customer("Ana"))
    (row,) = firm.loop.feedback.history(item)
    assert (row.by, row.role) == ("Ana", Role.CUSTOMER)


def test_lists_page_and_filter(firm: Firm) -> None:
    """The list shows closed items too, in the order of receipt, and what a condition asks for."""
    items = [firm.receive(kind) for kind in ("idea", "praise", "idea")]
    firm.move(items[0], "not_feedback", OWNER, reason="advertising")
    first = firm.loop.feedback.list(limit=2)
    assert [each.id for each in first] == [each.id for each in items[:2]]
    assert [each.id for each in firm.loop.feedback.list(limit=2, after=first.next)] == [items[2].id]
    assert [each.id for each in firm.loop.inbox(where=eq("kind", "idea"))] == [items[2].id]


def test_times_come_in_any_zone_and_are_kept_in_utc(firm: Firm) -> None:
    """A time of receipt in another zone is the same instant."""
    said = (NINE - timedelta(hours=1)).astimezone(ZoneInfo("America/New_York"))
    item = firm.loop.feedback.receive(kind="idea", channel="form", text="Saturdays", received_at=said)
    kept = firm.loop.feedback.get(item.id).received_at
    assert kept is not None
    assert (kept, kept.utcoffset()) == (said, timedelta(0))


def test_items_are_found_by_what_was_said(firm: Firm) -> None:
    """Open and closed items are found by the customer's words, the latest first, and never by the firm's."""
    desk = firm.loop.feedback
    received = [desk.receive(kind="idea", channel="form", text=f"Odprite ob sobotah, Žiga {n}") for n in range(3)]
    desk.move(received[1], "not_feedback", by="desk", reason="sobotah")
    firm.loop.interactions.record(kind=InteractionKind.CALL, channel="phone", text="Žiga: sobotah?")
    first = desk.search("ziga SOBOT*", limit=2)
    assert [item.id for item in first] == [received[2].id, received[1].id]
    assert [item.id for item in desk.search("ziga SOBOT*", limit=2, after=first.next)] == [received[0].id]
    assert [item.id for item in desk.search("sobotah", where=eq("is_open", False))] == [received[1].id]
    with pytest.raises(InvalidValue, match="no word to search for"):
        desk.search("?!")
