"""Whether what a plugin offers is what it must be."""

import inspect
from collections.abc import Mapping

from clientloop.errors import PluginError
from clientloop.plugins.spec import Sort
from clientloop.ports.channel import API, Channel, Direction, Spec
from clientloop.ports.classifier import Classifier
from clientloop.ports.engine import Engine
from clientloop.ports.metric import Metric
from clientloop.ports.relationship import RelationshipModel
from clientloop.ports.store import Store

#: What must be a class of a port, and which.
PORTS: Mapping[Sort, type] = {
    Sort.CHANNEL: Channel,
    Sort.METRIC: Metric,
    Sort.STORE: Store,
    Sort.ENGINE: Engine,
    Sort.CLASSIFIER: Classifier,
}

#: What a channel asks its host for effects in, and so must be a generator.
_YIELDING = (Direction.SEND, Direction.POLL, Direction.PROBE)

#: What every message goes through that comes in.
_READING = ("verify", "parse")


def check_class(sort: Sort, name: str, found: object) -> None:
    """Refuse what is no class of the port that things of its sort implement, or not a whole one; or no instance.

    Args:
        sort: What sort of thing.
        name: Its name.
        found: What was offered.

    Raises:
        PluginError: With what is wrong.
    """
    if sort is Sort.RELATIONSHIP_MODEL and not isinstance(found, RelationshipModel):
        raise PluginError(f"{found!r:.80} is no RelationshipModel", hint="register an instance, with its parameters")
    port = PORTS.get(sort)
    if port is None:
        return
    if not (isinstance(found, type) and issubclass(found, port)):
        raise PluginError(f"{found!r:.80} is no subclass of {port.__name__}")
    if inspect.isabstract(found):
        missing = ", ".join(sorted(getattr(found, "__abstractmethods__", ())))
        raise PluginError(f"{found.__name__} lacks {missing}")
    if issubclass(found, Channel):
        _check_spec(name, found)
        _check_methods(found)


def _check_spec(name: str, channel: type[Channel]) -> None:
    spec = getattr(channel, "spec", None)
    if not isinstance(spec, Spec):
        raise PluginError(f"{channel.__name__} declares no spec", hint=f'say spec = Spec(name="{name}")')
    if spec.name != name:
        raise PluginError(f"{channel.__name__} calls itself {spec.name!r}", hint=f"register it as {spec.name!r}")
    if spec.api != API:
        raise PluginError(f"{channel.__name__} was written for API {spec.api}, and this is {API}")


def _check_methods(channel: type[Channel]) -> None:
    for way in _YIELDING:
        if way in channel.directions and not inspect.isgeneratorfunction(inspect.unwrap(getattr(channel, way))):
            hint = "have it `yield from` what the host is to do for it, or from () if that is nothing"
            raise PluginError(f"{channel.__name__}.{way} is no generator function", hint=hint)
    missing = [name for name in _READING if getattr(channel, name) is getattr(Channel, name)]
    if missing and (channel.spec.routes or Direction.POLL in channel.directions):
        raise PluginError(f"{channel.__name__} takes messages in and lacks {' and '.join(missing)}")
