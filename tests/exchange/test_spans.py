"""When an entry is: calendars are told what they have words for, and what is meant comes back all the same."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.exchange.spans import ENDS, STARTS, Span
from clientloop.model.interactions import Precision

LJUBLJANA = ZoneInfo("Europe/Ljubljana")
DAY, EXACT = Precision.DAY, Precision.EXACT

MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)).map(  # noqa: DTZ001  # made aware here
    lambda at: at.replace(microsecond=0, tzinfo=UTC)
)
#: Some of them from midnight to midnight.
SPANS = st.builds(
    lambda at, is_midnight, length, precision: Span(
        at := at.astimezone(LJUBLJANA).replace(hour=0, minute=0, second=0).astimezone(UTC) if is_midnight else at,
        None if length is None else at + length,
        precision,
    ),
    MOMENTS,
    st.booleans(),
    st.none()
    | st.sampled_from([timedelta(), timedelta(days=1)])
    | st.integers(0, 10**6).map(lambda s: timedelta(0, s)),
    st.sampled_from([DAY, EXACT]),
)


@given(SPANS)
def test_what_a_calendar_is_told_is_valid_and_nothing_is_lost(span: Span) -> None:
    """An end is later than its begin (RFC 5545, section 3.8.2.2), days are whole, and lines of ours say the rest."""
    told = span.told(LJUBLJANA)
    assert told.ends_at is None or told.ends_at > told.starts_at
    if span.precision is DAY:
        assert told.starts_at <= span.starts_at
        local = [at.astimezone(LJUBLJANA) for at in (told.starts_at, told.ends_at) if at is not None]
        assert {at.time().isoformat() for at in local} == {"00:00:00"}
    ours = dict(span.beside(LJUBLJANA))
    assert told.exact(ours.get(STARTS), ours.get(ENDS), LJUBLJANA) == span


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "told"),
    [
        ("2026-12-28T23:00", "2026-12-30T15:00", "2026-12-30T23:00"),
        ("2026-12-28T23:00", "2026-12-30T23:00", "2026-12-30T23:00"),
        ("2026-12-28T23:00", "2026-12-29T10:00", "2026-12-29T23:00"),
        ("2026-12-28T23:00", "2026-12-28T23:00", "2026-12-29T23:00"),
        ("2026-03-28T23:00", "2026-03-29T21:59", "2026-03-29T22:00"),
        ("9999-12-29T23:00", "9999-12-31T12:00", None),
    ],
)
def test_days_end_with_the_last_that_is_touched(starts_at: str, ends_at: str, told: str | None) -> None:
    """The end of whole days is the midnight after them, by the clocks of the zone; after the last day there is none."""
    span = Span(datetime.fromisoformat(f"{starts_at}Z"), datetime.fromisoformat(f"{ends_at}Z"), DAY)
    assert span.told(LJUBLJANA).ends_at == (None if told is None else datetime.fromisoformat(f"{told}Z"))
