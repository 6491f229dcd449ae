"""What became of a message that a channel took: the most telling of all reports, in whatever order they come."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from attrs import evolve

from clientloop.model.customers import Purpose
from clientloop.model.facts import Fact, FactName
from clientloop.model.messages import (
    Delivery,
    DeliveryReport,
    DeliveryState,
    DeliveryStep,
    Failure,
    MessageState,
    OutboundMessage,
)
from clientloop.model.permission import SuppressionReason
from clientloop.model.units import Unit, Update

#: What a report of each step says at least.
_STATES: Mapping[DeliveryStep, DeliveryState] = {step: DeliveryState(step.value) for step in DeliveryStep}

#: The states, the least telling first.
_TELLING = tuple(DeliveryState)

#: Of two failures, the later in this row counts.
_GRAVE = (
    None,
    Failure.RETRY,
    Failure.THROTTLED,
    Failure.UNKNOWN,
    Failure.CONFIG,
    Failure.OPTED_OUT,
    Failure.PERMANENT,
)

#: What observers hear when a message comes into a state.
_FACTS: Mapping[DeliveryState, FactName] = {
    DeliveryState.DELIVERED: FactName.MESSAGE_DELIVERED,
    DeliveryState.READ: FactName.MESSAGE_READ,
    DeliveryState.FAILED: FactName.MESSAGE_BOUNCED,
}

#: The failures after which an address is left alone. One that failed for now, and finally, may do better next time.
_SUPPRESSES: Mapping[Failure, SuppressionReason] = {
    Failure.PERMANENT: SuppressionReason.BOUNCE,
    Failure.OPTED_OUT: SuppressionReason.STOP,
}


def standing(delivery: Delivery, reports: Sequence[DeliveryReport]) -> Delivery:
    """What became of a message, by what was known and what reports add to it.

    The most telling word counts, so that reports may come in any order, one by one or together, and more than once.

    Args:
        delivery: The message as it stands.
        reports: What its channel says.

    >>> at = datetime.fromisoformat("2026-03-02T09:00Z")
    >>> taken = Delivery(
    ...     space="main", message=UUID(int=1), channel="sms", to="+38640123456", purpose=Purpose.SERVICE, attempts=1,
    ...     template="answer", state=DeliveryState.ACCEPTED, at=at,
    ... )
    >>> read, sent = [
    ...     DeliveryReport(space="main", channel="sms", key=step, step=step, at=at)
    ...     for step in (DeliveryStep.READ, DeliveryStep.SENT)
    ... ]
    >>> standing(standing(taken, [read]), [sent]).state
    <DeliveryState.READ: 'read'>
    """
    if not reports:
        return delivery
    said = most_telling(reports)
    after = evolve(delivery, state=_STATES[said.step], failure=said.failure, detail=said.detail)
    return max(delivery, after, key=lambda each: _weight(each.state, each.failure, each.detail))


def most_telling(reports: Sequence[DeliveryReport]) -> DeliveryReport:
    """The report that counts.

    Args:
        reports: All that a channel says of a message; at least one.
    """
    return max(reports, key=lambda each: _weight(_STATES[each.step], each.failure, each.detail))


def _weight(state: DeliveryState, failure: Failure | None, detail: str | None) -> tuple[int, int, str]:
    """Two words of the same weight say the same, so that their order does not matter."""
    return _TELLING.index(state), _GRAVE.index(failure), detail or ""


def noted(before: Delivery, after: Delivery, reports: Iterable[DeliveryReport], now: datetime) -> Unit:
    """What is written when reports have been joined to their message; nothing if they say nothing new.

    Args:
        before: The message as it stood, which guards the unit.
        after: As it stands now.
        reports: What is joined to it.
        now: The present, UTC.
    """
    joined = tuple(
        Update(DeliveryReport, (each.space, each.channel, each.key), {"message": before.message})
        for each in reports
        if each.message is None
    )
    if after == before:
        return Unit(joined)
    changes = {"state": after.state, "failure": after.failure, "detail": after.detail}
    known = Update(Delivery, (before.space, before.message), changes, before.version)
    return Unit((*joined, known), tuple(_facts(before, after, now)))


def _facts(before: Delivery, after: Delivery, now: datetime) -> Iterator[Fact]:
    if after.state is not before.state and after.state in _FACTS:
        data = {"item": str(before.item), "template": before.template, "channel": before.channel}
        yield Fact(_FACTS[after.state], before.space, before.message, now, data)


def suppresses(purpose: Purpose, failure: Failure | None) -> SuppressionReason | None:
    """Why an address is to be left alone after a message to it; None if it is not. Those of members never are.

    Args:
        purpose: Why the message was sent.
        failure: Why it failed, as its channel says, at once or in a report; None if it did not.
    """
    return None if failure is None or purpose is Purpose.INTERNAL else _SUPPRESSES.get(failure)


#: The id of a message at the beginning of what a channel calls it: alone, or before the @ of a Message-ID.
_OWN_ID = re.compile(r"<?(?P<id>[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12})(?:@|\Z)", re.ASCII)


def own_id(provider_id: str) -> UUID | None:
    """Our id of a message, where a channel that may choose what to call its messages calls them by it.

    >>> own_id("0195f1a2-7c3b-7def-8123-456789abcdef@firm.example")
    UUID('0195f1a2-7c3b-7def-8123-456789abcdef')
    >>> own_id("SM0195f1a27c3b7def8123456789abcdef") is None
    True
    """
    found = _OWN_ID.match(provider_id)
    return UUID(found["id"]) if found else None


def settles(message: OutboundMessage, report: DeliveryReport) -> bool:
    """Whether a report says what became of a message that is still in the outbox.

    One that nobody has tried, or that a worker is sending just now, is left alone: its worker will tell. What arrived
    has been sent, whatever its channel answered; but a failure of one try is no word on the next.

    Args:
        message: The message.
        report: What its channel says.
    """
    if message.state is MessageState.SENDING or message.attempts == 0 or message.channel != report.channel:
        return False
    return report.step is not DeliveryStep.FAILED or message.state is MessageState.UNKNOWN
