"""Splitting a customer who is two persons: what goes over to the other, and what that writes."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from uuid import UUID

from attrs import evolve, frozen

from clientloop.errors import Conflict, InvalidValue, NotFound
from clientloop.model.customers import Claimant, Customer, Identity, Split
from clientloop.model.facts import Fact, FactName
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import Interaction
from clientloop.model.messages import Delivery, MessageState, OutboundMessage
from clientloop.model.threads import ThreadName
from clientloop.model.units import Change, Delete, Insert, Unit, Update
from clientloop.model.where import eq
from clientloop.model.work import Actor
from clientloop.rules.loop.case import Case
from clientloop.rules.people.splitting import WENT_OVER, went_over
from clientloop.rules.staff.rights import Right
from clientloop.services.asking.regrouping import parted
from clientloop.services.context import Context
from clientloop.services.ids import id_of
from clientloop.services.loop.rights import check_right
from clientloop.services.people.merging import Merging, decider, stated
from clientloop.services.people.whole import rows_of


class Splitting(Merging):
    """The part of `loop.customers` that says which customer is two persons."""

    def split(
        self,
        customer: Customer | UUID | str,
        *,
        interactions: Iterable[Interaction | Feedback | UUID] = (),
        identities: Iterable[Identity] = (),
        name: str = "",
        by: str | Actor,
        reason: str,
    ) -> Customer:
        """Give some of what is kept of a customer to a new one, as two persons were taken for one.

        With an item of feedback go the messages about it, those that were sent and those that wait, and the answers to
        questions that came with it. What else is kept of the customer stays: consents, what was learnt, accounts.
        Merging the two again undoes it.

        Args:
            customer: The customer that is two persons.
            interactions: What happened with the other one, items of feedback among it.
            identities: The other one's addresses.
            name: What the other one is called.
            by: Who says so.
            reason: Why.

        Returns:
            The new customer.

        Raises:
            NotFound: There is no such customer, or no such interaction.
            InvalidValue: Nothing would go over, or all of it, or something that is not the customer's; or there is no
                reason.
            NotAllowed: The actor is not of the firm, or may not move one of the items.
            Conflict: A message is being sent at this moment, or somebody else changed something of it first.
        """
        actor, why = decider(by, "split customers"), stated(reason, "split customers")
        context, person = self._context, self.get(customer)
        target = Customer(space=person.space, id=context.new_id(), name=name.strip(), created_at=context.now())
        going = _Going.of(context, person, map(id_of, interactions), tuple(dict.fromkeys(identities)))
        _check_rest(context, person, going)
        for item in going.items:
            check_right(context, actor, Right.MOVE, item)
        writer = _Writer(context, target, actor, why)
        changes = (
            Insert(target),
            *self._guards(person, going.sources),
            *(change for source in going.sources for change in writer.of(source, going)),
            *writer.of_messages(going),
        )
        moved = [writer.moved(item) for item in going.items]
        answers = parted(context, person.id, person.ids, map(id_of, going.items), target.id)
        facts = (
            Fact(FactName.CUSTOMER_ADDED, target.space, target.id, target.created_at),
            Fact(FactName.CUSTOMER_SPLIT, target.space, person.id, target.created_at, {"target": str(target.id)}),
        )
        context.commit(sum(moved, Unit(changes, facts) + answers))
        return target

    def _guards(self, person: Customer, sources: Iterable[UUID]) -> Iterator[Update]:
        """Whoever merges or splits the same customers at the same time conflicts."""
        for one in dict.fromkeys((person.id, *sources)):
            found = person if one == person.id else self._own(one)
            yield Update(Customer, (found.space, found.id), {}, found.version)


@frozen(kw_only=True)
class _Going:
    """What goes over to another customer."""

    #: What happened with the other one, what was said about the items among it included.
    interactions: tuple[Interaction, ...]
    #: The items among it.
    items: tuple[Feedback, ...]
    #: The messages about these items that wait.
    messages: tuple[OutboundMessage, ...]
    #: The addresses.
    identities: tuple[Identity, ...]

    @classmethod
    def of(
        cls, context: Context, person: Customer, named: Iterable[UUID], identities: tuple[Identity, ...]
    ) -> "_Going":
        """What goes over with what was named.

        Raises:
            NotFound: There is no such interaction.
            InvalidValue: Something is not the person's.
            Conflict: A message about an item is being sent.
        """
        store, space = context.store, person.space
        found = [(each, store.get(Interaction, (space, each))) for each in dict.fromkeys(named)]
        for each, interaction in found:
            if interaction is None:
                raise NotFound(
                    f"no interaction {each}", hint="customers.timeline() lists what happened with a customer"
                )
        chosen = [interaction for _, interaction in found if interaction is not None]
        items = [item for each in chosen if (item := store.get(Feedback, (space, each.id))) is not None]
        said = chain.from_iterable(_said(context, item) for item in items)
        waiting = [
            message
            for item in items
            for message in store.pages(OutboundMessage, space, where=eq("item", item.id), order="of_item")
            if message.customer in person.ids
        ]
        theirs = {each.id: each for each in chain(chosen, (one for one in said if one.customer in person.ids))}
        _check_owned(person, [*theirs.values(), *identities])
        _check_waiting(waiting)
        return cls(
            interactions=tuple(theirs.values()), items=tuple(items), messages=tuple(waiting), identities=identities
        )

    @property
    def sources(self) -> tuple[UUID, ...]:
        """The ids that it is kept under."""
        owners = [*(each.customer for each in self.interactions), *(each.customer for each in self.identities)]
        return tuple(dict.fromkeys(owner for owner in owners if owner is not None))


def _said(context: Context, item: Feedback) -> Iterator[Interaction]:
    """What was said about an item: by us, where each message is an interaction with its id, and in answers to it."""
    for delivery in context.store.pages(Delivery, item.space, where=eq("item", item.id), order="of_item"):
        found = context.store.get(Interaction, (item.space, delivery.message))  # none of one that was refused
        if found is not None:
            yield found
    for name in context.store.pages(ThreadName, item.space, where=eq("item", item.id), order="of_item"):
        answer = context.store.get(Interaction, (item.space, name.message)) if name.message else None
        if answer is not None:
            yield answer


def _check_owned(person: Customer, rows: Iterable[Interaction | Identity]) -> None:
    for row in rows:
        if row.customer not in person.ids:
            what = f"interaction {row.id}" if isinstance(row, Interaction) else f"this {row.kind} address"
            raise InvalidValue(f"{what} is not of customer {person.id}", hint="name what is kept of this customer")


def _check_waiting(messages: Iterable[OutboundMessage]) -> None:
    """What a worker has handed to a channel must find its row as it left it, or it would be sent twice."""
    for message in messages:
        if message.state is MessageState.SENDING:
            raise Conflict(f"message {message.id} is being sent", hint="try again in a moment")


def _check_rest(context: Context, person: Customer, going: _Going) -> None:
    """Something goes over, and something stays."""
    if not going.sources:
        raise InvalidValue("nothing to split off", hint="name interactions or identities of the other person")
    kept = (
        (rows_of(context, Interaction, person.ids, order="timeline"), len(going.interactions)),
        (rows_of(context, Identity, person.ids, order="by_customer"), len(going.identities)),
    )
    if not any(next(islice(rows, many, None), None) for rows, many in kept):
        hint = "two persons have something each; leave some of it"
        raise InvalidValue(f"nothing of customer {person.id} would be left", hint=hint)


@frozen
class _Writer:
    """Writes what goes over."""

    _context: Context
    _target: Customer
    _actor: Actor
    _reason: str

    def of(self, source: UUID, going: _Going) -> Iterator[Change]:
        """What goes over of one customer, and the record of it."""
        target, space = self._target, self._target.space
        interactions = [each for each in going.interactions if each.customer == source]
        identities = [each for each in going.identities if each.customer == source]
        for interaction in interactions:
            yield Update(Interaction, (space, interaction.id), {"customer": target.id})
        for identity in identities:
            yield Delete(Identity, (space, identity.kind, identity.value, source))
            yield Insert(evolve(identity, customer=target.id))
            claim = (space, identity.kind, identity.value)
            claimant = self._context.store.get(Claimant, claim)
            if claimant is not None and claimant.customer == source:  # whoever claims the address is the other one
                yield Update(Claimant, claim, {"customer": target.id})
        yield Insert(
            Split(
                space=space, id=self._context.new_id(), source=source, target=target.id, by=self._actor.name,
                reason=self._reason, at=target.created_at, interactions=tuple(each.id for each in interactions),
                identities=tuple([each.kind.value, each.value] for each in identities),
            )
        )  # fmt: skip

    def of_messages(self, going: _Going) -> Iterator[Change]:
        """What goes over of what waits to be said."""
        for message in going.messages:
            key = (message.space, message.id)
            yield Update(OutboundMessage, key, {"customer": self._target.id}, message.version)

    def moved(self, item: Feedback) -> Unit:
        """The move by which an item goes over."""
        loop = self._context.loop_of(item.kind, item.process)
        case = Case(
            item=item, loop=loop, row=WENT_OVER, actor=self._actor, now=self._context.now(),
            settings=self._context.settings.by_calendar(item.calendar),
        )  # fmt: skip
        return went_over(case, self._context.kit, self._target.id).unit
