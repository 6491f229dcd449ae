"""Whether what records point to is there: the references of the schema, and those that no database guards."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from clientloop.model.accounts import Account, Insight
from clientloop.model.channels import RawBody, StoredRaw, TakenEvent
from clientloop.model.customers import Customer, Split, Suggestion
from clientloop.model.deals import DealStep
from clientloop.model.feedback import Feedback
from clientloop.model.improvements import Improvement
from clientloop.model.interactions import Attachment, Interaction, Text
from clientloop.model.messages import Delivery, DeliveryReport, OutboundMessage
from clientloop.model.permission import ContactBudget
from clientloop.model.record import record_of
from clientloop.model.relationships import Assessment, Standing
from clientloop.model.schema import CLASSES, RECORDS
from clientloop.model.staff import Absence, Member
from clientloop.model.threads import ThreadName
from clientloop.model.work import Task
from clientloop.services.keeping.around import Around, Near, Pointer
from clientloop.services.keeping.rules import RESTORE, Inspection, Rule

POINTING = Rule("pointing", "What a record points to is there.", RESTORE)


def _column(name: str, *to: type) -> Pointer:
    return Pointer(name, to, lambda row: () if getattr(row, name) is None else (getattr(row, name),))


def _columns(name: str, *to: type) -> Pointer:
    return Pointer(name, to, lambda row: getattr(row, name))


def _counted(budget: ContactBudget) -> Iterable[UUID]:
    return [UUID(message) for sent in budget.sent.values() for message in sent]


#: What records point to besides the references of the schema: what comes and goes, and one of several classes.
BESIDES: Mapping[type, tuple[Pointer, ...]] = {
    Absence: (_column("member", Member),),
    Customer: (_column("merged_into", Customer), _columns("absorbed", Customer)),
    Suggestion: (_column("first", Customer), _column("second", Customer)),
    Split: (_columns("interactions", Interaction),),
    Insight: (_column("subject", Customer, Account),),
    Feedback: (_column("original", Feedback), _column("improvement", Improvement)),
    ThreadName: (_column("message", Interaction),),
    Task: (_columns("after", Task),),
    OutboundMessage: (_column("item", Feedback),),  # and no customer: what needs no word of theirs may outlive them
    Delivery: (_column("item", Feedback),),
    DeliveryReport: (_column("message", Delivery, OutboundMessage),),
    TakenEvent: (_column("raw", StoredRaw), _column("became", Interaction, Delivery, OutboundMessage)),
    Assessment: (_column("subject", Customer, Account),),
    Standing: (_column("subject", Customer, Account), _column("manual_of", Customer)),
    ContactBudget: (Pointer("count", (OutboundMessage, Delivery), _counted),),
    DealStep: (_column("customer", Customer), _column("account", Account)),
}

#: What is too large to be read only to know that it is there: it is looked for near what it points to.
LARGE: Mapping[type, tuple[Near, ...]] = {
    Interaction: (Near(Text, ("id",), bare=True), Near(Attachment, ("item",), bare=True)),
    StoredRaw: (Near(RawBody, ("id",), bare=True),),
}


def _points(cls: type) -> Iterator[Pointer]:
    record = record_of(cls)
    yield from (_column(column, RECORDS[table].cls) for column, table in record.references.items())
    yield from BESIDES.get(cls, ())


def names_nobody(name: str, to: Iterable[type], missing: object) -> str:
    """The clause that says that something points nowhere.

    Args:
        name: What holds the name.
        to: The classes of the pointer.
        missing: What it names.
    """
    return f"its {name} is {missing}, and there is no such {' or '.join(record_of(cls).name for cls in to)}"


def pointing(sought: Iterable[Inspection[Any]]) -> Iterator[Inspection[Any]]:
    """The inspections that look for what points nowhere. Any: each is about a class of its own.

    Args:
        sought: The other inspections: what they read near the records of a class needs no look of its own.
    """
    near = {each for inspection in sought for each in inspection.near if each.whole}
    beside = {(each.cls, each.by[0]) for each in near.union(*LARGE.values())}
    for cls in CLASSES:
        points = tuple(point for point in _points(cls) if (cls, point.name) not in beside)
        if points or cls in LARGE:
            yield Inspection(rule=POINTING, of=cls, near=LARGE.get(cls, ()), points=points, judge=_judge(points))


def _judge(points: tuple[Pointer, ...]) -> Any:  # Any: judges records of any class
    def judge(row: object, around: Around) -> Iterator[str]:
        for point in points:
            for name in point.names(row):
                if not around.knows(point.to, name):
                    yield names_nobody(point.name, point.to, name)

    return judge
