"""Consent: what customers allow and forbid, with proof."""

from datetime import datetime
from uuid import UUID

from clientloop.errors import check_type
from clientloop.model.codec import instant, microseconds
from clientloop.model.customers import Consent, Customer, Purpose
from clientloop.model.messages import OutboundMessage
from clientloop.model.plan import Plan
from clientloop.model.units import Insert, Unit, Update
from clientloop.model.where import one_of
from clientloop.model.zones import zone_named
from clientloop.rules.outgoing.consent import Situation, Verdict, may_write
from clientloop.rules.people.contacts import CHANNEL_ADDRESSES
from clientloop.services.context import Context
from clientloop.services.ids import id_of
from clientloop.services.people.customers import Customers
from clientloop.services.people.whole import rows_of


class Consents:
    """`loop.consent`: what customers allow."""

    def __init__(self, context: Context) -> None:
        """Work in one space."""
        self._context = context

    def allow(self, customer: Customer | UUID, purpose: Purpose, *, proof: str, channel: str | None = None) -> None:
        """Note that a customer allows messages.

        Args:
            customer: Whose word it is.
            purpose: For what.
            proof: How the firm knows: the form, the call, the reply.
            channel: On which channel; on every one if not given.

        Raises:
            MissingReference: There is no such customer.
        """
        self._set(customer, purpose, channel, proof, allowed=True)

    def forbid(self, customer: Customer | UUID, purpose: Purpose, *, proof: str, channel: str | None = None) -> None:
        """Note that a customer forbids messages.

        Args:
            customer: Whose word it is.
            purpose: For what; forbidding marketing never stops an answer to a complaint.
            proof: How the firm knows.
            channel: On which channel; on every one if not given.

        Raises:
            MissingReference: There is no such customer.
        """
        self._set(customer, purpose, channel, proof, allowed=False)

    def _set(
        self, customer: Customer | UUID, purpose: Purpose, channel: str | None, proof: str, *, allowed: bool
    ) -> None:
        context, person = self._context, id_of(customer)
        key = (context.space.space, person, purpose, channel)
        now = context.now()
        known = context.store.get(Consent, key)
        if known is None:
            word = Consent(
                space=context.space.space, customer=person, purpose=purpose, channel=channel, allowed=allowed,
                proof=proof, at=now,
            )  # fmt: skip
            return context.commit(Unit((Insert(word),)))
        changes = {"allowed": allowed, "proof": proof, "at": now}
        return context.commit(Unit((Update(Consent, key, changes, known.version),)))

    def may_send(
        self,
        customer: Customer | UUID | str,
        purpose: Purpose,
        channel: str | None = None,
        at: datetime | None = None,
    ) -> Verdict:
        """Whether somebody may write to a customer now, with all reasons.

        What speaks against it: the customer's word, or the want of one; no address that the channel writes to; quiet
        hours (setting `quiet_hours`) where the customer lives, for all that is no direct reply. Where nobody knows the
        customer's zone, the firm's counts, although it may be night where the customer is. Messages to the customer
        that wait in the outbox are mentioned. The words and addresses of all customers that were merged with this one
        count, and of two words the latest.

        Args:
            customer: To whom.
            purpose: Why.
            channel: On which channel; if not given, only words on every channel count, and no address.
            at: When, aware; the present if not given.

        Raises:
            NotFound: There is no such customer.
            InvalidValue: The time names no zone, or the purpose is none.

        >>> from datetime import UTC
        >>> from clientloop import ClientLoop
        >>> with ClientLoop.open("memory:") as loop:
        ...     ana = loop.customers.add(name="Ana", email="ana@example.com")
        ...     loop.consent.may_send(ana, Purpose.MARKETING, "email", at=datetime(2026, 3, 2, 12, tzinfo=UTC))
        Verdict(allowed=False, reasons=('no word on marketing: not allowed by default',))
        """
        check_type(purpose, Purpose, hint="give a member of Purpose, such as Purpose.MARKETING")
        context, person = self._context, Customers(self._context).get(customer)
        zone, at = person.zone, instant(microseconds(at or context.now()))
        situation = Situation(
            has_address=self._has_address(person, channel),
            local=at.astimezone(zone_named(zone or context.space.zone)),
            knows_zone=zone is not None,
            quiet_hours=context.settings.quiet_hours,
            waiting=self._waiting(person),
        )
        words = tuple(rows_of(context, Consent, person.ids))
        return may_write(words, purpose, channel, situation)

    def _has_address(self, person: Customer, channel: str | None) -> bool | None:
        """Whether the person has an address that a channel writes to; None if nobody knows what it needs."""
        if channel not in CHANNEL_ADDRESSES:
            return None
        return Customers(self._context).address(person, channel) is not None

    def _waiting(self, person: Customer) -> int:
        """How many messages to the person no channel has taken yet."""
        plan = Plan(cls=OutboundMessage, where=one_of("customer", person.ids))
        return self._context.store.aggregate(person.space, plan)[0].values[0] or 0
