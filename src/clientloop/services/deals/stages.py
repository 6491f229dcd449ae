"""The stages of a funnel, as the relationship model of its name has them, with the parameters that the firm has set."""

from collections.abc import Sequence

from clientloop.errors import UnknownName
from clientloop.model.deals import DealOutcome
from clientloop.services.context import Context
from clientloop.services.relationships.models import model_named

#: The funnel that deals go through where nobody names one.
FUNNEL = "funnel"

#: How deals end is no stage that they are in, though it is one of a customer.
_ENDS = frozenset(DealOutcome)


def stages_of(context: Context, funnel: str) -> Sequence[str]:
    """The stages that the deals of a funnel go through, the first one first.

    Args:
        context: The space.
        funnel: Name of a relationship model.

    Raises:
        UnknownName: No plugin has added such a model; the nearest names are in the hint.
    """
    return tuple(stage for stage in model_named(context, funnel).stages if stage not in _ENDS)


def stage_named(context: Context, funnel: str, stage: str) -> str:
    """A stage of a funnel by its name.

    Args:
        context: The space.
        funnel: Name of a relationship model.
        stage: The name.

    Raises:
        UnknownName: There is no such funnel, or it has no such stage; the nearest names are in the hint.
    """
    stages = stages_of(context, funnel)
    if stage not in stages:
        raise UnknownName.among(stage, stages, what=f"stage of {funnel}")
    return stage
