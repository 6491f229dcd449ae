"""How much speaks for two customers being one person: signs with weights, added up to a score.

The way is that of Fellegi and Sunter (A Theory for Record Linkage, 1969): a sign that is 2^n times as likely to be seen
on one person as on two weighs n bits, and the bits together must outweigh the doubt that was there before. Nothing is
merged by it: a person decides, and sees the signs.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import product

from attrs import frozen

from clientloop.model.codec import Json
from clientloop.model.customers import IdentityKind, Trust
from clientloop.rules.names import edits
from clientloop.rules.portraits import ROLES, Address, Portrait, Words


class Sign(StrEnum):
    """What agrees or disagrees between two customers."""

    SAME_NAME = "same_name"
    NAME_ORDER = "name_order"
    NAME_PART = "name_part"
    NAME_INITIALS = "name_initials"
    NAME_SPELLING = "name_spelling"
    ONE_WORD = "one_word"
    SOME_WORDS = "some_words"
    OTHER_NAME = "other_name"
    SAME_EMAIL = "same_email"
    EMAIL_VARIANT = "email_variant"
    EMAIL_SPELLING = "email_spelling"
    EMAIL_PROVIDER = "email_provider"
    ROLE_EMAIL = "role_email"
    OTHER_EMAIL = "other_email"
    SAME_PHONE = "same_phone"
    PHONE_COUNTRY = "phone_country"
    OTHER_PHONE = "other_phone"
    SAME_HANDLE = "same_handle"
    SAME_EXTERNAL = "same_external"
    SAME_COOKIE = "same_cookie"


@frozen
class Weight:
    """What a sign counts for."""

    #: Bits: one more for each time that it is twice as likely of one person as of two; negative against it.
    bits: int
    #: When it is seen, and why it weighs that much.
    why: str


#: What the signs must outweigh: of the pairs that are compared, few are one person.
DOUBT = 8

#: From this score on a pair is suggested.
THRESHOLD = 0.5

#: Judged by hand, so that one proved sort of evidence and no contradiction is enough, and a name alone never is.
WEIGHTS: Mapping[Sign, Weight] = {
    Sign.SAME_NAME: Weight(5, "the same two words or more; less than an address, as many people share a name"),
    Sign.NAME_ORDER: Weight(5, "the same words in another order: surname first"),
    Sign.NAME_PART: Weight(4, "two words or more agree and one name has others besides: a middle name left out"),
    Sign.NAME_INITIALS: Weight(3, "words agree with initials"),
    Sign.NAME_SPELLING: Weight(4, "words agree but for one or two typing errors; four letters may have one, more two"),
    Sign.ONE_WORD: Weight(1, "one of the names is a single word that the other has too: many people are called Ana"),
    Sign.SOME_WORDS: Weight(-2, "one word or more agrees and others do not: a family, or a new surname"),
    Sign.OTHER_NAME: Weight(-6, "no word agrees: two people at one address"),
    Sign.SAME_EMAIL: Weight(8, "the same address: enough by itself where a name is missing, not against another name"),
    Sign.EMAIL_VARIANT: Weight(8, "the same mailbox: +tags, and dots where the provider ignores them"),
    Sign.EMAIL_SPELLING: Weight(4, "the same domain, and before the @ one or two typing errors but the same digits"),
    Sign.EMAIL_PROVIDER: Weight(4, "the same before the @ at another domain, where it says more than the name does"),
    Sign.ROLE_EMAIL: Weight(3, "the same address of an office, such as info@: many people write from it"),
    Sign.OTHER_EMAIL: Weight(-1, "both have e-mail addresses and none are alike; most people have several"),
    Sign.SAME_PHONE: Weight(8, "the same number, in whatever form it was written"),
    Sign.PHONE_COUNTRY: Weight(6, "the same last digits under another country code: read in the wrong region"),
    Sign.OTHER_PHONE: Weight(-1, "both have phone numbers and none are alike; many people have two"),
    Sign.SAME_HANDLE: Weight(7, "the same name on messengers, which need not be the same messenger"),
    Sign.SAME_EXTERNAL: Weight(12, "the same id in another system of the firm"),
    Sign.SAME_COOKIE: Weight(4, "the same device, which a family may share"),
}


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


def score(weights: Iterable[int]) -> float:
    """What signs of these weights come to, from 0 to 1: the share of such pairs that are one person.

    It is 1 / (1 + 2^(DOUBT - sum of the weights)), to four digits.

    >>> score([8]), score([5, 8]), score([-6, 8])
    (0.5, 0.9697, 0.0154)
    """
    return round(1 / (1 + 2.0 ** (DOUBT - sum(weights))), 4)


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
    plain = {"sign": seen.sign.value, "weight": seen.bits, "first": seen.first, "second": seen.second}
    return plain if seen.trust is None else {**plain, "trust": seen.trust.value}


def compare(first: Portrait, second: Portrait) -> Likeness:
    """What speaks for and against two customers being one person.

    Of the names, and of the addresses of each kind, the two that speak most for it are the sign.

    >>> from clientloop.rules.portraits import portrait
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
