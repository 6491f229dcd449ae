"""Metrics by their names: made with the parameters that somebody gave, and those that a question declares."""

from collections.abc import Callable, Mapping
from inspect import Parameter, signature
from typing import Any

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.asking import Instrument, Question
from clientloop.model.codec import Json
from clientloop.model.plan import Key, Plan
from clientloop.model.where import eq
from clientloop.ports.metric import Metric
from clientloop.services.context import Context
from clientloop.services.setup.misfits import misfit
from clientloop.services.setup.plain import read

#: What a question declares, by the names that metrics have for it.
_DECLARED: Mapping[str, Callable[[Question], object]] = {
    "question": lambda question: question.name,
    "scale": lambda question: question.scale,
    "good_from": lambda question: question.good_from,
    "least_is_best": lambda question: question.least_is_best,
    "formula": lambda question: question.formula,
    "occasion": lambda question: question.occasion,
    "instrument": lambda question: question.instrument,
    "passive": lambda question: question.passive,
}

#: What the space knows, so that it need not be told, by the names that metrics have for it.
KNOWN: Mapping[str, Callable[[Context], object]] = {
    "as_of": lambda context: context.now(),
    "calendar": lambda context: context.settings.calendar,
}


def parameters_of(metric: type[Metric]) -> Mapping[str, Parameter]:
    """The parameters that a metric is made with, by name.

    Args:
        metric: The class of the metric.
    """
    return signature(metric, eval_str=True).parameters


def make(context: Context, name: str, parameters: Mapping[str, object], *, question: str | None = None) -> Metric:
    """A metric, ready to be measured.

    Args:
        context: The space.
        name: Its name.
        parameters: What it is told.
        question: Name of the question that it is about: what its newest version declares need not be told.

    Raises:
        UnknownName: There is no such metric, question or relationship model, or the metric has no such parameter.
        InvalidValue: The metric needs more than that, or is about no question, or not about one of this sort, or a
            parameter does not fit it.
    """
    cls = context.parts.registry.metric(name)
    known = parameters_of(cls)
    for given in parameters:
        if given not in known:
            raise UnknownName.among(given, known, what=f"parameter of {name}")
    told = {
        **{each: of(context) for each, of in KNOWN.items() if each in known},
        **_declared(context, name, cls, question),
        # plain texts too, such as "relational" for a member of an enum
        **{
            each: _read(value, known[each].annotation, f"{name}.{each}") if type(value) is str else value
            for each, value in parameters.items()
        },
    }
    for each in cls.models & told.keys():
        if (model := told[each]) is not None:
            context.parts.registry.relationship_model(str(model))
    missing = [each for each, one in known.items() if one.default is Parameter.empty and each not in told]
    if missing:
        hint = "give the question that declares it" if "question" in known else "give it by name"
        raise InvalidValue(f"{name} needs {', '.join(missing)}", hint=hint)
    try:
        return cls(**told)
    except InvalidValue:
        raise
    except (ValueError, TypeError) as error:
        fault = misfit(error)
        raise type(fault)(f"{name}: {fault.message}", hint=fault.hint) from None


def read_parameters(context: Context, name: str, data: Mapping[str, Json]) -> Mapping[str, object]:
    """What a metric is told, from plain data.

    Args:
        context: The space.
        name: Name of the metric.
        data: What JSON or TOML gave, by the names of the parameters.

    Raises:
        UnknownName: There is no such metric, or it has no such parameter.
        InvalidValue: A value does not fit its parameter.
    """
    known = parameters_of(context.parts.registry.metric(name))
    for given in data:
        if given not in known:
            raise UnknownName.among(given, known, what=f"parameter of {name}")
    return {given: _read(value, known[given].annotation, f"{name}.{given}") for given, value in data.items()}


def _read(value: Json, declared: Any, path: str) -> object:  # Any: an annotation may be anything
    return value if declared is Parameter.empty else read(value, declared, path)


def newest(context: Context, question: str) -> Question:
    """The newest version of a question.

    Raises:
        UnknownName: There is no such question; the nearest names are in the hint.
    """
    store, space = context.store, context.space.space
    page = store.page(Question, space, where=eq("name", question), descending=True, limit=1)
    if not page.items:
        names = store.aggregate(space, Plan(cls=Question, keys=(Key("name"),)))
        raise UnknownName.among(question, [str(group.keys[0]) for group in names], what="question")
    return page.items[0]


def _declared(context: Context, name: str, cls: type[Metric], question: str | None) -> Mapping[str, object]:
    """What a question tells a metric."""
    if question is None:
        return {}
    known = parameters_of(cls)
    if "question" not in known:
        raise InvalidValue(f"{name} is not about a question", hint="leave the question out")
    asked = newest(context, question)
    instrument = getattr(cls, "instrument", asked.instrument)
    if isinstance(instrument, Instrument) and asked.instrument is not instrument:
        raise InvalidValue(f"the question {question!r} measures {asked.instrument.value}, not {instrument.value}")
    told = {each: of(asked) for each, of in _DECLARED.items() if each in known}
    return {each: value for each, value in told.items() if value is not None}
