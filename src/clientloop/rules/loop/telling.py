"""Telling people: messages queued by a move, and what their acceptance means for the item."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from attrs import evolve

from clientloop.model.codec import Json, instant
from clientloop.model.customers import Purpose
from clientloop.model.facts import Fact, FactName
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Interaction, InteractionKind, Text
from clientloop.model.messages import OutboundMessage
from clientloop.model.process import Party, Tell, notify
from clientloop.model.staff import Member, Team
from clientloop.model.units import Insert
from clientloop.model.work import Role, Task
from clientloop.rules.loop.case import Kit
from clientloop.rules.loop.draft import Draft, plain_given, read_date

#: The acknowledgement, automatic or by the move that takes an item on: said once.
RECEIVED = "received"

#: What a member hears who is given a task.
TASK = "task"

#: What watchers hear when an item comes into another state.
WATCHED = notify("watched", Party.WATCHER)

#: What an item's `data` says once its automatic acknowledgement is in the outbox.
ACKNOWLEDGING = "acknowledging"


#: What an item's `data` says that began just after an automatic message to its address: it may be a machine's answer.
QUIET = "quiet"


def tell(draft: Draft, cause: Tell) -> None:
    """Queue the message that a move causes, in its unit, unless the customer knows already."""
    if cause.party is not Party.CUSTOMER:
        for channel, address in _addresses(draft, cause.party):
            _queue(draft, cause, channel, address)
    elif cause.template not in draft.told and not (
        draft.case.given.get("told") or (cause.template == RECEIVED and _is_acknowledged(draft))
    ):
        _tell_customer(draft, cause)


def _tell_customer(draft: Draft, cause: Tell) -> None:
    item = draft.case.item
    if item.reply_to is None or (cause.automatic and _may_answer_a_machine(draft)):
        draft.record["not_told"] = cause.template
    elif _queue(draft, cause, draft.kit.answers_by(item.channel, item.reply_to), item.reply_to):
        draft.told.append(cause.template)


def _may_answer_a_machine(draft: Draft) -> bool:
    """Whether the system would write by itself about an item that a machine may have begun, and nobody has answered."""
    item = draft.case.item
    return QUIET in item.data and item.first_answer_at is None and Role.SYSTEM in draft.case.actor.roles


def _is_acknowledged(draft: Draft) -> bool:
    item = draft.case.item
    return item.acknowledged_at is not None or ACKNOWLEDGING in item.data


def talked(draft: Draft) -> None:
    """A person told the customer and says how: that is an interaction of its own, and nothing is sent.

    What the customer was told with another item (`told_with`) is an interaction already.
    """
    item, note = draft.case.item, str(draft.case.given["told"])
    draft.told.append(note)
    draft.heard(human=True, at=draft.case.now)
    if draft.case.given.get("told_with"):
        return
    talk = draft.kit.new_id()
    draft.written += [
        Insert(
            Interaction(
                space=item.space,
                id=talk,
                kind=InteractionKind.CALL,
                channel=item.channel,
                customer=item.customer,
                occurred_at=draft.case.now,
                recorded_at=draft.case.now,
                extra={"item": str(item.id)},
            )
        ),
        Insert(Text(space=item.space, id=talk, body=note)),
    ]


def task_alert(task: Task, member: Member, item: Feedback | None, kit: Kit, *, now: datetime) -> OutboundMessage | None:
    """What a member hears who is given a task; None for one who has left or has no address.

    Args:
        task: The task.
        member: Who is to do it.
        item: The item that it serves.
        kit: What the rules need from outside.
        now: The present, UTC.
    """
    if not (member.active and member.channel and member.address):
        return None
    values = {
        "task": task.title,
        "date": "" if task.due is None else f"{task.due.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        "ref": "" if item is None else item.ref,
        "title": "" if item is None else item.title,
    }
    subject, body = kit.render(TASK, None, values)
    return OutboundMessage(
        space=task.space, id=kit.new_id(), item=task.item, channel=member.channel, to=member.address,
        purpose=Purpose.INTERNAL, template=TASK, locale=kit.language(TASK, None), automatic=True, subject=subject,
        body=body, wake_at=now, created_at=now,
    )  # fmt: skip


def alert(draft: Draft, task: Task, member: Member | None) -> None:
    """Queue what a member hears who is given a task by a move of somebody else."""
    if member is None or member.name == draft.case.actor.name:
        return
    message = task_alert(task, member, draft.case.item, draft.kit, now=draft.case.now)
    if message is not None:
        message = evolve(message, transition=draft.number)
        draft.written.append(Insert(message))
        draft.facts.append(message_fact(FactName.MESSAGE_QUEUED, message, draft))


def _addresses(draft: Draft, party: Party) -> Iterator[tuple[str, str]]:
    known, mover = draft.case.known, draft.case.actor.name
    if party is Party.FRIEND:
        address = draft.case.value("friend_address")
        if address:
            yield draft.kit.answers_by(draft.case.item.channel, str(address)), str(address)
        return
    heard: Mapping[Party, Sequence[Member | Team | None]] = {
        Party.OWNER: [known.owner] if known.owner is not None and known.owner.name != mover else (),
        Party.EMPLOYEE: (known.employee,),
        Party.SUPERIOR: known.superiors,
        Party.TEAM: known.team,
        Party.MENTIONED: [known.staff[name] for name in draft.record.get("mentioned", ()) if name != mover],
        Party.WATCHER: [member for member in known.watchers if member.name != mover],
    }
    for one in heard[party]:
        if one is not None and one.channel and one.address:
            yield one.channel, one.address


def _queue(draft: Draft, cause: Tell, channel: str, address: str) -> bool:
    """Queue one message; whether it is new to its reader, as nobody is told the same twice at once."""
    case, item = draft.case, draft.case.item
    if (cause.template, address) in draft.said:
        return False
    draft.said |= {(cause.template, address)}
    to_customer, internal = cause.party is Party.CUSTOMER, cause.party not in {Party.CUSTOMER, Party.FRIEND}
    values = _values(draft, internal=internal)
    wanted = item.locale if to_customer else None
    subject, body = draft.kit.render(cause.template, wanted, values)
    message = OutboundMessage(
        space=item.space,
        id=draft.kit.new_id(),
        item=item.id,
        transition=draft.number,
        customer=item.customer if to_customer else None,
        channel=channel,
        to=address,
        purpose=Purpose.INTERNAL if internal else Purpose.SERVICE,
        template=cause.template,
        locale=draft.kit.language(cause.template, wanted),
        automatic=cause.automatic,
        subject=subject,
        body=body,
        completes=_completes(draft, cause),
        wake_at=case.now,
        created_at=case.now,
    )
    draft.written.append(Insert(message))
    draft.facts.append(message_fact(FactName.MESSAGE_QUEUED, message, draft))
    return True


def _completes(draft: Draft, cause: Tell) -> dict[str, Json]:
    """What the acceptance of the message completes: the move that waits for it, if any."""
    if draft.changes.get("pending") is None or cause.party is not Party.CUSTOMER:
        return {}
    actor = draft.case.actor
    return {
        "move": draft.case.row.name,
        "by": actor.name,
        "roles": sorted(role.value for role in actor.roles),
        "given": plain_given(draft.case.given),
    }


def _values(draft: Draft, *, internal: bool) -> dict[str, str]:
    """What a template may speak of; notes are for the firm alone."""
    case, item = draft.case, draft.case.item
    words = {name: str(value) for name, value in case.given.items() if isinstance(value, str | int)}
    due = _date(draft)
    return {
        **case.words,
        **words,
        "ref": item.ref,
        "kind": item.kind,
        "by": case.actor.name,
        "move": case.row.name,
        "owner": str(draft.get("owner") or ""),
        "state": draft.target,
        "title": item.title,
        "date": "" if due is None else f"{due:%Y-%m-%d}",
        "text": str(case.given.get("text", "")),
        "reason": str(case.given.get("reason", "")),
        "action": str(case.value("action") or ""),
        "note": str(case.given.get("note", "")) if internal else "",
    }


def _date(draft: Draft) -> datetime | None:
    """The date that a message names: the one given, the one that an escalation sets, or when the matter is due."""
    named = draft.case.given.get("date") or draft.record.get("date")
    solution = draft.clocks.get("solution")
    return read_date(named) or (instant(solution.due) if solution else draft.case.item.due)


def message_fact(name: FactName, message: OutboundMessage, draft: Draft) -> Fact:
    """Something has happened to a message."""
    return Fact(
        name,
        message.space,
        message.id,
        draft.case.now,
        {"item": str(message.item), "template": message.template, "channel": message.channel},
    )


def carried(message: OutboundMessage, draft: Draft) -> None:
    """A channel has taken a message: it becomes part of what the customer was told."""
    draft.told.append(message.template)
    if message.template == RECEIVED:
        draft.changes["acknowledged_at"] = draft.case.now
    draft.heard(human=not message.automatic, at=draft.case.now)
