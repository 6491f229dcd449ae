"""Bulk import of purchases against a loop of the same inserts; and what it costs to read a phone number."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from itertools import count as count_up
from pathlib import Path

from clientloop.exchange.mapping import PurchasesMapping
from clientloop.exchange.purchases import import_purchases
from clientloop.rules.people.contacts import email_address, phone_number
from tests.benchmarks.ours import open_loop
from tests.benchmarks.recording import Statement, Unit
from tests.benchmarks.rivals.raw_sqlite import Repeated
from tests.benchmarks.timing import Run

#: Each new customer buys so often: as in CDNOW, 69,659 purchases of 23,570 customers.
PURCHASES = 3

_DAY = date(2025, 1, 1)


class Store:
    """Imports files of purchases of customers whom the store does not know."""

    def __init__(self, path: Path) -> None:
        """Open the file."""
        self._loop = open_loop(path)
        self._number = 0

    def purchases(self, count: int, /) -> Run:
        """Prepare a file with so many purchases; the customers come with a number and an e-mail address."""
        return self._import(count, {})

    def purchases_with_phones(self, count: int, /) -> Run:
        """Prepare a file whose customers come with a phone number besides, which nobody has read before."""
        return self._import(count, {"phone": "phone"})

    def close(self) -> None:
        """Close the file."""
        self._loop.close()

    def _import(self, count: int, more: dict[str, str]) -> Run:
        first, self._number = self._number, self._number + count
        columns = {name: name for name in ("id", "customer", "name", "email", "at", "amount", "quantity", "product")}
        mapping = PurchasesMapping(
            source="till", columns=columns | more, default={"channel": "shop"}, currency="EUR", zone="Europe/Ljubljana"
        )
        file = io.StringIO(
            "id,customer,name,email,phone,at,amount,quantity,product\n"
            + "".join(_line(number) for number in range(first, first + count))
        )

        def run() -> None:
            # what the other store has read in this process must not count
            email_address.cache_clear()
            phone_number.cache_clear()
            report = import_purchases(self._loop.context, file, mapping)
            assert report.added == count, report

        return run


def _line(number: int) -> str:
    customer = number // PURCHASES
    day = _DAY + timedelta(days=number % 365)
    return (
        f"{number},C-{customer},Buyer {customer},buyer{customer}@example.com,041 {customer:06d},{day},"
        f"{number % 200}.{number % 100:02d},{1 + number % 5},cup-{number % 300}\n"
    )


class Inserts(Repeated[Store]):
    """A loop of the inserts that the import makes, its look-ups left out; as many a transaction."""

    def purchases(self, count: int, /) -> Run:
        """Record an import, and prepare to repeat its inserts."""
        return self._repeat(self._recorded.purchases, count)

    def purchases_with_phones(self, count: int, /) -> Run:
        """Record an import, and prepare to repeat its inserts."""
        return self._repeat(self._recorded.purchases_with_phones, count)

    def _what(self, unit: Unit) -> Unit:
        """One statement a row, without the reads."""
        return tuple(
            Statement(sql, row)
            for sql, parameters, many in unit
            if sql.startswith("INSERT")
            for row in (parameters if many else [parameters])
        )


class NewPhones:
    """Phone numbers that nobody has read before."""

    def read(self, count: int, /) -> Run:
        """Prepare so many numbers."""
        numbers = [f"041 {next(_NUMBERS):06d}" for _ in range(count)]
        return partial(_read_all, numbers)


class KnownPhones:
    """Phone numbers that were read a moment ago."""

    def read(self, count: int, /) -> Run:
        """Prepare so many numbers."""
        numbers = [f"040 {number % 1000:06d}" for number in range(count)]
        _read_all(numbers)
        return partial(_read_all, numbers)


_NUMBERS = count_up()


def _read_all(numbers: Sequence[str]) -> None:
    for number in numbers:
        phone_number(number, "SI")
