"""The relationship models of a space: what plugins have registered, with the firm's own parameters."""

from collections.abc import Iterable, Mapping, Sequence

from clientloop.errors import UnknownName
from clientloop.model.codec import Json
from clientloop.plugins.spec import Sort
from clientloop.ports.relationship import RelationshipModel
from clientloop.services.context import Context
from clientloop.services.setup.declared import with_parameters


def model_names(context: Context) -> Sequence[str]:
    """The names of all models, in the order of the plugins."""
    return context.parts.registry.names(Sort.RELATIONSHIP_MODEL)


def model_named(context: Context, name: str) -> RelationshipModel:
    """A model with the parameters that the firm has set for it.

    Args:
        context: The space.
        name: Its name.

    Raises:
        UnknownName: There is no such model.
        InvalidValue: The firm's parameters do not fit it.
        PluginError: The plugin is broken.
    """
    return _changed(context, name, context.settings.relationships.get(name, {}))


def check_parameters(context: Context, parameters: Mapping[str, Mapping[str, Json]]) -> None:
    """Refuse parameters that fit no model.

    Args:
        context: The space.
        parameters: Changed fields by model.

    Raises:
        UnknownName: There is no such model, or no such parameter of it.
        InvalidValue: A value does not fit.
    """
    for name, changed in parameters.items():
        _changed(context, name, changed)


def check_stage(name: str, stages: Iterable[str], stage: str) -> None:
    """Refuse what is no stage of a model.

    Args:
        name: Name of the model.
        stages: Its stages.
        stage: What was named.

    Raises:
        UnknownName: It is none.
    """
    known = tuple(stages)
    if stage not in known:
        raise UnknownName.among(stage, known, what=f"stage of {name}")


def _changed(context: Context, name: str, changed: Mapping[str, Json]) -> RelationshipModel:
    model = context.parts.registry.relationship_model(name)
    return with_parameters(model, changed, f"relationships.{name}") if changed else model
