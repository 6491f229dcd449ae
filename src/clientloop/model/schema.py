"""Every record that a store keeps, in one table: what others point to comes first."""

from collections.abc import Mapping

from clientloop.model.customers import Consent, Customer, Identity, Suggestion
from clientloop.model.feedback import Feedback, Timer, Transition
from clientloop.model.interactions import Attachment, Interaction, Text
from clientloop.model.messages import Delivery, OutboundMessage
from clientloop.model.record import Record, record_of
from clientloop.model.spaces import Definition, PluginState, Setting, Space, SpaceDue
from clientloop.model.work import Improvement, Member, Task

CLASSES: tuple[type, ...] = (
    Space,
    Setting,
    Definition,
    PluginState,
    SpaceDue,
    Member,
    Customer,
    Identity,
    Suggestion,
    Consent,
    Improvement,
    Interaction,
    Text,
    Attachment,
    Feedback,
    Transition,
    Timer,
    Task,
    OutboundMessage,
    Delivery,
)

#: The declarations by name of the table.
RECORDS: Mapping[str, Record] = {record_of(cls).name: record_of(cls) for cls in CLASSES}
