"""How well customers who are one person are found among the tickets that nobody here wrote.

What counts as truth: of each sort of variant in `tests/services/variants.py`, a seeded sample of the tickets' customers
is added once more; a customer and its variant are one person, or two where the sort says so. Each customer has at most
one variant. All other pairs count as two people, also the tickets' own namesakes, and those behind the 139 e-mail
addresses that several names share. A pair counts as suggested if there is a suggestion with a score at or above the
threshold, whether it came from `add` or from `suggest`; what `add` suggests below it is counted apart.
"""

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from attrs import frozen

from clientloop.app import ClientLoop
from clientloop.exchange.feedback import import_feedback
from clientloop.exchange.mapping import FeedbackMapping
from clientloop.model.customers import Customer, Identity, IdentityKind, Suggestion, Trust
from clientloop.model.units import Insert, Unit
from clientloop.rules.people.contacts import phone_number
from clientloop.rules.people.signs import THRESHOLD
from clientloop.services.people.lookalikes import Lookalikes
from tests.conftest import Size
from tests.exchange.mappings import shown
from tests.services.variants import KINDS, Person, number

Pair = tuple[UUID, UUID]

#: Of the sorts that are not always found, the least share that must be: a little below what was measured.
LEAST = {
    "one typing error in the name": 0.92,
    "two typing errors in the name": 0.75,
    "typing error in the e-mail": 0.95,
    "typing errors in name and e-mail": 0.68,
}
#: Of the sorts that are two people, the greatest share that may be suggested.
MOST = {"same e-mail and surname": 0.08}


@frozen
class Measured:
    """What was there, and what was suggested."""

    loop: ClientLoop
    #: The sort of variant of each pair that was made.
    made: dict[Pair, str]
    #: Score by pair, of all suggestions.
    scores: dict[Pair, float]
    #: Of the first look and of the second.
    looks: list[Lookalikes]
    #: How many customers there were before.
    before: int

    def found(self) -> set[Pair]:
        """The pairs that are suggested at or above the threshold."""
        return {pair for pair, score in self.scores.items() if score >= THRESHOLD}


pytestmark = pytest.mark.in_ci("looks over two thousand people twice")


@pytest.fixture(scope="module")
def measured(real_data: Path, tmp_path_factory: pytest.TempPathFactory, size: Size) -> Iterator[Measured]:
    """The tickets with variants of a part of their customers, all looked over twice."""
    folder = tmp_path_factory.mktemp("tickets")
    rng = random.Random(20_260_302)
    each = 500 if size is Size.NIGHT else 200
    with ClientLoop.open(f"sqlite:///{folder}/shop.db", entry_points=False) as loop:
        import_feedback(loop.context, real_data / "tickets.csv.gz", shown("tickets.toml", FeedbackMapping, folder))
        people = _with_numbers(loop, rng, count=(len(KINDS) + 1) * each)
        strangers = [person for _, person in people[:each]]
        made: dict[Pair, str] = {}
        for place, (customer, person) in enumerate(people[each:]):
            kind = list(KINDS)[place % len(KINDS)]
            given = KINDS[kind].make(rng, person, rng.choice(strangers))
            variant = loop.customers.add(**given, trust=Trust.CLAIMED)
            made[customer.id, variant.id] = kind
        looks = [loop.customers.suggest() for _ in range(2)]
        found = loop.store.pages(Suggestion, "main")
        scores = {(each.first, each.second): each.evidence["score"] for each in found}
        yield Measured(loop, made, scores, looks, before=8_469)


def _with_numbers(loop: ClientLoop, rng: random.Random, *, count: int) -> list[tuple[Customer, Person]]:
    """Some customers of the tickets, each given a phone number besides."""
    emails = {found.customer: found.value for found in loop.store.pages(Identity, "main", order="by_customer")}
    people = []
    for customer in rng.sample(list(loop.store.pages(Customer, "main")), count):
        phone, region = number(rng)
        people.append((customer, Person(customer.name, emails[customer.id], phone, region)))
    identities = [
        Identity(
            space="main",
            kind=IdentityKind.PHONE,
            value=phone_number(person.phone, person.region),
            customer=customer.id,
            trust=Trust.VOUCHED,
            created_at=customer.created_at,
        )
        for customer, person in people
    ]
    loop.context.commit(Unit(tuple(map(Insert, identities))))
    return people


_TRUTH = {True: "one person", False: "two people"}


def test_precision_and_recall(measured: Measured, capsys: pytest.CaptureFixture[str]) -> None:
    """Most variants are found and hardly anybody else, as the documentation says; the numbers are printed."""
    found = measured.found()
    made, hits = Counter(measured.made.values()), Counter(measured.made[pair] for pair in found & measured.made.keys())
    same = {pair for pair, kind in measured.made.items() if KINDS[kind].same}
    precision, recall = len(found & same) / len(found), len(found & same) / len(same)
    lines = [
        f"precision {precision:.3f}, recall {recall:.3f}: of {len(same)} pairs {len(found & same)} found,",
        f"and {len(found - same)} others; {len(measured.scores) - len(found)} below the threshold, from `add`",
        *(f"{hits[kind]:4} of {count:4}  {kind}, {_TRUTH[KINDS[kind].same]}" for kind, count in made.items()),
    ]
    with capsys.disabled():
        print("\n" + "\n".join(lines))  # noqa: T201  # the numbers are what is asked for
    assert precision >= 0.985
    assert recall >= 0.94
    for kind, count in made.items():
        share = hits[kind] / count
        assert share >= LEAST.get(kind, 1) if KINDS[kind].same else share <= MOST.get(kind, 0), kind


def test_nobody_was_merged_on_a_claimed_address(measured: Measured) -> None:
    """Every variant is a customer of its own, whatever address it claimed, and nobody is shown as another."""
    customers = list(measured.loop.store.pages(Customer, "main"))
    assert len(customers) == measured.before + len(measured.made)
    assert {variant for _, variant in measured.made} <= {customer.id for customer in customers}
    assert all(customer.merged_into is None and customer.absorbed == () for customer in customers)


def test_a_second_look_suggests_nothing(measured: Measured) -> None:
    """All that is alike is known by then, and nothing was too crowded to be compared."""
    first, second = measured.looks
    assert (second.compared, second.suggested, second.settled) == (
        first.compared, 0, first.suggested + first.settled,
    )  # fmt: skip
    assert (first.crowded, first.left_out, first.cut) == (0, 0, 0)
