"""What a measure is."""

from collections.abc import Mapping

import pytest

from clientloop.model.plan import Plan
from clientloop.ports.metric import Metric, Scale, Score


def test_a_metric_declares_its_state_and_what_to_make_of_it() -> None:
    """A class that lacks either cannot be used."""

    class Half(Metric):
        """Declares state only."""

        def plans(self) -> Mapping[str, Plan]:
            """Nothing."""
            return {}

    with pytest.raises(TypeError, match="finalise"):
        Half()


def test_a_score_says_how_many_it_rests_on() -> None:
    """There is no score without a count and a scale."""
    with pytest.raises(TypeError, match="count"):
        Score(value=0.5, scale=Scale(unit="share"))
