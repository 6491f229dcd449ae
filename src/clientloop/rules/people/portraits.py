"""What is compared of a customer, and the keys under which those are found who may be the same person."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import combinations, permutations, product

from attrs import frozen

from clientloop.model.customers import Identity, IdentityKind, Trust
from clientloop.rules.people.names import LONGEST_NAME, fold, is_cut, words

#: No more of one customer is compared: addresses of one kind, and names.
MOST_ADDRESSES, MOST_NAMES = 10, 10

#: The folded words of a name.
Words = tuple[str, ...]


@frozen
class Name:
    """A name as it compares."""

    #: As it was given.
    given: str
    #: Its folded words.
    words: Words


@frozen
class Address:
    """An address as it compares."""

    #: In its normal form.
    value: str
    #: What several forms of one address have in common: the mailbox, the last digits.
    base: str
    #: Whether this alone, without the domain or the country, says whose it is.
    telling: bool
    #: How far it is proved.
    trust: Trust


@frozen
class Portrait:
    """What is compared of a customer."""

    #: The names.
    names: tuple[Name, ...]
    #: The addresses by kind.
    addresses: Mapping[IdentityKind, tuple[Address, ...]]
    #: Whether there is more that is not compared.
    cut: bool = False


def portrait(names: Iterable[str], identities: Iterable[Identity]) -> Portrait:
    """What is compared of a customer.

    Args:
        names: All names of the person; several, if customers were merged.
        identities: All addresses, of any trust.
    """
    given = [name for name in dict.fromkeys(names) if words(name)]
    known = tuple(Name(name[:LONGEST_NAME], words(name)) for name in given[:MOST_NAMES])
    addresses: dict[IdentityKind, tuple[Address, ...]] = {}
    cut = len(given) > MOST_NAMES or any(map(is_cut, given))
    for identity in identities:
        before = addresses.get(identity.kind, ())
        if len(before) == MOST_ADDRESSES:
            cut = True
        else:
            addresses[identity.kind] = (*before, _ADDRESSES[identity.kind](identity, known))
    return Portrait(known, addresses, cut)


# Addresses

#: Providers that ignore dots before the @, each with the domain that it delivers to.
_DOTLESS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}

#: Addresses of offices: many people write from them.
ROLES = frozenset({
    "admin", "accounts", "billing", "contact", "hello", "help", "info", "kontakt", "mail", "none", "no-reply",
    "noreply", "office", "orders", "sales", "service", "shop", "support", "team", "test", "webmaster",
})  # fmt: skip

#: What is shorter before an @ is too common to say whose it is.
_TELLING = 6

#: A number that was read in the wrong region keeps these.
_LAST_DIGITS = 8


@lru_cache(maxsize=4_096)
def mailbox(email: str) -> str:
    """The mailbox behind an address: without a +tag, and without dots where the provider ignores them.

    >>> mailbox("ana.novak+shop@googlemail.com"), mailbox("ana.novak+shop@example.com")
    ('ananovak@gmail.com', 'ana.novak@example.com')
    """
    local, _, domain = email.rpartition("@")
    box = local.partition("+")[0] or local
    if domain in _DOTLESS:
        return f"{box.replace('.', '')}@{_DOTLESS[domain]}"
    return f"{box}@{domain}"


def _email(identity: Identity, names: Iterable[Name]) -> Address:
    box = mailbox(identity.value)
    return Address(identity.value, box, _is_telling(box.rpartition("@")[0], names), identity.trust)


def _is_telling(local: str, names: Iterable[Name]) -> bool:
    """Whether what is before the @ says more than the names do: not `ana.novak` or `anovak` of an Ana Novak."""
    if local in ROLES or len(local) < _TELLING:
        return False
    letters = fold(re.sub(r"[\W_]", "", local))
    spelt = (
        spelling
        for name in names
        for one, other in permutations(name.words, 2)
        for spelling in (one + other, one[:1] + other, one + other[:1], one)
    )
    return letters not in spelt


def _phone(identity: Identity, names: Iterable[Name]) -> Address:
    value = identity.value
    return Address(value, value[-_LAST_DIGITS:], len(value) > _LAST_DIGITS, identity.trust)


def _handle(identity: Identity, names: Iterable[Name]) -> Address:
    return Address(identity.value, identity.value.casefold().removeprefix("@"), True, identity.trust)


def _as_it_is(identity: Identity, names: Iterable[Name]) -> Address:
    return Address(identity.value, identity.value, True, identity.trust)


#: How addresses of each kind become comparable.
_ADDRESSES = {
    IdentityKind.EMAIL: _email,
    IdentityKind.PHONE: _phone,
    IdentityKind.HANDLE: _handle,
    IdentityKind.EXTERNAL: _as_it_is,
    IdentityKind.COOKIE: _as_it_is,
}


# Keys

#: So many words of a name are in keys: with more, a long name would have too many.
_KEY_WORDS = 4

#: So many letters from either end of what is before an @: a typing error is not in both.
_END = 4


def keys(of: Portrait) -> frozenset[str]:
    """The keys of a customer: two customers are compared if they have one in common.

    Every address is one by its base, the telling part of an e-mail address at any domain, and each two words of a name.
    So that errors in both are found, so is a word with the first letter of another and one end of an e-mail address.

    >>> sorted(keys(portrait(["Ana Novak"], ())))
    ['name ana novak']
    """
    return frozenset((*_address_keys(of), *_name_keys(of)))


def _address_keys(of: Portrait) -> Iterator[str]:
    for kind, addresses in of.addresses.items():
        for address in addresses:
            yield f"{kind.value} {address.base}"
            if kind is IdentityKind.EMAIL and address.telling:
                yield f"before {address.base.rpartition('@')[0]}"


def _name_keys(of: Portrait) -> Iterator[str]:
    boxes = [address.base.rpartition("@") for address in of.addresses.get(IdentityKind.EMAIL, ())]
    for name in of.names:
        few = sorted(name.words[:_KEY_WORDS])
        yield from (f"name {one} {other}" for one, other in combinations(few, 2))
        for (one, other), (local, _, domain) in product(permutations(few, 2), boxes):
            yield f"start {one} {other[0]} {local[:_END]} {domain}"
            yield f"end {one} {other[0]} {local[-_END:]} {domain}"


#: More of a name and its addresses is not needed to put those who are alike side by side.
_LONGEST_PLACE = 300


def place(of: Portrait) -> str:
    """Where a customer stands among the many of one key: those who are alike stand side by side.

    >>> place(portrait(["Novak Ana"], ()))
    'ana novak'
    """
    name = (" ".join(sorted(name.words)) for name in of.names[:1])
    addresses = (found[0].base for _, found in sorted(of.addresses.items()))
    return " ".join((*name, *addresses))[:_LONGEST_PLACE]
