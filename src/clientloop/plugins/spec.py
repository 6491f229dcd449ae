"""Every hook that a plugin may implement, with its types.

A hook module should import nothing heavy: it names what it has, and clientloop loads that when it is first used. Hooks
are synchronous. Those that register are called once, when the application opens clientloop; those that observe are
called after a unit was committed, once for all its facts of one name, and what they raise harms nobody else.
"""

# What is declared here is read by pluggy and never called, so that bodies have nothing to return.
# mypy: disable-error-code="empty-body"
# pyright: reportReturnType=false

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import TypeAlias, TypeVar

from clientloop.model.facts import Fact
from clientloop.model.process import Process
from clientloop.plugins.markers import hookspec
from clientloop.ports.channel import Channel
from clientloop.ports.classifier import Classifier
from clientloop.ports.engine import Engine
from clientloop.ports.metric import Metric
from clientloop.ports.relationship import RelationshipModel
from clientloop.ports.store import Store

T = TypeVar("T")

#: Something, or how to get it when it is first used: "module:attribute", or a function without arguments.
Lazy: TypeAlias = T | Callable[[], T] | str


class Sort(StrEnum):
    """What plugins can add."""

    CHANNEL = "channel"
    METRIC = "metric"
    STORE = "store"
    ENGINE = "engine"
    PROCESS = "process"
    RELATIONSHIP_MODEL = "relationship_model"
    QUESTION_TYPE = "question_type"
    JOURNEY_STEP = "journey_step"
    CLASSIFIER = "classifier"

    @property
    def hook(self) -> str:
        """Name of the hook that registers it.

        >>> Sort.CHANNEL.hook, Sort.PROCESS.hook
        ('clientloop_register_channels', 'clientloop_register_processes')
        """
        return f"clientloop_register_{self.value}{'es' if self.value.endswith('s') else 's'}"

    @property
    def words(self) -> str:
        """Its name in a sentence."""
        return self.value.replace("_", " ")


@hookspec
def clientloop_register_channels() -> Mapping[str, Lazy[type[Channel]]]:
    """Add channels: name to class."""


@hookspec
def clientloop_register_metrics() -> Mapping[str, Lazy[type[Metric]]]:
    """Add metrics: name to class."""


@hookspec
def clientloop_register_stores() -> Mapping[str, Lazy[type[Store]]]:
    """Add stores: scheme of their URLs to class."""


@hookspec
def clientloop_register_engines() -> Mapping[str, Lazy[type[Engine]]]:
    """Add engines that run metrics: name to class."""


@hookspec
def clientloop_register_processes() -> Sequence[Lazy[Process]]:
    """Add processes, each with a kind that no other plugin has; they are checked at once."""


@hookspec
def clientloop_register_relationship_models() -> Mapping[str, Lazy[RelationshipModel]]:
    """Add relationship models: name to an instance, whose fields are its parameters."""


@hookspec
def clientloop_register_question_types() -> Mapping[str, Lazy[object]]:
    """Add types of survey questions: name to declaration."""


@hookspec
def clientloop_register_journey_steps() -> Mapping[str, Lazy[object]]:
    """Add steps of journeys: name to declaration."""


@hookspec
def clientloop_register_classifiers() -> Mapping[str, Lazy[type[Classifier]]]:
    """Add classifiers, which tell of which kind a message is: name to class; they are asked in the order of plugins."""


@hookspec
def clientloop_on_customer_added(facts: Sequence[Fact]) -> None:
    """Customers were added. Subject: the customer."""


@hookspec
def clientloop_on_customer_suggested(facts: Sequence[Fact]) -> None:
    """A customer may be somebody who was known before, for a person to decide. Subject: the newer customer."""


@hookspec
def clientloop_on_customer_merged(facts: Sequence[Fact]) -> None:
    """Two customers are shown as one. Subject: the customer that was kept; data: `absorbed`, `merge`."""


@hookspec
def clientloop_on_customer_unmerged(facts: Sequence[Fact]) -> None:
    """A merge was undone. Subject: the customer that is shown by itself again; data: `kept`, `merge`."""


@hookspec
def clientloop_on_customer_split(facts: Sequence[Fact]) -> None:
    """Some of what was kept of a customer is another's. Subject: the customer; data: `target`, whose it is."""


@hookspec
def clientloop_on_interaction_recorded(facts: Sequence[Fact]) -> None:
    """Something happened between firm and customer. Subject: the interaction; data: `kind`."""


@hookspec
def clientloop_on_feedback_received(facts: Sequence[Fact]) -> None:
    """A customer said something about the firm. Subject: the item; data: `kind`, `channel`."""


@hookspec
def clientloop_on_feedback_moved(facts: Sequence[Fact]) -> None:
    """An item made a move of its process. Subject: the item; data: `kind`, `move`, `source`, `target`."""


@hookspec
def clientloop_on_feedback_escalated(facts: Sequence[Fact]) -> None:
    """An item went to the superior. Subject: the item; data: `level`, how often so far."""


@hookspec
def clientloop_on_feedback_closed(facts: Sequence[Fact]) -> None:
    """The loop of an item ended. Subject: the item; data: `outcome`."""


@hookspec
def clientloop_on_task_opened(facts: Sequence[Fact]) -> None:
    """There is work to do. Subject: the item; data: `task`, `kind`."""


@hookspec
def clientloop_on_task_done(facts: Sequence[Fact]) -> None:
    """Work was done. Subject: the item; data: `task`."""


@hookspec
def clientloop_on_message_queued(facts: Sequence[Fact]) -> None:
    """A message waits in the outbox. Subject: the message; data: `item`, `template`, `channel`."""


@hookspec
def clientloop_on_message_accepted(facts: Sequence[Fact]) -> None:
    """A channel took a message. Subject: the message; data: `item`, `template`, `channel`."""


@hookspec
def clientloop_on_message_failed(facts: Sequence[Fact]) -> None:
    """A message was given up, or waits for a person. Subject: the message; data: `item`, `template`, `channel`."""


@hookspec
def clientloop_on_message_delivered(facts: Sequence[Fact]) -> None:
    """A message arrived, as its channel says. Subject: the message; data: `item`, `template`, `channel`."""


@hookspec
def clientloop_on_message_read(facts: Sequence[Fact]) -> None:
    """A message was opened, as its channel says. Subject: the message; data: `item`, `template`, `channel`."""


@hookspec
def clientloop_on_message_bounced(facts: Sequence[Fact]) -> None:
    """A message that a channel took will not arrive. Subject: the message; data: `item`, `template`, `channel`."""


@hookspec
def clientloop_on_improvement_proposed(facts: Sequence[Fact]) -> None:
    """A burst of items looks like an incident, for a person to decide. Subject: the improvement; data: `burst`."""


@hookspec
def clientloop_on_improvement_opened(facts: Sequence[Fact]) -> None:
    """There is something to improve: a person opened it, or accepted it. Subject: the improvement; data: `sort`."""


@hookspec
def clientloop_on_improvement_done(facts: Sequence[Fact]) -> None:
    """What many items pointed to has become better. Subject: the improvement."""


@hookspec
def clientloop_on_answer_received(facts: Sequence[Fact]) -> None:
    """Somebody answered a question. Subject: the answer; data: `question`, `instrument`, `channel`."""


@hookspec
def clientloop_on_relationship_changed(facts: Sequence[Fact]) -> None:
    """A customer or an account came to another stage.

    Subject: who; data: `model`, `stage`, `previous`, `direction`, `manual`.
    """


@hookspec
def clientloop_on_metric_missed(facts: Sequence[Fact]) -> None:
    """A metric does not reach its target. Subject: the alert; data: `target`, `metric`, `value`, `count`, `goal`."""


@hookspec
def clientloop_on_deal_opened(facts: Sequence[Fact]) -> None:
    """There is something to sell. Subject: the deal; data: `funnel`, `stage`."""


@hookspec
def clientloop_on_deal_moved(facts: Sequence[Fact]) -> None:
    """A deal went to another stage. Subject: the deal; data: `funnel`, `source`, `target`."""


@hookspec
def clientloop_on_deal_closed(facts: Sequence[Fact]) -> None:
    """A deal ended. Subject: the deal; data: `funnel`, `stage`, `outcome`."""
