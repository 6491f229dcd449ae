"""What a webhook tells: a fact or a message as the JSON body that Standard Webhooks recommends.

A body is made once, when the thing happened, and is the same through every try: only the signature is made anew.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from clientloop.model.codec import Json
from clientloop.model.customers import Purpose
from clientloop.model.facts import Fact, FactName
from clientloop.model.messages import OutboundMessage
from clientloop.model.units import Insert, Unit

#: `OutboundMessage.template` of a message whose body is a fact, ready to be posted.
FACT_TEMPLATE = "fact"

#: The type of a body that carries words.
MESSAGE_TYPE = "message.sent"


def fact_body(fact: Fact) -> str:
    """A fact as the body of a webhook: its type, when it happened, and what it is about.

    Args:
        fact: What has happened; it holds ids and names of declared things, never personal data.

    >>> from clientloop.model.facts import FactName
    >>> from uuid import UUID
    >>> at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    >>> fact_body(Fact(FactName.TASK_DONE, "main", UUID(int=7), at))[:59]
    '{"type":"task.done","timestamp":"2026-03-02T09:00:00Z","dat'
    """
    return _body(fact.name.value, fact.at, {**fact.data, "space": fact.space, "subject": str(fact.subject)})


def tellings(
    facts: Iterable[Fact], listeners: Mapping[FactName, Sequence[tuple[str, str]]], new_id: Callable[[], UUID]
) -> Unit:
    """The messages that tell facts to those who want to hear of them: to be written in the unit that makes them true.

    What becomes of such a message is not told in turn: that would never end.

    Args:
        facts: What is about to be true.
        listeners: Who hears of what: by fact, channels with addresses on them.
        new_id: Makes ids.
    """
    return Unit(
        tuple(
            Insert(
                OutboundMessage(
                    space=fact.space, id=new_id(), channel=channel, to=address, purpose=Purpose.INTERNAL,
                    template=FACT_TEMPLATE, automatic=True, body=fact_body(fact), wake_at=fact.at, created_at=fact.at,
                )
            )
            for fact in facts
            if fact.data.get("template") != FACT_TEMPLATE
            for channel, address in listeners.get(fact.name, ())
        )
    )  # fmt: skip


def message_body(out: OutboundMessage) -> str:
    """A message in words as the body of a webhook; of a message that carries a fact, that fact.

    Args:
        out: What is to be sent.
    """
    if out.template == FACT_TEMPLATE:
        return out.body
    said = {
        "id": str(out.id),
        "item": str(out.item) if out.item else None,
        "purpose": out.purpose.value,
        "template": out.template,
        "subject": out.subject,
        "text": out.body,
    }
    return _body(MESSAGE_TYPE, out.created_at, said)


def _body(kind: str, at: datetime, data: Json) -> str:
    timestamp = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return json.dumps({"type": kind, "timestamp": timestamp, "data": data}, ensure_ascii=False, separators=(",", ":"))
