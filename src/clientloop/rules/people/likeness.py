"""How much speaks for two customers being one person: the signs that are seen on their names and addresses.

Nothing is merged by it: a person decides, and sees the signs.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product

from attrs import frozen

from clientloop.model.codec import Json
from clientloop.model.customers import IdentityKind, Trust
from clientloop.rules.people.names import edits
from clientloop.rules.people.portraits import ROLES, Address, Portrait, Words
from clientloop.rules.people.signs import WEIGHTS, Sign, score

#: No more of a name or an address is kept as evidence: a handle may be of any length.
_SHOWN = 320


@frozen
class Seen:
    """A sign that was seen on two customers."""

    #: Which.
    sign: Sign
    #: What the first customer has.
    first: str
    #: What the second has.
    second: str
    #: How far the address is proved, of the two the weaker; None for names.
    trust: Trust | None = None

    @property
    def bits(self) -> int:
        """Its weight."""
        return WEIGHTS[self.sign].bits


@frozen
class Likeness:
    """What speaks for and against two customers being one person."""

    #: All that was seen.
    signs: tuple[Seen, ...] = ()

    @property
    def score(self) -> float:
        """From 0 to 1."""
        return score(seen.bits for seen in self.signs)

    @property
    def evidence(self) -> dict[str, Json]:
        """The score and the signs as plain data, for `Suggestion.evidence`."""
        return {"score": self.score, "signs": [_plain(seen) for seen in self.signs]}


def _plain(seen: Seen) -> dict[str, Json]:
    first, second = seen.first[:_SHOWN], seen.second[:_SHOWN]
    plain = {"sign": seen.sign.value, "weight": seen.bits, "first": first, "second": second}
    return plain if seen.trust is None else {**plain, "trust": seen.trust.value}


def compare(first: Portrait, second: Portrait) -> Likeness:
    """What speaks for and against two customers being one person.

    Of the names, and of the addresses of each kind, the two that speak most for it are the sign.

    >>> from clientloop.rules.people.portraits import portrait
    >>> likeness = compare(portrait(["Ana Novak"], ()), portrait(["NOVAK Ana"], ()))
    >>> [seen.sign.value for seen in likeness.signs], likeness.score
    (['name_order'], 0.1111)
    """
    signs = [
        Seen(_compare_names(one.words, other.words), one.given, other.given)
        for one, other in product(first.names, second.names)
    ]
    found = [max(signs, key=_bits)] if signs else []
    for kind in first.addresses.keys() & second.addresses.keys():
        found += _compare_addresses(kind, first.addresses[kind], second.addresses[kind])
    return Likeness(tuple(sorted(found, key=_bits, reverse=True)))


def _bits(seen: Seen) -> tuple[int, Sign]:
    return seen.bits, seen.sign


# Names

#: What is shorter is another word rather than one with a typing error: in names, and before the @.
_SPELT, _TYPED = 4, 5

#: More typing errors in one name make another name.
_MOST_ERRORS = 2


def _errors_in(length: int, *, least: int) -> int:
    """How many typing errors a word of a length may have: the longer, the more, and none below the least length."""
    return (length >= least) + (length > least)


@frozen
class _Agreement:
    """How the words of two names agree."""

    #: Words that agree exactly, by an initial, or but for typing errors.
    agreeing: int
    #: Those that are an initial.
    initials: int
    #: Typing errors.
    errors: int
    #: Words that the first name has for itself.
    left: int
    #: Words that the second has.
    right: int


#: The first of these that is true of two names is their sign.
_NAMES: tuple[tuple[Callable[[_Agreement], object], Sign], ...] = (
    (lambda words: not words.agreeing, Sign.OTHER_NAME),
    (lambda words: (words.left and words.right) or words.errors > _MOST_ERRORS, Sign.SOME_WORDS),
    (lambda words: words.agreeing == 1, Sign.ONE_WORD),
    (lambda words: words.errors, Sign.NAME_SPELLING),
    (lambda words: words.initials, Sign.NAME_INITIALS),
    (lambda words: words.left or words.right, Sign.NAME_PART),
    (lambda words: True, Sign.NAME_ORDER),
)


def _compare_names(one: Words, other: Words) -> Sign:
    if "".join(one) == "".join(other) and max(len(one), len(other)) > 1:
        return Sign.SAME_NAME
    agreement = _agreement(one, other)
    return next(sign for is_so, sign in _NAMES if is_so(agreement))


def _agreement(one: Words, other: Words) -> _Agreement:
    shared = Counter(one) & Counter(other)
    # sorted, so that it is all the same which of two customers is the first
    left, right = (list((Counter(words) - shared).elements()) for words in sorted((one, other)))
    pairs = tuple(_pairs(left, right))
    return _Agreement(
        agreeing=shared.total() + len(pairs),
        initials=sum(errors is None for errors in pairs),
        errors=sum(errors or 0 for errors in pairs),
        left=len(left) - len(pairs),
        right=len(right) - len(pairs),
    )


def _pairs(left: Iterable[str], right: Iterable[str]) -> Iterator[int | None]:
    """The typing errors of each word that agrees with another; None if by an initial."""
    free = list(right)
    for word in left:
        for other in free:
            is_initial = min(len(word), len(other)) == 1 and word[0] == other[0]
            errors = None if is_initial else edits(word, other, _errors_in(max(len(word), len(other)), least=_SPELT))
            if is_initial or errors is not None:
                free.remove(other)
                yield errors
                break


# Addresses


def _compare_addresses(kind: IdentityKind, first: Iterable[Address], second: Iterable[Address]) -> Iterator[Seen]:
    """The best sign of the addresses of one kind, if any."""
    like, unlike = _COMPARED[kind]
    pairs = list(product(first, second))
    signs = [(sign, *pair) for pair in pairs if (sign := like(*pair)) is not None]
    if not signs and unlike is not None:
        signs = [(unlike, *pairs[0])]
    if signs:
        yield max((Seen(sign, one.value, other.value, _weaker(one, other)) for sign, one, other in signs), key=_bits)


def _weaker(one: Address, other: Address) -> Trust:
    return max(one.trust, other.trust, key=_TRUSTS.index)


_TRUSTS = tuple(Trust)


def _compare_emails(one: Address, other: Address) -> Sign | None:
    local, _, domain = one.base.rpartition("@")
    local_of_other, _, domain_of_other = other.base.rpartition("@")
    if one.base == other.base:
        if local in ROLES:
            return Sign.ROLE_EMAIL
        return Sign.SAME_EMAIL if one.value == other.value else Sign.EMAIL_VARIANT
    if domain == domain_of_other:
        return Sign.EMAIL_SPELLING if _mistyped(local, local_of_other) else None
    return Sign.EMAIL_PROVIDER if local == local_of_other and one.telling and other.telling else None


def _mistyped(one: str, other: str) -> bool:
    """Whether one may be the other mistyped; other digits are other people (ana1, ana2)."""
    most = _errors_in(max(len(one), len(other)), least=_TYPED)
    return edits(one, other, most) is not None and _digits(one) == _digits(other)


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _compare_phones(one: Address, other: Address) -> Sign | None:
    if one.value == other.value:
        return Sign.SAME_PHONE
    return Sign.PHONE_COUNTRY if one.base == other.base and one.telling and other.telling else None


def _same(sign: Sign) -> Callable[[Address, Address], Sign | None]:
    return lambda one, other: sign if one.base == other.base else None


#: How addresses of each kind are compared, and the sign of having some that are not alike.
_COMPARED: Mapping[IdentityKind, tuple[Callable[[Address, Address], Sign | None], Sign | None]] = {
    IdentityKind.EMAIL: (_compare_emails, Sign.OTHER_EMAIL),
    IdentityKind.PHONE: (_compare_phones, Sign.OTHER_PHONE),
    IdentityKind.HANDLE: (_same(Sign.SAME_HANDLE), None),
    IdentityKind.EXTERNAL: (_same(Sign.SAME_EXTERNAL), None),
    IdentityKind.COOKIE: (_same(Sign.SAME_COOKIE), None),
}
