import json
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.customers import Trust
from clientloop.rules.people.likeness import compare
from clientloop.rules.people.portraits import MOST_ADDRESSES, Portrait, keys
from clientloop.rules.people.signs import DOUBT, THRESHOLD, WEIGHTS, Sign, score
from tests.growth import LIMIT, growth
from tests.rules.people.portrayed import person

NAMES = [
    ("Ana Novak", "ana  NOVAK", Sign.SAME_NAME),
    ("Ana Novak", "AnaNovak", Sign.SAME_NAME),
    ("Ana Novak", "Novak, Ana", Sign.NAME_ORDER),
    ("Ana Marija Novak", "Novak Ana", Sign.NAME_PART),
    ("Ana M. Novak", "Ana Marija Novak", Sign.NAME_INITIALS),
    ("A. Novak", "Ana Novak", Sign.NAME_INITIALS),
    ("Ana Novak", "Ana Nvoak", Sign.NAME_SPELLING),
    ("Anja Novak", "Ana Nowka", Sign.NAME_SPELLING),
    ("Ana Horvat", "Ana Hrovt", Sign.NAME_SPELLING),  # two errors
    ("Ana Luka", "Ana Ulak", Sign.SOME_WORDS),  # two errors in a word of four letters
    ("Ana Hribernik", "Ana Hriebrnk", Sign.NAME_SPELLING),
    ("Martina Hribernik", "Mratnia Hriebrnik", Sign.SOME_WORDS),  # three errors
    ("Martina Hribernik", "Mratnia Hriebrnik Kos", Sign.SOME_WORDS),
    ("Ana", "Ana", Sign.ONE_WORD),
    ("Ana", "Ana Novak", Sign.ONE_WORD),
    ("Ana", "Ina", Sign.OTHER_NAME),
    ("Ana Novak", "Bor Novak", Sign.SOME_WORDS),
    ("Ana Novak", "Ana Kos", Sign.SOME_WORDS),
    ("John Smith Jr.", "John Smith Sr.", Sign.SOME_WORDS),
    ("Ana Novak", "Bor Kos", Sign.OTHER_NAME),
]

ADDRESSES = [
    ("email", "ana@example.com", "ana@example.com", Sign.SAME_EMAIL),
    ("email", "ana+x@example.com", "ana@example.com", Sign.EMAIL_VARIANT),
    ("email", "a.na@gmail.com", "ana@googlemail.com", Sign.EMAIL_VARIANT),
    ("email", "sunny@example.com", "suny@example.com", Sign.EMAIL_SPELLING),
    ("email", "sunnyana@example.com", "usnnyan@example.com", Sign.EMAIL_SPELLING),
    ("email", "sunny1@example.com", "sunny2@example.com", Sign.OTHER_EMAIL),
    ("email", "bela@example.com", "bel@example.com", Sign.OTHER_EMAIL),
    ("email", "sunnyana@example.com", "sunnyana@example.org", Sign.EMAIL_PROVIDER),
    ("email", "sunny@example.com", "sunny@example.org", Sign.OTHER_EMAIL),
    ("email", "support@example.com", "support@example.org", Sign.OTHER_EMAIL),
    ("email", "info@example.com", "info@example.com", Sign.ROLE_EMAIL),
    ("phone", "+38640123456", "+38640123456", Sign.SAME_PHONE),
    ("phone", "+38630901820", "+4930901820", Sign.PHONE_COUNTRY),
    ("phone", "+38640123456", "+38640123457", Sign.OTHER_PHONE),
    ("phone", "+1234567", "+1234567", Sign.SAME_PHONE),
    ("handle", "@Ana", "ana", Sign.SAME_HANDLE),
    ("handle", "@ana", "@bor", None),
    ("external", "shop:1", "shop:1", Sign.SAME_EXTERNAL),
    ("external", "shop:1", "shop:2", None),
    ("cookie", "c1", "c1", Sign.SAME_COOKIE),
    ("cookie", "c1", "C1", None),
]


def signs(one: Portrait, other: Portrait) -> list[Sign]:
    """What is seen on two people."""
    return [seen.sign for seen in compare(one, other).signs]


@pytest.mark.parametrize(("one", "other", "sign"), NAMES)
def test_names_agree_in_several_ways(one: str, other: str, sign: Sign) -> None:
    """How two names agree is one sign, whoever comes first."""
    assert signs(person(one), person(other)) == signs(person(other), person(one)) == [sign]


@pytest.mark.parametrize(("kind", "one", "other", "sign"), ADDRESSES)
def test_addresses_agree_in_several_ways(kind: str, one: str, other: str, sign: Sign | None) -> None:
    """How addresses of one kind agree is one sign, whoever comes first."""
    wanted = [] if sign is None else [sign]
    first, second = person(**{kind: one}), person(**{kind: other})
    assert signs(first, second) == signs(second, first) == wanted


def test_every_sign_is_tried() -> None:
    """The two tables above show every sign, and every sign has a weight and a reason."""
    assert {row[-1] for row in (*NAMES, *ADDRESSES)} - {None} == set(Sign) == set(WEIGHTS)
    assert all(weight.why and weight.bits for weight in WEIGHTS.values())


def test_who_gets_a_sign_from_an_address_is_found_by_it() -> None:
    """Two people whose address speaks for them have a key in common, or one through their name and the domain."""
    for kind, one, other, sign in ADDRESSES:
        shared = keys(person("Ana Kos", **{kind: one})) & keys(person("Kos Ana", **{kind: other}))
        assert sign is None or WEIGHTS[sign].bits < 0 or shared, (one, other)


def test_nothing_known_is_no_sign() -> None:
    """Who has no name or no address of a kind neither agrees nor disagrees in it."""
    assert signs(person(), person()) == []
    assert signs(person("", email="ana@example.com"), person("Ana", phone="+38640123456")) == []


def test_of_several_the_two_that_agree_best_count() -> None:
    """One shared address among many others, or one former name, is what counts."""
    one = person("Ana Novak", "Ana Kos", email=("ana@example.com", "sunny@example.com"))
    other = person("Bor Novak", "Kos Ana", email=("x@example.com", "sunny+x@example.com", "ani@example.com"))
    assert compare(one, other).evidence["signs"] == [
        {
            "sign": "email_variant",
            "weight": 8,
            "first": "sunny@example.com",
            "second": "sunny+x@example.com",
            "trust": "claimed",
        },
        {"sign": "name_order", "weight": 5, "first": "Ana Kos", "second": "Kos Ana"},
    ]


@pytest.mark.parametrize(("one", "other"), list(product(Trust, Trust)), ids=str)
def test_a_sign_is_as_well_proved_as_the_weaker_address(one: Trust, other: Trust) -> None:
    """Somebody who claims the address of another does not become it."""
    first, second = (person(email="ana@example.com", trust=trust) for trust in (one, other))
    [seen] = compare(first, second).signs
    assert seen.trust is max(one, other, key=list(Trust).index)


@pytest.mark.parametrize(
    ("alike", "one", "other"),
    [
        (True, person("Ana Novak", email="a@x.si"), person("Ana Novak", email="a+b@x.si")),
        (True, person("Ana Novak", email="a@x.si"), person(email="a@x.si")),
        (True, person("Ana Novak", email="info@x.si"), person("Novak Ana", email="info@x.si")),
        (True, person("Ana Novak", email="sunny@x.si"), person("Ana Novak", email="suny@x.si", phone="+38640123456")),
        (True, person("Ana Novak", phone="+38630901820"), person("A Novak", phone="+4930901820")),
        (False, person("Ana Novak"), person("Ana Novak")),
        (False, person("Ana Novak", email="a@x.si"), person("Ana Novak", email="b@x.si")),
        (False, person("Ana Novak", email="a@x.si"), person("Bor Kos", email="a@x.si")),
        (False, person("Ana Novak", phone="+38640123456"), person("Bor Novak", phone="+38640123456")),
        (False, person("Ana Novak", email="info@x.si"), person("Bor Kos", email="info@x.si")),
        (False, person("Ana", email="ana.novak@x.si"), person("Ana", email="ana.novak@y.si")),
    ],
)
def test_what_is_suggested(alike: bool, one: Portrait, other: Portrait) -> None:
    """One good address without a contradiction is enough; a name, or an address under another name, is not."""
    assert (compare(one, other).score >= THRESHOLD) is alike


WORDS = st.lists(st.sampled_from(["ana", "anna", "novak", "nvoak", "a", "kos", "marija"]), max_size=4).map(" ".join)
EMAILS = st.builds(
    lambda local, domain: f"{local}@{domain}",
    st.sampled_from(["sunny", "suny", "info", "sunny+x", "s.unny", "carrollallison"]),
    st.sampled_from(["gmail.com", "x.si"]),
)
PEOPLE = st.builds(
    lambda names, emails, phones: person(*names, email=tuple(emails), phone=tuple(phones)),
    st.lists(WORDS, max_size=2),
    st.lists(EMAILS, max_size=3, unique=True),
    st.lists(st.sampled_from(["+38630901820", "+4930901820", "+1555"]), max_size=2, unique=True),
)


@given(PEOPLE, PEOPLE)
def test_the_score_follows_from_the_evidence_alone(one: Portrait, other: Portrait) -> None:
    """Whoever reads the stored evidence can add it up, by the formula in the documentation; both directions agree."""
    evidence = json.loads(json.dumps(compare(one, other).evidence))
    weights = [sign["weight"] for sign in evidence["signs"]]
    assert weights == [WEIGHTS[Sign(sign["sign"])].bits for sign in evidence["signs"]]
    assert evidence["score"] == score(weights) == pytest.approx(1 / (1 + 2 ** (DOUBT - sum(weights))), abs=1e-4)
    assert 0 <= evidence["score"] <= 1
    assert compare(other, one).score == evidence["score"]


def test_evidence_is_bounded() -> None:
    """However long a handle, little of it is kept."""
    [sign] = compare(person(handle="x" * 100_000), person(handle="@" + "x" * 100_000)).evidence["signs"]
    assert (sign["first"], sign["second"]) == ("x" * 320, "@" + "x" * 319)


@pytest.mark.parametrize("piece", ["a", "ab ", "é", "\u030c", "'", "ш", "ss", "ae", "\ufdfa", "'a"], ids=ascii)
def test_hostile_names_cost_no_more_than_their_length(piece: str) -> None:
    """A name four times as long is drawn and compared in less than eight times the time."""

    def comparing(count: int) -> Callable[[], None]:
        names = [f"{number}{piece * count}" for number in range(20)]

        def work() -> None:
            for name in names:
                compare(person(name), person(f"{name}x"))

        return work

    assert growth(comparing, 5_000) < LIMIT


def test_very_many_addresses_cost_no_more_than_a_few() -> None:
    """Who has four times as many addresses that are nearly alike is compared by some of them, in no more time."""

    def comparing(count: int) -> Callable[[], object]:
        many = tuple(f"{'sunny' * 10}{number:06}@example.com" for number in range(count))
        one, other = person("Ana Novak", email=many), person("Ana Novak", email=many[MOST_ADDRESSES:])
        return lambda: compare(one, other)

    assert growth(comparing, 100) < 2


def test_the_page_shows_the_weights_as_they_are() -> None:
    """The table of the documentation is that of the code."""
    page = Path(__file__).resolve().parents[3] / "docs" / "explanation" / "who-is-who.md"
    text = page.read_text(encoding="utf-8")
    rows = [f"| `{sign.value}` | {weight.bits:+} | {weight.why} |" for sign, weight in WEIGHTS.items()]
    assert "\n".join(rows) in text, "\n".join(rows)
    assert f"{DOUBT} bits" in text
    assert f"from {THRESHOLD} on" in text
