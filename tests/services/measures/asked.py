"""A firm that asks its customers, and what they answer."""

from collections.abc import Iterable
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

from attrs import evolve

from clientloop import ClientLoop
from clientloop.model.asking import Answer, Instrument, Occasion, Question
from clientloop.model.units import Insert, Unit

_NUMBERS = count(1)

YEARLY = Question(
    space="main",
    name="yearly",
    number=1,
    instrument=Instrument.NPS,
    occasion=Occasion.RELATIONAL,
    scale="0-10",
    created_at=datetime.fromisoformat("2025-01-01T00:00:00+00:00"),
)


def answer(question: Question, rating: int | None, at: datetime | None, **fields: Any) -> Answer:
    """An answer; the other fields as they are given. Any: each field has its own type."""
    plain = Answer(
        space=question.space,
        id=UUID(int=next(_NUMBERS)),
        question=question.name,
        number=question.number,
        instrument=question.instrument,
        occasion=question.occasion,
        channel="email",
        scale=question.scale,
        rating=rating,
        answered_at=at,
        recorded_at=at or question.created_at,
    )
    return evolve(plain, **fields)


def keep(loop: ClientLoop, *records: object) -> None:
    """Write records as they are."""
    loop.store.commit(Unit(tuple(map(Insert, records))))


def several(question: Question, ratings: Iterable[int], at: datetime, **fields: Any) -> list[Answer]:
    """Some answers at one time. Any: as above."""
    return [answer(question, rating, at, **fields) for rating in ratings]
