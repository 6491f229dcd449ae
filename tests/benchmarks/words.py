"""What the customers say: the same words on every side of every benchmark."""

from __future__ import annotations

from dataclasses import dataclass

#: So many customers write, in turn; most messages are from somebody already known, as in a real shop.
CUSTOMERS = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody who writes."""

    name: str
    email: str
    phone: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Message(Person):
    """One message of a customer."""

    title: str
    text: str


def person(number: int) -> Person:
    """The customer with this number."""
    return Person(name=f"Customer {number}", email=f"customer{number}@example.com", phone=f"+38640{number:06d}")


def message(number: int) -> Message:
    """The message with this number; the customer recurs every `CUSTOMERS` messages, the text never."""
    writer = person(number % CUSTOMERS)
    return Message(
        name=writer.name,
        email=writer.email,
        phone=writer.phone,
        title=f"The parcel {number} came broken",
        text=(
            f"Yesterday I received my order {number}. The box was open and wet, one of the two cups inside was broken, "
            "and the invoice was missing. Please send me another cup or return the money, and tell me when."
        ),
    )
