"""The receipt of feedback: what is written down, and how lists show it."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.codec import instant
from clientloop.model.interactions import Text
from clientloop.rules.loop.receipt import TITLE_LENGTH, title_of
from tests.test_processes import DAY, KINDS, NINE, Firm


def text(body: str, subject: str | None = None) -> Text:
    """Words that came in."""
    return Text(space="main", id=UUID(int=1), subject=subject, body=body)


@pytest.mark.parametrize(
    ("words", "title"),
    [
        (text("Broken.\nAgain."), "Broken."),
        (text("\n\n  Broken.  \r\nAgain."), "Broken."),
        (text("Broken.", "Parcel 17"), "Parcel 17"),
        (text("Broken.", ""), "Broken."),
        (text("x" * 80), "x" * 80),
        (text("x" * 81), "x" * 79 + "…"),
    ],
)
def test_lists_show_the_subject_or_the_first_line(words: Text, title: str) -> None:
    """The title is the subject, or else the first line that is not empty, cut with an ellipsis."""
    assert title_of(words) == title


@given(st.text())
def test_a_title_is_one_short_line(body: str) -> None:
    """Whatever the words, lists get one line of bounded length."""
    title = title_of(text(body))
    assert len(title) <= TITLE_LENGTH
    assert "\n" not in title


@pytest.mark.parametrize("kind", KINDS)
def test_a_receipt_is_the_first_row_of_the_journal(firm: Firm, kind: str) -> None:
    """An item begins in `new`, with its deadlines, its timer and one row that says who recorded it."""
    item = firm.receive(kind)
    (row,) = firm.loop.feedback.history(item)
    assert (row.number, row.source, row.move, row.target, row.by) == (1, "", "receive", "new", "intake")
    assert item.deadlines
    assert item.due == min(instant(clock.due) for clock in item.deadlines)


def test_what_lay_before_it_was_recorded_is_due_from_when_it_was_said(firm: Firm) -> None:
    """A letter of yesterday owes its first answer since yesterday, and its solution since it was recorded."""
    item = firm.loop.feedback.receive(
        kind="complaint", channel="letter", text="Broken", customer=firm.customer, received_at=NINE - 3 * DAY
    )
    due = {clock.name: instant(clock.due) for clock in item.deadlines}
    assert due["first_answer"] == NINE
    assert due["solution"] == NINE + timedelta(days=14)
    assert (item.received_at, item.recorded_at) == (NINE - 3 * DAY, NINE)


def test_an_item_whose_deadline_passed_before_it_was_recorded_escalates_at_once(firm: Firm) -> None:
    """What comes too late to be on time is looked at as soon as a worker comes."""
    item = firm.loop.feedback.receive(
        kind="complaint", channel="letter", text="Broken", customer=firm.customer, received_at=NINE - 9 * DAY
    )
    firm.loop.run_due()
    assert firm.loop.feedback.get(item.id).late == ("first_answer",)


def test_the_receipt_is_acknowledged_only_where_there_is_an_address(firm: Firm) -> None:
    """Without an address nothing is queued, and the desk acknowledges it when it takes the item on."""
    firm.loop.settings.set("acknowledge", frozenset({"email"}))
    item = firm.receive("complaint", reachable=False)
    assert firm.loop.feedback.outbox(item) == ()
    assert firm.loop.feedback.history(item)[0].told == ()
