"""What the customers say: the same words on every side of every benchmark."""

from __future__ import annotations

from dataclasses import dataclass

#: So many customers write, in turn; most messages are from somebody already known, as in a real shop.
CUSTOMERS = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One message of a customer."""

    name: str
    email: str
    phone: str
    title: str
    text: str


def message(number: int) -> Message:
    """The message with this number; the customer recurs every `CUSTOMERS` messages, the text never."""
    customer = number % CUSTOMERS
    return Message(
        name=f"Customer {customer}",
        email=f"customer{customer}@example.com",
        phone=f"+38640{customer:06d}",
        title=f"The parcel {number} came broken",
        text=(
            f"Yesterday I received my order {number}. The box was open and wet, one of the two cups inside was broken, "
            "and the invoice was missing. Please send me another cup or return the money, and tell me when."
        ),
    )
