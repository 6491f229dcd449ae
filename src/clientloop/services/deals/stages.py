"""The stages of a funnel, as the relationship model of its name has them, with the parameters that the firm has set."""

from collections.abc import Sequence

from clientloop.errors import UnknownName
from clientloop.rules.relationship.funnel import FunnelRule
from clientloop.services.context import Context
from clientloop.services.relationships.models import model_named, model_names

#: The funnel that deals go through where nobody names one.
FUNNEL = "funnel"


def stages_of(context: Context, funnel: str) -> Sequence[str]:
    """The stages that the deals of a funnel go through, the first one first.

    Args:
        context: The space.
        funnel: Name of a relationship model that is a funnel: whose `rule` is a `FunnelRule`.

    Raises:
        UnknownName: No plugin has added such a funnel; the nearest names are in the hint.
    """
    rule = _rule_of(context, funnel)
    if rule is None:
        known = [name for name in model_names(context) if _rule_of(context, name) is not None]
        raise UnknownName.among(funnel, known, what="funnel")
    return rule.stages


def _rule_of(context: Context, model: str) -> FunnelRule | None:
    """What deals go through, by a model; None if they go through nothing by it."""
    rule = getattr(model_named(context, model), "rule", None)
    return rule if isinstance(rule, FunnelRule) else None


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
