"""Work that goes from one member to others: open items by the common move `hand_over`, and open tasks."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from attrs import field, frozen

from clientloop.errors import Conflict, InvalidValue, Refused
from clientloop.model.feedback import Feedback
from clientloop.model.record import record_of
from clientloop.model.units import Unit, Update
from clientloop.model.where import ALL, Where, compile_test, eq
from clientloop.model.work import Actor, Task
from clientloop.rules.loop.draft import Moved
from clientloop.rules.staff.rights import Right
from clientloop.rules.staff.roster import Roster
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
        """Give away what is open, until a pass finds nothing more: work that comes meanwhile goes as well."""
        roster = roster_of(self.context)
        items, left = 0, dict[UUID, str]()
        while ids := [number for number in self._items() if number not in left]:
            done = move_many(self.context, ids, lambda _: self._judge(roster))
            items += len(done.moved)
            left |= done.refused
        tasks = 0
        for task in self._tasks():
            try:
                tasks += self._give_task(task, roster)
            except (Refused, InvalidValue, Conflict) as error:
                left[task.id] = str(error)
        return HandedOver(items=items, tasks=tasks, left=left)

    def _items(self) -> Sequence[UUID]:
        mine = eq("is_open", True) & eq("owner", self.member) & self.where
        store, space = self.context.store, self.context.space.space
        return [item.id for item in store.pages(Feedback, space, where=mine, order="inbox")]

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

    def _tasks(self) -> Sequence[Task]:
        store, space = self.context.store, self.context.space.space
        mine = eq("is_open", True) & eq("owner", self.member)
        tasks = store.pages(Task, space, where=mine, order="agenda")
        if self.where == ALL:
            return list(tasks)
        test = compile_test(self.where, _FEEDBACK)
        return [task for task in tasks if test(_FEEDBACK.encode(self._item_of(task)))]

    def _item_of(self, task: Task) -> Feedback:
        item = self.context.store.get(Feedback, (task.space, task.item))
        assert item is not None  # a task refers to its item, and no store breaks that
        return item

    def _give_task(self, task: Task, roster: Roster) -> bool:
        """Give one task away; whether it was still to be given.

        Raises:
            Refused: Nobody is there, or the actor may not.
            Conflict: Somebody changes it again and again.
        """
        item = self._item_of(task)
        if task.owner != self.actor.name:
            check_right(self.context, self.actor, Right.MOVE, item)
        heir = self._heir(item, roster)
        for tries_left in reversed(range(_TRIES)):
            try:
                self.context.commit(Unit((Update(Task, (task.space, task.id), {"owner": heir}, task.version),)))
            except Conflict:
                found = self.context.store.get(Task, (task.space, task.id))
                if found is None or not found.is_open or found.owner != self.member:
                    return False
                if not tries_left:
                    raise
                task = found
            else:
                break
        return True
