"""Customers as cards of address books (RFC 6350): exported, and imported from whatever phones and programs write."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from uuid import UUID

from attrs import frozen

from clientloop.errors import Conflict, Duplicate, InvalidValue
from clientloop.exchange.cards import KEPT, SOURCE, Card, card_of
from clientloop.exchange.cardwriting import card, customer_id
from clientloop.exchange.components import Component, read
from clientloop.exchange.entries import Aside, EntrySource, EntryTarget, opened, written
from clientloop.exchange.holders import lines_of, updates_by
from clientloop.exchange.report import ImportReport, Progress
from clientloop.model.customers import Customer, Identity, IdentityKind, Trust
from clientloop.model.units import Insert, Unit
from clientloop.model.where import eq
from clientloop.services.batches import in_batches
from clientloop.services.bulk.entries import Chunk, Count, Entry, Person
from clientloop.services.bulk.writing import TRIES, Bulk
from clientloop.services.collecting import uncollected
from clientloop.services.context import Context
from clientloop.services.people.customers import Customers
from clientloop.services.people.whole import rows_of

#: Cards in one commit.
CHUNK = 500

_CARD = frozenset({"VCARD"})


def export_vcard(
    context: Context, target: EntryTarget, customers: Iterable[Customer | UUID | str] | None = None
) -> int:
    """Write customers as cards of vCard 4.0, each person once.

    Args:
        context: The space.
        target: A path, or an open file of text that takes line ends as they are (`newline=""`).
        customers: Which; all if not given.

    Returns:
        How many cards were written.

    Raises:
        NotFound: There is no such customer.
        InvalidValue: The file cannot be written.
    """
    desk, count = Customers(context), 0
    with written(target) as file:
        for customer in _all(context) if customers is None else map(desk.get, customers):
            identities = list(rows_of(context, Identity, customer.ids, order="by_customer"))
            file.write(card(customer, identities, lines_of(context, customer)))
            count += 1
    return count


def _all(context: Context) -> Iterator[Customer]:
    return context.store.pages(Customer, context.space.space, where=eq("merged_into", None), order="by_name")


def import_vcard(
    context: Context,
    source: EntrySource,
    *,
    region: str | None = None,
    trust: Trust = Trust.ASSERTED,
    encoding: str = "utf-8",
    rejects: str | os.PathLike[str] | None = None,
    dry_run: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> ImportReport:
    """Import cards of vCard 2.1, 3.0 or 4.0.

    A card is known by its UID: when it comes again it changes the customer that it made, and adds addresses; nobody is
    there twice. A customer with one of its addresses is suggested to be the same person, for a person to decide.

    Args:
        context: The space.
        source: A path, or an open file of bytes or text.
        region: ISO 3166 code where phone numbers without a country code are read; the space's if not given.
        trust: How far the cards prove their addresses; by default somebody of the firm wrote down what was said.
        encoding: How text is encoded that does not say so itself.
        rejects: Where bad cards go, to be mended and imported again; None counts them only.
        dry_run: Whether to count only and write nothing.
        progress: Is told how far the import is, once a chunk.

    Raises:
        NotFound: There is no such file.
        InvalidValue: A file cannot be read or written.
    """
    where = region or context.settings.region
    counts: Counter[Count] = Counter()
    rows = 0
    with (
        Aside(None if dry_run else rejects) as aside,
        opened(source) as file,
        Bulk(context, dry_run=dry_run) as bulk,
    ):
        entries = read(file, _CARD, encoding=encoding)
        while True:
            with uncollected():
                taken = [_read(entry, aside, where, trust) for entry in islice(entries, CHUNK)]
                counts.update(_write(context, bulk, [one for one in taken if one is not None], dry_run=dry_run))
            rows += len(taken)
            if progress is not None:
                progress(Progress(rows=rows, done=None))
            if len(taken) < CHUNK:
                break
    return ImportReport(
        rows=rows,
        added=counts[Count.ADDED],
        duplicates=counts[Count.DUPLICATES],
        updated=counts[Count.UPDATED],
        rejected=aside.count,
        customers_added=counts[Count.CUSTOMERS_ADDED],
        customers_matched=counts[Count.CUSTOMERS_MATCHED],
        suggestions=counts[Count.SUGGESTIONS],
        problems=tuple(aside.problems),
        dry_run=dry_run,
    )


def _read(entry: Component, aside: Aside, region: str | None, trust: Trust) -> Card | None:
    if entry.reason:
        aside.add(entry, entry.reason, line=entry.wrong_line)
        return None
    try:
        return card_of(entry, region=region, trust=trust)
    except InvalidValue as error:
        aside.add(entry, str(error))
    return None


@frozen(kw_only=True)
class _CardEntry(Entry):
    """A card, which changes the customer that it is of."""

    said: Card
    context: Context

    def write(self, chunk: Chunk, customer: Customer | None, origin: str) -> None:
        """Have the customer be as the card says."""
        if customer is None:
            return
        updates = list(updates_by(self.context, self.said, customer))
        chunk.changes += updates
        chunk.counts[Count.UPDATED] += bool(updates)


def _entry(context: Context, said: Card) -> Entry:
    extra: Mapping[str, object] = {KEPT: list(said.kept)} if said.kept else {}
    person = Person(name=said.name, addresses=said.addresses, locale=said.locale, zone=said.zone, extra=extra)
    return _CardEntry(person=person, key=None, said=said, context=context)


def _write(context: Context, bulk: Bulk, cards: Sequence[Card], *, dry_run: bool) -> Counter[Count]:
    """Write a chunk in one commit; card by card where two of them are of one customer."""
    counts: Counter[Count] = Counter()
    if dry_run:
        known = {identity.given for identity in _ours(context, cards)}
        counts[Count.DUPLICATES] = sum(said.uid in known for said in cards)
        cards = [said for said in cards if said.uid not in known]
    else:
        _know_ours(context, cards)
    entries = [_entry(context, said) for said in cards]
    try:
        return counts + bulk.write(entries)
    except Conflict:
        return sum((bulk.write([entry]) for entry in entries), counts)


def _know_ours(context: Context, cards: Sequence[Card]) -> None:
    """Have customers be found by the cards that clientloop has written of them.

    Raises:
        Conflict: Others write the same at the same time, again and again.
    """
    for tries_left in reversed(range(TRIES)):
        try:
            if ours := _ours(context, cards):
                context.commit(Unit(tuple(map(Insert, ours))))
        except Duplicate:  # another import knows some of them by now
            if not tries_left:
                raise
        else:
            break


def _ours(context: Context, cards: Iterable[Card]) -> list[Identity]:
    """What has customers be found by cards with their ids, which clientloop has written; nothing for those known so."""
    wanted = {number: said.uid for said in cards if (number := _id(said.uid)) is not None}
    if not wanted:
        return []
    values = {f"{SOURCE}:{uid}": number for number, uid in wanted.items()}
    where = eq("kind", IdentityKind.EXTERNAL)
    pages = in_batches(context, Identity, "value", values, where=where, limit=2 * len(values) + 1)
    known = {identity.value for _, page in pages for identity in page}
    there = {found.id for _, page in in_batches(context, Customer, "id", wanted) for found in page}
    return [
        Identity(
            space=context.space.space, kind=IdentityKind.EXTERNAL, value=value, customer=number, trust=Trust.VOUCHED,
            given=wanted[number], created_at=context.now(),
        )
        for value, number in values.items()
        if number in there and value not in known
    ]  # fmt: skip


def _id(uid: str) -> UUID | None:
    text = customer_id(uid)
    try:
        return None if text is None else UUID(text)
    except ValueError:
        return None
