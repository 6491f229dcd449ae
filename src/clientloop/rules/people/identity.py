"""Who a person is: matched by proved addresses only; anything weaker makes a suggestion for a person to decide."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from attrs import frozen

from clientloop.model.customers import MATCHING, Customer, Identity, IdentityKind, Suggestion
from clientloop.model.units import Change, Insert
from clientloop.rules.people.likeness import compare
from clientloop.rules.people.portraits import Portrait, portrait


@frozen
class Candidate:
    """A customer who has one of the addresses already."""

    #: The customer, as shown.
    customer: Customer
    #: The address, as this customer has it, or one that was merged into it.
    identity: Identity
    #: What the one is called who has the address, if that one was merged into the customer.
    name: str = ""

    def is_called(self, name: str) -> bool:
        """Whether the person has this name: the one that is shown, or that of whoever has the address."""
        return same_name(name, self.customer.name) or (self.name != "" and same_name(name, self.name))


@frozen
class Match:
    """What the addresses of a person say about who it is."""

    #: The customer it certainly is.
    customer: Customer | None
    #: The customers it may be.
    maybe: tuple[Candidate, ...] = ()


def same_name(first: str, second: str) -> bool:
    """Whether two names are written the same, case and spaces aside; an unknown name agrees with any.

    >>> same_name("First  CUSTOMER ", "first customer"), same_name("", "Anybody"), same_name("A", "B")
    (True, True, False)
    """
    one, other = (" ".join(name.casefold().split()) for name in (first, second))
    return one == other or not one or not other


def match(name: str, claimed: Sequence[Identity], found: Iterable[Candidate]) -> Match:
    """Judge who a person is.

    Args:
        name: The person's name; empty where it is not known.
        claimed: The addresses that the person comes with, each with its trust.
        found: The customers who have one of these addresses.
    """
    trusts = {(identity.kind, identity.value): identity.trust for identity in claimed}
    candidates = tuple(found)
    for candidate in candidates:
        proved = (
            candidate.identity.trust in MATCHING
            and trusts[candidate.identity.kind, candidate.identity.value] in MATCHING
        )
        # the firm's own system names the person itself, whatever the name by now
        agrees = candidate.identity.kind is IdentityKind.EXTERNAL or candidate.is_called(name)
        if proved and agrees:
            others = tuple(one for one in candidates if one.customer.id != candidate.customer.id)
            return Match(candidate.customer, others)
    return Match(None, candidates)


def suggestions(
    customer: Customer, claimed: Sequence[Identity], maybe: Iterable[Candidate], *, now: datetime
) -> tuple[Change, ...]:
    """The suggestions that a new customer may be one who has the same address already, whatever their likeness.

    Args:
        customer: The new customer.
        claimed: The addresses that it comes with.
        maybe: Those who have an address in common with it.
        now: The present, UTC.
    """
    shared: dict[UUID, list[Candidate]] = {}
    for candidate in maybe:
        shared.setdefault(candidate.customer.id, []).append(candidate)
    if not shared:
        return ()
    new = portrait([customer.name], claimed)
    return tuple(
        Insert(
            Suggestion(
                space=customer.space,
                first=first,
                second=customer.id,
                evidence=compare(_portrait_of(candidates), new).evidence,
                created_at=now,
            )
        )
        for first, candidates in shared.items()
    )


def _portrait_of(candidates: Sequence[Candidate]) -> Portrait:
    """What is known here of one customer: the names, and the addresses that are shared."""
    names = [name for candidate in candidates for name in (candidate.customer.name, candidate.name)]
    return portrait(names, (candidate.identity for candidate in candidates))
