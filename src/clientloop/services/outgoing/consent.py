"""Consent: what customers allow and forbid, with proof, and addresses that are left alone."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from clientloop.errors import Conflict, MissingReference
from clientloop.model.codec import instant, microseconds
from clientloop.model.customers import Consent, Customer, IdentityKind, Purpose
from clientloop.model.messages import OutboundMessage
from clientloop.model.names import all_named, named
from clientloop.model.permission import Suppression, SuppressionReason
from clientloop.model.plan import Plan
from clientloop.model.units import Unit
from clientloop.model.where import one_of
from clientloop.rules.outgoing.consent import Verdict
from clientloop.rules.people.contacts import normal, read_address
from clientloop.services.context import Context
from clientloop.services.ids import id_of
from clientloop.services.outgoing.permission import Recipient, judge_for
from clientloop.services.outgoing.suppression import Place, places, suppress_for, suppressions_of
from clientloop.services.outgoing.words import said
from clientloop.services.people.customers import Customers
from clientloop.services.people.whole import rows_of

_REASON = "reason to leave an address alone"

#: How often a word is written anew when somebody else writes on the same matter.
_TRIES = 5

_MICROSECOND = timedelta(microseconds=1)


class Consents:
    """`loop.consent`: what customers allow."""

    def __init__(self, context: Context) -> None:
        """Work in one space."""
        self._context = context

    def allow(
        self, customer: Customer | UUID, purpose: Purpose | str, *, proof: str, channel: str | None = None
    ) -> None:
        """Note that a customer allows messages.

        Args:
            customer: Whose word it is.
            purpose: For what.
            proof: How the firm knows: the form, the call, the reply.
            channel: On which channel; on every one if not given.

        Raises:
            MissingReference: There is no such customer.
            UnknownName: There is no such purpose.
        """
        self._say(customer, purpose, channel, proof, allowed=True)

    def forbid(
        self, customer: Customer | UUID, purpose: Purpose | str, *, proof: str, channel: str | None = None
    ) -> None:
        """Note that a customer forbids messages.

        Args:
            customer: Whose word it is.
            purpose: For what; forbidding marketing never stops an answer to a complaint.
            proof: How the firm knows.
            channel: On which channel; on every one if not given.

        Raises:
            MissingReference: There is no such customer.
            UnknownName: There is no such purpose.
        """
        self._say(customer, purpose, channel, proof, allowed=False)

    def words(self, customer: Customer | UUID | str) -> tuple[Consent, ...]:
        """All that a customer has said about messages, under whatever id, with proof.

        Raises:
            NotFound: There is no such customer.
        """
        return tuple(rows_of(self._context, Consent, Customers(self._context).get(customer).ids))

    def _say(
        self, customer: Customer | UUID, purpose: Purpose | str, channel: str | None, proof: str, *, allowed: bool
    ) -> None:
        context, person, matter = self._context, id_of(customer), named(Purpose, purpose, what="purpose")

        def unit() -> Unit:
            known = context.store.get(Consent, (context.space.space, person, matter, channel))
            return said(
                context,
                Consent(
                    space=context.space.space, customer=person, purpose=matter, channel=channel, allowed=allowed,
                    proof=proof, at=_after(context.now(), [known] if known else []),
                ),
            )  # fmt: skip

        self._commit(unit)

    def suppress(
        self,
        address: str,
        *,
        kind: IdentityKind | str | None = None,
        reason: SuppressionReason | str = SuppressionReason.MANUAL,
        purposes: Iterable[Purpose | str] | None = None,
    ) -> None:
        """Leave an address alone, whoever has it, from now on, also after its holder was erased.

        Only a keyed hash of the address is kept.

        Args:
            address: The address.
            kind: What sort of address; if not given, one with an @ is e-mail, any other a phone number.
            reason: Why.
            purposes: Messages of which purposes; what the reason stops if not given, which is all for most reasons.

        Raises:
            InvalidValue: It is no such address.
            UnknownName: There is no such sort of address, reason or purpose.

        >>> from clientloop import ClientLoop
        >>> with ClientLoop.open("memory:") as loop:
        ...     loop.consent.suppress("ana@example.com", purposes=[Purpose.MARKETING])
        ...     [each.purpose.value for each in loop.consent.suppressed("Ana@Example.com")]
        ['marketing']
        """
        of = self._place(address, kind)
        why = named(SuppressionReason, reason, what=_REASON)
        wanted = None if purposes is None else frozenset(all_named(Purpose, purposes, what="purpose"))

        def unit() -> Unit:
            at = _after(self._context.now(), suppressions_of(self._context, [of]))
            return suppress_for(self._context, of, why, at=at, purposes=wanted)

        self._commit(unit)

    def unsuppress(
        self,
        address: str,
        *,
        kind: IdentityKind | str | None = None,
        reason: SuppressionReason | str | None = None,
        purposes: Iterable[Purpose | str] | None = None,
    ) -> None:
        """Leave an address alone no longer; what its holders have said themselves stays.

        Args:
            address: The address.
            kind: As of `suppress`.
            reason: Which reason to take back; all of them if not given.
            purposes: For messages of which purposes; for all if not given.

        Raises:
            InvalidValue: It is no such address.
            UnknownName: As of `suppress`.
        """
        of = self._place(address, kind)
        why = None if reason is None else named(SuppressionReason, reason, what=_REASON)
        wanted = frozenset(Purpose if purposes is None else all_named(Purpose, purposes, what="purpose"))

        def unit() -> Unit:
            known = suppressions_of(self._context, [of])
            at = _after(self._context.now(), known)
            parts = [
                suppress_for(self._context, of, row.reason, at=at, stands=False, purposes=[row.purpose])
                for row in known
                if row.stands and row.purpose in wanted and why in (row.reason, None)
            ]
            return sum(parts, Unit())

        self._commit(unit)

    def suppressed(self, address: str, *, kind: IdentityKind | str | None = None) -> tuple[Suppression, ...]:
        """Why an address is left alone, for each purpose and reason; empty if it is not.

        Args:
            address: The address.
            kind: As of `suppress`.

        Raises:
            InvalidValue: It is no such address.
            UnknownName: There is no such sort of address.
        """
        found = suppressions_of(self._context, [self._place(address, kind)])
        return tuple(row for row in found if row.stands)

    def _place(self, address: str, kind: IdentityKind | str | None) -> Place:
        region = self._context.settings.region
        if kind is None:
            return read_address(address, region)
        sort = named(IdentityKind, kind, what="sort of address")
        return sort, normal(sort, address, region)

    def _commit(self, unit: Callable[[], Unit]) -> None:
        """Write what is said, and say it anew if somebody else says something on the same at the same time."""
        for attempt in range(_TRIES):
            try:
                return self._context.commit(unit())
            except MissingReference:
                raise
            except Conflict:
                if attempt == _TRIES - 1:
                    raise
        return None

    def may_send(
        self,
        customer: Customer | UUID | str,
        purpose: Purpose | str,
        channel: str | None = None,
        at: datetime | None = None,
    ) -> Verdict:
        """Whether somebody may write to a customer now, with all reasons: what the outbox would decide at that time.

        What speaks against it: the customer's word, or the want of one; no address that the channel writes to, or one
        that is left alone; and for all that is no direct reply, the caps (setting `caps`) and quiet hours (setting
        `quiet_hours`) where the customer lives. Where nobody knows the customer's zone, it must be quiet in none of the
        country of their phone number, or else of the firm. Messages to the customer that wait in the outbox are
        mentioned. The words, addresses and messages of all customers that were merged with this one count, and of two
        words the latest.

        Args:
            customer: To whom.
            purpose: Why.
            channel: On which channel; if not given, only words on every channel count, and no address.
            at: When, aware; the present if not given.

        Raises:
            NotFound: There is no such customer.
            UnknownName: There is no such purpose.
            InvalidValue: The time names no zone.

        >>> from datetime import UTC
        >>> from clientloop import ClientLoop
        >>> with ClientLoop.open("memory:") as loop:
        ...     ana = loop.customers.add(name="Ana", email="ana@example.com")
        ...     loop.consent.may_send(ana, Purpose.MARKETING, "email", at=datetime(2026, 3, 2, 12, tzinfo=UTC))
        Verdict(allowed=False, reasons=('no word on marketing: not allowed by default',))
        """
        matter = named(Purpose, purpose, what="purpose")
        context, person = self._context, Customers(self._context).get(customer)
        now = instant(microseconds(at or context.now()))
        address = None if channel is None else Customers(context).address(person, channel)
        where = () if channel is None or address is None else places(context, channel, address)
        recipient = Recipient(ids=person.ids, zone=person.zone, places=where)
        judgement = judge_for(
            context, recipient, matter, channel, now=now, has_address=self._has_address(address, channel),
            waiting=self._waiting(person),
        )  # fmt: skip
        return judgement.verdict

    def _has_address(self, address: str | None, channel: str | None) -> bool | None:
        """Whether there is an address that a channel writes to; None if nobody knows what it needs."""
        if channel is None or self._context.plugins.address_kind(channel) is None:
            return None
        return address is not None

    def _waiting(self, person: Customer) -> int:
        """How many messages to the person no channel has taken yet."""
        plan = Plan(cls=OutboundMessage, where=one_of("customer", person.ids))
        return self._context.store.aggregate(person.space, plan)[0].values[0] or 0


def _after(now: datetime, known: Iterable[Consent | Suppression]) -> datetime:
    """When somebody says something who knows what was said before: later than that, whatever the clocks say."""
    return max([now, *(each.at + _MICROSECOND for each in known)])
