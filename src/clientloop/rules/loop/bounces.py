"""A message that counted as told has come back: the item stands again where a refusal would have left it.

Nobody was told, so nothing that rests on telling may stand: not the move that waited for it, not the first answer, not
the customer's silence since. What counts for more is a word that came after it: where the customer was told something
else, or has answered, the journal notes the failure and the item stays as it is.
"""

from collections.abc import Sequence

from attrs import evolve

from clientloop.model.feedback import Transition
from clientloop.model.messages import Delivery
from clientloop.model.process import ANYBODY, WAITING, DeadlineRule, Move, Party, Place, Until, notify
from clientloop.model.work import Role
from clientloop.rules.loop.case import Case, Kit
from clientloop.rules.loop.draft import Draft, Moved, enter, finish
from clientloop.rules.loop.moves import NOT_TOLD
from clientloop.rules.loop.telling import RECEIVED, tell

#: Who hears of it: the owner, or else the superiors.
_OWNER, _SUPERIOR = notify("undelivered", Party.OWNER), notify("undelivered", Party.SUPERIOR)

#: How the journal calls it: as a refusal, with those who hear of it.
BOUNCED = Move(sources=(), name=NOT_TOLD.name, target=Place.SAME, who=ANYBODY, causes=(_OWNER, _SUPERIOR))


def bounced(case: Case, kit: Kit, delivery: Delivery, why: str, journal: Sequence[Transition]) -> Moved:
    """A message about an item will not arrive, although a channel took it.

    Args:
        case: The item, with the row `BOUNCED`.
        kit: What the rules need from outside.
        delivery: The message.
        why: What the channel said.
        journal: All rows of the item's journal, oldest first.
    """
    draft = Draft(evolve(case, words={"why": why, "template": delivery.template}), kit)
    draft.record |= {"message": str(delivery.message), "template": delivery.template, "why": why}
    words = [row for row in journal if _said(row) is not None]
    if str(delivery.message) in map(_said, words):
        came_back = {str(delivery.message), *(row.data["message"] for row in journal if row.move == NOT_TOLD.name)}
        heard = [row for row in words if _said(row) not in came_back]
        lost = _lost_since(heard, words, journal)
        if str(delivery.message) not in map(_said, lost):
            return finish(draft)
        _take_back(draft, lost, heard, journal)
    owner = case.known.owner
    tell(draft, _OWNER if owner is not None and owner.address else _SUPERIOR)
    return finish(draft)


def _said(row: Transition) -> str | None:
    """What the customer was told by a row, as it seemed: the id of a message, or the note of a talk."""
    return None if row.move == NOT_TOLD.name else row.data.get("message", row.data.get("told"))


def _lost_since(
    heard: Sequence[Transition], words: Sequence[Transition], journal: Sequence[Transition]
) -> Sequence[Transition]:
    """The words that came back since the customer last heard something, or said something.

    Messages come back in any order: what counts is the first of those that nobody got.
    """
    spoken = [row for row in journal if row.role is Role.CUSTOMER]
    since = max((row.number for row in (*heard, *spoken)), default=0)
    return [row for row in words if row.number > since]


def _take_back(
    draft: Draft, lost: Sequence[Transition], heard: Sequence[Transition], journal: Sequence[Transition]
) -> None:
    """Take back what the item holds because the customer counted as told."""
    draft.changes["told_at"] = heard[-1].at if heard else None
    if any(RECEIVED in row.told for row in lost):
        draft.changes["acknowledged_at"] = None
    if draft.case.item.first_answer_at in {row.at for row in lost}:
        draft.changes["first_answer_at"] = None
    if not any(_is_moved_by_people(row) for row in journal if row.number > lost[0].number):
        _put_back(draft, _place_before(lost[0], journal))
    if draft.loop.is_open(draft.target):
        _run_again(draft)


def _is_moved_by_people(row: Transition) -> bool:
    """Whether somebody moved the item on; what the system does rests on what it believed."""
    return row.source != row.target and row.role is not Role.SYSTEM


def _place_before(said: Transition, journal: Sequence[Transition]) -> str:
    """The state that an item was in before its customer was told; before it waited, if that was the question."""
    asked = [
        row.source
        for row in journal
        if row.number < said.number and row.target == WAITING != row.source and set(row.told) & set(said.told)
    ]
    return asked[-1] if asked and said.source == WAITING else said.source


def _put_back(draft: Draft, state: str) -> None:
    """Bring the item into a state that it was in."""
    if state in {draft.case.item.state, WAITING}:
        return
    draft.target = state
    enter(draft)
    if state not in draft.loop.process.solved:
        draft.changes |= {"solved_at": None, "gross": None, "net": None}


def _run_again(draft: Draft) -> None:
    """Start the deadlines that run in the state and were met, as it seemed, by what came back."""
    back, unanswered = draft.target != draft.case.item.state, "first_answer_at" in draft.changes
    for name, rule in draft.loop.deadlines.items():
        if name in draft.clocks or not _runs_in(rule, draft.target):
            continue
        if unanswered if rule.until is Until.ANSWERED else back and rule.within is not None:
            draft.start(name)


def _runs_in(rule: DeadlineRule, state: str) -> bool:
    return not rule.during or state in rule.during
