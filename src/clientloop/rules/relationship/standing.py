"""Where a subject stands, and how it came there: what an assessment, somebody's word and its end make of both.

A model says one thing, a person may say another, and the person's word stands until it expires or is taken back. The
history only grows: each change is one `Assessment`, which stands until the next.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from attrs import evolve, frozen

from clientloop.model.codec import Json
from clientloop.model.relationships import Assessment, Direction, Standing
from clientloop.model.work import SYSTEM

#: Where one goes who leaves one stage for another: `RelationshipModel.direction`.
Compass = Callable[[str | None, str | None], Direction]

#: The whole explanation of somebody who counts for another: whom.
COUNTS_FOR = "counts_for"

#: The fields of a standing that hold somebody's word.
_NO_WORD: Mapping[str, None] = {
    "manual": None,
    "manual_by": None,
    "manual_reason": None,
    "manual_at": None,
    "manual_until": None,
    "manual_of": None,
}


@frozen(kw_only=True)
class Course:
    """A standing, and what its history has gained on the way to it."""

    #: Where the subject stands.
    standing: Standing
    #: The new part of the history, in order.
    history: tuple[Assessment, ...] = ()


def has_expired(until: datetime | None, now: datetime) -> bool:
    """Whether a word that stands until then no longer stands; one without an end always does."""
    return until is not None and until <= now


def has_word(standing: Standing | None, now: datetime) -> bool:
    """Whether somebody's word stands on a subject.

    Args:
        standing: Where it stands; None of whom nobody has said or assessed anything.
        now: The present, aware.
    """
    return standing is not None and standing.manual is not None and not has_expired(standing.manual_until, now)


def stage_at(last: Assessment, at: datetime) -> str | None:
    """The stage that stood at a time, by the last assessment that is not later.

    Args:
        last: That assessment.
        at: The time, aware.
    """
    return last.automatic if last.manual and has_expired(last.until, at) else last.stage


def counted_for(explanation: Mapping[str, Json]) -> UUID | None:
    """The customer or the company that somebody counts for; None for whoever counts alone.

    Args:
        explanation: That of a standing or an assessment.

    >>> counted_for({"counts_for": "00000000-0000-0000-0000-000000000001"})
    UUID('00000000-0000-0000-0000-000000000001')
    """
    return UUID(explanation[COUNTS_FOR]) if set(explanation) == {COUNTS_FOR} else None


def whose_stage(explanation: Mapping[str, Json], *, worded: bool) -> UUID | None:
    """Whose stage stands for somebody: that of the company that one counts for; None for one's own.

    Args:
        explanation: That of a standing or an assessment.
        worded: Whether somebody's word stands on oneself, which goes before what the company is.
    """
    return None if worded else counted_for(explanation)


def company_at(last: Assessment, at: datetime) -> UUID | None:
    """Whose stage stood for somebody at a time: that of the company one counted for, unless a word stood on oneself.

    Args:
        last: The last assessment that is not later.
        at: The time, aware.
    """
    return whose_stage(last.explanation, worded=last.manual and not has_expired(last.until, at))


def expired(course: Course, *, now: datetime, compass: Compass) -> Course:
    """The model's stage stands again from the moment on at which somebody's word ended, if it has ended.

    Args:
        course: Where the subject stands.
        now: The present, UTC.
        compass: Tells the direction.
    """
    until = course.standing.manual_until
    if until is None or not has_expired(until, now):
        return course
    return _gone(course, _NO_WORD, as_of=until, now=now, compass=compass)


def assessed(
    course: Course,
    *,
    stage: str | None,
    explain: Callable[[], Mapping[str, Json]],
    as_of: datetime,
    now: datetime,
    compass: Compass,
    whom: UUID | None = None,
    counts: bool = True,
) -> Course:
    """What a model says is noted; where the subject stands changes unless somebody's word stands in its place.

    A model that says what it said before changes nothing, so that a night on which nothing happened writes nothing.

    Args:
        course: Where the subject stands.
        stage: What the model says.
        explain: Tells what that follows from; asked only where it is noted.
        as_of: The time that it is of, UTC; an assessment of an earlier time than the last one changes nothing.
        now: The present, UTC.
        compass: Tells the direction.
        whom: The customer or the company that the subject counts for, if any.
        counts: Whether the subject counts by itself; one that is shown as another has no stage, whoever says what.
    """
    course = expired(course, now=now, compass=compass)
    before = course.standing
    if as_of < before.as_of:
        return course
    stands = before.manual if counts and before.manual is not None else stage
    known = (before.automatic, before.stage, counted_for(before.explanation)) == (stage, stands, whom)
    if known and before.explanation:
        return course
    explanation = explain() if whom is None else {COUNTS_FOR: str(whom)}
    if known and not explanation:
        return course
    changes = {"automatic": stage, "explanation": explanation, "as_of": as_of}
    return _gone(course, changes, as_of=as_of, now=now, compass=compass, counts=counts)


def told(
    course: Course,
    *,
    stage: str,
    by: str,
    reason: str,
    until: datetime | None,
    now: datetime,
    compass: Compass,
    of: UUID | None = None,
) -> Course:
    """Somebody's word stands from now on beside what the model says.

    Args:
        course: Where the subject stands.
        stage: The stage.
        by: Who says so.
        reason: Why.
        until: Until when that stands, UTC; None for as long as nobody takes it back.
        now: The present, UTC.
        compass: Tells the direction.
        of: The customer of whom it was said, where that one has been merged into this one.
    """
    word = {
        "manual": stage, "manual_by": by, "manual_reason": reason, "manual_at": now, "manual_until": until,
        "manual_of": of,
    }  # fmt: skip
    course = expired(course, now=now, compass=compass)
    return _gone(course, word, as_of=now, now=now, compass=compass, by=by, reason=reason)


def untold(course: Course, *, by: str, reason: str | None, now: datetime, compass: Compass) -> Course:
    """Somebody's word is taken back, and the model's stage stands again.

    Args:
        course: Where the subject stands.
        by: Who takes it back.
        reason: Why.
        now: The present, UTC.
        compass: Tells the direction.
    """
    course = expired(course, now=now, compass=compass)
    if course.standing.manual is None:
        return course
    return _gone(course, _NO_WORD, as_of=now, now=now, compass=compass, by=by, reason=reason)


def _gone(
    course: Course,
    changes: Mapping[str, object],
    *,
    as_of: datetime,
    now: datetime,
    compass: Compass,
    by: str = SYSTEM.name,
    reason: str | None = None,
    counts: bool = True,
) -> Course:
    """The standing with some fields changed, and a row of its history where that changes what anybody says."""
    before = course.standing
    as_of = max(as_of, before.since, before.as_of, before.manual_at or before.since)  # clocks of machines differ
    after = evolve(before, **changes)  # type: ignore[arg-type]  # each change is of its field's own type
    word = after.manual if counts else None
    stage = after.automatic if word is None else word
    if stage != before.stage:
        way = compass(before.stage, stage)
        after = evolve(after, stage=stage, previous=before.stage, direction=way, since=as_of)
    joined = counted_for(after.explanation) != counted_for(before.explanation)
    if stage == before.stage and after.automatic == before.automatic and not joined and "manual" not in changes:
        return evolve(course, standing=after)
    after = evolve(after, number=before.number + 1)
    row = Assessment(
        space=after.space, subject=after.subject, sort=after.sort, model=after.model, number=after.number, stage=stage,
        previous=before.stage, direction=compass(before.stage, stage), automatic=after.automatic,
        manual=word is not None, as_of=as_of, at=now, by=by, reason=reason,
        until=None if word is None else after.manual_until, explanation=after.explanation,
    )  # fmt: skip
    return Course(standing=after, history=(*course.history, row))
