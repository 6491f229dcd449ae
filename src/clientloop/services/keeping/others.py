"""What must be so of everything but items: messages, what came in, customers, standings, deals, answers, work."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from clientloop.model.asking import Answer
from clientloop.model.channels import RawBody, RawState, StoredRaw
from clientloop.model.customers import Customer, Purpose
from clientloop.model.deals import Deal, DealStep
from clientloop.model.improvements import Improvement
from clientloop.model.interactions import Interaction, Text
from clientloop.model.messages import Delivery, DeliveryState, MessageState, OutboundMessage
from clientloop.model.planning import Appointment, AppointmentState
from clientloop.model.relationships import Assessment, Standing
from clientloop.model.where import one_of
from clientloop.model.work import Task
from clientloop.rules.asking.superseding import regrouped
from clientloop.services.keeping.around import Around, Near
from clientloop.services.keeping.rules import RESTORE, Inspection, Rule

#: The states in which a message has a time at which it is tried.
_TRIED = frozenset({MessageState.QUEUED, MessageState.SENDING})


def _scheduled(message: OutboundMessage, _: Around) -> Iterator[str]:
    if (message.state in _TRIED) is (message.wake_at is None):
        yield f"it is {message.state}, and {'no time is set' if message.wake_at is None else 'a time is set'} to try it"


def _once(_: OutboundMessage, around: Around) -> Iterator[str]:
    if around.has(Delivery):
        yield "it is in the outbox, and was delivered or given up already"


def _said(delivery: Delivery, around: Around) -> Iterator[str]:
    said = delivery.purpose is not Purpose.INTERNAL and delivery.state is not DeliveryState.FAILED
    if said and not (around.has(Interaction) and around.has(Text)):
        yield f"it is {delivery.state}, but what it said is gone"


def _raw_kept(_: StoredRaw, around: Around) -> Iterator[str]:
    if not around.has(RawBody):
        yield "its bytes are gone"


def _raw_read(raw: StoredRaw, _: Around) -> Iterator[str]:
    if (raw.state is RawState.RECEIVED) is (raw.wake_at is None):
        yield f"it is {raw.state}, and {'no time is set' if raw.wake_at is None else 'a time is set'} to look after it"


def _merged(customer: Customer, around: Around) -> Iterator[str]:
    if customer.merged_into is not None:
        above = around.store.get(Customer, (customer.space, customer.merged_into))
        if above is not None and customer.id not in above.absorbed:
            yield f"it was merged into {above.id}, which does not know of it"
    for one in customer.absorbed:
        below = around.store.get(Customer, (customer.space, one))
        if below is not None and below.merged_into not in customer.ids:
            yield f"it has absorbed {one}, which was not merged into it"


def _superseded(customer: Customer, around: Around) -> Iterator[str]:
    if customer.merged_into is not None:
        return  # its answers are judged with those of the customer that it is shown as
    answers = around.all(Answer)
    if customer.absorbed:
        theirs = one_of("customer", customer.ids)
        answers = tuple(around.store.pages(Answer, customer.space, where=theirs, order="of_customer"))
    for change in regrouped(answers):
        yield f"answer {change.key[1]} should be superseded {change.changes['superseded_at'] or 'never'}"


def _stands(standing: Standing, around: Around) -> Iterator[str]:
    history = around.all(Assessment)
    numbers = [row.number for row in history]
    if numbers != list(range(1, standing.number + 1)):
        yield f"it counts {standing.number} assessments, but there are {numbers}"
    for last in history[-1:]:
        if last.stage != standing.stage:
            yield f"its stage is {standing.stage}, but the last assessment came to {last.stage}"


def _dealt(deal: Deal, around: Around) -> Iterator[str]:
    steps = around.all(DealStep)
    for before, after in pairwise(steps):
        if before.target != after.source:
            yield f"step {after.number} starts in {after.source}, but the one before it ended in {before.target}"
    if not steps or steps[0].source is not None or steps[-1].number > deal.version:
        yield f"its version is {deal.version}, but its steps are {[step.number for step in steps]}"
    for last in steps[-1:]:
        if (last.target, last.outcome) != (deal.stage, deal.outcome):
            yield f"it is {deal.outcome} in {deal.stage}, but its steps end {last.outcome} in {last.target}"


def _ended(open_state: Callable[[Any], bool], ended: Callable[[Any], bool]) -> Callable[[Any, Around], Iterator[str]]:
    """Judges whether a record is either open or ended. Any: each class has fields of its own."""

    def judge(row: Any, _: Around) -> Iterator[str]:
        if open_state(row) is ended(row):
            yield "it is open, and says when it ended" if ended(row) else "it has ended, and does not say when"

    return judge


ENDED = Rule("ended", "What has ended says when, and what is open says nothing of its end.", RESTORE)

#: Any: each is about a class of its own.
OTHERS: tuple[Inspection[Any], ...] = (
    Inspection(
        rule=Rule(
            "message_scheduled",
            "A message that is to be tried has a time for it; one that waits for a person has none.",
            "let a person look at it: `clientloop outbox list`, then `clientloop outbox again`",
        ),
        of=OutboundMessage,
        judge=_scheduled,
    ),
    Inspection(
        rule=Rule(
            "message_once",
            "A message is in the outbox, or has left it, never both: else it would be sent twice.",
            "`clientloop outbox drop` takes it out of the outbox",
        ),
        of=OutboundMessage,
        near=(Near(Delivery, ("message",), whole=False),),
        judge=_once,
    ),
    Inspection(
        rule=Rule("message_kept", "What a channel took is kept as an interaction with its words.", RESTORE),
        of=Delivery,
        near=(
            Near(Interaction, ("id",), bare=True, whole=False),
            Near(Text, ("id",), bare=True, whole=False),
        ),
        judge=_said,
    ),
    Inspection(
        rule=Rule("raw_kept", "What came in is kept as it came.", RESTORE),
        of=StoredRaw,
        near=(Near(RawBody, ("id",), bare=True),),
        judge=_raw_kept,
    ),
    Inspection(
        rule=Rule(
            "raw_read",
            "A message that is not read to its end has a time at which somebody looks after it; others have none.",
            "`clientloop channels quarantine` shows what nobody could read",
        ),
        of=StoredRaw,
        judge=_raw_read,
    ),
    Inspection(
        rule=Rule("customer_merged", "Customers that were merged know of each other.", RESTORE),
        of=Customer,
        judge=_merged,
    ),
    Inspection(
        rule=Rule(
            "answer_superseded",
            "Each answer of a person says when the person's next one to the same question was given.",
            RESTORE,
        ),
        of=Customer,
        near=(Near(Answer, ("customer",), order="of_customer"),),
        judge=_superseded,
    ),
    Inspection(
        rule=Rule(
            "standing_agrees",
            "A standing counts all assessments, and is where the last of them came to.",
            "`clientloop relationships reassess` writes the standings anew",
        ),
        of=Standing,
        near=(Near(Assessment, ("subject", "model"), whole=False),),
        judge=_stands,
    ),
    Inspection(
        rule=Rule("deal_agrees", "A deal is where the last of its steps has led, and the steps follow on.", RESTORE),
        of=Deal,
        near=(Near(DealStep, ("deal",)),),
        judge=_dealt,
    ),
    Inspection(
        rule=ENDED,
        of=Deal,
        judge=_ended(lambda deal: deal.is_open, lambda deal: deal.closed_at is not None),
    ),
    Inspection(
        rule=ENDED,
        of=Task,
        judge=_ended(lambda task: task.is_open, lambda task: task.done_at is not None),
    ),
    Inspection(
        rule=ENDED,
        of=Appointment,
        judge=_ended(lambda one: one.state is AppointmentState.PLANNED, lambda one: one.done_at is not None),
    ),
    Inspection(
        rule=ENDED,
        of=Improvement,
        judge=_ended(lambda one: one.is_open, lambda one: one.done_at is not None),
    ),
)
