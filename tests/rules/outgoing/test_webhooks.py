"""What a webhook tells."""

import json
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

from attrs import evolve

from clientloop.model.customers import Purpose
from clientloop.model.facts import Fact, FactName
from clientloop.model.messages import OutboundMessage
from clientloop.rules.outgoing.webhooks import FACT_TEMPLATE, fact_body, message_body

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
OUT = OutboundMessage(
    space="main",
    id=UUID(int=7),
    item=UUID(int=8),
    channel="webhook",
    to="crm",
    purpose=Purpose.INTERNAL,
    template="alert",
    subject="Spät",
    body="It is late.",
    created_at=NOW,
)


def test_a_fact_is_told_by_type_time_and_data() -> None:
    """The time is UTC, whichever zone it was given in; what the fact is about cannot be overwritten by what it adds."""
    at = NOW.astimezone(timezone(timedelta(hours=2))) + timedelta(microseconds=5)
    fact = Fact(FactName.FEEDBACK_MOVED, "main", UUID(int=7), at, {"to": "resolved", "subject": "other"})
    assert json.loads(fact_body(fact)) == {
        "type": "feedback.moved",
        "timestamp": "2026-03-02T09:00:00.000005Z",
        "data": {"to": "resolved", "space": "main", "subject": "00000000-0000-0000-0000-000000000007"},
    }


def test_words_are_told_with_what_they_belong_to() -> None:
    """In any language; the address is the endpoint's name and tells nobody anything."""
    assert json.loads(message_body(OUT)) == {
        "type": "message.sent",
        "timestamp": "2026-03-02T09:00:00Z",
        "data": {
            "id": "00000000-0000-0000-0000-000000000007",
            "item": "00000000-0000-0000-0000-000000000008",
            "purpose": "internal",
            "template": "alert",
            "subject": "Spät",
            "text": "It is late.",
        },
    }


def test_a_fact_that_waits_in_the_outbox_is_posted_as_it_was_written() -> None:
    """Byte for byte, through every try."""
    body = fact_body(Fact(FactName.TASK_DONE, "main", UUID(int=7), NOW))
    assert message_body(evolve(OUT, template=FACT_TEMPLATE, body=body)) == body
