"""Whom a question was put to, and what became of it."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Unpack
from uuid import UUID

from attrs import evolve

from clientloop.errors import Conflict, Duplicate, NotFound
from clientloop.model.asking import Disposition, Invitation, Question
from clientloop.model.customers import Customer
from clientloop.model.messages import Delivery, DeliveryReport, OutboundMessage
from clientloop.model.names import named
from clientloop.model.units import Insert, Unit
from clientloop.model.where import eq
from clientloop.rules.asking.dimensions import Dimensions, checked
from clientloop.rules.asking.keys import key_of
from clientloop.rules.asking.reaching import arrived, change
from clientloop.rules.loop.receipt import channel_name
from clientloop.rules.time.moments import moment
from clientloop.services.asking.declared import Declared
from clientloop.services.asking.persons import Persons
from clientloop.services.asking.reaching import if_invites
from clientloop.services.ids import id_of

#: How often what a channel has said already is joined anew, when it says more meanwhile.
_TRIES = 5


class Invited(Declared):
    """The part of `loop.questions` that says whom it reached."""

    def invite(
        self,
        question: Question | str,
        *,
        channel: str,
        customer: Customer | UUID | str | None = None,
        at: datetime | date | None = None,
        message: OutboundMessage | UUID | None = None,
        origin: str | None = None,
        **dimensions: Unpack[Dimensions],
    ) -> Invitation:
        """Record that somebody is asked.

        Where a message carries it, what its channel reports on that message is known of the invitation as well: that it
        was delivered, or never will be.

        Args:
            question: The question, or its name: then its newest version.
            channel: Name of the channel.
            customer: Who is asked; None where nobody knows.
            at: When, aware; a date is its midnight in the space's zone; the present if not given.
            message: The message that carries it.
            origin: Its key on the channel; the same key again, for the same question, returns what is there already.
            dimensions: By what scores are broken down: the fields of `Dimensions`.

        Raises:
            UnknownName: There is no such question or dimension.
            NotFound: There is no such customer.
            InvalidValue: The channel, the time, the country or the class cannot be one.
        """
        context, asked = self._context, self._loaded(question)
        when, person = self._moment(at), id_of(customer) if customer else None
        key = None if origin is None else key_of(origin, asked.name)
        bare = Invitation(
            space=context.space.space, id=context.new_id(), question=asked.name, number=asked.number,
            instrument=asked.instrument, occasion=asked.occasion, channel=channel_name(channel), origin=key,
            customer=person, asked_at=when, message=id_of(message) if message else None, **checked(dimensions),
        )  # fmt: skip
        [invitation] = Persons.of(context, [person]).describe(context, [(bare, when)])
        try:
            context.commit(Unit((Insert(invitation),)))
        except Duplicate:
            where = eq("channel", channel) & eq("origin", key)
            page = context.store.page(Invitation, invitation.space, where=where, order="by_origin", limit=1)
            if key is None or not page.items:
                raise
            return page.items[0]
        return invitation if invitation.message is None else self._told(invitation, invitation.message)

    def _told(self, invitation: Invitation, message: UUID) -> Invitation:
        """The invitation with what its channel had said of the message before it was there.

        Whoever writes second looks: the channel's next word looks for the invitation, and this for its words so far.
        """
        context, space = self._context, invitation.space
        for _ in range(_TRIES):
            delivery = context.store.get(Delivery, (space, message))
            if delivery is None:
                break
            reports = context.store.pages(DeliveryReport, space, where=eq("message", message), order="of_message")
            unit = if_invites(context, message, delivery.state, reports)
            try:
                if unit.changes:
                    context.commit(unit)
                break
            except Conflict:
                continue
        return self.invitation(invitation)

    def invitation(self, invitation: Invitation | UUID | str) -> Invitation:
        """An invitation as it is now.

        Raises:
            NotFound: There is none with this id.
        """
        found = self._context.store.get(Invitation, (self._context.space.space, id_of(invitation)))
        if found is None:
            raise NotFound(f"no invitation {id_of(invitation)}", hint="`questions.invite()` makes one")
        return found

    def delivered(self, invitation: Invitation | UUID | str, at: datetime | date | None = None) -> Invitation:
        """Record that an invitation arrived, where no message of clientloop carries it; the first time counts.

        Args:
            invitation: The invitation.
            at: When, as of `invite`.

        Raises:
            NotFound: There is none with this id.
            InvalidValue: The time names no zone.
            Conflict: Something else became of it at the same time.
        """
        when = self._moment(at)
        return self._change(invitation, lambda found: arrived(found, when))

    def disposition(self, invitation: Invitation | UUID | str, disposition: Disposition | str) -> Invitation:
        """Record what became of somebody who was asked: "refusal", "non_contact", "other", "unknown".

        Who answers need not be recorded so: the answer says it.

        Args:
            invitation: The invitation.
            disposition: What became of it, in the words of AAPOR.

        Raises:
            NotFound: There is none with this id.
            UnknownName: There is no such disposition.
            Conflict: Something else became of it at the same time.
        """
        wanted = named(Disposition, disposition, what="disposition")
        return self._change(invitation, lambda found: evolve(found, disposition=wanted))

    def _moment(self, at: datetime | date | None) -> datetime:
        """A time that somebody gave, or the present."""
        return self._context.now() if at is None else moment(at, self._context.space.zone)

    def _change(self, invitation: Invitation | UUID | str, become: Callable[[Invitation], Invitation]) -> Invitation:
        found = self.invitation(invitation)
        now = become(found)
        updates = change(found, now)
        if not updates:
            return found
        self._context.commit(Unit(updates))
        return evolve(now, version=found.version + 1)
