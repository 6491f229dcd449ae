"""Import of purchases."""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from attrs import evolve, frozen

from clientloop.errors import InvalidValue
from clientloop.exchange.fields import REMEMBERED, Fields
from clientloop.exchange.mapping import PurchasesMapping
from clientloop.exchange.report import ImportReport, Progress
from clientloop.exchange.run import RowKeys, Source, run
from clientloop.exchange.table import Row
from clientloop.exchange.values import (
    amounts,
    currency,
    person_of,
    person_readers,
    times,
    whole_number,
)
from clientloop.model.codec import Json
from clientloop.model.customers import Customer
from clientloop.model.facts import Fact, FactName
from clientloop.model.interactions import Interaction, InteractionKind, Precision
from clientloop.model.money import Money
from clientloop.model.units import Insert
from clientloop.rules.loop.imported import Stated
from clientloop.rules.loop.receipt import channel_name
from clientloop.rules.people.trading import check_signs, traded
from clientloop.services.bulk.entries import Chunk, Entry, Key
from clientloop.services.context import Context


def import_purchases(
    context: Context,
    source: Source,
    mapping: PurchasesMapping,
    *,
    rejects: str | os.PathLike[str] | None = None,
    dry_run: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> ImportReport:
    """Import a file of purchases; a negative amount is a return, which may have the id of what was bought.

    Args:
        context: The space.
        source: A path, `.gz` for a packed file, `.xlsx` for a workbook; or an open text file.
        mapping: What its columns hold.
        rejects: Where bad rows go, to be mended and imported again; None counts them only.
        dry_run: Whether to count only and write nothing.
        progress: Is told how far the import is, once a chunk.

    Raises:
        NotFound: There is no such file.
        InvalidValue: The mapping does not fit the file or the space; nothing was written then.
    """
    reader = partial(_PurchaseReader, context, mapping)
    return run(
        context, source, mapping, what="purchase", reader=reader, rejects=rejects, dry_run=dry_run, progress=progress
    )


class _PurchaseReader:
    """Makes entries of the rows of a file of purchases."""

    def __init__(self, context: Context, mapping: PurchasesMapping, header: Sequence[str], keys: RowKeys) -> None:
        self._context = context
        self._now = context.now()
        # a shop numbers a return as the order that it is of: each is found again among its like
        self._keys = {
            kind: evolve(keys, what=kind.value) for kind in (InteractionKind.PURCHASE, InteractionKind.RETURN)
        }
        self._currency = currency(mapping.currency or context.space.currency)
        self._money = lru_cache(REMEMBERED)(amounts(mapping.decimal, mapping.thousands))
        region = mapping.region or context.settings.region
        readers = person_readers(source=mapping.source, region=region, trust=mapping.trust)
        readers |= {
            "at": times(mapping.dates, mapping.zone or context.space.zone),
            "currency": currency,
            "quantity": whole_number,
            "channel": channel_name,
        }
        self._fields = Fields(mapping, header, readers)

    def __call__(self, row: Row) -> Entry:
        values = self._fields.read(row.cells)
        money = self._money_in(values, "amount")
        cost = self._money_in(values, "cost") if "cost" in values else None
        kind = traded(money, cost)
        try:
            check_signs(kind, money, cost)
        except InvalidValue as error:
            raise self._fields.bad("cost", error) from error
        person = person_of(values)
        extra = {**self._fields.kept(row.cells), **person.unplaced}
        if "product" in values:
            extra["product"] = values["product"]
        return _Purchase(
            person=person if person.addresses else None,
            key=self._keys[kind].of(row, values, channel=values["channel"]),
            kind=kind,
            money=money,
            at=values.get("at"),
            quantity=values.get("quantity"),
            cost=cost,
            extra=extra,
            context=self._context,
            now=self._now,
        )

    def _money_in(self, values: Mapping[str, Any], field: str) -> Money:  # Any: each field has a type of its own
        try:
            return self._money(values[field], values.get("currency", self._currency))
        except InvalidValue as error:
            raise self._fields.bad(field, error) from error


@frozen(kw_only=True)
class _Purchase(Entry):
    """A row of a file of purchases, as values."""

    key: Key
    kind: InteractionKind
    money: Money
    at: Stated | None
    quantity: int | None
    cost: Money | None
    extra: Mapping[str, Json]
    context: Context
    now: datetime

    def write(self, chunk: Chunk, customer: Customer | None, origin: str) -> None:
        space, number, now = self.context.space.space, self.context.new_id(), self.now
        interaction = Interaction(
            space=space,
            id=number,
            kind=self.kind,
            channel=self.key.channel,
            origin=origin,
            customer=customer.id if customer else None,
            occurred_at=self.at.at if self.at else None,
            precision=self.at.precision if self.at else Precision.UNKNOWN,
            recorded_at=now,
            amount=self.money.minor,
            currency=self.money.currency,
            quantity=self.quantity,
            cost=self.cost.minor if self.cost else None,
            source=self.key.source,
            extra=self.extra,
        )
        chunk.changes.append(Insert(interaction))
        chunk.facts.append(Fact(FactName.INTERACTION_RECORDED, space, number, now, {"kind": self.kind.value}))
