"""What arrives, as it can be stored and believed."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from clientloop.rules.intake.arrival import AHEAD, language, said_at

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "believed", "doubtful"),
    [
        (None, NOW, False),
        (NOW - timedelta(days=700), NOW - timedelta(days=700), False),
        (NOW + AHEAD, NOW, False),
        (NOW + AHEAD + timedelta(seconds=1), NOW, True),
        (datetime(1970, 1, 1, tzinfo=UTC), NOW, True),
        (datetime.max.replace(tzinfo=timezone(-timedelta(hours=12))), NOW, True),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=12))), NOW, True),
    ],
)
def test_times_that_cannot_be_are_not_believed(at: datetime | None, believed: datetime, doubtful: bool) -> None:
    """What is said of the past is believed, a clock may run a little ahead, and no clock began before 1970."""
    assert said_at(at, NOW) == (believed, doubtful)


@pytest.mark.parametrize(
    ("tag", "taken"),
    [("sl", True), ("pt-BR", True), ("zh_Hans_CN", True), ("", False), ("x", False), ("sl; q=1", False)],
)
def test_languages_have_the_form_of_tags(tag: str, taken: bool) -> None:
    """Anything else is no language."""
    assert (language(tag) == tag) is taken
