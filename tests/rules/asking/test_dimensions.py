"""By what answers are broken down: one thing has one name."""

from pathlib import Path

import pytest

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.customers import CustomerClass
from clientloop.rules.asking.dimensions import COUNTRIES, checked

#: The list of ISO 3166 that the time zone database keeps.
TABLE = Path("/usr/share/zoneinfo/iso3166.tab")


@pytest.mark.skipif(not TABLE.exists(), reason="this machine has no list of countries")
def test_the_countries_are_those_of_iso_3166() -> None:
    """The codes are those that the time zone database has."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    assert {line.partition("\t")[0] for line in lines if not line.startswith("#")} == COUNTRIES


def test_one_thing_has_one_name() -> None:
    """Countries are in capitals, domains in small letters, classes are members; what says nothing is left out."""
    given = {"country": "si", "domain": " Shop.Example.com", "customer_class": "A", "product": "", "variant": None}
    assert checked(given) == {"country": "SI", "domain": "shop.example.com", "customer_class": CustomerClass.A}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("country", "Slovenia", "'Slovenia' is no country"),
        ("country", "XX", "give the two letters of ISO 3166"),
        ("customer_class", "D", "no class 'D'"),
        ("contry", "SI", "did you mean 'country'"),
    ],
)
def test_what_is_none_is_refused(name: str, value: str, words: str) -> None:
    """A country, a class or a dimension that there is not is an error with a hint."""
    with pytest.raises(InvalidValue, match=words) as refused:
        checked({name: value})
    assert isinstance(refused.value, UnknownName) is (name != "country")
