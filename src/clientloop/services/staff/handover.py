"""Work that goes from one member to others: open items by the common move `hand_over`, and open tasks."""

from collections.abc import Mapping, Sequence
from typing import cast
from uuid import UUID

from attrs import field, frozen

from clientloop.errors import Conflict, InvalidValue, Refused, StoreCorrupt
from clientloop.model.feedback import Feedback
from clientloop.model.plan import Key, Plan
from clientloop.model.record import record_of
from clientloop.model.units import Unit, Update
from clientloop.model.where import ALL, Where, compile_test, eq
from clientloop.model.work import Actor, Task
from clientloop.rules.loop.draft import Moved
from clientloop.rules.staff.rights import Right
from clientloop.rules.staff.roster import Roster
from clientloop.services.batches import batches
from clientloop.services.context import Context
from clientloop.services.loop.many import Fate, Judge, move_many
from clientloop.services.loop.moving import check_member, work_out
from clientloop.services.loop.rights import check_right
from clientloop.services.staff.routing import roster_of, successor

_FEEDBACK = record_of(Feedback)

#: How often a task is tried that somebody else changes at the same time.
_TRIES = 3


@frozen(kw_only=True)
class HandedOver:
    """What became of a member's open work."""

    #: Items that somebody else has now.
    items: int = 0
    #: Tasks likewise.
    tasks: int = 0
    #: Items and tasks that stay where they are, each with the reason.
    left: Mapping[UUID, str] = field(factory=dict)


@frozen(kw_only=True)
class Giver:
    """Gives a member's open work to others."""

    #: The space.
    context: Context
    #: Whose work.
    member: str
    #: Who gives it.
    actor: Actor
    #: Why, as the journal keeps it.
    reason: str
    #: Who gets all of it; None: whom the deputies and the rules name.
    to: str | None = None
    #: Of which items.
    where: Where = ALL

    def give(self) -> HandedOver:
        """Give away what is open, until a pass finds nothing more: work that comes meanwhile goes as well.

        What cannot be read stays, and keeps nothing else from going.
        """
        roster = roster_of(self.context)
        items, left = 0, dict[UUID, str]()
        while ids := [number for number in self._ids(Feedback, self.where) if number not in left]:
            for batch in batches(ids):
                done = self._give_items(batch, roster)
                items += done.items
                left |= done.left
        tasks = 0
        for number in self._ids(Task):
            try:
                tasks += self._give_task(number, roster)
            except (Refused, InvalidValue, Conflict, StoreCorrupt) as error:
                left[number] = str(error)
        return HandedOver(items=items, tasks=tasks, left=left)

    def _ids(self, cls: type[Feedback | Task], where: Where = ALL) -> Sequence[UUID]:
        """The ids of what is open and the member's; these can be read where the rest of a row is damaged."""
        mine = eq("is_open", True) & eq("owner", self.member) & where
        found = self.context.store.aggregate(self.context.space.space, Plan(cls=cls, where=mine, keys=(Key("id"),)))
        return [cast(UUID, group.keys[0]) for group in found]  # as of every `id`

    def _give_items(self, ids: Sequence[UUID], roster: Roster) -> HandedOver:
        """Give a batch of items away, or where one of them cannot be read, each by itself."""
        try:
            done = move_many(self.context, ids, lambda _: self._judge(roster))
        except StoreCorrupt as error:
            if len(ids) == 1:
                return HandedOver(left={ids[0]: str(error)})
            alone = [self._give_items([number], roster) for number in ids]
            left = {number: why for each in alone for number, why in each.left.items()}
            return HandedOver(items=sum(each.items for each in alone), left=left)
        return HandedOver(items=len(done.moved), left=done.refused)

    def _judge(self, roster: Roster) -> Judge:
        def judged(item: Feedback) -> Moved | Fate:
            if item.owner != self.member:
                return Fate.BEFORE
            if not item.is_open:
                return Fate.CLOSED
            given = {"to": self._heir(item, roster), "reason": self.reason}
            return work_out(self.context, item, "hand_over", self.actor, given)

        return judged

    def _heir(self, item: Feedback, roster: Roster) -> str:
        """Who gets an item, or a task of it; who has just got one has more to do.

        Raises:
            Refused: Nobody is there, or the one who is to get it is not.
        """
        if self.to is not None:
            check_member(self.context, self.to)
            return self.to
        heir = successor(self.context, item, roster, owner=self.member)
        if heir is None or heir == self.member:
            raise Refused("nobody is there", hint="add a deputy, or name a lead of the team")
        roster.loads[heir] += 1
        return heir

    def _give_task(self, number: UUID, roster: Roster) -> bool:
        """Give one task away; whether it was still to be given.

        Raises:
            Refused: Nobody is there, or the actor may not.
            Conflict: Somebody changes it again and again.
            StoreCorrupt: It, or its item, cannot be read.
        """
        task = self._task(number)
        item = None if task is None else self.context.store.get(Feedback, (task.space, task.item))
        if task is None or item is None or not self._concerns(item):
            return False
        if task.owner != self.actor.name:
            check_right(self.context, self.actor, Right.MOVE, item)
        heir = self._heir(item, roster)
        for tries_left in reversed(range(_TRIES)):
            try:
                self.context.commit(Unit((Update(Task, (task.space, task.id), {"owner": heir}, task.version),)))
            except Conflict:
                found = self._task(number)
                if found is None:
                    return False
                if not tries_left:
                    raise
                task = found
            else:
                break
        return True

    def _task(self, number: UUID) -> Task | None:
        """A task, as long as it is open and the member's."""
        found = self.context.store.get(Task, (self.context.space.space, number))
        return found if found is not None and found.is_open and found.owner == self.member else None

    def _concerns(self, item: Feedback) -> bool:
        """Whether an item is among those whose work is given."""
        return self.where == ALL or compile_test(self.where, _FEEDBACK)(_FEEDBACK.encode(item))
