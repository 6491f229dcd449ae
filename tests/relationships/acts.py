"""Interactions, loops and deals of customers, as the tests of models write them."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from clientloop.model.deals import DealOutcome, DealStep
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.testing import SAMPLE_TIME, sample, sample_id

KIM, EVA, TOM, UMA = map(sample_id, range(4))

_numbers = count(1)


def ago(days: float) -> datetime:
    """So many days before the time that customers are looked at from."""
    return SAMPLE_TIME - timedelta(days=days)


# Any: fields of all types
def did(customer: UUID, kind: InteractionKind, days: float | None, **fields: Any) -> Interaction:
    """Something that happened so many days ago, or nobody knows when."""
    return sample(
        Interaction, next(_numbers), kind=kind, customer=customer, occurred_at=None if days is None else ago(days),
        **fields,
    )  # fmt: skip


def bought(customer: UUID, days: float | None, amount: int = 100, **fields: Any) -> Interaction:
    """A purchase."""
    return did(customer, InteractionKind.PURCHASE, days, amount=amount, currency="EUR", **fields)


def returned(customer: UUID, days: float, amount: int) -> Interaction:
    """A return of so much."""
    return did(customer, InteractionKind.RETURN, days, amount=-amount, currency="EUR")


def said(customer: UUID, kind: str, days: float, **fields: Any) -> Feedback:
    """Feedback of a kind."""
    return sample(Feedback, next(_numbers), kind=kind, customer=customer, received_at=ago(days), **fields)


def deal(
    customer: UUID | None, *way: tuple[str, float], ends: DealOutcome = DealOutcome.OPEN, account: UUID | None = None
) -> Iterator[DealStep]:
    """The steps of a deal: to which stage, how many days ago; with the last one it may end."""
    number = sample_id(next(_numbers))
    for step, (stage, days) in enumerate(way, 1):
        outcome = ends if step == len(way) else DealOutcome.OPEN
        yield sample(
            DealStep, deal=number, number=step, funnel="funnel", customer=customer, account=account, target=stage,
            outcome=outcome, at=ago(days),
        )  # fmt: skip


def each(days: Iterable[int], customer: UUID, amount: int = 100) -> list[Interaction]:
    """A purchase on each of some days ago."""
    return [bought(customer, day, amount) for day in days]
