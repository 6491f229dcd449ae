import pytest

from clientloop.model.customers import IdentityKind
from clientloop.rules.people.portraits import MOST_ADDRESSES, MOST_NAMES, keys, mailbox, place
from tests.rules.people.portrayed import person


@pytest.mark.parametrize(
    ("email", "box"),
    [
        ("ana@example.com", "ana@example.com"),
        ("ana+shop@example.com", "ana@example.com"),
        ("ana+a+b@example.com", "ana@example.com"),
        ("+ana@example.com", "+ana@example.com"),
        ("a.n.a+x@gmail.com", "ana@gmail.com"),
        ("a.n.a@googlemail.com", "ana@gmail.com"),
        ("a.n.a@example.com", "a.n.a@example.com"),
    ],
)
def test_a_mailbox_has_several_addresses(email: str, box: str) -> None:
    """Tags never count; dots and a second domain do not where the provider ignores them."""
    assert mailbox(email) == box


@pytest.mark.parametrize(
    ("local", "telling"),
    [
        ("carrollallison", True),
        ("ana.novak82", True),
        ("ana.novak", False),
        ("NOVAK_ana", False),
        ("anovak", False),
        ("novaka", False),
        ("novak", False),
        ("kosec", False),
        ("info", False),
        ("support", False),
    ],
)
def test_what_is_before_the_at_tells_more_than_the_name_or_not(local: str, telling: bool) -> None:
    """A name written as an address is had by everybody of that name; so is what is short, or an office's."""
    [address] = person("Ana Novak", email=f"{local.lower()}@example.com").addresses[IdentityKind.EMAIL]
    assert address.telling is telling


def test_the_keys_of_a_customer() -> None:
    """E-mail by its mailbox and by what is before the @, phones by their last digits, names two words each.

    One word and the first letter of another count with either end of what is before the @ and the domain.
    """
    ana = person(
        "Ana Horvat Novak", email="sunnyana+x@gmail.com", phone="+38640123456", handle="@Ana", external="shop:1",
        cookie="c1",
    )  # fmt: skip
    assert keys(ana) == {
        "email sunnyana@gmail.com", "before sunnyana", "phone 40123456", "handle ana", "external shop:1", "cookie c1",
        "name ana horvat", "name ana novak", "name horvat novak",
        "start ana h sunn gmail.com", "end ana h yana gmail.com",
        "start ana n sunn gmail.com", "end ana n yana gmail.com",
        "start horvat a sunn gmail.com", "end horvat a yana gmail.com",
        "start horvat n sunn gmail.com", "end horvat n yana gmail.com",
        "start novak a sunn gmail.com", "end novak a yana gmail.com",
        "start novak h sunn gmail.com", "end novak h yana gmail.com",
    }  # fmt: skip


def test_a_name_of_one_word_is_no_key() -> None:
    """Too many people are called Ana."""
    assert keys(person("Ana")) == keys(person()) == frozenset()


def test_people_who_are_alike_stand_side_by_side() -> None:
    """The place is the name in any order of words, then the addresses; it is bounded."""
    assert place(person("Novak Ana", email="x+y@example.com")) == place(person("ANA Novak", email="x@example.com"))
    assert len(place(person("Ana", handle="x" * 100_000))) == 300


def test_only_so_much_of_a_customer_is_compared() -> None:
    """What is beyond the bounds is left out, and it shows; what is within is not cut."""
    emails = tuple(f"a{number}@example.com" for number in range(MOST_ADDRESSES + 1))
    names = tuple(f"Ana {letter}" for letter in "abcdefghijk")
    assert len(names) == MOST_NAMES + 1
    assert len(person("Ana", email=emails).addresses[IdentityKind.EMAIL]) == MOST_ADDRESSES
    assert len(person(*names).names) == MOST_NAMES
    cut = [person("Ana", email=emails), person(*names), person("a" * 100_000), person("Ana " * 9)]
    whole = [person("Ana", email=emails[1:], phone=emails), person(*names[1:]), person(*["Ana"] * 99, "", " ")]
    assert [each.cut for each in cut] == [True] * 4
    assert [each.cut for each in whole] == [True, False, False]
