"""Which fields are personal data: every text in the schema is either marked so, or listed here as none."""

import pytest

from clientloop.model.record import Record
from clientloop.model.schema import RECORDS

#: What is personal data, by table.
PERSONAL = {
    "team": "address",
    "member": "address",
    "absence": "reason",
    "customer": "name extra",
    "identity": "value given",
    "claimant": "value",
    "suggestion": "evidence",
    "merge": "by reason filled undone_by",
    "split": "by reason identities",
    "consent": "proof",
    "contact": "post",
    "insight": "text source by",
    "improvement": "done lesson done_by",
    "interaction": "extra",
    "text": "subject body",
    "attachment": "name content",
    "feedback": "reply_to title employee action data",
    "transition": "by data told",
    "thread": "name",
    "task": "title checklist result",
    "outbox": "to subject body completes error",
    "delivery": "to detail",
    "delivery_report": "recipient detail",
    "raw": "url headers reason",
    "raw_body": "content",
    "channel_state": "error",
    "invitation": "employee",
    "answer": "employee text extra",
    "assessment": "by reason explanation",
    "standing": "explanation manual_by manual_reason",
    "deal": "title next_step reason extra",
    "deal_step": "by note",
    "deal_person": "part",
    "appointment": "title note place",
}

#: Texts, names and JSON that are not: names of declared things and of members, places, and what no person is seen by.
NOT_PERSONAL = {
    "space": "region zone locale currency",
    "setting": "name value",
    "definition": "sort name body",
    "plugin_state": "plugin name value",
    "team": "name title lead calendar channel",
    "member": "name roles teams skills languages calendar deputy channel",
    "absence": "member deputy",
    "customer": "locale zone absorbed",
    "split": "interactions",
    "consent": "channel",
    "account": "name extra",
    "improvement": "title topic owner origin extra",
    "interaction": "channel origin currency source",
    "attachment": "media_type",
    "feedback": (
        "ref kind state owner team calendar channel locale resume_to pending deadlines late product category cause "
        "scale tags watchers"
    ),
    "transition": "source move target",
    "thread": "channel",
    "task": "kind owner after",
    "outbox": "channel template locale in_reply_to",
    "delivery": "channel template provider_id body",
    "delivery_report": "channel key provider_id",
    "raw": "channel digest route method",
    "event": "channel key",
    "channel_state": "channel cursor",
    "channel_count": "channel",
    "channel_pace": "channel",
    "suppression": "digest",
    "contact_budget": "sent",
    "automatic_reply": "digest",
    "question": "name scale survey texts",
    "invitation": "question channel origin domain country locale product stage variant",
    "answer": "question channel origin domain country locale product stage variant scale",
    "assessment": "model stage previous automatic",
    "standing": "model stage automatic previous manual",
    "deal": "funnel stage currency owner source",
    "deal_step": "funnel source target",
    "appointment": "uid owner",
    "routine": "name",
}


def _free(record: Record) -> set[str]:
    """The columns that could say anything: no numbers, no times, no ids, no members of an enum."""
    return {
        name
        for name, column in record.columns.items()
        if name != "space" and column.codec.value_type in {str, bytes, dict, tuple}
    }


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_every_text_is_personal_or_known_not_to_be(record: Record) -> None:
    """A new column that holds text waits for somebody to say which it is."""
    personal = {name for name, column in record.columns.items() if column.personal}
    assert personal == set(PERSONAL.get(record.name, "").split())
    assert _free(record) - personal == set(NOT_PERSONAL.get(record.name, "").split())
