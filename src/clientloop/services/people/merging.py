"""Merging customers who are one person, and undoing it: a person decides, nothing is merged by itself."""

from collections.abc import Iterator
from itertools import product
from operator import attrgetter
from uuid import UUID

from clientloop.errors import Conflict, InvalidValue, NotAllowed, NotFound
from clientloop.model.customers import Customer, Merge, Opinion, Suggestion
from clientloop.model.units import Unit, Update
from clientloop.model.where import eq
from clientloop.model.work import Actor, Role
from clientloop.rules.people.merging import Link, merged, unmerged
from clientloop.services.asking.regrouping import rejoined
from clientloop.services.ids import id_of
from clientloop.services.people.whole import Whole, rows_of
from clientloop.services.relationships.joining import joined, parted

#: Who may decide who a customer is: people of the firm, never the library itself.
DECIDERS = frozenset({Role.OWNER, Role.SUPERIOR})


class Merging(Whole):
    """The part of `loop.customers` that says which customers are one person."""

    def merge(
        self, kept: Customer | UUID | str, absorbed: Customer | UUID | str, *, by: str | Actor, reason: str
    ) -> Merge:
        """Show two customers as one from now on; every row, id and link stays as it is.

        Of their answers to a question, the latest of both is the latest one from now on. The kept customer takes over
        what it has nothing in: name, class, language, zone, and keys of `extra`. An open suggestion of the two is
        accepted. The absorbed one stands nowhere in relationship models from now on; a word on it goes over, unless one
        stands on the kept one.

        Args:
            kept: The customer that both are shown as; if it was merged into another, that one.
            absorbed: The other, with all that were merged into it.
            by: Who says so.
            reason: Why.

        Returns:
            The merge, which `unmerge` undoes.

        Raises:
            NotFound: There is no such customer.
            InvalidValue: Both are one customer, or there is no reason.
            NotAllowed: The actor is not of the firm.
            Conflict: They are one person already, or somebody else changed one of them first.
        """
        actor, why = decider(by, "merge customers"), stated(reason, "merge customers")
        if id_of(kept) == id_of(absorbed):
            raise InvalidValue(f"customer {id_of(kept)} cannot be merged with itself", hint="name two customers")
        into, other = self.get(kept), self.get(absorbed)
        if into.id == other.id:
            hint = "merges() lists how they were merged, unmerge() undoes it"
            raise Conflict(f"customers {id_of(kept)} and {id_of(absorbed)} are one person already", hint=hint)
        context = self._context
        merge, unit = merged(into, other, number=context.new_id(), by=actor.name, reason=why, now=context.now())
        answers = rejoined(context, [(*into.ids, *other.ids)], guarded=(into.id, other.id))
        unit = joined(context, unit, into, other)
        context.commit(unit + answers + self._judged(into.ids, other.ids, Opinion.OPEN, Opinion.ACCEPTED))
        return merge

    def unmerge(self, merge: Merge | Customer | UUID | str, *, by: str | Actor) -> Merge:
        """Undo a merge: the absorbed customer, with all that were merged into it, is shown by itself again.

        What the kept customer took over goes back, unless it was changed since; so do words on where the absorbed one
        stands. What was written under the id of either stays there. The two are not suggested again.

        Args:
            merge: The merge, or the customer that was merged into another.
            by: Who says so.

        Raises:
            NotFound: There is no such merge, or the customer is not merged into another.
            NotAllowed: The actor is not of the firm.
            Conflict: It is undone already, or somebody else changed one of the customers first.
        """
        actor = decider(by, "undo a merge")
        found = self._live_merge(merge)
        absorbed, above = self._own(found.absorbed), tuple(self._links(found))
        theirs = tuple(one for one in above[-1].kept.ids if one not in absorbed.ids)
        undone, unit = unmerged(absorbed, above, by=actor.name, now=self._context.now())
        answers = rejoined(self._context, [theirs, absorbed.ids], guarded=(above[-1].kept.id, absorbed.id))
        unit = parted(self._context, unit, [link.kept for link in above], absorbed, by=actor.name)
        self._context.commit(unit + answers + self._judged(theirs, absorbed.ids, Opinion.ACCEPTED, Opinion.DISMISSED))
        return undone

    def merges(self, customer: Customer | UUID | str) -> tuple[Merge, ...]:
        """All merges of a person and of whoever was taken for this person once, oldest first, also those undone.

        Raises:
            NotFound: There is no such customer.
        """
        ids = self.get(customer).ids
        found = {
            merge.id: merge
            for field, order in (("kept", "of_kept"), ("absorbed", "of_absorbed"))
            for merge in rows_of(self._context, Merge, ids, field=field, order=order)
        }
        return tuple(sorted(found.values(), key=attrgetter("at", "id")))

    def dismiss(self, suggestion: Suggestion, *, by: str | Actor) -> None:
        """Decide that two customers who may be one person are not; they are not suggested again.

        Args:
            suggestion: One of `suggestions`.
            by: Who says so.

        Raises:
            NotFound: It is of another space.
            NotAllowed: The actor is not of the firm.
            Conflict: Somebody else has decided on it first.
        """
        decider(by, "dismiss a suggestion")
        if self._context.own(suggestion).opinion is not Opinion.OPEN:
            raise Conflict("this suggestion is decided already", hint=f"it was {suggestion.opinion.value}")
        self._context.commit(Unit((_opine(suggestion, Opinion.DISMISSED),)))

    def _live_merge(self, merge: Merge | Customer | UUID | str) -> Merge:
        """The merge to undo: the one named, or the one by which a customer is shown as another."""
        number = id_of(merge)
        found = self._context.store.get(Merge, (self._context.space.space, number))
        if found is not None:
            if found.undone_at is not None:
                hint = f"by {found.undone_by} on {found.undone_at:%Y-%m-%d %H:%M} UTC"
                raise Conflict(f"merge {number} is undone already", hint=hint)
            return found
        return self._merge_of(self._own(number))

    def _merge_of(self, customer: Customer) -> Merge:
        """The merge by which a customer is shown as another."""
        where = eq("absorbed", customer.id) & eq("undone_at", None)
        page = self._context.store.page(Merge, customer.space, where=where, order="of_absorbed", limit=1)
        if not page.items:
            hint = "merges() lists the merges of a person; name the one to undo"
            raise NotFound(f"customer {customer.id} is not merged into another", hint=hint)
        return page.items[0]

    def _links(self, merge: Merge) -> Iterator[Link]:
        """The merge, and those through which its customer is shown as yet another, from below."""
        kept = self._own(merge.kept)
        yield Link(merge, kept)
        while kept.merged_into is not None:
            merge = self._merge_of(kept)
            kept = self._own(merge.kept)
            yield Link(merge, kept)

    def _judged(self, some: tuple[UUID, ...], others: tuple[UUID, ...], was: Opinion, opinion: Opinion) -> Unit:
        """What is said by it of the suggestions that ones of these are others of those."""
        pairs = [*product(some, others), *product(others, some)]
        found = (self._context.store.get(Suggestion, (self._context.space.space, *pair)) for pair in pairs)
        return Unit(tuple(_opine(each, opinion) for each in found if each is not None and each.opinion is was))


def decider(by: str | Actor, what: str) -> Actor:
    """Whoever decides who a customer is.

    Args:
        by: Who does so.
        what: What is done, for the message.

    Raises:
        NotAllowed: The actor is not of the firm.
    """
    actor = Actor.of(by)
    if not actor.may(DECIDERS):
        raise NotAllowed(f"{actor.name} may not {what}", hint="it takes the role owner or superior")
    return actor


def stated(reason: str, what: str) -> str:
    """The reason of a decision.

    Raises:
        InvalidValue: There is none.
    """
    if not reason.strip():
        raise InvalidValue(f"no reason to {what}", hint="say why: reason=...")
    return reason.strip()


def _opine(suggestion: Suggestion, opinion: Opinion) -> Update:
    key = (suggestion.space, suggestion.first, suggestion.second)
    return Update(Suggestion, key, {"opinion": opinion}, suggestion.version)
