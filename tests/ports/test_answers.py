"""What HTTP answers mean to a channel that sends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.messages import Failure, Receipt
from clientloop.ports.answers import LONGEST_PAUSE, failure_of, retry_after
from clientloop.ports.effects import HttpResult

DATE = "Mon, 02 Mar 2026 09:00:00 GMT"


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (200, None),
        (201, None),
        (202, None),
        (204, None),
        (301, Failure.CONFIG),
        (400, Failure.CONFIG),
        (401, Failure.CONFIG),
        (403, Failure.CONFIG),
        (404, Failure.CONFIG),
        (408, Failure.RETRY),
        (429, Failure.THROTTLED),
        (500, Failure.RETRY),
        (503, Failure.RETRY),
        (502, Failure.UNKNOWN),
        (504, Failure.UNKNOWN),
        (599, Failure.RETRY),
    ],
)
def test_a_status_says_what_became_of_the_message(status: int, failure: Failure | None) -> None:
    """No status alone condemns the address; what a gateway says leaves open whether the message arrived."""
    assert failure_of(status) is failure


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": " 17 "}, 17.0),
        ({"retry-after": "999999999999"}, LONGEST_PAUSE),
        ({"retry-after": "Mon, 02 Mar 2026 09:02:00 GMT", "date": DATE}, 120.0),
        ({"retry-after": "Mon, 02 Mar 2026 08:00:00 GMT", "date": DATE}, 0.0),
        ({"retry-after": "Fri, 02 Mar 2096 09:02:00 GMT", "date": DATE}, LONGEST_PAUSE),
        ({"retry-after": "Mon, 02 Mar 2026 09:02:00 GMT"}, None),
        ({"retry-after": "Mon, 02 Mar 2026 09:02:00", "date": DATE}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "1e3"}, None),
        ({"retry-after": "٣"}, None),
        ({"retry-after": "soon", "date": DATE}, None),
    ],
)
def test_a_server_says_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds, or a date that counts from the answer's own; what is in neither form says nothing."""
    assert retry_after(HttpResult(status=429, headers=headers)) == seconds


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_answer_breaks_the_sender(after: str, date: str) -> None:
    """Whatever the header fields hold, a receipt can be made of it."""
    pause = retry_after(HttpResult(status=429, headers={"retry-after": after, "date": date}))
    assert Receipt(failure=Failure.THROTTLED, retry_after=pause).retry_after == pause
