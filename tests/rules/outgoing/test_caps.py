"""Counting what was sent to a customer within a stretch of time."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from clientloop.errors import InvalidValue
from clientloop.model.calendar import Calendar, Span, days
from clientloop.model.codec import microseconds
from clientloop.model.customers import Purpose
from clientloop.model.permission import Cap
from clientloop.rules.loop.settings import Settings
from clientloop.rules.outgoing.caps import noted, sent_within

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
CAP = Cap(most=1, within=days(30))
FIRST, SECOND = UUID(int=1), UUID(int=2)


def test_a_message_counts_until_its_time_is_over() -> None:
    """It counts for the whole stretch, and no longer; messages of other purposes never do."""
    sent = noted({}, Purpose.SURVEY, CAP, FIRST, now=AT)
    counts = [
        FIRST in sent_within([{}, sent], Purpose.SURVEY, CAP, now=AT + after)
        for after in (timedelta(), timedelta(days=30, microseconds=-1), timedelta(days=30))
    ]
    assert counts == [True, True, False]
    assert not sent_within([sent], Purpose.MARKETING, CAP, now=AT)


def test_a_message_that_is_tried_again_counts_once() -> None:
    """It counts from its last try on; what was noted of another id of the same person is the same message."""
    sent = noted(noted({}, Purpose.SURVEY, CAP, FIRST, now=AT), Purpose.SURVEY, CAP, FIRST, now=AT + timedelta(days=1))
    assert sent_within([sent, sent], Purpose.SURVEY, CAP, now=AT) == {FIRST: microseconds(AT + timedelta(days=1))}


def test_what_counts_no_more_is_left_out() -> None:
    """The row of a customer stays short however long they are known; other purposes stay as they are."""
    sent = noted({"marketing": {str(FIRST): 1}}, Purpose.SURVEY, CAP, FIRST, now=AT)
    later = AT + timedelta(days=31)
    assert noted(sent, Purpose.SURVEY, CAP, SECOND, now=later) == {
        "marketing": {str(FIRST): 1},
        "survey": {str(SECOND): microseconds(later)},
    }


@pytest.mark.parametrize(("most", "within"), [(0, "30 d"), (1, "0 d"), (1, "3 wd")])
def test_no_cap_by_office_hours(most: int, within: str) -> None:
    """A cap is of at least one message and in a time that passes for customers too."""
    with pytest.raises(InvalidValue, match="cap"):
        Cap(most=most, within=Span.parse(within))


def test_answers_have_no_cap() -> None:
    """A firm cannot stop answering by a setting."""
    with pytest.raises(InvalidValue, match="cap on service messages"):
        Settings(calendar=Calendar.standard("UTC"), caps={Purpose.SERVICE: CAP})
