"""Which of many comparisons are discoveries."""

from hypothesis import given
from hypothesis import strategies as st

from clientloop.rules.measures.discoveries import adjusted, discoveries

#: Y. Benjamini and Y. Hochberg, Journal of the Royal Statistical Society B 57 (1995) 289, section 4: myocardial
#: infarction, in order.
PUBLISHED = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528),
    *(0.7590, 1.0000),
]

chances = st.lists(st.floats(0, 1), max_size=30)


def test_the_example_of_the_paper_has_four_discoveries() -> None:
    """The four least of fifteen, where Bonferroni finds three."""
    assert discoveries(PUBLISHED) == (True,) * 4 + (False,) * 11
    assert sum(chance <= 0.05 / len(PUBLISHED) for chance in PUBLISHED) == 3


@given(chances)
def test_the_order_does_not_matter(given_chances: list[float]) -> None:
    """Each comparison is judged the same, wherever it stands."""
    forwards, backwards = adjusted(given_chances), adjusted(given_chances[::-1])
    assert forwards == backwards[::-1]


@given(chances, st.floats(0.001, 0.999))
def test_it_is_the_step_up_procedure(given_chances: list[float], rate: float) -> None:
    """The discoveries are those up to the largest rank k whose p-value is at most k/m of the rate."""
    count = len(given_chances)
    ordered = sorted(given_chances)
    fitting = [rank for rank, chance in enumerate(ordered, 1) if chance * count / rank <= rate]
    limit = ordered[max(fitting) - 1] if fitting else -1.0
    assert discoveries(given_chances, rate=rate) == tuple(chance <= limit for chance in given_chances)
