"""How standings and their histories come about, whatever is said in whatever order."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from uuid import UUID

from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.relationships import Direction, Standing
from clientloop.rules.relationship.standing import Course, assessed, expired, stage_at, told, untold

START = datetime(2026, 3, 2, tzinfo=UTC)

STAGES = ("low", "middle", "high")

FIRST = Standing(space="main", subject=UUID(int=1), model="ladder", since=START, as_of=START)


def compass(before: str | None, now: str | None) -> Direction:
    """Which way is up."""
    if before is None or now is None or before == now:
        return Direction.SAME
    return Direction.UP if STAGES.index(before) < STAGES.index(now) else Direction.DOWN


@frozen
class Say:
    """On some day the model says a stage, or a person does, or takes it back."""

    #: How many days after what was before.
    pause: int
    #: The stage; None: the model knows none, or a person takes it back.
    stage: str | None
    #: Whether a person says it.
    manual: bool
    #: For how many days it stands.
    days: int | None


says = st.lists(
    st.builds(Say, st.integers(0, 5), st.sampled_from([None, *STAGES]), st.booleans(), st.none() | st.integers(1, 12)),
    max_size=12,
)


def follow(said: Sequence[Say]) -> list[tuple[datetime, Course]]:
    """What becomes of a standing."""
    course, now, all_of_it = Course(standing=FIRST), START, [(START, Course(standing=FIRST))]
    for each in said:
        now += timedelta(days=each.pause)
        if not each.manual:
            why = partial[dict[str, str]](dict, day=str(now))
            course = assessed(course, stage=each.stage, explain=why, as_of=now, now=now, compass=compass)
        elif each.stage is None:
            course = untold(course, by="mia", reason=None, now=now, compass=compass)
        else:
            until = None if each.days is None else now + timedelta(days=each.days)
            course = told(course, stage=each.stage, by="mia", reason="so", until=until, now=now, compass=compass)
        all_of_it.append((now, course))
    return all_of_it


def replayed(said: Sequence[Say], at: datetime) -> str | None:
    """The stage at a time, by all that was said until then."""
    automatic: str | None = None
    word: tuple[str, datetime | None] | None = None
    now = START
    for each in said:
        now += timedelta(days=each.pause)
        if now > at:
            break
        if not each.manual:
            automatic = each.stage
        elif each.stage is None:
            word = None
        else:
            word = each.stage, None if each.days is None else now + timedelta(days=each.days)
    return word[0] if word and (word[1] is None or word[1] > at) else automatic


@given(says)
def test_the_history_tells_the_stage_of_every_day(said: list[Say]) -> None:
    """The last assessment that is not later says what a replay of all that was said comes to, ends of words as well."""
    (*_, (end, course)) = follow(said)
    for days in range((end - START).days + 15):
        at = START + timedelta(days=days)
        last = [row for row in course.history if row.as_of <= at][-1:]
        assert (stage_at(last[0], at) if last else None) == replayed(said, at)
        if at >= end:
            assert expired(course, now=at, compass=compass).standing.stage == replayed(said, at)


@given(says)
def test_a_history_only_grows(said: list[Say]) -> None:
    """Each part begins with the one before, numbers and times go up, and each row starts where the last one ended."""
    steps = [course for _, course in follow(said)]
    for before, after in pairwise(steps):
        assert after.history[: len(before.history)] == before.history
    history = steps[-1].history
    assert [row.number for row in history] == list(range(1, len(history) + 1))
    assert steps[-1].standing.number == len(history)
    assert [row.as_of for row in history] == sorted(row.as_of for row in history)
    assert [row.previous for row in history] == [None, *(row.stage for row in history[:-1])][: len(history)]
    assert all(row.direction is compass(row.previous, row.stage) for row in history)


def test_an_assessment_of_an_earlier_time_changes_nothing() -> None:
    """A worker that was slow does not overwrite what a faster one has found since."""
    now = START + timedelta(days=2)
    new = assessed(Course(standing=FIRST), stage="high", explain=dict, as_of=now, now=now, compass=compass)
    old = assessed(new, stage="low", explain=dict, as_of=START, now=now, compass=compass)
    assert old == new


def test_whoever_is_shown_as_another_has_no_stage() -> None:
    """What was said of the one stays, and stands again once it counts again."""
    word = told(
        Course(standing=FIRST), stage="high", by="mia", reason="so", until=None, now=START, compass=compass
    )  # fmt: skip
    hidden = assessed(word, stage=None, explain=dict, as_of=START, now=START, compass=compass, counts=False)
    assert (hidden.standing.stage, hidden.standing.manual, hidden.history[-1].manual) == (None, "high", False)
    again = assessed(hidden, stage="low", explain=dict, as_of=START, now=START, compass=compass)
    assert (again.standing.stage, again.standing.automatic) == ("high", "low")
