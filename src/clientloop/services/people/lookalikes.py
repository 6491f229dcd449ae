"""Customers who may be one person, found among all of a space: suggested to a person, never merged."""

import pickle
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import chain, groupby, islice, product
from operator import attrgetter
from uuid import UUID

from attrs import frozen

from clientloop.errors import Conflict
from clientloop.model.customers import Customer, Identity, Merge, Split, Suggestion
from clientloop.model.facts import Fact, FactName
from clientloop.model.units import Insert, Unit
from clientloop.model.where import eq
from clientloop.rules.people.likeness import Likeness, compare
from clientloop.rules.people.portraits import Portrait, keys, place, portrait
from clientloop.rules.people.signs import THRESHOLD
from clientloop.services.context import Context
from clientloop.services.people.neighbours import Neighbours

#: With how many others of the same key a customer is compared: more have a common name, or the address of an office.
REACH = 20

#: Suggestions in one commit.
CHUNK = 200

#: How often a chunk is tried: others may suggest the same at the same time.
TRIES = 5


@frozen(kw_only=True)
class Lookalikes:
    """What one look over all customers came to."""

    #: Customers that were looked at; those merged into one count as one.
    customers: int = 0
    #: Customers of whom not all was compared: very many names or addresses, or a name too long for one.
    cut: int = 0
    #: Pairs that were compared.
    compared: int = 0
    #: Pairs that are alike and were suggested.
    suggested: int = 0
    #: Pairs that are alike and settled: suggested before, whatever became of it; taken apart by a person; or one of
    #: them was merged or erased while others were looked at.
    settled: int = 0
    #: Keys that too many customers have in common: each was compared only with those nearest to it.
    crowded: int = 0
    #: Pairs that were therefore not compared; a pair that has several such keys is counted under each.
    left_out: int = 0


@frozen
class _Person:
    """A customer, together with those merged into it."""

    #: All its ids, the one it is shown as first.
    ids: tuple[UUID, ...]
    #: Since when the firm knows it.
    since: datetime
    #: What is compared of it.
    portrait: Portrait


@frozen
class _Pair:
    """Two persons who are alike, in the order in which the firm came to know them."""

    #: Who was there first.
    first: _Person
    #: Who came later.
    second: _Person
    #: How much they are alike.
    likeness: Likeness


def suggest_lookalikes(context: Context) -> Lookalikes:
    """Suggest the pairs of customers who are alike, all that nobody has suggested before.

    It may run while others write, and may be stopped at any time: what was suggested until then stays. Memory does not
    grow with the number of customers, but the temporary file does.

    Args:
        context: The space.

    Raises:
        Conflict: Others write the same at the same time, again and again.
        StoreError: The store failed; what was suggested before stays.
    """
    counts = Counter[str]()
    with Neighbours(reach=REACH) as neighbours:
        for person in _persons(context):
            counts["customers"] += 1
            counts["cut"] += person.portrait.cut
            neighbours.add(pickle.dumps(person), keys=keys(person.portrait), place=place(person.portrait))
        pairs = _alike(neighbours, counts)
        while chunk := list(islice(pairs, CHUNK)):
            suggested = _suggest(context, chunk)
            counts["suggested"] += suggested
            counts["settled"] += len(chunk) - suggested
        return Lookalikes(**counts, crowded=neighbours.crowded, left_out=neighbours.left_out)


# Who there is


def _persons(context: Context) -> Iterator[_Person]:
    """All customers that are shown, with what is kept under them and under those merged into them."""
    space = context.space.space
    customers = context.store.pages(Customer, space)
    identities = context.store.pages(Identity, space, order="by_customer")
    for customer, own in _joined(customers, identities):
        if customer.merged_into is None:
            absorbed = [found for one in customer.absorbed if (found := context.store.get(Customer, (space, one)))]
            theirs = (_identities_of(context, one.id) for one in absorbed)
            names = [customer.name, *(one.name for one in absorbed)]
            yield _Person(customer.ids, customer.created_at, portrait(names, chain(own, *theirs)))


def _joined(
    customers: Iterable[Customer], identities: Iterable[Identity]
) -> Iterator[tuple[Customer, Iterable[Identity]]]:
    """Each customer with its identities, both read in the order of customers; neither is ever held as a whole."""
    groups = groupby(identities, key=attrgetter("customer"))
    owner, owned = next(groups, (None, ()))
    for customer in customers:
        while owner is not None and owner < customer.id:  # of a customer that was added after its page was read
            owner, owned = next(groups, (None, ()))
        yield customer, owned if owner == customer.id else ()


def _identities_of(context: Context, customer: UUID) -> Iterator[Identity]:
    return context.store.pages(Identity, context.space.space, where=eq("customer", customer), order="by_customer")


# Who is alike


def _alike(neighbours: Neighbours, counts: Counter[str]) -> Iterator[_Pair]:
    """The pairs that are alike enough."""
    for bodies in neighbours.pairs():
        counts["compared"] += 1
        first, second = sorted(map(_person, bodies), key=lambda person: (person.since, person.ids[0]))
        likeness = compare(first.portrait, second.portrait)
        if likeness.score >= THRESHOLD:
            yield _Pair(first, second, likeness)


@lru_cache(maxsize=4 * REACH)
def _person(body: bytes) -> _Person:
    person: _Person = pickle.loads(body)  # noqa: S301  # `suggest_lookalikes` wrote it
    return person


# What is suggested


def _suggest(context: Context, pairs: Sequence[_Pair]) -> int:
    """Suggest the pairs that are not settled, and say how many these were."""
    for _ in range(TRIES - 1):
        try:
            return _try(context, pairs)
        except Conflict:
            continue
    return _try(context, pairs)


def _try(context: Context, pairs: Iterable[_Pair]) -> int:
    space, now = context.space.space, context.now()
    found = [
        Suggestion(
            space=space,
            first=pair.first.ids[0],
            second=pair.second.ids[0],
            evidence=pair.likeness.evidence,
            created_at=now,
        )
        for pair in pairs
        if not _is_known(context, pair) and _is_there(context, pair.first) and _is_there(context, pair.second)
    ]
    if found:
        noticed = dict.fromkeys(suggestion.second for suggestion in found)
        facts = tuple(Fact(FactName.CUSTOMER_SUGGESTED, space, customer, now) for customer in noticed)
        context.commit(Unit(tuple(map(Insert, found)), facts))
    return len(found)


def _is_there(context: Context, person: _Person) -> bool:
    """Whether a customer is still shown: a look takes its time, and must not bring back who was erased meanwhile."""
    found = context.store.get(Customer, (context.space.space, person.ids[0]))
    return found is not None and found.merged_into is None


def _is_known(context: Context, pair: _Pair) -> bool:
    """Whether somebody has suggested, merged or taken apart the two, or any that were merged into them."""
    together = list(product(pair.first.ids, pair.second.ids))
    both_ways = [*together, *((other, one) for one, other in together)]
    return any(_is_between(context, one, other) for one, other in both_ways)


def _is_between(context: Context, one: UUID, other: UUID) -> bool:
    store, space = context.store, context.space.space
    return store.get(Suggestion, (space, one, other)) is not None or any(
        len(store.page(cls, space, where=eq(kept, one) & eq(gone, other), order=order, limit=1))
        for cls, kept, gone, order in _DECIDED
    )


#: Where it is written that a person has decided on two customers: the record, its two customers and its index.
_DECIDED = ((Merge, "kept", "absorbed", "of_kept"), (Split, "source", "target", "of_source"))
