"""Persons of another system, matched with customers or added: many at a time, each address looked up once."""

import pickle
from collections.abc import Iterable, Iterator, Sequence

from attrs import evolve

from clientloop.model.customers import MATCHING, Customer, Identity, IdentityKind
from clientloop.model.facts import Fact, FactName
from clientloop.model.units import Change, Insert
from clientloop.model.where import eq
from clientloop.rules.people.identity import Candidate, Match, match, suggestions
from clientloop.services.batches import BATCH, in_batches
from clientloop.services.bulk.additions import adding, times_added
from clientloop.services.bulk.entries import Chunk, Count, Person, Place
from clientloop.services.context import Context
from clientloop.services.people.whole import shown_as
from clientloop.services.scratch import Recent, Scratch

#: How many customers who share an address are looked at: more are no persons but an office or a placeholder.
SHARERS = 50

#: How many persons and addresses are remembered from chunk to chunk.
REMEMBERED = 16_384

#: How many identities one question brings: where more share a few addresses, each address is asked for by itself.
_AT_ONCE = 2 * BATCH

_NOBODY = Match(None)


class Persons:
    """Finds or adds the customers that persons are, by the rules of `clientloop.rules.people.identity`.

    Args:
        context: The space.
        rehearsed: On a dry run, what has been done only in the mind; the store knows nothing of it.
    """

    def __init__(self, context: Context, *, rehearsed: Scratch | None = None) -> None:
        """Know nobody yet."""
        self._context = context
        self._now = context.now()
        self._rehearsed = rehearsed
        self._people: Recent[Person, Customer] = Recent(size=REMEMBERED)
        self._sharers: Recent[Place, tuple[Candidate, ...]] = Recent(size=REMEMBERED)
        # how often persons had been added when it was looked up who has which address
        self._times = 0

    def look_up(self, persons: Iterable[Person]) -> None:
        """Look up the addresses of many persons at once, at the beginning of a chunk, before each is asked for."""
        self.heed_others()
        wanted: dict[IdentityKind, dict[str, None]] = {}
        for person in persons:
            if self._people.get(person) is None:
                for address in person.addresses:
                    if self._known_sharers((address.kind, address.value)) is None:
                        wanted.setdefault(address.kind, {})[address.value] = None
        for kind, values in wanted.items():
            within = eq("kind", kind)
            for asked, page in in_batches(self._context, Identity, "value", values, where=within, limit=_AT_ONCE):
                if page.next is None:
                    self._keep(kind, asked, page.items)

    def heed_others(self) -> bool:
        """Look up anew who has which address, if others have added persons since that was done.

        Returns:
            Whether they have.
        """
        times = times_added(self._context)  # before the look-ups: whom others add later has the chunk refused
        if times == self._times:
            return False
        self._sharers.clear()
        self._times = times
        return True

    def adding(self, chunk: Chunk) -> Iterable[Change]:
        """What has a chunk be refused that adds persons or addresses, if others have added some since its look-ups."""
        return [adding(self._context, after=self._times)] if chunk.sharers else []

    def _keep(self, kind: IdentityKind, asked: Iterable[str], found: Iterable[Identity]) -> None:
        sharers: dict[str, list[Candidate]] = {value: [] for value in asked}
        for candidate in self._candidates(found):
            sharers[candidate.identity.value].append(candidate)
        for value, candidates in sharers.items():
            self._sharers.set((kind, value), tuple(candidates[:SHARERS]))

    def customer(self, person: Person, chunk: Chunk) -> Customer:
        """The customer that a person is; a new one is added to the chunk.

        Args:
            person: The person.
            chunk: What is being written, and counted.
        """
        known = chunk.people.get(person) or self._people.get(person)
        if known is not None:
            chunk.counts[Count.CUSTOMERS_MATCHED] += 1
            return known
        customer = self._match_or_add(person, chunk)
        if any(address.trust in MATCHING for address in person.addresses):
            chunk.people[person] = customer
        return customer

    def remember(self, chunk: Chunk) -> None:
        """The chunk is written: what it knows holds from now on."""
        for person, customer in chunk.people.items():
            self._people.set(person, customer)
        for place, sharers in chunk.sharers.items():
            self._sharers.set(place, sharers)
            if self._rehearsed is not None:
                self._rehearsed.set(_key(place), pickle.dumps(sharers))
        if chunk.sharers and self._rehearsed is None:
            self._times += 1

    def forget(self) -> None:
        """Look everybody up again: the chunk was not written, as others have written meanwhile."""
        self._people.clear()
        self._sharers.clear()

    def _match_or_add(self, person: Person, chunk: Chunk) -> Customer:
        space = self._context.space.space
        customer = Customer(
            space=space, id=self._context.new_id(), name=person.name, customer_class=person.customer_class,
            locale=person.locale, zone=person.zone, created_at=self._now, extra=person.extra,
        )  # fmt: skip
        claimed = [
            Identity(
                space=space,
                kind=address.kind,
                value=address.value,
                customer=customer.id,
                trust=address.trust,
                given=address.given,
                created_at=self._now,
            )
            for address in person.addresses
        ]
        found = [one for identity in claimed for one in self._sharers_of((identity.kind, identity.value), chunk)]
        judged = match(person.name, claimed, found) if found else _NOBODY
        if judged.customer is not None:
            chunk.counts[Count.CUSTOMERS_MATCHED] += 1
            self._learn(judged.customer, claimed, chunk)
            return judged.customer
        self._add(customer, claimed, judged.maybe, chunk)
        return customer

    def _add(self, customer: Customer, claimed: Sequence[Identity], maybe: Iterable[Candidate], chunk: Chunk) -> None:
        chunk.changes.append(Insert(customer))
        chunk.added[customer.id] = customer
        for identity in claimed:
            self._add_identity(customer, identity, chunk)
        suggested = suggestions(customer, claimed, maybe, now=self._now)
        chunk.changes += suggested
        chunk.counts[Count.CUSTOMERS_ADDED] += 1
        chunk.counts[Count.SUGGESTIONS] += len(suggested)
        chunk.facts.append(Fact(FactName.CUSTOMER_ADDED, customer.space, customer.id, self._now))
        if suggested:
            chunk.facts.append(Fact(FactName.CUSTOMER_SUGGESTED, customer.space, customer.id, self._now))

    def _learn(self, customer: Customer, claimed: Iterable[Identity], chunk: Chunk) -> None:
        """Keep the addresses of a known customer that are new."""
        for identity in claimed:
            sharers = self._sharers_of((identity.kind, identity.value), chunk)
            if len(sharers) < SHARERS and all(one.customer.id != customer.id for one in sharers):
                self._add_identity(customer, evolve(identity, customer=customer.id), chunk)

    def _add_identity(self, customer: Customer, identity: Identity, chunk: Chunk) -> None:
        chunk.changes.append(Insert(identity))
        place = (identity.kind, identity.value)
        sharers = self._sharers_of(place, chunk)
        if len(sharers) < SHARERS:
            chunk.sharers[place] = (*sharers, Candidate(customer, identity))

    def _sharers_of(self, place: Place, chunk: Chunk) -> tuple[Candidate, ...]:
        """The customers who have an address, the first ones if there are many."""
        found = chunk.sharers.get(place) or self._known_sharers(place)
        if found is None:
            where = eq("kind", place[0]) & eq("value", place[1])
            page = self._context.store.page(Identity, self._context.space.space, where=where, limit=SHARERS)
            found = tuple(self._candidates(page))
            self._sharers.set(place, found)
        return found

    def _known_sharers(self, place: Place) -> tuple[Candidate, ...] | None:
        """Who has an address, as far as that is known without asking the store."""
        known = self._sharers.get(place)
        if known is None and self._rehearsed is not None:
            rehearsed = self._rehearsed.get(_key(place))
            if isinstance(rehearsed, bytes):
                known = pickle.loads(rehearsed)  # noqa: S301  # `remember` wrote it
        return known

    def _candidates(self, found: Iterable[Identity]) -> Iterator[Candidate]:
        identities = list(found)
        ids = dict.fromkeys(identity.customer for identity in identities)
        pages = in_batches(self._context, Customer, "id", ids)
        customers = {customer.id: customer for _, page in pages for customer in page}
        owned = ((customers[one.customer], one) for one in identities if one.customer in customers)
        return (Candidate(shown_as(self._context, own), one, own.name) for own, one in owned)


def _key(place: Place) -> bytes:
    return f"identity\0{place[0]}\0{place[1]}".encode()
