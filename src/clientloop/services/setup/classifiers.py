"""Classifiers as they are set up in one application: each made once, when a message first needs it."""

import threading
from collections.abc import Collection

from clientloop.errors import UnknownName
from clientloop.model.routing import Matter
from clientloop.plugins.registry import Registry
from clientloop.plugins.spec import Sort
from clientloop.ports.classifier import Classifier


class Classifiers:
    """The classifiers of an application, asked one after the other.

    Args:
        registry: Knows the plugins.
    """

    def __init__(self, registry: Registry) -> None:
        """Make no classifier yet."""
        self._registry = registry
        self._made: dict[str, Classifier] = {}
        self._lock = threading.Lock()

    def kind_of(self, matter: Matter) -> tuple[str, str] | None:
        """The kind of a message, and the name of the classifier that tells it; None if none can.

        What one raises is logged and counted with its plugin, and the next is asked.

        Args:
            matter: What is known of the message.
        """
        kinds = self._registry.names(Sort.PROCESS)
        for name in self._registry.names(Sort.CLASSIFIER):
            with self._registry.isolated(Sort.CLASSIFIER, name):
                kind = _checked(self._classifier(name).kind_of(matter), kinds)
                if kind is not None:
                    return kind, name
        return None

    def _classifier(self, name: str) -> Classifier:
        made = self._made.get(name)
        if made is None:
            with self._lock:
                made = self._made.get(name) or self._registry.find(Sort.CLASSIFIER, name)()
                self._made[name] = made
        return made


def _checked(kind: str | None, kinds: Collection[str]) -> str | None:
    if kind is not None and kind not in kinds:
        raise UnknownName.among(str(kind), kinds, what="kind of feedback")
    return kind
