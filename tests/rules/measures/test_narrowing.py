"""Which parts of a condition an index is of use for."""

import pytest

from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.record import record_of
from clientloop.model.where import ALL, Every, Where, contains, eq, ge, lt, ne, one_of
from clientloop.rules.measures.narrowing import narrowing
from clientloop.testing import SAMPLE_TIME, sample_id

CUSTOMER, LATELY = eq("customer", sample_id(1)), ge("occurred_at", SAMPLE_TIME)
CALL = eq("kind", InteractionKind.CALL)


@pytest.mark.parametrize(
    ("cls", "useful", "others"),
    [
        (Interaction, ALL, ALL),
        (Interaction, ALL, CALL & LATELY),
        (Interaction, CUSTOMER & LATELY, CALL),
        (Interaction, CUSTOMER & LATELY & lt("occurred_at", SAMPLE_TIME), ALL),
        (Interaction, one_of("customer", [sample_id(1), sample_id(2)]), CALL),
        (Interaction, eq("customer", None), ne("occurred_at", None)),
        (Interaction, ALL, CUSTOMER | CALL),
        (Interaction, ALL, ~CUSTOMER),
        (Interaction, ALL, eq("channel", "shop")),
        (Interaction, eq("channel", "shop") & eq("origin", "7"), CALL),
        (Interaction, eq("id", sample_id(1)), ALL),
        (Feedback, eq("is_open", True) & eq("team", "shop"), contains("state", "new")),
        (Feedback, ALL, eq("team", "shop")),
        (Feedback, ge("recorded_at", SAMPLE_TIME), eq("team", "shop")),
    ],
)
def test_what_leads_an_index_is_of_use(cls: type, useful: Where, others: Where) -> None:
    """Values of its first columns, then a range; of an index against doubles only all its columns."""
    parts = useful.parts if isinstance(useful, Every) else (useful,)
    assert narrowing(record_of(cls), useful & others) == frozenset(parts)
