"""The signs that two customers are one person, and what each weighs.

The way is that of Fellegi and Sunter (A Theory for Record Linkage, 1969): a sign that is 2^n times as likely to be seen
on one person as on two weighs n bits, and the bits together must outweigh the doubt that was there before.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from attrs import frozen


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
    Sign.NAME_SPELLING: Weight(4, "words agree but for typing errors: one in a word of four letters, two in longer"),
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


def score(weights: Iterable[int]) -> float:
    """What signs of these weights come to, from 0 to 1: the share of such pairs that are one person.

    It is 1 / (1 + 2^(DOUBT - sum of the weights)), to four digits.

    >>> score([8]), score([5, 8]), score([-6, 8])
    (0.5, 0.9697, 0.0154)
    """
    return round(1 / (1 + 2.0 ** (DOUBT - sum(weights))), 4)
