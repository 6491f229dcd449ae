"""CDNOW's purchases as interactions: 69,659 of 23,570 customers, from January 1997 to June 1998."""

import gzip
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

from clientloop.model.interactions import Interaction, InteractionKind, Precision
from clientloop.testing import sample_id

#: Nothing is known of later days.
END = datetime(1998, 7, 1, tzinfo=UTC)


def purchases(folder: Path, *, every: int = 1) -> list[Interaction]:
    """All purchases, in the order of the file; midnight in UTC stands for each day.

    Args:
        folder: Where the file is.
        every: Leaves out customers whose number is not divisible by this.
    """
    with gzip.open(folder / "cdnow_transactions.txt.gz", "rt") as lines:
        cells = [line.split() for line in lines][1:]
    return [
        Interaction(
            space="main",
            id=sample_id(number),
            kind=InteractionKind.PURCHASE,
            channel="web",
            customer=customer_id(customer),
            occurred_at=datetime.combine(day_of(day), datetime.min.time(), UTC),
            precision=Precision.DAY,
            recorded_at=END,
            amount=cents(amount),
            currency="USD",
            quantity=int(pieces),
        )
        for number, (customer, day, pieces, amount) in enumerate(cells)
        if int(customer) % every == 0
    ]


def customer_id(number: str) -> UUID:
    """The id of the customer of this number."""
    return sample_id(int(number))


def day_of(text: str) -> date:
    """A day as the file writes it."""
    return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007  # a day is in no zone


def cents(text: str) -> int:
    """An amount as the file writes it, always with two decimals."""
    return int(text.replace(".", ""))
