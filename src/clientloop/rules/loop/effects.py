"""Effects of moves that have a name of their own: one function each."""

from collections.abc import Callable, Mapping

from attrs import evolve, frozen

from clientloop.errors import InvalidValue
from clientloop.model.calendar import working_days
from clientloop.model.codec import instant
from clientloop.model.customers import Customer, Identity, Trust
from clientloop.model.facts import Fact, FactName
from clientloop.model.feedback import Deadline, Feedback
from clientloop.model.interactions import Interaction, InteractionKind, Text
from clientloop.model.process import ANYBODY, NEW, Move, Place, Start, Until
from clientloop.model.units import Insert
from clientloop.model.zones import zone_named
from clientloop.rules.loop import marks
from clientloop.rules.loop.case import Loop
from clientloop.rules.loop.clocks import next_step
from clientloop.rules.loop.draft import Draft, finish
from clientloop.rules.loop.receipt import Words, put, receive, title_of
from clientloop.rules.people.contacts import read_address
from clientloop.rules.staff.routing import Placement
from clientloop.rules.time.worktime import deadline_us


@frozen
class Effect:
    """One effect."""

    #: Writes into the draft.
    apply: Callable[[Draft], None]
    #: Names of what has to be looked up for it.
    looks_up: tuple[str, ...] = ()


def _reopen(draft: Draft) -> None:
    """The customer takes the matter up again."""
    _resume_work(draft)
    _relieve(draft)
    draft.changes["reopened"] = draft.case.item.reopened + 1


def _relieve(draft: Draft) -> None:
    """Whoever is away or gone does not get the item back: somebody present does."""
    relief = draft.case.known.relief
    if relief is not None:
        draft.changes["owner"] = draft.record["to"] = relief


def _resume_work(draft: Draft) -> None:
    """The matter is open again: what was measured of its solution does not count."""
    draft.changes |= {"solved_at": None, "gross": None, "net": None}


def _escalate(draft: Draft) -> None:
    """The customer is given a new date: the one that was named with the move, or a working day from now."""
    draft.changes["escalations"] = draft.case.item.escalations + 1
    new_date = deadline_us(draft.case.settings.calendar, draft.now_us, working_days(1))
    draft.record.setdefault("date", instant(new_date).isoformat())
    draft.add_fact(FactName.FEEDBACK_ESCALATED, level=draft.changes["escalations"])


def _decide(draft: Draft) -> None:
    draft.data["decided_by"] = draft.case.actor.name


def _permit(draft: Draft) -> None:
    draft.data["quotable"] = True


def _attempt(draft: Draft) -> None:
    """Days are the firm's own: an evening in New York is not the next day, as it is in UTC."""
    day = draft.case.now.astimezone(zone_named(draft.case.settings.calendar.zone)).date()
    draft.data["attempts"] = [*draft.case.item.data.get("attempts", ()), day.isoformat()]


def _join(draft: Draft) -> None:
    """The original goes on for both, with the earlier of their deadlines."""
    original = draft.case.known.original
    if original is None:  # the guard same_customer has refused this already
        raise InvalidValue("a duplicate needs its original")
    mine = {clock.name: clock for clock in draft.case.item.deadlines}
    settings = draft.kit.settings.by_calendar(original.calendar)
    loop = draft.case.known.loops[original.kind]
    joined = Draft(evolve(draft.case, item=original, row=JOINED, loop=loop, settings=settings), draft.kit)
    joined.clocks = {name: _earlier(joined, clock, mine.get(name)) for name, clock in joined.clocks.items()}
    joined.record["joined"] = str(draft.case.item.id)
    draft.changes["original"] = original.id
    unit = finish(joined).unit
    draft.written += unit.changes
    draft.facts += unit.facts


def _earlier(joined: Draft, clock: Deadline, other: Deadline | None) -> Deadline:
    """The deadline of the original, due when the duplicate was; the steps that it has taken itself stay taken."""
    if other is None or other.left is not None or clock.left is not None or other.due >= clock.due:
        return clock
    return next_step(joined.loop.deadlines[clock.name], evolve(clock, due=other.due), joined.case.settings.calendar)


def _rekind(draft: Draft) -> None:
    """The item begins again as another kind; its deadlines count from the original receipt."""
    loop = draft.case.known.loops[draft.case.given["kind"]]
    draft.changes |= {"kind": loop.process.kind, "process": loop.process.version}
    _begin_again(draft, loop)


def _split(draft: Draft) -> None:
    """The item begins again with its first matter; each further part becomes an item of its own, linked to it."""
    for part, placed in zip(draft.case.given["parts"], draft.case.known.parts, strict=True):
        _split_off(draft, part["kind"], part["text"], placed)
    _begin_again(draft, draft.loop)


def _begin_again(draft: Draft, loop: Loop) -> None:
    draft.loop, draft.from_receipt = loop, True
    draft.changes |= {"solved_at": None, "gross": None, "net": None}
    draft.clocks.clear()
    answered = draft.get("first_answer_at") is not None
    for cause in loop.process.receipt:
        if isinstance(cause, Start) and not (answered and loop.deadlines[cause.deadline].until is Until.ANSWERED):
            draft.start(cause.deadline)


def _split_off(draft: Draft, kind: str, words: str, placed: Placement) -> None:
    item, now, new = draft.case.item, draft.case.now, draft.kit.new_id()
    loop = draft.case.known.loops[kind]
    text = Text(space=item.space, id=new, body=words)
    part = Feedback(
        space=item.space, id=new, ref=draft.kit.new_ref(), kind=kind, process=loop.process.version, state=NEW,
        priority=item.priority, customer=item.customer, customer_class=item.customer_class, channel=item.channel,
        reply_to=item.reply_to, locale=item.locale, title=title_of(text), received_at=item.received_at,
        recorded_at=now, state_since=now, touched_at=now, original=item.id, product=item.product,
        category=item.category, employee=item.employee,
    )  # fmt: skip
    interaction = Interaction(
        space=item.space, id=new, kind=InteractionKind.FEEDBACK, channel=item.channel, customer=item.customer,
        occurred_at=item.received_at, recorded_at=now, extra={"split_from": str(item.id)},
    )  # fmt: skip
    part = put(loop, part, placed, draft.kit.settings, now=item.received_at or item.recorded_at)
    words_of_part = Words(interaction=interaction, text=text)
    moved = receive(loop, part, words_of_part, actor=draft.case.actor, kit=draft.kit, placed=placed)
    draft.written += moved.unit.changes
    draft.facts += moved.unit.facts


def _lead(draft: Draft) -> None:
    """The friend becomes a potential customer, linked to the referral."""
    case, space, friend = draft.case, draft.case.item.space, draft.kit.new_id()
    draft.data["lead"] = str(friend)
    draft.written.append(Insert(Customer(space=space, id=friend, name=str(case.value("friend")), created_at=case.now)))
    address = case.value("friend_address")
    if address:
        kind, value = read_address(str(address), case.settings.region)
        draft.written.append(
            Insert(
                Identity(
                    space=space,
                    kind=kind,
                    value=value,
                    customer=friend,
                    trust=Trust.ASSERTED,
                    given=str(address),
                    created_at=case.now,
                )
            )
        )
    draft.facts.append(Fact(FactName.CUSTOMER_ADDED, space, friend, case.now))


#: How the journal of the original calls it.
JOINED = Move(sources=(), name="joined", target=Place.SAME, who=ANYBODY)

#: Every effect by the name that processes use.
EFFECTS: Mapping[str, Effect] = {
    "reopen": Effect(_reopen, ("relief",)),
    "relieve": Effect(_relieve, ("relief",)),
    "resume_work": Effect(_resume_work),
    "escalate": Effect(_escalate),
    "decide": Effect(_decide),
    "permit": Effect(_permit),
    "attempt": Effect(_attempt),
    "join": Effect(_join, ("original", "loops")),
    "rekind": Effect(_rekind, ("loops",)),
    "split": Effect(_split, ("loops", "parts")),
    "lead": Effect(_lead),
    "hear": Effect(marks.hear),
    "mention": Effect(marks.mention, ("staff",)),
    "tag": Effect(marks.tag),
    "untag": Effect(marks.untag),
    "watch": Effect(marks.watch, ("staff",)),
    "unwatch": Effect(marks.unwatch),
}
