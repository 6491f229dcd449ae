"""Ways in which one customer comes to be kept twice, and in which two customers look like one."""

import random
import string
from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

#: What `Customers.add` takes of a person. Any: its arguments have several types.
Given = dict[str, Any]


@frozen
class Person:
    """Somebody whose variants are made."""

    #: The name.
    name: str
    #: The e-mail address.
    email: str
    #: The phone number as written in its region.
    phone: str
    #: Where that is; see `NUMBERS`.
    region: str


@frozen
class Kind:
    """A sort of variant."""

    #: Makes one, from a person and a stranger.
    make: Callable[[random.Random, Person, Person], Given]
    #: Whether the variant is the same person.
    same: bool = True


#: National numbers of some regions, and a region where somebody may read them by mistake.
NUMBERS = {
    "SI": ("040 ### ###", "HR"),
    "DE": ("030 #######", "AT"),
    "US": ("(2##) ###-####", "GB"),
    "GB": ("020 #### ####", "DE"),
}

ACCENTS = str.maketrans("aeiouycsznl", "áéíöüýčšžñł")
LETTERS = string.ascii_lowercase


def number(rng: random.Random) -> tuple[str, str]:
    """A national number and its region."""
    region = rng.choice(list(NUMBERS))
    return "".join(str(rng.randrange(10)) if sign == "#" else sign for sign in NUMBERS[region][0]), region


def mistyped(rng: random.Random, text: str, errors: int = 1) -> str:
    """A text with letters added, left out, replaced or exchanged."""
    made = text
    for _ in range(errors):
        before = made
        while made.casefold() in (before.casefold(), text.casefold()):
            at = rng.choice([at for at, sign in enumerate(before) if sign.isalpha()])
            start, sign, end = before[:at], before[at], before[at + 1 :]
            swapped = end[0] + sign + end[1:] if end[:1].isalpha() else sign + end
            made = start + rng.choice((rng.choice(LETTERS) + sign + end, end, rng.choice(LETTERS) + end, swapped))
    return made


def at_domain(email: str, change: Callable[[str], str]) -> str:
    """An address whose part before the @ is changed."""
    local, _, domain = email.partition("@")
    return f"{change(local)}@{domain}"


def plus(rng: random.Random, person: Person) -> str:
    """An address of the same mailbox."""
    return at_domain(person.email, lambda local: f"{local}+{rng.choice(('shop', 'x', 'news1'))}")


def reached(rng: random.Random, person: Person) -> Given:
    """How the same person can be reached again: three ways, equally often."""
    return rng.choice((
        {"email": person.email.upper()},
        {"email": plus(rng, person)},
        {"phone": person.phone, "region": person.region},
    ))  # fmt: skip


def renamed(change: Callable[[random.Random, str], str]) -> Kind:
    """The person under a name that is written in another way, reached in one of three ways."""
    return Kind(lambda rng, person, _: {"name": change(rng, person.name), **reached(rng, person)})


def moved(change: Callable[[random.Random, Person], Given]) -> Kind:
    """The person under the same name with another address."""
    return Kind(lambda rng, person, _: {"name": person.name, **change(rng, person)})


def in_other_order(rng: random.Random, name: str) -> str:
    """The surname before the given names."""
    *first, last = name.split()
    return f"{last}{rng.choice((' ', ', '))}{' '.join(first)}"


def with_middle_name(rng: random.Random, name: str) -> str:
    """A name or an initial between the given name and the surname."""
    first, *rest = name.split()
    return " ".join((first, rng.choice(("Marie", "J.", "Q", "Lee")), *rest))


def typo_before_at(rng: random.Random, person: Person) -> Given:
    """The e-mail address with one typing error before the @."""
    return {"email": at_domain(person.email, lambda local: mistyped(rng, local))}


def relative(rng: random.Random, person: Person, stranger: Person) -> Given:
    """Somebody else of the same surname who writes from the same address."""
    return {"name": f"{stranger.name.split()[0]} {person.name.split()[-1]}", "email": person.email}


def namesake(rng: random.Random, person: Person, stranger: Person) -> Given:
    """Somebody of the same name with another address at the same domains."""
    return {"name": person.name, "email": at_domain(stranger.email, lambda local: f"{local}{rng.randrange(10, 99)}")}


#: Every sort of variant by its name.
KINDS: Mapping[str, Kind] = {
    "one typing error in the name": renamed(mistyped),
    "two typing errors in the name": renamed(lambda rng, name: mistyped(rng, name, 2)),
    "case of the name": renamed(lambda rng, name: rng.choice((name.upper(), name.lower(), name.swapcase()))),
    "surname first": renamed(in_other_order),
    "accents": renamed(lambda rng, name: name.translate(ACCENTS)),
    "middle name or initial": renamed(with_middle_name),
    "national for international number": moved(lambda rng, person: {"phone": person.phone, "region": person.region}),
    "number read in the wrong region": moved(
        lambda rng, person: {"phone": person.phone, "region": NUMBERS[person.region][1]}
    ),
    "plus-address": moved(lambda rng, person: {"email": plus(rng, person)}),
    "typing error in the e-mail": moved(typo_before_at),
    "typing errors in name and e-mail": Kind(
        lambda rng, person, _: {"name": mistyped(rng, person.name), **typo_before_at(rng, person)}
    ),
    "same e-mail, another name": Kind(
        lambda rng, person, stranger: {"name": stranger.name, "email": person.email}, same=False
    ),
    "same e-mail and surname": Kind(relative, same=False),
    "same name, nothing else": Kind(namesake, same=False),
}
