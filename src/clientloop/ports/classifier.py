"""The classifier port: tells what kind of feedback a message is, where neither its sender nor the firm's rules do."""

from abc import ABC, abstractmethod

from clientloop.model.routing import Matter


class Classifier(ABC):
    """Reads what a customer said and tells of which kind it is.

    Classifiers are made once, without arguments, and asked in the order of the plugins until one can tell; what is not
    told waits for a person. They are asked by several threads at once. One that raises, or tells a kind that nobody
    declared, is passed over, and counted in the report on plugins.

    >>> class Shouts(Classifier):
    ...     def kind_of(self, matter):
    ...         return "complaint" if matter.words.isupper() else None
    >>> Shouts().kind_of(Matter(space="main", kind="unsorted", channel="email", words="WHERE IS IT"))
    'complaint'
    """

    @abstractmethod
    def kind_of(self, matter: Matter) -> str | None:
        """The kind of a message.

        Args:
            matter: What is known of it: its words, channel, language and the like; `kind` is "unsorted".

        Returns:
            The name of a kind; None for whatever this classifier is not sure of.
        """
