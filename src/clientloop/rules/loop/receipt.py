"""The receipt of feedback: the item, its words, its first journal row, its deadlines and its acknowledgement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from attrs import frozen

from clientloop.errors import InvalidValue, check_type
from clientloop.model.codec import instant, microseconds
from clientloop.model.customers import CustomerClass
from clientloop.model.facts import Fact, FactName
from clientloop.model.feedback import Deadline, Feedback, Priority, Timer, Transition
from clientloop.model.interactions import Attachment, Interaction, Text
from clientloop.model.process import ANYBODY, NEW, Move, Party, Start, Tell, notify
from clientloop.model.staff import Member
from clientloop.model.units import Change, Insert, Unit
from clientloop.model.work import Actor
from clientloop.rules.loop import clocks
from clientloop.rules.loop.case import Case, Kit, Known, Loop
from clientloop.rules.loop.draft import FEEDBACK, Draft, Moved, role_of
from clientloop.rules.loop.settings import Settings
from clientloop.rules.loop.telling import ACKNOWLEDGING, RECEIVED, tell
from clientloop.rules.staff.routing import UNPLACED, Placement

#: How the journal calls the receipt.
RECEIVE = Move(sources=("",), name="receive", target=NEW, who=ANYBODY)

#: What superiors are told at once of what routing calls grave.
GRAVE = "grave"

_LIKE = "write it like 'email' or 'social_media'"

#: How much of the first line of the words lists show.
TITLE_LENGTH = 80


@frozen(kw_only=True)
class Words:
    """What came in, besides the item itself."""

    #: The interaction that the feedback is.
    interaction: Interaction
    #: Its words.
    text: Text
    #: Its files.
    attachments: Sequence[Attachment] = ()


def priority_of(given: Priority | None, customer_class: CustomerClass | None, settings: Settings) -> Priority:
    """The priority of a new item: the one given, else what the firm has set for the class, else normal."""
    if given is not None:
        return given
    if customer_class is None:
        return Priority.NORMAL
    return settings.class_priority.get(customer_class, Priority.NORMAL)


def channel_name(text: str) -> str:
    """The name of a channel, if it can be one: lower-case words with underscores between.

    Raises:
        InvalidValue: It has not the form of one.
    """
    check_type(text, str, hint=_LIKE)
    if not text.replace("_", "").isalnum() or text != text.lower():
        raise InvalidValue(f"{text!r:.40} is no name of a channel", hint=_LIKE)
    return text


def title_of(text: Text) -> str:
    """What lists show of the words: the subject, or else the first line."""
    line = text.subject or text.body.lstrip().partition("\n")[0].rstrip()
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1] + "…"


def first_deadlines(
    loop: Loop,
    *,
    priority: Priority,
    customer_class: CustomerClass | None,
    received: datetime,
    now: datetime,
    settings: Settings,
) -> tuple[Deadline, ...]:
    """The deadlines that run from the receipt of an item.

    Args:
        loop: The process of its kind.
        priority: Its priority.
        customer_class: The class of its customer.
        received: When the customer said it; as recorded, where that is not known.
        now: The present.
        settings: What the firm has set.
    """
    received_us, now_us = microseconds(received), microseconds(now)
    return tuple(
        [
            clocks.begin(
                loop.deadlines[cause.deadline],
                kind=loop.process.kind,
                priority=priority,
                customer_class=customer_class,
                received=received_us,
                now=now_us,
                date=None,
                settings=settings,
            )
            for cause in loop.process.receipt
            if isinstance(cause, Start)
        ]
    )


def put(loop: Loop, item: Feedback, placed: Placement, settings: Settings, *, now: datetime) -> Feedback:
    """A new item where routing puts it, with the deadlines that run there.

    Args:
        loop: The process of its kind.
        item: The item as it came.
        placed: Its owner, team, priority and the like.
        settings: What the firm has set.
        now: When its deadlines begin that do not count from the receipt.
    """
    deadlines = first_deadlines(
        loop,
        priority=placed.priority,
        customer_class=item.customer_class,
        received=item.received_at or item.recorded_at,
        now=now,
        settings=settings.by_calendar(placed.calendar),
    )
    # Any: each field has a type of its own
    changes: dict[str, Any] = {"deadlines": deadlines, "due": first_due(deadlines)}
    if placed.routes:
        changes |= {
            "owner": placed.owner,
            "team": placed.team,
            "calendar": placed.calendar,
            "priority": placed.priority,
            "tags": placed.tags,
        }
    after: Feedback = FEEDBACK.replace(item, changes)
    return after


def first_due(deadlines: tuple[Deadline, ...]) -> datetime | None:
    """The earliest of the deadlines, as the item shows it."""
    due = min((clock.due for clock in deadlines), default=None)
    return None if due is None else instant(due)


def receive(
    loop: Loop,
    item: Feedback,
    words: Words,
    *,
    actor: Actor,
    kit: Kit,
    placed: Placement = UNPLACED,
    reply: Unit | None = None,
) -> Moved:
    """Write down a new item.

    Args:
        loop: The process of its kind.
        item: The item, in state `new` with its deadlines.
        words: What came in.
        actor: Who recorded it.
        kit: What the rules need from outside.
        placed: Where routing has put it: the journal says so, and superiors hear of what is grave.
        reply: The note that its address gets an automatic acknowledgement; None if it gets none.
    """
    draft = _says(loop, item, actor, kit, placed.alerted, acknowledges=reply is not None)
    if draft is not None and RECEIVED in draft.told:
        item = FEEDBACK.replace(item, {"data": {**item.data, ACKNOWLEDGING: True}})
    written: list[Change] = [Insert(words.interaction), Insert(words.text)]
    written += [Insert(attachment) for attachment in words.attachments]
    written.append(Insert(item))
    written.append(
        Insert(
            Transition(
                space=item.space,
                item=item.id,
                number=item.version,
                source="",
                move=RECEIVE.name,
                target=item.state,
                by=actor.name,
                role=role_of(actor, RECEIVE),
                at=item.recorded_at,
                data=placed.record,
                told=tuple(draft.told) if draft else (),
            )
        )
    )
    wake = min((clock.wake for clock in item.deadlines if clock.wake is not None), default=None)
    if wake is not None:
        written.append(Insert(Timer(space=item.space, item=item.id, wake_at=instant(wake))))
    fact = Fact(
        FactName.FEEDBACK_RECEIVED, item.space, item.id, item.recorded_at, {"kind": item.kind, "channel": item.channel}
    )
    if draft is None:
        return Moved(item, Unit(tuple(written), (fact,)))
    said = Unit((*written, *draft.written), (fact, *draft.facts))
    return Moved(item, said if reply is None else said + reply)


def _says(
    loop: Loop, item: Feedback, actor: Actor, kit: Kit, alerted: tuple[Member, ...], *, acknowledges: bool
) -> Draft | None:
    """The messages that the receipt causes: those of the process, the acknowledgement, and the alert of the grave."""
    messages = [cause for cause in loop.process.receipt if isinstance(cause, Tell)]
    if acknowledges:
        messages.append(notify(RECEIVED))
    if alerted:
        messages.append(notify(GRAVE, Party.SUPERIOR))
    if not messages:
        return None
    case = Case(
        item=item,
        loop=loop,
        row=RECEIVE,
        actor=actor,
        now=item.recorded_at,
        settings=kit.settings,
        known=Known(superiors=alerted),
    )
    draft = Draft(case, kit)
    draft.number = item.version
    for message in messages:
        tell(draft, message)
    return draft
