"""Every record that a store keeps, in one table: what others point to comes first."""

from collections.abc import Mapping

from clientloop.model.accounts import Account, Contact, Insight
from clientloop.model.asking import Answer, Invitation, Question, Respondent
from clientloop.model.channels import ChannelCount, ChannelPace, ChannelState, RawBody, StoredRaw, TakenEvent
from clientloop.model.customers import Claimant, Consent, Customer, Identity, Merge, Split, Suggestion
from clientloop.model.deals import Deal, DealPerson, DealStep
from clientloop.model.feedback import Feedback, Timer, Transition
from clientloop.model.improvements import Improvement
from clientloop.model.interactions import Attachment, Interaction, Text
from clientloop.model.messages import Delivery, DeliveryReport, OutboundMessage
from clientloop.model.permission import AutomaticReply, ContactBudget, Suppression
from clientloop.model.planning import Appointment, Routine
from clientloop.model.record import Record, record_of
from clientloop.model.relationships import Assessment, Standing
from clientloop.model.spaces import Definition, PluginState, Setting, Space, SpaceDue
from clientloop.model.staff import Absence, Member, Team
from clientloop.model.threads import ThreadName
from clientloop.model.work import Task

CLASSES: tuple[type, ...] = (
    Space,
    Setting,
    Definition,
    PluginState,
    SpaceDue,
    Team,
    Member,
    Absence,
    Customer,
    Identity,
    Claimant,
    Suggestion,
    Merge,
    Split,
    Consent,
    Account,
    Contact,
    Insight,
    Improvement,
    Interaction,
    Text,
    Attachment,
    Feedback,
    Transition,
    ThreadName,
    Timer,
    Task,
    OutboundMessage,
    Delivery,
    DeliveryReport,
    StoredRaw,
    RawBody,
    TakenEvent,
    ChannelState,
    ChannelCount,
    ChannelPace,
    Suppression,
    ContactBudget,
    AutomaticReply,
    Question,
    Invitation,
    Answer,
    Respondent,
    Assessment,
    Standing,
    Deal,
    DealStep,
    DealPerson,
    Appointment,
    Routine,
)

#: The declarations by name of the table.
RECORDS: Mapping[str, Record] = {record_of(cls).name: record_of(cls) for cls in CLASSES}
