"""By what answers are broken down: checked where they come in, so that one thing has one name in every table."""

from collections.abc import Mapping
from typing import Any, TypedDict

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.customers import CustomerClass
from clientloop.model.names import named

_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD
CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF
GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN
KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI
SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI
VN VU WF WS YE YT ZA ZM ZW
"""

#: The officially assigned codes of ISO 3166-1 alpha-2.
COUNTRIES = frozenset(_CODES.split())


class Dimensions(TypedDict, total=False):
    """By what scores are broken down; what is not given is found where that can be."""

    #: The site, such as "shop.example.com".
    domain: str | None
    #: ISO 3166 code of the country.
    country: str | None
    #: BCP 47 tag of the language; the invitation's, or else the customer's, if not given.
    locale: str | None
    #: The product that it is about.
    product: str | None
    #: The employee that it is about.
    employee: str | None
    #: The customer's stage at that time; that of the model "purchases" if not given.
    stage: str | None
    #: The customer's class at that time; that of the model "abc" if not given, or the one that was given with a
    #: customer who was never assessed.
    customer_class: CustomerClass | str | None
    #: Which of several wordings or looks was shown.
    variant: str | None


def country_code(text: str) -> str:
    """A code of ISO 3166-1 alpha-2, in capitals.

    Raises:
        InvalidValue: There is no such country.

    >>> country_code("si")
    'SI'
    """
    code = text.upper()
    if code not in COUNTRIES:
        raise InvalidValue(f"{text!r:.20} is no country", hint="give the two letters of ISO 3166, say 'SI'")
    return code


def domain_name(text: str) -> str:
    """The name of a site, in small letters.

    >>> domain_name("Shop.Example.com")
    'shop.example.com'
    """
    return text.strip().lower()


def checked(given: Mapping[str, Any]) -> dict[str, Any]:  # Any: each dimension has a type of its own
    """Dimensions as they are kept; those that are None or empty are left out.

    Args:
        given: What was given: the fields of `Dimensions`.

    Raises:
        UnknownName: There is no such dimension.
        InvalidValue: There is no such country or class.
    """
    for name in given:
        if name not in Dimensions.__annotations__:
            raise UnknownName.among(name, Dimensions.__annotations__, what="dimension")
    kept = {name: value for name, value in given.items() if value not in {None, ""}}
    if "country" in kept:
        kept["country"] = country_code(kept["country"])
    if "domain" in kept:
        kept["domain"] = domain_name(kept["domain"])
    if "customer_class" in kept:
        kept["customer_class"] = named(CustomerClass, kept["customer_class"], what="class")
    return kept
